//! Which of several histories goes first, and whether another one is as likely.

use camino::Utf8Path;

use crate::detect::named::files_of;
use crate::detect::{Certainty, Detected};

/// Folders of a project whose histories are not the one that it runs on.
const ASIDE: &[&str] = &[
    "test",
    "tests",
    "__tests__",
    "testdata",
    "fixtures",
    "spec",
    "e2e",
    "example",
    "examples",
    "sample",
    "samples",
    "demo",
    "docs",
];

/// The surest first, and what stands aside behind its equals. Else the order in which folders were looked at
/// decides: the sort is stable.
pub(super) fn sort(found: &mut [Detected]) {
    found.sort_by_key(|detected| (std::cmp::Reverse(detected.certainty), stands_aside(detected)));
}

/// The first other history that is as likely as the first one, so that somebody has to choose.
pub fn rival(found: &[Detected]) -> Option<&Detected> {
    let (first, others) = found.split_first()?;
    let mut equals = others.iter().filter(|other| other.certainty == first.certainty).filter(|other| {
        stands_aside(first) || !stands_aside(other) || other.certainty == Certainty::Configured
    });
    equals.find(|other| other.framework != first.framework || !covers(first, &other.folder))
}

fn stands_aside(detected: &Detected) -> bool {
    let below = detected.folder.strip_prefix(&detected.root).unwrap_or(&detected.folder);
    below.components().any(|component| ASIDE.contains(&component.as_str()))
}

/// Whether the first history has the files of that folder as its own: as one of several folders, below its own one,
/// or by a link.
fn covers(first: &Detected, folder: &Utf8Path) -> bool {
    let is_same = || match (first.folder.canonicalize_utf8(), folder.canonicalize_utf8()) {
        (Ok(one), Ok(two)) => one == two,
        (Err(_), _) | (_, Err(_)) => false,
    };
    first.further_folders.iter().any(|further| further == folder)
        || is_same()
        || (folder.starts_with(&first.folder) && files_of(first).iter().any(|file| file.starts_with(folder)))
}
