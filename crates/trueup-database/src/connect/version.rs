//! Which servers can be read.

use super::problem::Problem;
use crate::session::Session;

/// The oldest major version whose catalogs are read.
pub const OLDEST_MAJOR: u32 = 13;

/// The newest major version whose catalogs are known. Later ones are read as if they were this one.
pub const NEWEST_MAJOR: u32 = 18;

impl Session {
    /// What to say about a server that is newer than this program.
    pub fn version_warning(&self) -> Option<String> {
        warning(self.version(), self.version_text())
    }
}

fn warning(version: u32, text: &str) -> Option<String> {
    (version / 10_000 > NEWEST_MAJOR).then(|| {
        format!(
            "the server is PostgreSQL {text}, and this trueup knows versions up to {NEWEST_MAJOR}: what is new since \
             then is not seen; a newer trueup may know it"
        )
    })
}

/// Refuses servers that are too old, and other engines that only speak the protocol.
pub(super) fn check(version: &str, cockroach: Option<&str>) -> Result<(), Problem> {
    if let Some(version) = cockroach {
        return Err(Problem::OtherEngine { engine: "CockroachDB", version: version.to_owned() });
    }
    let major: u32 =
        version.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or_default();
    if major < OLDEST_MAJOR { Err(Problem::TooOld { version: version.to_owned() }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_from_13_on_can_be_read() {
        for version in ["13.0", "15.8 (Debian 15.8-0+deb12u1)", "18beta1", "19devel", "100.1"] {
            assert_eq!(check(version, None), Ok(()), "{version}");
        }
        for version in ["12.22", "9.6.24", "8.0.2", "", "unknown"] {
            assert_eq!(check(version, None), Err(Problem::TooOld { version: version.to_owned() }));
        }
        assert!(matches!(check("13.0.0", Some("v23")), Err(Problem::OtherEngine { .. })));
    }

    #[test]
    fn newer_versions_are_read_with_a_warning() {
        assert_eq!(warning(180_004, "18.4"), None);
        assert!(warning(190_000, "19beta1").is_some_and(|text| text.contains("19beta1")));
    }
}
