-- migrate:up
create table orders (
    id bigint generated always as identity primary key,
    customer_id bigint not null references customers (id),
    placed_at timestamptz not null default now(),
    total numeric(12, 2) not null check (total >= 0)
);

create table order_lines (
    order_id bigint not null references orders (id) on delete cascade,
    line integer not null,
    book_id bigint not null references books (id),
    quantity integer not null default 1,
    primary key (order_id, line)
);

create index order_lines_book_id_idx on order_lines (book_id);

-- migrate:down
drop table order_lines;
drop table orders;
