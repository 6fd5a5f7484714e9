//! From operations to the statements that Django would send.
//!
//! [`Schema`] goes through a history migration by migration. It keeps the models as they are at that point, and the
//! names of the constraints and indexes that its own statements made, since Django looks these up in the catalog.

mod alter;
mod alter_type;
mod book;
mod constraints;
mod editor;
mod environment;
mod expression;
mod fields;
mod indexes;
mod literals;
mod lookup;
mod models;
mod names;
mod operation;
mod run_sql;
mod signature;
mod state;
mod statement;
mod table;
mod together;
mod types;

#[cfg(test)]
mod tests;

pub use editor::Sent;
pub use environment::{Driver, Environment};
pub use indexes::automatic_index_name;
pub use state::{Key, Local, Model, State, View, has_column, resolved};

use trueup_model::Place;
use trueup_model::history::Opaque;

use super::read::{Migration, Operation, Placed};
use book::Book;
use editor::Editor;

pub struct Schema {
    pub environment: Environment,
    pub state: State,
    book: Book,
}

/// What a migration becomes.
#[derive(Clone, Debug, Default)]
pub struct Compiled {
    /// The operations that run one by one, those within others as well.
    pub steps: Vec<Step>,
    /// In the order in which they are sent.
    pub statements: Vec<Sent>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub place: Place,
    pub kind: StepKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// Django knows what it does to the schema.
    Schema,
    /// SQL of the migration's own.
    Sql,
    /// A function that changes rows.
    Data { function: String },
    /// Its statements are not known.
    Opaque(Opaque),
}

impl Compiled {
    /// Why the statements are not all, or not certain.
    pub fn opaque(&self) -> impl Iterator<Item = &Opaque> {
        self.steps.iter().filter_map(|step| match &step.kind {
            StepKind::Opaque(opaque) => Some(opaque),
            StepKind::Schema | StepKind::Sql | StepKind::Data { .. } => None,
        })
    }
}

impl Schema {
    pub fn new(environment: Environment) -> Self {
        Self { environment, state: State::default(), book: Book::default() }
    }

    /// The statements of the next migration. The models are those after it from here on, also where it is opaque, as
    /// far as they are known.
    pub fn migrate(&mut self, migration: &Migration) -> Compiled {
        let mut compiled = Compiled::default();
        let Self { environment, state, book } = self;
        let mut editor = Editor::new(environment, book);
        for opaque in &migration.unread {
            let place = opaque.place.clone();
            compiled.steps.push(Step { place, kind: StepKind::Opaque(opaque.clone()) });
            editor.book.doubt_all();
        }
        for placed in &migration.operations {
            operation::apply(&mut editor, state, &migration.app, placed, &mut compiled.steps);
        }
        editor.finish();
        compiled.statements = editor.sent;
        compiled
    }

    /// A migration that is taken as applied without its statements: a squashed one whose parts were.
    pub fn skip(&mut self, migration: &Migration) {
        for placed in &migration.operations {
            // What is wrong with it was said when its parts ran.
            let _ = models::forwards(&mut self.state, &migration.app, &placed.operation, &self.environment);
        }
    }

    /// The models after a migration, where nobody asks for its statements; why they are not certain, where they are not.
    pub fn follow(&mut self, migration: &Migration) -> Vec<Opaque> {
        let mut doubts = migration.unread.clone();
        for placed in &migration.operations {
            doubts.extend(self.carry_out(&migration.app, placed).err());
        }
        doubts
    }

    /// The models after an operation, without its statements.
    pub fn carry_out(&mut self, app: &str, placed: &Placed) -> Result<(), Opaque> {
        if let Operation::Opaque(opaque) = &placed.operation {
            return Err(opaque.clone());
        }
        models::forwards(&mut self.state, app, &placed.operation, &self.environment).map_err(|stop| {
            let place = stop.place.unwrap_or_else(|| placed.place.clone());
            Opaque { reason: stop.reason, place }
        })
    }

    /// The statements of one operation on models as they are; the reason where they are not known.
    pub fn sent_for(
        view: &View<'_>,
        app: &str,
        operation: Operation,
        place: &Place,
    ) -> Result<Vec<String>, Opaque> {
        let (mut state, mut book) = (view.state.clone(), Book::default());
        let mut editor = Editor::new(view.environment, &mut book);
        let mut steps = Vec::new();
        let placed = Placed { operation, place: place.clone() };
        operation::apply(&mut editor, &mut state, app, &placed, &mut steps);
        editor.finish();
        let statements = editor.sent.into_iter().map(|sent| sent.text).collect();
        let compiled = Compiled { steps, statements: Vec::new() };
        match compiled.opaque().next() {
            Some(opaque) => Err(opaque.clone()),
            None => Ok(statements),
        }
    }

    /// Somebody else ran a migration: what is in the catalog is not certain any more.
    pub fn doubt(&mut self) {
        self.book.doubt_all();
    }
}
