//! The table that a statement makes.

use trueup_sql::lexer::{Token, significant_tokens};
use trueup_sql::unquote_ident;

/// A name as a statement gives it, without its quotes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Made {
    pub schema: Option<String>,
    pub name: String,
}

/// What `CREATE TABLE` makes for good: a temporary table is gone at the end of the session.
pub(crate) fn created_table(statement: &str) -> Option<Made> {
    let mut tokens = significant_tokens(statement).map(|token| (token, token.text(statement))).peekable();
    let is = |(_, text): &(Token, &str), word: &str| text.eq_ignore_ascii_case(word);
    tokens.next_if(|token| is(token, "create"))?;
    tokens.next_if(|token| is(token, "unlogged"));
    tokens.next_if(|token| is(token, "table"))?;
    if tokens.next_if(|token| is(token, "if")).is_some() {
        tokens.next_if(|token| is(token, "not"))?;
        tokens.next_if(|token| is(token, "exists"))?;
    }
    let mut parts = vec![ident(tokens.next()?)?];
    while tokens.next_if(|token| is(token, ".")).is_some() {
        parts.push(ident(tokens.next()?)?);
    }
    let name = parts.pop()?;
    let schema = parts.pop();
    (schema.as_deref() != Some("pg_temp")).then_some(Made { schema, name })
}

fn ident((token, text): (Token, &str)) -> Option<String> {
    token.is_ident().then(|| unquote_ident(text))
}

#[cfg(test)]
mod tests {
    use super::{Made, created_table};

    #[test]
    fn names_of_tables() {
        let made = |schema: Option<&str>, name: &str| {
            Some(Made { schema: schema.map(str::to_owned), name: name.to_owned() })
        };
        assert_eq!(created_table("CREATE TABLE Orders(id int)"), made(None, "orders"));
        assert_eq!(
            created_table("create /* a */ unlogged table if not exists Shop.\"Orders\" (x)"),
            made(Some("shop"), "Orders")
        );
        assert_eq!(created_table("CREATE TABLE db.shop.orders AS SELECT 1"), made(Some("shop"), "orders"));
        assert_eq!(created_table("CREATE TABLE a PARTITION OF b DEFAULT"), made(None, "a"));
        assert_eq!(created_table("CREATE TEMP TABLE a (x int)"), None);
        assert_eq!(created_table("CREATE LOCAL TEMPORARY TABLE a (x int)"), None);
        assert_eq!(created_table("CREATE TABLE pg_temp.a (x int)"), None);
        assert_eq!(created_table("ALTER TABLE a ADD b int"), None);
        assert_eq!(created_table("CREATE TABLE"), None);
    }
}
