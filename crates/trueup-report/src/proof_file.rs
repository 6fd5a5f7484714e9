//! The proof of a repair as a file beside it: read by people, and by `trueup apply`, which does not run files that were
//! changed after they had been proven.

use serde::{Deserialize, Serialize};
use trueup_model::proof::{Proof, STATEMENTS};
use trueup_model::repair::ScriptPart;

use crate::plan::way_back;
use crate::redact;

const FORMAT: &str = "trueup.proof";
const VERSION: u32 = 1;

const HEAD: &str = "\
# What was shown about this repair on scratch servers before it was written. Keep it beside the repair:
# trueup apply reads it, and does not run files that were changed since.

";

/// A proof as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofFile {
    format: String,
    version: u32,
    pub database: String,
    /// `2026-02-28T23:59:59Z`
    pub written: String,
    pub shadow: String,
    pub shown: Vec<String>,
    pub not_shown: Vec<String>,
    /// Kinds and names of the objects that it settles.
    #[serde(default)]
    pub settles: Vec<String>,
    /// Pending migrations that were taken as applied: they are recorded, and not run.
    #[serde(default)]
    pub recorded: Vec<String>,
    pub fingerprints: FingerprintTexts,
    pub files: Vec<ProvenFile>,
    /// What takes all of it back, for tools whose migrations have no way back.
    #[serde(default)]
    pub way_back: Vec<WayBackPart>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayBackPart {
    pub comment: String,
    pub transactional: bool,
    pub text: String,
}

/// Of the states that the proof speaks of, and of what is run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FingerprintTexts {
    pub found: String,
    pub expected: String,
    pub script: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvenFile {
    /// Relative to the project.
    pub path: String,
    pub fingerprint: String,
}

impl ProofFile {
    pub fn new(
        proof: &Proof,
        down: &[ScriptPart],
        (settles, recorded): (&[String], &[String]),
        database: &str,
        written: String,
        files: Vec<ProvenFile>,
    ) -> Self {
        let mut shown: Vec<String> = STATEMENTS.iter().map(|statement| (*statement).to_owned()).collect();
        shown.extend(proof.rows.iter().map(|kept| {
            format!(
                "{} made-up rows of {} kept their values in {} columns",
                kept.rows, kept.table, kept.columns
            )
        }));
        let mut not_shown: Vec<String> =
            proof.unproven.iter().map(|gap| redact(&format!("{}: {}", gap.what, gap.why))).collect();
        match proof.way_back {
            Some(true) => shown.push(way_back(Some(true)).to_owned()),
            other => not_shown.push(way_back(other).to_owned()),
        }
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            database: redact(database),
            written,
            shadow: format!("PostgreSQL {} ({})", proof.shadow.server_version, proof.shadow.kind),
            shown,
            not_shown,
            fingerprints: FingerprintTexts {
                found: proof.fingerprints.found.to_string(),
                expected: proof.fingerprints.expected.to_string(),
                script: proof.fingerprints.script.to_string(),
            },
            files,
            settles: settles.to_vec(),
            recorded: recorded.to_vec(),
            way_back: down
                .iter()
                .map(|part| WayBackPart {
                    comment: redact(&part.comment),
                    transactional: part.transactional,
                    text: part.text.clone(),
                })
                .collect(),
        }
    }

    pub fn way_back_parts(&self) -> Vec<ScriptPart> {
        self.way_back
            .iter()
            .map(|part| ScriptPart::new(&part.comment, &part.text, part.transactional))
            .collect()
    }

    pub fn text(&self) -> Result<String, String> {
        let body = toml::to_string(self).map_err(|error| format!("writing the proof: {error}"))?;
        Ok(format!("{HEAD}{body}"))
    }

    /// The error says what is wrong, and what to do.
    pub fn parse(text: &str) -> Result<Self, String> {
        let table: toml::Table = text
            .parse()
            .map_err(|error: toml::de::Error| format!("it is not a proof: {}", error.message()))?;
        let word = |key: &str| table.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
        if word("format") != FORMAT {
            return Err("it is not a proof of trueup".to_owned());
        }
        let version = table.get("version").and_then(toml::Value::as_integer).unwrap_or_default();
        if version != i64::from(VERSION) {
            return Err(format!(
                "it is a proof of version {version}, and this program reads version {VERSION}; make the repair again \
                 with trueup repair"
            ));
        }
        toml::Value::Table(table)
            .try_into()
            .map_err(|error: toml::de::Error| format!("it is not a whole proof: {}", error.message()))
    }
}

#[cfg(test)]
mod tests {
    use trueup_model::QualifiedName;
    use trueup_model::proof::{Fingerprint, Fingerprints, NotProven, ProofShadow, RowsKept};

    use super::*;

    fn file() -> ProofFile {
        let proof = Proof {
            fingerprints: Fingerprints {
                found: Fingerprint([1; 32]),
                expected: Fingerprint([2; 32]),
                script: Fingerprint([3; 32]),
            },
            rows: vec![RowsKept { table: QualifiedName::new("shop", "orders"), rows: 3, columns: 5 }],
            shadow: ProofShadow { kind: "embedded", server_version: "17.5".to_owned() },
            way_back: None,
            unproven: vec![NotProven {
                what: "a URL".to_owned(),
                why: "postgres://u:hunter2@h/d".to_owned(),
            }],
        };
        let files = vec![ProvenFile { path: "db/7.sql".to_owned(), fingerprint: "00ff".to_owned() }];
        let down = [ScriptPart::new("drop it", "DROP INDEX \"it's\"", true)];
        ProofFile::new(
            &proof,
            &down,
            (&["index shop.orders.total".to_owned()], &["0006".to_owned()]),
            "shop",
            "2026-02-28T23:59:59Z".to_owned(),
            files,
        )
    }

    #[test]
    fn what_is_written_is_read_again() {
        let text = file().text().expect("a text");
        assert!(text.starts_with("# What was shown"), "{text}");
        assert!(text.contains("\nscript = \"0303"), "{text}");
        assert!(text.contains("3 made-up rows of shop.orders kept their values in 5 columns"), "{text}");
        assert!(text.contains("there is no way back") && !text.contains("hunter2"), "{text}");
        assert_eq!(ProofFile::parse(&text), Ok(file()));
        assert_eq!(file().way_back_parts()[0].text, "DROP INDEX \"it's\"");
    }

    #[test]
    fn what_is_no_proof_is_refused_with_the_reason() {
        let text = file().text().expect("a text");
        for (text, reason) in [
            ("= nothing", "it is not a proof"),
            ("format = 'other'", "it is not a proof of trueup"),
            (&*text.replace("version = 1", "version = 2"), "make the repair again"),
            (&*text.replace("database =", "databass ="), "it is not a whole proof"),
        ] {
            let error = ProofFile::parse(text).expect_err(reason);
            assert!(error.contains(reason), "{error}");
        }
    }
}
