CREATE TABLE item_master (
    item_id serial PRIMARY KEY,
    item_code varchar(40) NOT NULL UNIQUE
);

CREATE TABLE substitute_groups (
    group_id serial PRIMARY KEY,
    item_id integer NOT NULL REFERENCES item_master (item_id)
);
