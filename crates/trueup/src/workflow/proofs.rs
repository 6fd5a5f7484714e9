//! Proofs beside migrations: written with a repair, and looked for before its files are run.

use camino::{Utf8Path, Utf8PathBuf};
use trueup_database::fingerprint::of_text;
use trueup_frameworks::WrittenFile;
use trueup_model::proof::Proof;
use trueup_model::repair::Script;
use trueup_report::{ProofFile, ProvenFile};

use super::load::Setting;
use crate::failure::Failure;

const NAME: &str = "proof.toml";

/// The proof of files that are about to be written, as one more file.
pub(super) fn proof_of(
    files: &[WrittenFile],
    (script, proof): (&Script, &Proof),
    (settles, recorded): (&[String], &[String]),
    database: &str,
    written: String,
) -> Result<Option<WrittenFile>, Failure> {
    let Some(first) = files.first() else { return Ok(None) };
    let proven = files
        .iter()
        .map(|file| ProvenFile { path: file.path.to_string(), fingerprint: of_text(&file.text).to_string() })
        .collect();
    let down = match (&script.down, proof.way_back) {
        (Ok(down), Some(true)) => down.as_slice(),
        (Ok(_) | Err(_), _) => &[],
    };
    let text = ProofFile::new(proof, down, (settles, recorded), database, written, proven)
        .text()
        .map_err(Failure::new)?;
    Ok(Some(WrittenFile { path: place(&first.path), text }))
}

/// `db/0007_repair.proof.toml` for `db/0007_repair.up.sql`; where a migration is a folder, it stands in there.
pub(crate) fn place(file: &Utf8Path) -> Utf8PathBuf {
    let stem = file.file_name().and_then(|name| name.split('.').next()).unwrap_or_default();
    match stem {
        "up" | "migration" => file.with_file_name(NAME),
        stem => file.with_file_name(format!("{stem}.{NAME}")),
    }
}

/// The line in the head of a repair that names its proof.
pub(super) fn line_of(proof: &Utf8Path) -> String {
    format!("{BEFORE}{proof}{AFTER}")
}

const BEFORE: &str = "Proven: see ";
const AFTER: &str = ", without which trueup does not run this.";

/// The proof that a file says it has.
fn named_in(text: &str) -> Option<&str> {
    let is_comment = |line: &&str| line.trim().is_empty() || line.starts_with("--") || line.starts_with('#');
    text.lines()
        .take_while(is_comment)
        .filter_map(|line| {
            line.trim_start_matches(['-', '#']).trim().strip_prefix(BEFORE)?.strip_suffix(AFTER)
        })
        .next()
}

/// What stands beside a migration.
pub(super) enum Beside {
    Nothing,
    /// A proof of this file and of others, as they are now.
    Proven(Utf8PathBuf, Box<ProofFile>),
    Changed {
        proof: Utf8PathBuf,
        file: String,
    },
    /// It was proven, and the proof is not there.
    Lost {
        proof: String,
    },
}

/// Looks for a proof that speaks of this file (relative to the project): the one that it names, and those in its folder
/// and in the neighbours of it.
pub(super) fn beside(setting: &Setting, file: &str) -> Result<Beside, Failure> {
    let root = &setting.detected.root;
    let path = root.join(file);
    let Some(folder) = path.parent() else { return Ok(Beside::Nothing) };
    // Where each migration is a folder, the proof of several stands in the first one.
    let mut folders = vec![folder.to_owned()];
    if ["up", "migration"].contains(&path.file_stem().unwrap_or_default()) {
        folders.extend(folder.parent().map(siblings).unwrap_or_default());
    }
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let named = named_in(&text);
    let far = named.map(|proof| root.join(proof)).filter(|proof| proof.is_file());
    let near = folders.iter().flat_map(|folder| proofs_in(folder));
    for proof in far.into_iter().chain(near) {
        let text = std::fs::read_to_string(&proof)
            .map_err(|error| Failure::new(format!("reading the proof {proof}: {}", error.kind())))?;
        let parsed = ProofFile::parse(&text)
            .map_err(|problem| Failure::new(format!("reading the proof {proof}: {problem}")))?;
        if !parsed.files.iter().any(|proven| proven.path == file) {
            continue;
        }
        for proven in &parsed.files {
            let is_same = std::fs::read_to_string(root.join(&proven.path))
                .is_ok_and(|text| of_text(&text).to_string() == proven.fingerprint);
            if !is_same {
                return Ok(Beside::Changed { proof, file: proven.path.clone() });
            }
        }
        return Ok(Beside::Proven(proof, Box::new(parsed)));
    }
    Ok(match named {
        Some(proof) => Beside::Lost { proof: proof.to_owned() },
        None => Beside::Nothing,
    })
}

fn proofs_in(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let mut proofs: Vec<Utf8PathBuf> =
        entries(folder).into_iter().filter(|path| path.as_str().ends_with(NAME) && path.is_file()).collect();
    proofs.sort();
    proofs
}

fn siblings(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let mut folders: Vec<Utf8PathBuf> = entries(folder).into_iter().filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn entries(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let Ok(listed) = folder.read_dir_utf8() else { return Vec::new() };
    listed.flatten().map(camino::Utf8DirEntry::into_path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repair_names_its_proof_in_its_head() {
        let line = line_of(Utf8Path::new("db/7_a b.proof.toml"));
        let text = format!("-- +goose Up\n-- Makes it right.\r\n-- {line}\r\n\nselect 1;\n");
        assert_eq!(named_in(&text), Some("db/7_a b.proof.toml"));
        assert_eq!(named_in(&format!("select 1;\n-- {line}")), None);
        let python = format!("# Makes it right.\n# {line}\n\nfrom django.db import migrations\n");
        assert_eq!(named_in(&python), Some("db/7_a b.proof.toml"));
        assert_eq!(named_in("-- Proven: see below\nselect 1;"), None);
    }

    #[test]
    fn a_proof_stands_beside_the_first_file() {
        for (file, expected) in [
            ("db/0007_repair.up.sql", "db/0007_repair.proof.toml"),
            ("db/V7__repair.sql", "db/V7__repair.proof.toml"),
            ("migrations/2024_repair/up.sql", "migrations/2024_repair/proof.toml"),
            ("prisma/migrations/2024_repair/migration.sql", "prisma/migrations/2024_repair/proof.toml"),
            ("repair.sql", "repair.proof.toml"),
        ] {
            assert_eq!(place(Utf8Path::new(file)), expected);
        }
    }
}
