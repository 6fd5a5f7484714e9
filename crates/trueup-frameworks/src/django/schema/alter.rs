//! `AlterField` and everything else that changes a column.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::super::read::{Column, Geometry};
use super::alter_type::Fragment;
use super::book::Wanted;
use super::constraints::{check_statement, unique_statement};
use super::editor::Editor;
use super::indexes::{like_index, plain_index, spatial_index_name};
use super::lookup::Then;
use super::names::{as_kept, index_name, quoted};
use super::signature::Change;
use super::state::{Attempt, Local, Model, State, Stop};
use super::statement::{IndexColumn, Makes, Name, Part, Statement};
use super::table::foreign_key_statement;
use super::types::Parameters;

/// A foreign key to the altered field, before and after.
#[derive(Clone)]
pub struct Related {
    pub model: Rc<Model>,
    pub old: Local,
    pub new: Local,
}

impl Editor<'_> {
    /// `model` is where the table and its constraints are read from, in the state `of`.
    pub fn alter_field(&mut self, of: &State, model: &Rc<Model>, change: &Change<'_>) -> Attempt<()> {
        if !self.should_be_altered(change, false)? {
            return Ok(());
        }
        let (old, new) = (change.old, change.new);
        match (old.field.many_to_many(), new.field.many_to_many()) {
            (Some(one), Some(other)) => {
                return match (&one.through, &other.through) {
                    (None, None) => self.alter_many_to_many(change),
                    (Some(_), Some(_)) => Ok(()),
                    (None, Some(_)) | (Some(_), None) => Err(incompatible(new)),
                };
            }
            (None, None) => {}
            (Some(_), None) | (None, Some(_)) => return Err(incompatible(new)),
        }
        let before = self.view(change.before).parameters(&old.model, &old.column, &old.field)?;
        let after = self.view(change.after).parameters(&new.model, &new.column, &new.field)?;
        let (Some(old_type), Some(new_type)) = (before.kind.clone(), after.kind.clone()) else {
            // A field without a column stays one; Django refuses anything else.
            return if before.kind == after.kind { Ok(()) } else { Err(incompatible(new)) };
        };
        if old.field.is_generated() || new.field.is_generated() {
            self.same_generated(change)?;
        }
        let step = Step { of, model, change, before, after, old_type, new_type };
        self.alter_column(&step)
    }

    fn same_generated(&self, change: &Change<'_>) -> Attempt<()> {
        let write = |state: &State, local: &Local| -> Attempt<Option<(String, bool)>> {
            let Column::Generated { expression, output: _, stored } = &local.field.column else {
                return Ok(None);
            };
            let writer = super::expression::Writer::new(self.view(state), state.get(&local.model)?);
            Ok(Some((writer.generated(expression)?.text, *stored)))
        };
        if write(change.before, change.old)? == write(change.after, change.new)? {
            return Ok(());
        }
        let reason = "a generated field cannot be modified: Django wants it removed and added again";
        Err(Stop::at(reason, &change.new.field.place))
    }

    fn alter_column(&mut self, step: &Step<'_>) -> Attempt<()> {
        let version = self.environment.version;
        let (old, new) = (step.change.old, step.change.new);
        let table = self.view(step.of).table(step.model)?;
        let old_columns = [old.column.clone()];
        let constraints: BTreeSet<String> =
            step.model.options.constraints.iter().map(|constraint| as_kept(constraint.name())).collect();
        let indexes: BTreeSet<String> =
            step.model.options.indexes.iter().map(|index| as_kept(&index.name)).collect();
        if version.before(4, 2) && step.leaves_text() {
            self.drop_like_index(&table, &old.column);
        }
        // Foreign keys are made again below.
        let constrained =
            |local: &Local| local.field.relation().is_some_and(|relation| relation.db_constraint);
        let mut foreign_keys_dropped = false;
        if constrained(old) && (version.before(4, 2) || self.should_be_altered(step.change, true)?) {
            let none = BTreeSet::new();
            let then = Then::DropForeignKey;
            foreign_keys_dropped =
                self.drop_fitting(&table, Some(&old_columns), Wanted::ForeignKey, &none, &then);
        }
        let became_primary = !old.field.primary_key && new.field.primary_key;
        if old.field.is_unique() && (!new.field.is_unique() || became_primary) {
            let then = Then::DropConstraint;
            self.drop_fitting(&table, Some(&old_columns), Wanted::Unique, &constraints, &then);
        }
        let changes_type = step.old_type != step.new_type
            || (version.at_least(4, 1) && step.before.collation != step.after.collation);
        let stays_target = (old.field.primary_key && new.field.primary_key)
            || (old.field.is_unique() && new.field.is_unique());
        let mut related: Vec<Related> = Vec::new();
        if stays_target && changes_type {
            related = self.related(step.change)?;
            for rel in &related {
                let table = self.view(step.change.after).table(&rel.model)?;
                let columns = [rel.new.column.clone()];
                let none = BTreeSet::new();
                self.drop_fitting(&table, Some(&columns), Wanted::ForeignKey, &none, &Then::DropForeignKey);
            }
        }
        let drops_related = stays_target && changes_type;
        if old.field.db_index && !old.field.is_unique() && (!new.field.db_index || new.field.is_unique()) {
            self.drop_fitting(&table, Some(&old_columns), Wanted::PlainIndex, &indexes, &Then::DropIndex);
        }
        let (old_check, new_check) = step.checks(version.at_least(5, 0));
        if old_check != new_check && old_check.is_some() {
            let then = Then::DropConstraint;
            self.drop_fitting(&table, Some(&old_columns), Wanted::Check, &constraints, &then);
        }
        if old.column != new.column {
            self.rename_column(&table, &old.column, &new.column);
        }
        let passing = self.change_column(step, &table)?;
        if old.field.primary_key && !new.field.primary_key {
            self.drop_fitting(&table, None, Wanted::Primary, &BTreeSet::new(), &Then::DropConstraint);
        }
        let adds_unique = if version.at_least(4, 1) {
            !new.field.primary_key
                && new.field.is_unique()
                && (!old.field.is_unique() || old.field.primary_key)
        } else {
            (!old.field.is_unique() && new.field.is_unique())
                || (old.field.primary_key && !new.field.primary_key && new.field.is_unique())
        };
        if adds_unique {
            self.execute(&unique_statement(&table, vec![new.column.clone()], None, None));
        }
        let adds_index =
            (!old.field.db_index || old.field.is_unique()) && new.field.db_index && !new.field.is_unique();
        if adds_index {
            let columns = [new.column.clone()];
            let statement = plain_index(self, step.model, &table, &columns, "", Some(new));
            self.execute(&statement);
        }
        if became_primary {
            self.execute(&primary_key(&table, &new.column));
            related.extend(self.related(step.change)?);
        }
        for rel in &related {
            self.follow_type(step.change, rel)?;
        }
        let gets_foreign_key = constrained(new) && (foreign_keys_dropped || !constrained(old));
        if gets_foreign_key && let Some(statement) = self.foreign_key(step.change.after, &table, new, true)? {
            self.execute(&statement);
        }
        if drops_related {
            self.related_again(step, &related)?;
        }
        if let (true, Some(_), Some(check)) = (old_check != new_check, &new_check, &step.after.check) {
            let name = index_name(&table, std::slice::from_ref(&new.column), "_check");
            self.execute(&check_statement(&table, &name, check, vec![new.column.clone()]));
        }
        if passing {
            self.send(format!(
                "ALTER TABLE {} ALTER COLUMN {} DROP DEFAULT",
                quoted(&table),
                quoted(&new.column)
            ));
        }
        self.indexes_of_texts(step, &table)
    }

    fn rename_column(&mut self, table: &str, old: &str, new: &str) {
        self.send(format!("ALTER TABLE {} RENAME COLUMN {} TO {}", quoted(table), quoted(old), quoted(new)));
        self.book.rename_column(table, old, new);
        for (_, statement) in &mut self.deferred {
            statement.rename_column(table, old, new);
        }
    }

    pub fn drop_like_index(&mut self, table: &str, column: &str) {
        let name = index_name(table, &[column.to_owned()], "_like");
        self.drop_index(table, &name, false);
    }

    /// Type, defaults and nullability in one statement. Whether a default has to go again.
    fn change_column(&mut self, step: &Step<'_>, table: &str) -> Attempt<bool> {
        let version = self.environment.version;
        let (old, new) = (step.change.old, step.change.new);
        let mut actions: Vec<String> = Vec::new();
        let mut later: Vec<String> = Vec::new();
        let comment_changes = version.at_least(4, 2) && old.field.comment != new.field.comment;
        if self.type_changes(step)? || comment_changes {
            let Fragment { action, after } = self.type_fragment(step, table)?;
            actions.push(action);
            later = after;
        }
        let old_default = self.default_text(step.change.before, old)?;
        let new_default = self.default_text(step.change.after, new)?;
        let column = quoted(&new.column);
        match (&old_default, &new_default) {
            (Some(_), None) => actions.push(format!("ALTER COLUMN {column} DROP DEFAULT")),
            (old, Some(new)) if old.as_ref() != Some(new) => {
                actions.push(format!("ALTER COLUMN {column} SET DEFAULT {new}"));
            }
            _ => {}
        }
        let loses_null = old.field.null && !new.field.null;
        let mut passing = None;
        if loses_null && new_default.is_none() {
            let before = self.default_literal(&old.field, &step.old_type);
            let after = self.default_literal(&new.field, &step.new_type);
            let same = old.field.default == new.field.default
                && before.as_ref().map(|default| &default.text)
                    == after.as_ref().map(|default| &default.text);
            passing = after.filter(|_| !same);
            if let Some(default) = &passing {
                actions.push(format!("ALTER COLUMN {column} SET DEFAULT {}", default.text));
            }
        }
        let mut null_action = None;
        if old.field.null != new.field.null {
            let how = if new.field.null { "DROP" } else { "SET" };
            null_action = Some(format!("ALTER COLUMN {column} {how} NOT NULL"));
        }
        let fills = loses_null && (has_default(new) || new_default.is_some());
        if !fills {
            actions.extend(null_action.take());
        }
        let stands_in = passing.as_ref().is_some_and(|default| default.stands_in);
        if !actions.is_empty() {
            self.send_with(format!("ALTER TABLE {} {}", quoted(table), actions.join(", ")), stands_in);
        }
        if fills {
            let value = match (&new_default, self.default_literal(&new.field, &step.new_type)) {
                (Some(default), _) => default.clone(),
                (None, Some(default)) => default.text,
                (None, None) => "NULL".to_owned(),
            };
            let text = format!("UPDATE {} SET {column} = {value} WHERE {column} IS NULL", quoted(table));
            self.send_with(text, stands_in);
            if version.at_least(4, 1) {
                self.send("SET CONSTRAINTS ALL IMMEDIATE");
            }
            if let Some(action) = null_action {
                self.send(format!("ALTER TABLE {} {action}", quoted(table)));
            }
        }
        for text in later {
            self.send(text);
        }
        Ok(passing.is_some())
    }

    /// The column that refers to a column of another type now gets this one as well.
    fn follow_type(&mut self, change: &Change<'_>, rel: &Related) -> Attempt<()> {
        let view = self.view(change.after);
        let after = view.parameters(&rel.new.model, &rel.new.column, &rel.new.field)?;
        let before = self.view(change.before).parameters(&rel.old.model, &rel.old.column, &rel.old.field)?;
        let table = self.view(change.after).table(&rel.model)?;
        let (Some(old_type), Some(new_type)) = (before.kind.clone(), after.kind.clone()) else {
            return Ok(());
        };
        let change = Change { before: change.before, after: change.after, old: &rel.old, new: &rel.new };
        let step =
            Step { of: change.after, model: &rel.model, change: &change, before, after, old_type, new_type };
        let Fragment { action, after } = self.type_fragment(&step, &table)?;
        self.send(format!("ALTER TABLE {} {action}", quoted(&table)));
        for text in after {
            self.send(text);
        }
        Ok(())
    }

    fn related_again(&mut self, step: &Step<'_>, related: &[Related]) -> Attempt<()> {
        for rel in related {
            let Some(relation) = rel.new.field.relation() else { continue };
            // Django 3.2 forgets those that cannot be reached from the other side.
            let hidden = relation.related_name.as_deref().is_some_and(|name| name.ends_with('+'));
            if !relation.db_constraint || (hidden && self.environment.version.before(4, 0)) {
                continue;
            }
            let view = self.view(step.change.after);
            let target = view.target(&rel.new.model, relation)?;
            let (table, to_table) = (view.table(&rel.model)?, view.target_table(&target)?);
            let statement = foreign_key_statement(&table, &rel.new.column, &to_table, &target.column, false);
            self.execute(&statement);
        }
        Ok(())
    }

    fn indexes_of_texts(&mut self, step: &Step<'_>, table: &str) -> Attempt<()> {
        let version = self.environment.version;
        let (old, new) = (&step.change.old.field, &step.change.new.field);
        let added = (!(old.db_index || old.is_unique()) && new.db_index)
            || (!old.is_unique() && new.is_unique())
            || (version.at_least(5, 2) && step.leaves_text());
        if added && let Some(statement) = like_index(self, step.change.after, step.model, step.change.new)? {
            self.execute(&statement);
        }
        if old.is_unique() && !(new.db_index || new.is_unique()) {
            self.drop_like_index(table, &step.change.old.column);
        }
        if version.at_least(5, 2) {
            // Of a raster, only what is new gets one.
            let has = |geometry: &Geometry| geometry.spatial_index && !geometry.raster;
            let of_old = self.geometry(step.change.old).is_some_and(has);
            let of_new = self.geometry(step.change.new).is_some_and(has);
            match (of_old, of_new) {
                (false, true) => {
                    let columns = [step.change.new.column.clone()];
                    let statement = plain_index(self, step.model, table, &columns, "", Some(step.change.new));
                    self.execute(&statement);
                }
                (true, false) => {
                    let name = spatial_index_name(table, &step.change.old.column);
                    self.drop_index(table, &name, false);
                }
                (true, true) | (false, false) => {}
            }
        }
        Ok(())
    }

    /// The foreign keys that have to follow a change of their target.
    fn related(&self, change: &Change<'_>) -> Attempt<Vec<Related>> {
        let mut found = Vec::new();
        self.collect_related(change, &mut found, 0)?;
        Ok(found)
    }

    fn collect_related(&self, change: &Change<'_>, found: &mut Vec<Related>, depth: usize) -> Attempt<()> {
        let relevant = |state: &State, local: &Local| -> Attempt<Vec<(Rc<Model>, Local)>> {
            let mut relations = self.view(state).relations_to(&local.model)?;
            relations.retain(|(_, rel)| {
                rel.field.relation().is_some_and(|relation| match &relation.to_field {
                    None => local.field.primary_key,
                    Some(name) => *name == local.name,
                })
            });
            Ok(relations)
        };
        let old = relevant(change.before, change.old)?;
        let new = relevant(change.after, change.new)?;
        for ((_, old), (model, new)) in old.into_iter().zip(new) {
            let rel = Related { model, old, new };
            found.push(rel.clone());
            if self.environment.version.at_least(4, 0) && depth < 16 {
                let next =
                    Change { before: change.before, after: change.after, old: &rel.old, new: &rel.new };
                self.collect_related(&next, found, depth + 1)?;
            }
        }
        Ok(())
    }
}

/// Everything about one change of a column.
pub struct Step<'s> {
    pub of: &'s State,
    pub model: &'s Rc<Model>,
    pub change: &'s Change<'s>,
    pub before: Parameters,
    pub after: Parameters,
    pub old_type: String,
    pub new_type: String,
}

impl Step<'_> {
    /// An indexed text becomes something else.
    pub fn leaves_text(&self) -> bool {
        let old = &self.change.old.field;
        let leaves = |kind: &str| self.old_type.starts_with(kind) && !self.new_type.starts_with(kind);
        (old.db_index || old.is_unique()) && (leaves("varchar") || leaves("text") || leaves("citext"))
    }

    /// Conditions of the types. From 5.0 on, the name of the column does not make them different.
    fn checks(&self, by_type: bool) -> (Option<String>, Option<String>) {
        if by_type {
            let name = "__column_name__";
            let of = |local: &Local| super::types::check(&local.field, name);
            return (of(self.change.old), of(self.change.new));
        }
        (self.before.check.clone(), self.after.check.clone())
    }
}

fn has_default(local: &Local) -> bool {
    !matches!(local.field.default, super::super::read::Default::None)
}

fn incompatible(new: &Local) -> Stop {
    let reason = format!("the field {} cannot be altered into one of another kind: Django refuses", new.name);
    Stop::at(reason, &new.field.place)
}

fn primary_key(table: &str, column: &str) -> Statement {
    let name = index_name(table, &[column.to_owned()], "_pk");
    Statement {
        parts: vec![
            Part::Text("ALTER TABLE ".to_owned()),
            Part::Table(table.to_owned()),
            Part::Text(" ADD CONSTRAINT ".to_owned()),
            Part::Name(Name::Given(name)),
            Part::Text(" PRIMARY KEY (".to_owned()),
            Part::Columns { table: table.to_owned(), columns: vec![IndexColumn::plain(column)] },
            Part::Text(")".to_owned()),
        ],
        makes: Some(Makes::Primary),
    }
}
