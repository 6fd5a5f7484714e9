//! Views, and what they show.

use super::{Case, How, Outcome};

pub const CASES: &[Case] = &[
    Case::of("a comment on a column of a view that has another name and another text")
        .schema(&[
            "create table public.t (id integer, c integer)",
            "create view public.v as select id, c, count(*) over () as many from public.t",
        ])
        .damage(&[
            "alter view public.v rename column many to z",
            "comment on column public.v.z is 'found'",
            "alter table public.t rename column c to y",
        ]),
    Case::of("an index of a view that stays, on a column that gets its name back")
        .schema(&[
            "create table public.t (id integer, c integer)",
            "create materialized view public.v as select c as a, 1 as b from public.t",
            "create index on public.v (b)",
        ])
        .damage(&[
            "alter materialized view public.v rename column b to z",
            "alter index public.v_b_idx rename to v_z",
        ])
        .asked_for(How::Nothing)
        .leads_to(Outcome::Refused(" needs it")),
    Case::of(
        "labels in another order, of an enum in a predicate, a check, a default, an argument and a view",
    )
    .schema(&[
        "create type public.e as enum ('red', 'green', 'never')",
        "create table public.p (id integer, c public.e default 'red') partition by range (id)",
        "create table public.pa partition of public.p default",
        "create index i on public.p (c) where c <> 'never'",
        "create table public.t (id integer, c public.e[], d public.e check (d <> 'never'))",
        "create function public.f(public.e) returns text language sql return $1::text",
        "create view public.v as select id, 'red'::public.e as is_red from public.t where d = 'green'",
    ])
    .rows(&[
        "insert into public.t values (1, '{red,green}', 'red')",
        "insert into public.p values (1, 'green')",
    ])
    .damage(&[
        "alter type public.e rename value 'red' to 'for a moment'",
        "alter type public.e rename value 'green' to 'red'",
        "alter type public.e rename value 'for a moment' to 'green'",
    ]),
    Case::of("a view and the table that it shows, both elsewhere")
        .schema(&[
            "create schema n",
            "create table n.u (id integer)",
            "create view n.a as select id from n.u",
        ])
        .damage(&["create schema z", "alter table n.u set schema z", "alter view n.a set schema z"]),
    Case::of("a view that nobody expects, of an enum that is replaced")
        .schema(&["create type public.e as enum ('red')", "create table public.t (c public.e)"])
        .damage(&["alter type public.e add value 'new'", "create view public.x as select c from public.t"]),
    Case::of("a materialized view that shows a column of another name, of a table with a hostile one")
        .schema(&[
            "create table public.\"Select\" (id integer, c integer)",
            "create materialized view public.m as select c as a from public.\"Select\"",
        ])
        .damage(&["alter table public.\"Select\" rename column c to z"]),
    Case::of("an index with another name, of a view that is made anew")
        .schema(&[
            "create table public.t (id integer, c integer)",
            "create materialized view public.m as select c as a, 1 as b from public.t",
            "create index on public.m (b)",
        ])
        .damage(&[
            "alter index public.m_b_idx rename to z",
            "alter materialized view public.m rename column a to y",
        ]),
    Case::of("a view with another name, of an enum that is replaced")
        .schema(&[
            "create type public.e as enum ('red')",
            "create table public.t (c public.e)",
            "create view public.v as select c from public.t",
        ])
        .damage(&["alter type public.e add value 'new'", "alter view public.v rename to z"]),
    Case::of("two columns of other names that a view shows")
        .schema(&[
            "create table public.t (id integer, c integer)",
            "create materialized view public.m as select id as a, c as b from public.t",
        ])
        .damage(&["alter table public.t rename column c to z", "alter table public.t rename column id to y"]),
    Case::of("columns of two tables with other names that a view shows")
        .schema(&[
            "create table public.t (id integer, c integer)",
            "create table public.u (d integer)",
            "create materialized view public.m as select t.c as a, u.d as b from public.t, public.u",
        ])
        .damage(&["alter table public.t rename column c to z", "alter table public.u rename column d to y"]),
    Case::of("a column with another name in a view that differs by itself")
        .schema(&[
            "create table public.t (id integer, c integer)",
            "create materialized view public.m as select c as a, 1 as b from public.t",
        ])
        .damage(&[
            "drop materialized view public.m",
            "create materialized view public.m as select c as a, 2 as b from public.t",
            "alter table public.t rename column c to z",
        ]),
    Case::of("a column that comes with a view, and its comment")
        .schema(&["create table public.t (id integer)", "create view public.v as select id from public.t"])
        .damage(&[
            "create or replace view public.v as select id, 5 as more from public.t",
            "comment on column public.v.more is 'found'",
        ]),
    Case::of("a serial in whose place stands a view")
        .schema(&[
            "create table public.t (id serial primary key, c integer)",
            "create table public.u (id serial primary key, c integer)",
        ])
        .damage(&[
            "drop table public.t",
            "create view public.t as select 1 as id",
            "drop table public.u",
            "create view public.u as select 1 as other",
        ]),
    Case::of("a view of a view whose table has got another name and another column")
        .schema(&[
            "create table public.t (id integer primary key, c integer)",
            "create view public.v as select id, c from public.t",
            "create view public.w as select id, c from public.v",
        ])
        .damage(&[
            "alter table public.t rename column id to renamed_too",
            "alter table public.t rename to rt",
            "alter table public.rt drop constraint t_pkey",
        ]),
    Case::of("a view of columns that an heir should have, and cannot get")
        .schema(&[
            "create table public.t (id integer, c integer)",
            "create table public.h (own text) inherits (public.t)",
            "create view public.v as select c from public.h",
        ])
        .damage(&["drop table public.h cascade", "create table public.h (id integer)"])
        .leads_to(Outcome::Refused("and cannot inherit from it")),
    Case::of("a view in the place of a table, with a column like one of the table's, that stays")
        .schema(&["create table public.t (id integer primary key, c text)"])
        .damage(&["drop table public.t", "create view public.t as select 1 as id, 'odd'::text as odd"])
        .asked_for(How::Nothing)
        .leads_to(Outcome::Partly),
];
