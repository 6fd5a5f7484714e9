create table wallet_settings (
    user_id bigint primary key references users (id),
    currency char(3) not null default 'EUR'
);

create table notification_preferences (
    user_id bigint not null references users (id),
    channel varchar(20) not null,
    enabled boolean not null default true,
    constraint notification_preferences_pkey primary key (user_id, channel)
);

create index notification_preferences_channel_idx on notification_preferences (channel) where enabled;
