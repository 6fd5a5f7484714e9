//! Repairs of tables with rows in them lose none.

use trueup_testing::fixture;
use trueup_testing::servers::server;

use crate::common::{live_catalog, open_session};
use crate::{begin, repair_all, spoken};

/// Two histories of one table, the second with rows in it: repaired, it is like the first, and no row is lost.
pub fn check_rows_stay(expected: &str, found: &str, rows: &str, kept: &[&str]) {
    let server = server(18);
    fixture::prepare(&server);
    let (wanted, live) = (server.create_database("wanted"), server.create_database("live"));
    wanted.run(expected);
    live.run(found);
    let wanted = live_catalog(&wanted.url());
    let mut session = open_session(&live.url());
    begin(&mut session);
    let rest = repair_all(&mut session, &wanted);
    let left: Vec<String> = rest.differences.iter().map(spoken).collect();
    assert!(left.is_empty(), "{}\n{}", left.join("\n"), rest.reasons.join("\n"));
    let there: Vec<String> = session
        .rows(rows)
        .expect("rows")
        .into_iter()
        .map(|row| {
            row.into_iter()
                .map(|value| value.unwrap_or_else(|| "null".to_owned()))
                .collect::<Vec<_>>()
                .join("|")
        })
        .collect();
    session.run("rollback").expect("a rollback");
    assert_eq!(there, kept);
}

#[test]
fn rows_stay_when_an_enum_loses_labels_or_their_order() {
    check_rows_stay(
        "create type state as enum ('c', 'a'); create table t (s state default 'a', l state[])",
        "create type state as enum ('a', 'b', 'c'); create table t (s state default 'c', l state[]); \
         insert into t values ('a', '{a,c}'), ('c', null)",
        "select s, l from public.t order by s",
        &["c|null", "a|{a,c}"],
    );
}

#[test]
fn rows_stay_when_a_column_changes_its_type() {
    check_rows_stay(
        "create domain small as smallint; create type one as enum ('a', 'b'); create type other as enum ('b', 'c'); \
         create table t (a integer default 7, b text[], c small, d jsonb, e timestamptz, f numeric(4, 1), g other)",
        "create domain small as smallint; create type one as enum ('a', 'b'); create type other as enum ('b', 'c'); \
         create table t (a text default 'x', b text, c integer, d text, e date, f integer, g one default 'a'); \
         insert into t values ('1', '{x,y}', 3, '{\"k\": 1}', '2024-02-03', 12, 'b')",
        "select a, b, c, d, e::date, f, g from public.t",
        &["1|{x,y}|3|{\"k\": 1}|2024-02-03|12.0|b"],
    );
}

#[test]
fn numbers_go_on_behind_the_rows() {
    check_rows_stay(
        "create table t (id integer generated always as identity, word text); create table s (id serial, word text)",
        "create table t (id serial, word text); create table s (id integer not null, word text); \
         insert into t (word) values ('a'), ('b'); insert into s values (41, 'x')",
        "select id from public.t union all select id from public.s \
         union all select nextval('public.t_id_seq') union all select nextval('public.s_id_seq')",
        &["1", "2", "41", "3", "42"],
    );
}

#[test]
fn rows_stay_in_a_partition_that_was_detached() {
    check_rows_stay(
        "create table p (id integer, at date not null) partition by range (at); \
         create table p1 partition of p for values from ('2024-01-01') to ('2025-01-01'); \
         create index on p (id); alter table p add constraint p_key unique (id, at)",
        "create table p (id integer, at date not null) partition by range (at); \
         create table p1 partition of p for values from ('2024-01-01') to ('2025-01-01'); \
         insert into p values (1, '2024-05-05'); alter table p detach partition p1; create index on p1 (id)",
        "select id, at from public.p",
        &["1|2024-05-05"],
    );
}
