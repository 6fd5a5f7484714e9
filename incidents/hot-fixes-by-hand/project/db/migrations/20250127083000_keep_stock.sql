-- migrate:up
create table stock (
    book_id bigint primary key references books (id),
    quantity integer not null default 0
);

create function take_from_stock() returns trigger language plpgsql as $$
begin
    update stock set quantity = quantity - new.quantity where book_id = new.book_id;
    return new;
end
$$;

create trigger order_lines_take_from_stock after insert on order_lines
    for each row execute function take_from_stock();

-- migrate:down
drop trigger order_lines_take_from_stock on order_lines;
drop function take_from_stock();
drop table stock;
