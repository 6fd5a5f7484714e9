//! What commands of psql mean for a migration.

use trueup_sql::split::PsqlCommand;

/// What a command does to the statements around it.
pub(super) enum Meaning {
    Harmless,
    Include { relative: bool },
    Variable { name: String },
    Lost { what: &'static str, hint: &'static str, matters: bool },
}

pub(super) fn meaning(command: &PsqlCommand) -> Meaning {
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
        "!" => lost("runs a program", "statements that come from it are not known", true),
        "cd" => lost("changes the folder that includes start from", "use \\ir instead of \\i", true),
        "lo_import" | "lo_export" | "lo_unlink" => {
            lost("moves large objects", "rows are not compared; nothing else is lost", false)
        }
        "password" => lost("asks for a password", "roles are set up elsewhere", false),
        _ => lost("is a command of psql that trueup does not know", "write it as SQL", true),
    }
}
