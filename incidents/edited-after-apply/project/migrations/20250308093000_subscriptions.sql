CREATE TABLE subscriptions (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    customer_id UUID NOT NULL REFERENCES customers (id),
    plan TEXT NOT NULL,
    price NUMERIC(10, 2) NOT NULL,
    cancelled_at TIMESTAMPTZ
);

CREATE UNIQUE INDEX subscriptions_customer_plan_idx ON subscriptions (customer_id, plan);
