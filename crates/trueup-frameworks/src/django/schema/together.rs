//! `unique_together` and `index_together`, and indexes that get another name.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::super::read::{Collation, OldIndex};
use super::book::Wanted;
use super::constraints::unique_statement;
use super::editor::Editor;
use super::indexes::index_over;
use super::lookup::{Then, block};
use super::names::{as_kept, index_name, quoted};
use super::state::{Attempt, Model, State};

type Fields = [Vec<Rc<str>>];

impl Editor<'_> {
    pub fn alter_unique_together(
        &mut self,
        state: &State,
        model: &Rc<Model>,
        old: &Fields,
        new: &Fields,
    ) -> Attempt<()> {
        let table = self.view(state).table(model)?;
        let wanted =
            if self.environment.version.at_least(4, 1) { Wanted::Unique } else { Wanted::UniqueOrPrimary };
        for fields in only_in(old, new) {
            let columns = self.columns_of(state, model, fields)?;
            let preferred = index_name(&table, &columns, "_uniq");
            let preferred = self.environment.version.at_least(4, 1).then_some(preferred);
            let exclude = named(model);
            match self.exactly_one(&table, &columns, wanted, &exclude, preferred.as_deref()) {
                Some(name) => self.drop_constraint(&table, &name),
                None => {
                    let preferred = preferred.as_deref().map(as_kept).unwrap_or_default();
                    let then = Then::DropExactlyOne { preferred: &preferred, index: false };
                    self.send(block(&table, Some(&columns), wanted, &exclude, &then));
                }
            }
        }
        for fields in only_in(new, old) {
            let columns = self.columns_of(state, model, fields)?;
            self.execute(&unique_statement(&table, columns, None, None));
        }
        Ok(())
    }

    pub fn alter_index_together(
        &mut self,
        state: &State,
        model: &Rc<Model>,
        old: &Fields,
        new: &Fields,
    ) -> Attempt<()> {
        let table = self.view(state).table(model)?;
        for fields in only_in(old, new) {
            let columns = self.columns_of(state, model, fields)?;
            let exclude = named(model);
            match self.exactly_one(&table, &columns, Wanted::Index, &exclude, None) {
                Some(name) => {
                    self.book.drop_name(&table, &name);
                    self.send(format!("DROP INDEX IF EXISTS {}", quoted(&name)));
                }
                None => {
                    let then = Then::DropExactlyOne { preferred: "", index: true };
                    self.send(block(&table, Some(&columns), Wanted::Index, &exclude, &then));
                }
            }
        }
        for fields in only_in(new, old) {
            let statement = index_over(self, state, model, &table, fields)?;
            self.execute(&statement);
        }
        Ok(())
    }

    pub fn rename_model_index(
        &mut self,
        before: &State,
        model: &Rc<Model>,
        new: &str,
        old: &OldIndex,
    ) -> Attempt<()> {
        let fields = match old {
            OldIndex::Name(old) => {
                if **old != *new {
                    self.rename_index(old, new);
                }
                return Ok(());
            }
            OldIndex::Fields(fields) => fields,
        };
        let table = self.view(before).table(model)?;
        let columns = self.columns_of(before, model, fields)?;
        let none = BTreeSet::new();
        match self.exactly_one(&table, &columns, Wanted::Index, &none, None) {
            Some(name) if name == *new => {}
            Some(name) => self.rename_index(&name, new),
            None => {
                let then = Then::RenameIndex { to: new };
                self.send(block(&table, Some(&columns), Wanted::Index, &none, &then));
            }
        }
        Ok(())
    }

    pub fn create_collation(&mut self, collation: &Collation) {
        let mut options = vec![format!("locale={}", quoted(&collation.locale))];
        if &*collation.provider != "libc" {
            options.push(format!("provider={}", quoted(&collation.provider)));
        }
        if !collation.deterministic {
            options.push("deterministic=false".to_owned());
            self.book.nondeterministic.insert(collation.name.to_string());
        }
        self.send(format!("CREATE COLLATION {} ({})", quoted(&collation.name), options.join(", ")));
    }

    /// Whether equal means the same bytes: true of every collation that no migration made otherwise.
    pub fn is_deterministic(&self, collation: &str) -> bool {
        !self.book.nondeterministic.contains(collation)
    }
}

fn only_in<'f>(one: &'f Fields, other: &'f Fields) -> impl Iterator<Item = &'f Vec<Rc<str>>> {
    one.iter()
        .enumerate()
        .filter(|(number, fields)| !other.contains(fields) && !one[..*number].contains(fields))
        .map(|(_, fields)| fields)
}

/// Constraints and indexes that have a name of their own are never meant.
fn named(model: &Model) -> BTreeSet<String> {
    let constraints = model.options.constraints.iter().map(|constraint| as_kept(constraint.name()));
    constraints.chain(model.options.indexes.iter().map(|index| as_kept(&index.name))).collect()
}
