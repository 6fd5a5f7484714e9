//! Definitions as they would read if what they name stood in another schema.

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

fn is_schema(token: &Token, text: &str, schema: &str) -> bool {
    match token.kind {
        TokenKind::Word
        | TokenKind::QuotedIdent { closed: true }
        | TokenKind::UnicodeIdent { closed: true } => unquote_ident(token.text(text)) == schema,
        TokenKind::QuotedIdent { closed: false }
        | TokenKind::UnicodeIdent { closed: false }
        | TokenKind::Space
        | TokenKind::LineComment
        | TokenKind::BlockComment { .. }
        | TokenKind::String { .. }
        | TokenKind::DollarString { .. }
        | TokenKind::Number
        | TokenKind::Parameter
        | TokenKind::Operator
        | TokenKind::Punctuation
        | TokenKind::Other => false,
    }
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
fn in_constant(literal: &str, from: &str, to: &str) -> String {
    let content = literal[1..literal.len() - 1].replace("''", "'");
    format!("'{}'", in_schema(&content, from, to).replace('\'', "''"))
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

    proptest! {
        #[test]
        fn there_and_back_again(text in r#"([a-c.,:()' ]|shop\.|"shop"|'shop\.a'::regclass|--|\n)*"#) {
            let there = in_schema(&text, "shop", "zz_other");
            let back = in_schema(&there, "zz_other", "shop");
            prop_assert_eq!(back, in_schema(&text, "shop", "shop"));
        }
    }
}
