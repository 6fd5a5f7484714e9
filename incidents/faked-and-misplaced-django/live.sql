-- The ledger of the day, so that every run of this story tells the same times.
update django_migrations set applied = timestamp '2025-03-01 08:00:00+00' + id * interval '1 hour';
