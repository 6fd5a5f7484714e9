-- Triggers that would fire on rows that are put back. Those of constraints go with their constraints.
select pg_catalog.format('%I.%I.%I', n.nspname, c.relname, t.tgname),
       case when not pg_catalog.pg_has_role(c.relowner, 'USAGE') then pg_catalog.pg_get_userbyid(c.relowner) end,
       pg_catalog.format('ALTER TABLE ONLY %I.%I DISABLE TRIGGER %I', n.nspname, c.relname, t.tgname),
       pg_catalog.format('ALTER TABLE ONLY %I.%I ENABLE%s TRIGGER %I', n.nspname, c.relname,
           case t.tgenabled when 'A' then ' ALWAYS' when 'R' then ' REPLICA' else '' end, t.tgname)
from pg_catalog.pg_trigger t
join pg_catalog.pg_class c on c.oid = t.tgrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where t.tgrelid in ($tables) and not t.tgisinternal and t.tgenabled <> 'D'
order by 1;
-- Foreign keys from and to these tables. One that partitions have from their parent is that of the parent.
with recursive key(oid) as (
    select k.oid from pg_catalog.pg_constraint k
    where k.contype = 'f' and (k.conrelid in ($tables) or k.confrelid in ($tables))
    union
    select k.conparentid from key join pg_catalog.pg_constraint k on k.oid = key.oid where k.conparentid <> 0
)
select pg_catalog.format('%I.%I.%I', n.nspname, c.relname, k.conname),
       case when not pg_catalog.pg_has_role(c.relowner, 'USAGE') then pg_catalog.pg_get_userbyid(c.relowner) end,
       pg_catalog.format('ALTER TABLE %I.%I DROP CONSTRAINT %I', n.nspname, c.relname, k.conname),
       pg_catalog.format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', n.nspname, c.relname, k.conname,
           pg_catalog.pg_get_constraintdef(k.oid))
       || coalesce((select pg_catalog.format('; COMMENT ON CONSTRAINT %I ON %I.%I IS %L', k.conname, n.nspname,
                        c.relname, d.description)
                    from pg_catalog.pg_description d
                    where d.objoid = k.oid and d.classoid = 'pg_catalog.pg_constraint'::regclass), '')
from key
join pg_catalog.pg_constraint k on k.oid = key.oid
join pg_catalog.pg_class c on c.oid = k.conrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where k.conparentid = 0
order by 1
