//! Password files: `host:port:database:user:password` in `~/.pgpass`.

use std::path::Path;

pub(super) enum Passfile {
    Absent,
    /// It is there, and libpq would not use it either. Why, for the person who expects it to work.
    Refused(String),
    Lines(String),
}

pub(super) fn read(path: &Path) -> Passfile {
    let Ok(metadata) = std::fs::metadata(path) else { return Passfile::Absent };
    let shown = path.display();
    if !metadata.is_file() {
        return Passfile::Refused(format!("the password file {shown} was not used: it is not a plain file"));
    }
    if others_may_read(&metadata) {
        return Passfile::Refused(format!(
            "the password file {shown} was not used: others may read it (`chmod 0600 {shown}` mends that)"
        ));
    }
    match std::fs::read(path) {
        Ok(bytes) => Passfile::Lines(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) => Passfile::Refused(format!("the password file {shown} was not used: {error}")),
    }
}

#[cfg(unix)]
pub(super) fn others_may_read(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
pub(super) fn others_may_read(_: &std::fs::Metadata) -> bool {
    false
}

/// The password of the first line that fits.
pub(super) fn password(lines: &str, host: &str, port: u16, database: &str, user: &str) -> Option<String> {
    let port = port.to_string();
    lines.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut rest = line;
        for wanted in [host, &port, database, user] {
            let (field, after) = field(rest)?;
            if field != "*" && unescaped(field) != wanted {
                return None;
            }
            rest = after;
        }
        let password = unescaped(rest.trim_end_matches('\r'));
        (!password.is_empty()).then_some(password)
    })
}

/// The text before the next colon that no backslash precedes, and what follows it.
fn field(text: &str) -> Option<(&str, &str)> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            ':' if !escaped => return Some((&text[..at], &text[at + 1..])),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        out.push(match c {
            '\\' => characters.next().unwrap_or('\\'),
            c => c,
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "# localhost:5432:shop:ann:commented out\n\
        \n\
        no fields at all\n\
        localhost:5433:shop:ann:other port\n\
        localhost:5432:shop:ann:first\r\n\
        localhost:5432:shop:ann:second\n\
        *:*:*:bob:a\\:b\\\\c:d\n\
        we\\:ird:*:da\\\\ta:ann:colon\n\
        fe80\\:\\:1:*:*:*:six\n\
        empty:*:*:*:\n\
        empty:*:*:*:after empty\n";

    #[test]
    fn the_first_line_that_fits_counts() {
        for (host, port, database, user, expected) in [
            ("localhost", 5432, "shop", "ann", Some("first")),
            ("localhost", 5433, "shop", "ann", Some("other port")),
            ("localhost", 5434, "shop", "ann", None),
            ("anywhere", 1, "any", "bob", Some("a:b\\c:d")),
            ("we:ird", 1, "da\\ta", "ann", Some("colon")),
            ("fe80::1", 1, "x", "y", Some("six")),
            ("empty", 1, "x", "y", Some("after empty")),
            ("LOCALHOST", 5432, "shop", "ann", None),
        ] {
            assert_eq!(
                password(LINES, host, port, database, user).as_deref(),
                expected,
                "{host}:{port}:{database}:{user}"
            );
        }
    }

    #[test]
    fn a_star_stands_for_a_whole_field_only() {
        assert_eq!(password("loc*:*:*:*:no", "localhost", 1, "d", "u"), None);
        assert_eq!(password("\\*:*:*:*:literal", "*", 1, "d", "u").as_deref(), Some("literal"));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pgpass");
        std::fs::write(&path, "*:*:*:*:x").expect("written");
        for (mode, used) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false), (0o610, false)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("mode set");
            match read(&path) {
                Passfile::Lines(_) => assert!(used, "{mode:o} was used"),
                Passfile::Refused(why) => assert!(!used && why.contains("chmod 0600"), "{mode:o}: {why}"),
                Passfile::Absent => panic!("{mode:o} was not found"),
            }
        }
        assert!(matches!(read(folder.path()), Passfile::Refused(_)));
        assert!(matches!(read(&folder.path().join("absent")), Passfile::Absent));
    }
}
