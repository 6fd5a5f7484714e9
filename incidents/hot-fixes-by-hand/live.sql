\i :up/20250106090000_create_books.sql
\i :up/20250113100000_create_orders.sql
\i :up/20250127083000_keep_stock.sql
create table if not exists schema_migrations (version varchar(128) primary key);
insert into schema_migrations values ('20250106090000'), ('20250113100000'), ('20250127083000');

insert into customers (email, name) values ('ann@example.org', 'Ann'), ('Ann@example.org', 'Ann again');
insert into orders (customer_id, total) select id, 10 from customers;

-- January: a title of 240 characters.
alter table books alter column title type text;
-- February: a supplier without ISBN.
alter table books alter column isbn drop not null;
-- February: a bulk import.
alter table order_lines disable trigger order_lines_take_from_stock;
-- March: "the orders page is slow".
create index idx_lines_book on order_lines using btree (book_id);
-- March: before an UPDATE without WHERE.
create table orders_backup_20250314 as select * from orders;
-- April: fails on the second Ann.
\set ON_ERROR_STOP 0
create unique index concurrently customers_email_key on customers (lower(email));
\set ON_ERROR_STOP 1
