create table flyway_schema_history (
    installed_rank integer not null,
    version varchar(50),
    description varchar(200) not null,
    type varchar(20) not null,
    script varchar(1000) not null,
    checksum integer,
    installed_by varchar(100) not null,
    installed_on timestamp not null default now(),
    execution_time integer not null,
    success boolean not null
);
alter table flyway_schema_history add constraint flyway_schema_history_pk primary key (installed_rank);
create index flyway_schema_history_s_idx on flyway_schema_history (success);
insert into flyway_schema_history values
    (1, '1', 'users and profiles', 'SQL', 'V1__users_and_profiles.sql', -29765824, 'deploy', '2025-01-11 08:30:00', 40, true),
    (2, '2', 'showcase and hardware', 'SQL', 'V2__showcase_and_hardware.sql', 586766014, 'deploy', '2025-02-11 08:30:00', 40, true),
    (3, '3', 'wallets', 'SQL', 'V3__wallets.sql', -1314629754, 'deploy', '2025-03-11 08:30:00', 40, true),
    (4, '4', 'follow requests', 'SQL', 'V4__follow_requests.sql', 639152677, 'deploy', '2025-04-11 08:30:00', 40, true),
    (5, '5', 'teams', 'SQL', 'V5__teams.sql', 643867745, 'deploy', '2025-05-11 08:30:00', 40, true);
