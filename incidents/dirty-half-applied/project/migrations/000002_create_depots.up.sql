CREATE TABLE depots (
    code CHAR(4) PRIMARY KEY,
    city TEXT NOT NULL
);
