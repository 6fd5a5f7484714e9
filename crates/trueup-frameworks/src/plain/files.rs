//! Which files of a plain folder are migrations, and which are the way back from one.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use crate::folder::{self, Entry};
use crate::framework::ReadError;
use crate::naming::{compare_naturally, leading_digits};

/// A file that may be a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// The path below the folder without its extension and direction: the key of the ledger.
    pub key: String,
    pub path: Utf8PathBuf,
    pub down: Option<Utf8PathBuf>,
    pub numbered: bool,
}

pub(crate) struct Files {
    /// In order.
    pub candidates: Vec<Candidate>,
    /// Ways back without a migration.
    pub stray_downs: Vec<Utf8PathBuf>,
}

const EXTENSIONS: &[&str] = &[".sql", ".psql", ".pgsql"];

/// After a point these words say what a file is for; nothing else is called so.
const DOWN_WORDS: &[&str] = &["down", "undo", "rollback", "revert"];

fn stem_of(name: &str) -> Option<&str> {
    EXTENSIONS.iter().find_map(|extension| name.strip_suffix(extension))
}

/// `001_x`, `20240131-x`, `V2__x`, `v2_x`.
fn is_numbered(stem: &str) -> bool {
    leading_digits(stem.strip_prefix(['V', 'v']).unwrap_or(stem)).is_some()
}

/// How many numbered files a folder has, and one of them.
pub(crate) fn numbered(folder: &Utf8Path) -> Option<(usize, String)> {
    let files = folder::files(folder).ok()?;
    let mut numbered = files.iter().filter(|entry| stem_of(&entry.name).is_some_and(is_numbered));
    let example = numbered.next()?.name.clone();
    Some((1 + numbered.count(), example))
}

pub(crate) fn collect(folder: &Utf8Path) -> Result<Files, ReadError> {
    let mut ups: BTreeMap<String, Entry> = BTreeMap::new();
    let mut downs: BTreeMap<String, Entry> = BTreeMap::new();
    gather(folder, "", false, &mut ups, &mut downs)?;
    pair_by_suffix(&mut ups, &mut downs);
    let mut candidates: Vec<Candidate> = Vec::new();
    for (key, entry) in ups {
        let down = downs.remove(&key).map(|entry| entry.path);
        let name = key.rsplit('/').next().unwrap_or(&key);
        let numbered = is_numbered(name) || key.contains('/');
        candidates.push(Candidate { numbered, path: entry.path, down, key });
    }
    candidates.sort_by(|left, right| compare_naturally(order(&left.key), order(&right.key)));
    Ok(Files { candidates, stray_downs: downs.into_values().map(|entry| entry.path).collect() })
}

/// `V2__x` is sorted by its number, too.
fn order(key: &str) -> &str {
    let bare = key.strip_prefix(['V', 'v']).unwrap_or(key);
    if leading_digits(bare).is_some() { bare } else { key }
}

/// Folders that are called by number, `up` or `down` belong to the history.
fn gather(
    folder: &Utf8Path,
    prefix: &str,
    back: bool,
    ups: &mut BTreeMap<String, Entry>,
    downs: &mut BTreeMap<String, Entry>,
) -> Result<(), ReadError> {
    for entry in folder::list(folder)? {
        if entry.is_folder {
            let word = entry.name.to_ascii_lowercase();
            let is_back = DOWN_WORDS.contains(&word.trim_end_matches('s'));
            if is_back || word == "up" {
                gather(&entry.path, prefix, back || is_back, ups, downs)?;
            } else if is_numbered(&entry.name) && prefix.matches('/').count() < 4 {
                gather(&entry.path, &format!("{prefix}{}/", entry.name), back, ups, downs)?;
            }
            continue;
        }
        let Some(stem) = stem_of(&entry.name) else { continue };
        let (stem, word) = match stem.rsplit_once('.') {
            Some((before, word)) if word == "up" || DOWN_WORDS.contains(&word) => (before, word),
            Some(_) | None => (stem, ""),
        };
        let key = format!("{prefix}{stem}");
        if back || DOWN_WORDS.contains(&word) {
            downs.insert(key, entry);
        } else {
            ups.insert(key, entry);
        }
    }
    Ok(())
}

/// `001_x_up` with `001_x_down`, `001_x` with `001_x_rollback`: only together, because `002_set_up` is nothing but a
/// name.
fn pair_by_suffix(ups: &mut BTreeMap<String, Entry>, downs: &mut BTreeMap<String, Entry>) {
    let keys: BTreeSet<String> = ups.keys().cloned().collect();
    for key in &keys {
        for separator in ["_", "-"] {
            for word in DOWN_WORDS {
                let Some(base) = key.strip_suffix(&format!("{separator}{word}")) else { continue };
                let with_up = format!("{base}{separator}up");
                if keys.contains(&with_up) {
                    if let (Some(up), Some(down)) = (ups.remove(&with_up), ups.remove(key)) {
                        ups.insert(base.to_owned(), up);
                        downs.insert(base.to_owned(), down);
                    }
                } else if keys.contains(base)
                    && let Some(down) = ups.remove(key)
                {
                    downs.insert(base.to_owned(), down);
                }
            }
        }
        // Undo scripts in the manner of Flyway: `U2__x` beside `V2__x`.
        if let Some(rest) = key.strip_prefix('U')
            && keys.contains(&format!("V{rest}"))
            && let Some(down) = ups.remove(key)
        {
            downs.insert(format!("V{rest}"), down);
        }
    }
}
