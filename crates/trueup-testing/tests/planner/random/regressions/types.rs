//! Enums, domains and composite types, and the columns of them.

use super::{Case, How, Outcome};

pub const CASES: &[Case] = &[
    Case::of("a label that goes from an enum of a column that gets its name back")
        .schema(&[
            "create type public.e as enum ('red', 'green')",
            "create table public.t (id integer, c public.e)",
        ])
        .rows(&["insert into public.t values (1, 'red')"])
        .damage(&["alter type public.e add value 'blue'", "alter table public.t rename column c to z"]),
    Case::of("a check of a domain of which there are arrays")
        .schema(&[
            "create domain public.d as text check (value <> 'never')",
            "create table public.t (id integer, c public.d[])",
        ])
        .damage(&["alter domain public.d drop constraint d_check"])
        .leads_to(Outcome::Refused(" needs it for arrays")),
    Case::of("a value of a composite type that loses an attribute")
        .schema(&[
            "create type public.k as (amount integer, unit text)",
            "create table public.t (id integer, c public.k)",
        ])
        .rows(&["insert into public.t values (1, row(1, 'w'))"])
        .damage(&[
            "alter type public.k add attribute extra integer",
            "alter table public.t alter column c type text using c::text",
        ])
        .leads_to(Outcome::RowsInTheWay),
    Case::of("labels that a new enum does not have")
        .schema(&["create type public.e as enum ('red', 'green')", "create table public.t (c public.e)"])
        .rows(&["insert into public.t values ('red')"])
        .damage(&[
            "create schema z",
            "alter type public.e set schema z",
            "alter type z.e rename value 'red' to 'other'",
        ])
        .asked_for(How::Nothing)
        .leads_to(Outcome::RowsInTheWay),
    Case::of("an enum that is replaced, of a table in a schema with another name")
        .schema(&[
            "create schema n",
            "create type public.e as enum ('red')",
            "create table n.t (id integer primary key, c public.e)",
        ])
        .damage(&["alter type public.e add value 'last'", "alter schema n rename to z"]),
    Case::of("a check on a column that comes empty, of a type that comes too")
        .schema(&[
            "create domain public.d as integer default 7",
            "create table public.t (id integer, c public.d[], check (c is not null))",
        ])
        .rows(&["insert into public.t values (1, '{1}')"])
        .damage(&["drop domain public.d cascade"])
        .asked_for(How::Nothing)
        .leads_to(Outcome::RowsInTheWay),
    Case::of("a table with a domain that differs, which has got another name and another column")
        .schema(&[
            "create domain public.d as varchar(30) check (length(value) < 25)",
            "create table public.t (id serial primary key, c public.d)",
        ])
        .rows(&["insert into public.t values (default, 'a')"])
        .damage(&[
            "alter domain public.d drop constraint d_check",
            "alter table public.t rename column c to renamed_too",
            "alter table public.t rename to rt",
        ]),
    Case::of("a unique index on a column that comes with one value, of a domain that comes too")
        .schema(&[
            "create domain public.d as integer default 7 check (value > -5)",
            "create table public.t (id serial primary key, c public.d)",
            "create unique index u on public.t (c)",
        ])
        .rows(&["insert into public.t (c) values (1), (2), (3)"])
        .damage(&["drop domain public.d cascade"])
        .leads_to(Outcome::RowsInTheWay),
    Case::of("a column that may not be null, of a domain that stands elsewhere")
        .schema(&[
            "create domain public.d as text",
            "create table public.t (id integer primary key, c public.d not null)",
        ])
        .rows(&["insert into public.t values (1, 'a')"])
        .damage(&[
            "create schema n",
            "alter domain public.d set schema n",
            "alter table public.t alter column c drop not null",
            "update public.t set c = null",
        ])
        .leads_to(Outcome::RowsInTheWay),
    Case::of(
        "a default from before its type got an attribute, of a table that is made anew on the scratch server",
    )
    .schema(&[
        "create type public.k as (amount integer, unit text)",
        "create table public.t (id integer unique, c public.k default row(1, 'w'), d integer)",
    ])
    .damage(&[
        "alter type public.k add attribute extra integer",
        "alter table public.t rename column d to renamed_too",
        "alter table public.t rename to rt",
    ])
    .leads_to(Outcome::NotRehearsed("is from before its type got another attribute")),
    Case::of("a default from before its type got an attribute, of a column that is not known again")
        .schema(&[
            "create type public.k as (amount integer, unit text)",
            "create table public.t (id integer, c public.k default row(1, 'w'))",
        ])
        .damage(&[
            "alter table public.t alter column c drop default",
            "alter table public.t alter column c set default row(2, 'w')",
            "alter type public.k add attribute extra integer",
        ])
        .leads_to(Outcome::NotRehearsed("is from before its type got another attribute")),
    Case::of("a table that is missing and its enum, whose sequence another one has that goes")
        .schema(&[
            "create type public.e as enum ('red', 'blue')",
            "create table public.t (id serial primary key, c public.e)",
        ])
        .rows(&["insert into public.t (c) values ('red')"])
        .damage(&[
            "alter table public.t rename column id to renamed_too",
            "alter table public.t rename to rt",
            "alter table public.rt add constraint x unique (renamed_too)",
            "alter type public.e rename value 'blue' to 'other'",
        ]),
    Case::of("a table that went where another type of the same name went, and comes back without it")
        .schema(&[
            "create type public.e as enum ('red', 'green')",
            "create table public.t (id integer, c public.e default 'red', d public.e[])",
            "create index i on public.t (c)",
        ])
        .rows(&["insert into public.t values (1, 'green', '{red}')"])
        .damage(&[
            "alter type public.e add value 'last'",
            "create schema elsewhere",
            "alter type public.e set schema elsewhere",
            "alter table public.t set schema elsewhere",
        ]),
    Case::of("a column of a domain over a type that has no cast to the new one")
        .schema(&[
            "create domain public.d as integer",
            "create domain public.dd as public.d",
            "create table public.t (id integer, c public.d, d public.dd, e public.d)",
        ])
        .rows(&["insert into public.t values (1, 2, 3, 4)"])
        .damage(&[
            "alter table public.t alter column c type jsonb using c::text::jsonb",
            "alter table public.t alter column d type date using null",
            "alter table public.t alter column e type numeric",
        ]),
    Case::of("labels that were kept in a column of characters, with blanks behind them")
        .schema(&[
            "create type public.e as enum ('red', 'green')",
            "create table public.t (id integer primary key, c public.e default 'red')",
        ])
        .rows(&["insert into public.t values (1, 'green')"])
        .damage(&[
            "alter table public.t alter column c drop default",
            "alter table public.t alter column c type character(8) using c::text::character(8)",
        ]),
];
