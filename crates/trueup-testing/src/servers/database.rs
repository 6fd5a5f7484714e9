//! A database of a test, dropped at its end.

use super::clients::{self, Output};
use super::{Server, quoted};

#[derive(Debug)]
pub struct Database {
    server: Server,
    name: String,
}

impl Database {
    pub(super) fn create(server: &Server, name: &str, template: &str) -> Self {
        for number in 1.. {
            let candidate = if number == 1 { name.to_owned() } else { format!("{name}_{number}") };
            let sql = format!("CREATE DATABASE {} TEMPLATE {};", quoted(&candidate), quoted(template));
            let output = server.psql("postgres", &sql);
            if output.success {
                return Self { server: server.clone(), name: candidate };
            }
            // Besides the message: when two ask at the same moment, the index of pg_database refuses one.
            let taken = ["already exists", "pg_database_datname_index"];
            assert!(
                taken.iter().any(|text| output.stderr.contains(text)),
                "creating the database {candidate}: {}",
                output.stderr
            );
        }
        unreachable!("numbers do not run out")
    }

    /// Another database with the same content. Nobody may be connected to this one.
    pub fn copy(&self, name: &str) -> Self {
        Self::create(&self.server, name, &self.name)
    }

    pub fn server(&self) -> &Server {
        &self.server
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn url(&self) -> String {
        self.server.url(&self.name)
    }

    /// A URL for another role.
    pub fn url_as(&self, role: &str) -> String {
        self.server.url_as(role, &self.name)
    }

    /// Runs a script in psql and returns what came of it. It stops at the first error.
    pub fn psql(&self, script: &str) -> Output {
        self.server.psql(&self.name, script)
    }

    /// Runs a script that has to succeed.
    #[track_caller]
    pub fn run(&self, script: &str) {
        self.psql(script).must("running a script");
    }

    /// Runs a script that has to succeed in one transaction.
    #[track_caller]
    pub fn run_in_transaction(&self, script: &str) {
        clients::psql(&self.url(), &["--single-transaction"], script)
            .must("running a script in a transaction");
    }

    /// The rows of a query, as texts; NULL is empty.
    #[track_caller]
    pub fn rows(&self, query: &str) -> Vec<Vec<String>> {
        let arguments =
            ["--no-align", "--tuples-only", "--field-separator=\u{1f}", "--record-separator=\u{1e}"];
        let output = clients::psql(&self.url(), &arguments, query).must("running a query");
        output
            .trim_end_matches(['\u{1e}', '\n'])
            .split('\u{1e}')
            .filter(|row| !row.is_empty())
            .map(|row| row.split('\u{1f}').map(str::to_owned).collect())
            .collect()
    }

    /// The first column of the first row.
    #[track_caller]
    pub fn value(&self, query: &str) -> String {
        let row = self.rows(query).into_iter().next().unwrap_or_default();
        row.into_iter().next().unwrap_or_default()
    }

    /// The schema as pg_dump writes it. It refuses servers newer than itself.
    pub fn dump_schema(&self) -> Output {
        clients::pg_dump(&self.url(), &["--schema-only"])
    }
}

/// Without a word to the servers that they come from, which need not exist.
const DROP_SUBSCRIPTIONS: &str = r"
SELECT statement
FROM pg_subscription,
    LATERAL (VALUES
        (1, format('ALTER SUBSCRIPTION %I DISABLE', subname)),
        (2, format('ALTER SUBSCRIPTION %I SET (slot_name = NONE)', subname)),
        (3, format('DROP SUBSCRIPTION %I', subname))
    ) AS step (number, statement)
WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY subname, number
\gexec
";

impl Drop for Database {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE);", quoted(&self.name));
        // A server that is gone has no database to drop. One with subscriptions cannot be dropped.
        if self.server.psql("postgres", &sql).stderr.contains("subscription") {
            self.psql(DROP_SUBSCRIPTIONS);
            let _ = self.server.psql("postgres", &sql);
        }
    }
}
