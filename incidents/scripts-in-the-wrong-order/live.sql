-- What `psql -f` does without ON_ERROR_STOP.
\set ON_ERROR_STOP 0
\i :up/001_users.sql
\i :up/002_items.sql
\i :up/003_fix_production_lots.sql
\i :up/006_status_of_lots.sql
\i :up/004_production_lots.sql
\set ON_ERROR_STOP 1

-- By hand, from a page of the wiki.
CREATE TABLE import_jobs (
    id serial PRIMARY KEY,
    import_id varchar(64) NOT NULL UNIQUE,
    user_id integer NOT NULL REFERENCES users (user_id),
    status varchar(20) NOT NULL DEFAULT 'pending',
    created_at timestamp NOT NULL DEFAULT now(),
    updated_at timestamp NOT NULL DEFAULT now()
);
ALTER TABLE import_jobs ADD CONSTRAINT fk_user FOREIGN KEY (user_id) REFERENCES users (user_id);
CREATE INDEX idx_import_jobs_user ON import_jobs (user_id);
CREATE INDEX idx_import_jobs_status ON import_jobs (status);
