\i :up/20250210101500_init.sql
\i :up/20250301142233_add_issues.sql
CREATE TABLE _prisma_migrations (
    id VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum VARCHAR(64) NOT NULL,
    finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL,
    logs TEXT,
    rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
);
INSERT INTO _prisma_migrations VALUES
    ('0b7a9c52-5d0e-4c1f-9a55-000000000001', 'bee1250b2eaecc2dcaa5c9c8ecf2c6bc3dfe0e1597afb7021580943ad18a371a', '2025-02-10 15:00:01+00', '20250210101500_init', NULL, NULL, '2025-02-10 15:00:00+00', 1);
INSERT INTO _prisma_migrations VALUES
    ('0b7a9c52-5d0e-4c1f-9a55-000000000002', 'd9ef70ad6e71e09c0be936e5f4aec546b001f8d47d378d285a255a74127016b2', '2025-03-01 15:00:01+00', '20250301142233_add_issues', NULL, NULL, '2025-03-01 15:00:00+00', 1);

-- From the branch that is gone.
-- CreateTable
CREATE TABLE "FeatureFlag" (
    "id" SERIAL NOT NULL,
    "key" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "FeatureFlag_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "FeatureFlag_key_key" ON "FeatureFlag"("key");
INSERT INTO _prisma_migrations VALUES
    ('0b7a9c52-5d0e-4c1f-9a55-000000000003', 'a40c4191ace86b2198613f8502ac78e32d5927542ef76069d987e5e0e1146532', '2025-03-18 15:00:01+00', '20250318090412_feature_flags', NULL, NULL, '2025-03-18 15:00:00+00', 1);
