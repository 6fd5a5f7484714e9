CREATE TABLE users (
    user_id serial PRIMARY KEY,
    name varchar(100) NOT NULL
);
