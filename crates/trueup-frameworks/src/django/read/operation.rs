//! Operations of migrations.

use std::rc::Rc;

use trueup_model::Place;
use trueup_model::history::Opaque;

use super::field::{Field, Target};
use super::index::{Constraint, Index};
use super::literal::Literal;
use crate::python::Value;

/// An operation, and where it stands.
#[derive(Clone, Debug)]
pub struct Placed {
    pub operation: Operation,
    pub place: Place,
}

#[derive(Clone, Debug)]
pub enum Operation {
    CreateModel(CreateModel),
    DeleteModel {
        name: Rc<str>,
    },
    RenameModel {
        old: Rc<str>,
        new: Rc<str>,
    },
    AlterModelTable {
        name: Rc<str>,
        table: Option<Rc<str>>,
    },
    AlterModelTableComment {
        name: Rc<str>,
        comment: Option<Rc<str>>,
    },
    AlterUniqueTogether {
        name: Rc<str>,
        fields: Together,
    },
    AlterIndexTogether {
        name: Rc<str>,
        fields: Together,
    },
    AlterOrderWithRespectTo {
        name: Rc<str>,
        field: Option<Rc<str>>,
    },
    /// Of the options only `managed` matters: what is not named becomes the default again.
    AlterModelOptions {
        name: Rc<str>,
        managed: Option<bool>,
    },
    AlterModelManagers,
    AddField {
        model: Rc<str>,
        name: Rc<str>,
        field: Box<Field>,
        preserve_default: bool,
    },
    RemoveField {
        model: Rc<str>,
        name: Rc<str>,
    },
    AlterField {
        model: Rc<str>,
        name: Rc<str>,
        field: Box<Field>,
        preserve_default: bool,
    },
    RenameField {
        model: Rc<str>,
        old: Rc<str>,
        new: Rc<str>,
    },
    AddIndex {
        model: Rc<str>,
        index: Box<Index>,
        concurrently: bool,
    },
    RemoveIndex {
        model: Rc<str>,
        name: Rc<str>,
        concurrently: bool,
    },
    RenameIndex {
        model: Rc<str>,
        new: Rc<str>,
        old: OldIndex,
    },
    AddConstraint {
        model: Rc<str>,
        constraint: Box<Constraint>,
        not_valid: bool,
    },
    RemoveConstraint {
        model: Rc<str>,
        name: Rc<str>,
    },
    AlterConstraint {
        model: Rc<str>,
        name: Rc<str>,
        constraint: Box<Constraint>,
    },
    ValidateConstraint {
        model: Rc<str>,
        name: Rc<str>,
    },
    Separate {
        database: Vec<Placed>,
        state: Vec<Placed>,
    },
    RunSql {
        sql: Vec<Sql>,
        state: Vec<Placed>,
        hints: Hints,
    },
    /// A function that changes rows.
    RunPython {
        function: Rc<str>,
        hints: Hints,
    },
    CreateExtension {
        name: Rc<str>,
    },
    CreateCollation(Collation),
    RemoveCollation {
        name: Rc<str>,
    },
    /// Not read, or a function that may change the schema.
    Opaque(Opaque),
}

/// What an operation does to the list of models, and the fields that it brings.
struct Brings<'a> {
    made: Option<&'a Rc<str>>,
    gone: Option<&'a Rc<str>>,
    fields: Vec<(&'a Rc<str>, &'a Rc<str>, &'a Field)>,
}

impl Operation {
    /// The fields that it brings by itself, each with its model and its name.
    pub fn fields(&self) -> Vec<(&Rc<str>, &Rc<str>, &Field)> {
        self.brings().fields
    }

    /// The model that is there after it, and the one that is there no more.
    pub fn made_and_gone(&self) -> (Option<&Rc<str>>, Option<&Rc<str>>) {
        let Brings { made, gone, .. } = self.brings();
        (made, gone)
    }

    fn brings(&self) -> Brings<'_> {
        let nothing = Brings { made: None, gone: None, fields: Vec::new() };
        match self {
            Self::CreateModel(create) => Brings {
                made: Some(&create.name),
                fields: create.fields.iter().map(|(name, field)| (&create.name, name, field)).collect(),
                ..nothing
            },
            Self::DeleteModel { name } => Brings { gone: Some(name), ..nothing },
            Self::RenameModel { old, new } => Brings { made: Some(new), gone: Some(old), ..nothing },
            Self::AddField { model, name, field, .. } | Self::AlterField { model, name, field, .. } => {
                Brings { fields: vec![(model, name, &**field)], ..nothing }
            }
            Self::AlterModelTable { .. }
            | Self::AlterModelTableComment { .. }
            | Self::AlterUniqueTogether { .. }
            | Self::AlterIndexTogether { .. }
            | Self::AlterOrderWithRespectTo { .. }
            | Self::AlterModelOptions { .. }
            | Self::AlterModelManagers
            | Self::RemoveField { .. }
            | Self::RenameField { .. }
            | Self::AddIndex { .. }
            | Self::RemoveIndex { .. }
            | Self::RenameIndex { .. }
            | Self::AddConstraint { .. }
            | Self::RemoveConstraint { .. }
            | Self::AlterConstraint { .. }
            | Self::ValidateConstraint { .. }
            | Self::Separate { .. }
            | Self::RunSql { .. }
            | Self::RunPython { .. }
            | Self::CreateExtension { .. }
            | Self::CreateCollation(_)
            | Self::RemoveCollation { .. }
            | Self::Opaque(_) => nothing,
        }
    }

    /// What it does to the models, where that is something else than to the database.
    pub fn own_state(&self) -> Option<&[Placed]> {
        match self {
            Self::Separate { state, .. } | Self::RunSql { state, .. } => Some(state),
            Self::RunPython { .. } => Some(&[]),
            Self::CreateModel(_)
            | Self::DeleteModel { .. }
            | Self::RenameModel { .. }
            | Self::AlterModelTable { .. }
            | Self::AlterModelTableComment { .. }
            | Self::AlterUniqueTogether { .. }
            | Self::AlterIndexTogether { .. }
            | Self::AlterOrderWithRespectTo { .. }
            | Self::AlterModelOptions { .. }
            | Self::AlterModelManagers
            | Self::AddField { .. }
            | Self::AlterField { .. }
            | Self::RemoveField { .. }
            | Self::RenameField { .. }
            | Self::AddIndex { .. }
            | Self::RemoveIndex { .. }
            | Self::RenameIndex { .. }
            | Self::AddConstraint { .. }
            | Self::RemoveConstraint { .. }
            | Self::AlterConstraint { .. }
            | Self::ValidateConstraint { .. }
            | Self::CreateExtension { .. }
            | Self::CreateCollation(_)
            | Self::RemoveCollation { .. }
            | Self::Opaque(_) => None,
        }
    }
}

/// What routers are told besides the app.
pub type Hints = Vec<(Rc<str>, Value)>;

pub type Together = Vec<Vec<Rc<str>>>;

#[derive(Clone, Debug)]
pub struct CreateModel {
    pub name: Rc<str>,
    pub fields: Vec<(Rc<str>, Field)>,
    pub bases: Vec<Target>,
    pub options: Options,
}

/// What `Meta` says, as far as it matters for the database.
#[derive(Clone, Debug)]
pub struct Options {
    pub db_table: Option<Rc<str>>,
    pub tablespace: Option<Rc<str>>,
    pub comment: Option<Rc<str>>,
    pub unique_together: Together,
    pub index_together: Together,
    pub order_with_respect_to: Option<Rc<str>>,
    pub indexes: Vec<Index>,
    pub constraints: Vec<Constraint>,
    pub managed: bool,
    pub proxy: bool,
    pub abstracted: bool,
    /// The setting that can put another model in its place.
    pub swappable: Option<Rc<str>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            db_table: None,
            tablespace: None,
            comment: None,
            unique_together: Vec::new(),
            index_together: Vec::new(),
            order_with_respect_to: None,
            indexes: Vec::new(),
            constraints: Vec::new(),
            managed: true,
            proxy: false,
            abstracted: false,
            swappable: None,
        }
    }
}

#[derive(Clone, Debug)]
pub enum OldIndex {
    Name(Rc<str>),
    Fields(Vec<Rc<str>>),
}

/// Stands around the name of a model in SQL, where the table of the model is meant: what that is called depends on the
/// migrations before.
pub const TABLE_MARK: char = '\u{f8ff}';

pub fn table_mark(app: &str, model: &str) -> String {
    format!("{TABLE_MARK}{app}.{}{TABLE_MARK}", model.to_lowercase())
}

/// A text of SQL, which may hold several statements.
#[derive(Clone, Debug)]
pub struct Sql {
    pub text: Rc<str>,
    /// What stands for `%s` in it; without any, a `%` is a `%`.
    pub parameters: Option<Parameters>,
    pub place: Place,
}

#[derive(Clone, Debug)]
pub enum Parameters {
    InOrder(Vec<Literal>),
    ByName(Vec<(Rc<str>, Literal)>),
}

#[derive(Clone, Debug)]
pub struct Collation {
    pub name: Rc<str>,
    pub locale: Rc<str>,
    pub provider: Rc<str>,
    pub deterministic: bool,
}
