-- The journal of runs, where it is missing.
create schema if not exists trueup;
create table if not exists trueup.trueup_runs (
    id bigint generated always as identity primary key,
    direction text not null,
    title text not null,
    who text not null,
    role text not null default current_user,
    started_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    script text not null,
    found text not null,
    reached text,
    state text not null default 'running' check (state in ('running', 'applied', 'failed', 'undone')),
    position integer not null default 0,
    parts integer not null,
    doing boolean not null default false,
    invalid text not null default '[]',
    message text,
    together bigint,
    migration text,
    way_back text,
    backup text
);
comment on schema trueup is 'The journal of trueup, which repairs this database';
comment on table trueup.trueup_runs is 'Who had what applied, and what came of it'
