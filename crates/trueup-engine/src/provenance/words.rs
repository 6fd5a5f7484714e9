//! Statements as far as it matters what they name and what they speak of.

use trueup_model::Statement;
use trueup_model::path::{ObjectKind, ObjectPath};
use trueup_sql::{classify, unquote_ident, words};

use super::keywords::{keywords, stated_as};

/// The names under which a statement can mean an object.
pub(super) struct Names {
    pub kind: ObjectKind,
    pub head: Vec<String>,
    pub part: Vec<String>,
}

impl Names {
    pub fn meant_by(&self, words: &Words, aspect: &str) -> bool {
        let any = |all: &[String], text: &str| all.iter().any(|name| names(text, name));
        match self.kind {
            ObjectKind::Column => any(&self.head, &words.target) && any(&self.part, &words.text),
            // Triggers are switched on and off all at once as well.
            _ if aspect == "enabled" && words.target.ends_with(" trigger all") => {
                any(&self.head, &words.target)
            }
            // An index and a constraint can be named without their table.
            _ if !self.part.is_empty() => any(&self.part, &words.text),
            _ => any(&self.head, &words.target),
        }
    }
}

/// The beginning of a statement in lower case: what it does, and to what.
pub(super) struct Words {
    pub verb: String,
    /// Up to the first parenthesis or AS: what it is about.
    pub target: String,
    pub text: String,
    /// The old name, and the text from the new one on, of a statement that renames something.
    pub renaming: Option<(String, String)>,
}

impl Words {
    pub fn of(statement: &Statement) -> Self {
        let text = statement.text.to_lowercase();
        let verb = classify(&statement.text).verb.to_lowercase();
        let target = match verb.as_str() {
            // Behind ON, after the privileges and the columns that they are for.
            "grant" | "revoke" => text.split_once(" on ").map_or("", |(_, object)| object).to_owned(),
            _ => {
                let words = text.split_whitespace().take_while(|word| *word != "as");
                let beginning = words.collect::<Vec<_>>().join(" ");
                beginning.split('(').next().unwrap_or_default().to_owned()
            }
        };
        let renaming = text.split_once(" rename ").and_then(|(_, rest)| rest.split_once(" to ")).and_then(
            |(before, after)| {
                let old = before.trim().trim_start_matches("column ").trim_matches('"');
                (!old.is_empty()).then(|| (old.to_owned(), after.to_owned()))
            },
        );
        Self { verb, target, text, renaming }
    }

    /// CREATE and ALTER of something that an object of this kind can be made or changed by.
    pub fn make_or_change(&self, kind: ObjectKind) -> bool {
        let Some((verb, what)) = self.verb.split_once(' ') else { return self.verb == "do" };
        matches!(verb, "create" | "alter") && stated_as(kind).iter().any(|word| what.ends_with(word))
    }

    /// DROP of an object of this kind, or of a part in an ALTER of the whole.
    pub fn take_away(&self, path: &ObjectPath) -> bool {
        let kind = path.kind;
        match self.verb.split_once(' ') {
            Some(("drop", what)) => stated_as(kind).iter().any(|word| what.ends_with(word)),
            Some(("alter", _)) => {
                path.is_part() && self.make_or_change(kind) && drops(&self.text, path.part.as_str())
            }
            Some(_) | None => false,
        }
    }

    /// `ON SCHEMA …`, `ON TYPE …`: a GRANT on something other than a table.
    pub fn names_a_class(&self) -> bool {
        const CLASSES: &[&str] = &[
            "schema",
            "type",
            "domain",
            "sequence",
            "function",
            "procedure",
            "routine",
            "language",
            "foreign",
            "all",
            "database",
            "tablespace",
            "large",
            "parameter",
        ];
        self.target.split_whitespace().next().is_some_and(|word| CLASSES.contains(&word))
    }

    pub fn speak_of(&self, kind: ObjectKind, aspect: &str) -> bool {
        let says = |words: &[&str]| words.iter().any(|word| self.text.contains(word));
        match aspect {
            "index-comment" => self.verb == "comment" && self.target.contains(" index "),
            "attribute-comments" => self.verb == "comment" && self.target.contains(" column "),
            "privileges" => {
                let class = stated_as(kind).iter().find(|class| self.target.contains(&format!("{class} ")));
                let names_class = class.is_some();
                let of_columns = self.text.split(" on ").next().is_some_and(|before| before.contains('('));
                let is_relation = kind.is_relation() || kind == ObjectKind::Column;
                matches!(self.verb.as_str(), "grant" | "revoke")
                    && of_columns == (kind == ObjectKind::Column)
                    && (names_class || (is_relation && !self.names_a_class()))
            }
            "owner" => says(&["owner to"]),
            "clustered-on" => self.verb == "cluster" || says(&["cluster on"]),
            "populated" => {
                self.verb.starts_with("refresh") || (self.make_or_change(kind) && says(&["with no data"]))
            }
            "definition" if kind == ObjectKind::BaseType => self.verb == "create type",
            _ => self.make_or_change(kind) && says(keywords(aspect)),
        }
    }
}

/// `DROP COLUMN name`, `DROP CONSTRAINT IF EXISTS name`, `DROP name`.
fn drops(text: &str, part: &str) -> bool {
    let words: Vec<String> = words(text).collect();
    let behind = |at: usize| {
        let mut rest = words[at + 1..].iter().map(String::as_str).peekable();
        rest.next_if(|word| matches!(*word, "column" | "constraint"));
        rest.next_if_eq(&"if");
        rest.next_if_eq(&"exists");
        rest.next()
    };
    let mut drops = (0..words.len()).filter(|at| words[*at] == "drop").filter_map(behind);
    drops.any(|name| unquote_ident(name).eq_ignore_ascii_case(part))
}

/// Whether a text holds a name as a word of its own, in any case.
pub fn names(text: &str, name: &str) -> bool {
    let name = name.to_lowercase();
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    text.match_indices(&name).any(|(start, found)| {
        let before = text[..start].chars().next_back();
        let after = text[start + found.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn names_are_whole_words() {
        assert!(names("alter table orders add total", "orders"));
        assert!(names("alter table \"orders\" add total", "Orders"));
        assert!(!names("alter table reorders add total", "orders"));
        assert!(!names("create index orders_total", "orders"));
    }
}
