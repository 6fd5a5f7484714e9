//! Only the program's `terminal.rs` prints.

use super::Problem;
use super::files::Files;
use super::rust::{begins_word, code, line_of};

const TERMINAL: &str = "crates/trueup/src/terminal.rs";

const PRINTING: &[&str] = &[
    "print!",
    "println!",
    "eprint!",
    "eprintln!",
    "dbg!",
    "io::stdout",
    "io::stderr",
    "stdout()",
    "stderr()",
];

pub fn printing(files: &Files) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in files.shipped().filter(|file| file.path != TERMINAL) {
        let code = code(&file.text);
        for word in PRINTING {
            for (position, _) in
                code.match_indices(word).filter(|(position, _)| begins_word(&code, *position))
            {
                let line = line_of(&code, position);
                let rest = &code[position..];
                // Asking whether something is a terminal prints nothing.
                let asks = rest.find(".is_terminal()").is_some_and(|end| !rest[..end].contains(['\n', ';']));
                if !asks {
                    problems.push(Problem { file: file.path.clone(), line, text: format!("uses {word}") });
                }
            }
        }
    }
    problems.sort();
    problems.dedup_by(|a, b| a.file == b.file && a.line == b.line);
    problems
}

#[cfg(test)]
mod tests {
    use super::printing;
    use crate::tidy::files::Files;

    #[test]
    fn printing_outside_of_the_terminal_is_found() {
        let prints = "//! A.\nfn a() {\n    println!(\"hello\");\n}\n";
        let files = Files::of(&[
            ("crates/trueup/src/terminal.rs", prints),
            ("crates/trueup-engine/src/a.rs", prints),
            ("crates/trueup-engine/tests/a.rs", prints),
            (
                "crates/trueup-report/src/b.rs",
                "//! println!(\"no code\")\nfn b() { x.write(std::io::stdout()); }\n",
            ),
            (
                "crates/trueup-report/src/c.rs",
                "//! C.\n#[cfg(test)]\nmod tests {\n    fn a() { dbg!(1); }\n}\n",
            ),
            ("crates/trueup/src/d.rs", "//! D.\nfn d() -> bool { std::io::stderr().is_terminal() }\n"),
            ("crates/trueup/src/e.rs", "//! E.\nfn e() { my_print!(1); let x = \"dbg!\"; }\n"),
            ("xtask/src/main.rs", prints),
        ]);
        let found: Vec<String> = printing(&files)
            .into_iter()
            .map(|problem| format!("{}:{}", problem.file, problem.line))
            .collect();
        assert_eq!(found, ["crates/trueup-engine/src/a.rs:3", "crates/trueup-report/src/b.rs:2"]);
    }
}
