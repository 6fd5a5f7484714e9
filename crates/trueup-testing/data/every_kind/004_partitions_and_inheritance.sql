-- Partitioned tables of each strategy, and plain inheritance.

CREATE TABLE shop.events (
    id bigint NOT NULL,
    happened_at timestamptz NOT NULL,
    kind text NOT NULL,
    payload jsonb DEFAULT '{}'
) PARTITION BY RANGE (happened_at);
CREATE TABLE shop.events_2023 PARTITION OF shop.events
    FOR VALUES FROM (MINVALUE) TO ('2024-01-01 00:00:00+00');
CREATE TABLE shop.events_2024 PARTITION OF shop.events
    FOR VALUES FROM ('2024-01-01 00:00:00+00') TO ('2025-01-01 00:00:00+00')
    PARTITION BY LIST (kind);
CREATE TABLE shop.events_2024_click PARTITION OF shop.events_2024 FOR VALUES IN ('click', 'tap');
CREATE TABLE shop.events_2024_rest PARTITION OF shop.events_2024 DEFAULT;
CREATE TABLE shop.events_default PARTITION OF shop.events DEFAULT;

-- A partition that was a table of its own before: its columns stand in another order and it has its own default.
CREATE TABLE shop.events_2025 (
    payload jsonb DEFAULT '{"year": 2025}',
    kind text NOT NULL,
    gone integer,
    happened_at timestamptz NOT NULL,
    id bigint NOT NULL
);
ALTER TABLE shop.events_2025 DROP COLUMN gone;
ALTER TABLE shop.events ATTACH PARTITION shop.events_2025
    FOR VALUES FROM ('2025-01-01 00:00:00+00') TO ('2026-01-01 00:00:00+00');

CREATE TABLE shop.parcels (
    id integer NOT NULL,
    country char(2) NOT NULL,
    weight integer
) PARTITION BY LIST (country);
CREATE TABLE shop.parcels_north PARTITION OF shop.parcels FOR VALUES IN ('DK', 'NO', 'SE');
CREATE TABLE shop.parcels_none PARTITION OF shop.parcels (weight DEFAULT 1) FOR VALUES IN (NULL);

CREATE TABLE shop.hits (
    page integer NOT NULL,
    visitor text NOT NULL
) PARTITION BY HASH (page, visitor);
CREATE TABLE shop.hits_0 PARTITION OF shop.hits FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE shop.hits_1 PARTITION OF shop.hits FOR VALUES WITH (MODULUS 2, REMAINDER 1) WITH (fillfactor = 80);

-- By an expression, with a collation and an operator class; no partition exists yet.
CREATE TABLE shop.words (word text NOT NULL, language text)
    PARTITION BY RANGE (lower(word) COLLATE "C" text_pattern_ops, language);

-- Inheritance

CREATE TABLE shop.living (
    id integer NOT NULL,
    name text DEFAULT 'nobody',
    CONSTRAINT living_positive CHECK (id > 0),
    CONSTRAINT living_only_here CHECK (name <> 'plant') NO INHERIT
);
CREATE TABLE shop.named (name text, given_by text);
CREATE TABLE shop.pets (
    species text,
    name text DEFAULT 'Rex'
) INHERITS (shop.living, shop.named);
CREATE TABLE shop.robots (id integer NOT NULL, name text, CONSTRAINT living_positive CHECK (id > 0));
ALTER TABLE shop.robots INHERIT shop.living;
