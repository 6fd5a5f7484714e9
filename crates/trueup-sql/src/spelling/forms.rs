//! Functions that SQL calls with keywords instead of commas. Up to 13 the server forgets how they were called
//! and writes a plain call; from 14 it writes the keywords again. The plain call is the common form.

use super::tree::{Node, by_commas, call, find};

/// `EXTRACT(year FROM d)` is `date_part('year'::text, d)`.
pub(super) fn extract(nodes: &mut Vec<Node>) {
    calls(nodes, "EXTRACT", |inner| match inner {
        [field, from, source @ ..] if from.is("FROM") => {
            Some(call("date_part", &[&text_constant(&unquoted(field)?), source]))
        }
        _ => None,
    });
    // The name of a column that is given none follows the function.
    for index in 0..nodes.len() {
        let is_call = matches!(nodes.get(index + 1), Some(Node::Group(_)));
        if nodes[index].is("\"extract\"") && !is_call {
            nodes[index] = Node::token("date_part");
        }
    }
}

/// `(t AT TIME ZONE z)` is `timezone(z, t)`.
pub(super) fn at_time_zone(nodes: &mut Vec<Node>) {
    groups(nodes, |inner| {
        let at = find(inner, &["AT", "TIME", "ZONE"])?;
        Some(call("timezone", &[&inner[at + 3..], &inner[..at]]))
    });
}

/// `SUBSTRING(s FROM 2 FOR 3)` is `"substring"(s, 2, 3)`.
pub(super) fn substring(nodes: &mut Vec<Node>) {
    calls(nodes, "SUBSTRING", |inner| {
        separated(inner, "\"substring\"", &["FROM", "FOR", "SIMILAR", "ESCAPE"])
    });
}

/// `OVERLAY(s PLACING r FROM 2 FOR 3)` is `"overlay"(s, r, 2, 3)`.
pub(super) fn overlay(nodes: &mut Vec<Node>) {
    calls(nodes, "OVERLAY", |inner| separated(inner, "\"overlay\"", &["PLACING", "FROM", "FOR"]));
}

/// `TRIM(BOTH 'x'::text FROM s)` is `btrim(s, 'x'::text)`.
pub(super) fn trim(nodes: &mut Vec<Node>) {
    calls(nodes, "TRIM", |inner| {
        let function = match inner.first()? {
            side if side.is("BOTH") => "btrim",
            side if side.is("LEADING") => "ltrim",
            side if side.is("TRAILING") => "rtrim",
            _ => return None,
        };
        let from = find(inner, &["FROM"])?;
        let (characters, source) = (&inner[1..from], &inner[from + 1..]);
        Some(if characters.is_empty() {
            call(function, &[source])
        } else {
            call(function, &[source, characters])
        })
    });
}

/// `POSITION((a) IN (b))` is `"position"(b, a)`.
pub(super) fn position(nodes: &mut Vec<Node>) {
    calls(nodes, "POSITION", |inner| match inner {
        [Node::Group(sought), word, Node::Group(source)] if word.is("IN") => {
            Some(call("\"position\"", &[source, sought]))
        }
        _ => None,
    });
}

/// `((a, b) OVERLAPS (c, d))` is `"overlaps"(a, b, c, d)`.
pub(super) fn overlaps(nodes: &mut Vec<Node>) {
    groups(nodes, |inner| match inner {
        [Node::Group(first), word, Node::Group(second)] if word.is("OVERLAPS") => {
            let mut ends = by_commas(first);
            ends.extend(by_commas(second));
            let ends: Vec<&[Node]> = ends.iter().map(Vec::as_slice).collect();
            Some(call("\"overlaps\"", &ends))
        }
        _ => None,
    });
}

/// `NORMALIZE(s, NFC)` is `"normalize"(s, 'nfc'::text)`.
pub(super) fn normalize(nodes: &mut Vec<Node>) {
    calls(nodes, "NORMALIZE", |inner| match inner {
        [source @ .., comma, Node::Token(form)] if comma.is(",") => {
            Some(call("\"normalize\"", &[source, &text_constant(&form.to_lowercase())]))
        }
        _ => Some(call("\"normalize\"", &[inner])),
    });
    lower_form(nodes, "\"normalize\"");
}

/// `(s IS NFC NORMALIZED)` is `is_normalized(s, 'nfc'::text)`.
pub(super) fn is_normalized(nodes: &mut Vec<Node>) {
    groups(nodes, |inner| match inner {
        [source @ .., is, Node::Token(form), normalized] if is.is("IS") && normalized.is("NORMALIZED") => {
            Some(call("is_normalized", &[source, &text_constant(&form.to_lowercase())]))
        }
        [source @ .., is, normalized] if is.is("IS") && normalized.is("NORMALIZED") => {
            Some(call("is_normalized", &[source]))
        }
        _ => None,
    });
    lower_form(nodes, "is_normalized");
}

/// The form as a constant keeps the case that it was written in.
fn lower_form(nodes: &mut Vec<Node>, function: &str) {
    calls(nodes, function, |inner| match inner {
        [source @ .., comma, Node::Token(form), cast, text]
            if comma.is(",") && cast.is("::") && text.is("text") && form.starts_with('\'') =>
        {
            Some(call(function, &[source, &text_constant(form.to_lowercase().trim_matches('\''))]))
        }
        _ => None,
    });
}

/// `COLLATION FOR (s)` is `pg_collation_for(s)`.
pub(super) fn collation_for(nodes: &mut Vec<Node>) {
    while let Some(index) = find(nodes, &["COLLATION", "FOR"]) {
        nodes.splice(index..index + 2, [Node::token("pg_collation_for")]);
    }
}

/// `XMLEXISTS((p) PASSING (x))` is `"xmlexists"(p, x)`.
pub(super) fn xmlexists(nodes: &mut Vec<Node>) {
    calls(nodes, "XMLEXISTS", |inner| match inner {
        [Node::Group(path), word, Node::Group(document)] if word.is("PASSING") => {
            Some(call("\"xmlexists\"", &[path, document]))
        }
        _ => None,
    });
}

/// From 16 `XMLSERIALIZE` says `NO INDENT` where it was not told to indent.
pub(super) fn xmlserialize(nodes: &mut Vec<Node>) {
    calls(nodes, "XMLSERIALIZE", |inner| match inner {
        [rest @ .., no, indent] if no.is("NO") && indent.is("INDENT") => Some(call("XMLSERIALIZE", &[rest])),
        _ => None,
    });
}

/// Names that are keywords from 16 on, and in quotes therefore.
pub(super) fn keywords_of_16(nodes: &mut [Node]) {
    unquote(nodes, &["json_array", "json_arrayagg", "json_object", "json_objectagg", "system_user"]);
}

/// The same from 17 on.
pub(super) fn keywords_of_17(nodes: &mut [Node]) {
    const WORDS: &[&str] = &[
        "json",
        "json_exists",
        "json_query",
        "json_scalar",
        "json_serialize",
        "json_table",
        "json_value",
        "merge_action",
    ];
    unquote(nodes, WORDS);
}

fn unquote(nodes: &mut [Node], words: &[&str]) {
    for node in nodes {
        if let Node::Token(text) = node
            && let Some(name) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'))
            && words.contains(&name)
        {
            *node = Node::token(name);
        }
    }
}

/// From 17 `JSON(s)` is an expression of its own; before, it was a call that is a conversion: `(s)::json`.
pub(super) fn json(nodes: &mut Vec<Node>) {
    let mut index = 0;
    while index + 1 < nodes.len() {
        if nodes[index].is("JSON")
            && let Node::Group(inner) = &nodes[index + 1]
        {
            // A constant is converted at once, and has no parentheses.
            let source = match inner.as_slice() {
                [Node::Token(text), cast, name] if cast.is("::") && name.is("text") => Node::token(text),
                _ => Node::Group(inner.clone()),
            };
            nodes.splice(index..index + 2, [source, Node::token("::"), Node::token("json")]);
        }
        index += 1;
    }
}

/// Whether the server hides, from 14, the conversions of the arguments that nobody wrote: the function is one of
/// those that SQL calls with keywords.
pub(super) fn hides_conversions(function: &Node) -> bool {
    const FUNCTIONS: &[&str] = &[
        "date_part",
        "timezone",
        "\"substring\"",
        "\"overlay\"",
        "btrim",
        "ltrim",
        "rtrim",
        "\"position\"",
        "\"overlaps\"",
        "\"normalize\"",
        "is_normalized",
        "pg_collation_for",
        "\"xmlexists\"",
    ];
    FUNCTIONS.iter().any(|name| function.is(name))
}

/// Rewrites each call of `function`.
fn calls(nodes: &mut Vec<Node>, function: &str, rewrite: impl Fn(&[Node]) -> Option<[Node; 2]>) {
    for index in 1..nodes.len() {
        if nodes[index - 1].is(function)
            && let Node::Group(inner) = &nodes[index]
            && let Some(rewritten) = rewrite(inner)
        {
            nodes.splice(index - 1..=index, rewritten);
        }
    }
}

/// Rewrites parentheses that hold one expression with keywords to a call without them.
fn groups(nodes: &mut Vec<Node>, rewrite: impl Fn(&[Node]) -> Option<[Node; 2]>) {
    let mut index = 0;
    while index < nodes.len() {
        if let Node::Group(inner) = &nodes[index]
            && let Some(rewritten) = rewrite(inner)
        {
            nodes.splice(index..=index, rewritten);
        }
        index += 1;
    }
}

/// A call with commas in the place of keywords.
fn separated(inner: &[Node], function: &str, keywords: &[&str]) -> Option<[Node; 2]> {
    let is_keyword = |node: &Node| keywords.iter().any(|keyword| node.is(keyword));
    if !inner.iter().any(is_keyword) {
        return None;
    }
    let parts: Vec<&[Node]> = inner.split(is_keyword).collect();
    Some(call(function, &parts))
}

fn text_constant(text: &str) -> Vec<Node> {
    vec![Node::token(format!("'{text}'")), Node::token("::"), Node::token("text")]
}

fn unquoted(node: &Node) -> Option<String> {
    match node {
        Node::Token(text) => Some(text.trim_matches('"').to_owned()),
        Node::Group(_) | Node::List(_) => None,
    }
}
