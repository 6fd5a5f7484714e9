CREATE TABLE production_lots (
    lot_id serial PRIMARY KEY,
    status varchar(20) NOT NULL DEFAULT 'planned',
    created_by integer REFERENCES users (user_id)
);

CREATE INDEX idx_production_lots_status ON production_lots (status);
