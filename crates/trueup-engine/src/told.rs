//! What a migration makes of a database, in a line for each object.

use std::collections::BTreeMap;

use trueup_model::difference::Change;
use trueup_model::{Catalog, ObjectPath};

use crate::compare;

/// From one catalog to the next, in the order of the objects.
pub fn told(before: &Catalog, after: &Catalog) -> Vec<String> {
    let mut changed: BTreeMap<ObjectPath, Vec<String>> = BTreeMap::new();
    let mut lines = Vec::new();
    for difference in compare(after, before) {
        let path = difference.path;
        let object = format!("{} {path}", path.kind.spoken());
        match difference.change {
            Change::Missing => lines.push((path, format!("makes {object}"))),
            Change::Unexpected => lines.push((path, format!("drops {object}"))),
            Change::Renamed { to } => lines.push((path, format!("renames {to} to {object}"))),
            Change::Misplaced { to } => lines.push((path, format!("moves {to} to {object}"))),
            Change::Different(aspect) if aspect.name == "column-order" => {}
            Change::Different(aspect) => {
                changed.entry(path).or_default().push(aspect.name.replace('-', " "));
            }
        }
    }
    for (path, aspects) in changed {
        let line = format!("changes {} {path}: {}", path.kind.spoken(), aspects.join(", "));
        lines.push((path, line));
    }
    lines.sort();
    lines.into_iter().map(|(_, line)| line).collect()
}
