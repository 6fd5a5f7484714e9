//! What migrations that could not be read may explain. It is not held against the database: it is left open, and that
//! is said.

use trueup_model::difference::Change;
use trueup_model::finding::NamedCode;
use trueup_model::{Catalog, Code, Difference, Finding, ObjectKind, Origin, Severity};

use crate::provenance::Claims;

mod order;

use order::Unread;

/// How many objects a finding names.
const NAMED: usize = 8;

/// Takes out of `differences` what unread migrations of this history may explain, and what runs beside it, and says so: one
/// finding for each of them that `said` does not speak of, or that leaves something open. `way_out` tells what can be done.
pub fn leave_open(
    differences: &mut Vec<Difference>,
    claims: &Claims<'_>,
    said: &[Finding],
    way_out: Option<&str>,
) -> (Vec<Difference>, Vec<Finding>) {
    let unread = Unread::of(claims.history);
    let mut open: Vec<Vec<Difference>> = vec![Vec::new(); unread.len()];
    differences.retain(|difference| {
        // The last one that may have touched it.
        let at = unread.iter().rposition(|unread| may_explain(unread, difference, claims));
        if let Some(at) = at {
            open[at].push(difference.clone());
        }
        at.is_none()
    });
    let findings = unread
        .iter()
        .zip(&open)
        .filter(|(unread, open)| !open.is_empty() || !is_said(said, unread))
        // What runs beside the migrations is not among those that the tool is asked for.
        .map(|(unread, open)| finding(unread, open, way_out.filter(|_| unread.is_migration)))
        .collect();
    (open.into_iter().flatten().collect(), findings)
}

/// What part of the schema rests on migrations that were read; nothing to say where all were.
pub fn share(claims: &Claims<'_>, found: &Catalog) -> Option<String> {
    let mut unread = Unread::of(claims.history);
    unread.retain(|unread| unread.is_migration);
    if unread.is_empty() {
        return None;
    }
    let tables: Vec<_> =
        found.entries().iter().filter(|entry| entry.path.kind == ObjectKind::Table).collect();
    let is_touched =
        |unread: &Unread<'_>, path| unread.reach.touches(path) && !unread.is_made_later(path, claims);
    let touched =
        tables.iter().filter(|entry| unread.iter().any(|unread| is_touched(unread, &entry.path))).count();
    let migrations = match unread.len() {
        1 => "1 migration".to_owned(),
        many => format!("{many} migrations"),
    };
    Some(format!(
        "of {} applied migrations, {migrations} could not be read completely: {} of {} tables rest on what was read, \
         {touched} may have been touched by the rest",
        claims.history.migrations.len(),
        tables.len() - touched,
        tables.len(),
    ))
}

/// A migration may have made whatever it names, but not what a later one settles.
fn may_explain(unread: &Unread<'_>, difference: &Difference, claims: &Claims<'_>) -> bool {
    let reach = unread.reach;
    let path = &difference.path;
    match &difference.change {
        Change::Missing => reach.touches(path) && !unread.is_there_later(path, claims),
        Change::Unexpected => reach.touches(path) && !unread.is_gone_later(path, claims),
        Change::Renamed { to } | Change::Misplaced { to } => {
            (reach.touches(path) || reach.touches(to)) && !unread.is_made_later(path, claims)
        }
        Change::Different(_) => reach.touches(path) && !unread.is_made_later(path, claims),
    }
}

fn is_said(said: &[Finding], unread: &Unread<'_>) -> bool {
    said.iter().filter_map(|finding| finding.origin.as_ref()).any(|origin| {
        origin.migration == *unread.id && origin.place.as_ref().is_none_or(|place| *place == unread.why.place)
    })
}

fn finding(unread: &Unread<'_>, open: &[Difference], way_out: Option<&str>) -> Finding {
    let Unread { id, why: opaque, .. } = unread;
    let code = match unread.is_migration {
        true => NamedCode::NotChecked,
        false => NamedCode::UnfollowedHandler,
    };
    let mut finding = Finding::new(Code::Named(code), Severity::Info);
    finding.found = Some(opaque.reason.clone());
    finding.origin = Some(Origin {
        migration: (*id).clone(),
        place: Some(opaque.place.clone()),
        excerpt: None,
        recorded_at: None,
    });
    let mut names: Vec<String> = open
        .iter()
        .map(|difference| format!("{} {}", difference.path.kind.spoken(), difference.path))
        .collect();
    names.dedup();
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    let said = match names.is_empty() {
        true => "what it may have made is not expected".to_owned(),
        false => format!("left open, since it may be its doing: {}", names.join(", ")),
    };
    finding.hint = Some(match way_out {
        Some(way_out) => format!("{said}; {way_out}"),
        None => said,
    });
    finding
}

#[cfg(test)]
mod tests;
