//! Names and comments that nobody should choose and somebody did.

use crate::common::{project, write};
use crate::{check, database};

/// The longest that a name may be: 63 bytes.
const LONGEST: &str = "a_name_as_long_as_postgresql_lets_a_name_be_with_bytes_up_to_63";

#[test]
fn names_that_need_quotes_are_named_rightly() {
    assert_eq!(LONGEST.len(), 63);
    let names =
        ["Has \"quotes\"", "CamelCase", "with spaces", "it's", "🦀 emoji", "semi;colon", "select", LONGEST];
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{}\"", name.replace('"', "\"\""))).collect();
    let script: String = quoted
        .iter()
        .map(|name| format!("create table {name} (id integer, {name} text not null);\n"))
        .collect();
    let drift: String = quoted
        .iter()
        .map(|name| format!("alter table {name} alter column {name} drop not null;\n"))
        .collect();
    let folder = project(&[]);
    write(folder.path(), "db/migrations/20250101000000_a.sql", format!("-- migrate:up\n{script}").as_bytes());
    let shop = database("names", &script);
    shop.run(
        "create table schema_migrations (version varchar(128) primary key);
         insert into schema_migrations values ('20250101000000');",
    );
    check(folder.path(), &shop.url(), &["--fail-on", "info"]).exits(0);
    shop.run(&drift);
    let json = check(folder.path(), &shop.url(), &["--format", "json"]).exits(2).json();
    let mut found: Vec<(String, u64)> = json["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|finding| {
            assert_eq!(finding["code"], "different-column");
            assert_eq!(finding["object"]["name"], finding["object"]["table"]);
            let name = finding["object"]["name"].as_str().expect("a name").to_owned();
            (name, finding["origin"]["line"].as_u64().expect("a line"))
        })
        .collect();
    found.sort_by_key(|(_, line)| *line);
    let expected: Vec<(String, u64)> = names.iter().map(|name| (*name).to_owned()).zip(2..).collect();
    assert_eq!(found, expected);
    // In text they stand as they would be typed into psql.
    let text = check(folder.path(), &shop.url(), &[]).exits(2);
    for name in &quoted {
        let name = name.trim_matches('"');
        assert!(text.stdout.contains(name), "{name}\n{}", text.stdout);
    }
}

#[test]
fn comments_cannot_speak_to_the_terminal() {
    let hostile = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}\r::error::x %0A</script><b>";
    let folder =
        project(&[("db/migrations/20250101000000_a.sql", "-- migrate:up\ncreate table a (id integer);\n")]);
    let shop = database(
        "hostile",
        "create table a (id integer);
         create table schema_migrations (version varchar(128) primary key);
         insert into schema_migrations values ('20250101000000');",
    );
    shop.run(&format!(
        "comment on table a is '{hostile}'; comment on column a.id is '{hostile}'; alter table a add column \"{}\" text;",
        hostile.replace('\r', "")
    ));
    for format in ["text", "json", "sarif", "junit", "github", "gitlab", "markdown", "html"] {
        let run = check(folder.path(), &shop.url(), &["--verbose", "--format", format]).exits(2);
        let controls = |c: char| (c.is_control() && c != '\n' && c != '\t') || c == '\u{202e}';
        assert!(!run.stdout.contains(controls), "{format}: {:?}", run.stdout);
        assert!(
            !run.stdout.contains("<b>") || ["text", "json", "sarif", "gitlab", "github"].contains(&format),
            "{format}"
        );
        if format == "github" {
            assert!(!run.stdout.lines().any(|line| line.starts_with("::error::x")), "{}", run.stdout);
        }
    }
}
