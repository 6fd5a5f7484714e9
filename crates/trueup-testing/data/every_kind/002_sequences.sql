-- Sequences that stand for themselves, and what column defaults call.

CREATE SEQUENCE shop.invoice_number
    AS integer
    START WITH 1000
    INCREMENT BY 5
    MINVALUE 10
    MAXVALUE 2000000
    CACHE 20
    CYCLE;
COMMENT ON SEQUENCE shop.invoice_number IS 'Printed on paper';
GRANT USAGE, SELECT ON SEQUENCE shop.invoice_number TO app_writer;
GRANT UPDATE ON SEQUENCE shop.invoice_number TO app_writer WITH GRANT OPTION;

CREATE SEQUENCE shop.countdown INCREMENT BY -1 START WITH -1;
ALTER SEQUENCE shop.countdown OWNER TO app_owner;

CREATE SEQUENCE shop.small_steps AS smallint;
ALTER SEQUENCE shop.small_steps INCREMENT BY 2;

CREATE SEQUENCE public.ticket_number;

CREATE SEQUENCE shop.unused_numbers;

CREATE FUNCTION shop.new_reference(prefix text DEFAULT 'R') RETURNS text
    LANGUAGE plpgsql VOLATILE
    AS $$
BEGIN
    -- The semicolon in here; is not the end of the statement.
    RETURN prefix || '-' || lpad(nextval('public.ticket_number')::text, 8, '0');
END
$$;
