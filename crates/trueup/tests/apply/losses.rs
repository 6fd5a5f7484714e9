//! What would be lost is asked for, and told.

use trueup_testing::servers::server;

use crate::common::{trueup, write};
use crate::{ROWS, rows, run, shop};

#[test]
fn nothing_is_lost_without_permission() {
    let (folder, database) = shop("apply_loss");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    database.run(ROWS);
    database.run("create table scratch (id integer)");
    write(
        folder.path(),
        "migrations/002_smaller.sql",
        b"alter table orders drop column note; create table scratch_2 (id integer);",
    );
    run(&folder, &database, &["apply", "--yes"]).exits(3).says(&[
        "public.orders.note: 1 values of note would be lost",
        "not done without --allow drop:public.orders.note",
    ]);
    assert_eq!(rows(&database), "1 1 10.00 kept,2 2 2000.00");
    run(&folder, &database, &["apply", "--yes", "--allow", "drop:public.orders.noet"])
        .exits(1)
        .says(&["nothing is called public.orders.noet", "did you mean `public.orders.note`?"]);
    run(&folder, &database, &["apply", "--yes", "--allow", "drop:public.orders.note"])
        .exits(0)
        .says(&["backed up before, in", "backed up 2 rows in"]);
    assert_eq!(database.value("select count(*) from orders"), "2");
    // What is gone is in the backup. Undo says where that is, and restore what it takes.
    let said = run(&folder, &database, &["undo", "--yes"])
        .exits(3)
        .says(&["no way back", "what it lost is in its backup: trueup restore"]);
    let backups = folder.path().join(".trueup/backups");
    let backup =
        std::fs::read_dir(&backups).expect("a folder").next().expect("a backup").expect("an entry").path();
    let other = server(15).create_database("apply_loss_restored");
    let backup = backup.to_str().expect("UTF-8");
    assert!(said.stderr.split_whitespace().collect::<String>().contains(backup), "{}", said.stderr);
    run(&folder, &database, &["restore", backup, "--yes"]).exits(3).says(&[
        "public.orders has no column note to take the values of the backup",
        "make note again as",
        "restore into a database of their own: createdb NAME",
    ]);
    // It holds the one table that lost something.
    other.run(
        "create table customers (id bigserial primary key); insert into customers default values; \
               insert into customers default values",
    );
    run(&folder, &other, &["restore", backup, "--yes"]).exits(0);
    assert_eq!(rows(&other), "1 1 10.00 kept,2 2 2000.00");
    database.run("alter table orders add column note text");
    run(
        &folder,
        &database,
        &["restore", backup, "--only", "public.orders", "--replace=public.orders", "--yes"],
    )
    .exits(0);
    assert_eq!(rows(&database), "1 1 10.00 kept,2 2 2000.00");
    database.run("alter table orders drop column note");
    // What holds nothing can go.
    write(folder.path(), "migrations/003_drop.sql", b"drop table scratch_2;");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
}

/// Somebody meant it; how much it is has to be seen before.
#[test]
fn statements_that_change_rows_are_told_with_how_many() {
    let (folder, database) = shop("apply_rows");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    database.run(ROWS);
    database.run(
        "insert into orders (customer_id, total, note) select 1, n, 'old' from generate_series(1, 90) n; analyze",
    );
    write(
        folder.path(),
        "migrations/002_rows.sql",
        b"update orders set note = upper(note) where note = 'old';\n\
          alter table orders add column extra integer;\nupdate orders set extra = 1;",
    );
    run(&folder, &database, &["apply"]).exits(3).says(&[
        "which rows of public.orders it changes (about 90, as PostgreSQL estimates): migrations/002_rows.sql:1",
        "which rows of public.orders it changes (it has up to about",
        "backed up before",
    ]);
    assert_eq!(database.value("select count(*) from orders where note = 'old'"), "90");
}

/// It looks like a rename to whoever compares two schemas.
#[test]
fn what_is_dropped_and_made_again_is_lost_whatever_it_looks_like() {
    let (folder, database) = shop("apply_lookalike");
    run(&folder, &database, &["apply", "--yes"]).exits(0);
    database.run(ROWS);
    for (text, object) in [
        (
            "alter table orders drop column note; alter table orders add column remark text;",
            "public.orders.note",
        ),
        (
            "alter table orders drop column note; alter table orders add column note text;",
            "public.orders.note",
        ),
        ("do $$ begin execute 'delete from ' || 'orders'; end $$;", "public.orders"),
    ] {
        write(folder.path(), "migrations/002_b.sql", text.as_bytes());
        run(&folder, &database, &["apply", "--yes"])
            .exits(3)
            .says(&[&format!("not done without --allow drop:{object}")]);
    }
    // Whoever counts does not see rows that a policy hides.
    database.run(
        "alter table orders enable row level security; alter table orders force row level security;
         create policy none on orders using (false); create role apply_owner login; grant all on schema public to apply_owner;
         grant create on database apply_lookalike to apply_owner;
         alter view large_orders owner to apply_owner; alter table orders owner to apply_owner;
         alter table customers owner to apply_owner; alter table trueup_ledger owner to apply_owner;
         alter schema trueup owner to apply_owner; alter table trueup.trueup_runs owner to apply_owner",
    );
    write(folder.path(), "migrations/002_b.sql", b"alter table orders drop column note;");
    let url = database.url_as("apply_owner");
    trueup(folder.path(), &["apply", "--yes", "--database-url", &url])
        .exits(3)
        .says(&["an unknown number of values of note would be lost"]);
    assert_eq!(rows(&database), "1 1 10.00 kept,2 2 2000.00");
}
