//! The statement that claims an object, as it stands in its file, with carets below it.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use trueup_model::{Finding, Place, Severity};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::colours::Label;
use super::page::{Page, Span};
use crate::{escape, words};

/// Lines of a statement that are shown when the name of the object is in none of them.
const SHOWN_LINES: usize = 3;
/// Lines of a statement in which the name is looked for.
const SEARCHED_LINES: usize = 400;
const INDENT: &str = "  ";
/// Between the numbers and the source.
const RULE: &str = " | ";

/// The place and the source there.
pub fn write(page: &mut Page, finding: &Finding, place: &Place, excerpt: &str) {
    let mut lines: Vec<String> = escape::lines(excerpt).into_iter().take(SEARCHED_LINES).collect();
    if lines.first().is_none_or(|line| line.trim().is_empty()) {
        write_place(page, place, "");
        return;
    }
    // As wide as the numbers, so that the arrow points at the rule to the right of them.
    let gutter = (place.line as usize + lines.len()).to_string().len();
    to_the_left(&mut lines, place.column.max(1) as usize - 1);
    fit(&mut lines, page.width - INDENT.len() - gutter - RULE.len());
    let source = lines.join("\n");
    let statement = indentation(&lines[0])..lines[0].trim_end().len();
    let after_first = lines[0].len();

    let mut snippet = Snippet::source(source.as_str())
        .line_start(place.line.max(1) as usize)
        .annotation(AnnotationKind::Primary.span(statement));
    match finding.object.as_ref().and_then(|object| find_word(&source, after_first, object.name().as_str())) {
        Some(name) => snippet = snippet.annotation(AnnotationKind::Context.span(name)),
        None => {
            for line in line_spans(&source).skip(1).take(SHOWN_LINES - 1) {
                snippet = snippet.annotation(AnnotationKind::Visible.span(line));
            }
        }
    }
    let drawn = renderer(page).render(&[Group::with_level(level(finding.severity)).element(snippet)]);
    write_place(page, place, &" ".repeat(gutter));
    page.verbatim(INDENT, drawn.trim_end());
}

/// `--> file:line:column` alone: nothing to show, or shown above.
pub fn write_place(page: &mut Page, place: &Place, gutter: &str) {
    page.unbroken(
        &format!("{INDENT}{gutter}"),
        &[Span::new(Label::Place, "-->"), Span::plain(words::place_words(place))],
    );
}

/// Takes away what the file has before the statement, so that every statement begins at the rule: the first line of
/// an excerpt begins with it, the others have their indentation.
fn to_the_left(lines: &mut [String], column: usize) {
    let others = || lines.iter().skip(1).filter(|line| !line.trim().is_empty());
    // Behind another statement of its line, the column is no indentation.
    let common = others().map(|line| indentation(line)).min().unwrap_or_default().min(column);
    for line in lines.iter_mut().skip(1) {
        line.drain(..common.min(indentation(line)));
    }
}

/// Cuts lines that are too long.
fn fit(lines: &mut [String], room: usize) {
    for line in lines {
        if columns(line) > room || line.len() > 8 * room {
            let mut end = 0;
            while let Some(c) = line[end..].chars().next() {
                // A line of marks without a width would never be wide enough.
                if columns(&line[..end + c.len_utf8()]) >= room || end > 8 * room {
                    break;
                }
                end += c.len_utf8();
            }
            line.truncate(end);
            line.push('…');
        }
    }
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The width of a text as a terminal sees it or as the renderer counts it, whichever is more.
fn columns(text: &str) -> usize {
    text.width().max(text.chars().filter_map(UnicodeWidthChar::width).sum())
}

fn renderer(page: &Page) -> Renderer {
    // The lines fit already; the renderer's own way to cut them leaves some too long.
    let renderer = Renderer::plain().term_width(usize::MAX / 2);
    if !page.colour {
        return renderer;
    }
    renderer
        .error(Label::Error.style())
        .warning(Label::Warning.style())
        .info(Label::Info.style())
        .line_num(Label::Place.style())
        .context(Label::Place.style())
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    }
}

/// Where a name stands as a whole word, in the lines after the first.
fn find_word(source: &str, from: usize, name: &str) -> Option<Range<usize>> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    if name.is_empty() || name.contains('\n') {
        return None;
    }
    source[from..]
        .match_indices(name)
        .map(|(at, _)| from + at..from + at + name.len())
        .find(|range| !source[..range.start].ends_with(is_part) && !source[range.end..].starts_with(is_part))
}

fn line_spans(source: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    source.split('\n').scan(0, |start, line| {
        let span = *start..*start + line.len();
        *start = span.end + 1;
        Some(span)
    })
}

#[cfg(test)]
mod tests {
    use super::to_the_left;

    #[test]
    fn every_statement_begins_at_the_rule() {
        let shown = |excerpt: &str, column: usize| {
            let mut lines: Vec<String> = excerpt.lines().map(str::to_owned).collect();
            to_the_left(&mut lines, column);
            lines
        };
        let inner = ["CREATE TABLE a (", "    id integer", ")"];
        assert_eq!(shown("CREATE TABLE a (\n    id integer\n)", 0), inner);
        // Indented as a whole, and behind another statement of an indented line.
        assert_eq!(shown("CREATE TABLE a (\n            id integer\n        )", 8), inner);
        assert_eq!(shown("CREATE TABLE a (\n            id integer\n        )", 15), inner);
        assert_eq!(shown("CREATE TABLE a (\n    id integer\n)", 7), inner);
        assert_eq!(shown("RunSQL(\n            'select 1',\n\n", 8), ["RunSQL(", "    'select 1',", ""]);
        assert_eq!(shown("SELECT 2", 40), ["SELECT 2"]);
    }
}
