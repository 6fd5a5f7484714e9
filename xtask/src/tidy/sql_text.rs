//! SQL text is made in `dialect/` of the engine, in the script of a repair, in the writers of migrations and where
//! Django's operations become statements, and by nobody else who decides, reads files or writes reports.

use super::Problem;
use super::files::Files;
use super::rust::strings;

const CRATES: &[&str] =
    &["crates/trueup-engine/src/", "crates/trueup-report/src/", "crates/trueup-frameworks/src/"];

/// What statements begin with. What only looks for such words in the text of somebody else does not go on after
/// them.
const BEGINNINGS: &[&str] = &[
    "select ",
    "insert into ",
    "update ",
    "delete from ",
    "truncate ",
    "create table ",
    "create index ",
    "create unique index ",
    "create view ",
    "create or replace ",
    "create schema ",
    "create sequence ",
    "create type ",
    "alter table ",
    "alter index ",
    "alter sequence ",
    "alter type ",
    "drop table ",
    "drop index ",
    "drop view ",
    "drop schema ",
    "grant ",
    "revoke ",
    "comment on ",
    "set search_path ",
];

pub fn sql_text(files: &Files) -> Vec<Problem> {
    let mut problems = Vec::new();
    let watched = files.shipped().filter(|file| {
        CRATES.iter().any(|folder| file.path.starts_with(folder)) && !may_make_sql(&file.path)
    });
    for file in watched {
        for (line, string) in strings(&file.text) {
            let string = string.trim_start().to_lowercase();
            let goes_on = |beginning: &&&str| {
                string.strip_prefix(**beginning).is_some_and(|rest| !rest.trim().is_empty())
            };
            if let Some(beginning) = BEGINNINGS.iter().find(goes_on) {
                let text = format!("makes SQL text: `{}…`", beginning.trim_end());
                problems.push(Problem { file: file.path.clone(), line, text });
            }
        }
    }
    problems
}

/// The dialect, the script that is made of its statements, the writers, whose ledgers have rows, and Django's
/// operations, which say in Python what other tools say in SQL.
fn may_make_sql(path: &str) -> bool {
    let engine = path.contains("/dialect/")
        || path.ends_with("/dialect.rs")
        || path.ends_with("-engine/src/script.rs");
    let writers = path.ends_with("/write.rs") || path.contains("-frameworks/src/write/");
    let operations = path.contains("-frameworks/src/django/schema/");
    engine || writers || operations
}

#[cfg(test)]
mod tests {
    use super::sql_text;
    use crate::tidy::files::Files;

    #[test]
    fn sql_outside_of_dialect_is_found() {
        let makes = "//! A.\nfn a(t: &str) -> String {\n    format!(\"DROP TABLE {t}\")\n}\n";
        let files = Files::of(&[
            ("crates/trueup-engine/src/compare.rs", makes),
            ("crates/trueup-engine/src/dialect/table.rs", makes),
            ("crates/trueup-database/src/live.rs", makes),
            ("crates/trueup-frameworks/src/django/schema/table.rs", makes),
            ("crates/trueup-report/src/html.rs", "//! B.\nconst A: &str = r#\" select 1\"#;\n"),
            (
                "crates/trueup-engine/src/words.rs",
                "//! C.\nconst A: &[&str] = &[\"create table\", \"grant\"];\n",
            ),
            ("crates/trueup-frameworks/src/tests.rs", makes),
        ]);
        let found: Vec<String> = sql_text(&files)
            .into_iter()
            .map(|problem| format!("{}:{}", problem.file, problem.line))
            .collect();
        assert_eq!(found, ["crates/trueup-engine/src/compare.rs:3", "crates/trueup-report/src/html.rs:2"]);
    }
}
