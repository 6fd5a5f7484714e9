//! Sizes, to be looked at: nothing here fails.

use super::files::Files;

/// A file of Rust that is longer may want to be two.
const LONG: usize = 400;

pub fn report(files: &Files) -> String {
    let mut long: Vec<(usize, &str)> = files
        .rust()
        .map(|file| (file.text.lines().count(), file.path.as_str()))
        .filter(|(lines, _)| *lines > LONG)
        .collect();
    long.sort_by(|a, b| b.cmp(a));
    let mut text = String::new();
    for (lines, path) in long {
        text.push_str(&format!("{lines:>6} lines {path}\n"));
    }
    let lock = files.all().iter().find(|file| file.path == "Cargo.lock");
    let packages = lock.map_or(0, |lock| lock.text.lines().filter(|line| *line == "[[package]]").count());
    text.push_str(&format!("{packages:>6} packages in the lock file\n"));
    text
}

#[cfg(test)]
mod tests {
    use super::report;
    use crate::tidy::files::Files;

    #[test]
    fn long_files_and_the_lock_file_are_reported() {
        let long = "//! A.\n".repeat(401);
        let files = Files::of(&[
            ("a.rs", long.as_str()),
            ("b.rs", "//! B.\n"),
            ("Cargo.lock", "[[package]]\nname = \"a\"\n\n[[package]]\nname = \"b\"\n"),
        ]);
        assert_eq!(report(&files), "   401 lines a.rs\n     2 packages in the lock file\n");
    }
}
