//! Tokens with their parentheses matched: as much grammar as the rewriting of spellings needs.

use crate::lexer::significant_tokens;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Token(String),
    /// `( … )`
    Group(Vec<Node>),
    /// `[ … ]`
    List(Vec<Node>),
}

impl Node {
    pub(super) fn token(text: impl Into<String>) -> Self {
        Node::Token(text.into())
    }

    pub(super) fn is(&self, expected: &str) -> bool {
        matches!(self, Node::Token(text) if text == expected)
    }

    /// A name, quoted or not, or a keyword.
    pub(super) fn is_word(&self) -> bool {
        match self {
            Node::Token(text) => {
                text.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '"' || !c.is_ascii())
            }
            Node::Group(_) | Node::List(_) => false,
        }
    }
}

/// Parentheses that match nothing stay tokens: two texts with the same fault are still compared.
pub(super) fn parse(text: &str) -> Vec<Node> {
    let mut open: Vec<(&str, Vec<Node>)> = vec![("", Vec::new())];
    for token in significant_tokens(text) {
        let word = token.text(text);
        let top = open.len() - 1;
        match word {
            "(" | "[" => open.push((word, Vec::new())),
            ")" if open[top].0 == "(" => {
                let (_, inner) = open.remove(top);
                open[top - 1].1.push(Node::Group(inner));
            }
            "]" if open[top].0 == "[" => {
                let (_, inner) = open.remove(top);
                open[top - 1].1.push(Node::List(inner));
            }
            _ => open[top].1.push(Node::token(word)),
        }
    }
    let mut whole = Vec::new();
    for (opening, inner) in open {
        if !opening.is_empty() {
            whole.push(Node::token(opening));
        }
        whole.extend(inner);
    }
    whole
}

/// The content of a sub-select.
pub(super) fn is_query(nodes: &[Node]) -> bool {
    match nodes {
        [Node::Token(word), ..] => matches!(word.as_str(), "SELECT" | "WITH" | "VALUES"),
        // The first arm of a set operation, in parentheses of its own.
        [Node::Group(inner), Node::Token(word), ..] => {
            matches!(word.as_str(), "UNION" | "INTERSECT" | "EXCEPT") && is_query(inner)
        }
        [Node::Group(_) | Node::List(_), ..] | [] => false,
    }
}

/// Parentheses around the whole are none: an index key has them where it is no call.
pub(super) fn unwrap_whole(nodes: &mut Vec<Node>) {
    while let [Node::Group(inner)] = nodes.as_mut_slice() {
        *nodes = std::mem::take(inner);
    }
}

/// The position of a sequence of tokens.
pub(super) fn find(nodes: &[Node], sought: &[&str]) -> Option<usize> {
    nodes.windows(sought.len()).position(|window| window.iter().zip(sought).all(|(node, text)| node.is(text)))
}

/// The parts between commas.
pub(super) fn by_commas(nodes: &[Node]) -> Vec<Vec<Node>> {
    nodes.split(|node| node.is(",")).map(<[Node]>::to_vec).collect()
}

/// A call with its arguments.
pub(super) fn call(function: &str, arguments: &[&[Node]]) -> [Node; 2] {
    let mut inner = Vec::new();
    for argument in arguments {
        if !inner.is_empty() {
            inner.push(Node::token(","));
        }
        inner.extend_from_slice(argument);
    }
    [Node::token(function), Node::Group(inner)]
}
