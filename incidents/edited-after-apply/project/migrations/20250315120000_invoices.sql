CREATE TABLE invoices (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription_id UUID NOT NULL REFERENCES subscriptions (id),
    amount NUMERIC(10, 2) NOT NULL
);
