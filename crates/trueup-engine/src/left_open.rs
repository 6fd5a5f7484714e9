//! What migrations that could not be read may explain. It is not held against the database: it is left open, and that
//! is said.

use trueup_model::difference::Change;
use trueup_model::finding::NamedCode;
use trueup_model::history::Opaque;
use trueup_model::{Catalog, Code, Difference, Finding, History, Migration, ObjectKind, Origin, Severity};

/// How many objects a finding names.
const NAMED: usize = 8;

/// Takes out of `differences` what unread migrations of this history may explain, and says so: one finding for each
/// such migration that `said` does not speak of, or that leaves something open. `way_out` tells what can be done.
pub fn leave_open(
    differences: &mut Vec<Difference>,
    history: &History,
    said: &[Finding],
    way_out: Option<&str>,
) -> (Vec<Difference>, Vec<Finding>) {
    let unread: Vec<(&Migration, &Opaque)> = history
        .migrations
        .iter()
        .filter_map(|migration| Some((migration, migration.opaque.as_ref()?)))
        .collect();
    let mut open: Vec<Vec<Difference>> = vec![Vec::new(); unread.len()];
    differences.retain(|difference| {
        // The last one that may have touched it.
        let at = unread.iter().rposition(|(migration, _)| may_explain(migration, difference));
        if let Some(at) = at {
            open[at].push(difference.clone());
        }
        at.is_none()
    });
    let findings = unread
        .iter()
        .zip(&open)
        .filter(|((migration, opaque), open)| !open.is_empty() || !is_said(said, migration, opaque))
        .map(|((migration, opaque), open)| finding(migration, opaque, open, way_out))
        .collect();
    (open.into_iter().flatten().collect(), findings)
}

/// What part of the schema rests on migrations that were read; nothing to say where all were.
pub fn share(history: &History, found: &Catalog) -> Option<String> {
    let unread: Vec<&Migration> =
        history.migrations.iter().filter(|migration| migration.opaque.is_some()).collect();
    if unread.is_empty() {
        return None;
    }
    let tables: Vec<_> =
        found.entries().iter().filter(|entry| entry.path.kind == ObjectKind::Table).collect();
    let touched = tables
        .iter()
        .filter(|entry| unread.iter().any(|migration| migration.reach.touches(&entry.path)))
        .count();
    let migrations = match unread.len() {
        1 => "1 migration".to_owned(),
        many => format!("{many} migrations"),
    };
    Some(format!(
        "of {} applied migrations, {migrations} could not be read completely: {} of {} tables rest on what was read, \
         {touched} may have been touched by the rest",
        history.migrations.len(),
        tables.len() - touched,
        tables.len(),
    ))
}

fn may_explain(migration: &Migration, difference: &Difference) -> bool {
    let other = match &difference.change {
        Change::Renamed { to } | Change::Misplaced { to } => Some(to),
        Change::Missing | Change::Unexpected | Change::Different(_) => None,
    };
    [Some(&difference.path), other].into_iter().flatten().any(|path| migration.reach.touches(path))
}

fn is_said(said: &[Finding], migration: &Migration, opaque: &Opaque) -> bool {
    said.iter().filter_map(|finding| finding.origin.as_ref()).any(|origin| {
        origin.migration == migration.id && origin.place.as_ref().is_none_or(|place| *place == opaque.place)
    })
}

fn finding(migration: &Migration, opaque: &Opaque, open: &[Difference], way_out: Option<&str>) -> Finding {
    let mut finding = Finding::new(Code::Named(NamedCode::NotChecked), Severity::Info);
    finding.found = Some(opaque.reason.clone());
    finding.origin = Some(Origin {
        migration: migration.id.clone(),
        place: Some(opaque.place.clone()),
        excerpt: None,
        recorded_at: None,
    });
    let mut names: Vec<String> = open
        .iter()
        .map(|difference| format!("{} {}", difference.path.kind.spoken(), difference.path))
        .collect();
    names.dedup();
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    let said = match names.is_empty() {
        true => "what it may have made is not expected".to_owned(),
        false => format!("left open, since it may be its doing: {}", names.join(", ")),
    };
    finding.hint = Some(match way_out {
        Some(way_out) => format!("{said}; {way_out}"),
        None => said,
    });
    finding
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use trueup_model::history::{MigrationKind, TransactionMode};
    use trueup_model::reach::{Named, Reach};
    use trueup_model::{ObjectPath, Place, Preparation, QualifiedName, Text};

    use super::*;

    fn migration(id: &str, unread: &[&str]) -> Migration {
        let file: Arc<str> = format!("{id}.py").into();
        let whole = unread.iter().map(Text::new).collect();
        Migration {
            id: Text::new(id),
            key: Text::new(id),
            kind: MigrationKind::Versioned,
            parents: Vec::new(),
            replaces: Vec::new(),
            file: file.clone(),
            transaction: TransactionMode::Single,
            up: Vec::new(),
            down: None,
            checksum: None,
            opaque: (!unread.is_empty())
                .then(|| Opaque { reason: "a loop".to_owned(), place: Place::new(file, 7, 1) }),
            only_by_tool: None,
            reach: match unread {
                [] => Reach::Nothing,
                ["*"] => Reach::Anything,
                _ => Reach::Named(Named { whole, ..Named::default() }),
            },
        }
    }

    fn column(table: &str, name: &str) -> Difference {
        let table = QualifiedName::new("public", table);
        let path = ObjectPath::part_of(ObjectKind::Column, &table, name);
        Difference { path, change: Change::Missing }
    }

    #[track_caller]
    fn check(migrations: &[(&str, &[&str])], kept: &[Difference], hints: &[&str]) {
        let history = History {
            framework: "django",
            root: Text::new("."),
            preparation: Preparation::default(),
            migrations: migrations.iter().map(|(id, unread)| migration(id, unread)).collect(),
            findings: Vec::new(),
        };
        let mut differences = vec![column("note", "body"), column("item", "price"), column("item", "note")];
        let all = differences.len();
        let (open, findings) = leave_open(&mut differences, &history, &[], Some("run it"));
        assert_eq!(differences, kept);
        assert_eq!(open.len() + kept.len(), all);
        let said: Vec<String> = findings
            .iter()
            .map(|finding| {
                let id = finding.origin.as_ref().map_or("", |origin| origin.migration.as_str());
                format!("{id}: {}", finding.hint.as_deref().unwrap_or_default())
            })
            .collect();
        assert_eq!(said, hints);
    }

    #[test]
    fn only_what_an_unread_migration_names_is_left_open() {
        let whole = [column("note", "body"), column("item", "price"), column("item", "note")];
        check(&[("one", &[])], &whole, &[]);
        check(&[("one", &["other"])], &whole, &["one: what it may have made is not expected; run it"]);
        check(
            &[("one", &["note"]), ("two", &[])],
            &[column("item", "price")],
            &[
                "one: left open, since it may be its doing: column public.note.body, column public.item.note; run it",
            ],
        );
        check(
            &[("one", &["*"]), ("two", &["item"])],
            &[],
            &[
                "one: left open, since it may be its doing: column public.note.body; run it",
                "two: left open, since it may be its doing: column public.item.price, column public.item.note; run it",
            ],
        );
    }
}
