DO $guard$
BEGIN
    IF EXISTS (SELECT FROM information_schema.tables WHERE table_name = 'production_lots') THEN
        EXECUTE $ddl$
            ALTER TABLE production_lots ADD CONSTRAINT production_lots_status_check
                CHECK (lower(status) IN ('planned', 'running', 'done'))
        $ddl$;
    END IF;
END
$guard$;
