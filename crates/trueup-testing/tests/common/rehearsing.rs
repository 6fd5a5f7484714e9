//! A small shop that has drifted, the repair of it by hand, and what the prover wants to know.

use trueup_database::expected::{Plan, expected_on_shadow};
use trueup_database::prove::{Rehearsal, Touched};
use trueup_database::shadow::{Shadow, ShadowRequest, Surroundings};
use trueup_engine::compare;
use trueup_engine::dialect::SETTINGS;
use trueup_model::repair::{Guard, Inverse, Repair, Safety, Script, ScriptPart, Step, Verb};
use trueup_model::{Catalog, ObjectKind, ObjectPath, QualifiedName};

use super::Project;

/// What the history makes.
pub const HISTORY: &str = "
create type mood as enum ('calm', 'cross');
create domain email as text check (value like '%@%');
create table customers (
    id integer generated always as identity primary key,
    email email not null unique,
    feeling mood not null default 'calm',
    age integer check (age >= 0)
);
create table orders (
    id serial primary key,
    customer integer not null references customers (id),
    amount numeric(10, 2) not null default 0,
    note varchar(20),
    doubled numeric generated always as (amount * 2) stored
);
create index orders_customer_idx on orders (customer);
";

/// What somebody did to the live database.
pub const DAMAGE: &[&str] = &[
    "alter table public.customers drop column age",
    "drop index public.orders_customer_idx",
    "alter table public.orders alter column note type varchar(40)",
];

/// What takes it back, guarded.
pub fn repair() -> Vec<ScriptPart> {
    vec![
        part(
            "add the column age",
            "do $$ begin if not exists (select from pg_catalog.pg_attribute where attrelid = \
             'public.customers'::regclass and attname = 'age' and not attisdropped) then \
             alter table public.customers add column age integer; end if; end $$",
        ),
        part(
            "add the check of it",
            "do $$ begin if not exists (select from pg_catalog.pg_constraint where conname = \
             'customers_age_check') then alter table public.customers add constraint customers_age_check \
             check (age >= 0); end if; end $$",
        ),
        part(
            "narrow the note",
            "do $$ begin if pg_catalog.format_type('varchar'::regtype, (select atttypmod from \
             pg_catalog.pg_attribute where attrelid = 'public.orders'::regclass and attname = 'note')) \
             <> 'character varying(20)' then alter table public.orders alter column note type varchar(20); \
             end if; end $$",
        ),
        part(
            "add the index",
            "do $$ begin if pg_catalog.to_regclass('public.orders_customer_idx') is null then \
             create index orders_customer_idx on public.orders (customer); end if; end $$",
        ),
    ]
}

/// The damage again, as the way back.
pub fn way_back() -> Vec<ScriptPart> {
    DAMAGE.iter().map(|statement| part("take it back", statement)).collect()
}

pub fn part(comment: &str, text: &str) -> ScriptPart {
    ScriptPart::new(comment, text, true)
}

pub fn script(up: Vec<ScriptPart>) -> Script {
    Script { title: "repair the shop".to_owned(), head: Vec::new(), up, down: Ok(way_back()) }
}

/// Steps that run these statements.
pub fn steps(statements: &[&str]) -> Repair {
    let step = |statement: &&str| Step {
        verb: Verb::Alter,
        object: ObjectPath::in_schema(ObjectKind::Table, &"public".into(), "orders"),
        settles: Vec::new(),
        makes_way_for: None,
        statements: vec![(*statement).to_owned()],
        inverse: Inverse::Statements(Vec::new()),
        transactional: true,
        safety: Safety::default(),
        guard: Guard::default(),
    };
    Repair { steps: statements.iter().map(step).collect(), left: Vec::new() }
}

pub fn tables() -> Vec<Touched> {
    ["customers", "orders"]
        .map(|name| Touched {
            found: QualifiedName::new("public", name),
            expected: QualifiedName::new("public", name),
            loses: None,
        })
        .to_vec()
}

pub fn differ(expected: &Catalog, found: &Catalog) -> Vec<String> {
    compare(expected, found)
        .iter()
        .map(|difference| format!("{} {}: {:?}", difference.path.kind, difference.path, difference.change))
        .collect()
}

/// A shadow with what a history makes.
pub fn shadow(project: &Project, request: &ShadowRequest) -> Box<dyn Shadow> {
    let surroundings = Surroundings::usual();
    let plan = Plan { request, opener: None, surroundings: &surroundings, remember: false, live_major: None };
    expected_on_shadow(project.history(), &plan, &mut |_| {}).expect("a shadow").0
}

pub fn rehearsal<'a>(
    found: &'a Catalog,
    expected: &'a Catalog,
    make_found: &'a Repair,
    touched: &'a [Touched],
) -> Rehearsal<'a> {
    Rehearsal { found, expected, make_found, settings: SETTINGS, differ: &differ, touched, says_again: false }
}
