//! Whom a server runs as. PostgreSQL refuses to run as root: then it runs as `postgres`, else as `nobody`.

use std::path::Path;
use std::process::Command;

use crate::shadow::ShadowError;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub user: u32,
    pub group: u32,
}

/// `None`: as ourselves. `ours` is a folder that we have made.
#[cfg(unix)]
pub fn to_run_as(ours: &Path) -> Result<Option<Account>, ShadowError> {
    use std::os::unix::fs::MetadataExt;

    let owner = std::fs::metadata(ours).map_err(ShadowError::file("reading", ours))?.uid();
    if owner != 0 {
        return Ok(None);
    }
    let users = Path::new("/etc/passwd");
    let users = std::fs::read_to_string(users).map_err(ShadowError::file("reading", users))?;
    find(&users, "postgres").or_else(|| find(&users, "nobody")).map(Some).ok_or_else(|| {
        ShadowError::NotAtHand(
            "PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody; \
             run trueup as an ordinary user, or use --shadow embedded"
                .to_owned(),
        )
    })
}

#[cfg(not(unix))]
pub fn to_run_as(_ours: &Path) -> Result<Option<Account>, ShadowError> {
    Ok(None)
}

#[cfg_attr(not(unix), allow(dead_code))]
fn find(users: &str, name: &str) -> Option<Account> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        let user = fields.nth(1)?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        Some(Account { user, group })
    })
}

impl Account {
    /// Makes the account the owner of a file or folder.
    pub fn give(&self, path: &Path) -> Result<(), ShadowError> {
        #[cfg(unix)]
        std::os::unix::fs::chown(path, Some(self.user), Some(self.group))
            .map_err(ShadowError::file("changing the owner of", path))?;
        #[cfg(not(unix))]
        let _ = path;
        Ok(())
    }

    pub fn run(&self, command: &mut Command) {
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt;
            command.uid(self.user).gid(self.group);
        }
        #[cfg(not(unix))]
        let _ = command;
    }
}

#[cfg(test)]
mod tests {
    use super::{Account, find};

    #[test]
    fn users_are_found_by_their_whole_name() {
        let users = "root:x:0:0:root:/root:/bin/bash\npostgres2:x:7:7::/:\npostgres:x:101:104:,,,:/var/lib:/bin/sh\n";
        assert_eq!(find(users, "postgres"), Some(Account { user: 101, group: 104 }));
        assert_eq!(find(users, "nobody"), None);
    }
}
