-- +goose Up
create table reminders (
    appointment integer primary key references appointments (id),
    by text not null default 'mail',
    reminded_at timestamptz
);

-- +goose Down
drop table reminders;
