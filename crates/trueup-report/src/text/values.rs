//! What was expected and what was found: beside each other where they are short, otherwise the parts that differ.

use similar::{ChangeTag, TextDiff};
use unicode_width::UnicodeWidthStr;

use super::colours::Label;
use super::page::{Page, Span};
use crate::{escape, words};

const INDENT: &str = "  ";
/// Below `expected  `.
const HANGING: &str = "            ";
/// Lines of one text, or of one comparison, before the rest is folded.
const SHOWN_LINES: usize = 12;
/// Lines of each text that are compared at most: a comparison of more takes long and nobody reads it.
const COMPARED_LINES: usize = 2_000;
/// Characters before and after the part of a long line that differs.
const CONTEXT: usize = 24;
const SHOWN_CHARACTERS: usize = 240;

pub fn write(page: &mut Page, expected: Option<&str>, found: Option<&str>, verbose: bool) {
    match (expected, found) {
        (Some(expected), Some(found)) if is_multiline(expected) || is_multiline(found) => {
            write_comparison(page, expected, found, verbose);
        }
        (Some(expected), Some(found)) => {
            let (expected, found) = (words::value(expected), words::value(found));
            let room = page.width - HANGING.len();
            let (expected, found) = if verbose || (expected.width() <= room && found.width() <= room) {
                (expected, found)
            } else {
                differing_parts(&expected, &found)
            };
            write_value(page, "expected", Label::Expected, &expected);
            write_value(page, "found", Label::Found, &found);
        }
        (expected, found) => {
            for (name, label, text) in
                [("expected", Label::Expected, expected), ("found", Label::Found, found)]
            {
                match text {
                    Some(text) if is_multiline(text) => write_lines(page, name, label, text, verbose),
                    Some(text) => write_value(page, name, label, &words::value(text)),
                    None => {}
                }
            }
        }
    }
}

fn is_multiline(text: &str) -> bool {
    text.trim_end().contains('\n')
}

fn write_value(page: &mut Page, name: &str, label: Label, value: &str) {
    page.paragraph(&format!("{INDENT}{name:<8}  "), HANGING, &[Span::new(label, value)]);
}

fn write_lines(page: &mut Page, name: &str, label: Label, text: &str, verbose: bool) {
    let lines = escape::lines(text);
    let shown = shown_of(lines.len(), verbose);
    page.paragraph(INDENT, INDENT, &[Span::plain(name)]);
    for line in &lines[..shown] {
        write_line(page, " ", label, line);
    }
    write_rest(page, lines.len() - shown, "more");
}

/// The lines that differ, with the one before and after, as `diff` shows them.
fn write_comparison(page: &mut Page, expected: &str, found: &str, verbose: bool) {
    let (expected, found) = (escape::lines(expected), escape::lines(found));
    let same = expected.iter().zip(&found).take_while(|(expected, found)| expected == found).count();
    // One line before the first difference is enough to see where it is.
    let start = same.saturating_sub(1);
    let slice = |lines: &[String]| -> Vec<String> {
        lines.iter().skip(start).take(COMPARED_LINES).cloned().collect()
    };
    let (expected, found) = (slice(&expected), slice(&found));
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    let found: Vec<&str> = found.iter().map(String::as_str).collect();
    let comparison = TextDiff::from_slices(&expected, &found);

    let mut lines = Vec::new();
    for (index, group) in comparison.grouped_ops(1).iter().enumerate() {
        if index > 0 {
            lines.push((" ", Label::Faint, "..."));
        }
        for operation in group {
            for change in comparison.iter_changes(operation) {
                let (sign, label) = match change.tag() {
                    ChangeTag::Equal => (" ", Label::Plain),
                    ChangeTag::Delete => ("-", Label::Expected),
                    ChangeTag::Insert => ("+", Label::Found),
                };
                lines.push((sign, label, change.value()));
            }
        }
    }
    page.paragraph(
        INDENT,
        INDENT,
        &[Span::new(Label::Expected, "- expected,"), Span::new(Label::Found, "+ found")],
    );
    let shown = shown_of(lines.len(), verbose);
    for (sign, label, line) in &lines[..shown] {
        write_line(page, sign, *label, line);
    }
    write_rest(page, lines.len() - shown, "of the comparison");
}

/// One line of a text, its own indentation kept, broken where the page ends.
fn write_line(page: &mut Page, sign: &str, label: Label, line: &str) {
    let text = line.trim_start_matches(' ');
    let indentation = (line.len() - text.len()).min(page.width / 2);
    let first = format!("{INDENT}{sign} {:indentation$}", "");
    let next = format!("{INDENT}  {:indentation$}  ", "");
    if text.is_empty() {
        page.verbatim("", &first);
    } else {
        page.paragraph(&first, &next, &[Span::new(label, text)]);
    }
}

fn shown_of(total: usize, verbose: bool) -> usize {
    // Folding a line or two would save nothing.
    if verbose || total <= SHOWN_LINES + 2 { total } else { SHOWN_LINES }
}

fn write_rest(page: &mut Page, number: usize, of_what: &str) {
    if number > 0 {
        let rest = format!("and {number} lines {of_what}: --verbose shows all");
        page.paragraph("    ", "    ", &[Span::new(Label::Faint, rest)]);
    }
}

/// Two long lines without what they begin and end with alike, except for a little context.
fn differing_parts(expected: &str, found: &str) -> (String, String) {
    let expected: Vec<char> = expected.chars().collect();
    let found: Vec<char> = found.chars().collect();
    let shorter = expected.len().min(found.len());
    let prefix = expected.iter().zip(&found).take_while(|(a, b)| a == b).count();
    let suffix = expected
        .iter()
        .rev()
        .zip(found.iter().rev())
        .take(shorter - prefix)
        .take_while(|(a, b)| a == b)
        .count();
    (differing_part(&expected, prefix, suffix), differing_part(&found, prefix, suffix))
}

fn differing_part(text: &[char], prefix: usize, suffix: usize) -> String {
    let start = if prefix <= CONTEXT { 0 } else { word_start(text, prefix - CONTEXT, prefix) };
    let end = if suffix <= CONTEXT { text.len() } else { text.len() - suffix + CONTEXT };
    let cut = end.min(start + SHOWN_CHARACTERS);
    let before = if start > 0 { "… " } else { "" };
    let after = if cut < text.len() { " …" } else { "" };
    let part: String = text[start..cut].iter().collect();
    format!("{before}{}{after}", part.trim_end())
}

/// The first beginning of a word in the range, so that the excerpt does not open inside one.
fn word_start(text: &[char], from: usize, to: usize) -> usize {
    (from..to).find(|&at| text[at - 1] == ' ').unwrap_or(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_cut_to_what_differs() {
        let (left, right) = ("a word and ".repeat(20), " and more of it".repeat(20));
        let (expected, found) =
            differing_parts(&format!("{left}OPEN{right}"), &format!("{left}CLOSED{right}"));
        assert_eq!(expected, "… a word and a word and OPEN and more of it and more …");
        assert_eq!(found, "… a word and a word and CLOSED and more of it and more …");
    }

    #[test]
    fn what_is_only_added_is_seen() {
        let text = "x".repeat(100);
        let (expected, found) = differing_parts(&text, &format!("{text}!"));
        assert_eq!(expected, format!("… {}", "x".repeat(24)));
        assert_eq!(found, format!("… {}!", "x".repeat(24)));
    }
}
