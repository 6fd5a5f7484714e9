-- +goose Up
create table rooms (
    number integer primary key,
    floor integer not null
);

-- +goose Down
drop table rooms;
