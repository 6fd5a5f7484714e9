//! `trueup restore`: puts the rows of a backup back, all or none.

use camino::Utf8PathBuf;
use clap::Args;
use trueup_database::backup::{Plan, What};
use trueup_model::{Ident, QualifiedName};
use trueup_report::shell_word;

use crate::arguments::ProjectArguments;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;
use crate::workflow::{self, Connection};

/// Restore a backup that `trueup backup` made, in one transaction.
///
/// Into an empty database everything that the backup holds is made. Where tables are there, their rows are put back:
/// into empty ones; into others only where `--replace` names them. Triggers do not fire, foreign keys are checked when
/// all rows are there, and nothing is committed before every table holds the rows of the backup. What would happen is
/// shown, and happens with --yes or a `y` typed at a terminal.
#[derive(Args, Debug)]
pub struct RestoreArguments {
    /// The folder of the backup.
    #[arg(value_name = "FOLDER")]
    pub folder: Utf8PathBuf,

    /// Restore this table (`public.orders`), and no others but those named. Can be repeated.
    #[arg(long, value_name = "TABLE")]
    pub only: Vec<String>,

    /// Replace the rows that this table has now. Can be repeated.
    #[arg(long, value_name = "TABLE")]
    pub replace: Vec<String>,

    /// Do it without asking.
    #[arg(long)]
    pub yes: bool,
}

pub(crate) fn run(
    arguments: &RestoreArguments,
    project: &ProjectArguments,
    environment: &Environment,
    terminal: &mut Terminal,
) -> Result<Exit, Failure> {
    let tables =
        |names: &[String]| names.iter().map(|typed| workflow::table(typed)).collect::<Result<_, _>>();
    let wanted = workflow::WantedRestore {
        folder: environment.current_folder.join(&arguments.folder),
        only: tables(&arguments.only)?,
        replace: tables(&arguments.replace)?,
    };
    let connection = Connection::load(project, environment)?;
    let plan = workflow::plan_restore(&connection, &wanted)?;
    terminal.print(&shown(&plan));
    if !plan.refused.is_empty() {
        let mut failure =
            Failure::new(format!("restoring into {}: {}", plan.database, plan.refused.join("; ")));
        failure.exit = Exit::Refused;
        let failure = failure.hint("nothing was changed");
        let folder = shell_word(arguments.folder.as_str());
        return Err(plan
            .lacking
            .iter()
            .fold(failure, |failure, (table, columns)| ways_out(failure, &folder, (table, columns))));
    }
    if !arguments.yes {
        match terminal.confirmed("restore?") {
            Some(true) => {}
            Some(false) => {
                terminal.say("nothing was done");
                return Ok(Exit::Success);
            }
            None => {
                terminal.say("nothing was done: nobody is there to be asked. To do it: --yes");
                return Ok(Exit::Success);
            }
        }
    }
    let restored = workflow::restore(&connection, &wanted, &plan, &mut |text| terminal.progress(text))?;
    restored.notes.iter().for_each(|note| terminal.say(&format!("note: {note}")));
    terminal.say(&format!(
        "restored {} with {} into {}; all of them are as in the backup",
        workflow::counted(restored.tables as u64, "table"),
        workflow::counted(restored.rows, "row"),
        plan.database
    ));
    Ok(Exit::Success)
}

/// How to get at values that have no place here any more.
fn ways_out(failure: Failure, folder: &str, (table, columns): (&QualifiedName, &[String])) -> Failure {
    let columns: Vec<String> = columns.iter().map(|name| Ident::new(name).written()).collect();
    let name = format!("{}.{}", table.schema.written(), table.name.written());
    let replace = shell_word(&format!("--replace={name}"));
    failure
        .hint(format!(
            "to have all rows of {table} as they were, make {} again as {folder}/definition.json says, and then: \
             trueup restore {folder} --only {} {replace}",
            columns.join(", "),
            shell_word(&name)
        ))
        .hint(format!(
            "to look at the values and take over some, restore into a database of their own: createdb NAME, and then: \
             trueup restore {folder} --database-url URL"
        ))
}

fn shown(plan: &Plan) -> String {
    let from = &plan.manifest.database;
    let mut text = format!(
        "restore of {} (PostgreSQL {}), taken {}, into {} (PostgreSQL {})\n",
        from.name, from.server_version, plan.manifest.taken_at, plan.database, plan.server_version
    );
    if plan.whole {
        text.push_str("  everything that the backup holds is made\n");
    }
    for action in &plan.actions {
        let rows = workflow::counted(action.rows, "row");
        let line = match action.what {
            What::Create => format!("create {} with {rows}", action.table),
            What::Fill => format!("put {rows} into {}", action.table),
            What::Replace { rows: now } => {
                format!("replace {} of {} by {rows}", workflow::counted(now, "row"), action.table)
            }
        };
        text.push_str(&format!("  {line}\n"));
    }
    plan.notes.iter().for_each(|note| text.push_str(&format!("  note: {note}\n")));
    text
}
