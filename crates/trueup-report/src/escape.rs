//! Characters that must not reach a reader as they are: what moves a cursor, turns the direction of a line, or
//! cannot be seen at all.

use std::fmt::Write;

/// A text for one line: line breaks and everything invisible is spelled out, `\n` and `\u{1b}`.
pub fn line(text: &str) -> String {
    if !text.contains(is_hidden) {
        return text.to_owned();
    }
    let mut visible = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => visible.push_str("\\n"),
            '\r' => visible.push_str("\\r"),
            '\t' => visible.push_str("\\t"),
            c if is_hidden(c) => write!(visible, "\\u{{{:x}}}", c as u32).unwrap_or_default(),
            c => visible.push(c),
        }
    }
    visible
}

/// A text for several lines: broken where it breaks, tabs widened, everything else as in [`line`]. Empty lines at the
/// end are left out.
pub fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text
        .split('\n')
        .map(|piece| line(&piece.strip_suffix('\r').unwrap_or(piece).replace('\t', "    ")))
        .collect();
    while lines.last().is_some_and(|last| last.trim().is_empty()) {
        lines.pop();
    }
    lines
}

/// The same JSON, with everything invisible written as `\u` and four digits: no reader of the data sees a difference.
///
/// JSON's own characters are visible ones, so whatever is hidden stands inside a string. Line breaks between the
/// values stay.
pub fn json(document: &str) -> String {
    let mut visible = String::with_capacity(document.len());
    for c in document.chars() {
        if c == '\n' || !is_hidden(c) {
            visible.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(visible, "\\u{unit:04x}").unwrap_or_default();
        }
    }
    visible
}

/// The five characters that mean something in HTML and XML.
pub fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Control characters, marks that turn the direction, characters without a shape, and code points that are none.
pub fn is_hidden(c: char) -> bool {
    let code = c as u32;
    c.is_control()
        || matches!(code,
            0xad | 0x34f | 0x61c | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f
            // Zero-width marks, marks of direction, separators of lines and paragraphs.
            | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0x3164
            // Variation selectors, except the one that asks for an emoji.
            | 0xfe00..=0xfe0e | 0xe0100..=0xe01ef
            | 0xfeff | 0xffa0 | 0xfff0..=0xfffb | 0xfdd0..=0xfdef
            | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe0000..=0xe007f)
        || code & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_one_line() {
        assert_eq!(line("a\nb\r\tc"), r"a\nb\r\tc");
        assert_eq!(line("red \u{1b}[31m, \u{9b}31m, \u{7f}"), r"red \u{1b}[31m, \u{9b}31m, \u{7f}");
        assert_eq!(line("abc\u{202e}def\u{2028}\u{feff}"), r"abc\u{202e}def\u{2028}\u{feff}");
        assert_eq!(line("Größe ❤️ שלום 表"), "Größe ❤️ שלום 表");
    }

    #[test]
    fn lines_break_where_the_text_does() {
        assert_eq!(lines("a\r\n\tb\rc\n\n"), ["a", "    b\\rc"]);
        assert_eq!(lines(""), Vec::<String>::new());
    }

    #[test]
    fn json_means_the_same_afterwards() {
        let hostile = "\u{7f} \u{9b} \u{202e} \u{e0041} \u{ffff} é";
        let written = json(&serde_json::to_string(hostile).expect("a string is JSON"));
        assert!(!written.contains(is_hidden), "{written}");
        assert_eq!(serde_json::from_str::<String>(&written).expect("still JSON"), hostile);
    }
}
