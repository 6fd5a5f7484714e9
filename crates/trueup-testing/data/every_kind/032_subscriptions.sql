-- needs: full
-- What comes from another server. Nothing is connected: the slot would have to exist over there.

CREATE SUBSCRIPTION from_head_office
    CONNECTION 'host=head-office.example dbname=shop user=replication'
    PUBLICATION prices, "Product Names"
    WITH (connect = false, enabled = false, slot_name = NONE, synchronous_commit = off);
COMMENT ON SUBSCRIPTION from_head_office IS 'Prices come from above';
