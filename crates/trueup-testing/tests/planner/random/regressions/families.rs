//! Partitions and heirs, and what they have from their parents.

use super::{Case, How, Outcome, STAYS};

/// Of a table `t`.
const HEIR: &str = "create table public.h (own text) inherits (public.t)";
/// Of a table `p`, for all of its rows.
const PARTITION: &str = "create table public.pa partition of public.p default";
const OTHER_PARTITION: &str = "create table public.pb partition of public.p default";
/// For some of its rows.
const FIRST_PARTITION: &str = "create table public.pa partition of public.p for values from (0) to (2)";
/// Partitioned, with a foreign key to itself.
const REFERS_TO_ITSELF: &str = "create table public.p (id integer primary key, r integer references public.p (id)) \
                               partition by range (id)";

pub const CASES: &[Case] = &[
    Case::of("an index that partitions have goes before the function that it calls")
        .schema(&[
            "create function public.f(n integer) returns integer language sql immutable return n * 2",
            "create table public.p (id integer) partition by range (id)",
            PARTITION,
            "create index i on public.p ((public.f(id)))",
        ])
        .damage(&[
            "drop function public.f(integer) cascade",
            "create function public.f(integer) returns text language sql as 'select ''x''::text'",
        ]),
    Case::of("a table and its heir in another schema")
        .schema(&[
            "create schema n",
            "create table n.t (id integer)",
            "create table n.h (own text) inherits (n.t)",
        ])
        .damage(&["create schema z", "alter table n.t set schema z", "alter table n.h set schema z"]),
    Case::of("a partition that a foreign key refers to")
        .schema(&[REFERS_TO_ITSELF])
        .damage(&["create table public.x partition of public.p for values from (0) to (2)"]),
    Case::of("the default of an heir whose parent gets another type")
        .schema(&[
            "create type public.e as enum ('red', 'blue')",
            "create table public.t (id integer, c public.e default 'blue')",
            HEIR,
        ])
        .damage(&["alter type public.e rename to z", "alter type public.z add value 'last'"]),
    Case::of("an identity of a table that others inherit from")
        .schema(&["create table public.t (id bigint generated always as identity, c integer)", HEIR])
        .damage(&["alter table public.t drop column id"]),
    Case::of("a partitioned table in whose place stands another")
        .schema(&[REFERS_TO_ITSELF, PARTITION])
        .damage(&["drop table public.p cascade", "create table public.p (id integer primary key)"])
        .leads_to(Outcome::Refused("how a table is partitioned is settled when it is made")),
    Case::of("a partition that is none any more")
        .schema(&[
            "create table public.p (id integer primary key, c integer) partition by range (id)",
            FIRST_PARTITION,
        ])
        .rows(&["insert into public.p values (1, 1)"])
        .damage(&["alter table public.p detach partition public.pa"]),
    Case::of("a partition whose rows another one has")
        .schema(&["create table public.p (id integer) partition by range (id)", FIRST_PARTITION])
        .rows(&["insert into public.p values (1)"])
        .damage(&["alter table public.pa rename to aside", "create table public.pa (like public.aside)"])
        .asked_for(How::Nothing)
        .leads_to(Outcome::Partly),
    Case::of("a default of an enum that keeps another label")
        .schema(&[
            "create type public.e as enum ('red', 'blue')",
            "create table public.p (id integer, c public.e default 'blue') partition by range (id)",
            PARTITION,
        ])
        .damage(&["alter type public.e rename value 'blue' to 'other'"])
        .asked_for(How::Some(1))
        .leads_to(Outcome::Partly),
    Case::of("a partition that left, whose column has another type")
        .schema(&["create table public.p (id integer, c integer) partition by range (id)", FIRST_PARTITION])
        .rows(&["insert into public.p values (1, 1)"])
        .damage(&[
            "alter table public.p detach partition public.pa",
            "alter table public.pa alter column c type numeric",
        ]),
    Case::of("a partition that left, with a check")
        .schema(&[
            "create table public.p (id integer, c integer, constraint k check (c > -1)) \
 partition by range (id)",
            FIRST_PARTITION,
        ])
        .rows(&["insert into public.p values (1, 1)"])
        .damage(&["alter table public.p detach partition public.pa"]),
    Case::of("a table that left its parent and lost a column")
        .schema(&["create table public.t (id integer, c integer)", HEIR])
        .damage(&["alter table public.h no inherit public.t", "alter table public.h drop column c"])
        .leads_to(Outcome::Refused("and cannot inherit from it")),
    Case::of("an heir that left, with a column of another type and an option")
        .schema(&["create table public.t (id integer not null, c integer)", HEIR])
        .damage(&[
            "alter table public.h no inherit public.t",
            "alter table public.h alter column id type character(8) using id::text::character(8)",
            "alter table public.h set (fillfactor = 55)",
        ])
        .leads_to(Outcome::Stays(STAYS)),
    Case::of("an index of a partition that left, whose parent's went")
        .schema(&[
            "create table public.p (id integer not null, c inet) partition by range (id)",
            FIRST_PARTITION,
            "create index i on public.p (c)",
        ])
        .rows(&["insert into public.p values (1, '10.0.0.1')"])
        .damage(&["alter table public.p detach partition public.pa", "drop index public.i"]),
    Case::of("a partition that left, and lost a NOT NULL")
        .schema(&[
            "create table public.p (id integer not null, c date not null) partition by range (id)",
            PARTITION,
        ])
        .rows(&["insert into public.p values (1, '2024-01-01')"])
        .damage(&[
            "alter table public.p detach partition public.pa",
            "alter table public.pa alter column c drop not null",
        ]),
    Case::of("an heir with a check that nobody looked for in the rows of its parent")
        .schema(&[
            "create table public.t (id integer, c integer)",
            "alter table public.t add constraint k check (c between 0 and 9000) not valid",
            HEIR,
        ])
        .rows(&["insert into public.h values (1, 1, 'a')"])
        .damage(&[
            "alter table public.h no inherit public.t",
            "alter table public.t rename constraint k to z",
        ])
        .leads_to(Outcome::Stays(STAYS)),
    Case::of("a check that a partition should have from its parent, which it does not join")
        .schema(&[
            "create table public.p (id integer not null, c text) partition by range (id)",
            OTHER_PARTITION,
            "alter table public.p add constraint k check (c <> 'never')",
        ])
        .damage(&[
            "alter table public.pb alter column c set statistics 30",
            "alter table public.p detach partition public.pb",
        ])
        .asked_for(How::Some(1))
        .leads_to(Outcome::Partly),
    Case::of("a heir whose parent is another table with another name for its NOT NULL")
        .schema(&["create table public.t (id integer not null, c text)", HEIR])
        .damage(&[
            "alter table public.h no inherit public.t",
            "drop table public.t",
            "create table public.t (id integer constraint other not null, odd text)",
        ])
        .leads_to(Outcome::Stays(STAYS)),
    Case::of("a type that goes with the column of a partitioned table")
        .schema(&["create table public.p (id integer not null) partition by range (id)", PARTITION])
        .damage(&[
            "create type public.e as enum ('red')",
            "alter table public.p add column c public.e",
            "create view public.v as select c from public.pa",
        ]),
    Case::of("a function that heirs compute a column with")
        .schema(&[
            "create function public.f(n integer) returns integer language sql immutable return n + 1",
            "create table public.t (id integer, g integer generated always as (public.f(id)) stored)",
            HEIR,
        ])
        .rows(&["insert into public.h values (1)"])
        .damage(&[
            "drop function public.f(integer) cascade",
            "create function public.f(n integer) returns text language sql immutable return 'x'",
            "alter table public.t add column g text generated always as (public.f(id)) stored",
        ])
        .leads_to(Outcome::Partly),
    Case::of("an heir that left, whose parent lost a column")
        .schema(&["create table public.t (id integer, c integer)", HEIR])
        .rows(&["insert into public.h values (1, 1, 'a')"])
        .damage(&["alter table public.h no inherit public.t", "alter table public.t drop column c"])
        .leads_to(Outcome::Stays(STAYS)),
    Case::of("a partition that left, and stands elsewhere")
        .schema(&[
            "create table public.p (id integer not null, primary key (id)) partition by range (id)",
            OTHER_PARTITION,
        ])
        .rows(&["insert into public.p values (1)"])
        .damage(&[
            "alter table public.p detach partition public.pb",
            "create schema n",
            "alter table public.pb set schema n",
        ]),
    Case::of("a partition that left, and lost a check of its parent")
        .schema(&[
            "create table public.p (id integer not null) partition by range (id)",
            PARTITION,
            "alter table public.p add constraint k check (id between 0 and 9000)",
        ])
        .rows(&["insert into public.p values (1)"])
        .damage(&[
            "alter table public.p detach partition public.pa",
            "alter table public.pa drop constraint k",
        ]),
    Case::of("checks of an heir that left, whose parent has other ones by now")
        .schema(&[
            "create table public.t (id integer, c integer)",
            HEIR,
            "alter table public.t add constraint k check (c between 0 and 9000) not valid",
            "alter table public.t add constraint l check (id > 0)",
            "comment on constraint k on public.h is 'of the heir'",
            "comment on constraint l on public.t is 'of the parent'",
        ])
        .rows(&["insert into public.h values (1, 1, 'a')"])
        .damage(&[
            "alter table public.h no inherit public.t",
            "alter table public.t drop constraint k",
            "alter table public.t add constraint k check (c is not null or true)",
            "alter table public.t drop constraint l",
            "comment on constraint k on public.h is 'found'",
        ])
        .leads_to(Outcome::Stays(STAYS)),
    Case::of("a partition that left, with a column of its own that stays")
        .schema(&[
            "create table public.p (id integer not null, primary key (id)) partition by range (id)",
            OTHER_PARTITION,
        ])
        .rows(&["insert into public.p values (1)"])
        .damage(&[
            "alter table public.p detach partition public.pb",
            "alter table public.pb add column x serial",
        ])
        .asked_for(How::Nothing)
        .leads_to(Outcome::Partly),
    Case::of("an heir of a table whose column should be computed, and may not be dropped")
        .schema(&["create table public.t (id integer, g integer generated always as (id + 1) stored)", HEIR])
        .rows(&["insert into public.h values (1)"])
        .damage(&[
            "alter table public.h no inherit public.t",
            "alter table public.t alter column g drop expression",
        ])
        .asked_for(How::Nothing)
        .leads_to(Outcome::Stays(STAYS)),
    Case::of("a check of an heir of an heir that left, which the first of them lost")
        .schema(&[
            "create table public.t (id integer, c integer, constraint k check (c > 0))",
            HEIR,
            "create table public.hh (more text) inherits (public.h)",
        ])
        .rows(&["insert into public.hh values (1, 1, 'a', 'b')"])
        .damage(&["alter table public.hh no inherit public.h", "alter table public.t drop constraint k"])
        .leads_to(Outcome::Stays(STAYS)),
    Case::of("a partition that left, and an heir, whose column goes on to be nullable")
        .schema(&[
            "create table public.p (id integer not null, c date not null) partition by range (id)",
            PARTITION,
            "create table public.t (id integer not null, c integer)",
            HEIR,
        ])
        .damage(&[
            "alter table public.p detach partition public.pa",
            "alter table public.pa alter column c drop not null",
            "alter table public.h no inherit public.t",
            "alter table public.h alter column id drop not null",
        ])
        .asked_for(How::Some(0b100_1000))
        .leads_to(Outcome::Stays(STAYS)),
    Case::of("a partition of a table that goes, which cannot be one of the table that comes")
        .schema(&["create table public.p (id integer not null, c integer) partition by range (id)", PARTITION])
        .rows(&["insert into public.p values (1, 1)"])
        .damage(&[
            "alter table public.p rename column c to z",
            "alter table public.p rename to q",
            "create table public.x (like public.pa including all)",
            "alter table public.pa force row level security",
        ])
        .leads_to(Outcome::Refused(" needs it")),
    Case::of("a partition that left, whose parent has another check by that name")
        .schema(&[
            "create table public.p (id integer not null, c integer, constraint k check (c > 0)) \
             partition by range (id)",
            PARTITION,
        ])
        .damage(&[
            "alter table public.p drop constraint k",
            "alter table public.p add constraint k check (c is not null or true)",
            "alter table public.pa rename to aside",
            "create table public.pa (like public.aside including defaults)",
        ]),
    Case::of("partitions that compute a column with a function that is not immutable any more")
        .schema(&[
            "create function public.f(n integer) returns integer language sql immutable return n + 1",
            "create table public.p (id integer not null) partition by range (id)",
            PARTITION,
            "alter table public.p add column g integer generated always as (public.f(id)) stored",
        ])
        .damage(&[
            "create or replace function public.f(n integer) returns integer language plpgsql as 'begin return 9; end'",
            "alter function public.f(integer) rename to z",
        ])
        .leads_to(Outcome::NotRehearsed("is not immutable any more")),
    Case::of("an heir that left, and calls the check that it had from its parent otherwise")
        .schema(&["create table public.t (id integer, c integer, constraint k check (c > 0))", HEIR])
        .damage(&["alter table public.h no inherit public.t", "alter table public.h rename constraint k to z"])
        .leads_to(Outcome::Refused("and cannot inherit from it")),
    Case::of("an heir to be whose check says something else than the parent's")
        .schema(&[
            "create table public.t (id integer, c integer)",
            "create table public.h () inherits (public.t)",
            "alter table public.t add constraint ck check (c is not null)",
        ])
        .damage(&[
            "alter table public.h no inherit public.t",
            "alter table public.h drop constraint ck",
            "alter table public.h add constraint ck check (id > 0 or true)",
            "comment on column public.t.c is 'found'",
        ])
        .leads_to(Outcome::NotRehearsed("and goes only with the parent's own")),
    Case::of("an heir of a check that was never checked, made anew")
        .schema(&[
            "create table public.t (id integer primary key, c integer)",
            "create table public.h (own text) inherits (public.t)",
            "alter table public.t add constraint ck check (c > -1) not valid",
        ])
        .damage(&["drop table public.h"]),
    Case::of("an heir without a column of its parent that nobody expects, and that stays")
        .schema(&["create table public.t (id integer)", "create table public.h (own text) inherits (public.t)"])
        .damage(&[
            "alter table public.h no inherit public.t",
            "alter table public.t add column x integer",
        ])
        .asked_for(How::Some(4))
        .leads_to(Outcome::Stays(STAYS)),
    Case::of("a partition with an index that its parent goes on to lack")
        .schema(&[
            "create table public.p (id integer not null, c text) partition by range (id)",
            "create table public.q partition of public.p for values from (0) to (2)",
            "create index i on public.p (c)",
        ])
        .damage(&["alter table public.p detach partition public.q", "drop index public.i"])
        .asked_for(How::Some(1))
        .leads_to(Outcome::Partly),
];
