-- +goose Up
create table appointments (
    id integer generated always as identity primary key,
    patient integer not null references patients (id),
    room integer references rooms (number),
    starts_at timestamptz not null
);
create index appointments_starts_at_idx on appointments (starts_at);

-- +goose Down
drop table appointments;
