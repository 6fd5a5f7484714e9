//! A repair is proven where it does what it should, and refused with the reason where it does not.

mod common;

#[path = "common/rehearsing.rs"]
mod rehearsing;

use common::{Project, binaries, live_catalog};
use rehearsing::{DAMAGE, HISTORY, part, rehearsal, repair, script, shadow, steps, tables, way_back};
use trueup_database::prove::Touched;
use trueup_database::prove::{ProveError, Proven, Stage, Unproven, measure, prove};
use trueup_database::shadow::ShadowRequest;
use trueup_model::repair::Repair;
use trueup_model::repair::{Script, ScriptPart};
use trueup_model::{Catalog, ObjectKind};
use trueup_testing::fixture;
use trueup_testing::servers::server;

fn project() -> Project {
    Project::plain(&[("001_shop.sql".to_owned(), HISTORY.to_owned())])
}

fn local() -> ShadowRequest {
    ShadowRequest::Local(Some(binaries(16)))
}

/// The expected catalog, and the found one with this damage.
fn catalogs(damage: &[&str]) -> (Catalog, Catalog) {
    let database = server(16).create_database("proving");
    database.run(HISTORY);
    let expected = live_catalog(&database.url());
    damage.iter().for_each(|statement| database.run(&format!("{statement};")));
    (expected, live_catalog(&database.url()))
}

fn prove_here(request: &ShadowRequest, script: Script) -> Result<Proven<Script>, ProveError> {
    let (expected, found) = catalogs(DAMAGE);
    let (make_found, touched) = (steps(DAMAGE), tables());
    let mut shadow = shadow(&project(), request);
    prove(shadow.as_mut(), &rehearsal(&found, &expected, &make_found, &touched), script)
}

#[track_caller]
fn refusal(script: Script) -> Unproven {
    match prove_here(&local(), script) {
        Err(ProveError::Unproven(unproven)) => unproven,
        other => panic!("not refused: {other:?}"),
    }
}

fn proven_on(request: &ShadowRequest) {
    let proven = prove_here(request, script(repair())).expect("a proof");
    let proof = proven.proof();
    let rows: Vec<(String, u64)> =
        proof.rows.iter().map(|kept| (kept.table.to_string(), kept.rows)).collect();
    assert_eq!(rows, [("public.customers".to_owned(), 3), ("public.orders".to_owned(), 3)]);
    assert_eq!(proof.way_back, Some(true));
    assert_ne!(proof.fingerprints.found, proof.fingerprints.expected);
    let why: Vec<&str> = proof.unproven.iter().map(|gap| gap.why.as_str()).collect();
    assert_eq!(why, ["another type: note"]);
    let back = proven.reversed().expect("a way back");
    assert_eq!(back.value().up, way_back());
    assert_eq!(back.proof().fingerprints.found, proof.fingerprints.expected);
}

#[test]
fn a_repair_is_proven_on_a_local_server() {
    proven_on(&local());
}

#[test]
fn a_repair_is_proven_on_the_embedded_server() {
    proven_on(&ShadowRequest::Embedded);
}

#[test]
fn a_repair_with_a_statement_that_stands_alone_is_proven() {
    let mut up = repair();
    up[3] = ScriptPart {
        transactional: false,
        ..part("", "create index concurrently if not exists orders_customer_idx on public.orders (customer)")
    };
    prove_here(&local(), script(up)).expect("a proof");
}

#[test]
fn a_repair_that_forgets_something_is_refused() {
    let mut up = repair();
    up.remove(1);
    let refusal = refusal(script(up));
    assert_eq!(refusal.stage, Stage::Statement(0));
    assert!(
        refusal.because[0].starts_with("check-constraint public.customers.customers_age_check"),
        "{refusal:?}"
    );
}

#[test]
fn a_repair_that_is_refused_by_the_server_is_refused_with_its_words() {
    let mut up = repair();
    up[3].text = "create index orders_customer_idx on public.orders (nobody)".to_owned();
    let refusal = refusal(script(up));
    assert_eq!(refusal.stage, Stage::Statement(2));
    assert!(refusal.because[0].contains("does not exist"), "{refusal:?}");
}

#[test]
fn a_repair_that_makes_equal_things_anew_is_refused() {
    let mut up = repair();
    up[3].text = "do $$ begin drop index if exists public.orders_customer_idx; \
                  create index orders_customer_idx on public.orders (customer); end $$"
        .to_owned();
    let refusal = refusal(script(up));
    assert_eq!(refusal.stage, Stage::Statement(2));
    assert!(
        refusal.because.contains(&"rows of pg_catalog.\"pg_index\" were written anew".to_owned()),
        "{refusal:?}"
    );
}

#[test]
fn a_repair_that_works_only_once_is_refused() {
    let mut up = repair();
    // It looks for a trace that the expected state does not have: right from expected, wrong the second time.
    up.push(part(
        "count",
        "do $$ begin if exists (select from public.customers) then update public.customers set feeling = feeling; \
         end if; end $$",
    ));
    let refusal = refusal(script(up));
    assert_eq!(refusal.stage, Stage::Statement(1));
    assert_eq!(refusal.because, ["rows of \"public\".\"customers\" were written anew"]);
}

#[test]
fn a_repair_that_loses_rows_is_refused() {
    for (statement, told) in [
        ("delete from public.orders where id = 2", "3 rows before, 2 rows after"),
        ("update public.orders set amount = amount + 1 where id = 2", "not the same values"),
        ("update public.orders set note = null where id = 2", "column note holds another number of values"),
    ] {
        let mut up = repair();
        up.insert(0, part("lose", statement));
        let refusal = refusal(script(up));
        assert_eq!(refusal.stage, Stage::Rows, "{statement}");
        assert!(refusal.because[0].contains(told), "{refusal:?}");
    }
}

#[test]
fn a_found_state_that_cannot_be_made_is_said() {
    let (expected, found) = catalogs(DAMAGE);
    let (make_found, touched) = (steps(&DAMAGE[1..]), tables());
    let mut shadow = shadow(&project(), &local());
    let rehearsal = rehearsal(&found, &expected, &make_found, &touched);
    match prove(shadow.as_mut(), &rehearsal, script(repair())) {
        Err(ProveError::Unproven(unproven)) => {
            assert_eq!(unproven.stage, Stage::Found);
            assert!(unproven.because[0].contains("public.customers.age"), "{unproven:?}");
        }
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn rows_that_are_in_the_way_are_left_out_and_that_is_said() {
    // Nobody's made-up age is under 1, so that the rows violate what the repair brings back.
    let history = HISTORY.replace("age >= 0", "age < 1");
    let damage = ["alter table public.customers drop constraint customers_age_check"];
    let database = server(16).create_database("in_the_way");
    database.run(&history);
    let expected = live_catalog(&database.url());
    database.run(&format!("{};", damage[0]));
    let found = live_catalog(&database.url());
    let (make_found, touched) = (steps(&damage), tables());
    let project = Project::plain(&[("001_shop.sql".to_owned(), history)]);
    let mut shadow = shadow(&project, &local());
    let up = vec![part(
        "add the check",
        "do $$ begin if not exists (select from pg_catalog.pg_constraint where conname = 'customers_age_check') then \
         alter table public.customers add constraint customers_age_check check (age < 1); end if; end $$",
    )];
    let script = Script { down: Err("none".to_owned()), ..script(up) };
    let proven = prove(shadow.as_mut(), &rehearsal(&found, &expected, &make_found, &touched), script)
        .expect("a proof");
    assert_eq!(proven.proof().rows, []);
    assert_eq!(proven.proof().way_back, None);
    assert!(proven.reversed().is_none());
    assert!(proven.proof().unproven[0].why.contains("customers_age_check"), "{:?}", proven.proof().unproven);
}

#[test]
fn definitions_are_measured_before_and_after_each_step() {
    let (expected, found) = catalogs(DAMAGE);
    let (make_found, touched) = (steps(DAMAGE), tables());
    let mut shadow = shadow(&project(), &local());
    let mut repair = steps(&[
        "alter table public.customers add column age integer constraint customers_age_check check (age >= 0)",
        "alter table public.orders alter column note type varchar(20)",
        "create index orders_customer_idx on public.orders (customer)",
    ]);
    "select pg_catalog.pg_get_indexdef(pg_catalog.to_regclass('public.orders_customer_idx'))"
        .clone_into(&mut repair.steps[2].guard.query);
    let rehearsal = rehearsal(&found, &expected, &make_found, &touched);
    measure(shadow.as_mut(), &rehearsal, &mut repair).expect("measured");
    assert_eq!(repair.steps[0].guard.before, None, "nothing was asked");
    assert_eq!(repair.steps[2].guard.before, Some(None), "it was absent");
    assert_eq!(
        repair.steps[2].guard.after,
        Some(Some("CREATE INDEX orders_customer_idx ON public.orders USING btree (customer)".to_owned()))
    );
    // The shadow is as it was, and the script can be proven on it.
    prove(shadow.as_mut(), &rehearsal, script(rehearsing::repair())).expect("a proof");
}

#[test]
fn nearly_every_table_can_be_filled() {
    let major = 18;
    let server = server(major);
    fixture::prepare(&server);
    let project = Project::plain(&fixture::every_kind(major, false));
    let mut shadow = shadow(&project, &ShadowRequest::Local(Some(binaries(major))));
    let catalog = trueup_database::prove::state(shadow.session()).expect("a catalog");
    let touched: Vec<Touched> = catalog
        .entries()
        .iter()
        .filter(|entry| entry.path.kind == ObjectKind::Table)
        .filter_map(|entry| entry.path.qualified())
        .map(|table| Touched { found: table.clone(), expected: table, loses: None })
        .collect();
    let nothing = Repair::default();
    let script = Script { down: Err("none".to_owned()), ..script(Vec::new()) };
    let rehearsal = rehearsal(&catalog, &catalog, &nothing, &touched);
    let proven = prove(shadow.as_mut(), &rehearsal, script).expect("a proof");
    let filled = proven.proof().rows.len();
    println!("{filled} of {}: {:#?}", touched.len(), proven.proof().unproven);
    assert!(filled * 10 >= touched.len() * 8, "{filled} of {}", touched.len());
}
