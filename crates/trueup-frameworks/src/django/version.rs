//! Django's version, which decides what a migration becomes.

use std::fmt;

/// `5.2.1`; what comes after the third number decides nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    pub major: u16,
    pub minor: u16,
    pub patch: u16,
}

impl Version {
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor, patch: 0 }
    }

    /// From `5.2`, `5.2.1`, `6.0a1`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.trim().split('.').map(|part| {
            let digits = part.find(|c: char| !c.is_ascii_digit()).map_or(part, |end| &part[..end]);
            digits.parse().ok()
        });
        let major = numbers.next().flatten()?;
        let mut next = || numbers.next().flatten().unwrap_or_default();
        Some(Self { major, minor: next(), patch: next() })
    }

    pub fn at_least(self, major: u16, minor: u16) -> bool {
        (self.major, self.minor) >= (major, minor)
    }

    pub fn before(self, major: u16, minor: u16) -> bool {
        !self.at_least(major, minor)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn versions_are_read_and_compared() {
        assert_eq!(Version::parse("5.2.1"), Some(Version { major: 5, minor: 2, patch: 1 }));
        assert_eq!(Version::parse("6.0a1"), Some(Version::new(6, 0)));
        assert_eq!(Version::parse("4"), Some(Version::new(4, 0)));
        assert_eq!(Version::parse("main"), None);
        assert!(Version::new(4, 2).before(5, 0) && Version::new(5, 0).at_least(4, 1));
    }
}
