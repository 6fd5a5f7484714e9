-- Aggregates.
select p.oid, p.xmin, p.proname, p.pronamespace, p.proowner,
       oidvectortypes(p.proargtypes),
       pg_get_function_arguments(p.oid),
       pg_get_function_result(p.oid),
       p.proparallel,
       json_strip_nulls(json_build_array(
           'kind = ' || case a.aggkind when 'n' then 'normal' when 'o' then 'ordered-set' else 'hypothetical-set' end,
           'direct arguments = ' || a.aggnumdirectargs,
           'sfunc = ' || a.aggtransfn::regproc,
           'stype = ' || format_type(a.aggtranstype, null),
           'sspace = ' || nullif(a.aggtransspace, 0),
           'finalfunc = ' || nullif(a.aggfinalfn::oid, 0)::regproc,
           'finalfunc_extra = ' || a.aggfinalextra,
           'finalfunc_modify = ' || a.aggfinalmodify::text,
           'combinefunc = ' || nullif(a.aggcombinefn::oid, 0)::regproc,
           'serialfunc = ' || nullif(a.aggserialfn::oid, 0)::regproc,
           'deserialfunc = ' || nullif(a.aggdeserialfn::oid, 0)::regproc,
           'initcond = ' || a.agginitval,
           'msfunc = ' || nullif(a.aggmtransfn::oid, 0)::regproc,
           'minvfunc = ' || nullif(a.aggminvtransfn::oid, 0)::regproc,
           'mstype = ' || case when a.aggmtranstype <> 0 then format_type(a.aggmtranstype, null) end,
           'msspace = ' || nullif(a.aggmtransspace, 0),
           'mfinalfunc = ' || nullif(a.aggmfinalfn::oid, 0)::regproc,
           'mfinalfunc_extra = ' || a.aggmfinalextra,
           'mfinalfunc_modify = ' || a.aggmfinalmodify::text,
           'minitcond = ' || a.aggminitval,
           'sortop = ' || nullif(a.aggsortop, 0)::regoperator
       )),
       to_json(p.proacl::text[]),
       case when p.proacl is not null then to_json(acldefault('f', p.proowner)::text[]) end
from pg_proc p
join pg_aggregate a on a.aggfnoid = p.oid
where p.oid >= 16384
