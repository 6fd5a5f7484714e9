//! Commands of psql in plain files: includes are followed, harmless commands passed over, the rest is told.

use camino::{Utf8Path, Utf8PathBuf};
use trueup_model::Statement;
use trueup_sql::split::{Item, PsqlCommand, SplitMode, split};

use crate::folder::normalize;
use crate::reporting::{Fault, excerpt_of};
use crate::source::open;

/// What a file comes to when everything it includes stands in its place.
#[derive(Default)]
pub(crate) struct Followed {
    pub statements: Vec<Statement>,
    /// Text that could not be read.
    pub unreadable: Vec<Fault>,
    /// Commands that could not be followed, and whether statements are missing for that.
    pub unfollowed: Vec<Unfollowed>,
    /// Files that were included, in order.
    pub included: Vec<Utf8PathBuf>,
    /// It contains nothing of its own but includes.
    pub only_includes: bool,
}

pub(crate) struct Unfollowed {
    pub fault: Fault,
    pub hint: &'static str,
    /// The migration is not completely known without it.
    pub matters: bool,
}

pub(crate) struct Surroundings<'a> {
    pub root: &'a Utf8Path,
    pub history: &'a Utf8Path,
}

/// Longer chains of includes are circles in disguise.
const DEEPEST: usize = 32;

pub(crate) fn follow(surroundings: &Surroundings<'_>, path: &Utf8Path) -> Followed {
    let mut followed = Followed { only_includes: true, ..Followed::default() };
    let mut chain = vec![path.to_owned()];
    take(surroundings, path, &mut chain, &mut followed);
    followed.only_includes &= !followed.included.is_empty();
    followed
}

fn take(
    surroundings: &Surroundings<'_>,
    path: &Utf8Path,
    chain: &mut Vec<Utf8PathBuf>,
    followed: &mut Followed,
) {
    let file = open(surroundings.root, path);
    let text = match file.text {
        Ok(text) => text,
        Err(fault) => return followed.unreadable.push(fault),
    };
    let parts = split(&file.shown, &text, SplitMode::PSQL);
    let own = chain.len() == 1;
    let mut variables: Vec<String> = Vec::new();
    // The line of an include whose path was written with backslashes, which psql would take for more commands.
    let mut consumed = 0;
    for item in parts.items {
        match item {
            Item::Command(command) if command.place.line == consumed => {}
            Item::Statement(statement) => {
                if own && !is_frame(&statement.text) {
                    followed.only_includes = false;
                }
                complain_of_variables(&statement, &variables, followed);
                followed.statements.push(statement);
            }
            Item::Command(command) => match meaning(&command) {
                Meaning::Harmless => {}
                Meaning::Include { relative } => {
                    let place = Including { file: path, relative, text: &text };
                    if let Some(windows) = windows_path(&command, &place) {
                        consumed = command.place.line;
                        let command = PsqlCommand { arguments: windows, ..command };
                        include(surroundings, &command, &place, chain, followed);
                    } else {
                        include(surroundings, &command, &place, chain, followed);
                    }
                }
                Meaning::Variable { name } => {
                    variables.push(name);
                    let hint = "write the value where it is used";
                    tell(followed, &command, &text, "sets a variable of psql", hint, false);
                }
                Meaning::Lost { what, hint, matters } => tell(followed, &command, &text, what, hint, matters),
            },
        }
    }
    followed.unreadable.extend(parts.faults.into_iter().map(|fault| Fault {
        message: fault.message,
        place: fault.place,
        excerpt: excerpt_of(&fault.excerpt),
    }));
}

/// Statements that a file of includes may have around them.
fn is_frame(text: &str) -> bool {
    let words = crate::words::first_words(text, 2);
    matches!(words.first().map(String::as_str), Some("BEGIN" | "COMMIT" | "END" | "SET" | "START" | "RESET"))
}

enum Meaning {
    Harmless,
    Include { relative: bool },
    Variable { name: String },
    Lost { what: &'static str, hint: &'static str, matters: bool },
}

fn meaning(command: &PsqlCommand) -> Meaning {
    let lost = |what, hint, matters| Meaning::Lost { what, hint, matters };
    match command.name.as_str() {
        "i" | "include" => Meaning::Include { relative: false },
        "ir" | "include_relative" => Meaning::Include { relative: true },
        "set" => match command.arguments.split_whitespace().next() {
            // Variables that steer psql itself and change no statement.
            Some(
                "ON_ERROR_STOP" | "ECHO" | "ECHO_HIDDEN" | "QUIET" | "VERBOSITY" | "SHOW_CONTEXT" | "PROMPT1"
                | "PROMPT2" | "PROMPT3" | "FETCH_COUNT" | "HISTFILE" | "HISTSIZE" | "HISTCONTROL"
                | "SINGLELINE" | "COMP_KEYWORD_CASE" | "IGNOREEOF" | "SHOW_ALL_RESULTS" | "ON_ERROR_ROLLBACK",
            )
            | None => Meaning::Harmless,
            Some("AUTOCOMMIT") => lost("changes when statements commit", "write BEGIN and COMMIT", true),
            Some(name) => Meaning::Variable { name: name.to_owned() },
        },
        "echo" | "qecho" | "warn" | "pset" | "timing" | "x" | "t" | "a" | "H" | "C" | "f" | "T" | "o"
        | "out" | "restrict" | "unrestrict" | "q" | "quit" | "g" | "gx" | "gdesc" | "errverbose"
        | "conninfo" | "p" | "print" | "r" | "reset" | "?" | "h" | "help" | "copyright" | "prompt"
        | "unset" | "w" | "write" | "encoding" | "s" | "l" | "z" | "sf" | "sv" | "sf+" | "sv+"
        | "crosstabview" => Meaning::Harmless,
        name if name.starts_with('d') => Meaning::Harmless,
        "c" | "connect" => {
            lost("goes on in another database or as another role", "split the file at this line", true)
        }
        "copy" => lost("copies rows from or to a file", "rows are not compared; nothing else is lost", false),
        "gexec" => lost("runs what a query returns", "write the statements themselves, or a DO block", true),
        "gset" => lost("sets variables of psql from a query", "write the values where they are used", true),
        "if" | "elif" | "else" | "endif" => {
            lost("depends on a condition of psql", "write it as a DO block", true)
        }
        "!" => lost("runs a program", "statements that come from it are not known", true),
        "cd" => lost("changes the folder that includes start from", "use \\ir instead of \\i", true),
        "lo_import" | "lo_export" | "lo_unlink" => {
            lost("moves large objects", "rows are not compared; nothing else is lost", false)
        }
        "password" => lost("asks for a password", "roles are set up elsewhere", false),
        _ => lost("is a command of psql that trueup does not know", "write it as SQL", true),
    }
}

fn tell(
    followed: &mut Followed,
    command: &PsqlCommand,
    text: &str,
    what: &str,
    hint: &'static str,
    matters: bool,
) {
    let message = format!("\\{} {what}, which cannot be followed outside of psql", command.name);
    followed.unfollowed.push(Unfollowed { fault: at(command, text, message), hint, matters });
}

fn at(command: &PsqlCommand, text: &str, message: String) -> Fault {
    let line = text.lines().nth(command.place.line as usize - 1).unwrap_or_default();
    Fault { message, place: command.place.clone(), excerpt: excerpt_of(line) }
}

/// The file in which an include stands.
struct Including<'a> {
    file: &'a Utf8Path,
    relative: bool,
    text: &'a str,
}

/// `\ir parts\one.sql`: the whole word of the line.
fn windows_path(command: &PsqlCommand, including: &Including<'_>) -> Option<String> {
    let line = including.text.lines().nth(command.place.line as usize - 1)?;
    let rest: String = line.chars().skip(command.place.column as usize).collect();
    let word = rest.split_whitespace().nth(1)?;
    let is_path = word.contains('\\') && !word.contains("\\\\") && !word.starts_with('\'');
    is_path.then(|| word.replace('\\', "/"))
}

fn include(
    surroundings: &Surroundings<'_>,
    command: &PsqlCommand,
    including: &Including<'_>,
    chain: &mut Vec<Utf8PathBuf>,
    followed: &mut Followed,
) {
    let mut refuse = |message: String, hint| {
        followed.unfollowed.push(Unfollowed {
            fault: at(command, including.text, message),
            hint,
            matters: true,
        });
    };
    let Some(written) = argument(&command.arguments) else {
        return refuse(format!("\\{} names no file", command.name), "name the file to include");
    };
    if written.contains(':') && written.as_bytes().get(1) != Some(&b':') || written.starts_with(['`', '|']) {
        return refuse(format!("the file {written} depends on psql"), "write the path itself");
    }
    let path = written.replace('\\', "/");
    let Some(found) = locate(surroundings, &path, including) else {
        return refuse(
            format!("the file {written} does not exist"),
            "paths in \\ir are relative to the file, those in \\i to the project or the folder of the history",
        );
    };
    if !is_inside(surroundings.root, &found) {
        return refuse(format!("the file {written} lies outside of the project"), "move it into the project");
    }
    if chain.contains(&found) || chain.len() >= DEEPEST {
        return refuse(format!("{written} includes itself"), "take one of the includes out");
    }
    followed.included.push(found.clone());
    chain.push(found.clone());
    take(surroundings, &found, chain, followed);
    chain.pop();
}

/// The first argument as psql reads it: quotes are taken off, a doubled one stands for itself.
fn argument(arguments: &str) -> Option<String> {
    let arguments = arguments.trim();
    if let Some(rest) = arguments.strip_prefix('\'') {
        let mut result = String::new();
        let mut characters = rest.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '\'' if characters.peek() == Some(&'\'') => {
                    characters.next();
                    result.push('\'');
                }
                '\'' => break,
                other => result.push(other),
            }
        }
        return (!result.is_empty()).then_some(result);
    }
    let word = arguments.split_whitespace().next()?;
    Some(word.trim_matches('"').trim_end_matches(';').to_owned())
}

/// `\ir` starts from the file. `\i` starts from where psql was started, which nobody knows: the project, the
/// history, and the folders in between are tried.
fn locate(surroundings: &Surroundings<'_>, path: &str, including: &Including<'_>) -> Option<Utf8PathBuf> {
    let beside = including.file.parent().unwrap_or(surroundings.history);
    let is_absolute = path.starts_with('/') || path.as_bytes().get(1) == Some(&b':');
    let starts: Vec<&Utf8Path> = if including.relative || is_absolute {
        vec![beside]
    } else {
        surroundings
            .history
            .ancestors()
            .take_while(|folder| folder.starts_with(surroundings.root))
            .chain([surroundings.root, beside])
            .collect()
    };
    starts.iter().map(|start| normalize(&start.join(path))).find(|path| path.is_file())
}

/// Links may lead outside: the real place counts.
fn is_inside(root: &Utf8Path, path: &Utf8Path) -> bool {
    match (root.canonicalize_utf8(), path.canonicalize_utf8()) {
        (Ok(root), Ok(path)) => path.starts_with(root),
        (Err(_), _) | (_, Err(_)) => false,
    }
}

/// A statement that uses a variable of psql is not the statement that ran.
fn complain_of_variables(statement: &Statement, variables: &[String], followed: &mut Followed) {
    let used = variables.iter().find(|name| {
        [format!(":{name}"), format!(":'{name}'"), format!(":\"{name}\"")].iter().any(|use_of| {
            statement.text.match_indices(use_of.as_str()).any(|(at, _)| !statement.text[..at].ends_with(':'))
        })
    });
    if let Some(name) = used {
        let message = format!("the statement uses :{name}, a variable of psql");
        let mut fault = Fault::new(message, statement.place.clone());
        fault.excerpt = statement.text.lines().next().and_then(excerpt_of);
        followed.unfollowed.push(Unfollowed { fault, hint: "write the value itself", matters: true });
    }
}
