//! What can only be said when all rows are in: positions of columns, owners of sequences, serial columns.

use rustc_hash::FxHashMap;
use trueup_model::Catalog;
use trueup_model::catalog::{Object, OwnedBy};
use trueup_model::name::QualifiedName;

use super::reading::Reading;
use super::{Introspection, indexes};

pub(super) fn settle(mut reading: Reading, server_version: u32) -> Introspection {
    number_columns(&mut reading);
    name_owners_of_sequences(&mut reading);
    // Indexes were kept aside for the constraints; nothing in a row is read here, so nothing can be wrong with one.
    indexes::finish(&mut reading);
    let (entries, marks, needs) = reading.into_parts();
    Introspection { catalog: Catalog::new(server_version, entries), marks: marks.unwrap_or_default(), needs }
}

fn number_columns(reading: &mut Reading) {
    for relation in reading.relations.values_mut().filter(|relation| relation.ours) {
        relation.columns.sort_by_key(|column| column.number);
        for (position, read) in (1..).zip(&relation.columns) {
            if let Object::Column(column) = &mut reading.entries[read.entry].object {
                column.position = position;
            }
        }
    }
}

fn name_owners_of_sequences(reading: &mut Reading) {
    let mut fed = FxHashMap::default();
    for (entry, relation, number) in std::mem::take(&mut reading.owned_sequences) {
        let Some(relation) = reading.relations.get(&relation) else { continue };
        let Some(column) = relation.column(number) else { continue };
        let owner = OwnedBy { table: relation.name.clone(), column: column.name.clone() };
        if let Some(sequence) = reading.entries[entry].path.qualified() {
            fed.insert(column.entry, sequence);
        }
        if let Object::Sequence(sequence) = &mut reading.entries[entry].object {
            sequence.owned_by = Some(owner);
        }
    }
    for (entry, sequence) in fed {
        if let Object::Column(column) = &mut reading.entries[entry].object {
            column.serial =
                column.default.as_ref().is_some_and(|default| takes_from(default.as_str(), &sequence));
        }
    }
}

/// Whether a default is `nextval` of this sequence and nothing else.
fn takes_from(default: &str, sequence: &QualifiedName) -> bool {
    let Some(name) = default.strip_prefix("nextval('").and_then(|rest| rest.strip_suffix("'::regclass)"))
    else {
        return false;
    };
    // Inside of a literal quotes are doubled; inside of a quoted name, double quotes are.
    let plain = name.replace("''", "'");
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut quoted = false;
    let mut characters = plain.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.next_if_eq(&'"').is_some() => part.push('"'),
            '"' => quoted = !quoted,
            '.' if !quoted => parts.push(std::mem::take(&mut part)),
            other => part.push(other),
        }
    }
    parts.push(part);
    parts == [sequence.schema.as_str(), sequence.name.as_str()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_takes_from_its_own_sequence() {
        let sequence = QualifiedName::new("public", "odd \"name\"_id_seq");
        assert!(takes_from(r#"nextval('public."odd ""name""_id_seq"'::regclass)"#, &sequence));
        assert!(!takes_from("nextval('public.other'::regclass)", &sequence));
        assert!(!takes_from("(nextval('public.other'::regclass) + 1)", &sequence));
    }
}
