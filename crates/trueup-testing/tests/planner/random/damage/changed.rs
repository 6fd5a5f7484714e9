//! An object that stays, and is another one afterwards: a property of it is changed, or it is made anew under its name.

use trueup_model::catalog::{Column, FireState, Object};
use trueup_model::{Ident, ObjectKind};
use trueup_sql::{quote_ident, quote_literal};

use super::{Damage, written};
use crate::random::names::name;
use crate::random::tape::Tape;
use crate::random::types::plain;

impl Damage<'_> {
    pub(super) fn changed(&self, tape: &mut Tape<'_>) -> Vec<String> {
        let path = self.path();
        match &self.entry.object {
            Object::Column(column) => self.column(column, tape),
            Object::Table(_) => self.table(tape),
            Object::View(view) => {
                let definition = view.definition.as_str().trim_end_matches(';');
                vec![match tape.below(4) {
                    0 => format!(
                        "create or replace view {} as select *, 5 as more from ({definition}) q",
                        written(path)
                    ),
                    1 => format!(
                        "create or replace view {} as select * from ({definition}) q where true",
                        written(path)
                    ),
                    2 => format!("alter view {} set (security_barrier=true)", written(path)),
                    _ => {
                        return self.made_otherwise(&format!(
                            "create view {} as select 'x'::text as other",
                            written(path)
                        ));
                    }
                }]
            }
            Object::MaterializedView(_) => match tape.below(2) {
                0 => vec![format!("alter materialized view {} set (fillfactor=70)", written(path))],
                _ => self
                    .made_otherwise(&format!("create materialized view {} as select 3 as b", written(path))),
            },
            Object::Enum(labels) => {
                let label = |at: usize| quote_literal(labels.labels[at % labels.labels.len()].as_str());
                let written = written(path);
                match tape.below(4) {
                    0 => {
                        vec![format!("alter type {written} add value 'new' before {}", label(tape.below(9)))]
                    }
                    1 => {
                        vec![format!("alter type {written} rename value {} to 'other'", label(tape.below(9)))]
                    }
                    2 => vec![format!("alter type {written} add value 'last'")],
                    _ => vec![
                        format!("alter type {written} rename value {} to 'for a moment'", label(0)),
                        format!("alter type {written} rename value {} to {}", label(1), label(0)),
                        format!("alter type {written} rename value 'for a moment' to {}", label(1)),
                    ],
                }
            }
            Object::Domain(domain) => vec![match tape.below(5) {
                0 => format!("alter domain {} set not null", written(path)),
                1 => format!("alter domain {} drop default", written(path)),
                2 => format!("alter domain {} add constraint more check (value is not null)", written(path)),
                3 => format!("alter domain {} set default '8'", written(path)),
                _ => match domain.checks.first() {
                    Some(check) => format!(
                        "alter domain {} drop constraint {}",
                        written(path),
                        quote_ident(check.name.as_str())
                    ),
                    None => return Vec::new(),
                },
            }],
            Object::CompositeType(composite) => vec![match (tape.below(4), composite.attributes.first()) {
                (0, _) => format!("alter type {} add attribute extra integer", written(path)),
                (1, Some(first)) => {
                    format!(
                        "alter type {} drop attribute {}",
                        written(path),
                        quote_ident(first.name.as_str())
                    )
                }
                (2, Some(first)) => format!(
                    "alter type {} rename attribute {} to other",
                    written(path),
                    quote_ident(first.name.as_str())
                ),
                (_, Some(first)) => format!(
                    "alter type {} alter attribute {} type bigint",
                    written(path),
                    quote_ident(first.name.as_str())
                ),
                (_, None) => return Vec::new(),
            }],
            Object::Sequence(_) => vec![match tape.below(4) {
                0 => format!("alter sequence {} increment 7", written(path)),
                1 => format!("alter sequence {} owned by none", written(path)),
                2 => format!("alter sequence {} cycle cache 9", written(path)),
                _ => format!("alter sequence {} as bigint", written(path)),
            }],
            Object::Key(_) | Object::Check(_) | Object::ForeignKey(_) | Object::Exclusion(_) => {
                self.constraint(tape)
            }
            Object::Index(_) => self.index(tape),
            Object::Trigger(trigger) => {
                let (Some(alter), part) = (self.alter_relation(), quote_ident(path.part.as_str())) else {
                    return Vec::new();
                };
                let other = match trigger.fires {
                    FireState::Disabled => "enable",
                    FireState::Origin | FireState::Replica | FireState::Always => {
                        tape.of(&["disable", "enable always", "enable replica"])
                    }
                };
                vec![format!("{alter} {other} trigger {part}")]
            }
            Object::Rule(_) => match self.alter_relation() {
                Some(alter) => vec![format!("{alter} disable rule {}", quote_ident(path.part.as_str()))],
                None => Vec::new(),
            },
            Object::Policy(_) => match self.relation() {
                Some(relation) => {
                    let policy =
                        format!("policy {} on {}", quote_ident(path.part.as_str()), written(&relation));
                    match tape.below(3) {
                        0 => vec![format!("alter {policy} to app_writer")],
                        1 => vec![format!("alter {policy} using (true)")],
                        _ => vec![
                            format!("drop {policy}"),
                            format!("create {policy} as restrictive for select using (false)"),
                        ],
                    }
                }
                None => Vec::new(),
            },
            Object::Routine(_) | Object::Aggregate(_) => self.routine(tape),
            _ => self.dropped(tape),
        }
    }

    /// Dropped with all that hangs on it, and made as something else.
    fn made_otherwise(&self, creation: &str) -> Vec<String> {
        let Some(spoken) = self.spoken() else { return Vec::new() };
        vec![format!("drop {spoken} cascade"), creation.to_owned()]
    }

    fn column(&self, column: &Column, tape: &mut Tape<'_>) -> Vec<String> {
        let Some(relation) = self.relation().filter(|relation| relation.kind == ObjectKind::Table) else {
            return self.renamed(tape);
        };
        let table = written(&relation);
        let name = quote_ident(self.path().part.as_str());
        let alter = format!("alter table {table} alter column {name}");
        match tape.below(14) {
            0 => vec![format!("{alter} drop not null")],
            1 => vec![format!("{alter} drop not null"), format!("update {table} set {name} = null")],
            2 => vec![format!("{alter} set not null")],
            3 => vec![format!("{alter} drop default")],
            4 => vec![format!("{alter} set default null::{}", column.data_type)],
            5 | 6 => {
                let of = plain(tape).written;
                vec![format!("{alter} drop default"), format!("{alter} type {of} using {name}::text::{of}")]
            }
            7 => vec![format!("{alter} drop default"), format!("{alter} type text using {name}::text")],
            8 => vec![format!("{alter} set statistics 40")],
            9 => vec![format!("{alter} set storage external")],
            10 => vec![format!("{alter} drop identity")],
            11 => vec![
                format!("alter table {table} drop column {name} cascade"),
                format!("alter table {table} add column {name} text"),
            ],
            12 => vec![format!("{alter} drop expression")],
            _ => match column.data_type.as_str() {
                "text" | "character varying" => {
                    vec![format!("{alter} type {} collate \"C\"", column.data_type)]
                }
                "integer" => vec![format!("{alter} type bigint")],
                _ => vec![format!("{alter} set default null")],
            },
        }
    }

    fn table(&self, tape: &mut Tape<'_>) -> Vec<String> {
        let path = self.path();
        let table = written(path);
        let Object::Table(there) = &self.entry.object else { return Vec::new() };
        let parent =
            there.partition_of.as_ref().map(|partition| &partition.parent).or(there.inherits.first()).map(
                |parent| {
                    format!("{}.{}", quote_ident(parent.schema.as_str()), quote_ident(parent.name.as_str()))
                },
            );
        match (tape.below(9), parent) {
            (0 | 1, Some(parent)) if there.partition_of.is_some() => {
                vec![format!("alter table {parent} detach partition {table}")]
            }
            (0 | 1, Some(parent)) => vec![format!("alter table {table} no inherit {parent}")],
            (0, None) => vec![format!("alter table {table} enable row level security")],
            (1, None) => vec![format!("alter table {table} set unlogged")],
            (2, _) => vec![format!("alter table {table} set (fillfactor=55)")],
            (3, _) => vec![format!("alter table {table} replica identity full")],
            (4, _) => {
                self.made_otherwise(&format!("create table {table} (id integer primary key, odd text)"))
            }
            (5, _) => {
                self.made_otherwise(&format!("create view {table} as select 1 as id, 'odd'::text as odd"))
            }
            (6, _) => {
                // A copy takes its place, as people do who want columns in another order.
                let aside = name("aside", self.number, tape);
                let schema = quote_ident(path.schema.as_ref().map_or("public", Ident::as_str));
                vec![
                    format!("alter table {table} rename to {aside}"),
                    format!("create table {table} (like {schema}.{aside} including defaults)"),
                ]
            }
            (7, _) => vec![format!("alter table {table} force row level security")],
            _ => {
                let columns = self.catalog.columns_of(path);
                let Some((first, _)) = tape.maybe_of(&columns) else { return Vec::new() };
                let first = quote_ident(first.as_str());
                vec![
                    format!("alter table {table} rename column {first} to renamed_too"),
                    format!("alter table {table} rename to {}", name("rt", self.number, tape)),
                ]
            }
        }
    }

    fn constraint(&self, tape: &mut Tape<'_>) -> Vec<String> {
        let path = self.path();
        let (Some(alter), Some(relation)) = (self.alter_relation(), self.relation()) else {
            return Vec::new();
        };
        let part = quote_ident(path.part.as_str());
        let columns = self.catalog.columns_of(&relation);
        let Some((column, _)) = tape.maybe_of(&columns) else { return Vec::new() };
        let column = quote_ident(column.as_str());
        let drop = format!("{alter} drop constraint {part} cascade");
        match (&self.entry.object, tape.below(3)) {
            (Object::ForeignKey(_), 0) => {
                vec![format!("{alter} alter constraint {part} deferrable initially deferred")]
            }
            (Object::ForeignKey(key), _) => {
                let own = quote_ident(key.columns[0].as_str());
                let target = format!(
                    "{}.{} ({})",
                    quote_ident(key.references.schema.as_str()),
                    quote_ident(key.references.name.as_str()),
                    quote_ident(key.referenced_columns[0].as_str())
                );
                vec![
                    drop,
                    format!(
                        "{alter} add constraint {part} foreign key ({own}) references {target} on update cascade not valid"
                    ),
                ]
            }
            (Object::Check(_), _) => {
                vec![drop, format!("{alter} add constraint {part} check ({column} is not null or true)")]
            }
            (_, 0) => vec![drop, format!("{alter} add constraint {part} unique ({column})")],
            (_, 1) => vec![drop, format!("create index {part} on {} ({column})", written(&relation))],
            _ => vec![drop, format!("{alter} add constraint {part} check ({column} is not null or true)")],
        }
    }

    fn index(&self, tape: &mut Tape<'_>) -> Vec<String> {
        let Some(relation) = self.relation() else { return Vec::new() };
        let columns = self.catalog.columns_of(&relation);
        let Some((column, _)) = tape.maybe_of(&columns) else { return Vec::new() };
        let (index, column) = (quote_ident(self.path().part.as_str()), quote_ident(column.as_str()));
        let table = written(&relation);
        match (tape.below(4), self.spoken()) {
            (0, Some(spoken)) => vec![format!("alter {spoken} set (fillfactor=60)")],
            (1, _) => self.made_otherwise(&format!("create index {index} on {table} ({column} desc)")),
            (2, _) => self.made_otherwise(&format!(
                "create index {index} on {table} ({column}) where {column} is not null"
            )),
            _ => self.made_otherwise(&format!("create index {index} on {table} (({column} is null))")),
        }
    }

    fn routine(&self, tape: &mut Tape<'_>) -> Vec<String> {
        let path = self.path();
        let Some(spoken) = self.spoken() else { return Vec::new() };
        match (&self.entry.object, tape.below(5)) {
            (Object::Routine(_), 0) => vec![format!("alter {spoken} set search_path = pg_catalog")],
            (Object::Routine(_), 1) => vec![format!("alter {spoken} security definer")],
            (Object::Routine(routine), 2) if path.kind == ObjectKind::Function => {
                let result = routine.result.as_ref().map(ToString::to_string).unwrap_or_default();
                let body =
                    if result == "trigger" { "begin return null; end" } else { "begin return 99; end" };
                vec![format!(
                    "create or replace function {}({}) returns {result} language plpgsql as {}",
                    written(path),
                    routine.arguments,
                    quote_literal(body)
                )]
            }
            (Object::Routine(routine), 3) if path.kind == ObjectKind::Function => {
                self.made_otherwise(&format!(
                    "create function {}({}) returns text language sql as 'select ''x''::text'",
                    written(path),
                    routine.arguments
                ))
            }
            _ => vec![format!("alter {spoken} rename to {}", name("fz", self.number, tape))],
        }
    }
}
