//! Scripts and the statements that they are split into.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::lexer::significant_tokens;

/// What psql would run, one line each: statements as they are, commands with their backslash, data after an
/// arrow, faults after an exclamation mark.
fn shown(text: &str, mode: SplitMode) -> Vec<String> {
    let Split { items, faults } = split(&Arc::from("a.sql"), text, mode);
    let items = items.into_iter().map(|item| match item {
        Item::Statement(Statement { text, copy_data: None, .. }) => text.to_string(),
        Item::Statement(Statement { text, copy_data: Some(data), .. }) => format!("{text} <- {data:?}"),
        Item::Command(PsqlCommand { name, arguments, .. }) => {
            format!("\\{name} {arguments}").trim_end().into()
        }
    });
    items.chain(faults.into_iter().map(|fault| format!("!{}: {}", fault.place.line, fault.message))).collect()
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(shown(text, SplitMode::PSQL), expected, "{text}");
    // Line ends of Windows change nothing.
    let windows = text.replace('\n', "\r\n");
    let expected: Vec<String> = expected
        .iter()
        .map(|item| {
            let (statement, data) = item.split_once(" <- ").map_or((*item, None), |(a, b)| (a, Some(b)));
            let statement = statement.replace('\n', "\r\n");
            match data {
                Some(data) => format!("{statement} <- {}", data.replace("\\n", "\\r\\n")),
                None => statement,
            }
        })
        .collect();
    assert_eq!(shown(&windows, SplitMode::PSQL), expected, "{windows:?}");
}

#[test]
fn statements() {
    check("", &[]);
    check(" -- nothing\n ;; /* ; */ ;", &[]);
    check("select 1", &["select 1"]);
    check("select 1;select 2;", &["select 1", "select 2"]);
    check("-- a; b\nselect 1 -- c;\n, 2 -- d\n;\n/* e; */select 3", &["select 1 -- c;\n, 2", "select 3"]);
    check("/* a /* ; */ ; */ select 1", &["select 1"]);
}

#[test]
fn quotes() {
    check(
        "select ';', \";\", 'it''s;', E'\\';', U&';', B';' ; x",
        &["select ';', \";\", 'it''s;', E'\\';', U&';', B';'", "x"],
    );
    check("select '\\'; select 2", &["select '\\'", "select 2"]);
    check(
        "do $$ a; 'b $$; do $x$ $$; $x$; select $1; select a$b;c$b",
        &["do $$ a; 'b $$", "do $x$ $$; $x$", "select $1", "select a$b", "c$b"],
    );
}

#[test]
fn old_dumps_escape_with_backslashes() {
    check(
        "SET standard_conforming_strings = off;select '\\';';select 2",
        &["SET standard_conforming_strings = off", "select '\\';'", "select 2"],
    );
    check(
        "SET standard_conforming_strings TO 'on';select '\\';select 2",
        &["SET standard_conforming_strings TO 'on'", "select '\\'", "select 2"],
    );
}

#[test]
fn parentheses_hold_together() {
    check(
        "create rule r as on insert to t do (delete from a; delete from b); select 1",
        &["create rule r as on insert to t do (delete from a; delete from b)", "select 1"],
    );
    check("select 1); select (2; 3); select 4", &["select 1)", "select (2; 3)", "select 4"]);
}

#[test]
fn bodies_of_sql_functions() {
    let function = "CREATE OR REPLACE FUNCTION f(a int DEFAULT (1)) RETURNS int LANGUAGE sql\nBEGIN ATOMIC\n \
                    INSERT INTO t SELECT CASE a WHEN 1 THEN CASE WHEN true THEN 2 END END AS end, x.end;\n \
                    SELECT (CASE WHEN a > 0 THEN 1 END);\nEND";
    check(&format!("{function}; SELECT 1"), &[function, "SELECT 1"]);
    let procedure = "create procedure p() begin atomic select 1; end";
    check(&format!("{procedure};begin;end;"), &[procedure, "begin", "end"]);
    check("begin; create table t (); end; commit", &["begin", "create table t ()", "end", "commit"]);
    // Names that only look like a body.
    check(
        "create function begin() returns int as 'x' language sql; select 1",
        &["create function begin() returns int as 'x' language sql", "select 1"],
    );
    check(
        "create table f (a int); select \"begin\" atomic; select 2",
        &["create table f (a int)", "select \"begin\" atomic", "select 2"],
    );
}

#[test]
fn commands() {
    check(
        "\\set ON_ERROR_STOP on\n\\i 'sub dir/b.sql' \nselect 1;\n\\ir c.sql",
        &["\\set ON_ERROR_STOP on", "\\i 'sub dir/b.sql'", "select 1", "\\ir c.sql"],
    );
    check(
        "select 1 \\gset\nselect 2 \\g (format=csv) out.txt\nselect 3\\gexec\n",
        &["select 1", "\\gset", "select 2", "\\g (format=csv) out.txt", "select 3", "\\gexec"],
    );
    check(
        "\\set a 1 \\set b 2 \\\\ select 1; \\echo 'a\\'\\b' \\echo c",
        &["\\set a 1", "\\set b 2", "select 1", "\\echo 'a\\'\\b'", "\\echo c"],
    );
    check("\\! ls \\echo\nselect 1 \\g | less \\echo\n", &["\\! ls \\echo", "select 1", "\\g | less \\echo"]);
    check(
        "select 1 \\; select 2; select :x, :'y', :\"z\", a\\:\\:b;",
        &["select 1 ; select 2", "select :x, :'y', :\"z\", a::b"],
    );
    check(
        "\\restrict abc123\nselect 1;\n\\unrestrict abc123\n",
        &["\\restrict abc123", "select 1", "\\unrestrict abc123"],
    );
    check(
        "select 1, \\echo hi\n 2; select 3 \\r\nselect 4;",
        &["\\echo hi", "select 1, \n 2", "\\r", "select 4"],
    );
    check("select (1; 2 \\g\nselect 3;", &["select (1; 2", "\\g", "select 3"]);
    check(
        "'\\i a' \"\\i b\" -- \\i c\n /* \\i d */ $$ \\i e $$",
        &["'\\i a' \"\\i b\" -- \\i c\n /* \\i d */ $$ \\i e $$"],
    );
}

#[test]
fn quitting() {
    check("select 1; \\q\nselect 2;", &["select 1", "\\q"]);
    check("\\if :x\n\\quit\n\\endif\nselect 2;", &["\\if :x", "\\quit", "\\endif", "select 2"]);
}

#[test]
fn data_of_copy() {
    check(
        "COPY t (a, b) FROM stdin;\n1\tx;'\n\\N\t\"\n\\.\nselect 1;",
        &["COPY t (a, b) FROM stdin <- \"1\\tx;'\\n\\\\N\\t\\\"\\n\"", "select 1"],
    );
    check(
        "copy t from stdin with (format csv); -- rows\n\\.\nselect 1",
        &["copy t from stdin with (format csv) <- \"\"", "select 1"],
    );
    check("copy t from stdin \\g\n1\n\\.\nselect 1", &["copy t from stdin <- \"1\\n\"", "\\g", "select 1"]);
    check(
        "copy t to stdout; copy (select a from stdin) to 'x'; copy t from 'stdin'; select 1",
        &["copy t to stdout", "copy (select a from stdin) to 'x'", "copy t from 'stdin'", "select 1"],
    );
    check("1 copy t from stdin; select 1", &["1 copy t from stdin", "select 1"]);
    check("select 1\\; copy t from stdin;\n1\n\\.\n", &["select 1; copy t from stdin <- \"1\\n\""]);
    check(
        "\\copy t (a) from stdin csv;\n1\n\\.\n\\copy u from 'u.csv'\nselect 1",
        &["COPY t (a) from stdin csv <- \"1\\n\"", "\\copy u from 'u.csv'", "select 1"],
    );
}

#[test]
fn data_stands_below_the_line_with_the_copy() {
    check(
        "copy t from stdin; copy u from stdin; select\n1\n\\.\n2\n\\.\n3;\nselect 4;",
        &["copy t from stdin <- \"1\\n\"", "copy u from stdin <- \"2\\n\"", "select\n3", "select 4"],
    );
    let lines: Vec<(u32, u32)> =
        split(&Arc::from("a.sql"), "copy t from stdin; select\n1\n\\.\n3;\nselect 4;", SplitMode::PSQL)
            .statements()
            .map(|statement| (statement.place.line, statement.place.column))
            .collect();
    assert_eq!(lines, [(1, 1), (1, 20), (5, 1)]);
}

#[test]
fn what_has_no_end() {
    check("select 1;\nselect 'a;\n", &["select 1", "!2: the string that begins here is never closed"]);
    check("select 1;/* a", &["select 1", "!1: the comment that begins here is never closed"]);
    check("\n\ndo $$ a", &["!3: the dollar quote that begins here is never closed"]);
    check("select \"a", &["!1: the quoted name that begins here is never closed"]);
    let no_end = "the data of this COPY has no end: a line with only \\. must follow it";
    check("copy t from stdin;\n1\n", &["copy t from stdin <- \"1\\n\"", &format!("!1: {no_end}")]);
    check("copy t from stdin;", &["copy t from stdin <- \"\"", &format!("!1: {no_end}")]);
}

#[test]
fn without_psql_a_backslash_is_nothing() {
    let plain = |text, expected: &[&str]| assert_eq!(shown(text, SplitMode::PLAIN), expected);
    plain("select 1 \\g\n;\\i a.sql;", &["select 1 \\g", "\\i a.sql"]);
    plain("copy t from stdin;\n1\n\\.\nselect 1;", &["copy t from stdin <- \"1\\n\"", "select 1"]);
}

#[test]
fn places() {
    let text = "-- é\n/* ü */ select 'ß'; 数 ;\n\\set x 1\n  'a";
    let mode = SplitMode { psql_commands: true, first_line: 11 };
    let Split { items, faults } = split(&Arc::from("a.sql"), text, mode);
    let places: Vec<String> = items
        .iter()
        .map(|item| match item {
            Item::Statement(statement) => &statement.place,
            Item::Command(command) => &command.place,
        })
        .chain(faults.iter().map(|fault| &fault.place))
        .map(|place| format!("{}:{}:{}", place.file, place.line, place.column))
        .collect();
    assert_eq!(places, ["a.sql:12:9", "a.sql:12:21", "a.sql:13:1", "a.sql:14:3"]);
    assert_eq!(faults[0].excerpt, "'a");
}

/// A statement without its semicolon, with everything that could hide one. Commas keep strings from going on
/// with each other.
fn statement() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-z_][a-z0-9_$]{0,5}",
        "'([a-z;\\\\\n-]|'')*'",
        "E'([a-z;\n]|\\\\'|''|\\\\\\\\)*'",
        "U&'[a-z;]*'",
        "\"([a-z;']|\"\")*\"",
        "\\$\\$[a-z;'\"\n(]*\\$\\$",
        "\\$t\\$[a-z;'\"]*\\$\\$\\$t\\$",
        "\\([a-z;, ]*\\)",
        "[-+*/<>=]",
        "[0-9]{1,3}",
        "/\\*[a-z;'\" ]*(/\\*[;']*\\*/)?\\*/",
        "--[a-z;'\"]*\n",
    ];
    proptest::collection::vec(piece, 1..8).prop_map(|pieces| format!("s {} e", pieces.join(", ")))
}

fn separator() -> impl Strategy<Value = String> {
    "( |\n|/\\*[a-z;'\"$]*\\*/|--[a-z;'\"$]*\n){0,3}"
}

fn without_gaps(text: &str) -> Vec<String> {
    significant_tokens(text).map(|token| token.text(text).to_owned()).filter(|text| text != ";").collect()
}

proptest! {
    #[test]
    fn statements_joined_come_apart_again(
        parts in proptest::collection::vec((separator(), statement(), separator()), 0..6),
        psql_commands: bool,
    ) {
        let joined: Vec<String> = parts.iter().map(|(a, statement, b)| format!("{a}{statement}{b}")).collect();
        let mode = SplitMode { psql_commands, first_line: 1 };
        let split = split(&Arc::from("a.sql"), &joined.join(";"), mode);
        prop_assert!(split.faults.is_empty());
        let found: Vec<&str> = split.statements().map(|statement| &*statement.text).collect();
        let expected: Vec<&str> = parts.iter().map(|(_, statement, _)| statement.as_str()).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn nothing_is_lost(text in r#"([a-e ;'"$()\n]|/\*|\*/|--|E'|\$\$|begin atomic|case|end|create function)*"#) {
        let split = split(&Arc::from("a.sql"), &text, SplitMode::PLAIN);
        if split.faults.is_empty() {
            let found: Vec<String> = split.statements().flat_map(|one| without_gaps(&one.text)).collect();
            prop_assert_eq!(found, without_gaps(&text));
        }
    }

    #[test]
    fn never_panics(
        text in r#"([a-eE ;'"$()\\\n\r]|copy t from stdin|\\\.|\\g|\\q|\\copy|begin atomic|end|.)*"#,
        psql_commands: bool,
        first_line: u32,
    ) {
        split(&Arc::from("a.sql"), &text, SplitMode { psql_commands, first_line });
    }
}
