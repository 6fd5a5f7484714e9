//! How many rows are in tables that no migration has made, or none that is recorded.

use std::collections::BTreeMap;

use trueup_database::sizes::{RowsHeld, rows_held};
use trueup_model::finding::NamedCode;
use trueup_model::{Code, Finding, ObjectKind, QualifiedName};

use super::load::Setting;

/// Whoever decides about what no migration has made wants to know what is in it.
pub(super) fn say(
    setting: &Setting,
    findings: &mut [Finding],
    unrecorded: &BTreeMap<String, Vec<QualifiedName>>,
) {
    let tables_of = |finding: &Finding| match &finding.object {
        Some(object) if holds_what_nobody_made(finding.code) && object.kind == ObjectKind::Table => {
            object.qualified().into_iter().collect()
        }
        Some(_) => Vec::new(),
        None => unrecorded.get(&finding.id()).cloned().unwrap_or_default(),
    };
    let told = findings.iter_mut().map(|finding| (tables_of(finding), finding));
    let mut session = None;
    for (tables, finding) in told.filter(|(tables, _)| !tables.is_empty()).take(MOST_COUNTED) {
        // Rows are an extra: what may not be read, or is locked, is not said.
        let Some(session) = session.get_or_insert_with(|| setting.open().ok()) else { return };
        let held: Vec<String> = tables
            .iter()
            .filter_map(|table| {
                let rows = words(rows_held(session, table).ok()?);
                Some(if finding.object.is_some() {
                    format!("it holds {rows}")
                } else {
                    format!("{table} holds {rows}")
                })
            })
            .collect();
        if !held.is_empty() {
            let hint = finding.hint.take().map(|hint| format!("{hint}; ")).unwrap_or_default();
            finding.hint = Some(format!("{hint}{}", held.join(", ")));
        }
    }
}

/// Of so many findings tables are counted.
const MOST_COUNTED: usize = 20;

fn holds_what_nobody_made(code: Code) -> bool {
    matches!(
        code,
        Code::Unexpected(_) | Code::Named(NamedCode::ZombieTable) | Code::Named(NamedCode::BackupTable)
    )
}

fn words(rows: RowsHeld) -> String {
    match rows {
        RowsHeld::Exactly(0) => "no rows".to_owned(),
        RowsHeld::Exactly(1) => "1 row".to_owned(),
        RowsHeld::Exactly(rows) => format!("{rows} rows"),
        RowsHeld::About(rows) => format!("about {rows} rows"),
        RowsHeld::MoreThan(rows) => format!("more than {rows} rows"),
    }
}
