//! Python as Black would write it: comments, and texts as literals that mean the same to the last character.

/// Where Black breaks lines.
const WIDTH: usize = 88;

/// A comment, without an end of line in it. Nothing that Python could take for an encoding or an end of the line gets
/// through.
pub(super) fn comment(text: &str, indent: &str) -> String {
    let clean: String =
        text.chars().map(|character| if is_odd(character) { ' ' } else { character }).collect();
    match clean.trim_end() {
        "" => format!("{indent}#\n"),
        text => format!("{indent}# {text}\n"),
    }
}

/// A text as a literal: on one line where it has only one and fits, else in three quotes.
pub(super) fn literal(text: &str, indent: &str) -> String {
    let short = format!("\"{}\"", escaped(text, "\"").replace('\n', "\\n"));
    if !text.contains('\n') || indent.is_empty() && short.len() < WIDTH {
        return short;
    }
    let mut inner = escaped(text, "\"\"\"");
    if let Some(before) = inner.strip_suffix('"') {
        let backslashes = before.len() - before.trim_end_matches('\\').len();
        if backslashes % 2 == 0 {
            inner.insert(before.len(), '\\');
        }
    }
    format!("\"\"\"{inner}\"\"\"")
}

fn escaped(text: &str, quote: &str) -> String {
    let mut result = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\\' => result.push_str("\\\\"),
            '\r' => result.push_str("\\r"),
            '\n' | '\t' => result.push(character),
            character if is_odd(character) => {
                let number = u32::from(character);
                result.push_str(&match number {
                    0..=0xff => format!("\\x{number:02x}"),
                    0x100..=0xffff => format!("\\u{number:04x}"),
                    _ => format!("\\U{number:08x}"),
                });
            }
            character => result.push(character),
        }
    }
    let safe = format!("\\{}", quote.chars().map(String::from).collect::<Vec<_>>().join("\\"));
    result.replace(quote, &safe)
}

/// Characters that a file should not hold as they are: Python ends lines at some of them, and others show text in an
/// order in which it is not run.
fn is_odd(character: char) -> bool {
    character.is_control() && character != '\t'
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_end_where_they_should() {
        for (text, expected) in [
            ("plain", "\"plain\""),
            ("a \"b\" c", "\"a \\\"b\\\" c\""),
            ("back\\slash", "\"back\\\\slash\""),
            ("tab\tand\rreturn\0", "\"tab\tand\\rreturn\\x00\""),
            ("right\u{202e}left", "\"right\\u202eleft\""),
        ] {
            assert_eq!(literal(text, "    "), expected);
        }
        assert_eq!(literal("a\nb", "  "), "\"\"\"a\nb\"\"\"");
        assert_eq!(literal("a\n\"\"\"b\"", "  "), "\"\"\"a\n\\\"\\\"\\\"b\\\"\"\"\"");
        assert_eq!(literal("a\n\"\"\"", "  "), "\"\"\"a\n\\\"\\\"\\\"\"\"\"");
        assert_eq!(literal("a\nb\\", "  "), "\"\"\"a\nb\\\\\"\"\"");
    }

    #[test]
    fn comments_stay_on_their_line() {
        assert_eq!(comment("one\nimport os\r\u{2028}x", "  "), "  # one import os  x\n");
        assert_eq!(comment("", ""), "#\n");
    }
}
