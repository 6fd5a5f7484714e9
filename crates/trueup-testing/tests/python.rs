//! What our reading of Python comes to, beside what Python itself makes of the same programs.
//!
//! A program begins with `#---- title` in a file of `tests/python`. Each of its names has to have the `repr` that Python
//! gives it; behind `| unknown:` in the title stand the names that are not followed, which have to be unknown.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;

use camino::Utf8PathBuf;
use trueup_frameworks::python::{Disk, Surroundings, World, display, shown};

struct Program {
    title: String,
    unknown: Vec<String>,
    text: String,
}

fn programs() -> Vec<Program> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut found = Vec::new();
    for file in files.iter().filter(|file| !file.ends_with("harness.py")) {
        let text = std::fs::read_to_string(file).unwrap();
        for part in text.split("#---- ").skip(1) {
            let (title, text) = part.split_once('\n').unwrap();
            let (title, unknown) = title.split_once(" | unknown: ").unwrap_or((title, ""));
            let unknown = unknown.split(", ").filter(|name| !name.is_empty()).map(str::to_owned).collect();
            found.push(Program { title: title.to_owned(), unknown, text: text.to_owned() });
        }
    }
    found
}

/// `program -> name -> repr`, as Python prints them.
fn as_python_has_it(files: &[Utf8PathBuf]) -> BTreeMap<String, BTreeMap<String, String>> {
    let harness = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/harness.py");
    let output =
        Command::new("python3").arg(harness).args(files).output().expect("python3 has to be installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut found: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let mut parts = line.splitn(3, '\t').map(str::to_owned);
        let (program, name, value) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        found.entry(program).or_default().insert(name, value);
    }
    found
}

#[test]
fn programs_come_to_what_python_makes_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let folder = Utf8PathBuf::from_path_buf(folder.path().canonicalize().unwrap()).unwrap();
    std::fs::create_dir_all(&folder).unwrap();
    let programs = programs();
    assert!(programs.len() >= 150, "{}", programs.len());
    let mut files = Vec::new();
    for (index, program) in programs.iter().enumerate() {
        let file = folder.join(format!("program_{index:03}.py"));
        std::fs::write(&file, &program.text).unwrap();
        files.push(file);
    }
    let expected = as_python_has_it(&files);
    let mut wrong = Vec::new();
    let mut names = 0;
    let version = version();
    for (index, program) in programs.iter().enumerate() {
        let name = format!("program_{index:03}");
        let mut surroundings = Surroundings::new(Rc::new(Disk), folder.clone());
        surroundings.complete = true;
        surroundings.python = version;
        let world = World::new(surroundings);
        let module = world.module(&name).unwrap();
        for (variable, wanted) in expected.get(&name).into_iter().flatten() {
            names += 1;
            let value = world.get(&module, variable);
            let written = value.as_ref().and_then(display).map(|text| text.replace('\n', "\\n"));
            let meant_unknown = program.unknown.contains(variable);
            if written.as_deref() != (!meant_unknown).then_some(wanted) {
                let found = value.as_ref().map(shown).unwrap_or_else(|| "nothing".to_owned());
                let written = written.unwrap_or(found);
                wrong.push(format!("{}: {variable}\n  python: {wanted}\n  ours:   {written}", program.title));
            }
        }
        for problem in world.problems() {
            wrong.push(format!("{}: {} at {:?}", program.title, problem.message, problem.place));
        }
    }
    assert!(wrong.is_empty(), "{} of {names}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Of the Python that is asked.
fn version() -> (u32, u32) {
    let output = Command::new("python3").arg("--version").output().expect("python3 has to be installed");
    let text = String::from_utf8(output.stdout).unwrap();
    let numbers = text.trim().trim_start_matches("Python ");
    let mut numbers = numbers.split('.').map(|number| number.parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap())
}
