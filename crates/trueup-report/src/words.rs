//! Findings in plain sentences, and objects by their names.

use trueup_model::finding::NamedCode;
use trueup_model::{Code, Finding, ObjectKind, ObjectPath, Origin, Place};

use crate::escape;
use crate::redact::redact;

/// A value longer than this is not repeated in a sentence.
const LONGEST_VALUE: usize = 80;
/// The same for what a server or a parser said.
const LONGEST_MESSAGE: usize = 300;

/// A finding in one plain sentence: `table public.orders is in the history, but not in the database`.
///
/// Lower case, without a final stop, without line breaks or control characters, without passwords.
pub fn sentence(finding: &Finding) -> String {
    let subject = subject(finding);
    let value = |text: &Option<String>| text.as_deref().and_then(short_value);
    let sentence = match finding.code {
        Code::Missing(_) => format!("{subject} is in the history, but not in the database"),
        Code::Unexpected(_) => format!("{subject} is in the database, but not in the history"),
        Code::Renamed(_) => match value(&finding.found) {
            Some(found) => format!("{subject} is called {found} in the database"),
            None => format!("{subject} has another name in the database"),
        },
        Code::Misplaced(_) => match (value(&finding.expected), value(&finding.found)) {
            (Some(expected), Some(found)) => {
                format!("{subject} is in schema {found} of the database, the history says {expected}")
            }
            _ => format!("{subject} is in another schema of the database"),
        },
        Code::Different(_) => {
            let aspect = finding.aspect.unwrap_or("definition");
            let short = (value(&finding.expected), value(&finding.found));
            match (&finding.expected, &finding.found, short) {
                (Some(_), Some(_), (Some(expected), Some(found))) => {
                    format!("{subject}: {aspect} is {found}, the history says {expected}")
                }
                (None, Some(_), (_, Some(found))) => {
                    format!("{subject}: {aspect} is {found}, the history sets none")
                }
                (Some(_), None, (Some(expected), _)) => {
                    format!("{subject}: {aspect} is not set, the history says {expected}")
                }
                _ => format!("{subject}: {aspect} is not what the history says"),
            }
        }
        Code::Named(code) => format!("{}{}", named_statement(code, finding), detail(code, finding)),
    };
    redact(&sentence)
}

/// What a code with a name of its own says about its finding, without the values.
pub fn named_statement(code: NamedCode, finding: &Finding) -> String {
    let object = || subject(finding);
    let migration = || match &finding.origin {
        Some(origin) => migration_words(origin),
        None if finding.object.is_some() => subject(finding),
        None => "a migration".to_owned(),
    };
    match code {
        NamedCode::ZombieTable => {
            format!("{} has the name of a table that the history once made and has no more", object())
        }
        NamedCode::BackupTable => format!("{} looks like somebody's copy of another table", object()),
        NamedCode::DuplicateConstraint => {
            format!("{} says the same as another constraint of its table", object())
        }
        NamedCode::DuplicateIndex => format!("{} does the same as another index of its table", object()),
        NamedCode::InvalidIndex => format!("{} is invalid: PostgreSQL does not use it", object()),
        NamedCode::UnvalidatedConstraint => {
            format!("{} was never checked against the rows that were there before it", object())
        }
        NamedCode::LaggingSequence => {
            format!("{} will give a value that is already used in its column", object())
        }
        NamedCode::ForeignOwner => {
            format!("{} belongs to another role than the one that seems to migrate here", object())
        }
        NamedCode::DisabledTrigger => format!("{} exists, but does not fire", object()),
        NamedCode::UnrecordedMigration => {
            format!("{} has been applied, but the ledger does not know it", migration())
        }
        NamedCode::PhantomMigration => {
            format!("{} is recorded in the ledger, but no file defines it", migration())
        }
        NamedCode::HalfAppliedMigration => format!("{} was started and not finished", migration()),
        NamedCode::EditedMigration => format!("{} was changed after it had been applied", migration()),
        NamedCode::InconsistentLedger => {
            format!("{}: rows of the ledger contradict each other or the order of the history", migration())
        }
        NamedCode::DuplicateLedgerRow => format!("{} is recorded more than once", migration()),
        NamedCode::SeveralRecordedHeads => {
            "the ledger records several heads where the history has one".to_owned()
        }
        NamedCode::SeveralHeads => "the history ends in more than one place".to_owned(),
        NamedCode::MissingParent => format!("{} names a parent that does not exist", migration()),
        NamedCode::DependencyCycle => {
            format!("{} waits for a migration that waits for it", migration())
        }
        NamedCode::DuplicateId => format!("{} shares its id with another one", migration()),
        NamedCode::UnresolvedModel => format!("{} refers to a model that no migration makes", migration()),
        NamedCode::UnmigratedChange => match (&finding.object, &finding.origin) {
            (None, Some(origin)) => {
                format!("the {} and the migrations disagree", origin_line(finding.code, origin))
            }
            (Some(_), _) | (None, None) => {
                format!("the models and the migrations disagree about {}", object())
            }
        },
        NamedCode::UnreadableMigration => format!("{} could not be read", migration()),
        NamedCode::UnreadableModels => match &finding.origin {
            Some(origin) => format!("the {} could not be read", origin_line(finding.code, origin)),
            None => "models could not be read".to_owned(),
        },
        NamedCode::UnreadSettings => match &finding.origin {
            Some(origin) => format!("the {} could not be read completely", origin_line(finding.code, origin)),
            None => "the settings could not be read completely".to_owned(),
        },
        NamedCode::UnfollowedCommand => {
            format!("{} uses a command of psql that cannot be followed outside of psql", migration())
        }
        NamedCode::UnfollowedHandler => match &finding.origin {
            Some(origin) => format!("the {} could not be checked here", origin_line(finding.code, origin)),
            None => "a handler could not be checked here".to_owned(),
        },
        NamedCode::FailedStatement => {
            format!("the scratch server refused a statement of {}", migration())
        }
        NamedCode::NotChecked => format!("{} could not be checked here", object()),
    }
}

/// What a finding is about: `column public.users.email`, `migration 0003_add_price`.
pub fn subject(finding: &Finding) -> String {
    match (&finding.object, &finding.origin) {
        (Some(object), _) => format!("{} {}", kind_words(object.kind), object_name(object)),
        (None, Some(origin)) => migration_words(origin),
        (None, None) => "the history".to_owned(),
    }
}

/// The same without the word for what it is; `None` where nothing has a name.
pub fn subject_name(finding: &Finding) -> Option<String> {
    match (&finding.object, &finding.origin) {
        (Some(object), _) => Some(object_name(object)),
        (None, Some(origin)) => Some(escape::line(origin.migration.as_str())),
        (None, None) => None,
    }
}

/// The name of an object, quoted where SQL would quote it, so that a hostile name cannot pose as something else.
pub fn object_name(path: &ObjectPath) -> String {
    escape::line(&path.written())
}

/// `foreign key`, `materialized view`.
pub fn kind_words(kind: ObjectKind) -> String {
    kind.spoken()
}

/// What a finding comes from: a migration, or the settings, or a model, where no migration knows of it.
pub fn origin_line(code: Code, origin: &Origin) -> String {
    match code {
        Code::Named(NamedCode::UnmigratedChange) => {
            format!("model {}", escape::line(origin.migration.as_str()))
        }
        Code::Named(NamedCode::UnreadableModels) => {
            format!("models {}", escape::line(origin.migration.as_str()))
        }
        Code::Named(NamedCode::UnreadSettings) => {
            format!("settings {}", escape::line(origin.migration.as_str()))
        }
        Code::Named(NamedCode::UnfollowedHandler) => {
            format!("handler {}", escape::line(origin.migration.as_str()))
        }
        Code::Named(_)
        | Code::Missing(_)
        | Code::Unexpected(_)
        | Code::Different(_)
        | Code::Renamed(_)
        | Code::Misplaced(_) => migration_line(origin),
    }
}

/// `applied 2025-11-02T14:03:00Z` and the migration, for the line below an excerpt.
pub fn migration_line(origin: &Origin) -> String {
    match &origin.recorded_at {
        Some(recorded_at) => {
            format!("{}, applied {}", migration_words(origin), escape::line(recorded_at.as_str()))
        }
        None => migration_words(origin),
    }
}

/// Everything that is known about a finding in plain lines, for formats that only have one field for it.
pub fn details(finding: &Finding) -> Vec<String> {
    let mut details = vec![sentence(finding)];
    for (label, text) in [("expected", &finding.expected), ("found", &finding.found)] {
        let lines = text.as_deref().map(escape::lines).unwrap_or_default();
        match lines.as_slice() {
            [] => {}
            [only] => details.push(format!("{label}: {only}")),
            several => {
                details.push(format!("{label}:"));
                details.extend(several.iter().map(|line| format!("    {line}")));
            }
        }
    }
    if let Some(origin) = &finding.origin {
        details.push(origin_line(finding.code, origin));
        if let Some(place) = &origin.place {
            details.push(format!("at {}", place_words(place)));
        }
    }
    if let Some(hint) = &finding.hint {
        details.push(escape::line(hint));
    }
    details
}

/// `shop/migrations/0003_add_price.py:18:9`
pub fn place_words(place: &Place) -> String {
    format!("{}:{}:{}", escape::line(&place.file), place.line, place.column)
}

/// A value on one line: visible, and `(empty)` where there is nothing to see.
pub fn value(text: &str) -> String {
    if text.trim().is_empty() { "(empty)".to_owned() } else { escape::line(text) }
}

fn migration_words(origin: &Origin) -> String {
    format!("migration {}", escape::line(origin.migration.as_str()))
}

fn short_value(text: &str) -> Option<String> {
    (!text.contains('\n') && text.chars().count() <= LONGEST_VALUE).then(|| value(text))
}

/// Whether the code tells all that the values would: an invalid index is one whose `valid` is `no`.
pub fn says_everything(code: Code) -> bool {
    matches!(
        code,
        Code::Named(NamedCode::InvalidIndex | NamedCode::UnvalidatedConstraint | NamedCode::DisabledTrigger)
    )
}

/// What was found, in the words of whoever found it, for codes with a name of their own.
fn detail(code: NamedCode, finding: &Finding) -> String {
    if says_everything(finding.code) {
        return String::new();
    }
    match (code, finding.found.as_deref(), finding.expected.as_deref()) {
        (NamedCode::ForeignOwner, Some(found), Some(expected)) => {
            format!(": {} instead of {}", message(found), message(expected))
        }
        (_, Some(found), _) => format!(": {}", message(found)),
        (_, None, Some(expected)) => format!(": expected {}", message(expected)),
        (_, None, None) => String::new(),
    }
}

/// The first line of what a server or a parser said, cut where it goes on for too long.
fn message(text: &str) -> String {
    let first = value(text.trim().lines().next().unwrap_or_default());
    match first.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", &first[..end]),
        None => first,
    }
}
