-- +goose Up
create table insurers (
    code text primary key,
    name text not null
);
create table bills (
    number bigint generated always as identity primary key,
    patient integer not null references patients (id),
    insurer text references insurers (code),
    amount numeric(10, 2) not null
);
alter table patients add column insurer text references insurers (code);

-- +goose Down
alter table patients drop column insurer;
drop table bills;
drop table insurers;
