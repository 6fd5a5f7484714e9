create table schema_migrations (version varchar(128) primary key);
insert into schema_migrations values ('20250106090000'), ('20250113100000'), ('20250127083000');
