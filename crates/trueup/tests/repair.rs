//! `trueup repair` as users meet it: what is planned, what is proven, and what is refused.

mod common;

use common::{Run, project, trueup};
use tempfile::TempDir;
use trueup_testing::servers::{Database, server};

const HISTORY: &[(&str, &str)] = &[(
    "migrations/001_shop.sql",
    "create table customers (id bigserial primary key, email text not null unique);
     create table orders (
        id bigserial primary key, customer_id bigint not null references customers (id),
        total numeric(12, 2) not null check (total >= 0), placed_at timestamptz not null default now());
     create index orders_placed on orders (placed_at);
     create view large_orders as select id, total from orders where total > 1000;",
)];

/// A project, and a database to which this happened.
fn shop(name: &str, damage: &str) -> (TempDir, Database) {
    let database = server(15).create_database(name);
    for (_, sql) in HISTORY {
        database.run(sql);
    }
    database.run(
        "insert into customers (email) values ('a@example.org'), ('b@example.org');
        insert into orders (customer_id, total) values (1, 10), (2, 2000);",
    );
    database.run(damage);
    (project(HISTORY), database)
}

fn repair(folder: &TempDir, database: &Database, arguments: &[&str]) -> Run {
    let url = database.url();
    let mut all = vec!["repair", "--database-url", &url];
    all.extend(arguments);
    trueup(folder.path(), &all)
}

#[test]
fn a_healthy_database_needs_nothing() {
    let (folder, database) = shop("repair_nothing", "");
    repair(&folder, &database, &[]).exits(0).says(&["nothing to do in repair_nothing"]);
}

#[test]
fn what_is_missing_is_made_again_and_proven() {
    let (folder, database) = shop(
        "repair_missing",
        "drop view large_orders; drop index orders_placed; alter table orders drop constraint orders_total_check;
         alter table customers alter column email drop not null",
    );
    let before = database.dump_schema();
    repair(&folder, &database, &["--verbose"]).exits(0).says(&[
        "repair of repair_missing: 4 steps",
        "create index public.orders.orders_placed",
        "create check constraint public.orders.orders_total_check",
        "create view public.large_orders",
        "alter column public.customers.email",
        "the found state with the repair is the expected one",
        "a second run of the repair changes nothing",
        "the expected state with the repair stays as it is",
        "the way back leads to the found state",
    ]);
    assert_eq!(before, database.dump_schema(), "planning writes nothing");
}

#[test]
fn nothing_is_dropped_unless_it_is_named() {
    let (folder, database) =
        shop("repair_drop", "alter table orders add column note text; update orders set note = 'kept'");
    repair(&folder, &database, &[]).exits(3).says(&["left as it is", "column public.orders.note"]);
    let other = ["--allow", "drop:public.orders.other"];
    repair(&folder, &database, &other).exits(3).says(&["left as it is"]);
    let named = ["--allow", "drop:public.orders.note"];
    repair(&folder, &database, &named).exits(0).says(&["drop column public.orders.note", "loses"]);
}

#[test]
fn what_is_chosen_can_be_named() {
    let (folder, database) = shop("repair_chosen", "drop view large_orders; drop index orders_placed");
    repair(&folder, &database, &["--only", "index"])
        .exits(0)
        .says(&["1 step", "orders_placed"])
        .does_not_say(&["large_orders"]);
    repair(&folder, &database, &["--except", "public.large_orders"])
        .exits(0)
        .says(&["1 step", "orders_placed"]);
    repair(&folder, &database, &["--only", "public.lage_orders"])
        .exits(1)
        .says(&["nothing is called public.lage_orders", "hint:"]);
    repair(&folder, &database, &["--allow", "everything"])
        .exits(1)
        .says(&["unknown permission `everything`"]);
    repair(&folder, &database, &["--include", "eror"]).exits(1).says(&["did you mean `error`?"]);
}
