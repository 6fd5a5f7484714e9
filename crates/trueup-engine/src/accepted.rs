//! What somebody has decided to live with is told mildly, with who and why; and what such a decision is still worth.

use trueup_model::acceptance::Acceptance;
use trueup_model::{Finding, Severity};

use crate::choice::Selector;

/// Makes findings mild that were accepted, and says of each acceptance that does not count (any more) why. `today` is
/// a day like `2026-02-28`. Gives the ids of those that are accepted.
pub fn accept(findings: &mut [Finding], accepted: &[Acceptance], today: &str) -> (Vec<String>, Vec<String>) {
    let (mut ids, mut notes) = (Vec::new(), Vec::new());
    // The latest word counts.
    for acceptance in accepted.iter().rev() {
        let Acceptance { finding: id, about, reason, owner, since, .. } = acceptance;
        let Some(finding) = findings.iter_mut().find(|finding| finding.id() == *id) else {
            notes.push(format!("{about} was accepted, and is not found any more: its entry can go"));
            continue;
        };
        if ids.contains(id) {
            continue;
        }
        if acceptance.until.as_ref().is_some_and(|until| until.as_str() < today) {
            let until = acceptance.until.as_deref().unwrap_or_default();
            notes.push(format!("{about} was accepted by {owner} until {until}: that is over"));
        } else if acceptance.found.is_some() && acceptance.found != finding.found {
            notes
                .push(format!("{about} was accepted as {}: it is another one now", shown(&acceptance.found)));
        } else {
            finding.severity = Severity::Info;
            finding.hint = Some(format!("accepted by {owner} since {since}: {reason}"));
            ids.push(id.clone());
        }
    }
    (ids, notes)
}

fn shown(found: &Option<String>) -> &str {
    found.as_deref().unwrap_or("missing")
}

/// Findings that are named, as acceptances of today.
pub fn acceptances(
    findings: &[Finding],
    named: &[Selector],
    (reason, owner): (&str, &str),
    (since, until): (&str, Option<&str>),
) -> Vec<Acceptance> {
    findings
        .iter()
        .filter(|finding| named.iter().any(|selector| selector.matches(finding)))
        .map(|finding| Acceptance {
            finding: finding.id(),
            about: about(finding),
            found: finding.found.clone(),
            reason: reason.to_owned(),
            owner: owner.to_owned(),
            since: since.to_owned(),
            until: until.map(str::to_owned),
        })
        .collect()
}

fn about(finding: &Finding) -> String {
    let object = finding.object.as_ref().map(ToString::to_string);
    let migration = finding.origin.as_ref().map(|origin| origin.migration.to_string());
    let aspect = finding.aspect.map(|aspect| format!(": {aspect}")).unwrap_or_default();
    format!("{} {}{aspect}", finding.code, object.or(migration).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use trueup_model::{Code, ObjectKind, ObjectPath, QualifiedName};

    use super::*;

    fn finding(name: &str, found: &str) -> Finding {
        let mut finding = Finding::new(Code::Unexpected(ObjectKind::Index), Severity::Warning);
        let orders = QualifiedName::new("shop", "orders");
        finding.object = Some(ObjectPath::part_of(ObjectKind::Index, &orders, name));
        finding.found = Some(found.to_owned());
        finding
    }

    fn accepted(name: &str, until: Option<&str>) -> Acceptance {
        let named = [Selector::new(format!("shop.orders.{name}"))];
        let all = [finding(name, "btree (a)")];
        acceptances(&all, &named, ("it helps", "ann"), ("2026-01-01", until)).remove(0)
    }

    #[track_caller]
    fn check(found: &str, until: Option<&str>, severity: Severity, note: Option<&str>) {
        let mut findings = [finding("one", found), finding("two", found)];
        let (ids, notes) = accept(&mut findings, &[accepted("one", until)], "2026-02-28");
        assert_eq!(findings[0].severity, severity);
        assert_eq!(findings[1].severity, Severity::Warning, "nobody spoke of it");
        assert_eq!(ids.len(), usize::from(note.is_none()));
        assert_eq!(notes.first().map(String::as_str), note);
    }

    #[test]
    fn an_acceptance_counts_for_what_it_was_given_and_as_long() {
        check("btree (a)", None, Severity::Info, None);
        check("btree (a)", Some("2026-02-28"), Severity::Info, None);
        let about = "unexpected-index shop.orders.one was accepted";
        let over = format!("{about} by ann until 2026-02-27: that is over");
        check("btree (a)", Some("2026-02-27"), Severity::Warning, Some(&over));
        let other = format!("{about} as btree (a): it is another one now");
        check("btree (b)", None, Severity::Warning, Some(&other));
    }

    #[test]
    fn what_is_gone_is_said() {
        let (ids, notes) = accept(&mut [], &[accepted("one", None)], "2026-02-28");
        assert_eq!(ids, [] as [&str; 0]);
        assert!(notes[0].ends_with("is not found any more: its entry can go"), "{notes:?}");
    }

    #[test]
    fn who_and_why_are_told() {
        let mut findings = [finding("one", "btree (a)")];
        accept(&mut findings, &[accepted("one", None)], "2026-02-28");
        assert_eq!(findings[0].hint.as_deref(), Some("accepted by ann since 2026-01-01: it helps"));
    }
}
