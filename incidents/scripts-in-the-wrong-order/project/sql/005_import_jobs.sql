CREATE TABLE import_jobs (
    id serial PRIMARY KEY,
    import_id varchar(64) NOT NULL,
    user_id integer NOT NULL,
    status varchar(20) NOT NULL DEFAULT 'pending',
    created_at timestamp NOT NULL DEFAULT now(),
    updated_at timestamp NOT NULL DEFAULT now(),
    CONSTRAINT import_jobs_import_id_key UNIQUE (import_id),
    CONSTRAINT import_jobs_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (user_id)
);

CREATE INDEX idx_import_jobs_user ON import_jobs (user_id);
CREATE INDEX idx_import_jobs_status ON import_jobs (status);
CREATE INDEX idx_import_jobs_created ON import_jobs (created_at DESC);

CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $touch$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$touch$;

CREATE TRIGGER import_jobs_touch BEFORE UPDATE ON import_jobs
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
