//! Identifiers and literals as SQL text, and back.

/// Quotes always: a name that needs no quotes today is a keyword tomorrow.
pub fn quote_ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A string literal that means the same whatever `standard_conforming_strings` says.
pub fn quote_literal(text: &str) -> String {
    let quotes = text.replace('\'', "''");
    if text.contains('\\') { format!(" E'{}'", quotes.replace('\\', "\\\\")) } else { format!("'{quotes}'") }
}

/// The name that an identifier in SQL stands for, as the catalogs store it: `Foo` is `foo`, `"a""b"` is `a"b`,
/// and what is longer than 63 bytes is cut.
pub fn unquote_ident(written: &str) -> String {
    let unicode = written.strip_prefix(['u', 'U']).and_then(|rest| rest.strip_prefix('&'));
    let quoted = unicode.unwrap_or(written);
    let name = match quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(content) if unicode.is_some() => unicode_escapes(&content.replace("\"\"", "\"")),
        Some(content) => content.replace("\"\"", "\""),
        None => written.to_ascii_lowercase(),
    };
    truncated(name)
}

/// `\0061`, `\+01F600` and `\\`. What is none of them stays as it is: the server refuses it.
fn unicode_escapes(content: &str) -> String {
    let mut units: Vec<u16> = Vec::new();
    let mut rest = content;
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        if character != '\\' {
            push(&mut units, character);
            continue;
        }
        let (skipped, digits) = if rest.starts_with('+') { (1, 6) } else { (0, 4) };
        let code = rest.get(skipped..skipped + digits).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        match code {
            // Half of a surrogate pair: the other half follows in an escape of its own.
            Some(code @ 0xD800..=0xDFFF) => units.push(code as u16),
            Some(code) => push(&mut units, char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)),
            None => push(&mut units, '\\'),
        }
        let used = if code.is_some() { skipped + digits } else { usize::from(rest.starts_with('\\')) };
        rest = &rest[used..];
    }
    String::from_utf16_lossy(&units)
}

fn push(units: &mut Vec<u16>, character: char) {
    units.extend_from_slice(character.encode_utf16(&mut [0; 2]));
}

fn truncated(mut name: String) -> String {
    name.truncate(name.floor_char_boundary(63));
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_and_texts() {
        assert_eq!(quote_ident("user"), "\"user\"");
        assert_eq!(quote_ident("a\"b"), "\"a\"\"b\"");
        assert_eq!(quote_literal("O'Hara"), "'O''Hara'");
        assert_eq!(quote_literal("a\\b"), " E'a\\\\b'");
    }

    #[test]
    fn names_come_back() {
        assert_eq!(unquote_ident("User_1"), "user_1");
        assert_eq!(unquote_ident("ÄB"), "Äb");
        assert_eq!(unquote_ident(r#""a""B""#), "a\"B");
        assert_eq!(unquote_ident(r#"U&"d\0061t\+01F600\D83D\DE00\\ \zz""#), "dat😀😀\\ \\zz");
        assert_eq!(unquote_ident(&"é".repeat(40)), "é".repeat(31));
        for name in ["user", "a\"b", "A b", "🦀"] {
            assert_eq!(unquote_ident(&quote_ident(name)), name);
        }
    }
}
