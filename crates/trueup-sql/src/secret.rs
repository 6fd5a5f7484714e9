//! Statements that hold a password, so that nobody repeats their words.

use crate::lexer::{TokenKind, significant_tokens};

/// `PASSWORD 'x'`, and strings and code in which a password is spoken of. A column of that name is no secret.
pub fn holds_password(statement: &str) -> bool {
    let mut follows = false;
    significant_tokens(statement).any(|token| {
        let text = token.text(statement);
        match token.kind {
            TokenKind::String { .. } | TokenKind::DollarString { .. } => {
                std::mem::take(&mut follows) || text.to_ascii_lowercase().contains("password")
            }
            TokenKind::Word | TokenKind::QuotedIdent { .. } => {
                follows = text.trim_matches('"').eq_ignore_ascii_case("password");
                false
            }
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::holds_password;

    #[test]
    fn passwords_are_known_by_what_stands_before_them() {
        for text in [
            "ALTER ROLE shop PASSWORD 'x'",
            "create user mapping for a server b options (user 'c', password 'x')",
            "create subscription s connection 'host=a password=x' publication p",
            "do $$ begin execute 'alter role a password ''x'''; end $$",
            "alter role password 'x' nonsense",
            "options (password = 'x')",
        ] {
            assert!(holds_password(text), "{text}");
        }
        for text in [
            "create table users (password text not null default 'none')",
            "comment on column users.password is 'hashed'",
            "select password from users where name = 'a'",
        ] {
            assert!(!holds_password(text), "{text}");
        }
    }
}
