//! What makes a database like one that was read before, as statements: what is measured beside migra. `--record FILE URL`
//! reads a database into a file, as the expected catalog of a history is kept; `URL FILE` plans.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Write};

use trueup_database::introspect::{
    introspect_and_record, introspect_with_dependencies, read_recording_with_dependencies,
};
use trueup_database::sizes::table_sizes_during;
use trueup_database::{DatabaseUrl, OpenOptions, Session};
use trueup_engine::findings::Sides;
use trueup_engine::repair::{Permissions, PlanRequest};
use trueup_engine::{compare, plan};
use trueup_model::{Catalog, Dependencies};

fn open(url: &str) -> Session {
    let url = DatabaseUrl::parse(url).expect("a URL");
    trueup_database::open(&url, &OpenOptions::default()).expect("a session")
}

fn recorded(file: &str) -> (Catalog, Dependencies) {
    let file = BufReader::new(File::open(file).expect("a recording"));
    read_recording_with_dependencies(file).expect("a recording of this version").with_dependencies()
}

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (live, wanted) = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--record", file, url] => {
            let (_, recording) = introspect_and_record(&mut open(url)).expect("a catalog");
            return std::fs::write(file, recording.to_bytes()).expect("written");
        }
        [live, wanted] => (live.to_string(), wanted.to_string()),
        _ => panic!("a URL and a recording are needed, or --record, a file and a URL"),
    };
    let (mut session, (found, found_needs), (expected, expected_needs)) = std::thread::scope(|scope| {
        let expected = scope.spawn(|| recorded(&wanted));
        let mut session = open(&live);
        let found = introspect_with_dependencies(&mut session).expect("a catalog");
        (session, found, expected.join().expect("the other side"))
    });
    let (sizes, differences) = table_sizes_during(&mut session, || compare(&expected, &found));
    let sizes = sizes.expect("sizes");
    let chosen: BTreeSet<usize> = (0..differences.len()).collect();
    let repair = plan(&PlanRequest {
        sides: &Sides { expected: &expected, found: &found },
        differences: &differences,
        chosen: &chosen,
        expected_needs: &expected_needs,
        found_needs: &found_needs,
        allowed: &Permissions::All,
        sizes: &|table| sizes.get(table).copied(),
        file: &|_| None,
    });
    let mut output = std::io::stdout().lock();
    for statement in repair.steps.iter().flat_map(|step| &step.statements) {
        writeln!(output, "{statement};").expect("output");
    }
    assert!(repair.left.is_empty(), "left: {:?}", repair.left);
    std::process::exit(if repair.steps.is_empty() { 0 } else { 2 });
}
