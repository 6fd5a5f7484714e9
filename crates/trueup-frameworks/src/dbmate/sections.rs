//! The parts of a file of dbmate.

use std::sync::Arc;

use crate::reporting::Fault;
use crate::source::Segment;

pub(crate) struct Sections {
    pub up: Vec<Segment>,
    pub down: Vec<Segment>,
    pub up_in_transaction: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Up,
    Down,
}

pub(crate) fn is_marked(text: &str) -> bool {
    text.lines().any(|line| mark_of(line).is_some_and(|(mark, _)| mark == Mark::Up))
}

/// `--`, blanks, `migrate:up` or `migrate:down` at the beginning of a line, then options.
fn mark_of(line: &str) -> Option<(Mark, &str)> {
    let rest = line.strip_prefix("--")?.trim_start();
    let (mark, rest) = match (rest.strip_prefix("migrate:up"), rest.strip_prefix("migrate:down")) {
        (Some(rest), _) => (Mark::Up, rest),
        (None, Some(rest)) => (Mark::Down, rest),
        (None, None) => return None,
    };
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then_some((mark, rest))
}

/// A file has one or more pairs of an up and a down part; everything before the first mark must be comment.
pub(crate) fn parse(file: &Arc<str>, text: &str) -> Result<Sections, Fault> {
    let mut sections = Sections { up: Vec::new(), down: Vec::new(), up_in_transaction: true };
    let mut current: Option<(Mark, Segment)> = None;
    let finish = |sections: &mut Sections, current: Option<(Mark, Segment)>| match current {
        Some((Mark::Up, segment)) => sections.up.push(segment),
        // The last pair is taken back first.
        Some((Mark::Down, segment)) => sections.down.insert(0, segment),
        None => {}
    };
    for (line, number) in text.split_inclusive('\n').zip(1u32..) {
        let bare = line.trim_end_matches(['\n', '\r']);
        if let Some((mark, options)) = mark_of(bare) {
            if mark == Mark::Down && current.is_none() {
                return Err(Fault::at_line("migrate:down stands before migrate:up", file, number, bare));
            }
            finish(&mut sections, current.take());
            let outside = options.split_whitespace().any(|option| option == "transaction:false");
            if mark == Mark::Up && outside {
                sections.up_in_transaction = false;
            }
            // The mark is a comment: leaving its line out moves nothing as long as the number is kept.
            current = Some((mark, Segment { first_line: number + 1, text: String::new() }));
        } else if let Some((_, segment)) = &mut current {
            segment.text.push_str(line);
        } else if !(bare.trim().is_empty() || bare.trim_start().starts_with("--")) {
            return Err(Fault::at_line("a statement stands before migrate:up", file, number, bare));
        }
    }
    finish(&mut sections, current);
    if sections.up.is_empty() {
        return Err(Fault::at_line(
            "the file has no line \"-- migrate:up\"",
            file,
            1,
            text.lines().next().unwrap_or(""),
        ));
    }
    Ok(sections)
}
