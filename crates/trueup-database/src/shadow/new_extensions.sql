-- A connection begins with the server's start, and that with a checkpoint: what has a later transaction number was
-- made since.
SELECT extname
FROM pg_catalog.pg_extension,
    pg_catalog.split_part((pg_catalog.pg_control_checkpoint()).next_xid, ':', 2) AS next
WHERE xmin::text::bigint >= next::bigint AND extname <> 'plpgsql'
ORDER BY extname;
