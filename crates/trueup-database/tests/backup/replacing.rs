//! Rows that are put back into tables which are in use: triggers, foreign keys, sequences.

use super::*;

const CUSTOMERS: &[(&str, &str)] = &[("public", "customers")];
const ORDERS: &[(&str, &str)] = &[("public", "orders")];

#[test]
fn rows_are_replaced_only_where_that_is_named() {
    for method in [Method::PgDump, Method::Copy] {
        let database = shop(15, "backup_replace");
        let (_folder, place) = place();
        take(&database, &place, &[], method);
        let before = database.value(ROWS[0]);
        let fired = database.value("select count(*) from fired");
        database.run("update customers set mood = 'it''s ok'; select setval('customers_id_seq', 50)");
        let to = url(&database.url());
        let error = restore_at(&to, &place, &names(CUSTOMERS), &[]).expect_err("it is not named");
        assert!(error.to_string().contains("public.customers is there with 3 rows"), "{error}");
        let other = restore_at(&to, &place, &names(CUSTOMERS), &names(ORDERS));
        assert!(matches!(other, Err(BackupError::Refused(_))));

        restore_at(&to, &place, &names(CUSTOMERS), &names(CUSTOMERS)).expect("it comes back");
        assert_eq!(database.value(ROWS[0]), before);
        // Nothing cascaded, no trigger fired, and everything is as it was around the rows.
        assert_eq!(database.value("select count(*) from orders"), "858");
        assert_eq!(database.value("select count(*) from fired"), fired);
        assert_eq!(
            database.value(
                "select concat(convalidated, confdeltype) from pg_constraint where conname = 'orders_customer_fkey'"
            ),
            "tc"
        );
        assert_eq!(database.value("select nextval('customers_id_seq')"), "51", "sequences never go back");

        restore_at(&to, &place, &names(ORDERS), &names(ORDERS)).expect("it comes back");
        assert_eq!(database.value("select tgenabled from pg_trigger where tgname = 'fire'"), "O");
        assert_eq!(database.value("select count(*) from fired"), fired);
        database.run("delete from orders where id = 1");
        assert_ne!(database.value("select count(*) from fired"), fired, "triggers fire again afterwards");
    }
}

/// Orders that came later point to a customer whom the backup does not have.
#[test]
fn a_foreign_key_that_would_not_hold_stops_it() {
    let database = shop(15, "backup_orphans");
    let (_folder, place) = place();
    take(&database, &place, &[], Method::Copy);
    database.run(
        "insert into customers (id, email) values (99, 'late@x'); insert into orders (customer, total) values (99, 1)",
    );
    let (customers, orders) = (database.value(ROWS[0]), database.value(ROWS[1]));
    let error = restore_at(&url(&database.url()), &place, &names(CUSTOMERS), &names(CUSTOMERS))
        .expect_err("an order would be an orphan");
    assert!(matches!(&error, BackupError::RolledBack(said) if said.contains("(customer)=(99)")), "{error}");
    assert_eq!((database.value(ROWS[0]), database.value(ROWS[1])), (customers, orders));
    assert_eq!(
        database.value("select count(*) from pg_constraint where conname = 'orders_customer_fkey'"),
        "1"
    );
}

/// Anything that makes other rows of them than those of the backup is found before COMMIT.
#[test]
fn rows_that_come_back_otherwise_are_rolled_back() {
    let database = shop(15, "backup_otherwise");
    database.run("insert into fired values ('long'), ('longer')");
    let (_folder, place) = place();
    take(&database, &place, &names(&[("public", "fired")]), Method::Copy);
    database.run("truncate fired; alter table fired alter column what type char(3)");
    let error = restore_at(&url(&database.url()), &place, &[], &[]).expect_err("values would be cut");
    assert!(matches!(error, BackupError::RolledBack(_)), "{error}");
    database.run("alter table fired alter column what type varchar(40) using upper(what)");
    database.run("create rule ignored as on insert to fired do instead nothing");
    restore_at(&url(&database.url()), &place, &[], &[]).expect("COPY knows no rules, and no row was lost");

    let numbers = server(15).create_database("backup_rounded");
    numbers.run("create table n (v numeric); insert into n values (1.25), (2.5)");
    let (_folder, place) = super::place();
    take(&numbers, &place, &[], Method::Copy);
    numbers.run("truncate n; alter table n alter v type numeric(4, 1)");
    let error = restore_at(&url(&numbers.url()), &place, &[], &[]).expect_err("values would be rounded");
    assert!(error.to_string().contains("the values that came back are not those of the backup"), "{error}");
    assert_eq!(numbers.value("select count(*) from n"), "0");
}

#[test]
fn a_column_that_is_gone_is_said() {
    let database = shop(15, "backup_column");
    let (_folder, place) = place();
    take(&database, &place, &names(ORDERS), Method::Copy);
    database
        .run("truncate orders; alter table orders drop column n cascade, add column later text default 'x'");
    let error = restore_at(&url(&database.url()), &place, &[], &[]).expect_err("a value has no place");
    assert!(error.to_string().contains("public.orders has no column n"), "{error}");
    database.run("alter table orders add column n int");
    restore_at(&url(&database.url()), &place, &[], &[]).expect("it comes back");
    assert_eq!(database.value("select count(*) from orders where later = 'x'"), "858");
}

#[test]
fn partitions_and_their_foreign_keys() {
    let database = server(15).create_database("backup_partitions");
    database.run(
        "create table kinds (id int primary key); insert into kinds values (1), (2);
         create table events (at date, kind int references kinds, primary key (at)) partition by range (at);
         create table events_a partition of events for values from ('2024-01-01') to ('2025-01-01');
         create table events_b partition of events for values from ('2025-01-01') to ('2026-01-01');
         create table notes (at date references events (at));
         insert into events values ('2024-01-01', 1), ('2025-01-01', 2); insert into notes values ('2024-01-01')",
    );
    let (_folder, place) = place();
    take(&database, &place, &[], Method::PgDump);
    let constraints = "select string_agg(pg_get_constraintdef(oid), ',' order by conrelid::regclass::text, conname) \
                       from pg_constraint where contype = 'f'";
    let before = database.value(constraints);
    database.run("update events set kind = 2; delete from notes");
    let events = names(&[("public", "events")]);
    restore_at(&url(&database.url()), &place, &events, &events).expect("it comes back");
    assert_eq!(database.value("select string_agg(kind::text, ',' order by at) from events"), "1,2");
    assert_eq!(database.value(constraints), before);
}

/// The partition is made again, and its parent stays as it is.
#[test]
fn a_partition_that_is_gone_comes_back_to_its_parent() {
    for method in [Method::PgDump, Method::Copy] {
        let database = shop(15, "backup_partition_gone");
        let (_folder, place) = place();
        take(&database, &place, &[], method);
        let before = database.value(ROWS[4]);
        database.run("drop table events_new");
        let gone = names(&[("public", "events_new")]);
        restore_at(&url(&database.url()), &place, &gone, &[]).expect("it comes back");
        assert_eq!(database.value(ROWS[4]), before);
    }
}
