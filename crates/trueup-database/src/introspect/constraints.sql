-- Constraints of tables and domains. Constraint triggers are read with the triggers.
select c.oid, c.xmin, c.conname, c.contype, c.conrelid, c.contypid, c.conindid, c.conparentid <> 0,
       c.confrelid, c.conkey, c.confkey, c.confupdtype, c.confdeltype, c.confmatchtype,
       c.condeferrable, c.condeferred, c.convalidated, c.connoinherit,
       c.coninhcount > 0 and not c.conislocal,
       c.confdelsetcols, --@ 15..
       null, --@ ..14
       c.conenforced, --@ 18..
       true, --@ ..17
       c.conperiod, --@ 18..
       false, --@ ..17
       case when c.contype = 'c' then pg_get_expr(c.conbin, c.conrelid) end,
       case when c.contype = 'x' then pg_get_constraintdef(c.oid) end
from pg_constraint c
where c.oid >= 16384 and c.contype <> 't'
