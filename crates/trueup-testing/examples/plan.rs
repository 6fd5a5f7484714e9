//! Two databases: what makes the first like the second, as statements. It is what is measured beside migra.

use std::collections::BTreeSet;
use std::io::Write;

use trueup_database::introspect::introspect_with_dependencies;
use trueup_database::sizes::table_sizes;
use trueup_database::{DatabaseUrl, OpenOptions, Session};
use trueup_engine::findings::Sides;
use trueup_engine::repair::{Permissions, PlanRequest};
use trueup_engine::{compare, plan};
use trueup_model::Catalog;
use trueup_model::repair::Dependencies;

fn open(url: &str) -> Session {
    let url = DatabaseUrl::parse(url).expect("a URL");
    trueup_database::open(&url, &OpenOptions::default()).expect("a session")
}

fn read(session: &mut Session) -> (Catalog, Dependencies) {
    introspect_with_dependencies(session).expect("a catalog")
}

fn main() {
    let urls: Vec<String> = std::env::args().skip(1).collect();
    let [live, wanted] = urls.as_slice() else { panic!("the URLs of two databases are needed") };
    let ((found, found_needs, sizes), (expected, expected_needs)) = std::thread::scope(|scope| {
        let expected = scope.spawn(|| read(&mut open(wanted)));
        let mut session = open(live);
        let (found, needs) = read(&mut session);
        let sizes = table_sizes(&mut session).expect("sizes");
        ((found, needs, sizes), expected.join().expect("the other side"))
    });
    let differences = compare(&expected, &found);
    let chosen: BTreeSet<usize> = (0..differences.len()).collect();
    let repair = plan(&PlanRequest {
        sides: &Sides { expected: &expected, found: &found },
        differences: &differences,
        chosen: &chosen,
        expected_needs: &expected_needs,
        found_needs: &found_needs,
        allowed: &Permissions::All,
        sizes: &|table| sizes.get(table).copied(),
    });
    let mut output = std::io::stdout().lock();
    for statement in repair.steps.iter().flat_map(|step| &step.statements) {
        writeln!(output, "{statement};").expect("output");
    }
    assert!(repair.left.is_empty(), "left: {:?}", repair.left);
    std::process::exit(if repair.steps.is_empty() { 0 } else { 2 });
}
