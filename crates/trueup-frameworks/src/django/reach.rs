//! What the unread part of a migration of Django may touch: what is named in its file, or where its functions are, and
//! the tables of models that are.

use std::collections::BTreeSet;

use camino::Utf8Path;
use trueup_model::{Place, Reach, Text};

use super::graph::Key;
use super::read::Migration;
use super::schema::{Compiled, Schema, StepKind, View};
use crate::python::Spot;
use crate::reach::{reach, words, words_of};

/// Of a migration of which nothing was read.
pub(super) fn of_file(root: &Utf8Path, key: &Key, file: &str, schema: &Schema) -> Reach {
    of_words(words_of([&*root.join(file)]), &key.app, schema)
}

/// Of a migration some of whose operations could not be read. What the others name, they alone may touch.
pub(super) fn of_unread(
    root: &Utf8Path,
    key: &Key,
    migration: &Migration,
    compiled: &Compiled,
    schema: &Schema,
) -> Reach {
    let mut unread: Vec<&Place> = Vec::new();
    for step in &compiled.steps {
        match &step.kind {
            StepKind::Opaque(opaque) => unread.extend([&step.place, &opaque.place]),
            StepKind::Schema | StepKind::Sql | StepKind::Data { .. } => {}
        }
    }
    let own = &migration.place.file;
    let written_here = migration.spots.iter().filter(|spot| spot.source.shown == *own);
    let (read, with_unread): (Vec<&Spot>, Vec<&Spot>) = written_here.partition(|spot| {
        // Whether any of them runs is not known where the class decides it.
        !migration.is_undecided && !unread.iter().any(|place| is_within(place, spot))
    });
    let files: BTreeSet<&str> = unread.iter().map(|place| &*place.file).chain([&**own]).collect();
    let mut found = BTreeSet::new();
    for file in files {
        match read.iter().chain(&with_unread).find(|spot| *spot.source.shown == *file) {
            Some(spot) => found.extend(words(&without(spot.source.text(), &read))),
            None => found.extend(words_of([&*root.join(file)])),
        }
    }
    of_words(found, &key.app, schema)
}

/// Of a handler with these words. It reaches columns by the tables that it names: their own names are those of many.
pub(super) fn of_handler(words: &BTreeSet<Text>, app: &str, schema: &Schema) -> Reach {
    let view = View { state: &schema.state, environment: &schema.environment };
    let columns: BTreeSet<Text> = schema
        .state
        .models()
        .flat_map(|model| view.locals(model))
        .map(|local| Text::new(local.column.to_lowercase()))
        .collect();
    of_words(words.difference(&columns).cloned().collect(), app, schema)
}

fn is_within(place: &Place, spot: &Spot) -> bool {
    let at = |place: &Place| (place.line, place.column);
    let (start, end) = (spot.source.place(spot.span.start), spot.source.place(spot.span.end));
    place.file == start.file && at(&start) <= at(place) && at(place) < at(&end)
}

/// A text without some of its stretches.
fn without(text: &str, stretches: &[&Spot]) -> String {
    let mut spans: Vec<_> =
        stretches.iter().map(|spot| (spot.span.start as usize, spot.span.end as usize)).collect();
    spans.sort_unstable();
    let mut rest = String::with_capacity(text.len());
    let mut at = 0;
    for (start, end) in spans {
        rest.push_str(text.get(at..start).unwrap_or_default());
        rest.push(' ');
        at = at.max(end);
    }
    rest.push_str(text.get(at..).unwrap_or_default());
    rest
}

fn of_words(words: BTreeSet<Text>, app: &str, schema: &Schema) -> Reach {
    let usual = words.iter().map(|word| Text::new(format!("{app}_{word}")));
    let view = View { state: &schema.state, environment: &schema.environment };
    let named = schema.state.models().filter(|model| words.contains(&Text::new(model.name.to_lowercase())));
    let tables =
        named.filter_map(|model| view.table(model).ok()).map(|table| Text::new(table.to_lowercase()));
    let beginnings = usual.chain(tables).collect();
    reach(words, beginnings)
}
