//! Fields that come and go, and the tables of many-to-many fields.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::super::read::Field;
use super::book::Wanted;
use super::editor::Editor;
use super::indexes::field_indexes;
use super::lookup::Then;
use super::names::{quoted, split};
use super::signature::Change;
use super::state::{Attempt, Local, Model, State, Stop};
use super::statement::Name;

impl Editor<'_> {
    /// `model` is the one before the field was there; `state` knows the field.
    pub fn add_field(
        &mut self,
        state: &State,
        model: &Rc<Model>,
        name: &str,
        field: &Rc<Field>,
    ) -> Attempt<()> {
        if let Some(many) = field.many_to_many() {
            if many.through.is_some() {
                return Ok(());
            }
            let through = Rc::new(self.view(state).through(model, name, field, many)?);
            return self.create_model(state, &through);
        }
        if !super::state::has_column(field) {
            return Ok(());
        }
        let after = state.get(&model.key())?.clone();
        let mut local = self.view(state).local(&after, name)?;
        local.field = field.clone();
        self.add_column(state, &after, &local)
    }

    pub fn add_column(&mut self, state: &State, model: &Rc<Model>, local: &Local) -> Attempt<()> {
        let Some(column) = self.column_sql(state, model, local, true)? else { return Ok(()) };
        let view = self.view(state);
        let table = view.table(model)?;
        let parameters = view.parameters(&local.model, &local.column, &local.field)?;
        let mut definition = column.text;
        if let (Some(suffix), true) = (view.suffix(&local.field), self.environment.version.at_least(4, 1)) {
            definition.push_str(&format!(" {suffix}"));
        }
        if let Some(check) = &parameters.check {
            definition.push_str(&format!(" CHECK ({check})"));
        }
        let mut constraint = None;
        if let Some(relation) = local.field.relation().filter(|relation| relation.db_constraint) {
            let view = self.view(state);
            let target = view.target(&local.model, relation)?;
            let to_table = view.target_table(&target)?;
            let name = Name::OfForeignKey {
                table: table.clone(),
                column: local.column.clone(),
                to_table: split(&to_table).1.to_owned(),
                to_column: target.column.clone(),
                named_target: true,
            }
            .text();
            definition.push_str(&format!(
                " CONSTRAINT {} REFERENCES {}({}) DEFERRABLE INITIALLY DEFERRED",
                quoted(&name),
                quoted(&to_table),
                quoted(&target.column)
            ));
            constraint = Some(name);
        }
        let text =
            format!("ALTER TABLE {} ADD COLUMN {} {definition}", quoted(&table), quoted(&local.column));
        self.send_with(text, column.stands_in);
        self.note_column(state, &table, local)?;
        if let Some(name) = constraint {
            let (schema, _) = split(&table);
            let namespace = if schema.is_empty() { String::new() } else { format!("{}.", quoted(schema)) };
            self.send(format!("SET CONSTRAINTS {namespace}{} IMMEDIATE", quoted(&name)));
            let entry = super::book::Entry {
                name: super::names::as_kept(&name),
                columns: vec![local.column.clone()],
                kind: super::book::EntryKind::ForeignKey,
            };
            self.book.add(&table, entry);
        }
        let kind = parameters.kind.unwrap_or_default();
        let had_default = self.default_literal(&local.field, &kind).is_some();
        if had_default && local.field.db_default.is_none() {
            let column = quoted(&local.column);
            self.send(format!("ALTER TABLE {} ALTER COLUMN {column} DROP DEFAULT", quoted(&table)));
        }
        if let (Some(comment), true) = (&local.field.comment, self.environment.version.at_least(4, 2)) {
            self.comment_column(&table, &local.column, Some(comment));
        }
        for statement in field_indexes(self, state, model, local)? {
            self.defer(statement);
        }
        Ok(())
    }

    /// `state` is the one that still has the field.
    pub fn remove_field(&mut self, state: &State, model: &Rc<Model>, name: &str) -> Attempt<()> {
        if let Some(field) = model.field(name) {
            if let Some(many) = field.many_to_many() {
                if many.through.is_some() {
                    return Ok(());
                }
                let through = Rc::new(self.view(state).through(model, name, field, many)?);
                return self.delete_model(state, &through);
            }
            if !super::state::has_column(field) {
                return Ok(());
            }
        }
        let local = self.view(state).local(model, name)?;
        let table = self.view(state).table(model)?;
        if local.field.relation().is_some() {
            let columns = [local.column.clone()];
            let then = Then::DropForeignKey;
            self.drop_fitting(&table, Some(&columns), Wanted::ForeignKey, &BTreeSet::new(), &then);
        }
        let cascade = if self.environment.version.before(6, 0) { " CASCADE" } else { "" };
        self.send(format!("ALTER TABLE {} DROP COLUMN {}{cascade}", quoted(&table), quoted(&local.column)));
        self.book.drop_column(&table, &local.column);
        self.deferred.retain(|(_, statement)| !statement.speaks_of_column(&table, &local.column));
        Ok(())
    }

    /// A many-to-many field whose table is another one, or leads elsewhere.
    pub fn alter_many_to_many(&mut self, change: &Change<'_>) -> Attempt<()> {
        let through = |state: &State, local: &Local| -> Attempt<(Rc<Model>, String)> {
            let view = self.view(state);
            let owner = state.get(&local.model)?;
            let many = local.field.many_to_many().ok_or_else(|| Stop::new("no many-to-many field"))?;
            let model = view.through(owner, &local.name, &local.field, many)?;
            let table = view.table(&model)?;
            Ok((Rc::new(model), table))
        };
        let (old, old_table) = through(change.before, change.old)?;
        let (new, new_table) = through(change.after, change.new)?;
        self.rename_table(&old_table, &new_table);
        // The end that leads away first, then the one that leads back.
        for position in [1, 0] {
            let end = |model: &Model| -> Attempt<Local> {
                let (name, field) =
                    model.fields.get(position).ok_or_else(|| Stop::new("a table without ends"))?;
                Ok(Local::new(name, field.clone(), model.key()))
            };
            let (old, new_end) = (end(&old)?, end(&new)?);
            let change = Change { before: change.before, after: change.after, old: &old, new: &new_end };
            self.alter_field(change.after, &new, &change)?;
        }
        Ok(())
    }
}
