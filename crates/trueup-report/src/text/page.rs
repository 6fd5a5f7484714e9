//! A page of text as it grows: words are laid out first and painted then, so that colours have no width.

use unicode_width::UnicodeWidthStr;

use super::colours::Label;
use crate::Style;

/// Less than this cannot be laid out; a terminal that says so breaks the lines itself.
const NARROWEST: usize = 40;

/// Words that look alike. Blanks inside are places to break.
pub struct Span {
    label: Label,
    text: String,
}

impl Span {
    pub fn new(label: Label, text: impl Into<String>) -> Self {
        Self { label, text: text.into() }
    }

    pub fn plain(text: impl Into<String>) -> Self {
        Self::new(Label::Plain, text)
    }
}

pub struct Page {
    out: String,
    pub width: usize,
    pub colour: bool,
}

impl Page {
    pub fn new(style: &Style) -> Self {
        Self { out: String::new(), width: style.width.max(NARROWEST), colour: style.colour }
    }

    pub fn finish(self) -> String {
        self.out
    }

    /// An empty line, unless there is one already.
    pub fn gap(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// Fills lines with words, the first line after `first` and the others after `next`. A word that no line holds is
    /// broken.
    pub fn paragraph(&mut self, first: &str, next: &str, spans: &[Span]) {
        let mut line = first.to_owned();
        let mut line_width = first.width();
        let mut is_fresh = true;
        for span in spans {
            let mut run = String::new();
            for word in span.text.split(' ').filter(|word| !word.is_empty()) {
                let needs = usize::from(!is_fresh) + word.width();
                if !is_fresh && line_width + needs > self.width {
                    self.paint(&mut line, span.label, &mut run);
                    self.push_line(&line);
                    line = next.to_owned();
                    line_width = next.width();
                    is_fresh = true;
                }
                if !is_fresh {
                    // The blank before the first word of a run stays unpainted.
                    if run.is_empty() {
                        line.push(' ')
                    } else {
                        run.push(' ')
                    }
                    line_width += 1;
                }
                is_fresh = false;
                let mut pieces =
                    broken(word, self.width.saturating_sub(line_width), self.width - next.width());
                let last = pieces.pop().unwrap_or_default();
                for piece in pieces {
                    run.push_str(piece);
                    self.paint(&mut line, span.label, &mut run);
                    self.push_line(&line);
                    line = next.to_owned();
                    line_width = next.width();
                }
                run.push_str(last);
                line_width += last.width();
            }
            self.paint(&mut line, span.label, &mut run);
        }
        if !is_fresh {
            self.push_line(&line);
        }
    }

    /// A command to be copied: never broken, whatever its length.
    pub fn command(&mut self, before: &str, command: &str) {
        self.unbroken(before, &[Span::new(Label::Command, command)]);
    }

    /// A title that is seen without colours too: ruled to the end of the line.
    pub fn heading(&mut self, title: &str) {
        let rule = "-".repeat(self.width.saturating_sub(title.width() + 4));
        self.unbroken("-- ", &[Span::new(Label::Heading, title), Span::new(Label::Faint, rule)]);
        self.gap();
    }

    /// One line of words that stay together, whatever their length: a place that an editor can open.
    pub fn unbroken(&mut self, before: &str, spans: &[Span]) {
        let mut line = before.to_owned();
        for (index, span) in spans.iter().enumerate() {
            if index > 0 {
                line.push(' ');
            }
            self.paint(&mut line, span.label, &mut span.text.clone());
        }
        self.push_line(&line);
    }

    /// Lines that are laid out already, each after `indent`.
    pub fn verbatim(&mut self, indent: &str, lines: &str) {
        for line in lines.lines() {
            self.push_line(&format!("{indent}{line}"));
        }
    }

    fn paint(&self, line: &mut String, label: Label, run: &mut String) {
        let style = label.style();
        if self.colour && label != Label::Plain && !run.is_empty() {
            line.push_str(&format!("{style}{run}{style:#}"));
        } else {
            line.push_str(run);
        }
        run.clear();
    }

    fn push_line(&mut self, line: &str) {
        self.out.push_str(line.trim_end_matches(' '));
        self.out.push('\n');
    }
}

/// A word in pieces that fit: the first into the room that is left, the others into whole lines.
fn broken(word: &str, room: usize, whole: usize) -> Vec<&str> {
    if word.width() <= room {
        return vec![word];
    }
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, c) in word.char_indices() {
        let limit = if pieces.is_empty() { room } else { whole };
        if at > start && word[start..at + c.len_utf8()].width() > limit.max(1) {
            pieces.push(&word[start..at]);
            start = at;
        }
    }
    pieces.push(&word[start..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(width: usize, text: &str, expected: &[&str]) {
        let mut page = Page::new(&Style { width, ..Style::default() });
        page.paragraph("- ", "  ", &[Span::plain(text)]);
        assert_eq!(page.finish().lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn words_fill_lines() {
        check(
            40,
            "one two three four five six seven eight nine",
            &["- one two three four five six seven", "  eight nine"],
        );
    }

    #[test]
    fn words_without_an_end_are_broken() {
        check(
            40,
            &"x".repeat(90),
            &[
                &format!("- {}", "x".repeat(38)),
                &format!("  {}", "x".repeat(38)),
                &format!("  {}", "x".repeat(14)),
            ],
        );
        check(40, &"表".repeat(25), &[&format!("- {}", "表".repeat(19)), &format!("  {}", "表".repeat(6))]);
    }

    #[test]
    fn colours_have_no_width() {
        let lines_of = |colour| {
            let mut page = Page::new(&Style { width: 40, colour, ..Style::default() });
            let spans =
                [Span::new(Label::Error, "error[x] and more words than"), Span::plain("one line can hold")];
            page.paragraph("", "  ", &spans);
            page.finish()
        };
        let colourless = anstyle_free(&lines_of(true));
        assert_eq!(colourless, lines_of(false));
        assert_ne!(lines_of(true), lines_of(false));
    }

    fn anstyle_free(text: &str) -> String {
        let mut pieces = text.split('\u{1b}');
        let first = pieces.next().unwrap_or_default().to_owned();
        pieces.fold(first, |all, piece| all + piece.split_once('m').map_or("", |(_, rest)| rest))
    }
}
