-- Enums, domains, ranges and base types. Composite types are read with the relations, array and multirange types
-- come with the type that they are of.
select t.oid, t.xmin, t.typname, t.typnamespace, t.typowner, t.typtype, t.typrelid,
       format_type(t.typbasetype, t.typtypmod),
       case when t.typtype = 'd' and t.typcollation <> b.typcollation then t.typcollation::regcollation::text end,
       t.typnotnull,
       case t.typtype when 'd' then pg_get_expr(t.typdefaultbin, 0) else t.typdefault end,
       case when t.typtype = 'r' then format_type(r.rngsubtype, null) end,
       case when not o.opcdefault then quote_ident(opn.nspname) || '.' || quote_ident(o.opcname) end,
       case when r.rngcollation <> 0 and r.rngcollation <> rs.typcollation then r.rngcollation::regcollation::text end,
       nullif(r.rngcanonical::oid, 0)::regproc::text,
       nullif(r.rngsubdiff::oid, 0)::regproc::text,
       r.rngmultitypid::regtype::text, --@ 14..
       null, --@ ..13
       case when t.typtype = 'b' then
           concat_ws(', ', 'input = ' || t.typinput::regproc, 'output = ' || t.typoutput::regproc,
               'receive = ' || nullif(t.typreceive::oid, 0)::regproc, 'send = ' || nullif(t.typsend::oid, 0)::regproc,
               'typmod_in = ' || nullif(t.typmodin::oid, 0)::regproc,
               'typmod_out = ' || nullif(t.typmodout::oid, 0)::regproc,
               'analyze = ' || nullif(t.typanalyze::oid, 0)::regproc,
               'internallength = ' || t.typlen, 'passedbyvalue = ' || t.typbyval, 'alignment = ' || t.typalign::text,
               'storage = ' || t.typstorage::text, 'category = ' || t.typcategory::text, 'preferred = ' || t.typispreferred,
               'element = ' || format_type(nullif(t.typelem, 0), null),
               'subscript = ' || nullif(t.typsubscript::oid, 0)::regproc, --@ 14..
               'delimiter = ' || t.typdelim::text, 'default = ' || t.typdefault,
               'collatable = ' || (t.typcollation <> 0))
       end,
       to_json(t.typacl::text[]),
       case when t.typacl is not null then to_json(acldefault('T', t.typowner)::text[]) end
from pg_type t
left join pg_type b on b.oid = t.typbasetype
left join pg_range r on r.rngtypid = t.oid
left join pg_type rs on rs.oid = r.rngsubtype
left join pg_opclass o on o.oid = r.rngsubopc
left join pg_namespace opn on opn.oid = o.opcnamespace
where t.oid >= 16384 and t.typtype in ('e', 'd', 'r', 'b', 'c') and t.typisdefined
  and not exists (select from pg_type e where e.typarray = t.oid)
  and (t.typtype <> 'c' or exists (select from pg_class k where k.oid = t.typrelid and k.relkind = 'c'))
