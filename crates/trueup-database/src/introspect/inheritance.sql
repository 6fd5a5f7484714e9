-- Who inherits from whom: tables, partitions and their indexes.
select i.inhrelid, i.inhparent
from pg_inherits i
order by i.inhrelid, i.inhseqno
