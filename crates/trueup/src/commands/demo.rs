//! `trueup demo`: a broken project and a broken database, found, explained, repaired and taken back, with nothing
//! installed.

use camino::Utf8PathBuf;
use clap::Args;
use trueup_model::Severity;
use trueup_report::{Format, Style, plan};

use crate::arguments::ProjectArguments;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;
use crate::workflow;

/// Show trueup at work on a broken shop, with nothing installed.
///
/// It is found what is wrong, and why; a repair is planned, proven, written and applied, and taken back. The shop's
/// migrations are part of the program, its database is an embedded PostgreSQL that is gone afterwards.
#[derive(Args, Debug)]
pub struct DemoArguments {
    /// Write the shop's migrations to this folder, to look at them.
    #[arg(long, value_name = "FOLDER")]
    pub keep: Option<Utf8PathBuf>,

    /// text, json, sarif, junit, github, gitlab, markdown or html.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: String,
}

pub(crate) fn run(
    arguments: &DemoArguments,
    project: &ProjectArguments,
    environment: &Environment,
    terminal: &mut Terminal,
) -> Result<Exit, Failure> {
    if let Some(option) = project.typed() {
        return Err(Failure::new(format!(
            "reading the arguments: {option} says nothing to the demo, which has a project and a database of its own"
        ))
        .hint(format!("for a project of your own: trueup check {option} …")));
    }
    let format = Format::named(&arguments.format).ok_or_else(|| {
        let known = trueup_report::FORMATS.iter().map(|format| format.name);
        Failure::unknown("format", &arguments.format, known)
    })?;
    terminal.say(
        "A web shop: six migrations, and a database that was migrated by goose for a\n\
         year. goose says that everything is applied. The pages for wish lists and\n\
         reviews answer 500.\n",
    );
    let folder = arguments.keep.as_ref().map(|folder| environment.current_folder.join(folder));
    let mut demo =
        workflow::prepare_demo(folder.as_deref(), environment, &mut |text| terminal.progress(text))?;
    let outcome = demo.check(&mut |text| terminal.progress(text))?;
    let style = Style {
        width: terminal.width,
        colour: terminal.colour,
        threshold: Severity::Warning,
        verbose: false,
    };
    terminal.print(&trueup_report::render(&outcome, format, &style));
    // Data is not followed by a story.
    if format.name == "text" {
        the_whole_way(&mut demo, format, &style, terminal)?;
    }
    match &folder {
        Some(folder) => terminal.say(&format!("\nThe migrations are in {folder}.")),
        None => terminal
            .say("\nTo see the migrations: trueup demo --keep shop. In a project of your own: trueup check"),
    }
    Ok(Exit::Success)
}

/// Repaired, applied, checked again, and taken back.
fn the_whole_way(
    demo: &mut workflow::Demo,
    format: &Format,
    style: &Style,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    terminal.print("\n$ trueup repair --yes\n\n");
    let repaired = demo.repair(&mut |text| terminal.progress(text))?;
    terminal.print(&plan(&repaired.planned(), style));
    repaired.files.iter().for_each(|file| terminal.print(&format!("wrote {}\n", file.path)));

    terminal.print("\n$ trueup apply --yes\n\n");
    let lines = collected(|tell, progress| demo.apply(progress, tell), terminal)?;
    terminal.print(&lines);

    terminal.print("\n$ trueup check\n\n");
    let outcome = demo.check(&mut |text| terminal.progress(text))?;
    terminal.print(&trueup_report::render(&outcome, format, style));
    terminal.print("\nWhat is left would have to be dropped: that takes --allow drop:OBJECT.\n");

    terminal.print("\n$ trueup undo --yes\n\n");
    let lines = collected(|tell, progress| demo.undo(progress, tell), terminal)?;
    terminal.print(&lines);
    Ok(())
}

/// Lines of a run, while its progress is shown.
fn collected(
    run: impl FnOnce(&mut dyn FnMut(&str), &mut dyn FnMut(&str)) -> Result<(), Failure>,
    terminal: &mut Terminal,
) -> Result<String, Failure> {
    let mut lines = String::new();
    run(&mut |line| lines.push_str(&format!("{line}\n")), &mut |text| terminal.progress(text))?;
    Ok(lines)
}
