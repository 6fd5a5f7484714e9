//! Definitions as they would read if what they name stood in another schema, or had another name.

use std::collections::BTreeMap;

use trueup_model::{Ident, QualifiedName};

use crate::lexer::{StringKind, Token, TokenKind, tokens};
use crate::quote::{quote_ident, quote_ident_if_needed, unquote_ident};

/// Types whose constants are names of objects.
const NAMES_OBJECTS: &[&str] = &[
    "regclass",
    "regcollation",
    "regconfig",
    "regdictionary",
    "regoper",
    "regoperator",
    "regproc",
    "regprocedure",
    "regtype",
];

/// The text with `to` in every place where a name is qualified by the schema `from`, also inside of constants
/// like `'from.sequence'::regclass`. All else stays as written.
pub fn in_schema(text: &str, from: &str, to: &str) -> String {
    let all: Vec<Token> = tokens(text).collect();
    let significant: Vec<&Token> = all.iter().filter(|token| token.is_significant()).collect();
    let word = |index: usize| significant.get(index).map_or("", |token| token.text(text));
    let mut moved = String::with_capacity(text.len());
    let mut copied = 0;
    for (index, token) in significant.iter().enumerate() {
        let replacement = if is_schema(token, text, from) && qualifies(&word, index) {
            // In `SELECT"shop".t` the quotes also keep the words apart.
            let touches =
                text[..token.start].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
            if touches { quote_ident(to) } else { quote_ident_if_needed(to) }
        } else if names_object(token, &word, index) {
            in_constant(token.text(text), from, to)
        } else {
            continue;
        };
        moved.push_str(&text[copied..token.start]);
        moved.push_str(&replacement);
        copied = token.end;
    }
    moved.push_str(&text[copied..]);
    moved
}

/// Names by which objects are found, with the names under which they are known.
#[derive(Clone, Debug, Default)]
pub struct Names {
    known_as: BTreeMap<QualifiedName, QualifiedName>,
    /// The same for the names alone, by which a query qualifies the columns of a relation.
    alone: BTreeMap<Ident, Ident>,
    /// Names that something else is known by as well: in a text nobody can tell which of the two is meant.
    ambiguous: BTreeMap<QualifiedName, QualifiedName>,
}

impl Names {
    pub fn insert(&mut self, found: QualifiedName, known: QualifiedName) {
        if found.name != known.name {
            self.alone.insert(found.name.clone(), known.name.clone());
        }
        self.known_as.insert(found, known);
    }

    /// As [`Names::insert`], for a name that texts may use for something else.
    pub fn insert_ambiguous(&mut self, found: QualifiedName, known: QualifiedName) {
        self.ambiguous.insert(found, known);
    }

    pub fn known_as(&self, found: &QualifiedName) -> Option<&QualifiedName> {
        self.known_as.get(found).or_else(|| self.ambiguous.get(found))
    }

    /// The text with the known name in every place where an object is named by the one it is found under; `None`
    /// where nothing is.
    pub fn in_text(&self, text: &str) -> Option<String> {
        if self.known_as.is_empty() {
            return None;
        }
        let all: Vec<Token> = tokens(text).collect();
        let significant: Vec<&Token> = all.iter().filter(|token| token.is_significant()).collect();
        let word = |index: usize| significant.get(index).map_or("", |token| token.text(text));
        let ident = |index: usize| {
            let token = significant.get(index).filter(|token| token.is_ident())?;
            Some(unquote_ident(token.text(text)))
        };
        let mut renamed = String::with_capacity(text.len());
        let mut copied = 0;
        let mut index = 0;
        while index < significant.len() {
            let first = significant[index];
            // What is said, and the last token that it is said for.
            let (said, last) = if qualifies(&word, index)
                && let Some((schema, name)) = ident(index).zip(ident(index + 2))
                && let Some(known) = self.known_as.get(&QualifiedName::new(schema, name))
            {
                let said = format!(
                    "{}.{}",
                    quote_ident_if_needed(known.schema.as_str()),
                    quote_ident_if_needed(known.name.as_str())
                );
                // `FROM now orders` is `FROM orders`: a query keeps the name that its relation had as an alias.
                let is_alias = ident(index + 3).is_some_and(|alias| alias == known.name.as_str())
                    && word(index + 4) != ".";
                (said, if is_alias { index + 3 } else { index + 2 })
            } else if qualifies(&word, index)
                && let Some(known) = ident(index).and_then(|name| self.alone.get(&Ident::new(name)))
            {
                (quote_ident_if_needed(known.as_str()), index)
            } else if names_object(first, &word, index)
                && let Some(inner) = self.in_text(&content(first.text(text)))
            {
                (literal(&inner), index)
            } else {
                index += 1;
                continue;
            };
            renamed.push_str(&text[copied..first.start]);
            renamed.push_str(&said);
            copied = significant[last].end;
            index = last + 1;
        }
        (copied > 0).then(|| renamed + &text[copied..])
    }
}

fn is_schema(token: &Token, text: &str, schema: &str) -> bool {
    token.is_ident() && unquote_ident(token.text(text)) == schema
}

/// It stands in front of a dot and behind none: `from.name`, `OPERATOR(from.+)`, not `x.from.name`.
fn qualifies<'a>(word: &impl Fn(usize) -> &'a str, index: usize) -> bool {
    word(index + 1) == "." && (index == 0 || word(index - 1) != ".")
}

fn names_object<'a>(token: &Token, word: &impl Fn(usize) -> &'a str, index: usize) -> bool {
    let plain = matches!(token.kind, TokenKind::String { kind: StringKind::Standard, closed: true, .. });
    if !plain || word(index + 1) != "::" {
        return false;
    }
    let type_index =
        if word(index + 2) == "pg_catalog" && word(index + 3) == "." { index + 4 } else { index + 2 };
    NAMES_OBJECTS.contains(&word(type_index))
}

/// The content of such a constant is SQL of its own: a name, or a name with types of arguments.
fn in_constant(written: &str, from: &str, to: &str) -> String {
    literal(&in_schema(&content(written), from, to))
}

fn content(literal: &str) -> String {
    literal[1..literal.len() - 1].replace("''", "'")
}

fn literal(content: &str) -> String {
    format!("'{}'", content.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(in_schema(text, "shop", "sales"), expected);
    }

    #[test]
    fn qualified_names() {
        check("SELECT t.a FROM shop.t", "SELECT t.a FROM sales.t");
        check("shop.f(x)::\"shop\".mood", "sales.f(x)::sales.mood");
        check("a OPERATOR(shop.+) b COLLATE shop.c", "a OPERATOR(sales.+) b COLLATE sales.c");
        check("SHOP.t, \"SHOP\".t, shopping.t, shop", "sales.t, \"SHOP\".t, shopping.t, shop");
        check("other.shop.t, x.shop", "other.shop.t, x.shop");
        check("SELECT\"shop\".t", "SELECT\"sales\".t");
        check("shop /* here */ . t -- shop.t\n", "sales /* here */ . t -- shop.t\n");
    }

    #[test]
    fn constants() {
        check("nextval('shop.s'::regclass)", "nextval('sales.s'::regclass)");
        check("'\"shop\".\"a''b\"'::pg_catalog.regclass", "'sales.\"a''b\"'::pg_catalog.regclass");
        check("'shop.f(shop.mood,integer)'::regprocedure", "'sales.f(sales.mood,integer)'::regprocedure");
        check("'shop.mood[]'::regtype", "'sales.mood[]'::regtype");
        check("'shop.t'::text, 'shop.t'", "'shop.t'::text, 'shop.t'");
        check("$$shop.t$$", "$$shop.t$$");
    }

    #[test]
    fn names_are_quoted_as_the_server_quotes() {
        assert_eq!(in_schema("\"My Shop\".t", "My Shop", "order"), "\"order\".t");
        assert_eq!(in_schema("public.t", "public", "a\"b"), "\"a\"\"b\".t");
        assert_eq!(in_schema("'public.t'::regclass", "public", "O'x"), "'\"O''x\".t'::regclass");
    }

    #[test]
    fn other_names() {
        let mut names = Names::default();
        names.insert(QualifiedName::new("shop", "purchases"), QualifiedName::new("shop", "orders"));
        names.insert(QualifiedName::new("old", "Mood"), QualifiedName::new("shop", "mood"));
        names.insert_ambiguous(QualifiedName::new("shop", "a"), QualifiedName::new("shop", "b"));
        let known = |text: &str| names.in_text(text).unwrap_or_else(|| text.to_owned());
        assert_eq!(
            known("SELECT orders.id FROM shop.purchases orders WHERE x"),
            "SELECT orders.id FROM shop.orders WHERE x"
        );
        assert_eq!(known("SELECT purchases.id FROM shop.purchases"), "SELECT orders.id FROM shop.orders");
        assert_eq!(known("FROM shop.purchases p, other.purchases"), "FROM shop.orders p, other.purchases");
        assert_eq!(known("(x)::old.\"Mood\"[]"), "(x)::shop.mood[]");
        assert_eq!(known("'shop.purchases'::regclass"), "'shop.orders'::regclass");
        assert_eq!(
            known("'shop.purchases'::text, shop.a, x.shop.purchases"),
            "'shop.purchases'::text, shop.a, x.shop.purchases"
        );
        assert_eq!(names.in_text("SELECT purchases"), None);
        assert!(names.known_as(&QualifiedName::new("shop", "a")).is_some());
    }

    proptest! {
        #[test]
        fn there_and_back_again(text in r#"([a-c.,:()' ]|shop\.|"shop"|'shop\.a'::regclass|--|\n)*"#) {
            let there = in_schema(&text, "shop", "zz_other");
            let back = in_schema(&there, "zz_other", "shop");
            prop_assert_eq!(back, in_schema(&text, "shop", "shop"));
        }
    }
}
