//! Passwords do not leave: in URLs, in connection strings, in SQL and in settings.
//!
//! Server messages and statements of a history are other people's texts, so this errs on the side of hiding too
//! much: a sentence that lost a word can still be read, a password that was printed into a build log is lost.

const MASK: &str = "***";

/// Words that name a password, at the end of a longer name too: `PGPASSWORD`, `sslpassword`, `db_passwd`.
const KEYS: &[&str] = &["password", "passwd", "passphrase", "pwd"];

/// A password in which somebody forgot to encode a blank ends within so many bytes, so that no text makes this slow.
const LONGEST_WITH_BLANKS: usize = 256;

/// Masks `scheme://user:password@`, `password=…`, `password '…'` and `"password": "…"`.
pub fn redact(text: &str) -> String {
    // Both are looked for in the text as it was: a mask of one sort could hide the beginning of the other.
    let mut secrets = passwords_in_urls(text);
    secrets.extend(values_of_keys(text));
    secrets.sort_unstable();
    let mut redacted = String::with_capacity(text.len());
    let mut done = 0;
    let mut is_open = false;
    for (start, end) in secrets {
        if start > done || !is_open {
            redacted.push_str(&text[done..start]);
            redacted.push_str(MASK);
        }
        is_open = true;
        done = done.max(end);
    }
    redacted.push_str(&text[done..]);
    redacted
}

fn passwords_in_urls(text: &str) -> Vec<(usize, usize)> {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>');
    let mut passwords = Vec::new();
    let mut from = 0;
    let mut word = Word { end: 0, last_at: None };
    while let Some(at) = text[from..].find("://") {
        from += at + 3;
        // Several URLs may stand in one word; its end is looked for once.
        if from >= word.end {
            let end = text[from..].find(is_end).map_or(text.len(), |end| from + end);
            word = Word { end, last_at: text[from..end].rfind('@').map(|at| from + at) };
        }
        if let Some((start, end)) = password_in_authority(text, from, &word) {
            passwords.push((start, end));
            from = end;
        }
    }
    passwords
}

struct Word {
    end: usize,
    last_at: Option<usize>,
}

/// Where the password stands in `user:password@host…`. It may itself contain `@`, `:` and `/`, so it ends at the last
/// `@` of the word; a word without one ends at a blank that somebody forgot to encode, and then the line counts.
fn password_in_authority(text: &str, from: usize, word: &Word) -> Option<(usize, usize)> {
    let start = from + text[from..word.end].find(':')? + 1;
    let user = &text[from..start - 1];
    // `[::1]` is an address, not a user.
    if user.rsplit('@').next().is_some_and(|host| host.starts_with('[')) {
        return None;
    }
    let has_host = user.contains('@');
    let rest = &text[start..word.end];
    if has_host && is_port(rest) {
        return None;
    }
    if let Some(end) = word.last_at.filter(|end| *end >= start) {
        return Some((start, end));
    }
    if has_host || is_port(rest) || rest.starts_with('/') {
        return None;
    }
    let near = &text[start..text.floor_char_boundary(start + LONGEST_WITH_BLANKS)];
    let line = near.lines().next().unwrap_or_default();
    line.rfind('@').map(|end| (start, start + end))
}

/// Whether what follows `host:` is a port and then the rest of a URL.
fn is_port(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    (1..=5).contains(&(text.len() - rest.len()))
        && !rest.starts_with(|c: char| c.is_alphanumeric() || c == '@')
}

fn values_of_keys(text: &str) -> Vec<(usize, usize)> {
    // Same length in bytes, so that places in one are places in the other.
    let lower = text.to_ascii_lowercase();
    let mut values = Vec::new();
    let mut done = 0;
    // All of the words begin with the same letter.
    for (at, _) in lower.match_indices('p') {
        let Some(key) = KEYS.iter().find(|key| lower[at..].starts_with(**key)) else { continue };
        if at < done {
            continue;
        }
        if let Some((start, end)) = value_after_key(text, at + key.len()) {
            values.push((start, end));
            done = end;
        }
    }
    values
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
        check("://: PGPASSWORD=a@b:c x", "://:*** x");
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

    #[test]
    fn long_texts_take_no_longer_than_they_are() {
        for piece in ["://", "://:a ", "password ", "password='", "password $", "password:", "://a:b@"] {
            let text = piece.repeat(200_000 / piece.len());
            assert!(redact(&text).len() <= 2 * text.len());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

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
