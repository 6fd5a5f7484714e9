//! Service files: named bundles of settings, in `~/.pg_service.conf` or the system's own.

use std::path::{Path, PathBuf};

use super::Problem;
use super::resolve::Surroundings;
use crate::url::keyword::{IGNORED, Settings, known};
use crate::url::near::near;

/// Debian's packages and most others look here when PGSYSCONFDIR does not say otherwise.
const SYSTEM_FOLDERS: &[&str] = &["/etc/postgresql-common", "/etc/sysconfig/pgsql", "/etc"];

/// Fills what nobody has said yet from the service of this name.
pub(super) fn fill(
    settings: &mut Settings,
    name: &str,
    surroundings: &Surroundings<'_>,
) -> Result<(), Problem> {
    let mut seen = Vec::new();
    for path in files(settings, surroundings) {
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        seen.push((path.display().to_string(), sections(&text)));
        if let Some(pairs) = section(&text, name, &path)? {
            for (keyword, value) in pairs {
                settings.fill(keyword, value);
            }
            return Ok(());
        }
    }
    let known: Vec<&str> = seen.iter().flat_map(|(_, names)| names.iter().map(String::as_str)).collect();
    Err(Problem::NoService {
        name: name.to_owned(),
        files: seen.iter().map(|(path, _)| path.clone()).collect(),
        similar: near(name, known).into_iter().map(str::to_owned).collect(),
    })
}

/// The files in which a service is looked for, the user's own first.
fn files(settings: &Settings, surroundings: &Surroundings<'_>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let own = settings
        .value("servicefile")
        .map(PathBuf::from)
        .or_else(|| surroundings.variable("PGSERVICEFILE").map(PathBuf::from))
        .or_else(|| surroundings.user_file(".pg_service.conf", ".pg_service.conf"));
    files.extend(own);
    match surroundings.variable("PGSYSCONFDIR") {
        Some(folder) => files.push(Path::new(&folder).join("pg_service.conf")),
        None => files.extend(SYSTEM_FOLDERS.iter().map(|folder| Path::new(folder).join("pg_service.conf"))),
    }
    files
}

fn sections(text: &str) -> Vec<String> {
    text.lines().filter_map(heading).map(str::to_owned).collect()
}

fn heading(line: &str) -> Option<&str> {
    line.trim().strip_prefix('[')?.strip_suffix(']')
}

/// The settings of one section. Lines of other sections are not looked at, as in libpq.
fn section(text: &str, name: &str, path: &Path) -> Result<Option<Vec<(&'static str, String)>>, Problem> {
    let mut pairs = None;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(heading) = heading(line) {
            if pairs.is_some() {
                break;
            }
            if heading == name {
                pairs = Some(Vec::new());
            }
            continue;
        }
        let Some(pairs) = &mut pairs else { continue };
        let wrong = |what: &str| Problem::ServiceFile {
            file: path.display().to_string(),
            line: number + 1,
            what: what.to_owned(),
        };
        if line.starts_with("ldap") {
            return Err(wrong("services kept in LDAP cannot be read; write the settings into the file"));
        }
        let (key, value) = line.split_once('=').ok_or_else(|| wrong("this is not a `keyword=value` line"))?;
        match known(key) {
            Some("service") => return Err(wrong("a service cannot refer to another one")),
            Some(keyword) => pairs.push((keyword, value.to_owned())),
            None if IGNORED.contains(&key) => {}
            None => return Err(wrong("this keyword is not known to libpq")),
        }
    }
    Ok(pairs)
}
