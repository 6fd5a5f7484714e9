//! What the journal keeps so that a run can be taken back later: the migration that it was, and the statements of its way
//! back, where these were shown to lead back. Kept in the database, because files may be gone or edited by then.

use serde_json::{Value, json};
use trueup_model::repair::{Script, ScriptPart};

use super::exists;
use crate::apply::RunMigration;
use crate::prove::Proven;
use crate::session::{Session, SessionError};

/// A run that could be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayBack {
    pub run: i64,
    pub title: String,
    pub who: String,
    pub ended_at: String,
    pub migration: Option<RunMigration>,
    /// None where there is no way back that was shown to lead back.
    pub parts: Option<Vec<ScriptPart>>,
    /// The folder of the backup that was taken before it.
    pub backup: Option<String>,
}

/// The statements as they are kept; none where nobody has shown that they lead back, or where they hold a password.
pub fn text(script: &Proven<Script>) -> Option<String> {
    let down = script.value().down.as_ref().ok().filter(|_| script.proof().way_back == Some(true))?;
    // Better no way back than a password that everybody can read.
    if down.iter().any(|part| trueup_sql::holds_password(&part.text)) {
        return None;
    }
    let parts: Vec<Value> = down
        .iter()
        .map(|part| {
            json!({
                "comment": part.comment,
                "text": part.text,
                "rows": part.copy_data.as_deref(),
                "transactional": part.transactional,
            })
        })
        .collect();
    Some(Value::from(parts).to_string())
}

pub fn migration_text(migration: &RunMigration) -> String {
    let RunMigration { tool, key, file, checksum } = migration;
    json!({ "tool": tool, "key": key, "file": file, "checksum": checksum }).to_string()
}

/// The runs that were applied last and belong together, the latest first; none where there is none to take back.
pub fn ways_back(session: &mut Session) -> Result<Vec<WayBack>, SessionError> {
    if !exists(session)? {
        return Ok(Vec::new());
    }
    let mut ways = Vec::new();
    session.for_each_row(
        "select id, title, who, ended_at, migration, way_back, backup from trueup.trueup_runs \
         where direction = 'apply' and state = 'applied' and coalesce(together, id) = \
         (select coalesce(together, id) from trueup.trueup_runs \
          where direction = 'apply' and state = 'applied' order by id desc limit 1) order by id desc",
        |_, row| {
            let text = |index| row.get(index).unwrap_or_default().to_owned();
            ways.push(WayBack {
                run: text(0).parse().unwrap_or_default(),
                title: text(1),
                who: text(2),
                ended_at: text(3),
                migration: row.get(4).and_then(migration),
                parts: row.get(5).and_then(parts),
                backup: row.get(6).map(str::to_owned),
            });
            Ok(())
        },
    )?;
    Ok(ways)
}

fn migration(text: &str) -> Option<RunMigration> {
    let value: Value = serde_json::from_str(text).ok()?;
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    Some(RunMigration {
        tool: text("tool")?,
        key: text("key")?,
        file: text("file")?,
        checksum: text("checksum"),
    })
}

fn parts(text: &str) -> Option<Vec<ScriptPart>> {
    let Value::Array(parts) = serde_json::from_str(text).ok()? else { return None };
    parts
        .iter()
        .map(|part| {
            let text = |name: &str| part[name].as_str();
            Some(ScriptPart {
                comment: text("comment")?.to_owned(),
                text: text("text")?.to_owned(),
                copy_data: text("rows").map(Into::into),
                transactional: part["transactional"].as_bool()?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_again() {
        let written = RunMigration {
            tool: "goose".into(),
            key: "it's 7".into(),
            file: "db/7.sql".into(),
            checksum: None,
        };
        assert_eq!(migration(&migration_text(&written)), Some(written));
        assert_eq!(migration("[]"), None);
        let kept = r#"[{"comment": "c", "text": "copy a from stdin", "rows": "1\n", "transactional": true}]"#;
        let part =
            ScriptPart { copy_data: Some("1\n".into()), ..ScriptPart::new("c", "copy a from stdin", true) };
        assert_eq!(parts(kept), Some(vec![part]));
        assert_eq!(parts(r#"[{"text": "half"}]"#), None);
    }
}
