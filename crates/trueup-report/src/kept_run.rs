//! A run as one line of JSON, for the journal beside a project.

use serde::Serialize;

const FORMAT: &str = "trueup.run";
const VERSION: u32 = 1;

pub struct KeptRun {
    /// `2026-02-28T23:59:59Z`
    pub at: String,
    pub database: String,
    pub direction: &'static str,
    /// Its number in the journal of the database.
    pub run: Option<i64>,
    pub title: String,
    pub file: Option<String>,
    pub outcome: &'static str,
    pub message: Option<String>,
}

#[derive(Serialize)]
struct Line<'a> {
    format: &'static str,
    version: u32,
    at: &'a str,
    database: &'a str,
    direction: &'a str,
    run: Option<i64>,
    title: &'a str,
    file: Option<&'a str>,
    outcome: &'a str,
    message: Option<&'a str>,
}

impl KeptRun {
    /// With its line end.
    pub fn line(&self) -> String {
        let line = Line {
            format: FORMAT,
            version: VERSION,
            at: &self.at,
            database: &self.database,
            direction: self.direction,
            run: self.run,
            title: &self.title,
            file: self.file.as_deref(),
            outcome: self.outcome,
            message: self.message.as_deref(),
        };
        // Texts and numbers can always be written.
        format!("{}\n", serde_json::to_string(&line).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_one_line() {
        let run = KeptRun {
            at: "2026-02-28T23:59:59Z".to_owned(),
            database: "shop".to_owned(),
            direction: "apply",
            run: Some(7),
            title: "0007\nrepair".to_owned(),
            file: None,
            outcome: "done",
            message: None,
        };
        assert_eq!(
            run.line(),
            "{\"format\":\"trueup.run\",\"version\":1,\"at\":\"2026-02-28T23:59:59Z\",\"database\":\"shop\",\
             \"direction\":\"apply\",\"run\":7,\"title\":\"0007\\nrepair\",\"file\":null,\"outcome\":\"done\",\
             \"message\":null}\n"
        );
    }
}
