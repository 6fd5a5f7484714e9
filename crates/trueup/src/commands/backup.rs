//! `trueup backup`: the rows of a database in a folder, restored once to see that they can be.

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};
use trueup_database::backup::{Backup, Method, Way};

use crate::arguments::ProjectArguments;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;
use crate::workflow::{self, Connection};

/// Back up the tables of a database, and restore the backup once on a scratch server to see that it can be.
///
/// The rows come from pg_dump where one is installed that knows the server, else from COPY; either way from one
/// snapshot, with a checksum of each table. Only when the scratch server holds the same rows does the folder get its
/// name, which is printed. It holds rows of your database: nobody else can read it. A history is not needed, only a
/// connection.
#[derive(Args, Debug)]
pub struct BackupArguments {
    /// The folder to be made, instead of one in this folder that is named after the database and the time.
    #[arg(long, short, value_name = "FOLDER")]
    pub output: Option<Utf8PathBuf>,

    /// Back up this table (`public.orders`) with its partitions, and no others but those named. Can be repeated.
    #[arg(long, value_name = "TABLE")]
    pub only: Vec<String>,

    /// Where the rows come from.
    #[arg(long, value_name = "METHOD", default_value = "auto")]
    pub method: MethodChoice,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MethodChoice {
    /// pg_dump where it can be had, else COPY.
    Auto,
    PgDump,
    Copy,
}

pub(crate) fn run(
    arguments: &BackupArguments,
    project: &ProjectArguments,
    environment: &Environment,
    terminal: &mut Terminal,
) -> Result<Exit, Failure> {
    let connection = Connection::load(project, environment)?;
    let here = &environment.current_folder;
    let folder = match &arguments.output {
        Some(folder) => here.join(folder),
        None => workflow::usual_folder(here, connection.database.database(), environment.began),
    };
    let only = arguments.only.iter().map(|typed| workflow::table(typed)).collect::<Result<Vec<_>, _>>()?;
    let method = match arguments.method {
        MethodChoice::Auto => Method::BestAtHand,
        MethodChoice::PgDump => Method::PgDump,
        MethodChoice::Copy => Method::Copy,
    };
    let wanted = workflow::WantedBackup { folder, only, method };
    let backup = workflow::back_up(&connection, &wanted, &mut |text| terminal.progress(text))?;
    say(&backup, terminal);
    // The one thing that a script needs.
    terminal.print(&format!("{}\n", wanted.folder));
    Ok(Exit::Success)
}

fn say(backup: &Backup, terminal: &mut Terminal) {
    let manifest = &backup.manifest;
    let by = match &manifest.way {
        Way::PgDump { program_version, .. } => format!("pg_dump {program_version}"),
        Way::Copy => "COPY".to_owned(),
    };
    terminal.say(&format!(
        "backed up {} with {} of {} (PostgreSQL {}) by {by}",
        workflow::counted(manifest.tables.len() as u64, "table"),
        workflow::counted(manifest.rows(), "row"),
        manifest.database.name,
        manifest.database.server_version,
    ));
    terminal.say(&format!(
        "restored once on a scratch server (PostgreSQL {}): all rows came back",
        manifest.verified.server_version
    ));
    manifest.verified.not_verified.iter().for_each(|what| terminal.say(&format!("not verified: {what}")));
    manifest.lacks.iter().for_each(|what| terminal.say(&format!("not in it: {what}")));
}
