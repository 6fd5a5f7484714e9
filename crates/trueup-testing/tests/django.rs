//! Django's migrations, read without running them, make the catalog that Django makes: names included.
//!
//! Every case of `data/django/matrix.py` is migrated by Django on one database, and by the statements that we compile on
//! another; those of `data/django/spatial.py` on a server with PostGIS. For every version from 3.2 to the newest.

mod common;

use std::path::Path;
use std::rc::Rc;

use common::live_catalog;
use trueup_frameworks::django::Version;
use trueup_frameworks::django::read;
use trueup_frameworks::django::schema::{Environment, Schema};
use trueup_frameworks::python::{Disk, Kind, Surroundings, World};
use trueup_testing::django::{CASES, Cases, Django, Ran, SPATIAL};
use trueup_testing::servers::{Server, server, server_with_postgis};

/// As many apps as Django keeps in mind without getting slow.
const AT_ONCE: usize = 75;

fn check(version: &'static str) {
    check_on(&server(17), version, CASES, 1200);
}

fn check_spatial(version: &'static str) {
    check_on(&server_with_postgis(), version, SPATIAL, 600);
}

fn check_on(server: &Server, version: &'static str, cases: Cases, at_least: usize) {
    let django = Django::of(version);
    let folder = tempfile::tempdir().expect("a folder");
    let names = django.write_cases(cases, folder.path());
    server.create_tablespace("elsewhere");
    let (mut applied, mut refused) = (0, 0);
    let mut wrong: Vec<String> = Vec::new();
    for apps in names.chunks(AT_ONCE) {
        let (Some((first, _)), Some((last, _))) = (apps.first(), apps.last()) else { continue };
        let theirs = server.create_database("django");
        let ours = server.create_database("ours");
        let ran = django.migrate(cases, folder.path(), (first, last), &theirs);
        theirs.run("DROP TABLE django_migrations");
        for extension in cases.extensions {
            ours.run(&format!("CREATE EXTENSION {extension}"));
        }
        let mut script = String::new();
        for (app, name) in apps {
            let of_app: Vec<&Ran> = ran.iter().filter(|ran| ran.app == *app).collect();
            refused += of_app.iter().filter(|ran| ran.error.is_some()).count();
            let done: Vec<&Ran> = of_app.into_iter().filter(|ran| ran.error.is_none()).collect();
            applied += done.len();
            let environment = environment(version, server.major(), cases.spatial);
            wrong.extend(compile(folder.path(), environment, (app, name), &done, &mut script));
        }
        let output = ours.psql(&script);
        if !output.success {
            wrong.push(format!("{first} to {last}: {}", output.stderr));
        }
        let differences = trueup_engine::compare(&live_catalog(&theirs.url()), &live_catalog(&ours.url()));
        wrong.extend(differences.iter().map(|difference| {
            format!("{} {}: {:?}", difference.path.kind, difference.path, difference.change)
        }));
    }
    assert!(applied > at_least, "Django {version} took {applied} migrations, and refused {refused}");
    assert!(wrong.is_empty(), "Django {version}, {} of {applied}:\n{}", wrong.len(), wrong.join("\n"));
}

/// What the settings of the cases say.
fn environment(version: &str, server: u32, spatial: bool) -> Environment {
    let version = Version::parse(version).expect("a version");
    let automatic = || Some("django.db.models.AutoField".into());
    Environment {
        server,
        use_tz: true,
        time_zone: "UTC".into(),
        default_auto_field: if version.before(6, 0) { automatic() } else { None },
        spatial,
        ..Environment::new(version)
    }
}

/// Adds our statements for one app; what could not be read.
fn compile(
    folder: &Path,
    environment: Environment,
    (app, case): (&str, &str),
    migrations: &[&Ran],
    script: &mut String,
) -> Vec<String> {
    let folder = camino::Utf8Path::from_path(folder).expect("a UTF-8 path");
    let mut surroundings = Surroundings::new(Rc::new(Disk), folder);
    surroundings.opaque = vec!["django".to_owned()];
    let world = World::new(surroundings);
    let mut schema = Schema::new(environment);
    let mut wrong = Vec::new();
    for ran in migrations {
        let module = world.module(&format!("{app}.migrations.{}", ran.name)).expect("a module");
        let class = world.get(&module, "Migration").expect("a class");
        let Kind::Class(class) = &class.kind else { panic!("{app}.{}: {class:?}", ran.name) };
        let migration = read::migration(&world, app, &ran.name, class);
        let compiled = schema.migrate(&migration);
        wrong.extend(compiled.opaque().map(|opaque| format!("{app} {case} {}: {}", ran.name, opaque.reason)));
        script.push_str(&format!("-- {app} {case} {}\n", ran.name));
        script.extend(compiled.statements.iter().map(|sent| format!("{};\n", sent.text)));
    }
    wrong
}

#[test]
fn django_3_2_makes_the_same_catalog() {
    check("3.2.25");
}

#[test]
fn django_4_0_makes_the_same_catalog() {
    check("4.0.10");
}

#[test]
fn django_4_1_makes_the_same_catalog() {
    check("4.1.13");
}

#[test]
fn django_4_2_makes_the_same_catalog() {
    check("4.2.30");
}

#[test]
fn django_5_0_makes_the_same_catalog() {
    check("5.0.14");
}

#[test]
fn django_5_1_makes_the_same_catalog() {
    check("5.1.15");
}

#[test]
fn django_5_2_makes_the_same_catalog() {
    check("5.2.19");
}

#[test]
fn the_newest_django_makes_the_same_catalog() {
    check("6.0.10");
}

#[test]
fn django_3_2_makes_the_same_on_maps() {
    check_spatial("3.2.25");
}

#[test]
fn django_4_0_makes_the_same_on_maps() {
    check_spatial("4.0.10");
}

#[test]
fn django_4_1_makes_the_same_on_maps() {
    check_spatial("4.1.13");
}

#[test]
fn django_4_2_makes_the_same_on_maps() {
    check_spatial("4.2.30");
}

#[test]
fn django_5_0_makes_the_same_on_maps() {
    check_spatial("5.0.14");
}

#[test]
fn django_5_1_makes_the_same_on_maps() {
    check_spatial("5.1.15");
}

#[test]
fn django_5_2_makes_the_same_on_maps() {
    check_spatial("5.2.19");
}

#[test]
fn the_newest_django_makes_the_same_on_maps() {
    check_spatial("6.0.10");
}
