\i :up/001_users.sql
\i :up/002_items.sql
\i :up/004_production_lots.sql
\i :up/003_fix_production_lots.sql
\i :up/005_import_jobs.sql
\i :up/006_status_of_lots.sql
