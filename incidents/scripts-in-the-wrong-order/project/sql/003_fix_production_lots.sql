BEGIN;

ALTER TABLE production_lots ADD COLUMN worst_case_estimated_cost numeric(12,2);

ALTER TABLE item_master ADD COLUMN category varchar(50);
CREATE INDEX idx_item_master_category ON item_master (category);

ALTER TABLE substitute_groups ADD COLUMN deleted_at timestamp;
CREATE INDEX idx_substitute_groups_active ON substitute_groups (item_id) WHERE deleted_at IS NULL;

COMMIT;
