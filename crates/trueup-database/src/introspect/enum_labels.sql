-- Labels of enums in their order.
select e.enumtypid, e.enumlabel, e.xmin
from pg_enum e
order by e.enumtypid, e.enumsortorder
