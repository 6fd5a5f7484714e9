//! The incidents: a project as found, a database as found, and what has to come out. A new story is a new folder
//! in `incidents/`; its files are described in `incidents/README.md`.

mod common;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use common::{Run, command, dump, finish, read, with_password, write};
use serde::Deserialize;
use serde_json::{Value, json};
use trueup_testing::django::Django;
use trueup_testing::servers::{self, Database};

/// What `story.toml` can say.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    /// The major version of the live server.
    server: u32,
    arguments: Vec<String>,
    /// The version of Django whose environment the project has.
    django: Option<String>,
    /// What brings a fresh database into the state as found, before `live.sql`: words for `manage.py`, with variables
    /// of the environment before them; or `sql` and a statement.
    manage: Vec<Vec<String>>,
    exit: i32,
    /// The codes that stay on a healthy database, because the files themselves are at fault.
    healthy: Vec<String>,
    /// How it is repaired.
    repair: Vec<String>,
    /// How many files of migrations it is written into, where that is told.
    files: Option<usize>,
    /// How the repair is applied.
    apply: Vec<String>,
    /// The codes that stay after that.
    after: Vec<String>,
    /// Whether the tool itself runs the repair, and not the program.
    migrate: bool,
    /// Why no repair is applied by the program, where that is so: words of its refusal.
    refused: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        Self {
            server: 15,
            arguments: Vec::new(),
            django: None,
            manage: Vec::new(),
            exit: 2,
            healthy: Vec::new(),
            repair: words("--include info --allow drop"),
            files: None,
            apply: words("--allow drop"),
            after: Vec::new(),
            migrate: false,
            refused: None,
        }
    }
}

struct Story {
    name: String,
    folder: PathBuf,
    settings: Settings,
}

#[test]
fn every_story_comes_out_as_told() {
    let mut faults = Vec::new();
    let only = std::env::var("STORY").ok();
    for story in stories() {
        if only.as_ref().is_none_or(|only| *only == story.name) {
            faults.extend(tell(&story).into_iter().map(|fault| format!("{}: {fault}", story.name)));
        }
    }
    assert!(
        faults.is_empty(),
        "\n{}\n\nwhere the new output is right: UPDATE_EXPECT=1 cargo test -p trueup --test incidents",
        faults.join("\n\n")
    );
}

fn stories() -> Vec<Story> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../incidents");
    let mut stories: Vec<Story> = std::fs::read_dir(&root)
        .unwrap_or_else(|error| panic!("reading {}: {error}", root.display()))
        .map(|entry| entry.expect("an entry").path())
        .filter(|folder| folder.is_dir())
        .map(|folder| {
            let settings = folder.join("story.toml");
            let settings = if settings.exists() {
                toml::from_str(&read(&settings))
                    .unwrap_or_else(|error| panic!("{}: {error}", settings.display()))
            } else {
                Settings::default()
            };
            let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
            assert!(folder.join("story.md").exists(), "{name} has no story.md");
            Story { name, folder, settings }
        })
        .collect();
    stories.sort_by(|one, other| one.name.cmp(&other.name));
    assert!(!stories.is_empty(), "there are no stories in {}", root.display());
    stories
}

fn tell(story: &Story) -> Vec<String> {
    let mut faults = Vec::new();
    let desk = tempfile::tempdir().expect("a temporary folder");
    let project = desk.path().join("project");
    copy(&story.folder.join("project"), &project);
    let up = desk.path().join("up");
    let order = write_up_parts(&project, &up);

    let server = servers::server(story.settings.server);
    let broken = server.create_database(&story.name);
    let django = story.settings.django.as_deref().map(Django::named);
    // The database may be older than the files.
    let earlier = desk.path().join("earlier");
    copy(&story.folder.join("project"), &earlier);
    if story.folder.join("before").is_dir() {
        copy(&story.folder.join("before"), &earlier);
    }
    for words in &story.settings.manage {
        let django = django.as_ref().expect("story.toml names a version of Django");
        manage(django, &earlier, &broken, words);
    }
    play(&broken, &up, &read(&story.folder.join("live.sql")));
    let before = dump(&broken);

    let check = |database: &Database, more: &[&str]| {
        let mut arguments = vec!["check".to_owned(), "--database-url".into(), with_password(&database.url())];
        arguments.extend(story.settings.arguments.iter().cloned());
        arguments.extend(more.iter().map(|argument| (*argument).to_owned()));
        run_in(&project, django.as_ref(), &arguments)
    };
    let first = check(&broken, &[]);
    if first.code != story.settings.exit {
        faults.push(format!(
            "exits with {} instead of {}\n{}{}",
            first.code, story.settings.exit, first.stdout, first.stderr
        ));
    }
    let text = redacted(&first.stdout, &broken, &project);
    faults.extend(differs(&story.folder.join("expected.txt"), &text));
    let json = check(&broken, &["--format", "json"]);
    if json.code == 1 {
        faults.push(format!("cannot be checked: {}", json.stderr));
        return faults;
    }
    faults.extend(differs(&story.folder.join("expected.json"), &essence(&json.json())));

    for (what, arguments) in [("a second run", &[][..]), ("a run without the cache", &["--no-cache"][..])] {
        let again = check(&broken, &[&["--format", "json"][..], arguments].concat());
        if findings(&again.json()) != findings(&json.json()) {
            faults.push(format!(
                "{what} finds something else\n{}",
                diff(&essence(&json.json()), &essence(&again.json()))
            ));
        }
    }
    // The second one says that it remembered the replay.
    let again = redacted(&check(&broken, &[]).stdout, &broken, &project);
    if again != text {
        faults.push(format!("a second run prints something else\n{}", diff(&text, &again)));
    }
    // `finish` looks for the password in every output.
    for format in ["sarif", "junit", "github", "gitlab", "markdown", "html"] {
        let run = check(&broken, &["--format", format]);
        if run.code != story.settings.exit || run.stdout.is_empty() {
            faults.push(format!("--format {format} exits with {}\n{}", run.code, run.stderr));
        }
    }
    let after = dump(&broken);
    if before != after {
        faults.push(format!("the check changed the database\n{}", diff(&before, &after)));
    }

    faults.extend(mend(story, &project, &up, &broken, django.as_ref()));

    let healthy = server.create_database(&format!("{}-healthy", story.name));
    let ledger = story.folder.join("ledger.sql");
    let ledger = if ledger.exists() { read(&ledger) } else { String::new() };
    let files: String = order.iter().fold(String::new(), |mut text, name| {
        let _ = writeln!(text, "\\i :up/{name}");
        text
    });
    let given = story.folder.join("healthy.sql");
    if let (Some(django), false) = (&django, given.exists()) {
        // Where the files are at fault, Django goes as far as it can.
        let whole = vec![vec!["migrate".to_owned()]];
        let words = if story.settings.healthy.is_empty() { &whole } else { &story.settings.manage };
        words.iter().for_each(|words| manage(django, &earlier, &healthy, words));
    }
    play(&healthy, &up, &if given.exists() { read(&given) } else { format!("{files}{ledger}") });
    let silent = check(&healthy, &["--fail-on", "info", "--format", "json"]);
    let expected = if story.settings.healthy.is_empty() { 0 } else { 2 };
    let codes = |report: &Value| -> Vec<String> {
        list(report, "findings").iter().map(|finding| word(&finding["code"])).collect()
    };
    if silent.code != expected || codes(&silent.json()) != story.settings.healthy {
        let text = check(&healthy, &[]).stdout;
        faults.push(format!("is not silent on a healthy database\n{text}{}", silent.stderr));
    }
    faults
}

/// Repairs a copy of the broken database, twice, checks it, and takes everything back.
fn mend(story: &Story, project: &Path, up: &Path, broken: &Database, django: Option<&Django>) -> Vec<String> {
    let desk = tempfile::tempdir().expect("a temporary folder");
    let mended = desk.path().join("project");
    copy(project, &mended);
    let database = broken.copy(&format!("{}-mended", story.name));
    let untouched = broken.copy(&format!("{}-untouched", story.name));
    let rows = story.folder.join("rows.sql");
    if rows.exists() {
        database.run(&read(&rows));
    }
    let url = with_password(&database.url());
    let mut faults = Vec::new();
    let mut run = |arguments: &[&str], more: &[String], codes: &[i32], says: &str| {
        let mut all: Vec<&str> = arguments.to_vec();
        all.extend(["--database-url", &url]);
        all.extend(more.iter().chain(&story.settings.arguments).map(String::as_str));
        let run = run_in(&mended, django, &all);
        let said = format!("{}{}", run.stdout, run.stderr);
        if !codes.contains(&run.code) || !said.contains(says) {
            let arguments = arguments.join(" ");
            faults
                .push(format!("trueup {arguments}: exits with {}, not {codes:?}: {says}\n{said}", run.code));
        }
        run
    };
    let Settings { repair, files, apply, after, refused, .. } = &story.settings;
    run(&["repair", "--yes"], repair, &[0], "");
    let written = migrations_in(&mended) - migrations_in(project);
    let as_told = files.is_none_or(|files| files == written);
    assert!(as_told, "{}: the repair is written into {written} files", story.name);
    if let Some(refused) = refused {
        run(&["apply", "--yes"], apply, &[3], refused);
        return faults;
    }
    if story.settings.migrate {
        let django = django.expect("story.toml names a version of Django");
        manage(django, &mended, &database, &["migrate".to_owned()]);
        run(&["check", "--fail-on", "info"], &[], &[0], "");
        run(&["repair"], &[], &[0], "nothing to do");
        return faults;
    }
    let undone = story.folder.join("undone.sql");
    if undone.exists() {
        play(&untouched, up, &read(&undone));
    }
    let before = dump(&untouched);
    run(&["apply", "--yes"], apply, &[0], "");
    let check = run(&["check", "--format", "json"], &[], &[if after.is_empty() { 0 } else { 2 }], "");
    let codes: Vec<String> =
        list(&check.json(), "findings").iter().map(|finding| word(&finding["code"])).collect();
    run(&["repair"], &[], &[0], "nothing to do");
    run(&["apply", "--yes"], apply, &[0], "nothing to apply");
    let undo = run(&["undo", "--yes"], apply, &[0, 3], "");
    if undo.code == 3 && !undo.stderr.contains("no way back") {
        faults.push(format!("cannot be taken back: {}", undo.stderr));
    }
    if codes != *after {
        faults.push(format!("after the repair: {codes:?}\n{}", check.stdout));
    }
    let taken_back = without_journal(&dump(&database));
    if undo.code == 0 && taken_back != without_journal(&before) {
        faults.push(format!("undo leads elsewhere\n{}", diff(&without_journal(&before), &taken_back)));
    }
    let mut files = Vec::new();
    walk(&mended, &mut files);
    let kept = match database.value("select to_regclass('trueup.trueup_runs') is null").as_str() {
        "t" => String::new(),
        _ => database.value("select string_agg(r::text, ' ') from trueup.trueup_runs r"),
    };
    let shown = |text: &str| text.contains(common::PASSWORD);
    if shown(&kept) || files.iter().any(|file| std::fs::read_to_string(file).is_ok_and(|text| shown(&text))) {
        faults.push("the password is kept".to_owned());
    }
    faults
}

/// The program in a project whose virtual environment is active.
fn run_in(project: &Path, django: Option<&Django>, arguments: &[impl AsRef<std::ffi::OsStr>]) -> Run {
    let mut command = command(project);
    if let Some(django) = django {
        command.env("VIRTUAL_ENV", django.folder());
    }
    finish(command.args(arguments))
}

fn manage(django: &Django, project: &Path, database: &Database, words: &[String]) {
    if let [first, statement] = words
        && first == "sql"
    {
        database.run(statement);
        return;
    }
    let is_variable = |word: &&String| word.split_once('=').is_some_and(|(name, _)| name == "PGOPTIONS");
    let variables = words.iter().take_while(is_variable).filter_map(|word| word.split_once('='));
    let arguments: Vec<&str> = words.iter().skip_while(is_variable).map(String::as_str).collect();
    let output = django.manage(project, database, &arguments, &variables.collect::<Vec<_>>());
    assert!(
        output.status.success(),
        "manage.py {}: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A dump without what the program keeps about its runs, and without what pg_dump sets as it goes.
fn without_journal(dump: &str) -> String {
    let dump = dump
        .replace("SET default_tablespace = '';\n\n", "")
        .replace("SET default_table_access_method = heap;\n\n", "");
    let sections = dump.split("\n--\n-- Name: ");
    let is_journal = |section: &&str| {
        let title = section.lines().next().unwrap_or_default();
        title.contains("; Schema: trueup;")
            || title.starts_with("trueup_ledger")
            || title.starts_with("trueup;")
            || title.starts_with("SCHEMA trueup;")
    };
    sections.filter(|section| !is_journal(section)).collect::<Vec<_>>().join("\n--\n-- Name: ")
}

/// Runs a script that finds the migrations, without their down parts, in `:up`.
fn play(database: &Database, up: &Path, script: &str) {
    // The scripts are the tool's, so what they shout about is theirs.
    let script = format!("set client_min_messages = error;\n\\set up '{}'\n{script}", up.display());
    database.psql(&script).must("bringing the database into its state");
}

/// Writes what the tool runs when it goes up, one file per migration. Returns their names in the order of the tool.
fn write_up_parts(project: &Path, up: &Path) -> Vec<String> {
    let mut files = Vec::new();
    walk(project, &mut files);
    let mut names = Vec::new();
    for file in files {
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        // Prisma's files all have the same name; their folders tell them apart.
        let name = if name == "migration.sql" {
            let folder = file.parent().and_then(Path::file_name).expect("a folder");
            format!("{}.sql", folder.to_string_lossy())
        } else {
            name
        };
        if !name.ends_with(".sql") || name.ends_with(".down.sql") {
            continue;
        }
        let text = read(&file);
        let down = ["-- migrate:down", "-- +goose Down"].iter().find_map(|mark| text.find(mark));
        let text = &text[..down.unwrap_or(text.len())];
        write(up, &name, text.as_bytes());
        names.push(name);
    }
    names.sort_by_key(|name| {
        let number: String = name.trim_start_matches('V').chars().take_while(char::is_ascii_digit).collect();
        (number.parse::<u64>().unwrap_or(u64::MAX), name.clone())
    });
    names
}

fn migrations_in(project: &Path) -> usize {
    let mut files = Vec::new();
    walk(project, &mut files);
    let holds = |file: &&PathBuf| file.extension().is_some_and(|ending| ending == "py" || ending == "sql");
    files.iter().filter(holds).count()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn copy(from: &Path, to: &Path) {
    let mut files = Vec::new();
    walk(from, &mut files);
    for file in files {
        let name = file.strip_prefix(from).expect("below").to_string_lossy().into_owned();
        write(to, &name, &std::fs::read(&file).expect("a file"));
    }
}

/// The same text on every machine.
fn redacted(text: &str, database: &Database, project: &Path) -> String {
    let mut text = text.replace(&project.display().to_string(), "<project>");
    let version = database.value("select split_part(current_setting('server_version'), ' ', 1)");
    text = text.replace(&format!("PostgreSQL {version}"), "PostgreSQL <live>");
    text = text.replace(&format!("127.0.0.1:{}", database.server().port()), "<server>");
    // Which scratch server it was depends on what this machine has.
    let mut lines: Vec<&str> = Vec::new();
    let mut in_replay = false;
    for line in text.lines() {
        in_replay = line.contains("replayed on") || (in_replay && line.starts_with("  "));
        match (in_replay, lines.last()) {
            (true, Some(&"<replay>")) => {}
            (true, _) => lines.push("<replay>"),
            (false, _) => lines.push(line.trim_end()),
        }
    }
    lines.join("\n") + "\n"
}

/// What has to stay the same of the JSON: the words of a finding are in the text already.
fn essence(report: &Value) -> String {
    let findings: Vec<Value> = list(report, "findings")
        .iter()
        .map(|finding| {
            json!({
                "id": finding["id"],
                "code": finding["code"],
                "severity": finding["severity"],
                "object": finding["object"],
                "aspect": finding["aspect"],
                "migration": finding["origin"]["migration"],
                "file": finding["origin"]["file"],
                "line": finding["origin"]["line"],
            })
        })
        .collect();
    let diagnoses: Vec<Value> = list(report, "diagnoses")
        .iter()
        .map(|diagnosis| {
            json!({
                "cause": diagnosis["cause"],
                "confidence": diagnosis["confidence"],
                "findings": diagnosis["findings"],
            })
        })
        .collect();
    let essence = json!({ "diagnoses": diagnoses, "findings": findings });
    serde_json::to_string_pretty(&essence).expect("JSON") + "\n"
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list<'a>(report: &'a Value, name: &str) -> &'a [Value] {
    report[name].as_array().unwrap_or_else(|| panic!("no list of {name} in {report}"))
}

fn findings(report: &Value) -> (&Value, &Value) {
    (&report["findings"], &report["diagnoses"])
}

/// Compares with a file of the story, or rewrites it when asked to.
fn differs(file: &Path, text: &str) -> Option<String> {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(file, text).unwrap_or_else(|error| panic!("writing {}: {error}", file.display()));
        return None;
    }
    let expected = if file.exists() { read(file) } else { String::new() };
    let name = file.file_name().expect("a name").to_string_lossy();
    (expected != text).then(|| format!("{name} differs\n{}", diff(&expected, text)))
}

fn diff(old: &str, new: &str) -> String {
    similar::TextDiff::from_lines(old, new).unified_diff().context_radius(3).to_string()
}
