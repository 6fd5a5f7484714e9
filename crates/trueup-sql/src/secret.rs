//! Statements that hold a password, so that nobody repeats their words.

use crate::lexer::{TokenKind, significant_tokens};

/// `PASSWORD 'x'`, and strings and code in which a password is spoken of. A column of that name is no secret.
pub fn holds_password(statement: &str) -> bool {
    holds(statement, 8)
}

/// Code within code is looked at so deep; what hides deeper has something to hide.
fn holds(statement: &str, depth: u32) -> bool {
    let mut follows = false;
    significant_tokens(statement).any(|token| {
        let text = token.text(statement);
        match token.kind {
            TokenKind::String { .. } => std::mem::take(&mut follows) || is_followed(text),
            // Code: it is looked at as such.
            TokenKind::DollarString { .. } => {
                std::mem::take(&mut follows)
                    || depth == 0
                    || text.get(1..).is_some_and(|code| holds(code, depth - 1))
            }
            TokenKind::Word | TokenKind::QuotedIdent { .. } => {
                follows = text.trim_matches('"').eq_ignore_ascii_case("password");
                false
            }
            _ => false,
        }
    })
}

/// `password=x` and `password ''x''` within a string.
fn is_followed(string: &str) -> bool {
    let inner = string.strip_suffix('\'').unwrap_or(string).to_ascii_lowercase();
    inner.match_indices("password").any(|(at, word)| {
        let rest = inner[at + word.len()..].trim_start();
        rest.starts_with('=') || rest.starts_with('\'') || rest.starts_with("\\'")
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
            "do $a$ begin execute $b$alter role c password 'x'$b$; end $a$",
        ] {
            assert!(holds_password(text), "{text}");
        }
        for text in [
            "create table users (password text not null default 'none')",
            "comment on column users.password is 'hashed'",
            "select password from users where name = 'a'",
            "DO $body$ BEGIN EXECUTE $$ALTER TABLE users ADD password text$$; RAISE 'users.password'; END $body$",
        ] {
            assert!(!holds_password(text), "{text}");
        }
    }
}
