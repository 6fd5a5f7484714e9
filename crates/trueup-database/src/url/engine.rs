//! Databases that are not PostgreSQL, by what their URLs begin with.

/// Schemes of URLs for PostgreSQL; drivers may follow after a `+`.
const POSTGRESQL: &[&str] =
    &["postgres", "postgresql", "postgis", "pgsql", "psql", "timescale", "timescaledb", "timescalegis"];

const OTHERS: &[(&str, &str)] = &[
    ("bigquery", "BigQuery"),
    ("clickhouse", "ClickHouse"),
    ("cockroach", "CockroachDB"),
    ("cockroachdb", "CockroachDB"),
    ("db2", "Db2"),
    ("duckdb", "DuckDB"),
    ("file", "SQLite"),
    ("h2", "H2"),
    ("libsql", "libSQL"),
    ("mariadb", "MariaDB"),
    ("mongodb", "MongoDB"),
    ("mssql", "SQL Server"),
    ("mssqlms", "SQL Server"),
    ("mysql", "MySQL"),
    ("mysql2", "MySQL"),
    ("mysqlgis", "MySQL"),
    ("oracle", "Oracle"),
    ("oraclegis", "Oracle"),
    ("prisma", "Prisma Accelerate"),
    ("redis", "Redis"),
    ("rediss", "Redis"),
    ("redshift", "Redshift"),
    ("snowflake", "Snowflake"),
    ("spanner", "Spanner"),
    ("spatialite", "SQLite"),
    ("sqlite", "SQLite"),
    ("sqlite3", "SQLite"),
    ("sqlserver", "SQL Server"),
];

pub(super) fn is_postgresql(scheme: &str) -> bool {
    POSTGRESQL.contains(&base(scheme).as_str())
}

/// The engine of a scheme that is known and not PostgreSQL's.
pub(super) fn other(scheme: &str) -> Option<&'static str> {
    let base = base(scheme);
    OTHERS.iter().find(|(scheme, _)| *scheme == base).map(|(_, engine)| *engine)
}

/// A file name instead of a URL: what development settings often hold.
pub(super) fn is_sqlite_file(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower == ":memory:"
        || (!lower.contains(['@', ' ', '='])
            && [".db", ".db3", ".sqlite", ".sqlite3"].iter().any(|end| lower.ends_with(end)))
}

/// `postgresql` of `postgresql+asyncpg`.
fn base(scheme: &str) -> String {
    scheme.split('+').next().unwrap_or_default().to_ascii_lowercase()
}
