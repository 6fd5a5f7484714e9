-- What moddatetime declares. The column stays as it is.

CREATE FUNCTION moddatetime() RETURNS trigger
LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
