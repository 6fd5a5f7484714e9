//! The same expression, view, rule or function body is written differently by different majors of PostgreSQL.
//! Here it is told whether two such texts say the same.
//!
//! Equal texts are the same, and so are texts of which one is what a server makes of the other when it reads it again
//! (`restored`); for equal majors nothing else is. For different majors both texts are brought
//! to one form: by those changes of spelling, and only those, that lie between the two. What the newer server
//! tells apart and the older one cannot is the same between them: up to 13, `EXTRACT` and `date_part`, and for
//! what is computed with them `numeric` and `double precision`.

mod forms;
mod layout;
mod numbers;
mod restored;
mod single;
mod tree;

use std::ops::Range;

use restored::restored;
use tree::{Node, by_commas, parse, unwrap_whole};

/// A default, a check, an index expression or predicate, a policy, a condition, a partition bound.
pub fn same_expression(expected: &str, expected_major: u32, found: &str, found_major: u32) -> bool {
    same(Kind::Expression, expected, expected_major, found, found_major)
}

/// The query of a view or a materialized view.
pub fn same_view(expected: &str, expected_major: u32, found: &str, found_major: u32) -> bool {
    same(Kind::View, expected, expected_major, found, found_major)
}

/// A body that the server parses: `BEGIN ATOMIC … END`, `RETURN …`.
pub fn same_body(expected: &str, expected_major: u32, found: &str, found_major: u32) -> bool {
    same(Kind::Body, expected, expected_major, found, found_major)
}

/// A rule, as `pg_get_ruledef` writes it.
pub fn same_rule(expected: &str, expected_major: u32, found: &str, found_major: u32) -> bool {
    same(Kind::Rule, expected, expected_major, found, found_major)
}

/// Two texts that do not say the same, without what differs in spelling only: as the servers write them where that
/// is nothing, otherwise both in the form in which they are compared.
pub fn told_apart(
    kind: Kind,
    expected: &str,
    expected_major: u32,
    found: &str,
    found_major: u32,
) -> (String, String) {
    let as_written = || (expected.to_owned(), found.to_owned());
    if expected_major == found_major {
        return as_written();
    }
    let majors = expected_major.min(found_major)..expected_major.max(found_major);
    let forms = (normal_form(kind, expected, &majors), normal_form(kind, found, &majors));
    let plain = |text: &str| {
        let mut nodes = parse(text);
        unwrap_whole(&mut nodes);
        nodes
    };
    if forms.0 == plain(expected) && forms.1 == plain(found) {
        return as_written();
    }
    (layout::text(&forms.0), layout::text(&forms.1))
}

/// What a text is, for what is spelled differently in some places only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Expression,
    View,
    Body,
    Rule,
}

/// One change of how the server writes what it has parsed.
struct Change {
    /// The first major that writes the new way.
    since: u32,
    /// Where it is seen; everywhere, if empty.
    only: &'static [Kind],
    /// Brings both spellings to one. Called for each list of nodes, the inner ones first.
    level: Level,
}

enum Level {
    Every(fn(&mut Vec<Node>)),
    /// The whole text at once.
    Whole(fn(&mut Vec<Node>)),
}

const CHANGES: &[Change] = &[
    Change { since: 14, only: &[], level: Level::Every(forms::extract) },
    Change { since: 14, only: &[], level: Level::Every(forms::at_time_zone) },
    Change { since: 14, only: &[], level: Level::Every(forms::substring) },
    Change { since: 14, only: &[], level: Level::Every(forms::trim) },
    Change { since: 14, only: &[], level: Level::Every(forms::overlay) },
    Change { since: 14, only: &[], level: Level::Every(forms::position) },
    Change { since: 14, only: &[], level: Level::Every(forms::overlaps) },
    Change { since: 14, only: &[], level: Level::Every(forms::normalize) },
    Change { since: 14, only: &[], level: Level::Every(forms::is_normalized) },
    Change { since: 14, only: &[], level: Level::Every(forms::collation_for) },
    Change { since: 14, only: &[], level: Level::Every(forms::xmlexists) },
    Change { since: 14, only: &[], level: Level::Whole(numbers::extract_is_numeric) },
    Change { since: 16, only: &[], level: Level::Every(forms::xmlserialize) },
    Change { since: 16, only: &[], level: Level::Every(|nodes| forms::keywords_of_16(nodes)) },
    Change { since: 16, only: &[Kind::View], level: Level::Whole(single::without_qualification) },
    Change { since: 17, only: &[], level: Level::Every(|nodes| forms::keywords_of_17(nodes)) },
    Change { since: 17, only: &[], level: Level::Every(forms::json) },
];

/// Whether two texts of a kind say the same.
pub fn same(kind: Kind, expected: &str, expected_major: u32, found: &str, found_major: u32) -> bool {
    if expected == found {
        return true;
    }
    let (expected, found) = (&*restored(expected), &*restored(found));
    if expected == found {
        return true;
    }
    if expected_major == found_major {
        return false;
    }
    let majors = expected_major.min(found_major)..expected_major.max(found_major);
    let expected = normal_form(kind, expected, &majors);
    let found = normal_form(kind, found, &majors);
    let (older, newer) = if expected_major < found_major { (expected, found) } else { (found, expected) };
    if majors.contains(&13) { same_but_hidden_conversions(&older, &newer) } else { older == newer }
}

/// The text as no server writes it, without the changes that came after the older and up to the newer major.
fn normal_form(kind: Kind, text: &str, majors: &Range<u32>) -> Vec<Node> {
    let mut nodes = parse(text);
    let between = CHANGES.iter().filter(|change| majors.contains(&(change.since - 1)));
    for change in between.filter(|change| change.only.is_empty() || change.only.contains(&kind)) {
        match change.level {
            Level::Every(rewrite) => everywhere(&mut nodes, rewrite),
            Level::Whole(rewrite) => rewrite(&mut nodes),
        }
    }
    unwrap_whole(&mut nodes);
    nodes
}

/// Up to 13 all conversions of arguments are written; from 14, in calls with keywords, only those that a person
/// wrote: `btrim((v)::text)` and `TRIM(BOTH FROM v)`.
fn same_but_hidden_conversions(older: &[Node], newer: &[Node]) -> bool {
    let same_node = |index: usize| match (&older[index], &newer[index]) {
        (Node::Group(older_inner), Node::Group(newer_inner))
            if index > 0 && forms::hides_conversions(&older[index - 1]) =>
        {
            let (older_arguments, newer_arguments) = (by_commas(older_inner), by_commas(newer_inner));
            older_arguments.len() == newer_arguments.len()
                && older_arguments
                    .iter()
                    .zip(&newer_arguments)
                    .all(|(older, newer)| same_argument(older, newer))
        }
        (Node::Group(older), Node::Group(newer)) | (Node::List(older), Node::List(newer)) => {
            same_but_hidden_conversions(older, newer)
        }
        (older, newer) => older == newer,
    };
    older.len() == newer.len() && (0..older.len()).all(same_node)
}

fn same_argument(older: &[Node], newer: &[Node]) -> bool {
    if same_but_hidden_conversions(older, newer) {
        return true;
    }
    match older {
        [converted @ Node::Group(inner), cast, rest @ ..]
            if cast.is("::") && rest.iter().all(Node::is_word) =>
        {
            // The operand has parentheses of its own, if it is more than a name.
            same_but_hidden_conversions(inner, newer)
                || same_but_hidden_conversions(std::slice::from_ref(converted), newer)
        }
        _ => false,
    }
}

fn everywhere(nodes: &mut Vec<Node>, rewrite: fn(&mut Vec<Node>)) {
    for node in nodes.iter_mut() {
        if let Node::Group(inner) | Node::List(inner) = node {
            everywhere(inner, rewrite);
        }
    }
    rewrite(nodes);
}

#[cfg(test)]
mod tests;
