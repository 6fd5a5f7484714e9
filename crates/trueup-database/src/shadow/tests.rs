//! Shadows that really start.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::path::{Path, PathBuf};

use super::*;

/// A folder of its own for what is temporary, and one cache for all tests: making a cluster takes a second.
pub(crate) fn surroundings() -> (tempfile::TempDir, Surroundings) {
    let usual = Surroundings::usual();
    let folder = tempfile::Builder::new().prefix("tu").tempdir_in(usual.temporary).unwrap();
    // The account that a server runs as has to reach it, and to remove what is its own, as in any temporary folder.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o1777)).unwrap();
    }
    let cache = std::env::temp_dir().join("trueup-test-cache");
    let temporary = folder.path().to_owned();
    (folder, Surroundings { cache, temporary })
}

pub(crate) fn embedded(extensions: &[&str], surroundings: &Surroundings) -> Box<dyn Shadow> {
    let extensions: Vec<String> = extensions.iter().map(|name| (*name).to_owned()).collect();
    Box::new(embedded::open(&extensions, surroundings).unwrap())
}

/// The newest server that is installed here.
pub(crate) fn local(surroundings: &Surroundings) -> Box<dyn Shadow> {
    let found = local::find(None);
    let server = found.first().expect("a PostgreSQL server is installed: apt-get install postgresql");
    Box::new(local::open(server, surroundings).unwrap())
}

#[test]
fn memory_is_used_where_there_is_enough() {
    let mount =
        |size: &str| format!("proc /proc proc rw 0 0\ntmpfs /dev/shm tmpfs rw,relatime,size={size} 0 0\n");
    assert_eq!(roomy_memory(&mount("24684084k")), Some(PathBuf::from("/dev/shm")));
    assert_eq!(roomy_memory(&mount("65536k")), None);
    assert_eq!(roomy_memory("tmpfs /tmp tmpfs rw,size=24684084k 0 0"), None);
}

/// What there is in a database beyond PostgreSQL's own.
const STRANGERS: &str = "SELECT c.oid::regclass::text FROM pg_class c WHERE c.oid >= 16384 UNION ALL \
     SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.oid >= 16384 UNION ALL \
     SELECT nspname FROM pg_namespace WHERE oid >= 16384 UNION ALL \
     SELECT extname FROM pg_extension WHERE oid >= 16384";

#[test]
fn a_fresh_shadow_is_empty_and_has_the_servers_defaults() {
    let (_folder, surroundings) = surroundings();
    for mut shadow in [embedded(&["citext", "vector", "earthdistance"], &surroundings), local(&surroundings)]
    {
        let kind = shadow.kind();
        let session = shadow.session();
        assert_eq!(session.rows(STRANGERS).unwrap(), Vec::<Vec<Option<String>>>::new(), "{kind}");
        let mut setting = |name: &str| session.value(&format!("SHOW {name}")).unwrap().unwrap();
        assert_eq!(setting("search_path"), "\"$user\", public");
        assert_eq!(setting("TimeZone"), "UTC");
        assert_eq!(setting("DateStyle"), "ISO, MDY");
        assert_eq!(setting("server_encoding"), "UTF8");
        assert_eq!(setting("standard_conforming_strings"), "on");
        assert_eq!(setting("default_text_search_config"), "pg_catalog.english");
    }
}

/// Every extension that the embedded server offers can be created, used up, dropped, and created again.
#[test]
fn every_bundled_extension_works() {
    let (_folder, surroundings) = surroundings();
    let offer = embedded::offer();
    let names: Vec<String> = offer.extensions.iter().chain(&offer.stand_ins).cloned().collect();
    let mut shadow = embedded::open(&names, &surroundings).unwrap();
    for name in names.iter().filter(|name| *name != "plpgsql") {
        let name = trueup_sql::quote_ident(name);
        for command in
            ["CREATE EXTENSION {} CASCADE", "DROP EXTENSION {} CASCADE", "CREATE EXTENSION {} CASCADE"]
        {
            let command = command.replace("{}", &name);
            if let Err(error) = shadow.session().run(&command) {
                let there = error.server().is_some_and(|error| error.sqlstate == "42710");
                assert!(there, "{command}: {error}");
            }
        }
    }
    assert_eq!(shadow.capabilities().extensions, names.iter().cloned().collect());
}

/// What a stand-in declares is what the extension itself declares.
#[test]
fn stand_ins_declare_what_the_extensions_do() {
    const DECLARED: &str = "SELECT p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), \
         p.provolatile, p.proisstrict, p.proparallel, p.prokind, p.proretset \
         FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e' \
         UNION ALL SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), '', false, '', '', false \
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 \
         JOIN pg_depend d ON d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e' \
         ORDER BY 1, 2, 3";
    let (_folder, surroundings) = surroundings();
    let mut own = embedded(&[], &surroundings);
    let mut real = local(&surroundings);
    for name in standins::names() {
        // Its columns and functions are other ones in each major version.
        if name == "pg_stat_statements" && real.capabilities().major() != 17 {
            continue;
        }
        let declared = |shadow: &mut Box<dyn Shadow>| {
            let name = trueup_sql::quote_ident(name);
            shadow.session().run(&format!("CREATE EXTENSION {name}")).unwrap();
            let rows = shadow.session().rows(DECLARED).unwrap();
            shadow.session().run(&format!("DROP EXTENSION {name}")).unwrap();
            rows
        };
        assert_eq!(declared(&mut own), declared(&mut real), "{name}");
    }
}

/// All servers that are installed here, and those whose folders `TRUEUP_TEST_SERVERS` lists.
fn all_servers() -> Vec<LocalServer> {
    let listed = std::env::var_os("TRUEUP_TEST_SERVERS").unwrap_or_default();
    let listed =
        std::env::split_paths(&listed).flat_map(|folder| local::find(Some(&folder))).collect::<Vec<_>>();
    local::find(None).into_iter().chain(listed).collect()
}

#[test]
fn every_server_here_makes_a_shadow_that_can_be_kept() {
    let (folder, surroundings) = surroundings();
    let servers = all_servers();
    assert!(!servers.is_empty(), "a PostgreSQL server is installed: apt-get install postgresql");
    for server in servers {
        let mut shadow = local::open(&server, &surroundings).unwrap();
        let capabilities = shadow.capabilities().clone();
        assert_eq!(capabilities.version, server.version);
        assert_eq!(capabilities.icu, server.icu, "{}", server.version_text);
        assert_eq!(capabilities.extensions, server.extensions, "{}", server.version_text);
        assert!(capabilities.owns_roles && capabilities.superuser && capabilities.catches_errors);
        shadow
            .session()
            .run("CREATE TABLE a (i int); INSERT INTO a VALUES (7); DROP TABLE IF EXISTS b")
            .unwrap();
        let kept = folder.path().join(format!("kept-{}", server.version));
        let size = Box::new(shadow).keep(&kept).unwrap();
        assert!(size.bytes < 4_000_000, "{} {size:?}", server.version_text);
        for _ in 0..2 {
            let mut shadow = open_kept(&kept, &surroundings).unwrap().unwrap();
            assert_eq!(shadow.session().value("SELECT i FROM a").unwrap().as_deref(), Some("7"));
        }
    }
}

#[test]
fn a_kept_shadow_of_other_binaries_is_none() {
    let (folder, surroundings) = surroundings();
    let kept = folder.path().join("kept");
    assert!(open_kept(&kept, &surroundings).unwrap().is_none());
    for shadow in [embedded(&[], &surroundings), local(&surroundings)] {
        shadow.keep(&kept).unwrap();
        let manifest = std::fs::read_to_string(kept.join("shadow")).unwrap();
        let other = manifest.replace("\nbuild ", "\nbuild other").replace("\ntemplate ", "\ntemplate other");
        assert_ne!(manifest, other);
        std::fs::write(kept.join("shadow"), other).unwrap();
        assert!(open_kept(&kept, &surroundings).unwrap().is_none());
    }
}

#[test]
fn a_server_that_does_not_start_says_why() {
    let (folder, surroundings) = surroundings();
    let mut server = local::find(None).remove(0);
    let bin = folder.path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    for (name, script) in [("initdb", "echo 'no space' >&2; exit 1"), ("postgres", "exit 1")] {
        let path = bin.join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        make_executable(&path);
    }
    server.bin = bin.clone();
    let error = local::open(&server, &surroundings).err().unwrap().to_string();
    assert_eq!(error, format!("making a scratch cluster with {}/initdb: no space", bin.display()));

    let real = local::find(None).remove(0).bin.join("initdb");
    std::fs::write(bin.join("initdb"), format!("#!/bin/sh\nexec {} \"$@\"\n", real.display())).unwrap();
    std::fs::write(bin.join("postgres"), "#!/bin/sh\necho 'cannot bind' >&2; exit 1\n").unwrap();
    let error = local::open(&server, &surroundings).err().unwrap().to_string();
    assert_eq!(error, format!("starting a scratch server with {}/postgres: cannot bind", bin.display()));
    assert_eq!(leftovers(folder.path()), Vec::<PathBuf>::new());
}

fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Not a test of its own: what [`holder`] starts, to be killed.
#[test]
fn hold_a_shadow() {
    let Some(folder) = std::env::var_os("TRUEUP_TEST_HOLD") else { return };
    let cache = std::env::temp_dir().join("trueup-test-cache");
    let surroundings = Surroundings { cache, temporary: PathBuf::from(folder) };
    let _local = local(&surroundings);
    let _embedded = embedded(&[], &surroundings);
    println!("held");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
}

/// Another process that holds a local and an embedded shadow.
fn holder(folder: &Path) -> std::process::Child {
    use std::io::{BufRead, BufReader};
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "shadow::tests::hold_a_shadow", "--nocapture"])
        .env("TRUEUP_TEST_HOLD", folder)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line.ends_with("held")));
    child
}

/// The process of the server whose data lies in one of these folders, and the shell that watches it.
fn server_below(folder: &Path) -> (String, String) {
    let file = leftovers(folder)
        .iter()
        .find_map(|folder| std::fs::read_to_string(folder.join("data/postmaster.pid")).ok())
        .unwrap();
    let server = file.lines().next().unwrap().to_owned();
    let watcher = ps(&server, "ppid=");
    (server, watcher)
}

fn ps(process: &str, what: &str) -> String {
    let output = std::process::Command::new("ps").args(["-o", what, "-p", process]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn kill(process: &str) {
    assert!(std::process::Command::new("kill").args(["-KILL", process]).status().unwrap().success());
}

/// Asks again and again: each question is a process of its own, so that nobody is kept from working.
fn until_gone(process: &str) {
    let began = std::time::Instant::now();
    while !matches!(ps(process, "stat=").chars().next(), None | Some('Z')) {
        assert!(began.elapsed().as_secs() < 20, "the server {process} still runs");
    }
}

fn make_old(folder: &Path) {
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    let lock = std::fs::File::options().write(true).open(folder.join("lock")).unwrap();
    lock.set_modified(long_ago).unwrap();
}

#[test]
fn a_killed_process_leaves_no_server_behind() {
    let (folder, surroundings) = surroundings();
    let mut child = holder(folder.path());
    let (server, watcher) = server_below(folder.path());
    child.kill().unwrap();
    child.wait().unwrap();
    until_gone(&server);
    until_gone(&watcher);

    // The folder of the embedded server waits for the next run, which leaves those in use alone.
    let own = embedded(&[], &surroundings);
    for folder in leftovers(folder.path()) {
        make_old(&folder);
    }
    scratch::remove_leftovers(folder.path());
    assert_eq!(leftovers(folder.path()).len(), 1);
    drop(own);
    assert_eq!(leftovers(folder.path()), Vec::<PathBuf>::new());
}

#[test]
fn a_server_whose_watcher_was_killed_too_is_ended_by_the_next_run() {
    let (folder, _) = surroundings();
    let mut child = holder(folder.path());
    let (server, watcher) = server_below(folder.path());
    kill(&watcher);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_ne!(ps(&server, "stat="), "");

    // A newborn one may just not have got its lock yet.
    scratch::remove_leftovers(folder.path());
    assert_eq!(leftovers(folder.path()).len(), 2);
    for folder in leftovers(folder.path()) {
        make_old(&folder);
    }
    scratch::remove_leftovers(folder.path());
    until_gone(&server);
    scratch::remove_leftovers(folder.path());
    assert_eq!(leftovers(folder.path()), Vec::<PathBuf>::new());
}

/// A server for shadows by URL, and how to connect to it as somebody.
fn with_server(check: impl FnOnce(&mut Session, &dyn Fn(&'static str) -> Opener)) {
    let (_folder, surroundings) = surroundings();
    let server = local::find(None).remove(0);
    let server = std::sync::Arc::new(local::open(&server, &surroundings).unwrap());
    let mut administrator = server.connect("postgres", "postgres").unwrap();
    check(&mut administrator, &|role| {
        let server = server.clone();
        std::sync::Arc::new(move |database: Option<&str>| {
            server.connect(role, database.unwrap_or("postgres"))
        })
    });
}

const SETTINGS_OF_DATABASE: &str = "SELECT setconfig FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase \
     WHERE datname = current_database()";

const DATABASES: &str =
    "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE NOT datistemplate";
const ROLES: &str = "SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles WHERE rolname !~ '^pg_'";

#[test]
fn a_shadow_by_url_comes_and_goes() {
    with_server(|server, opener| {
        server.run("CREATE ROLE dev LOGIN CREATEDB CREATEROLE; CREATE ROLE colleague").unwrap();
        for role in ["postgres", "dev"] {
            let mut shadow = url::open(opener(role)).unwrap();
            assert_eq!(shadow.kind(), "url");
            assert!(!shadow.capabilities().owns_roles);
            assert_eq!(shadow.session().value("SHOW TimeZone").unwrap().as_deref(), Some("UTC"));
            // Nobody waits for the disk. (The server of this test has that for all databases.)
            let settings = shadow.session().value(SETTINGS_OF_DATABASE).unwrap().unwrap();
            assert!(settings.contains("synchronous_commit=off"), "{settings}");
            let databases = server.value(DATABASES).unwrap().unwrap();
            assert!(databases.starts_with("postgres trueup_shadow_"), "{databases}");
            shadow.renew().unwrap();
            drop(shadow);
            assert_eq!(server.value(DATABASES).unwrap().as_deref(), Some("postgres"));
        }
    });
}

#[test]
fn without_the_right_to_make_databases_the_error_says_what_to_type() {
    with_server(|server, opener| {
        server.run("CREATE ROLE \"Dev One\" LOGIN").unwrap();
        let error = url::open(opener("Dev One")).err().unwrap().to_string();
        assert!(error.ends_with("let an administrator run: ALTER ROLE \"Dev One\" CREATEDB"), "{error}");
    });
}

#[test]
fn only_what_is_marked_as_ours_is_removed_from_a_server() {
    with_server(|server, opener| {
        let mark = "trueup scratch database, may be dropped; made at";
        for command in [
            "CREATE DATABASE trueup_shadow_unmarked".to_owned(),
            "CREATE DATABASE trueup_shadow_old".to_owned(),
            format!("COMMENT ON DATABASE trueup_shadow_old IS '{mark} 1000'"),
            "CREATE DATABASE trueup_shadow_young".to_owned(),
            format!("COMMENT ON DATABASE trueup_shadow_young IS '{mark} 99999999999'"),
            "CREATE DATABASE trueup_shadow_used".to_owned(),
            format!("COMMENT ON DATABASE trueup_shadow_used IS '{mark} 1000'"),
            "CREATE DATABASE shop".to_owned(),
            format!("COMMENT ON DATABASE shop IS '{mark} 1000'"),
            "CREATE ROLE old_role".to_owned(),
            format!("COMMENT ON ROLE old_role IS '{mark} 1000'"),
            "CREATE ROLE colleague".to_owned(),
        ] {
            server.run(&command).unwrap();
        }
        let used = opener("postgres")(Some("trueup_shadow_used")).unwrap();
        drop(url::open(opener("postgres")).unwrap());
        assert_eq!(
            server.value(DATABASES).unwrap().as_deref(),
            Some("postgres shop trueup_shadow_unmarked trueup_shadow_used trueup_shadow_young")
        );
        assert_eq!(server.value(ROLES).unwrap().as_deref(), Some("colleague postgres"));
        drop(used);
    });
}

#[test]
fn a_replay_on_a_server_of_others_leaves_it_as_it_was() {
    use crate::replay::tests::{failures, history, notes, run};
    use trueup_model::history::TransactionMode::{PerStatement, Single};
    with_server(|server, opener| {
        server
            .run("CREATE ROLE colleague; CREATE ROLE boss; CREATE ROLE dev LOGIN CREATEDB CREATEROLE")
            .unwrap();
        server.run("CREATE DATABASE shop").unwrap();
        let history = history(&[
            (
                Single,
                "CREATE ROLE app; CREATE ROLE colleague; ALTER ROLE colleague SUPERUSER; GRANT boss TO colleague; \
                 GRANT CONNECT ON DATABASE shop TO app; CREATE TABLE a (i int); GRANT SELECT ON a TO colleague, reader; \
                 DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'late') THEN CREATE ROLE late; END \
                 IF; END $$; DROP ROLE boss",
            ),
            (PerStatement, "SELECT pg_create_physical_replication_slot('other'); ALTER TABLE a ADD j int"),
        ]);
        for role in ["postgres", "dev"] {
            let mut shadow = url::open(opener(role)).unwrap();
            let replay = run(&mut shadow, &history);
            let refused: &[&str] =
                if role == "dev" { &["m1:0 permission denied to use replication slots"] } else { &[] };
            let failures = failures(&replay);
            assert_eq!(failures.len(), refused.len(), "{failures:?}");
            let notes = notes(&replay);
            assert_eq!(notes.len(), 6, "{notes:#?}");
            assert_eq!(notes[0], "m0:1 not done on the shadow: role \"colleague\" already exists");
            drop(shadow);
            assert_eq!(server.value(ROLES).unwrap().as_deref(), Some("boss colleague dev postgres"));
            assert_eq!(server.value(DATABASES).unwrap().as_deref(), Some("postgres shop"));
            let members = server.value("SELECT count(*) FROM pg_auth_members WHERE roleid = 'boss'::regrole");
            assert_eq!(members.unwrap().as_deref(), Some("0"));
            server.run("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots").unwrap();
        }
    });
}

#[test]
fn a_local_server_ends_with_its_shadow() {
    let (folder, surroundings) = surroundings();
    let shadow = local(&surroundings);
    assert_eq!(leftovers(folder.path()).len(), 1);
    drop(shadow);
    assert_eq!(leftovers(folder.path()), Vec::<PathBuf>::new());
}

fn leftovers(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains("shadow-"))
        .collect()
}
