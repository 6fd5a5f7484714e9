//! Nodes as text again, for people: a query with a line for each column and clause, all else on one line.

use super::tree::{Node, is_query};

/// Words that begin a line of a query.
const CLAUSES: &[&str] = &[
    "FROM",
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
];
const STEP: usize = 4;

pub(super) fn text(nodes: &[Node]) -> String {
    let mut text = String::new();
    write(&mut text, nodes, 0);
    text
}

fn write(text: &mut String, nodes: &[Node], indentation: usize) {
    let is_lines = is_query(nodes);
    let mut before: Option<&Node> = None;
    for (index, node) in nodes.iter().enumerate() {
        let begins_line = is_lines
            && match node {
                Node::Token(word) => CLAUSES.contains(&word.as_str()) && !is_distinct_from(nodes, index),
                Node::Group(_) | Node::List(_) => false,
            };
        if begins_line && index > 0 {
            line(text, indentation);
        } else if is_lines && before.is_some_and(|before| before.is(",")) {
            line(text, indentation + STEP);
        } else if before.is_some_and(|before| is_apart(before, node)) {
            text.push(' ');
        }
        match node {
            Node::Token(word) => text.push_str(word),
            Node::Group(inner) if is_query(inner) => {
                text.push('(');
                line(text, indentation + STEP);
                write(text, inner, indentation + STEP);
                text.push(')');
            }
            Node::Group(inner) => {
                text.push('(');
                write(text, inner, indentation);
                text.push(')');
            }
            Node::List(inner) => {
                text.push('[');
                write(text, inner, indentation);
                text.push(']');
            }
        }
        before = Some(node);
    }
}

fn line(text: &mut String, indentation: usize) {
    text.push('\n');
    text.push_str(&" ".repeat(indentation));
}

/// `a IS DISTINCT FROM b` goes on.
fn is_distinct_from(nodes: &[Node], index: usize) -> bool {
    index > 1
        && nodes[index].is("FROM")
        && nodes[index - 1].is("DISTINCT")
        && (nodes[index - 2].is("IS") || nodes[index - 2].is("NOT"))
}

/// Whether a blank stands between two nodes.
fn is_apart(before: &Node, node: &Node) -> bool {
    let touches_next = [".", "::"].iter().any(|word| before.is(word));
    let touches_last = [",", ".", "::", ";"].iter().any(|word| node.is(word));
    if touches_next || touches_last {
        return false;
    }
    match (before, node) {
        // `count(x)`, `varchar(10)`; but `IN (x)`: the server writes keywords in capitals.
        (Node::Token(name), Node::Group(_)) => {
            !before.is_word() || !name.chars().any(|c| c.is_lowercase() || c == '"')
        }
        (_, Node::List(_)) => false,
        (Node::Token(_) | Node::Group(_) | Node::List(_), _) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::parse;
    use super::text;

    #[test]
    fn queries_have_lines_and_the_rest_has_none() {
        let laid_out = |written: &str| text(&parse(written));
        assert_eq!(laid_out("(a > 1) AND lower(b)='x'::text"), "(a > 1) AND lower(b) = 'x'::text");
        assert_eq!(laid_out("a = ANY (ARRAY[1,2])"), "a = ANY (ARRAY[1, 2])");
        assert_eq!(
            laid_out(" SELECT t.id, f(a, b) AS x\n   FROM shop.t\n  WHERE a IS DISTINCT FROM b;"),
            "SELECT t.id,\n    f(a, b) AS x\nFROM shop.t\nWHERE a IS DISTINCT FROM b;"
        );
        assert_eq!(
            laid_out("SELECT 1 FROM ( SELECT 2 FROM t) x"),
            "SELECT 1\nFROM (\n    SELECT 2\n    FROM t) x"
        );
    }
}
