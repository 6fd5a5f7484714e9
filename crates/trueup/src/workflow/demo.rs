//! The shop of the demo: its files, and a database in which a year of mishaps happened.

use camino::{Utf8Path, Utf8PathBuf};
use trueup_database::shadow::{self, AtHand, Need, Shadow, ShadowRequest};
use trueup_model::{CheckOutcome, History};

use super::load::Setting;
use super::{Progress, check};
use crate::environment::Environment;
use crate::failure::Failure;

/// The migrations of the shop, in dbmate's form.
const MIGRATIONS: &[(&str, &str)] = &[
    (
        "20250106090000_create_customers.sql",
        include_str!("../../demo/migrations/20250106090000_create_customers.sql"),
    ),
    (
        "20250113100000_create_products.sql",
        include_str!("../../demo/migrations/20250113100000_create_products.sql"),
    ),
    (
        "20250127083000_create_orders.sql",
        include_str!("../../demo/migrations/20250127083000_create_orders.sql"),
    ),
    (
        "20250210110000_create_wishlists.sql",
        include_str!("../../demo/migrations/20250210110000_create_wishlists.sql"),
    ),
    (
        "20250303140000_create_shipments.sql",
        include_str!("../../demo/migrations/20250303140000_create_shipments.sql"),
    ),
    (
        "20250317091500_create_reviews.sql",
        include_str!("../../demo/migrations/20250317091500_create_reviews.sql"),
    ),
];

const DAMAGE: &str = include_str!("../../demo/damage.sql");

/// A shop that is ready to be looked at. Its database is gone when this is dropped.
pub(crate) struct Demo {
    setting: Setting,
    history: History,
    database: Box<dyn Shadow>,
    /// Keeps the folder of the project alive.
    _folder: Option<tempfile::TempDir>,
}

/// Writes the project and builds the broken database.
pub(crate) fn prepare(
    keep: Option<&Utf8Path>,
    environment: &Environment,
    progress: Progress<'_>,
) -> Result<Demo, Failure> {
    let temporary = match keep {
        Some(_) => None,
        None => Some(tempfile::tempdir().map_err(|error| Failure::new(format!("making a folder: {error}")))?),
    };
    let root: Utf8PathBuf = match (keep, &temporary) {
        (Some(folder), _) => folder.to_owned(),
        (None, Some(folder)) => Utf8PathBuf::from_path_buf(folder.path().to_owned())
            .map_err(|path| Failure::new(format!("making a folder: {} is not UTF-8", path.display())))?,
        (None, None) => environment.current_folder.clone(),
    };
    write_project(&root)?;
    let setting = Setting::for_demo(&root, environment)?;
    let history = setting.read_history()?;
    progress("starting the shop's database");
    let database = broken_database(&setting, &history)?;
    Ok(Demo { setting, history, database, _folder: temporary })
}

impl Demo {
    pub fn check(mut self, progress: Progress<'_>) -> Result<CheckOutcome, Failure> {
        let situation = check::look(&self.setting, &self.history, self.database.session())?;
        let mut outcome = check::judge_situation(&self.setting, &self.history, situation, None, progress)?;
        outcome.database.name = "shop".into();
        Ok(outcome)
    }
}

fn write_project(root: &Utf8Path) -> Result<(), Failure> {
    let folder = root.join("db/migrations");
    let failure =
        |error: std::io::Error| Failure::new(format!("writing the demo's project to {root}: {error}"));
    if root.join("db").exists() {
        return Err(Failure::new(format!("writing the demo's project: {root} has a folder db already"))
            .hint("give another folder: trueup demo --keep shop"));
    }
    std::fs::create_dir_all(&folder).map_err(failure)?;
    for (name, text) in MIGRATIONS {
        std::fs::write(folder.join(name), text).map_err(failure)?;
    }
    Ok(())
}

/// Everything ran and was recorded; then life happened.
fn broken_database(setting: &Setting, history: &History) -> Result<Box<dyn Shadow>, Failure> {
    let failure = |doing: &str, error: &dyn std::fmt::Display| {
        Failure::new(format!("{doing} the demo's database: {error}"))
    };
    let at_hand: AtHand = shadow::at_hand(&setting.shadow);
    let choice = shadow::choose(&ShadowRequest::Auto, &Need::default(), &at_hand)
        .map_err(|error| failure("starting", &error))?;
    let mut database =
        shadow::open(&choice, &setting.surroundings, None).map_err(|error| failure("starting", &error))?;
    let session = database.session();
    let mut statements: Vec<String> = history
        .migrations
        .iter()
        .flat_map(|migration| migration.up.iter().map(|statement| statement.text.to_string()))
        .collect();
    statements.push("create table schema_migrations (version varchar(128) primary key)".to_owned());
    for migration in &history.migrations {
        statements.push(format!(
            "insert into schema_migrations values ({})",
            trueup_sql::quote_literal(migration.key.as_str())
        ));
    }
    statements.push(DAMAGE.to_owned());
    for statement in statements {
        session.run(&statement).map_err(|error| failure("building", &error))?;
    }
    Ok(database)
}
