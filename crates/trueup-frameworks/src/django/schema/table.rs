//! Tables: made, dropped, renamed.

use std::rc::Rc;

use super::super::read::{Column, Constraint};
use super::book::EntryKind;
use super::constraints::{constraint_inline, create_constraint, unique_statement};
use super::editor::Editor;
use super::expression::Writer;
use super::indexes::{field_indexes, index_over, index_statement};
use super::literals::text_literal;
use super::names::quoted;
use super::state::{Attempt, Local, Model, State, composite};
use super::statement::{IndexColumn, Makes, Name, Part, Statement};

/// What is written about a column where it is made.
pub struct ColumnSql {
    pub text: String,
    pub has_parameters: bool,
    /// The default is not the one that Django would compute.
    pub stands_in: bool,
}

impl Editor<'_> {
    pub fn create_model(&mut self, state: &State, model: &Rc<Model>) -> Attempt<()> {
        let view = self.view(state);
        let table = view.table(model)?;
        let locals = view.locals(model);
        for fields in &model.options.unique_together {
            let columns = self.columns_of(state, model, fields)?;
            let statement = unique_statement(&table, columns, None, None);
            self.defer(statement);
        }
        let mut definitions = Vec::new();
        let mut has_parameters = false;
        for local in &locals {
            let Some(column) = self.column_sql(state, model, local, false)? else { continue };
            let mut text = format!("{} {}", quoted(&local.column), column.text);
            has_parameters |= column.has_parameters;
            let view = self.view(state);
            let parameters = view.parameters(&local.model, &local.column, &local.field)?;
            if let Some(check) = &parameters.check {
                text.push_str(&format!(" CHECK ({check})"));
            }
            if let Some(suffix) = view.suffix(&local.field) {
                text.push(' ');
                text.push_str(suffix);
            }
            definitions.push(text);
            if let Some(statement) = self.foreign_key(state, &table, local, true)? {
                self.defer(statement);
            }
        }
        for constraint in &model.options.constraints {
            if has_parameters {
                if let Some(statement) = create_constraint(self, state, model, constraint)? {
                    self.defer(statement);
                }
            } else if let Some(text) = constraint_inline(self, state, model, constraint)? {
                definitions.push(text);
            }
        }
        if let Some(names) = composite(model) {
            let columns = self.columns_of(state, model, names)?;
            let columns: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
            definitions.push(format!("PRIMARY KEY ({})", columns.join(", ")));
        }
        let mut text = format!("CREATE TABLE {} ({})", quoted(&table), definitions.join(", "));
        if let Some(tablespace) = self.tablespace(model) {
            text.push_str(&format!(" TABLESPACE {}", quoted(&tablespace)));
        }
        self.send(text);
        self.note_table(state, model, &table, has_parameters)?;
        self.comments(model, &table, &locals);
        self.model_indexes(state, model, &table)?;
        for (name, field) in self.view(state).own_many_to_many(model) {
            let Some(many) = field.many_to_many() else { continue };
            let through = Rc::new(self.view(state).through(model, name, field, many)?);
            self.create_model(state, &through)?;
        }
        Ok(())
    }

    pub fn tablespace(&self, model: &Model) -> Option<Rc<str>> {
        model.options.tablespace.clone().or_else(|| self.environment.default_tablespace.clone())
    }

    pub fn columns_of(&self, state: &State, model: &Model, fields: &[Rc<str>]) -> Attempt<Vec<String>> {
        let view = self.view(state);
        fields.iter().map(|name| Ok(view.local(model, name)?.column)).collect()
    }

    /// What PostgreSQL names by itself when the table is made, and what was named within.
    fn note_table(&mut self, state: &State, model: &Model, table: &str, deferred: bool) -> Attempt<()> {
        self.book.table(table);
        let locals = self.view(state).locals(model);
        if !deferred {
            for constraint in &model.options.constraints {
                let (kind, columns) = match constraint {
                    Constraint::Check { .. } => (EntryKind::Check, Vec::new()),
                    Constraint::Exclusion(_) => (EntryKind::Exclusion, Vec::new()),
                    Constraint::Unique(unique) if super::constraints::is_index(self.environment, unique) => {
                        continue;
                    }
                    Constraint::Unique(unique) => {
                        (EntryKind::Unique, self.columns_of(state, model, &unique.fields)?)
                    }
                };
                let name = super::names::as_kept(constraint.name());
                self.book.add(table, super::book::Entry { name, columns, kind });
            }
        }
        if let Some(names) = composite(model) {
            let columns = self.columns_of(state, model, names)?;
            let (_, short) = super::names::split(table);
            let name = super::names::given_by_the_server(short, "", "pkey", |_| false);
            self.book.add(table, super::book::Entry { name, columns, kind: EntryKind::Primary });
        }
        for local in &locals {
            self.note_column(state, table, local)?;
        }
        Ok(())
    }

    /// The constraints that stand in the definition of a column.
    pub fn note_column(&mut self, state: &State, table: &str, local: &Local) -> Attempt<()> {
        let parameters = self.view(state).parameters(&local.model, &local.column, &local.field)?;
        if parameters.check.is_some() {
            self.book.add_unnamed(table, &local.column, EntryKind::Check);
        }
        if local.field.primary_key {
            self.book.add_unnamed(table, &local.column, EntryKind::Primary);
        } else if local.field.unique {
            self.book.add_unnamed(table, &local.column, EntryKind::Unique);
        }
        Ok(())
    }

    fn comments(&mut self, model: &Model, table: &str, locals: &[Local]) {
        if self.environment.version.before(4, 2) {
            return;
        }
        if let Some(comment) = &model.options.comment {
            self.comment_table(table, Some(comment));
        }
        for local in locals {
            if let Some(comment) = &local.field.comment {
                self.comment_column(table, &local.column, Some(comment));
            }
        }
    }

    pub fn comment_table(&mut self, table: &str, comment: Option<&str>) {
        let comment = text_literal(comment.unwrap_or_default());
        self.send(format!("COMMENT ON TABLE {} IS {comment}", quoted(table)));
    }

    pub fn comment_column(&mut self, table: &str, column: &str, comment: Option<&str>) {
        let comment = text_literal(comment.unwrap_or_default());
        self.send(format!("COMMENT ON COLUMN {}.{} IS {comment}", quoted(table), quoted(column)));
    }

    fn model_indexes(&mut self, state: &State, model: &Rc<Model>, table: &str) -> Attempt<()> {
        if self.view(state).is_left_alone(model) {
            return Ok(());
        }
        for local in self.view(state).locals(model) {
            for statement in field_indexes(self, state, model, &local)? {
                self.defer(statement);
            }
        }
        // From 5.1 on, the operation makes these itself.
        if self.environment.version.before(5, 1) {
            for fields in &model.options.index_together {
                let statement = index_over(self, state, model, table, fields)?;
                self.defer(statement);
            }
        }
        for index in &model.options.indexes {
            let statement = index_statement(self, state, model, index, false)?;
            self.defer(statement);
        }
        Ok(())
    }

    /// Type, default, nullability and so on of a column; `None` where there is no column.
    pub fn column_sql(
        &self,
        state: &State,
        model: &Model,
        local: &Local,
        with_default: bool,
    ) -> Attempt<Option<ColumnSql>> {
        let view = self.view(state);
        let field = &local.field;
        let parameters = view.parameters(&local.model, &local.column, field)?;
        let Some(kind) = parameters.kind else { return Ok(None) };
        let mut parts = vec![kind.clone()];
        let mut sql = ColumnSql { text: String::new(), has_parameters: false, stands_in: false };
        // Until 4.0, the collation of a field was looked up in the field itself.
        let collation = if self.environment.version.before(4, 1) {
            field.collation.as_deref().map(str::to_owned)
        } else {
            parameters.collation
        };
        if let Some(collation) = collation {
            parts.push(format!("COLLATE {}", quoted(&collation)));
        }
        let writer = Writer::new(view, model);
        if let Some(default) = &field.db_default {
            let written = writer.database_default(field, default)?;
            parts.push(format!("DEFAULT {}", written.text));
            sql.has_parameters |= written.has_parameters;
        } else if with_default && let Some(default) = self.default_literal(field, &kind) {
            parts.push(format!("DEFAULT {}", default.text));
            sql.stands_in = default.stands_in;
            sql.has_parameters = true;
        }
        if let Column::Generated { expression, output: _, stored } = &field.column {
            let written = writer.generated(expression)?;
            sql.has_parameters |= written.has_parameters;
            let kept = if *stored { "STORED" } else { "VIRTUAL" };
            parts.push(format!("GENERATED ALWAYS AS ({}) {kept}", written.text));
        } else if !field.null {
            parts.push("NOT NULL".to_owned());
        } else {
            parts.push("NULL".to_owned());
        }
        if field.primary_key {
            parts.push("PRIMARY KEY".to_owned());
        } else if field.unique {
            parts.push("UNIQUE".to_owned());
        }
        let tablespace = field.tablespace.clone().or_else(|| self.tablespace(model));
        if let (Some(tablespace), true) = (tablespace, field.is_unique()) {
            parts.push(format!("USING INDEX TABLESPACE {}", quoted(&tablespace)));
        }
        sql.text = parts.join(" ");
        Ok(Some(sql))
    }

    /// The constraint of a foreign key.
    pub fn foreign_key(
        &self,
        state: &State,
        table: &str,
        local: &Local,
        named_target: bool,
    ) -> Attempt<Option<Statement>> {
        let Some(relation) = local.field.relation() else { return Ok(None) };
        if !relation.db_constraint {
            return Ok(None);
        }
        let view = self.view(state);
        let target = view.target(&local.model, relation)?;
        let to_table = view.target_table(&target)?;
        Ok(Some(foreign_key_statement(table, &local.column, &to_table, &target.column, named_target)))
    }

    pub fn delete_model(&mut self, state: &State, model: &Rc<Model>) -> Attempt<()> {
        for (name, field) in self.view(state).own_many_to_many(model) {
            let Some(many) = field.many_to_many() else { continue };
            let through = Rc::new(self.view(state).through(model, name, field, many)?);
            self.delete_model(state, &through)?;
        }
        let table = self.view(state).table(model)?;
        self.send(format!("DROP TABLE {} CASCADE", quoted(&table)));
        self.book.drop_table(&table);
        self.deferred.retain(|(_, statement)| !statement.speaks_of_table(&table));
        Ok(())
    }

    pub fn rename_table(&mut self, old: &str, new: &str) {
        if old == new {
            return;
        }
        self.send(format!("ALTER TABLE {} RENAME TO {}", quoted(old), quoted(new)));
        self.book.rename_table(old, new);
        for (_, statement) in &mut self.deferred {
            statement.rename_table(old, new);
        }
    }
}

pub fn foreign_key_statement(
    table: &str,
    column: &str,
    to_table: &str,
    to_column: &str,
    named_target: bool,
) -> Statement {
    let (_, short) = super::names::split(to_table);
    let columns = |table: &str, column: &str| Part::Columns {
        table: table.to_owned(),
        columns: vec![IndexColumn::plain(column)],
    };
    Statement {
        parts: vec![
            Part::Text("ALTER TABLE ".to_owned()),
            Part::Table(table.to_owned()),
            Part::Text(" ADD CONSTRAINT ".to_owned()),
            Part::Name(Name::OfForeignKey {
                table: table.to_owned(),
                column: column.to_owned(),
                to_table: short.to_owned(),
                to_column: to_column.to_owned(),
                named_target,
            }),
            Part::Text(" FOREIGN KEY (".to_owned()),
            columns(table, column),
            Part::Text(") REFERENCES ".to_owned()),
            Part::Table(to_table.to_owned()),
            Part::Text(" (".to_owned()),
            columns(to_table, to_column),
            Part::Text(") DEFERRABLE INITIALLY DEFERRED".to_owned()),
        ],
        makes: Some(Makes::ForeignKey),
    }
}
