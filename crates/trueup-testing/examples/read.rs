//! Reads the history of a project and says how far that went: what is measured beside the framework's own listing.
//! `read FRAMEWORK FOLDER [--memory FOLDER] [--statements]`

use std::io::Write;

use camino::Utf8PathBuf;
use trueup_frameworks::{Variables, detect_named, framework};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, folder, rest @ ..] = arguments.as_slice() else {
        panic!("a framework and a folder are needed")
    };
    let root = Utf8PathBuf::from(folder);
    let mut found = detect_named(&root, name).expect("a project");
    let mut detected = found.swap_remove(0);
    detected.variables = Variables(std::env::vars().collect());
    if let [option, folder, ..] = rest
        && option == "--memory"
    {
        detected.memory = Some(folder.into());
    }
    let history = framework(name).expect("a framework").read(&detected).expect("a history");
    let opaque = history.migrations.iter().filter(|migration| migration.opaque.is_some());
    let statements: usize = history.migrations.iter().map(|migration| migration.up.len()).sum();
    writeln!(
        output,
        "{} migrations, {} opaque, {statements} statements, {} findings",
        history.migrations.len(),
        opaque.clone().count(),
        history.findings.len()
    )?;
    for migration in opaque {
        if let Some(why) = &migration.opaque {
            writeln!(
                output,
                "opaque: {} {}:{} {}",
                migration.id, why.place.file, why.place.line, why.reason
            )?;
        }
    }
    for finding in &history.findings {
        writeln!(
            output,
            "finding: {} {:?} {:?}",
            finding.code,
            finding.found,
            finding.origin.as_ref().map(|origin| &origin.place)
        )?;
    }
    if rest.last().is_some_and(|option| option == "--statements") {
        for migration in &history.migrations {
            writeln!(output, "-- {}", migration.id)?;
            for statement in &migration.up {
                writeln!(output, "{};", statement.text)?;
            }
        }
    }
    Ok(())
}
