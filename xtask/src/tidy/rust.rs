//! Rust text, as far as the walls need it: what is code, what is a comment, what is a string.

/// A stretch of text that is no code.
struct Other {
    start: usize,
    end: usize,
    is_string: bool,
}

/// The text with comments and strings blanked out, line by line as it was, up to the tests at its end.
pub fn code(text: &str) -> String {
    let text = without_tests(text);
    let mut code = String::with_capacity(text.len());
    let mut from = 0;
    for other in others(text) {
        code.push_str(&text[from..other.start]);
        code.extend(text[other.start..other.end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        from = other.end;
    }
    code.push_str(&text[from..]);
    code
}

/// The strings outside of the tests, each with the line that it begins on and without its quotes.
pub fn strings(text: &str) -> Vec<(usize, &str)> {
    let text = without_tests(text);
    others(text)
        .into_iter()
        .filter(|other| other.is_string)
        .map(|other| {
            let literal = &text[other.start..other.end];
            let inner = literal.trim_matches('#').trim_matches('"');
            (line_of(text, other.start), inner)
        })
        .collect()
}

/// The line of a position; the first is 1.
pub fn line_of(text: &str, position: usize) -> usize {
    text[..position].matches('\n').count() + 1
}

/// Whether a name stands at a position as a word that begins there.
pub fn begins_word(text: &str, position: usize) -> bool {
    !text[..position].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_')
}

/// Tests stand at the end of a file, in a module of their own.
fn without_tests(text: &str) -> &str {
    let mut from = 0;
    while let Some(found) = text[from..].find("#[cfg(") {
        let start = from + found;
        let attribute = text[start..].lines().next().unwrap_or_default();
        let next = text[start + attribute.len()..].trim_start();
        let is_module =
            next.starts_with("mod ") && next.lines().next().is_some_and(|line| line.ends_with('{'));
        if attribute.contains("test") && is_module {
            return &text[..start];
        }
        from = start + 1;
    }
    text
}

fn others(text: &str) -> Vec<Other> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        let other = if rest.starts_with("//") {
            Some((rest.find('\n').unwrap_or(rest.len()), false))
        } else if rest.starts_with("/*") {
            Some((block_comment(rest), false))
        } else if let Some(length) = raw_string(rest).filter(|_| begins_word(text, at)) {
            Some((length, true))
        } else if rest.starts_with('"') {
            Some((quoted(rest), true))
        } else {
            character(rest).map(|length| (length, false))
        };
        match other {
            Some((length, is_string)) => {
                let shift = if is_string { rest[..length].find(['"', '#']).unwrap_or(0) } else { 0 };
                found.push(Other { start: at + shift, end: at + length, is_string });
                at += length;
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    found
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn raw_string(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let body = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = body.find(&end).map_or(body.len(), |position| position + end.len());
    Some(rest.len() - body.len() + length)
}

fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    for (position, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return position + 1,
            _ => {}
        }
    }
    rest.len()
}

/// A character in single quotes, and not the name of a lifetime.
fn character(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    if let Some(escape) = inner.strip_prefix('\\') {
        let end = escape.char_indices().skip(1).find(|(_, c)| *c == '\'')?;
        return Some(2 + end.0 + 1);
    }
    let first = inner.chars().next()?;
    inner[first.len_utf8()..].starts_with('\'').then_some(first.len_utf8() + 2)
}

#[cfg(test)]
mod tests {
    use super::{code, strings};

    #[test]
    fn comments_and_strings_are_no_code() {
        let text = "let a = \"x\\\"y\"; // b\nlet c = '\"'; /* d /* e */ */ let f: &'a str = r#\"g\"h\"#;\n";
        let code = code(text);
        for gone in ["x", "b", "d", "e", "g", "h"] {
            assert!(
                !code.contains(&format!(" {gone}")) && !code.contains(&format!("{gone}\"")),
                "{gone}: {code}"
            );
        }
        assert!(code.contains("let a =") && code.contains("let f: &'a str ="), "{code}");
        assert_eq!(code.lines().count(), 2);
        assert_eq!(strings(text), [(1, "x\\\"y"), (2, "g\"h")]);
    }

    #[test]
    fn tests_at_the_end_do_not_count() {
        let text =
            "fn a() {}\n#[cfg(test)]\nmod tests;\nfn b() {}\n#[cfg(test)]\nmod tests {\n    fn c() {}\n}\n";
        let code = code(text);
        assert!(code.contains("fn b()") && !code.contains("fn c()"), "{code}");
    }
}
