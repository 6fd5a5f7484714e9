create table follow_request (
    follower bigint not null references users (id),
    followed bigint not null references users (id),
    status varchar(10) not null default 'pending',
    primary key (follower, followed),
    constraint follow_request_status check (status in ('pending', 'accepted', 'declined'))
);

create table account_deletion_request (
    user_id bigint primary key references users (id),
    requested_from inet,
    status varchar(10) not null default 'open',
    scheduled_for timestamptz not null
);

create index account_deletion_request_due_idx on account_deletion_request (status, scheduled_for);

alter table privacy_settings add column is_private_account boolean not null default false;
