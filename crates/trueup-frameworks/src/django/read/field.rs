//! A field of a model, as far as it matters for the database.

use std::collections::BTreeMap;
use std::rc::Rc;

use trueup_model::Place;

use super::expression::Expression;
use super::literal::Literal;

#[derive(Clone, Debug)]
pub struct Field {
    /// The dotted path of its class; aliases of Django's own classes are one.
    pub class: Rc<str>,
    /// What `get_internal_type` says: `CharField`.
    pub internal: Rc<str>,
    pub column: Column,
    pub null: bool,
    pub blank: bool,
    pub primary_key: bool,
    pub unique: bool,
    pub db_index: bool,
    pub db_column: Option<Rc<str>>,
    pub tablespace: Option<Rc<str>>,
    pub comment: Option<Rc<str>>,
    pub collation: Option<Rc<str>>,
    pub max_length: Option<i128>,
    pub max_digits: Option<i128>,
    pub decimal_places: Option<i128>,
    pub default: Default,
    pub db_default: Option<Expression>,
    /// `auto_now` or `auto_now_add`.
    pub auto_now: bool,
    /// Django counts these from the other end: they come before all others of a table, the last of them first.
    pub auto_created: bool,
    /// Whether an empty text is a value of it.
    pub empty_strings_allowed: bool,
    /// The type says of itself what has to hold: `db_check`.
    pub check: Option<Rc<str>>,
    /// All that is written in the call and has no member here, as text: what else `deconstruct` would tell.
    pub others: BTreeMap<Rc<str>, String>,
    pub place: Place,
}

/// What stands in the table.
#[derive(Clone, Debug)]
pub enum Column {
    /// What the internal type says.
    Internal,
    /// A type by its name.
    Fixed(Rc<str>),
    Array {
        base: Rc<Field>,
        size: Option<i128>,
    },
    Geometry(Geometry),
    Relation(Relation),
    ManyToMany(ManyToMany),
    Generated {
        expression: Expression,
        output: Rc<Field>,
        stored: bool,
    },
    /// A primary key over several fields, by their names.
    Composite(Vec<Rc<str>>),
    /// Nothing.
    Nothing,
}

/// A foreign key; `OneToOneField` is one that is unique.
#[derive(Clone, Debug)]
pub struct Relation {
    pub to: Target,
    pub to_field: Option<Rc<str>>,
    pub db_constraint: bool,
    pub parent_link: bool,
    pub related_name: Option<Rc<str>>,
    pub related_query_name: Option<Rc<str>>,
    pub one_to_one: bool,
}

#[derive(Clone, Debug)]
pub struct ManyToMany {
    pub to: Target,
    pub through: Option<Target>,
    pub db_table: Option<Rc<str>>,
    pub db_constraint: bool,
    pub related_name: Option<Rc<str>>,
}

/// A model that a relation leads to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// `self`
    Own,
    /// A model of the same app.
    Near(Rc<str>),
    Far {
        app: Rc<str>,
        model: Rc<str>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub struct Geometry {
    /// `POINT`
    pub kind: Rc<str>,
    pub srid: i128,
    pub dimensions: i128,
    pub geography: bool,
    pub spatial_index: bool,
    pub raster: bool,
}

/// What rows get that say nothing. It leaves no trace in the catalog.
#[derive(Clone, Debug, PartialEq)]
pub enum Default {
    None,
    Literal(Literal),
    /// What a function gives, or what is not followed, as it is written.
    Computed(String),
}

impl Field {
    /// A field with nothing but its class.
    pub fn bare(class: &str, internal: &str, column: Column, place: Place) -> Self {
        Self {
            class: class.into(),
            internal: internal.into(),
            column,
            null: false,
            blank: false,
            primary_key: false,
            unique: false,
            db_index: false,
            db_column: None,
            tablespace: None,
            comment: None,
            collation: None,
            max_length: None,
            max_digits: None,
            decimal_places: None,
            default: Default::None,
            db_default: None,
            auto_now: false,
            auto_created: false,
            empty_strings_allowed: true,
            check: None,
            others: BTreeMap::new(),
            place,
        }
    }

    /// Unique in itself, or as the primary key.
    pub fn is_unique(&self) -> bool {
        self.unique || self.primary_key
    }

    pub fn is_auto(&self) -> bool {
        matches!(&*self.internal, "AutoField" | "BigAutoField" | "SmallAutoField")
    }

    pub fn relation(&self) -> Option<&Relation> {
        match &self.column {
            Column::Relation(relation) => Some(relation),
            Column::Internal
            | Column::Fixed(_)
            | Column::Array { .. }
            | Column::Geometry(_)
            | Column::ManyToMany(_)
            | Column::Generated { .. }
            | Column::Composite(_)
            | Column::Nothing => None,
        }
    }

    pub fn many_to_many(&self) -> Option<&ManyToMany> {
        match &self.column {
            Column::ManyToMany(many) => Some(many),
            Column::Internal
            | Column::Fixed(_)
            | Column::Array { .. }
            | Column::Geometry(_)
            | Column::Relation(_)
            | Column::Generated { .. }
            | Column::Composite(_)
            | Column::Nothing => None,
        }
    }

    /// The models that it leads to.
    pub fn targets(&self) -> Vec<&Target> {
        let of_relation = self.relation().map(|relation| &relation.to);
        let of_many =
            self.many_to_many().into_iter().flat_map(|many| std::iter::once(&many.to).chain(&many.through));
        of_relation.into_iter().chain(of_many).collect()
    }

    pub fn targets_mut(&mut self) -> Vec<&mut Target> {
        match &mut self.column {
            Column::Relation(relation) => vec![&mut relation.to],
            Column::ManyToMany(many) => std::iter::once(&mut many.to).chain(&mut many.through).collect(),
            Column::Internal
            | Column::Fixed(_)
            | Column::Array { .. }
            | Column::Geometry(_)
            | Column::Generated { .. }
            | Column::Composite(_)
            | Column::Nothing => Vec::new(),
        }
    }

    pub fn is_generated(&self) -> bool {
        matches!(self.column, Column::Generated { .. })
    }
}
