//! What Flyway reads from the name of a file.

use std::cmp::Ordering;

use crate::flyway::configuration::Configuration;
use crate::naming::compare_numbers;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    Versioned {
        version: String,
    },
    Baseline {
        version: String,
    },
    Undo {
        version: String,
    },
    Repeatable {
        description: String,
    },
    /// Runs around migrations: `afterMigrate.sql`, `beforeEach__audit.sql`.
    Callback,
    /// It begins like a migration and is none: the text says what is wrong with it.
    Malformed {
        problem: String,
    },
    /// Nothing to do with migrations.
    Other,
}

/// Names that Flyway runs at certain moments, whatever follows after the separator.
const CALLBACKS: &[&str] = &[
    "beforeMigrate",
    "beforeRepeatables",
    "beforeEachMigrate",
    "beforeEachMigrateStatement",
    "afterEachMigrateStatement",
    "afterEachMigrateStatementError",
    "afterEachMigrate",
    "afterEachMigrateError",
    "afterMigrate",
    "afterMigrateApplied",
    "afterVersioned",
    "afterMigrateError",
    "beforeUndo",
    "beforeEachUndo",
    "beforeEachUndoStatement",
    "afterEachUndoStatement",
    "afterEachUndoStatementError",
    "afterEachUndo",
    "afterEachUndoError",
    "afterUndo",
    "afterUndoError",
    "beforeClean",
    "afterClean",
    "afterCleanError",
    "beforeInfo",
    "afterInfo",
    "afterInfoError",
    "beforeValidate",
    "afterValidate",
    "afterValidateError",
    "beforeBaseline",
    "afterBaseline",
    "afterBaselineError",
    "beforeRepair",
    "afterRepair",
    "afterRepairError",
    "createSchema",
    "beforeConnect",
    "afterConnect",
    "beforeCreateSchema",
];

/// The name without its suffix is taken apart at the first separator, as Flyway does.
pub(crate) fn meaning(stem: &str, configuration: &Configuration) -> Meaning {
    let separator = configuration.separator.as_str();
    let (head, description) = stem.split_once(separator).unwrap_or((stem, ""));
    if CALLBACKS.contains(&head) {
        return Meaning::Callback;
    }
    let kinds = [
        (&configuration.versioned_prefix, Kind::Versioned),
        (&configuration.undo_prefix, Kind::Undo),
        (&configuration.baseline_prefix, Kind::Baseline),
        (&configuration.repeatable_prefix, Kind::Repeatable),
    ];
    // A longer prefix is more particular than a shorter one that it begins with.
    let chosen = kinds
        .into_iter()
        .filter(|(prefix, _)| !prefix.is_empty() && head.starts_with(prefix.as_str()))
        .max_by_key(|(prefix, _)| prefix.len());
    let Some((prefix, kind)) = chosen else {
        return by_another_case(head, configuration);
    };
    let version = &head[prefix.len()..];
    if kind == Kind::Repeatable {
        return if version.is_empty() && stem.contains(separator) {
            Meaning::Repeatable { description: description.replace('_', " ") }
        } else if looks_like_a_version(version) || version.starts_with('_') {
            let problem =
                format!("a repeatable migration is called {prefix}{separator}name, without a version");
            Meaning::Malformed { problem }
        } else {
            Meaning::Other
        };
    }
    match canonical_version(version) {
        Some(version) => match kind {
            Kind::Versioned => Meaning::Versioned { version },
            Kind::Undo => Meaning::Undo { version },
            Kind::Baseline => Meaning::Baseline { version },
            Kind::Repeatable => unreachable!("repeatable migrations were dealt with above"),
        },
        None if looks_like_a_version(version) => {
            let problem = format!(
                "Flyway reads {version:?} as the version, which is no number; between version and name stands {separator:?}"
            );
            Meaning::Malformed { problem }
        }
        None => Meaning::Other,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Versioned,
    Undo,
    Baseline,
    Repeatable,
}

fn looks_like_a_version(version: &str) -> bool {
    version.starts_with(|character: char| character.is_ascii_digit())
}

/// `v1__name.sql` where Flyway wants `V1__name.sql`.
fn by_another_case(head: &str, configuration: &Configuration) -> Meaning {
    let prefix = configuration.versioned_prefix.as_str();
    let same = head
        .get(..prefix.len())
        .is_some_and(|start| !prefix.is_empty() && start.eq_ignore_ascii_case(prefix));
    if same && looks_like_a_version(&head[prefix.len()..]) {
        Meaning::Malformed { problem: format!("Flyway wants the prefix {prefix:?} written exactly so") }
    } else {
        Meaning::Other
    }
}

/// `1_02.0` and `1.2` are the same version: parts are numbers, and zeros at the end do not count.
pub(crate) fn canonical_version(version: &str) -> Option<String> {
    let version = version.replace('_', ".");
    let mut parts: Vec<&str> = Vec::new();
    for part in version.split('.') {
        if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let bare = part.trim_start_matches('0');
        parts.push(if bare.is_empty() { "0" } else { bare });
    }
    while parts.len() > 1 && parts.last() == Some(&"0") {
        parts.pop();
    }
    Some(parts.join("."))
}

/// Keys of versioned migrations are versions, those of baselines `B` and a version, those of repeatable ones
/// `R__` and a description. Repeatable ones come last; a baseline comes after what it stands for.
pub(crate) fn compare_keys(left: &str, right: &str) -> Ordering {
    fn repeatable(key: &str) -> Option<&str> {
        key.strip_prefix("R__")
    }
    match (repeatable(left), repeatable(right)) {
        (Some(left), Some(right)) => left.cmp(right),
        (Some(_), None) => Ordering::Greater,
        (None, Some(_)) => Ordering::Less,
        (None, None) => compare_versions(left.trim_start_matches('B'), right.trim_start_matches('B'))
            .then_with(|| left.starts_with('B').cmp(&right.starts_with('B'))),
    }
}

fn compare_versions(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => {
                let order = compare_numbers(a.unwrap_or("0"), b.unwrap_or("0"));
                if order.is_ne() {
                    return order;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(stem: &str, expected: &Meaning) {
        assert_eq!(&meaning(stem, &Configuration::default()), expected, "{stem}");
    }

    #[test]
    fn names_mean_what_they_mean_to_flyway() {
        check("V1__init", &Meaning::Versioned { version: "1".into() });
        check("V1_02.0__add_price", &Meaning::Versioned { version: "1.2".into() });
        check("V3", &Meaning::Versioned { version: "3".into() });
        check("V20240131_1200__x__y", &Meaning::Versioned { version: "20240131.1200".into() });
        check("B7__start", &Meaning::Baseline { version: "7".into() });
        check("U1.2__init", &Meaning::Undo { version: "1.2".into() });
        check("R__all_views", &Meaning::Repeatable { description: "all views".into() });
        check("afterMigrate", &Meaning::Callback);
        check("beforeEachMigrate__audit", &Meaning::Callback);
        check("README", &Meaning::Other);
        check("Views", &Meaning::Other);
        check("Users", &Meaning::Other);
        for malformed in ["V1_init", "v1__init", "R1__views", "V1.x__init", "V2-name"] {
            assert!(
                matches!(meaning(malformed, &Configuration::default()), Meaning::Malformed { .. }),
                "{malformed}"
            );
        }
    }

    #[test]
    fn versions_are_compared_part_by_part() {
        for (left, right) in [("1", "1.1"), ("1.9", "1.10"), ("2", "10"), ("1.2", "B1.2"), ("B1.2", "1.3")] {
            assert_eq!(compare_keys(left, right), Ordering::Less, "{left} {right}");
        }
        assert_eq!(compare_keys("99", "R__a"), Ordering::Less);
        assert_eq!(compare_keys("R__b", "R__a"), Ordering::Greater);
    }
}
