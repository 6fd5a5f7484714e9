//! Programs that the tests start. On Debian and its kin, as root, the missing ones are installed; elsewhere the
//! message says what to install. The servers themselves come from `trueup-testing`, on first use.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use trueup_testing::tools::TOOLS;
use xshell::{Shell, cmd};

struct Need {
    program: &'static str,
    /// What it is needed for.
    why: &'static str,
    /// The package of Debian that has it.
    package: &'static str,
}

const NEEDS: &[Need] = &[
    Need { program: "node", why: "unpacks the servers of the tests, and runs Prisma", package: "nodejs" },
    Need { program: "npm", why: "fetches the servers and tools of the tests", package: "npm" },
    Need { program: "psql", why: "loads histories the way people do", package: "postgresql-client" },
    Need { program: "pg_dump", why: "is compared with", package: "postgresql-client" },
    Need { program: "pg_basebackup", why: "makes the standby of the tests", package: "postgresql-client" },
    Need { program: "initdb", why: "is the local shadow of the tests", package: "postgresql" },
    Need { program: "pgbouncer", why: "is the connection pooler of the tests", package: "pgbouncer" },
];

/// Makes sure that all of them are here.
pub fn ensure(shell: &Shell) -> Result<()> {
    let missing = missing(&|program| find(program).is_some());
    if !missing.is_empty() {
        let mut packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
        packages.dedup();
        if !(is_root(shell) && find("apt-get").is_some()) {
            bail!(advice(&missing));
        }
        eprintln!("installing {}", packages.join(", "));
        let install =
            cmd!(shell, "apt-get install -y -qq {packages...}").env("DEBIAN_FRONTEND", "noninteractive");
        cmd!(shell, "apt-get update -qq")
            .quiet()
            .run()
            .and_then(|()| install.quiet().run())
            .with_context(|| advice(&missing))?;
    }
    clients()?;
    tools()
}

/// The migration tools that the tests ask. The first time they are fetched and built, which takes some minutes.
pub fn tools() -> Result<()> {
    TOOLS.iter().try_for_each(|tool| speaking(|| tool.ensure()))
}

/// `psql` and `pg_dump` as the tests look for them.
pub fn clients() -> Result<()> {
    speaking(trueup_testing::servers::ensure_clients)
}

/// Runs something that panics with a text for people, and hands that text on as an error.
pub fn speaking<T>(run: impl FnOnce() -> T) -> Result<T> {
    let hook = take_hook();
    set_hook(Box::new(|_| {}));
    let result = catch_unwind(AssertUnwindSafe(run));
    set_hook(hook);
    result.map_err(|payload| {
        let text = payload.downcast_ref::<String>().cloned();
        let text = text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        anyhow!(text.unwrap_or_else(|| "it stopped without saying why".to_owned()))
    })
}

/// In Debian's folders for each version of PostgreSQL, the newest first; else in PATH. (Debian's own
/// `/usr/bin/psql` chooses a version by the servers of this machine.)
pub fn find(program: &str) -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            Some((path.file_name()?.to_str()?.parse().ok()?, path.join("bin").join(program)))
        })
        .collect();
    versions.sort();
    let debian = versions.into_iter().rev().map(|(_, path)| path).find(|path| path.is_file());
    let in_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file())
    };
    debian.or_else(in_path)
}

fn missing(is_here: &dyn Fn(&str) -> bool) -> Vec<&'static Need> {
    NEEDS.iter().filter(|need| !is_here(need.program)).collect()
}

fn advice(missing: &[&Need]) -> String {
    let mut packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    packages.dedup();
    let programs: Vec<String> =
        missing.iter().map(|need| format!("  {} {}", need.program, need.why)).collect();
    format!(
        "looking for what the tests need: not installed\n{}\ninstall them (on Debian and Ubuntu: apt-get install {})",
        programs.join("\n"),
        packages.join(" ")
    )
}

fn is_root(shell: &Shell) -> bool {
    Path::new("/proc/self").exists() && cmd!(shell, "id -u").quiet().read().is_ok_and(|id| id == "0")
}

#[cfg(test)]
mod tests {
    use super::{advice, missing, speaking};

    #[test]
    fn what_is_missing_is_named_with_its_package_once() {
        let missing = missing(&|program| program.starts_with('n'));
        let text = advice(&missing);
        assert!(text.contains("psql loads histories"), "{text}");
        assert!(text.ends_with("apt-get install postgresql-client postgresql pgbouncer)"), "{text}");
        assert!(!text.contains("nodejs"), "{text}");
    }

    #[test]
    fn a_panic_with_a_text_is_an_error_with_it() {
        let error = speaking(|| panic!("there is no {}", "server")).expect_err("it panicked");
        assert_eq!(error.to_string(), "there is no server");
        assert_eq!(speaking(|| 3).expect("no panic"), 3);
    }
}
