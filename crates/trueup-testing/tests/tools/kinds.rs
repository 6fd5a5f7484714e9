//! The projects: a small history in the form of each tool, and how the tool is asked.

use trueup_testing::servers::{Database, Output};
use trueup_testing::tools::Tool;

use crate::project::Project;

/// A tool and a project of it.
pub struct Kind {
    pub tool: Tool,
    pub files: Vec<(&'static str, String)>,
    /// What the tool is told for running everything that is pending.
    up: &'static [&'static str],
    /// What it is told for taking back the newest migration, where it can.
    back: Option<&'static [&'static str]>,
    /// What it is told for saying what is pending, and what it says when nothing is.
    question: (&'static [&'static str], fn(&Output) -> bool),
    /// The columns of its ledger that do not depend on the moment.
    pub columns: &'static str,
    /// The schema that its URL asks for.
    schema: Option<&'static str>,
    /// Whether it runs statements outside of a transaction.
    pub leaves_transactions: bool,
}

impl Kind {
    pub fn url(&self, database: &Database) -> String {
        let options = match (self.tool, self.schema) {
            // It insists on TLS otherwise.
            (Tool::Dbmate, None) => "?sslmode=disable".to_owned(),
            (Tool::Dbmate, Some(schema)) => format!("?sslmode=disable&search_path={schema}"),
            (_, Some(schema)) => format!("?schema={schema}"),
            (_, None) => String::new(),
        };
        database.url() + &options
    }

    pub fn up(&self, project: &Project, database: &Database) -> Output {
        self.run(project, database, self.up)
    }

    pub fn back(&self, project: &Project, database: &Database) -> Option<Output> {
        self.back.map(|arguments| self.run(project, database, arguments))
    }

    /// Whether the tool says that there is nothing to do. It is asked on a copy: some tools answer by doing it.
    pub fn is_done(&self, project: &Project, database: &Database) -> bool {
        let (arguments, is_done) = self.question;
        is_done(&self.run(project, &database.copy("asked"), arguments))
    }

    /// Whether it notices that the file of an applied migration was edited.
    pub fn minds_edits(&self) -> bool {
        match self.tool {
            // Prisma does in development only: there it offers to throw the database away.
            Tool::Dbmate | Tool::Diesel | Tool::Prisma => false,
            Tool::Refinery | Tool::Sqlx => true,
        }
    }

    /// The file of the newest migration.
    pub fn newest_file(&self) -> &'static str {
        let is_up = |path: &&str| path.ends_with(".sql") && !path.ends_with("down.sql");
        self.files.iter().map(|(path, _)| *path).rfind(is_up).expect("a migration")
    }

    fn run(&self, project: &Project, database: &Database, arguments: &[&str]) -> Output {
        self.tool.run(project.root.as_std_path(), &self.url(database), arguments)
    }
}

const CUSTOMERS: &str = "CREATE TABLE public.customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL); -- ü;\n";
const MOOD: &str = "CREATE TYPE public.mood AS ENUM ('sad', 'it''s; ok');\nCREATE FUNCTION public.h() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$;\n";
const CUSTOMERS_BACK: &str = "DROP TABLE public.customers;\n";
const MOOD_BACK: &str = "DROP FUNCTION public.h();\nDROP TYPE public.mood;\n";

fn files(files: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    files.iter().map(|(path, text)| (*path, (*text).to_owned())).collect()
}

pub fn dbmate() -> Kind {
    let file = |up: &str, down: &str| format!("-- migrate:up\n{up}\n-- migrate:down\n{down}");
    Kind {
        tool: Tool::Dbmate,
        files: vec![
            ("db/migrations/20240101000000_customers.sql", file(CUSTOMERS, CUSTOMERS_BACK)),
            ("db/migrations/20240102000000_mood.sql", file(MOOD, MOOD_BACK)),
        ],
        up: &["--no-dump-schema", "migrate"],
        back: Some(&["--no-dump-schema", "rollback"]),
        question: (&["status"], |output| output.stdout.contains("Pending: 0")),
        columns: "version",
        schema: None,
        leaves_transactions: true,
    }
}

pub fn dbmate_with_windows_line_ends() -> Kind {
    let mut kind = dbmate();
    for (path, text) in &mut kind.files {
        *path = if path.contains("mood") {
            "db/migrations/002_mood.sql"
        } else {
            "db/migrations/001_customers.sql"
        };
        *text = text.replace('\n', "\r\n");
    }
    kind
}

pub fn dbmate_in_a_schema() -> Kind {
    let mut kind = dbmate();
    kind.schema = Some("shop");
    kind.files.push((".env", "DATABASE_URL=postgres://localhost/shop?search_path=shop\n".to_owned()));
    kind
}

pub fn diesel() -> Kind {
    Kind {
        tool: Tool::Diesel,
        files: files(&[
            // What `diesel setup` makes.
            ("diesel.toml", "[migrations_directory]\ndir = \"migrations\"\n"),
            ("migrations/2024-01-01-000000_customers/up.sql", CUSTOMERS),
            ("migrations/2024-01-01-000000_customers/down.sql", CUSTOMERS_BACK),
            ("migrations/2024-01-02-000000_mood/up.sql", MOOD),
            ("migrations/2024-01-02-000000_mood/down.sql", MOOD_BACK),
        ]),
        up: &["migration", "run"],
        back: Some(&["migration", "revert"]),
        question: (&["migration", "list"], |output| {
            output.stdout.contains("[X]") && !output.stdout.contains("[ ]")
        }),
        columns: "version",
        schema: None,
        leaves_transactions: true,
    }
}

pub fn diesel_with_numbers() -> Kind {
    let kind = diesel();
    let files = files(&[
        ("migrations/00001_customers/up.sql", CUSTOMERS),
        ("migrations/00001_customers/down.sql", CUSTOMERS_BACK),
        ("migrations/00002_mood/up.sql", MOOD),
        ("migrations/00002_mood/down.sql", MOOD_BACK),
    ]);
    Kind { files, ..kind }
}

pub fn prisma() -> Kind {
    Kind {
        tool: Tool::Prisma,
        files: files(&[
            (
                "prisma/schema.prisma",
                "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\n",
            ),
            ("prisma/migrations/migration_lock.toml", "provider = \"postgresql\"\n"),
            ("prisma/migrations/0_init/migration.sql", CUSTOMERS),
            ("prisma/migrations/20240102000000_mood/migration.sql", MOOD),
        ]),
        up: &["migrate", "deploy"],
        back: None,
        question: (&["migrate", "status"], |output| output.stdout.contains("Database schema is up to date!")),
        columns: "migration_name, checksum, logs, rolled_back_at, finished_at >= started_at, applied_steps_count, \
                  length(id)",
        schema: None,
        leaves_transactions: true,
    }
}

pub fn prisma_in_a_schema() -> Kind {
    let mut kind = prisma();
    kind.schema = Some("shop");
    kind.files.push((".env", "DATABASE_URL=\"postgresql://localhost/shop?schema=shop\"\n".to_owned()));
    kind
}

pub fn refinery() -> Kind {
    Kind {
        tool: Tool::Refinery,
        files: files(&[
            ("Cargo.toml", "[dependencies]\nrefinery = \"0.9\"\n"),
            ("migrations/V1__customers.sql", CUSTOMERS),
            ("migrations/V2__mood.sql", MOOD),
        ]),
        // Aborting where a file was edited or is missing.
        up: &["migrate", "-e", "DATABASE_URL", "-d", "-m"],
        back: None,
        question: (&["migrate", "-e", "DATABASE_URL", "-d", "-m"], |output| {
            let said = format!("{}{}", output.stdout, output.stderr);
            output.success && said.contains("no migrations to apply")
        }),
        columns: "version, name, checksum",
        schema: None,
        leaves_transactions: false,
    }
}

pub fn sqlx() -> Kind {
    Kind {
        tool: Tool::Sqlx,
        files: files(&[
            ("Cargo.toml", "[dependencies]\nsqlx = \"0.9\"\n"),
            ("migrations/0001_customers.up.sql", CUSTOMERS),
            ("migrations/0001_customers.down.sql", CUSTOMERS_BACK),
            ("migrations/0002_mood.up.sql", MOOD),
            ("migrations/0002_mood.down.sql", MOOD_BACK),
        ]),
        up: &["migrate", "run"],
        back: Some(&["migrate", "revert"]),
        question: (&["migrate", "info"], |output| {
            let done = |line: &str| line.contains("/installed ") && !line.contains("different checksum");
            output.success && !output.stdout.is_empty() && output.stdout.lines().all(done)
        }),
        columns: "version, description, success, checksum",
        schema: None,
        leaves_transactions: true,
    }
}

pub fn sqlx_without_ways_back() -> Kind {
    let files = files(&[
        ("Cargo.toml", "[dependencies]\nsqlx = \"0.9\"\n"),
        ("migrations/20240101000000_customers.sql", CUSTOMERS),
        ("migrations/20240102000000_mood.sql", MOOD),
    ]);
    Kind { files, back: None, ..sqlx() }
}
