//! Up to 13 `EXTRACT` gives `double precision`, from 14 `numeric`. What it is computed and compared with is
//! converted accordingly: `(1)::double precision` and `(1)::numeric`, `(c)::double precision` and `c`.

use std::collections::BTreeSet;

use super::tree::{Node, is_query};

/// Words that stand between expressions of which each has a type of its own.
const SEPARATORS: &[&str] = &["AND", "OR", "NOT"];

/// The same between the clauses of a statement. Inside an expression, these are parts of `IS DISTINCT FROM`.
const CLAUSES: &[&str] = &[
    ",", "SELECT", "FROM", "WHERE", "GROUP", "BY", "HAVING", "ORDER", "ON", "WINDOW", "LIMIT", "OFFSET",
    "DISTINCT", "VALUES", "SET", ";",
];

/// After a comparison the type of what was compared is forgotten.
const COMPARISONS: &[&str] = &["=", "<>", "<", ">", "<=", ">=", "IS", "IN", "ANY", "ALL", "LIKE"];

pub(super) fn extract_is_numeric(nodes: &mut Vec<Node>) {
    // A column of a sub-select that is made of an extracted date has its type.
    let mut columns = BTreeSet::new();
    loop {
        let known = columns.len();
        loosen(nodes, true, &mut columns);
        if columns.len() == known {
            return;
        }
    }
}

/// Drops conversions to either type wherever a part of an extracted date takes part. Says whether the type of the
/// whole follows from it.
fn loosen(nodes: &mut Vec<Node>, is_statement: bool, columns: &mut BTreeSet<String>) -> bool {
    let mut result = Vec::with_capacity(nodes.len());
    let mut follows = false;
    let mut part: Vec<Node> = Vec::new();
    for node in std::mem::take(nodes) {
        let is_one_of = |words: &[&str]| words.iter().any(|word| node.is(word));
        let separates = is_one_of(SEPARATORS) || is_statement && is_one_of(CLAUSES);
        if separates {
            follows |= loosen_part(&mut part, columns);
            result.append(&mut part);
            result.push(node);
        } else {
            part.push(node);
        }
    }
    follows |= loosen_part(&mut part, columns);
    result.append(&mut part);
    *nodes = result;
    follows
}

fn loosen_part(part: &mut Vec<Node>, columns: &mut BTreeSet<String>) -> bool {
    let mut concerned = false;
    for index in 0..part.len() {
        let called = index > 0 && part[index - 1].is("date_part");
        let inner_follows = match &mut part[index] {
            Node::Group(inner) => {
                let is_query = is_query(inner);
                loosen(inner, is_query, columns)
            }
            Node::List(inner) => loosen(inner, false, columns),
            Node::Token(word) => columns.contains(word),
        };
        let converted =
            part.get(index + 1).is_some_and(|node| node.is("::")) && cast_length(part, index + 1) == 0;
        concerned |= (called || inner_follows) && !converted;
    }
    let compares = part.iter().any(|node| COMPARISONS.iter().any(|word| node.is(word)));
    if concerned {
        drop_casts(part);
    }
    if concerned
        && let [.., before, Node::Token(name)] = part.as_slice()
        && before.is("AS")
    {
        columns.insert(name.clone());
    }
    concerned && !compares
}

fn drop_casts(part: &mut Vec<Node>) {
    // What a list of values is compared with decides on their type.
    for index in 1..part.len() {
        let holds_values = ["ANY", "ALL", "ARRAY"].iter().any(|word| part[index - 1].is(word));
        if holds_values
            && let Node::Group(inner) | Node::List(inner) = &mut part[index]
            && !is_query(inner)
        {
            drop_casts(inner);
        }
    }
    let mut index = 1;
    while index < part.len() {
        let length = cast_length(part, index);
        if length == 0 {
            index += 1;
            continue;
        }
        part.drain(index..index + length);
        // `(c)::numeric` without its conversion is `c`. A call keeps its parentheses; a keyword calls nothing.
        let is_call = index > 1 && part[index - 2].is_word() && !is_keyword(&part[index - 2]);
        if !is_call && let Node::Group(inner) = &mut part[index - 1] {
            let mut inner = std::mem::take(inner);
            drop_casts(&mut inner);
            part.splice(index - 1..index, inner);
        }
        // What came out may be converted itself.
        index = 1;
    }
}

/// The server writes keywords, and nothing else without quotes, in capitals.
fn is_keyword(node: &Node) -> bool {
    matches!(node, Node::Token(text) if text.starts_with(|c: char| c.is_ascii_uppercase()))
}

/// How many nodes at `index` are a conversion to one of the two types, without precision.
fn cast_length(part: &[Node], index: usize) -> usize {
    let word = |offset: usize, expected: &str| part.get(index + offset).is_some_and(|node| node.is(expected));
    let length = match () {
        () if !word(0, "::") => return 0,
        () if word(1, "numeric") => 2,
        () if word(1, "double") && word(2, "precision") => 3,
        () => return 0,
    };
    match part.get(index + length) {
        Some(Node::Group(_)) => 0,
        Some(Node::List(inner)) if inner.is_empty() => length + 1,
        Some(Node::Token(_) | Node::List(_)) | None => length,
    }
}
