//! What somebody does to a database by hand: statements made of what is there and of numbers. PostgreSQL refuses some of
//! them, which is no damage.

mod changed;

use trueup_model::catalog::{Entry, Object};
use trueup_model::{Catalog, Ident, ObjectKind, ObjectPath, QualifiedName};
use trueup_sql::quote_ident;

use super::names::name;
use super::tape::Tape;
use super::types::plain;

/// One piece of damage: statements that belong together.
pub fn damage(number: usize, tape: &mut Tape<'_>, catalog: &Catalog) -> Vec<String> {
    let Some(entry) = victim(tape, catalog) else { return Vec::new() };
    let damage = Damage { number, catalog, entry };
    // A family of tables takes little by hand that can be taken back as a whole.
    if damage.is_family() && !is_wild() {
        return damage.of_family(tape);
    }
    match tape.below(10) {
        0 => damage.dropped(tape),
        1 => damage.renamed(tape),
        2 => damage.moved(tape),
        3 => damage.something_extra(tape),
        4 => damage.beside(tape),
        _ => damage.changed(tape),
    }
}

/// Each kind of object as often as any other: there are many columns and few sequences.
fn victim<'c>(tape: &mut Tape<'_>, catalog: &'c Catalog) -> Option<&'c Entry> {
    let mut kinds: Vec<ObjectKind> = catalog.entries().iter().map(|entry| entry.path.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    // Tables and columns matter most.
    let preferred = [ObjectKind::Table, ObjectKind::Column, ObjectKind::Column];
    kinds.extend(preferred.into_iter().filter(|kind| catalog.count(*kind) > 0));
    let kind = *tape.maybe_of(&kinds)?;
    let entries: Vec<&Entry> = catalog.entries().iter().filter(|entry| entry.path.kind == kind).collect();
    let entry = *tape.maybe_of(&entries)?;
    (entry.path != ObjectPath::global(ObjectKind::Schema, "public")).then_some(entry)
}

struct Damage<'c> {
    number: usize,
    catalog: &'c Catalog,
    entry: &'c Entry,
}

/// Besides what can be repaired: tables of a family that others of the same name replace, and columns of one that
/// change, of which plans often say that they cannot be repaired, and some are wrong.
pub fn is_wild() -> bool {
    std::env::var_os("DAMAGE_WILD").is_some()
}

impl Damage<'_> {
    /// Whether it is, or belongs to, a table that inherits, is inherited from, or is a partition.
    fn is_family(&self) -> bool {
        let Some(name) = self.relation().and_then(|relation| relation.qualified()) else { return false };
        self.catalog.entries().iter().any(|entry| match &entry.object {
            Object::Table(table) => {
                let parents = table.inherits.iter().chain(table.partition_of.iter().map(|of| &of.parent));
                let mut parents = parents.peekable();
                let is_it = entry.path.qualified().as_ref() == Some(&name);
                let divided = table.partitioned_by.is_some();
                is_it && (divided || parents.peek().is_some()) || parents.any(|parent| *parent == name)
            }
            _ => false,
        })
    }

    /// Damage to a family of tables: its indexes, triggers, policies, rights, and what stands beside it.
    fn of_family(&self, tape: &mut Tape<'_>) -> Vec<String> {
        let (Some(alter), Some(relation)) = (self.alter_relation(), self.relation()) else {
            return Vec::new();
        };
        let path = self.path();
        let part = quote_ident(path.part.as_str());
        match path.kind {
            ObjectKind::Index | ObjectKind::Trigger | ObjectKind::Policy | ObjectKind::Rule
                if !self.entry.object.is_inherited() =>
            {
                self.dropped(tape)
            }
            // It leaves its parent.
            ObjectKind::Table if tape.below(3) == 0 => {
                let table = written(path);
                let Object::Table(there) = &self.entry.object else { return Vec::new() };
                let named = |parent: &QualifiedName| {
                    format!("{}.{}", quote_ident(parent.schema.as_str()), quote_ident(parent.name.as_str()))
                };
                match (&there.partition_of, there.inherits.first()) {
                    (Some(of), _) => {
                        vec![format!("alter table {} detach partition {table}", named(&of.parent))]
                    }
                    (None, Some(parent)) => vec![format!("alter table {table} no inherit {}", named(parent))],
                    (None, None) => self.beside(tape),
                }
            }
            ObjectKind::Column => {
                let new = name("x", self.number, tape);
                match tape.below(3) {
                    0 => vec![format!("{alter} alter column {part} set statistics 30")],
                    1 => vec![format!("comment on column {}.{part} is 'found'", written(&relation))],
                    _ => vec![format!(
                        "create view {} as select {part} from {}",
                        format_args!(
                            "{}.{new}",
                            quote_ident(relation.schema.as_ref().map_or("public", Ident::as_str))
                        ),
                        written(&relation)
                    )],
                }
            }
            _ => self.beside(tape),
        }
    }

    fn path(&self) -> &ObjectPath {
        &self.entry.path
    }

    fn relation_word(&self, relation: &ObjectPath) -> &'static str {
        match relation.kind {
            ObjectKind::View => "view",
            ObjectKind::MaterializedView => "materialized view",
            _ => "table",
        }
    }

    /// The relation that the object is, or belongs to.
    fn relation(&self) -> Option<ObjectPath> {
        let path = self.path();
        if path.kind.is_relation() {
            return Some(path.clone());
        }
        let of = path.relation()?;
        [ObjectKind::Table, ObjectKind::View, ObjectKind::MaterializedView]
            .into_iter()
            .map(|kind| ObjectPath::in_schema(kind, &of.schema, &of.name))
            .find(|path| self.catalog.contains(path))
    }

    /// `table "public"."orders"`
    fn alter_relation(&self) -> Option<String> {
        let relation = self.relation()?;
        Some(format!("alter {} {}", self.relation_word(&relation), written(&relation)))
    }

    /// What stands behind DROP and ALTER.
    fn spoken(&self) -> Option<String> {
        let path = self.path();
        let arguments = path.arguments.as_ref().map(ToString::to_string).unwrap_or_default();
        let word = match path.kind {
            ObjectKind::Table => "table",
            ObjectKind::View => "view",
            ObjectKind::MaterializedView => "materialized view",
            ObjectKind::Sequence => "sequence",
            ObjectKind::Enum | ObjectKind::CompositeType | ObjectKind::RangeType => "type",
            ObjectKind::Domain => "domain",
            ObjectKind::Statistics => "statistics",
            ObjectKind::Schema => return Some(format!("schema {}", quote_ident(path.head.as_str()))),
            ObjectKind::Index => {
                let relation = path.relation()?;
                let index = quote_ident(path.part.as_str());
                return Some(format!("index {}.{index}", quote_ident(relation.schema.as_str())));
            }
            ObjectKind::Function => return Some(format!("function {}({arguments})", written(path))),
            ObjectKind::Procedure => return Some(format!("procedure {}({arguments})", written(path))),
            ObjectKind::Aggregate => return Some(format!("aggregate {}({arguments})", written(path))),
            _ => return None,
        };
        Some(format!("{word} {}", written(path)))
    }

    fn dropped(&self, tape: &mut Tape<'_>) -> Vec<String> {
        let path = self.path();
        let cascade = if tape.below(2) == 0 { " cascade" } else { "" };
        if let Some(spoken) = self.spoken() {
            return vec![format!("drop {spoken}{cascade}")];
        }
        let (Some(alter), Some(relation)) = (self.alter_relation(), self.relation()) else {
            return Vec::new();
        };
        let part = quote_ident(path.part.as_str());
        vec![match path.kind {
            ObjectKind::Column => format!("{alter} drop column {part}{cascade}"),
            ObjectKind::Trigger | ObjectKind::Rule | ObjectKind::Policy => {
                format!("drop {} {part} on {}", path.kind.word(), written(&relation))
            }
            _ if path.kind.is_constraint() => format!("{alter} drop constraint {part}{cascade}"),
            _ => return Vec::new(),
        }]
    }

    fn renamed(&self, tape: &mut Tape<'_>) -> Vec<String> {
        let path = self.path();
        let new = name("z", self.number, tape);
        if let Some(spoken) = self.spoken() {
            return vec![format!("alter {spoken} rename to {new}")];
        }
        let (Some(alter), Some(relation)) = (self.alter_relation(), self.relation()) else {
            return Vec::new();
        };
        let part = quote_ident(path.part.as_str());
        vec![match path.kind {
            ObjectKind::Column => format!("{alter} rename column {part} to {new}"),
            ObjectKind::Trigger | ObjectKind::Rule | ObjectKind::Policy => {
                format!("alter {} {part} on {} rename to {new}", path.kind.word(), written(&relation))
            }
            _ if path.kind.is_constraint() => format!("{alter} rename constraint {part} to {new}"),
            _ => return Vec::new(),
        }]
    }

    fn moved(&self, tape: &mut Tape<'_>) -> Vec<String> {
        let schemas: Vec<&Ident> = self
            .catalog
            .entries()
            .iter()
            .filter(|entry| entry.path.kind == ObjectKind::Schema)
            .map(|entry| &entry.path.head)
            .filter(|schema| Some(*schema) != self.path().schema.as_ref())
            .collect();
        let (Some(spoken), Some(_)) = (self.spoken(), &self.path().schema) else { return Vec::new() };
        match tape.maybe_of(&schemas) {
            Some(schema) if tape.below(4) > 0 => {
                vec![format!("alter {spoken} set schema {}", quote_ident(schema.as_str()))]
            }
            _ => {
                let new = name("elsewhere", self.number, tape);
                vec![format!("create schema {new}"), format!("alter {spoken} set schema {new}")]
            }
        }
    }

    /// Comments, owners, privileges.
    fn beside(&self, tape: &mut Tape<'_>) -> Vec<String> {
        let path = self.path();
        let text = *tape.of(&["'found \\ here'", "null", "'it''s $$ new'"]);
        let role = *tape.of(&["app_owner", "app_writer", "\"Reporting Team\""]);
        match (tape.below(3), self.spoken(), self.relation()) {
            (0, Some(spoken), _) => vec![format!("comment on {spoken} is {text}")],
            (0, None, Some(relation)) if path.kind == ObjectKind::Column => vec![format!(
                "comment on column {}.{} is {text}",
                written(&relation),
                quote_ident(path.part.as_str())
            )],
            (1, Some(spoken), _) if !matches!(path.kind, ObjectKind::Index) => {
                vec![format!("alter {spoken} owner to {role}")]
            }
            (_, _, Some(relation)) => vec![match tape.below(4) {
                0 => format!("grant select on {} to {role}", written(&relation)),
                1 => format!("revoke all on {} from app_reader, app_writer, public", written(&relation)),
                2 => format!("grant all on {} to {role} with grant option", written(&relation)),
                _ => format!("grant delete on {} to {role}", written(&relation)),
            }],
            _ => Vec::new(),
        }
    }

    fn something_extra(&self, tape: &mut Tape<'_>) -> Vec<String> {
        let new = name("x", self.number, tape);
        let of = plain(tape).written;
        let Some(relation) = self.relation() else {
            let schema = self.path().schema.as_ref().map_or("public", Ident::as_str);
            let new = format!("{}.{new}", quote_ident(schema));
            return vec![match tape.below(6) {
                0 => format!("create table {new} (a integer primary key, b {of})"),
                1 => format!("create view {new} as select 1 as a"),
                2 => format!("create sequence {new}"),
                3 => format!("create type {new} as enum ('a', 'b')"),
                4 => format!("create function {new}() returns integer language sql as 'select 1'"),
                _ => format!("create schema {}", name("xs", self.number, tape)),
            }];
        };
        let table = written(&relation);
        let columns = self.catalog.columns_of(&relation);
        let Some((column, there)) = tape.maybe_of(&columns) else { return Vec::new() };
        let column = quote_ident(column.as_str());
        let schema = quote_ident(relation.schema.as_ref().map_or("public", Ident::as_str));
        vec![match tape.below(9) {
            0 => format!("alter table {table} add column {new} {of}"),
            1 => format!("alter table {table} add column {new} serial"),
            2 => format!("create index {new} on {table} ({column})"),
            3 => format!("alter table {table} add constraint {new} check ({column} is not null) not valid"),
            4 => format!("create view {schema}.{new} as select {column} from {table}"),
            5 => format!("create table {schema}.{new} (like {table} including all)"),
            6 => format!("create table {schema}.{new} (other {} not null)", there.data_type),
            7 => format!("alter table {table} add constraint {new} unique ({column})"),
            _ => format!("create table {schema}.{new} as select * from {table}"),
        }]
    }
}

fn written(path: &ObjectPath) -> String {
    let schema = path.schema.as_ref().map_or("public", Ident::as_str);
    format!("{}.{}", quote_ident(schema), quote_ident(path.head.as_str()))
}
