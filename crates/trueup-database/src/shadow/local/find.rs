//! Which PostgreSQL servers are installed here: binaries on the path, where `pg_config` points to, and the usual
//! folders of distributions, installers and Homebrew.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Binaries that can make and run a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalServer {
    /// The folder of `initdb` and `postgres`.
    pub bin: PathBuf,
    /// As `server_version_num`: 150018.
    pub version: u32,
    /// `15.18 (Debian 15.18-0+deb12u1)`
    pub version_text: String,
    /// Extensions whose control files lie beside it. Empty when the folder was not found.
    pub extensions: BTreeSet<String>,
    pub icu: bool,
}

/// Where versioned binaries lie; `*` stands for one folder name.
const USUAL: &[&str] = &[
    "/usr/lib/postgresql/*/bin",
    "/usr/lib64/postgresql*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql/bin",
    "/usr/local/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/opt/homebrew/bin",
    "/opt/local/lib/postgresql*/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/Library/PostgreSQL/*/bin",
    "/run/current-system/sw/bin",
    r"C:\Program Files\PostgreSQL\*\bin",
];

/// All of them, the newest first; only the one in `folder` where one is named.
pub fn find(folder: Option<&Path>) -> Vec<LocalServer> {
    let folders = match folder {
        Some(folder) => vec![folder.to_owned(), folder.join("bin")],
        None => everywhere(),
    };
    let mut seen = BTreeSet::new();
    let mut found: Vec<LocalServer> = folders
        .iter()
        .filter_map(|folder| at(folder))
        .filter(|server| seen.insert(server.bin.clone()))
        .collect();
    found.sort_by(|a, b| b.version.cmp(&a.version).then_with(|| a.bin.cmp(&b.bin)));
    found
}

/// The server of one folder.
pub fn at(bin: &Path) -> Option<LocalServer> {
    // Homebrew and Debian put links on the path; beside what they lead to lies all the rest.
    let postgres = fs::canonicalize(program(bin, "postgres")?).ok()?;
    let bin = postgres.parent()?;
    program(bin, "initdb")?;
    let said = output_of(Command::new(&postgres).arg("--version"))?;
    // `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`
    let version_text = said.split_once("(PostgreSQL)")?.1.trim().to_owned();
    let version = crate::session::version_number(&version_text);
    if version < 130_000 {
        return None;
    }
    let extensions = extensions_of(bin, version / 10_000);
    let icu = has_icu(&postgres);
    Some(LocalServer { bin: bin.to_owned(), version, version_text, extensions, icu })
}

/// The folders in which PostgreSQL's programs can lie.
pub(crate) fn everywhere() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
    folders
        .extend(output_of(Command::new("pg_config").arg("--bindir")).map(|said| PathBuf::from(said.trim())));
    folders.extend(USUAL.iter().flat_map(|pattern| expand(pattern)));
    folders.retain(|folder| folder.is_absolute());
    folders
}

/// The folders that a pattern with at most one `*` stands for, sorted.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else { return vec![PathBuf::from(pattern)] };
    let separator = if pattern.contains('\\') { '\\' } else { '/' };
    let Some((parent, prefix)) = before.rsplit_once(separator) else { return Vec::new() };
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    let mut folders: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| {
            let after = after.trim_start_matches(separator);
            entry.path().join(after)
        })
        .collect();
    folders.sort();
    folders
}

pub(crate) fn program(bin: &Path, name: &str) -> Option<PathBuf> {
    let path = bin.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    path.is_file().then_some(path)
}

pub(crate) fn output_of(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The names of the control files, from the folders in which distributions put them relative to the binaries.
fn extensions_of(bin: &Path, major: u32) -> BTreeSet<String> {
    let mut shares: Vec<PathBuf> = program(bin, "pg_config")
        .and_then(|program| output_of(Command::new(program).arg("--sharedir")))
        .map(|said| PathBuf::from(said.trim()))
        .into_iter()
        .collect();
    if let Some(root) = bin.parent() {
        shares.extend(["share", "share/postgresql"].map(|share| root.join(share)));
        shares.push(root.join(format!("share/postgresql@{major}")));
    }
    // Debian splits binaries and shared files over two trees.
    if bin == Path::new(&format!("/usr/lib/postgresql/{major}/bin")) {
        shares.push(PathBuf::from(format!("/usr/share/postgresql/{major}")));
    }
    let mut names = BTreeSet::new();
    for entry in
        shares.iter().filter_map(|share| fs::read_dir(share.join("extension")).ok()).flatten().flatten()
    {
        if let Some(name) = entry.file_name().to_string_lossy().strip_suffix(".control") {
            names.insert(name.to_owned());
        }
    }
    names
}

/// A server built without ICU holds the sentence with which it says so.
fn has_icu(postgres: &Path) -> bool {
    const SENTENCE: &[u8] = b"ICU is not supported in this build";
    let Ok(binary) = fs::read(postgres) else { return false };
    let mut rest = binary.as_slice();
    while let Some(at) = rest.iter().position(|byte| *byte == SENTENCE[0]) {
        if rest[at..].starts_with(SENTENCE) {
            return false;
        }
        rest = &rest[at + 1..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_stands_for_the_folders_that_are_there() {
        let root = tempfile::tempdir().unwrap();
        for name in ["pgsql-15", "pgsql-9.6", "other"] {
            fs::create_dir_all(root.path().join(name).join("bin")).unwrap();
        }
        let found = expand(&format!("{}/pgsql-*/bin", root.path().display()));
        assert_eq!(found, [root.path().join("pgsql-15/bin"), root.path().join("pgsql-9.6/bin")]);
    }

    #[test]
    fn a_folder_without_a_server_is_none() {
        assert!(find(Some(Path::new("/nonexistent/bin"))).is_empty());
    }
}
