//! The annotations of goose, read line by line as goose does.

use std::sync::Arc;

use crate::goose::variables;
use crate::reporting::Fault;
use crate::settings::Settings;
use crate::source::Segment;

pub(crate) struct Parts {
    pub up: Vec<Segment>,
    pub down: Vec<Segment>,
    pub in_transaction: bool,
    /// What goose itself would refuse.
    pub faults: Vec<Fault>,
    /// Variables of the environment that are not known here.
    pub unknown: Vec<Fault>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Start,
    Up,
    Down,
}

pub(crate) fn is_annotated(text: &str) -> bool {
    text.lines().any(|line| annotation(line) == Some("Up"))
}

/// The words after `-- +goose`. They begin the line; blanks and letter case are taken lightly by newer versions.
fn annotation(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("--")?.trim_start();
    rest.strip_prefix("+goose").filter(|rest| rest.starts_with(char::is_whitespace)).map(str::trim)
}

struct State {
    parts: Parts,
    part: Part,
    /// Between `StatementBegin` and `StatementEnd`.
    in_block: bool,
    substitute: bool,
    segment: Option<Segment>,
    /// The line of the last text that no semicolon has ended.
    open: Option<(u32, String)>,
}

pub(crate) fn parse(file: &Arc<str>, text: &str, settings: &Settings) -> Parts {
    let parts = Parts {
        up: Vec::new(),
        down: Vec::new(),
        in_transaction: true,
        faults: Vec::new(),
        unknown: Vec::new(),
    };
    let mut state =
        State { parts, part: Part::Start, in_block: false, substitute: false, segment: None, open: None };
    for (line, number) in text.split_inclusive('\n').zip(1u32..) {
        let bare = line.trim_end_matches(['\n', '\r']);
        match annotation(bare) {
            Some(words) => state.annotate(file, words, number, bare),
            None => state.take(file, line, number, settings),
        }
    }
    state.finish(file)
}

impl State {
    fn annotate(&mut self, file: &Arc<str>, words: &str, number: u32, line: &str) {
        let complain = |message: &str| Fault::at_line(message, file, number, line);
        match words {
            "Up" if self.part == Part::Start => self.begin(Part::Up),
            "Up" => self.parts.faults.push(complain("a second \"+goose Up\"")),
            "Down" if self.part == Part::Up && !self.in_block => {
                self.expect_semicolon(file);
                self.begin(Part::Down);
            }
            "Down" => {
                self.parts.faults.push(complain("\"+goose Down\" stands where no \"+goose Up\" is open"))
            }
            "StatementBegin" if self.part != Part::Start && !self.in_block => {
                self.expect_semicolon(file);
                self.end_segment();
                self.in_block = true;
            }
            "StatementBegin" => {
                self.parts.faults.push(complain("\"+goose StatementBegin\" stands in the wrong place"))
            }
            "StatementEnd" if self.in_block => {
                self.end_segment();
                self.in_block = false;
                self.open = None;
            }
            "StatementEnd" => {
                self.parts
                    .faults
                    .push(complain("\"+goose StatementEnd\" without a \"+goose StatementBegin\""));
            }
            "NO TRANSACTION" => self.parts.in_transaction = false,
            "ENVSUB ON" | "ENVSUBST ON" => self.substitute = true,
            "ENVSUB OFF" | "ENVSUBST OFF" => self.substitute = false,
            _ => self.parts.faults.push(complain("goose knows no such annotation")),
        }
    }

    fn take(&mut self, file: &Arc<str>, line: &str, number: u32, settings: &Settings) {
        let bare = line.trim();
        let comment = bare.is_empty() || bare.starts_with("--");
        if self.part == Part::Start {
            if !comment {
                let message = "a statement stands before \"-- +goose Up\"";
                self.parts.faults.push(Fault::at_line(message, file, number, line));
            }
            return;
        }
        let line = if self.substitute {
            let replaced = variables::replace(file, line, number, settings);
            if self.part == Part::Up {
                self.parts.unknown.extend(replaced.unknown);
            }
            replaced.text
        } else {
            line.to_owned()
        };
        let segment = self.segment.get_or_insert_with(|| Segment { first_line: number, text: String::new() });
        segment.text.push_str(&line);
        if !comment && !self.in_block {
            self.open = (!ends_with_semicolon(&line)).then(|| (number, line.trim_end().to_owned()));
        }
    }

    fn begin(&mut self, part: Part) {
        self.end_segment();
        self.part = part;
        self.open = None;
    }

    fn end_segment(&mut self) {
        let Some(segment) = self.segment.take() else { return };
        match self.part {
            Part::Start => {}
            Part::Up => self.parts.up.push(segment),
            Part::Down => self.parts.down.push(segment),
        }
    }

    /// goose ends statements at semicolons at the ends of lines, and refuses what is left over.
    fn expect_semicolon(&mut self, file: &Arc<str>) {
        if let (Some((line, text)), Part::Up) = (self.open.take(), self.part) {
            let message = "the last statement does not end with a semicolon at the end of a line";
            self.parts.faults.push(Fault::at_line(message, file, line, &text));
        }
    }

    fn finish(mut self, file: &Arc<str>) -> Parts {
        if self.part == Part::Start {
            self.parts.faults.push(Fault::at_line("the file has no line \"-- +goose Up\"", file, 1, ""));
        }
        if self.in_block {
            let line = self.segment.as_ref().map_or(1, |segment| segment.first_line);
            let text = self
                .segment
                .as_ref()
                .and_then(|segment| segment.text.lines().next())
                .unwrap_or("")
                .to_owned();
            self.parts.faults.push(Fault::at_line("\"+goose StatementEnd\" is missing", file, line, &text));
        } else {
            self.expect_semicolon(file);
        }
        self.end_segment();
        self.parts
    }
}

/// The last word before a comment ends with a semicolon.
fn ends_with_semicolon(line: &str) -> bool {
    line.split_whitespace()
        .take_while(|word| !word.starts_with("--"))
        .last()
        .is_some_and(|word| word.ends_with(';'))
}
