-- migrate:up
create table books (
    id bigint generated always as identity primary key,
    title varchar(200) not null,
    isbn varchar(17) not null,
    constraint books_isbn_key unique (isbn)
);

create table customers (
    id bigint generated always as identity primary key,
    email text not null,
    name text
);

-- migrate:down
drop table customers;
drop table books;
