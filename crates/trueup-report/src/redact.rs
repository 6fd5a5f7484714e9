//! Passwords do not leave: in URLs, in connection strings, in SQL and in settings.
//!
//! Server messages and statements of a history are other people's texts, so this errs on the side of hiding too
//! much: a sentence that lost a word can still be read, a password that was printed into a build log is lost.

const MASK: &str = "***";

/// Words that name a password, at the end of a longer name too: `PGPASSWORD`, `sslpassword`, `db_passwd`.
const KEYS: &[&str] = &["password", "passwd", "passphrase", "pwd"];

/// Masks `scheme://user:password@`, `password=…`, `password '…'` and `"password": "…"`.
pub fn redact(text: &str) -> String {
    redact_keys(&redact_urls(text))
}

fn redact_urls(text: &str) -> String {
    let mut redacted = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(colon) = rest.find("://") {
        let (before, authority) = rest.split_at(colon + 3);
        redacted.push_str(before);
        rest = authority;
        if let Some((start, end)) = password_in_authority(authority) {
            redacted.push_str(&authority[..start]);
            redacted.push_str(MASK);
            rest = &authority[end..];
        }
    }
    redacted.push_str(rest);
    redacted
}

/// Where the password stands in `user:password@host…`. It may itself contain `@`, `:` and `/`, so it ends at the last
/// `@` of the word; a word without one ends at a blank that somebody forgot to encode, and then the line counts.
fn password_in_authority(authority: &str) -> Option<(usize, usize)> {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>');
    let word = &authority[..authority.find(is_end).unwrap_or(authority.len())];
    let start = word.find(':')? + 1;
    let before = &word[..start - 1];
    let after = &word[start..];
    // `[::1]` is an address, not a user.
    if before.rsplit('@').next().is_some_and(|host| host.starts_with('[')) {
        return None;
    }
    let has_user = before.contains('@');
    if has_user && is_port(after) {
        return None;
    }
    if let Some(end) = after.rfind('@') {
        return Some((start, start + end));
    }
    if has_user || is_port(after) || after.starts_with('/') {
        return None;
    }
    let line = authority.lines().next().unwrap_or_default();
    line.get(start..)?.rfind('@').map(|end| (start, start + end))
}

/// Whether what follows `host:` is a port and then the rest of a URL.
fn is_port(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    (1..=5).contains(&(text.len() - rest.len()))
        && !rest.starts_with(|c: char| c.is_alphanumeric() || c == '@')
}

fn redact_keys(text: &str) -> String {
    // Same length in bytes, so that places in one are places in the other.
    let lower = text.to_ascii_lowercase();
    let mut redacted = String::with_capacity(text.len());
    let mut done = 0;
    let mut from = 0;
    while let Some(key_end) = next_key(&lower, from) {
        from = key_end;
        if let Some((start, end)) = value_after_key(text, key_end) {
            redacted.push_str(&text[done..start]);
            redacted.push_str(MASK);
            done = end;
            from = end;
        }
    }
    redacted.push_str(&text[done..]);
    redacted
}

/// The end of the next word that names a password.
fn next_key(lower: &str, from: usize) -> Option<usize> {
    KEYS.iter().filter_map(|key| lower[from..].find(key).map(|at| from + at + key.len())).min()
}

/// The bytes of the value that belongs to the key which ends at `key_end`.
fn value_after_key(text: &str, key_end: usize) -> Option<(usize, usize)> {
    let key_end = skip(text, key_end, |c| c.is_ascii_digit());
    let after_quotes = skip(text, key_end, |c| matches!(c, '\\' | '"' | '\'' | '`' | ']'));
    let at = skip(text, after_quotes, char::is_whitespace);
    match separator(&text[at..]) {
        Separator::Equals(length) => {
            let at = skip(text, at + length, |c| c == ' ' || c == '\t');
            quoted(text, at).or_else(|| unquoted(text, at))
        }
        Separator::Colon => {
            let value = skip(text, at + 1, char::is_whitespace);
            // A type may stand between the two: `password: str = "…"`.
            let after_type =
                skip(text, value, |c| c.is_alphanumeric() || matches!(c, '_' | '.' | '[' | ']' | '|' | ' '));
            match separator(&text[after_type..]) {
                Separator::Equals(length) if after_type > value => {
                    let at = skip(text, after_type + length, char::is_whitespace);
                    quoted(text, at).or_else(|| unquoted(text, at))
                }
                Separator::Equals(_) | Separator::Colon | Separator::None => quoted(text, value),
            }
        }
        // `PASSWORD '…'`, as SQL says it; a word like `password"` that ends a quotation is not meant.
        Separator::None if at > key_end && !text[at..].starts_with('"') => quoted(text, at),
        Separator::None => None,
    }
    .filter(|(start, end)| start < end)
}

enum Separator {
    Equals(usize),
    Colon,
    None,
}

fn separator(text: &str) -> Separator {
    match ["==", "=>", ":=", "="].iter().find(|sign| text.starts_with(**sign)) {
        Some(sign) => Separator::Equals(sign.len()),
        None if text.starts_with(':') => Separator::Colon,
        None => Separator::None,
    }
}

/// What stands between the quotes that open at `at`, after a prefix as in `E'…'`, `b"…"` or `$tag$…$tag$`.
fn quoted(text: &str, at: usize) -> Option<(usize, usize)> {
    let opening = skip(text, at, |c| c.is_ascii_alphabetic() || c == '&');
    let opening = if opening - at <= 2 { opening } else { at };
    let rest = &text[opening..];
    if let Some(tag) = dollar_tag(rest) {
        let start = opening + tag.len();
        return Some((start, text[start..].find(tag).map_or(text.len(), |end| start + end)));
    }
    if let Some(escaped) = ["\\\"", "\\'"].iter().find(|mark| rest.starts_with(**mark)) {
        let start = opening + escaped.len();
        return Some((start, text[start..].find(escaped).map_or(text.len(), |end| start + end)));
    }
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let repeated = rest.len() - rest.trim_start_matches(quote).len();
    if repeated == 2 && rest[2..].chars().next().is_none_or(|c| c.is_whitespace() || ",;)}]".contains(c)) {
        // An empty value: nothing to hide.
        return Some((opening + 1, opening + 1));
    }
    // Two quotes open a value inside a quoted text, three a Python string.
    let marks = repeated.min(3);
    let start = opening + marks;
    Some((start, closing(text, start, &rest[..marks])))
}

/// Where a quoted value ends. A backslash protects what follows; a doubled quote inside single ones is part of it.
fn closing(text: &str, start: usize, marks: &str) -> usize {
    let mut at = start;
    while let Some(c) = text[at..].chars().next() {
        if c == '\\' {
            at += 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8);
        } else if !text[at..].starts_with(marks) {
            at += c.len_utf8();
        } else if marks.len() == 1 && text[at + 1..].starts_with(marks) {
            at += 2;
        } else {
            return at;
        }
    }
    text.len()
}

fn dollar_tag(text: &str) -> Option<&str> {
    let name = text.strip_prefix('$')?;
    let end = name.find('$')?;
    name[..end].chars().all(|c| c.is_alphanumeric() || c == '_').then(|| &text[..end + 2])
}

fn unquoted(text: &str, at: usize) -> Option<(usize, usize)> {
    Some((at, skip(text, at, |c| !c.is_whitespace())))
}

fn skip(text: &str, from: usize, belongs: impl Fn(char) -> bool) -> usize {
    text[from..].find(|c: char| !belongs(c)).map_or(text.len(), |end| from + end)
}

#[cfg(test)]
mod tests {
    use super::redact;
    use proptest::prelude::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(redact(text), expected);
        assert_eq!(redact(expected), expected, "a second time");
    }

    #[test]
    fn urls_lose_their_passwords() {
        check("postgres://app:secret@db/shop", "postgres://app:***@db/shop");
        check("postgres://app:p@ss:w/o#rd@db:5432/shop", "postgres://app:***@db:5432/shop");
        check("postgres://me@corp:secret@corp.example/shop", "postgres://me@corp:***@corp.example/shop");
        check("postgresql+asyncpg://:secret@/shop", "postgresql+asyncpg://:***@/shop");
        check("postgres://app:two words@db/shop", "postgres://app:***@db/shop");
        check("'redis://x:a@r' \"amqp://y:b@q\"", "'redis://x:***@r' \"amqp://y:***@q\"");
    }

    #[test]
    fn urls_without_a_password_stay() {
        for text in [
            "see https://example.org/a?b=c",
            "http://localhost:8000/",
            "http://localhost:8000 or me@example.org",
            "postgres://app@db:5432/shop?application_name=a@b",
            "postgres://[::1]:5432/shop",
            "postgres://app@[::1]:5432/shop me@x",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn values_of_keys_are_masked() {
        check("host=db password=secret dbname=shop", "host=db password=*** dbname=shop");
        check("PGPASSWORD=s3cr=t&x psql", "PGPASSWORD=*** psql");
        check("password='it\\'s ''a'' secret' host=db", "password='***' host=db");
        check("CONNECTION 'host=db password=''a b'' user=x'", "CONNECTION 'host=db password=''***'' user=x'");
        check("CREATE ROLE app PASSWORD 'secret';", "CREATE ROLE app PASSWORD '***';");
        check("ALTER ROLE app PASSWORD E'se\\'cret' LOGIN", "ALTER ROLE app PASSWORD E'***' LOGIN");
        check("ALTER ROLE app PASSWORD $x$se'cret$x$", "ALTER ROLE app PASSWORD $x$***$x$");
        check("OPTIONS (user 'u', password 'secret')", "OPTIONS (user 'u', password '***')");
        check("'PASSWORD': 'hunter2', 'HOST': 'db'", "'PASSWORD': '***', 'HOST': 'db'");
        check("{\\\"password\\\": \\\"x y\\\", 1}", "{\\\"password\\\": \\\"***\\\", 1}");
        check("password: str = \"secret\"", "password: str = \"***\"");
        check("password = secret", "password = ***");
        check("password='never closed\nat all", "password='***");
    }

    #[test]
    fn what_only_talks_about_passwords_stays() {
        for text in [
            "password authentication failed for user \"app\"",
            "column \"password\" of relation \"users\" does not exist",
            "password character varying(128) NOT NULL DEFAULT ''",
            "CHECK (password <> ''::text)",
            "('password', models.CharField(max_length=128))",
            "COMMENT ON COLUMN users.password IS 'hashed'",
            "password_changed_at = now()",
            "ALTER ROLE app PASSWORD NULL",
            "wrong password: authentication failed",
            "password=",
            "password='' host=db",
        ] {
            check(text, text);
        }
    }

    proptest! {
        #[test]
        fn a_password_in_a_url_never_survives(password in "[a-zA-Z0-9@:/?#%&=+!$*~._-]{1,20}") {
            let secret = format!("{password}Zq9Zq9{password}");
            let redacted = redact(&format!("could not connect to postgres://app:{secret}@db.example/shop, retry"));
            prop_assert!(!redacted.contains("Zq9"), "{redacted}");
        }

        #[test]
        fn a_password_of_a_connection_string_never_survives(password in "[^\\s'\"`\\\\]{0,20}") {
            let secret = format!("{password}Zq9");
            for text in [format!("host=db password={secret} dbname=shop"), format!("CREATE ROLE a PASSWORD '{secret}'")] {
                let redacted = redact(&text);
                prop_assert!(!redacted.contains("Zq9"), "{redacted}");
            }
        }

        #[test]
        fn any_text_can_be_redacted_and_redacted_again(text in "(password|://|[:@='\"\\\\ $/]|[a-z]|é|\\PC){0,30}") {
            let once = redact(&text);
            let _ = redact(&once);
        }
    }
}
