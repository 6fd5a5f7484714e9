//! Names of objects as people type them: with quotes as SQL has them, or without, and with the kind before a colon where
//! two objects have the same name.

use std::collections::BTreeSet;

use trueup_model::ObjectPath;
use trueup_sql::near::did_you_mean;

/// Why nobody can tell what a name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unclear {
    Unknown {
        typed: String,
        near: Option<String>,
    },
    /// What to type instead, for each object that it could be.
    Several {
        typed: String,
        forms: Vec<String>,
    },
}

/// The one object that is meant.
pub fn find<'a>(
    typed: &str,
    objects: impl Iterator<Item = &'a ObjectPath> + Clone,
) -> Result<&'a ObjectPath, Unclear> {
    let mut meant: BTreeSet<&ObjectPath> = objects.clone().filter(|path| is_called(path, typed)).collect();
    // Quotes and kinds are there to be exact.
    let exact: Vec<&ObjectPath> =
        meant.iter().copied().filter(|path| rest(path, typed) == path.written()).collect();
    let is_marked = typed.contains('"') || meant.iter().any(|path| rest(path, typed) != typed);
    if let ([one], true) = (exact.as_slice(), is_marked) {
        return Ok(one);
    }
    match (meant.pop_first(), meant.len()) {
        (Some(one), 0) => Ok(one),
        (Some(first), _) => Err(Unclear::Several {
            typed: typed.to_owned(),
            forms: std::iter::once(first).chain(meant).map(with_kind).collect(),
        }),
        (None, _) => {
            let known: BTreeSet<String> = objects.map(ObjectPath::written).collect();
            let near = did_you_mean(typed, known.iter().map(String::as_str)).map(str::to_owned);
            Err(Unclear::Unknown { typed: typed.to_owned(), near })
        }
    }
}

/// What to type for an object so that no other one is meant.
pub fn clear_form<'a>(path: &ObjectPath, objects: impl Iterator<Item = &'a ObjectPath> + Clone) -> String {
    let written = path.written();
    match find(&written, objects) {
        Err(Unclear::Several { .. }) => with_kind(path),
        Ok(_) | Err(Unclear::Unknown { .. }) => written,
    }
}

/// Whether somebody who typed this could mean it.
pub fn is_called(path: &ObjectPath, typed: &str) -> bool {
    let could_be = |name: &str| path.written() == name || path.to_string() == name;
    could_be(typed) || could_be(rest(path, typed))
}

/// Whether it is in a schema, or is a table or a part of it, where that is typed.
pub fn is_below(path: &ObjectPath, typed: &str) -> bool {
    let is_in_schema = path.schema.as_ref().is_some_and(|schema| {
        schema.written() == typed
            || schema.as_str() == typed
            || path.qualified().is_some_and(|relation| {
                format!("{}.{}", relation.schema.written(), relation.name.written()) == typed
                    || relation.to_string() == typed
            })
    });
    is_in_schema || is_called(path, typed)
}

/// What was typed without the kind of this object before it.
fn rest<'t>(path: &ObjectPath, typed: &'t str) -> &'t str {
    match typed.split_once(':') {
        Some((kind, rest)) if kind == path.kind.word() => rest,
        Some(_) | None => typed,
    }
}

fn with_kind(path: &ObjectPath) -> String {
    format!("{}:{}", path.kind.word(), path.written())
}

#[cfg(test)]
mod tests {
    use trueup_model::{Ident, ObjectKind, QualifiedName};

    use super::*;

    fn objects() -> Vec<ObjectPath> {
        let (public, a) = (Ident::new("public"), QualifiedName::new("public", "a"));
        let mut objects: Vec<ObjectPath> = ["a", "a.x", "Extra one"]
            .iter()
            .map(|name| ObjectPath::in_schema(ObjectKind::Table, &public, *name))
            .collect();
        objects.extend(
            [(ObjectKind::Column, "x"), (ObjectKind::Column, "y"), (ObjectKind::Index, "y")]
                .map(|(kind, name)| ObjectPath::part_of(kind, &a, name)),
        );
        objects
    }

    #[track_caller]
    fn check(typed: &str, expected: &str) {
        let objects = objects();
        let said = match find(typed, objects.iter()) {
            Ok(path) => format!("{} {}", path.kind, path.written()),
            Err(Unclear::Unknown { near, .. }) => format!("? {}", near.unwrap_or_default()),
            Err(Unclear::Several { forms, .. }) => forms.join(" | "),
        };
        assert_eq!(said, expected, "{typed}");
    }

    #[test]
    fn a_name_means_one_object_or_has_to_be_clear() {
        check("public.a", "table public.a");
        check("public.Extra one", "table public.\"Extra one\"");
        check("public.\"Extra one\"", "table public.\"Extra one\"");
        check("public.\"a.x\"", "table public.\"a.x\"");
        check("public.a.x", "column:public.a.x | table:public.\"a.x\"");
        check("column:public.a.x", "column public.a.x");
        check("table:public.a.x", "table public.\"a.x\"");
        check("public.a.y", "column:public.a.y | index:public.a.y");
        check("index:public.a.y", "index public.a.y");
        check("public.a.nosuch", "? ");
        check("public.aa", "? public.a");
    }

    #[test]
    fn what_is_advised_is_understood() {
        let objects = objects();
        for path in &objects {
            assert_eq!(find(&clear_form(path, objects.iter()), objects.iter()), Ok(path));
        }
        assert_eq!(clear_form(&objects[2], objects.iter()), "public.\"Extra one\"");
    }

    #[test]
    fn what_is_below_a_table_is_not_what_has_a_dot_in_its_name() {
        let objects = objects();
        let below = |typed: &str| objects.iter().filter(|path| is_below(path, typed)).count();
        assert_eq!(
            (below("public.a"), below("public"), below("public.\"a.x\""), below("publ")),
            (4, 6, 1, 0)
        );
    }
}
