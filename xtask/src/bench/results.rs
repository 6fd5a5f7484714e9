//! One measurement as a row of `benches/results.md`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::BUDGET;

#[derive(Debug)]
pub struct Row {
    pub date: String,
    pub revision: String,
    pub tables: usize,
    pub pairs: usize,
    /// The check before the expected catalog was known, in seconds.
    pub first: f64,
    /// Medians, in seconds.
    pub check: f64,
    pub dump: f64,
    /// The maximum resident size of a check, in bytes.
    pub memory: Option<u64>,
    pub versions: String,
    pub command: String,
}

const HEAD: &str = "# `trueup check` beside `pg_dump -s`

Each run of `cargo xtask bench` appends its rows here. Both programs run in turns on the same database, whole
processes, with the expected catalog cached; times are medians. The ratio of the two may be at most 0.5. Seconds of
different machines cannot be compared, ratios can. The server has the memory that PostgreSQL gives itself; up to
67662fc976 it had an eighth of that.

| date | commit | tables | pairs | check | pg_dump -s | ratio | maximum resident size | first check | versions | command |
|---|---|---|---|---|---|---|---|---|---|---|
";

impl Row {
    pub fn ratio(&self) -> f64 {
        self.check / self.dump
    }

    fn memory(&self) -> String {
        self.memory.map_or_else(|| "unknown".to_owned(), |bytes| format!("{} MB", bytes / 1_000_000))
    }

    /// For the one who measures.
    pub fn sentence(&self) -> String {
        format!(
            "{} tables: check {:.3} s, pg_dump -s {:.3} s (medians of {} pairs), ratio {:.2} (at most {BUDGET}), \
             maximum resident size of a check {}",
            self.tables,
            self.check,
            self.dump,
            self.pairs,
            self.ratio(),
            self.memory()
        )
    }

    fn written(&self) -> String {
        format!(
            "| {} | {} | {} | {} | {:.3} s | {:.3} s | {:.2} | {} | {:.1} s | {} | `{}` |\n",
            self.date,
            self.revision,
            self.tables,
            self.pairs,
            self.check,
            self.dump,
            self.ratio(),
            self.memory(),
            self.first,
            self.versions,
            self.command
        )
    }
}

pub fn append(file: &Path, row: &Row) -> Result<()> {
    append_to(file, HEAD, &row.written())
}

/// Below the other rows of its table, which is begun where there is none yet.
pub fn append_to(file: &Path, head: &str, row: &str) -> Result<()> {
    let context = || format!("writing the results to {}", file.display());
    let mut text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(context),
    };
    match text.find(head) {
        Some(at) => {
            let rows = at + head.len();
            let length: usize = text[rows..]
                .split_inclusive('\n')
                .take_while(|line| line.starts_with('|'))
                .map(str::len)
                .sum();
            text.insert_str(rows + length, row);
        }
        None => {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(head);
            text.push_str(row);
        }
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(context)?;
    }
    fs::write(file, text).with_context(context)
}

#[cfg(test)]
mod tests {
    use super::{HEAD, Row, append, append_to};

    #[test]
    fn each_table_of_a_file_has_its_rows() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("results.md");
        for (head, row) in [("# a\n|-|\n", "| 1 |\n"), ("# b\n|=|\n", "| 2 |\n"), ("# a\n|-|\n", "| 3 |\n")] {
            append_to(&file, head, row).expect("written");
        }
        let text = std::fs::read_to_string(&file).expect("readable");
        assert_eq!(text, "# a\n|-|\n| 1 |\n| 3 |\n\n# b\n|=|\n| 2 |\n");
    }

    #[test]
    fn rows_are_appended_below_the_head() {
        let row = Row {
            date: "2026-01-02".to_owned(),
            revision: "abc".to_owned(),
            tables: 1_000,
            pairs: 10,
            first: 2.0,
            check: 0.15,
            dump: 0.5,
            memory: Some(50_000_000),
            versions: "server 15.18".to_owned(),
            command: "cargo xtask bench".to_owned(),
        };
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("benches/results.md");
        append(&file, &row).expect("written");
        append(&file, &row).expect("written");
        let line = "| 2026-01-02 | abc | 1000 | 10 | 0.150 s | 0.500 s | 0.30 | 50 MB | 2.0 s | server 15.18 | \
                    `cargo xtask bench` |\n";
        assert_eq!(std::fs::read_to_string(&file).expect("readable"), format!("{HEAD}{line}{line}"));
        assert!(row.sentence().contains("ratio 0.30 (at most 0.5)"), "{}", row.sentence());
    }
}
