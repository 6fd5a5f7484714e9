//! Commands of psql in plain files: includes are followed, harmless commands passed over, the rest is told.

use camino::{Utf8Path, Utf8PathBuf};
use trueup_model::Statement;
use trueup_sql::classify;
use trueup_sql::split::{Item, PsqlCommand, SplitMode, split};

use crate::folder::normalize;
use crate::plain::command::{Meaning, meaning};
use crate::plain::condition::{Conditions, Step};
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
    let mut conditions = Conditions::default();
    // The line of an include whose path was written with backslashes, which psql would take for more commands.
    let mut consumed = 0;
    for item in parts.items {
        match item {
            Item::Command(command) if command.place.line == consumed => {}
            Item::Statement(statement) if conditions.cut(&statement.place) => tell_cut(followed, &statement),
            Item::Statement(_) if !conditions.hold() => {}
            Item::Statement(statement) => {
                if own && followed.only_includes && !is_frame(&statement.text) {
                    followed.only_includes = false;
                }
                complain_of_variables(&statement, &variables, followed);
                followed.statements.push(statement);
            }
            Item::Command(command) => match conditions.step(&command) {
                Step::Condition => {}
                Step::Unknown => {
                    let hint = "what depends on it is left out; write it as a DO block";
                    tell(followed, &command, &text, "depends on a condition of psql", hint, true);
                }
                Step::Stray(what) => tell_stray(followed, &command, &text, what),
                Step::Other if !conditions.hold() => {}
                // Outside of conditions the text ends there.
                Step::Other if conditions.are_open() && matches!(command.name.as_str(), "q" | "quit") => {
                    return;
                }
                Step::Other => match meaning(&command) {
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
                    Meaning::Lost { what, hint, matters } => {
                        tell(followed, &command, &text, what, hint, matters)
                    }
                },
            },
        }
    }
    tell_never_ended(followed, conditions, &text);
    followed.unreadable.extend(parts.faults.into_iter().map(|fault| Fault {
        message: fault.message,
        place: fault.place,
        excerpt: excerpt_of(&fault.excerpt),
    }));
}

/// Statements that a file of includes may have around them.
fn is_frame(text: &str) -> bool {
    let class = classify(text);
    class.transaction.is_some() || matches!(class.verb.as_str(), "SET" | "RESET")
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

/// Where a condition stands inside of a statement, none of its texts is known to be the one that ran.
fn tell_cut(followed: &mut Followed, statement: &Statement) {
    let message =
        "a condition of psql stands inside of the statement, which cannot be followed outside of psql";
    let mut fault = Fault::new(message, statement.place.clone());
    fault.excerpt = statement.text.lines().next().and_then(excerpt_of);
    let hint = "the statement is left out; write it whole in each branch";
    followed.unfollowed.push(Unfollowed { fault, hint, matters: true });
}

fn tell_stray(followed: &mut Followed, command: &PsqlCommand, text: &str, what: &str) {
    let fault = at(command, text, format!("\\{} {what}", command.name));
    let hint = "psql passes over it with an error; mend the conditions";
    followed.unfollowed.push(Unfollowed { fault, hint, matters: false });
}

fn tell_never_ended(followed: &mut Followed, conditions: Conditions, text: &str) {
    for place in conditions.never_ended() {
        let mut fault = Fault::new("the \\if that begins here has no \\endif", place.clone());
        fault.excerpt = text.lines().nth(place.line as usize - 1).and_then(excerpt_of);
        let hint = "psql runs the file and fails at its end; write \\endif";
        followed.unfollowed.push(Unfollowed { fault, hint, matters: false });
    }
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
