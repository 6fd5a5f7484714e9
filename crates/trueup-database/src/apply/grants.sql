-- Who owns what is migrated can go on with it.
grant usage on schema trueup to $role;
grant select, insert, update on trueup.trueup_runs to $role
