-- What depends on what. The last column says that the first object is a part of the second, which PostgreSQL keeps in
-- a row of its own: the default of a column, the index of a constraint, the rule of a view, a member of an extension.
select d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, d.refobjsubid,
       d.deptype in ('i', 'e')
       or d.deptype = 'a'
          and (d.classid in ('pg_attrdef'::regclass, 'pg_constraint'::regclass)
               or d.classid in ('pg_amop'::regclass, 'pg_amproc'::regclass)
                  and d.refclassid in ('pg_opclass'::regclass, 'pg_opfamily'::regclass)
               or d.classid = 'pg_publication_namespace'::regclass and d.refclassid = 'pg_publication'::regclass --@ 15..
               or d.classid = 'pg_publication_rel'::regclass and d.refclassid = 'pg_publication'::regclass)
from pg_depend d
where d.objid >= 16384 and (d.refobjid >= 16384 or d.refobjid = 2200)
  -- Triggers that check a constraint: nothing ever needs them, and they are a tenth of all.
  and not (d.classid = 'pg_trigger'::regclass and d.deptype = 'i')
