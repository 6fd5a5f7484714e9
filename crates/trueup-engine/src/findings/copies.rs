//! Recognises tables that somebody made as a copy of another one.

use trueup_model::path::ObjectKind;
use trueup_model::{Catalog, ObjectPath};

/// The table that a backup-like name and the same columns point to.
pub(super) fn copied_from(path: &ObjectPath, found: &Catalog) -> Option<ObjectPath> {
    if path.kind != ObjectKind::Table {
        return None;
    }
    let schema = path.schema.as_ref()?;
    let stem = backup_stem(path.head.as_str())?;
    let original = ObjectPath::in_schema(ObjectKind::Table, schema, stem);
    found.find(&original)?;
    let names = |path: &ObjectPath| -> Vec<String> {
        let mut names: Vec<String> =
            found.columns_of(path).into_iter().map(|(name, _)| name.to_string()).collect();
        names.sort();
        names
    };
    let (copy, source) = (names(path), names(&original));
    let common = copy.iter().filter(|name| source.contains(name)).count();
    (2 * common >= source.len().max(copy.len()) && common > 0).then_some(original)
}

/// `orders` for `orders_bak`, `orders_backup_20250101`, `_orders_old`, `orders_copy2`, `zz_orders`.
fn backup_stem(name: &str) -> Option<&str> {
    const WORDS: &[&str] = &["backup", "bak", "bkp", "old", "copy", "orig", "tmp", "temp", "save", "saved"];
    let trimmed = name.trim_matches('_');
    let is_mark = |part: &str| {
        let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
        WORDS.contains(&letters.to_ascii_lowercase().as_str())
    };
    let is_number = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let mut stem = trimmed;
    let mut marked = name.starts_with('_');
    while let Some((rest, last)) = stem.rsplit_once('_') {
        if is_mark(last) {
            marked = true;
        } else if !(is_number(last) && last.len() >= 4) {
            break;
        }
        stem = rest;
    }
    if let Some((first, rest)) = stem.split_once('_')
        && (is_mark(first) || first == "zz")
    {
        marked = true;
        stem = rest;
    }
    (marked && stem != name && !stem.is_empty()).then_some(stem)
}

#[cfg(test)]
mod tests {
    use super::backup_stem;

    #[test]
    fn names_of_copies() {
        assert_eq!(backup_stem("orders_bak"), Some("orders"));
        assert_eq!(backup_stem("orders_backup_20250101"), Some("orders"));
        assert_eq!(backup_stem("orders_20250101_old"), Some("orders"));
        assert_eq!(backup_stem("_orders_old"), Some("orders"));
        assert_eq!(backup_stem("orders_copy2"), Some("orders"));
        assert_eq!(backup_stem("old_orders"), Some("orders"));
        assert_eq!(backup_stem("orders"), None);
        assert_eq!(backup_stem("orders_2025"), None);
        assert_eq!(backup_stem("threshold"), None);
    }
}
