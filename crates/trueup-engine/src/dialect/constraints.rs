//! Constraints of tables that look at one table only: keys, checks, exclusions.

use trueup_model::catalog::{Check, Deferral, Entry, Exclusion, Key, Object};
use trueup_model::name::{Ident, QualifiedName, Text};
use trueup_model::path::{ObjectKind, ObjectPath};

use super::names::{alter_relation, in_schema, relation};
use super::text::{change_parameters, find_outside, ident, idents, literal_or_null, parameters};
use super::{Alteration, Written, tables};
use crate::findings::Sides;

pub(super) fn create_key(entry: &Entry, key: &Key, sides: &Sides<'_>) -> Written {
    let mut statements = Vec::new();
    if !key.inherited {
        let Key {
            columns,
            include,
            nulls_not_distinct,
            without_overlaps,
            deferral,
            index_options,
            tablespace,
            index_comment: _,
            inherited: _,
        } = key;
        let kind = if entry.path.kind == ObjectKind::PrimaryKey { "PRIMARY KEY" } else { "UNIQUE" };
        let mut clause = kind.to_owned();
        if *nulls_not_distinct {
            clause.push_str(" NULLS NOT DISTINCT");
        }
        let overlaps = if *without_overlaps { " WITHOUT OVERLAPS" } else { "" };
        clause.push_str(&format!(" ({}{overlaps})", idents(columns)));
        if !include.is_empty() {
            clause.push_str(&format!(" INCLUDE ({})", idents(include)));
        }
        clause.push_str(&index_clauses(index_options, tablespace.as_ref()));
        clause.push_str(deferral_clause(*deferral));
        statements.push(add(&entry.path, &clause, sides));
        statements.extend(tables::said_of_index(&relation(&entry.path), &entry.path.part, sides.expected));
    }
    statements.extend(index_comment_of_new(&entry.path, key.index_comment.as_ref()));
    Written::Statements(statements)
}

pub(super) fn create_check(entry: &Entry, check: &Check, sides: &Sides<'_>) -> Written {
    if check.inherited || tables::comes_with_table(&entry.path, sides.expected) {
        return Written::Statements(Vec::new());
    }
    let mut statements = vec![add(&entry.path, &check_clause(check), sides)];
    statements.extend(valid_below(&entry.path, check, sides));
    Written::Statements(statements)
}

/// A check that comes without looking at rows is so in the tables that inherit it too, also in those that were made
/// after it, and in which it was valid from the beginning.
fn valid_below(path: &ObjectPath, check: &Check, sides: &Sides<'_>) -> Vec<String> {
    if check.validated || !check.enforced || check.no_inherit {
        return Vec::new();
    }
    let mut open = vec![relation(path)];
    let mut statements = Vec::new();
    while let Some(parent) = open.pop() {
        for child in tables::children(&parent, sides.expected) {
            let below = ObjectPath::part_of(ObjectKind::CheckConstraint, &child, path.part.as_str());
            let is_valid = matches!(sides.expected.find(&below).map(|entry| &entry.object),
                Some(Object::Check(check)) if check.validated);
            if is_valid && sides.found.contains(&tables::table_path(&child)) {
                statements.push(validate(&below, sides));
            }
            open.push(child);
        }
    }
    statements.sort();
    statements
}

fn validate(path: &ObjectPath, sides: &Sides<'_>) -> String {
    let prefix = alter_relation(sides.expected, &relation(path));
    format!("{prefix} VALIDATE CONSTRAINT {}", ident(&path.part))
}

/// A check as it stands in `CREATE TABLE`.
pub(super) fn check(name: &Ident, check: &Check) -> String {
    format!("CONSTRAINT {} {}", ident(name), check_clause(&Check { validated: true, ..check.clone() }))
}

pub(super) fn check_clause(check: &Check) -> String {
    let Check { expression, validated, enforced, no_inherit, inherited: _ } = check;
    format!(
        "CHECK ({expression}){}{}",
        if *no_inherit { " NO INHERIT" } else { "" },
        validity_clause(*enforced, *validated)
    )
}

/// What is not enforced is never valid, and need not say so.
pub(super) fn validity_clause(enforced: bool, validated: bool) -> &'static str {
    match (enforced, validated) {
        (false, _) => " NOT ENFORCED",
        (true, false) => " NOT VALID",
        (true, true) => "",
    }
}

pub(super) fn create_exclusion(entry: &Entry, exclusion: &Exclusion, sides: &Sides<'_>) -> Written {
    let Exclusion { definition, deferral, index_options, tablespace, index_comment, inherited } = exclusion;
    let mut statements = Vec::new();
    if !inherited {
        let clauses = index_clauses(index_options, tablespace.as_ref());
        // They stand before the predicate.
        let definition = definition.as_str();
        let at = find_outside(definition, " WHERE (").unwrap_or(definition.len());
        let clause =
            format!("{}{clauses}{}{}", &definition[..at], &definition[at..], deferral_clause(*deferral));
        statements.push(add(&entry.path, &clause, sides));
        statements.extend(tables::said_of_index(&relation(&entry.path), &entry.path.part, sides.expected));
    }
    statements.extend(index_comment_of_new(&entry.path, index_comment.as_ref()));
    Written::Statements(statements)
}

pub(super) fn add(path: &ObjectPath, clause: &str, sides: &Sides<'_>) -> String {
    format!(
        "{} ADD CONSTRAINT {} {clause}",
        alter_relation(sides.expected, &relation(path)),
        ident(&path.part)
    )
}

fn index_clauses(options: &[Text], tablespace: Option<&Ident>) -> String {
    let mut clauses = String::new();
    if !options.is_empty() {
        clauses.push_str(&format!(" WITH ({})", parameters(options)));
    }
    if let Some(tablespace) = tablespace {
        clauses.push_str(&format!(" USING INDEX TABLESPACE {}", ident(tablespace)));
    }
    clauses
}

pub(super) fn deferral_clause(deferral: Deferral) -> &'static str {
    match deferral {
        Deferral::NotDeferrable => "",
        Deferral::InitiallyImmediate => " DEFERRABLE",
        Deferral::InitiallyDeferred => " DEFERRABLE INITIALLY DEFERRED",
    }
}

fn index_comment_of_new(path: &ObjectPath, comment: Option<&Text>) -> Option<String> {
    comment.map(|_| index_comment(path, comment))
}

fn index_comment(path: &ObjectPath, comment: Option<&Text>) -> String {
    let text = literal_or_null(comment);
    format!("COMMENT ON INDEX {} IS {text}", in_schema(path, &path.part))
}

/// What the index behind a key or an exclusion has of its own.
struct Behind<'a> {
    options: &'a [Text],
    tablespace: Option<&'a Ident>,
    comment: Option<&'a Text>,
}

pub(super) fn alter_key(
    aspect: &str,
    found: &Key,
    (after, key): (&Entry, &Key),
    sides: &Sides<'_>,
) -> Alteration {
    let behind =
        |key: &'_ Key| (key.index_options.clone(), key.tablespace.clone(), key.index_comment.clone());
    let (there, wanted) = (behind(found), behind(key));
    alter_behind(
        aspect,
        &Behind { options: &there.0, tablespace: there.1.as_ref(), comment: there.2.as_ref() },
        &Behind { options: &wanted.0, tablespace: wanted.1.as_ref(), comment: wanted.2.as_ref() },
        after,
        key.inherited,
        sides,
    )
}

pub(super) fn alter_exclusion(
    aspect: &str,
    found: &Exclusion,
    (after, exclusion): (&Entry, &Exclusion),
    sides: &Sides<'_>,
) -> Alteration {
    alter_behind(
        aspect,
        &Behind {
            options: &found.index_options,
            tablespace: found.tablespace.as_ref(),
            comment: found.index_comment.as_ref(),
        },
        &Behind {
            options: &exclusion.index_options,
            tablespace: exclusion.tablespace.as_ref(),
            comment: exclusion.index_comment.as_ref(),
        },
        after,
        exclusion.inherited,
        sides,
    )
}

/// All that is not the index's is said once and for all: such a constraint is made anew.
fn alter_behind(
    aspect: &str,
    found: &Behind<'_>,
    wanted: &Behind<'_>,
    after: &Entry,
    inherited: bool,
    sides: &Sides<'_>,
) -> Alteration {
    let prefix = format!("ALTER INDEX {}", in_schema(&after.path, &after.path.part));
    match aspect {
        "options" => Alteration::Statements(change_parameters(&prefix, found.options, wanted.options)),
        "tablespace" => Alteration::Statements(vec![tables::set_tablespace(&prefix, wanted.tablespace)]),
        "index-comment" => Alteration::Statements(vec![index_comment(&after.path, wanted.comment)]),
        "inherited" => come_from_parent(after, inherited, sides),
        _ => Alteration::Rebuild,
    }
}

/// A key, index or foreign key of a partition that was made there, and not with its parent's. Making the parent's
/// takes it over. Where the parent has its own already, it stands beside it and has to go.
pub(super) fn come_from_parent(after: &Entry, wanted: bool, sides: &Sides<'_>) -> Alteration {
    if !wanted {
        return Alteration::Impossible(
            "what a partition has from its parent goes only with the parent's own".to_owned(),
        );
    }
    let parent = parent_of(after, sides);
    let there = parent.is_some_and(|parent| {
        sides.found.parts_of(&tables::table_path(&parent)).any(|part| {
            part.path.kind == after.path.kind
                && crate::compare::alike((sides.expected, after), (sides.found, part))
        })
    });
    if there { Alteration::Rebuild } else { Alteration::Statements(Vec::new()) }
}

pub(super) fn parent_of(part: &Entry, sides: &Sides<'_>) -> Option<QualifiedName> {
    let relation = relation(&part.path);
    match &super::names::relation_entry(sides.expected, &relation)?.object {
        Object::Table(table) => table
            .partition_of
            .as_ref()
            .map(|partition| partition.parent.clone())
            .or_else(|| table.inherits.first().cloned()),
        _ => None,
    }
}

pub(super) fn alter_check(aspect: &str, (after, check): (&Entry, &Check), sides: &Sides<'_>) -> Alteration {
    match aspect {
        // It was made after the parent's, which nobody ever looked for in the rows.
        "validated" if check.inherited && check.validated && !is_valid_above(after, sides) => {
            Alteration::Statements(vec![validate(&after.path, sides)])
        }
        // A check that could not be dropped alone is changed with the parent's.
        "expression" | "enforced" | "no-inherit" | "validated" if check.inherited => {
            Alteration::Statements(Vec::new())
        }
        "validated" if check.validated => Alteration::Statements(vec![validate(&after.path, sides)]),
        "inherited" if check.inherited => only_from_parent(after, sides),
        _ => Alteration::Rebuild,
    }
}

fn is_valid_above(after: &Entry, sides: &Sides<'_>) -> bool {
    !matches!(same_of_parent(after, sides).map(|entry| &entry.object), Some(Object::Check(check)) if !check.validated)
}

/// A check of a child that is its own as well as its parent's: the parent's goes, the own one goes, and the parent's
/// comes again.
fn only_from_parent(after: &Entry, sides: &Sides<'_>) -> Alteration {
    let Some(Entry { path, object: Object::Check(check), .. }) = same_of_parent(after, sides) else {
        return Alteration::Statements(Vec::new());
    };
    let mut statements = Vec::new();
    if sides.found.contains(path) {
        statements.push(drop_check(path, sides));
    }
    statements.push(drop_check(&after.path, sides));
    statements.push(add(path, &check_clause(check), sides));
    statements.extend(valid_below(path, check, sides));
    if let Some(entry) = sides.expected.find(path) {
        statements.extend(super::access::comment_of_new(entry));
    }
    statements.extend(super::access::comment_of_new(after));
    Alteration::Statements(statements)
}

/// What a child's check is a copy of, where it is one.
pub(crate) fn same_of_parent<'c>(part: &Entry, sides: &Sides<'c>) -> Option<&'c Entry> {
    let parent = parent_of(part, sides)?;
    sides.expected.find(&ObjectPath::part_of(part.path.kind, &parent, part.path.part.as_str()))
}

pub(crate) fn drop_check(path: &ObjectPath, sides: &Sides<'_>) -> String {
    format!("{} DROP CONSTRAINT {}", alter_relation(sides.expected, &relation(path)), ident(&path.part))
}
