-- Objects that belong to an extension: they are the extension's, not ours.
select d.classid, d.objid
from pg_depend d
where d.deptype = 'e'
