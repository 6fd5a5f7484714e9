//! The cluster of a local shadow. `initdb` takes a second, so its result is kept per version of the binaries and
//! copied; a kept shadow is that copy with the files laid over it that differ.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::account::Account;
use super::find::{LocalServer, program};
use super::watch::in_own_environment;
use crate::shadow::scratch::ScratchFolder;
use crate::shadow::snapshots::{self, Manifest};
use crate::shadow::{ShadowError, Surroundings};

/// Changes with whatever is done below, so that templates of older versions of trueup are not used.
const FORMAT: &str = "1";

/// The longest path of a folder in which a socket can be made is about 90 bytes.
const SOCKET_PATH_LIMIT: usize = 60;

pub struct Template {
    pub server: LocalServer,
    pub folder: PathBuf,
    pub key: String,
}

/// The temporary folder, or `/tmp` where its path is too long for a socket in it.
pub fn short_enough(temporary: &Path) -> PathBuf {
    if cfg!(unix) && temporary.as_os_str().len() > SOCKET_PATH_LIMIT {
        PathBuf::from("/tmp")
    } else {
        temporary.to_owned()
    }
}

/// What a template depends on: the binaries, and how they are used here.
pub fn template_key(server: &LocalServer) -> String {
    let mut hasher = blake3::Hasher::new();
    let modified = fs::metadata(program(&server.bin, "initdb").unwrap_or_default())
        .and_then(|data| data.modified())
        .ok()
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_nanos());
    for part in [FORMAT, &server.version_text, &server.bin.to_string_lossy(), &modified.to_string()] {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

/// The fresh cluster of these binaries, made where there is none yet.
pub fn template(
    server: &LocalServer,
    surroundings: &Surroundings,
    scratch: &ScratchFolder,
    account: Option<&Account>,
) -> Result<Template, ShadowError> {
    let key = template_key(server);
    let folder = surroundings.cache.join("clusters").join(format!("{}-{key}", server.version / 10_000));
    let template = Template { server: server.clone(), folder, key };
    if !template.folder.join("PG_VERSION").is_file() {
        // Made where the account of the server can reach it, and then moved to where only we can.
        let made = scratch.path().join("template");
        initdb(server, scratch.path(), &made, account)?;
        snapshots::place(&template.folder, |beside| snapshots::copy_tree(&made, beside, &mut |_| Ok(())))?;
        fs::remove_dir_all(&made).map_err(ShadowError::file("removing", &made))?;
    }
    Ok(template)
}

/// Copies the template to `data` and lays a kept state over it.
pub fn put_together(
    template: &Template,
    kept: Option<(&Path, &Manifest)>,
    data: &Path,
    account: Option<&Account>,
) -> Result<(), ShadowError> {
    let mut own = |path: &Path| account.map_or(Ok(()), |account| account.give(path));
    snapshots::copy_tree(&template.folder, data, &mut own)?;
    if let Some((folder, manifest)) = kept {
        snapshots::lay_over(folder, manifest, data, &mut own)?;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(data, fs::Permissions::from_mode(0o700))
            .map_err(ShadowError::file("closing to others", data))?;
    }
    Ok(())
}

fn initdb(
    server: &LocalServer,
    scratch: &Path,
    made: &Path,
    account: Option<&Account>,
) -> Result<(), ShadowError> {
    let initdb = program(&server.bin, "initdb").ok_or_else(|| {
        ShadowError::NotAtHand(format!("there is no initdb in {} any more", server.bin.display()))
    })?;
    let mut command = Command::new(&initdb);
    command.arg("-D").arg(made).args([
        "--username=postgres",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
        // A write-ahead log of 16 MB would be most of the cluster.
        "--wal-segsize=1",
    ]);
    if cfg!(unix) {
        // The socket lies in a folder that only the account of the server and root can enter.
        command.arg("--auth=trust");
    } else {
        command.arg("--auth=scram-sha-256").arg(format!("--pwfile={}", new_password(scratch)?.display()));
    }
    in_own_environment(&mut command, scratch);
    if let Some(account) = account {
        account.run(&mut command);
    }
    let failed = |said: String| ShadowError::Program {
        doing: "making a scratch cluster",
        program: initdb.clone(),
        said,
    };
    let output = command.stdin(Stdio::null()).output().map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(failed(said.trim().lines().collect::<Vec<_>>().join(" / ")));
    }
    if !cfg!(unix) {
        let from = scratch.join("password");
        fs::copy(&from, made.join("password")).map_err(ShadowError::file("copying", &from))?;
    }
    Ok(())
}

/// A password that nobody else knows, made from what the system's hasher is seeded with.
fn new_password(scratch: &Path) -> Result<PathBuf, ShadowError> {
    use std::hash::{BuildHasher, RandomState};

    let word: String = (0..4u8).map(|part| format!("{:016x}", RandomState::new().hash_one(part))).collect();
    let path = scratch.join("password");
    fs::write(&path, word).map_err(ShadowError::file("writing", &path))?;
    Ok(path)
}

#[cfg(not(unix))]
pub fn password(data: &Path) -> Result<String, ShadowError> {
    let path = data.join("password");
    fs::read_to_string(&path).map_err(ShadowError::file("reading", &path))
}
