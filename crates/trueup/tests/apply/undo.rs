//! What was applied is taken back, and nothing that is not its own.

use trueup_testing::servers::server;

use crate::common::{dump, project, write};
use crate::{ROWS, rows, run, shop, states};

const DAMAGE: &str = "drop view large_orders; drop index orders_total;
    alter table orders drop constraint orders_total_check;
    alter table customers alter column email drop not null;
    alter table orders alter column total type numeric(14, 3);
    alter table orders rename column note to remark;";

#[test]
fn a_repair_is_applied_and_taken_back() {
    let (folder, database) = shop("apply_repair");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    database.run(ROWS);
    let (healthy, before) = (dump(&database), rows(&database));
    database.run(DAMAGE);
    let broken = dump(&database);
    run(&folder, &database, &["repair", "--yes"]).exits(0).says(&["002_repair", ".proof.toml"]);
    run(&folder, &database, &["apply", "--yes"])
        .exits(0)
        .says(&["a proven repair", "create view public.large_orders"]);
    assert_eq!(dump(&database), healthy);
    assert_eq!(rows(&database), before);
    run(&folder, &database, &["check", "--fail-on", "info"]).exits(0);
    run(&folder, &database, &["repair"]).exits(0).says(&["nothing to do"]);
    run(&folder, &database, &["undo", "--yes"])
        .exits(0)
        .says(&["drops view public.large_orders", "taken back"]);
    assert_eq!(dump(&database), broken);
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    assert_eq!((dump(&database), rows(&database)), (healthy, before));
    // Somewhere else, where nothing was ever wrong, the same file changes nothing.
    let other = server(15).create_database("apply_repair_elsewhere");
    run(&folder, &other, &["apply", "--yes"]).exits(0);
    run(&folder, &other, &["check", "--fail-on", "info"]).exits(0);
}

/// An index that is built without locking anybody out is a migration of its own, and goes back with the rest.
#[test]
fn all_migrations_of_a_repair_are_taken_back_together() {
    let (folder, database) = shop("apply_parts");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    database.run(
        "insert into customers (email) select n || '@example.org' from generate_series(1, 100) n;
         insert into orders (customer_id, total) select n % 100 + 1, n from generate_series(1, 200000) n; analyze;
         drop index orders_total; drop view large_orders",
    );
    let broken = dump(&database);
    run(&folder, &database, &["repair", "--yes"]).exits(0).says(&["runs outside of a transaction"]);
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    let runs = states(&database).len();
    assert!(runs > 2, "several migrations: {:?}", states(&database));
    run(&folder, &database, &["check"]).exits(0);
    run(&folder, &database, &["undo", "--yes"]).exits(0);
    assert_eq!(dump(&database), broken);
    assert_eq!(states(&database).iter().filter(|state| state.ends_with("undone")).count(), runs - 1);
    run(&folder, &database, &["--framework", "plain"]).exits(0).says(&["1 applied"]);
}

#[test]
fn taking_back_does_not_take_rows_that_came_since() {
    let folder =
        project(&[("db/1_a.up.sql", "create table a (id integer);"), ("db/1_a.down.sql", "drop table a;")]);
    let database = server(15).create_database("undo_rows");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    database.run("insert into a values (1)");
    run(&folder, &database, &["undo", "--yes"])
        .exits(3)
        .says(&["1 rows would be lost", "--allow drop:public.a"]);
    assert_eq!(database.value("select count(*) from a"), "1");
    run(&folder, &database, &["undo", "--yes", "--allow", "drop:public.a"]).exits(0);
    run(&folder, &database, &["undo", "--yes"]).exits(0).says(&["nothing to take back"]);
}

/// An index that somebody made goes with the column that it is on.
#[test]
fn taking_back_does_not_take_what_somebody_made_without_permission() {
    let folder = project(&[
        ("db/1_a.up.sql", "create table a (id integer);"),
        ("db/1_a.down.sql", "drop table a;"),
        ("db/2_w.up.sql", "alter table a add column w integer; create index ours on a (w);"),
        ("db/2_w.down.sql", "alter table a drop column w;"),
    ]);
    let database = server(15).create_database("undo_others");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    database.run("create index by_hand on a (w); alter table a add check (w > 0)");
    run(&folder, &database, &["undo", "--yes"]).exits(3).says(&[
        "drops column public.a.w",
        "drops index public.a.ours",
        "drops index public.a.by_hand",
        "no migration makes this index, and it goes too (not done without --allow drop:public.a.by_hand)",
        "--allow drop:public.a.a_w_check",
    ]);
    assert_eq!(database.value("select to_regclass('by_hand') is not null"), "t");
    let allowed = ["--allow", "drop:public.a.by_hand", "--allow", "drop:public.a.a_w_check"];
    run(&folder, &database, &[&["undo", "--yes"][..], &allowed].concat()).exits(0);
    assert_eq!(states(&database)[1], "apply 2_w undone");
}

/// What was pending before a repair took it as recorded is pending again.
#[test]
fn what_a_repair_has_recorded_is_taken_back_with_it() {
    let (folder, database) = shop("undo_recorded");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    write(
        folder.path(),
        "migrations/002_tax.sql",
        b"alter table orders add column tax numeric; create index orders_tax on orders (tax);",
    );
    database.run("alter table orders add column tax numeric");
    let broken = dump(&database);
    run(&folder, &database, &["repair", "--yes", "--record", "002_tax"]).exits(0);
    run(&folder, &database, &["apply", "--yes"]).exits(0).says(&["only recorded"]);
    run(&folder, &database, &["check"]).exits(0);
    run(&folder, &database, &["undo", "--yes"]).exits(0).says(&["2 runs"]);
    assert_eq!(dump(&database), broken);
    run(&folder, &database, &["--framework", "plain"]).exits(0).says(&["1 applied, 2 pending"]);
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    run(&folder, &database, &["check"]).exits(0);
}
