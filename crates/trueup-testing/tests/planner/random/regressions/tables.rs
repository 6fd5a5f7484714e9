//! Tables with their columns, keys, checks and rights.

use super::{Case, How, Outcome};

pub const CASES: &[Case] = &[
    Case::of("a check on a column that comes empty")
        .schema(&[
            "create table public.t (id integer, c json, constraint filled check (c is not null))",
            "create table public.u (id integer, c json, \
 constraint filled check (id > 0 or c is not null))",
        ])
        .rows(&["insert into public.t values (1, '1')", "insert into public.u values (1, '1')"])
        .damage(&["alter table public.t drop column c cascade", "alter table public.u drop column c cascade"])
        .leads_to(Outcome::RowsInTheWay),
    Case::of("the columns of statistics have no order")
        .schema(&[
            "create table public.t (id integer, c integer)",
            "create statistics public.s on id, c from public.t",
        ])
        .rows(&["insert into public.t values (1, 1)"])
        .damage(&["alter table public.t drop column id cascade"]),
    Case::of("statistics follow a column that gets its name back")
        .schema(&[
            "create table public.t (id integer, c integer)",
            "create statistics public.s on id, c from public.t",
        ])
        .damage(&["alter table public.t rename column c to z"]),
    Case::of("an owner who took its own rights from itself")
        .schema(&["create table public.t (id integer)"])
        .damage(&["alter table public.t owner to app_writer", "revoke all on public.t from app_writer"]),
    Case::of("a right on a table that is taken, and one on its column that stays")
        .schema(&["create table public.t (id integer)", "grant select (id) on public.t to app_writer"])
        .damage(&["grant select on public.t to app_writer"]),
    Case::of("a constraint follows a column with a hostile name that gets its own back")
        .schema(&[
            "create table public.t (id integer primary key, r integer)",
            "alter table public.t add constraint f foreign key (r) references public.t",
        ])
        .rows(&["insert into public.t values (1, 1)"])
        .damage(&[
            "alter table public.t rename column id to \"ünï🐘\"",
            "alter table public.t drop constraint f",
            "alter table public.t add constraint f foreign key (r) references public.t \
 on delete cascade not valid",
        ]),
    Case::of("an owner who had a right as somebody else before, and one who hands on rights")
        .schema(&[
            "create table public.t (id integer)",
            "grant select on public.t to app_writer",
            "create table public.u (id integer)",
            "grant insert on public.u to app_writer with grant option",
        ])
        .damage(&["alter table public.t owner to app_writer", "alter table public.u owner to app_writer"]),
    Case::of("a foreign key whose key keeps another column")
        .schema(&["create table public.t (id integer unique, r integer references public.t (id))"])
        .damage(&[
            "alter table public.t drop constraint t_id_key cascade",
            "alter table public.t add constraint t_id_key unique (r)",
        ])
        .asked_for(How::Some(1))
        .leads_to(Outcome::Partly),
    Case::of("a table whose schema stays away")
        .schema(&[
            "create schema n",
            "create table n.t (id integer, c integer)",
            "create procedure n.r(n integer) language sql as 'select n'",
        ])
        .damage(&["alter schema n rename to z", "alter table z.t add column x integer"])
        .asked_for(How::Some(1))
        .leads_to(Outcome::Partly),
    Case::of("another table that looks like one that stays away")
        .schema(&["create table public.t (id integer primary key, c integer default 1 not null)"])
        .damage(&["alter table public.t rename to z", "create table public.x as select * from public.z"])
        .asked_for(How::Some(3))
        .leads_to(Outcome::Partly),
    Case::of("a key on a column that comes with one value")
        .schema(&[
            "create table public.t (id integer, c double precision default 1 not null)",
            "create unique index u on public.t (c)",
        ])
        .rows(&["insert into public.t values (1, 1), (2, 2)"])
        .damage(&["alter table public.t drop column c cascade"])
        .leads_to(Outcome::RowsInTheWay),
    Case::of("a key on a column that comes empty")
        .schema(&["create table public.t (id integer, c integer unique)"])
        .rows(&["insert into public.t values (1, 1), (2, 2)"])
        .damage(&["alter table public.t drop column c cascade"]),
    Case::of("a default that takes from the sequence of another table")
        .schema(&["create table public.t (id integer)"])
        .damage(&[
            "alter table public.t add column x serial",
            "create table public.a (like public.t including all)",
        ]),
    Case::of("an owner that had a right on a column before")
        .schema(&[
            "create table public.t (id integer, c integer)",
            "grant select (c) on public.t to app_writer",
        ])
        .damage(&["alter table public.t owner to app_writer"]),
    Case::of("a check on a column whose values become others")
        .schema(&["create table public.t (id integer, c boolean, check (c is not null))"])
        .rows(&["insert into public.t values (1, true)"])
        .damage(&["alter table public.t drop column c cascade", "alter table public.t add column c text"])
        .leads_to(Outcome::RowsInTheWay),
    Case::of("a foreign key on a column that keeps another type")
        .schema(&["create table public.t (id integer primary key, r integer references public.t (id))"])
        .damage(&["alter table public.t drop column r cascade", "alter table public.t add column r text"])
        .asked_for(How::Some(1))
        .leads_to(Outcome::Partly),
    Case::of("a key on a column whose default a function gives")
        .schema(&[
            "create function public.f(n integer) returns integer language sql immutable return n + 1",
            "create table public.t (id integer, c integer default public.f(3) unique)",
        ])
        .rows(&["insert into public.t (id, c) values (1, 1), (2, 2)"])
        .damage(&["alter table public.t drop column c"])
        .leads_to(Outcome::RowsInTheWay),
    Case::of("a check on a column that keeps another type")
        .schema(&[
            "create table public.t (id integer, c numeric)",
            "alter table public.t add constraint k check (c > -1)",
        ])
        .damage(&["alter table public.t drop constraint k", "alter table public.t alter column c type text"])
        .asked_for(How::Some(1))
        .leads_to(Outcome::Partly),
    Case::of("a column that should be computed")
        .schema(&[
            "create table public.t (id integer, g integer generated always as (id + 1) stored)",
            "create index i on public.t (g)",
            "create view public.v as select g from public.t",
        ])
        .rows(&["insert into public.t values (1)"])
        .damage(&["alter table public.t alter column g drop expression"]),
    Case::of("a column that should be computed, and may not be dropped")
        .schema(&["create table public.t (id integer, g integer generated always as (id + 1) stored)"])
        .rows(&["insert into public.t values (1)"])
        .damage(&["alter table public.t alter column g drop expression"])
        .asked_for(How::Nothing)
        .leads_to(Outcome::Partly),
    Case::of("rows that refer to rows that are gone, by a key of a narrower type")
        .schema(&[
            "create table public.t (id bigint primary key, c integer)",
            "create table public.u (id integer, r bigint references public.t (id))",
        ])
        .rows(&["insert into public.t values (1, 1)", "insert into public.u values (1, 1)"])
        .damage(&["drop table public.t cascade", "create table public.t (id integer primary key, odd text)"])
        .leads_to(Outcome::RowsInTheWay),
    Case::of("rows that refer to rows that are gone, by columns that get other names")
        .schema(&[
            "create table public.t (id integer primary key, c integer)",
            "create table public.u (id integer, r integer references public.t (id))",
        ])
        .rows(&["insert into public.t values (1, 1)", "insert into public.u values (1, 1)"])
        .damage(&[
            "alter table public.u drop constraint u_r_fkey",
            "delete from public.t",
            "alter table public.t rename column id to odd",
            "alter table public.u rename column r to other",
        ])
        .leads_to(Outcome::RowsInTheWay),
    Case::of("a key on a column that gets another name")
        .schema(&["create table public.t (id integer primary key, c integer unique)"])
        .rows(&["insert into public.t values (1, 1), (2, 2)"])
        .damage(&[
            "alter table public.t drop constraint t_c_key",
            "update public.t set c = 1",
            "alter table public.t rename column c to odd",
        ])
        .leads_to(Outcome::RowsInTheWay),
    Case::of("a column without values, beside a key that gets another name")
        .schema(&["create table public.t (id integer primary key, c text not null)"])
        .rows(&["insert into public.t values (1, 'a'), (2, 'b')"])
        .damage(&[
            "alter table public.t alter column c drop not null",
            "update public.t set c = null",
            "alter table public.t rename column id to number",
        ])
        .leads_to(Outcome::RowsInTheWay),
    Case::of("numbers for a column that goes on to be a text")
        .schema(&["create table public.t (id serial, c integer)"])
        .rows(&["insert into public.t (c) values (1), (2)"])
        .damage(&[
            "alter table public.t alter column id drop default",
            "drop sequence public.t_id_seq",
            "alter table public.t alter column id type text",
        ])
        .asked_for(How::Some(2))
        .leads_to(Outcome::Partly),
    Case::of("a trigger whose function goes on to give something else")
        .schema(&[
            "create function public.f() returns trigger language plpgsql as 'begin return new; end'",
            "create table public.t (id integer)",
            "create trigger g after insert on public.t for each row execute function public.f()",
        ])
        .damage(&[
            "drop function public.f() cascade",
            "create function public.f() returns text language sql as 'select ''x''::text'",
        ])
        .asked_for(How::Some(7))
        .leads_to(Outcome::Partly),
    Case::of("a table that goes, and a view that changes and goes on to show it")
        .schema(&["create table public.t (id integer)", "create view public.v as select id from public.t"])
        .damage(&[
            "alter table public.t rename to odd",
            "create table public.t (id integer, x integer)",
            "alter view public.v set (security_barrier = true)",
        ])
        .asked_for(How::Some(4))
        .leads_to(Outcome::Partly),
    Case::of("rows that refer to a table that comes anew, by a column that gets another name")
        .schema(&[
            "create table public.t (id bigint primary key, c integer)",
            "create table public.u (id integer, r bigint references public.t (id))",
        ])
        .rows(&["insert into public.t values (1, 1)", "insert into public.u values (1, 1)"])
        .damage(&["drop table public.t cascade", "alter table public.u rename column r to other"])
        .leads_to(Outcome::RowsInTheWay),
];
