//! Up to 15 a view over a single relation qualifies its columns, from 16 it does not: `SELECT t.id FROM t` and
//! `SELECT id FROM t`. Sub-selects qualify theirs in all versions.

use std::ops::Range;

use super::tree::{Node, find, is_query};

/// Words that end the FROM clause of a query.
const AFTER_FROM: &[&str] = &[
    "WHERE",
    "GROUP",
    "HAVING",
    "WINDOW",
    "UNION",
    "INTERSECT",
    "EXCEPT",
    "ORDER",
    "OFFSET",
    "LIMIT",
    "FETCH",
    "FOR",
];

pub(super) fn without_qualification(nodes: &mut Vec<Node>) {
    if ["UNION", "INTERSECT", "EXCEPT"].iter().any(|word| find(nodes, &[word]).is_some()) {
        return;
    }
    let Some((name, relation)) = only_relation(nodes) else { return };
    // The relation itself may be in a schema with its own name: `FROM t.t`.
    let mut after = nodes.split_off(relation.end);
    let mut only = nodes.split_off(relation.start);
    drop_qualifier(nodes, &name);
    drop_qualifier(&mut after, &name);
    nodes.append(&mut only);
    nodes.append(&mut after);
}

/// The name by which the columns of the only relation are qualified, and where that relation stands.
fn only_relation(nodes: &[Node]) -> Option<(String, Range<usize>)> {
    if nodes.first()?.is("VALUES") {
        return Some(("\"*VALUES*\"".to_owned(), 0..0));
    }
    let start = find(nodes, &["FROM"])? + 1;
    let length =
        nodes[start..].iter().position(|node| AFTER_FROM.iter().any(|word| node.is(word)) || node.is(";"));
    let end = length.map_or(nodes.len(), |length| start + length);
    let relation = &nodes[start..end];
    if relation.iter().any(|node| node.is(",") || node.is("JOIN")) {
        return None;
    }
    let sample = find(relation, &["TABLESAMPLE"]).unwrap_or(relation.len());
    // `(… JOIN …)` has no name and does not end in a word either.
    relation[..sample].iter().rev().find_map(|node| match node {
        Node::Token(word) if node.is_word() => Some((word.clone(), start..end)),
        Node::Token(_) | Node::Group(_) | Node::List(_) => None,
    })
}

fn drop_qualifier(nodes: &mut Vec<Node>, name: &str) {
    let mut index = 0;
    while index < nodes.len() {
        if nodes[index].is(name) && is_column_of(nodes, index) {
            nodes.drain(index..index + 2);
        } else if let Node::Group(inner) | Node::List(inner) = &mut nodes[index]
            && !is_query(inner)
        {
            drop_qualifier(inner, name);
        }
        index += 1;
    }
}

/// The name at `index` qualifies a column: not a type, a collation or a function of a schema with that name.
fn is_column_of(nodes: &[Node], index: usize) -> bool {
    let qualifies = nodes.get(index + 1).is_some_and(|node| node.is("."))
        && nodes.get(index + 2).is_some_and(Node::is_word);
    let of_schema = matches!(nodes.get(index + 3), Some(Node::Group(_)));
    let after_another = index > 0 && [".", "::", "COLLATE"].iter().any(|before| nodes[index - 1].is(before));
    qualifies && !of_schema && !after_another
}
