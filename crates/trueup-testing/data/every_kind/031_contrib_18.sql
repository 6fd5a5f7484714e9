-- needs: 18
-- WITHOUT OVERLAPS beside a plain column, and a foreign key to it.

SET search_path = shop, extensions, public;
CREATE TABLE shop.tenancies (
    flat integer,
    during daterange,
    CONSTRAINT tenancies_pkey PRIMARY KEY (flat, during WITHOUT OVERLAPS)
);
CREATE TABLE shop.payments (
    flat integer,
    during daterange,
    CONSTRAINT payments_tenancy_fkey FOREIGN KEY (flat, PERIOD during) REFERENCES shop.tenancies (flat, PERIOD during)
);
RESET search_path;
