-- +goose Up
create table patients (
    id integer generated always as identity primary key,
    name text not null
);

-- +goose Down
drop table patients;
