//! What goes wrong leaves nothing behind, and says what it was.

use std::fs;
use std::io::Write;

use proxy::{Cut, Proxy};
use trueup_testing::servers::{own_server, standby_of};

use super::*;

/// A table and a few rows: little to do, so that every message of it can be the one that is cut.
fn small(major: u32, name: &str) -> Database {
    let database = server(major).create_database(name);
    database.run(
        "create table a (id serial primary key, note text); insert into a (note) values ('x'), ('y');
         create table b (id int references a); insert into b values (1)",
    );
    database
}

fn is_empty(folder: &TempDir) -> bool {
    fs::read_dir(folder.path()).expect("a folder").next().is_none()
}

#[test]
fn a_connection_that_is_cut_anywhere_leaves_no_folder() {
    let database = small(15, "backup_cut");
    for at in 1.. {
        let proxy = Proxy::start(server(15).port(), at, Cut::Before);
        let from =
            format!("postgresql://postgres@127.0.0.1:{}/{}?sslmode=disable", proxy.port, database.name());
        let (folder, place) = place();
        // The one that watches over the scratch server does not need the live database any more.
        let outcome = take_at(&url(&from), &place, &[], Method::Copy, 15);
        if !proxy.has_cut() {
            outcome.expect("a backup");
            assert!(at > 8, "there was something to cut: {at}");
            return;
        }
        match outcome {
            Ok(_) => assert!(place.exists(), "cut at {at}"),
            Err(_) => assert!(is_empty(&folder), "cut at {at}"),
        }
    }
}

#[test]
fn a_restore_that_is_cut_anywhere_is_done_or_not_begun() {
    for cut in [Cut::Kill, Cut::After] {
        let original = small(15, "backup_restore_cut");
        let (_folder, place) = place();
        take(&original, &place, &[], Method::Copy);
        original.run("update a set note = 'later'; delete from b");
        let both = names(&[("public", "a"), ("public", "b")]);
        for at in 1.. {
            let database = original.copy("backup_restore_cut_copy");
            let proxy = Proxy::start(server(15).port(), at, cut);
            let to =
                format!("postgresql://postgres@127.0.0.1:{}/{}?sslmode=disable", proxy.port, database.name());
            let outcome = restore_at(&url(&to), &place, &[], &both);
            let state = database.value(
                "select (select string_agg(note, ',' order by id) from a) || (select count(*) from b)
                 || (select count(*) from pg_constraint where contype = 'f' and convalidated)",
            );
            match outcome {
                Ok(_) => assert_eq!(state, "x,y11", "{cut:?} at {at}"),
                // Nobody may have heard that it was committed.
                Err(error) if error.to_string().contains("committing") => {
                    assert!(["x,y11", "later,later01"].contains(&state.as_str()), "{cut:?} at {at}: {state}");
                }
                Err(_) => assert_eq!(state, "later,later01", "{cut:?} at {at}"),
            }
            if !proxy.has_cut() {
                assert!(at > 10, "there was something to cut: {at}");
                break;
            }
        }
    }
}

/// pg_dump talks to the server on its own: its connection can be cut, too.
#[test]
fn a_pg_dump_that_loses_its_server_leaves_no_folder() {
    let database = small(15, "backup_dump_cut");
    let mut failures = 0;
    for at in (5..200).step_by(7) {
        let proxy = Proxy::start(server(15).port(), at, Cut::Before);
        let from =
            format!("postgresql://postgres@127.0.0.1:{}/{}?sslmode=disable", proxy.port, database.name());
        let (folder, place) = place();
        let outcome = take_at(&url(&from), &place, &[], Method::PgDump, 15);
        if !proxy.has_cut() {
            outcome.expect("a backup");
            assert!(failures > 3, "{failures}");
            return;
        }
        if let Err(error) = outcome {
            assert!(is_empty(&folder), "cut at {at}");
            failures += usize::from(matches!(error, BackupError::Program { .. }));
        }
    }
    panic!("pg_dump needs more messages than were counted");
}

#[test]
fn files_that_were_touched_are_not_restored() {
    let database = small(15, "backup_touched");
    for method in [Method::PgDump, Method::Copy] {
        let (_folder, place) = place();
        let backup = take(&database, &place, &[], method);
        let empty = server(15).create_database("backup_touched_empty");
        let to = url(&empty.url());
        for held in &backup.manifest.files {
            let path = place.join(&held.name);
            let whole = fs::read(&path).expect("a file");
            let mut other = whole.clone();
            *other.last_mut().expect("a byte") ^= 1;
            fs::write(&path, &other).expect("writing");
            let error = restore_at(&to, &place, &[], &[]).expect_err("a byte is another").to_string();
            assert!(error.contains(&format!("{} was changed since it was made", held.name)), "{error}");
            fs::remove_file(&path).expect("removing");
            let error = restore_at(&to, &place, &[], &[]).expect_err("a file is gone").to_string();
            assert!(error.contains(&format!("{} was removed since it was made", held.name)), "{error}");
            fs::write(&path, &whole).expect("writing");
        }
        assert_eq!(empty.value("select count(*) from pg_tables where schemaname = 'public'"), "0");
        restore_at(&to, &place, &[], &[]).expect("as it was made");
    }
}

#[test]
fn what_is_no_backup_is_told_from_one() {
    let database = small(15, "backup_none");
    let (folder, place) = place();
    take(&database, &place, &[], Method::Copy);
    let to = url(&database.url());
    let said = |path: &Path| restore_at(&to, path, &[], &[]).expect_err("no backup").to_string();
    assert!(said(&folder.path().join("none")).contains("there is no such folder"));
    assert!(said(folder.path()).contains("there is no backup.json in it"));
    assert!(said(&place.join("backup.json")).contains("it is no folder"));
    let manifest = place.join("backup.json");
    let text = fs::read_to_string(&manifest).expect("the manifest");
    let with = |from: &str, to: &str| fs::write(&manifest, text.replace(from, to)).expect("writing");
    with("\"version\": 1", "\"version\": 2");
    assert!(said(&place).contains("its format is version 2, and this trueup knows versions up to 1"));
    with("trueup.backup", "trueup.check");
    assert!(said(&place).contains("is not the manifest of a backup"));
    with("\"taken-at\"", "\"taken\"");
    assert!(said(&place).contains("its backup.json is damaged: missing field `taken-at`"));
    with("\"definition.json\"", "\"../definition.json\"");
    assert!(said(&place).contains("names a file outside of it"));
    with(&text, "\0\u{1}");
    assert!(said(&place).contains("is not a manifest"));
}

#[test]
fn nothing_is_overwritten_and_nothing_is_made_up() {
    let database = small(15, "backup_exists");
    let (folder, place) = place();
    fs::create_dir(&place).expect("a folder");
    let from = url(&database.url());
    let error = take_at(&from, &place, &[], Method::Copy, 15).expect_err("it is there");
    assert!(error.to_string().ends_with("the.backup is there already"), "{error}");
    let nowhere = folder.path().join("no/such");
    let error = take_at(&from, &nowhere, &[], Method::Copy, 15).expect_err("no parent");
    assert!(matches!(error, BackupError::NoFolder(_)));
    fs::remove_dir(&place).expect("removing");
    for (name, near) in [(("public", "aa"), "public.a"), (("publik", "b"), "public.b")] {
        let error = take_at(&from, &place, &names(&[name]), Method::Copy, 15).expect_err("no such table");
        assert_eq!(error.next(), Some(format!("did you mean `{near}`?")), "{error}");
    }
    assert!(is_empty(&folder));
}

#[test]
fn what_runs_that_were_killed_have_left_is_swept_up() {
    let database = small(15, "backup_swept");
    let (folder, place) = place();
    let left = folder.path().join(".trueup-unfinished-backup-AbCdEf");
    fs::create_dir(&left).expect("a folder");
    fs::File::create(left.join("lock")).and_then(|mut file| file.write_all(b"")).expect("a lock");
    let used = folder.path().join(".trueup-unfinished-backup-GhIjKl");
    fs::create_dir(&used).expect("a folder");
    let lock = fs::File::create(used.join("lock")).expect("a lock");
    lock.lock().expect("locked");
    take(&database, &place, &[], Method::Copy);
    assert!(!left.exists());
    assert!(used.exists(), "somebody is at work there");
}

#[test]
fn a_table_that_may_not_be_read_is_named() {
    let database = small(15, "backup_privilege");
    database.server().create_roles(&["backup_reader"]);
    database.run("alter role backup_reader login; grant select on a to backup_reader; grant select on a_id_seq to backup_reader");
    let from = url(&database.url_as("backup_reader"));
    for method in [Method::PgDump, Method::Copy] {
        let (folder, place) = place();
        let error = take_at(&from, &place, &[], method, 15).expect_err("b may not be read");
        assert_eq!(error.to_string(), "reading the table public.b: the role backup_reader may not");
        assert!(error.next().is_some_and(|next| next.contains("GRANT SELECT ON public.b TO backup_reader")));
        assert!(is_empty(&folder));
        take_at(&from, &place, &names(&[("public", "a")]), method, 15).expect("a may be read");
    }
    // Rows that a policy hides would be missing without a word.
    database.run("alter table a enable row level security; create policy none on a using (false)");
    for method in [Method::PgDump, Method::Copy] {
        let (_folder, place) = place();
        let error = take_at(&from, &place, &names(&[("public", "a")]), method, 15).expect_err("hidden rows");
        assert!(error.to_string().contains("row-level security"), "{error}");
    }
}

/// Only the owner can switch triggers off.
#[test]
fn a_role_that_owns_nothing_replaces_nothing() {
    let database = small(15, "backup_owner");
    let (_folder, place) = place();
    take(&database, &place, &[], Method::Copy);
    database.server().create_roles(&["backup_writer"]);
    database.run("alter role backup_writer login; grant all on a, b to backup_writer");
    let a = names(&[("public", "a")]);
    let error = restore_at(&url(&database.url_as("backup_writer")), &place, &a, &a).expect_err("not its own");
    assert!(
        matches!(&error, BackupError::Refused(why) if why.iter().any(|it| it.contains("belongs to postgres")))
    );
}

#[test]
fn a_lock_that_is_not_to_be_had_is_waited_for_no_longer_than_allowed() {
    let database = small(15, "backup_locked");
    let (folder, place) = place();
    take(&database, &place, &[], Method::Copy);
    let mut other = trueup_database::open(&url(&database.url()), &trueup_database::OpenOptions::default())
        .expect("a session");
    other.run("begin; lock table a in access exclusive mode").expect("a lock");
    let (second, second_place) = super::place();
    let error = take_at(&url(&database.url()), &second_place, &[], Method::Copy, 15).expect_err("locked");
    assert!(matches!(error, BackupError::Locked { .. }), "{error}");
    assert!(is_empty(&second));
    let both = names(&[("public", "a"), ("public", "b")]);
    let error = restore_at(&url(&database.url()), &place, &[], &both).expect_err("locked");
    assert!(matches!(error, BackupError::Locked { .. }), "{error}");
    drop(folder);
}

#[test]
fn a_standby_gives_and_does_not_take() {
    let primary = own_server(15);
    let database = primary.create_database("backup_standby");
    database.run("create table a (id int); insert into a values (1), (2)");
    let standby = standby_of(&primary);
    let from = url(&standby.url(database.name()));
    for method in [Method::PgDump, Method::Copy] {
        let (_folder, place) = place();
        let backup = take_at(&from, &place, &[], method, 15).expect("a standby can be read");
        assert_eq!(backup.manifest.rows(), 2);
        let error = restore_at(&from, &place, &[], &names(&[("public", "a")])).expect_err("a standby");
        assert!(
            matches!(&error, BackupError::Refused(why) if why[0] == "the server is a standby; connect to the primary")
        );
    }
}
