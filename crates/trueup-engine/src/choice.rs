//! Which findings are settled, and in which direction.

use std::collections::{BTreeMap, BTreeSet};

use trueup_model::difference::{Change, Difference};
use trueup_model::{Code, Finding, ObjectKind, ObjectPath, QualifiedName, Severity};
use trueup_sql::near::did_you_mean;

use crate::naming::{Unclear, find, is_below, is_called};

/// What a person asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choices {
    /// Nothing else, where anything is named.
    pub only: Vec<Selector>,
    pub except: Vec<Selector>,
    /// What the database has becomes part of the history.
    pub adopt: Vec<Selector>,
    /// The mildest findings that are settled without being named.
    pub least: Severity,
}

impl Default for Choices {
    fn default() -> Self {
        Self { only: Vec::new(), except: Vec::new(), adopt: Vec::new(), least: Severity::Warning }
    }
}

/// Names findings: by id, code, object, kind of object, or `kind:object`; `shop.*` names all that is in a schema or
/// belongs to a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector(String);

impl Selector {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn matches(&self, finding: &Finding) -> bool {
        let wanted = self.0.as_str();
        if finding.id() == wanted || finding.code.to_string() == wanted {
            return true;
        }
        let Some(object) = &finding.object else { return false };
        let rest = match wanted.split_once(':') {
            Some((kind, rest)) if kind == object.kind.word() => rest,
            Some(_) | None => wanted,
        };
        wanted == object.kind.word()
            || is_called(object, wanted)
            || rest.strip_suffix(".*").is_some_and(|whole| is_below(object, whole))
    }

    /// Names nothing, or an object by a name that another one has as well.
    fn unclear(&self, findings: &[Finding]) -> Option<Unclear> {
        let named: Vec<&Finding> = findings.iter().filter(|finding| self.matches(finding)).collect();
        let objects = || findings.iter().filter_map(|finding| finding.object.as_ref());
        let is_by_name = |finding: &&Finding| {
            finding.object.as_ref().is_some_and(|object| is_called(object, self.as_str()))
        };
        if !named.is_empty() && !named.iter().all(is_by_name) {
            return None;
        }
        let unclear = find(self.as_str(), objects()).err()?;
        let Unclear::Unknown { typed, near: None } = unclear else { return Some(unclear) };
        let mut words: BTreeSet<String> = findings.iter().map(|finding| finding.code.to_string()).collect();
        words.extend(objects().map(|object| object.kind.word().to_owned()));
        let near = did_you_mean(&typed, words.iter().map(String::as_str)).map(str::to_owned);
        Some(Unclear::Unknown { typed, near })
    }
}

/// The first that cannot be understood.
pub fn first_unclear<'a>(
    selectors: impl IntoIterator<Item = &'a Selector>,
    findings: &[Finding],
) -> Option<Unclear> {
    selectors.into_iter().find_map(|selector| selector.unclear(findings))
}

/// Positions in the list of differences, by what becomes of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    pub fix: BTreeSet<usize>,
    pub adopt: BTreeSet<usize>,
    /// The first name that cannot be understood: then nothing is to be done.
    pub unclear: Option<Unclear>,
}

/// Adopting beats leaving out, and leaving out beats everything else; what is named is taken however mild it is.
pub fn choose(differences: &[Difference], findings: &[Finding], choices: &Choices) -> Chosen {
    let named = |selectors: &[Selector], finding: &Finding| selectors.iter().any(|one| one.matches(finding));
    let by_object = by_object(findings);
    let mut chosen = Chosen::default();
    for (index, difference) in differences.iter().enumerate() {
        let candidates = by_object.get(&difference.path).map(Vec::as_slice).unwrap_or_default();
        let Some(finding) = candidates.iter().find(|finding| is_of(finding, difference)) else { continue };
        let unnamed = choices.only.is_empty() && finding.severity >= choices.least;
        if named(&choices.adopt, finding) {
            chosen.adopt.insert(index);
        } else if !named(&choices.except, finding) && (unnamed || named(&choices.only, finding)) {
            chosen.fix.insert(index);
        }
    }
    let is_told = |difference: &Difference| {
        by_object
            .get(&difference.path)
            .is_some_and(|findings| findings.iter().any(|one| is_of(one, difference)))
    };
    for set in [&mut chosen.fix, &mut chosen.adopt] {
        let with_columns = constraints_of_missing_columns(differences, set, &is_told);
        set.extend(with_columns);
    }
    let all = choices.only.iter().chain(&choices.except).chain(&choices.adopt);
    chosen.unclear = first_unclear(all, findings);
    chosen
}

/// A constraint that is missing with its column is not told by itself, and is settled with it.
fn constraints_of_missing_columns(
    differences: &[Difference],
    chosen: &BTreeSet<usize>,
    is_told: &dyn Fn(&Difference) -> bool,
) -> Vec<usize> {
    let is_missing = |difference: &Difference| matches!(difference.change, Change::Missing);
    let relations: BTreeSet<QualifiedName> = chosen
        .iter()
        .map(|index| &differences[*index])
        .filter(|difference| is_missing(difference) && difference.path.kind == ObjectKind::Column)
        .filter_map(|difference| difference.path.relation())
        .collect();
    let goes_with_column = |difference: &Difference| {
        is_missing(difference)
            && difference.path.kind.is_constraint()
            && difference.path.relation().is_some_and(|relation| relations.contains(&relation))
            && !is_told(difference)
    };
    (0..differences.len()).filter(|index| goes_with_column(&differences[*index])).collect()
}

fn by_object(findings: &[Finding]) -> BTreeMap<&ObjectPath, Vec<&Finding>> {
    let mut map: BTreeMap<&ObjectPath, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        if let Some(object) = &finding.object {
            map.entry(object).or_default().push(finding);
        }
    }
    map
}

/// Whether a finding about an object is what was made of a difference of it.
fn is_of(finding: &Finding, difference: &Difference) -> bool {
    match &difference.change {
        Change::Different(aspect) => finding.aspect == Some(aspect.name),
        Change::Missing => matches!(finding.code, Code::Missing(_)),
        Change::Renamed { .. } => matches!(finding.code, Code::Renamed(_)),
        Change::Misplaced { .. } => matches!(finding.code, Code::Misplaced(_)),
        // What nobody expects may have a code that says what it is instead.
        Change::Unexpected => {
            finding.aspect.is_none() && matches!(finding.code, Code::Unexpected(_) | Code::Named(_))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trueup_model::difference::{Aspect, Nature};

    fn different(name: &str, aspect: &'static str) -> Difference {
        let orders = QualifiedName::new("shop", "orders");
        let aspect =
            Aspect { name: aspect, expected: String::new(), found: String::new(), nature: Nature::Logical };
        let path = ObjectPath::part_of(ObjectKind::Column, &orders, name);
        Difference { path, change: Change::Different(aspect) }
    }

    fn finding(difference: &Difference, severity: Severity) -> Finding {
        let Change::Different(aspect) = &difference.change else { panic!("a difference of a property") };
        let mut finding = Finding::new(Code::Different(difference.path.kind), severity);
        finding.object = Some(difference.path.clone());
        finding.aspect = Some(aspect.name);
        finding
    }

    #[track_caller]
    fn check(choices: &Choices, fix: &[usize], adopt: &[usize], unclear: Option<(&str, Option<&str>)>) {
        let differences = [different("id", "type"), different("id", "comment"), different("total", "type")];
        let severities = [Severity::Error, Severity::Info, Severity::Error];
        let findings: Vec<Finding> =
            differences.iter().zip(severities).map(|(one, severity)| finding(one, severity)).collect();
        let chosen = choose(&differences, &findings, choices);
        assert_eq!(chosen.fix.into_iter().collect::<Vec<_>>(), fix);
        assert_eq!(chosen.adopt.into_iter().collect::<Vec<_>>(), adopt);
        let unknown = |(typed, near): (&str, Option<&str>)| Unclear::Unknown {
            typed: typed.to_owned(),
            near: near.map(str::to_owned),
        };
        assert_eq!(chosen.unclear, unclear.map(unknown));
    }

    fn selectors(names: &[&str]) -> Vec<Selector> {
        names.iter().map(|name| Selector::new(*name)).collect()
    }

    #[test]
    fn what_is_mild_has_to_be_named_or_included() {
        check(&Choices::default(), &[0, 2], &[], None);
        check(&Choices { least: Severity::Info, ..Choices::default() }, &[0, 1, 2], &[], None);
        check(&Choices { only: selectors(&["shop.orders.id"]), ..Choices::default() }, &[0, 1], &[], None);
    }

    #[test]
    fn findings_are_named_in_many_ways() {
        for (name, fix) in [
            ("different-column", &[0, 1, 2][..]),
            ("column", &[0, 1, 2]),
            ("column:shop.orders.total", &[2]),
            ("shop.orders.*", &[0, 1, 2]),
            ("shop.*", &[0, 1, 2]),
        ] {
            check(&Choices { only: selectors(&[name]), ..Choices::default() }, fix, &[], None);
        }
        check(
            &Choices { only: selectors(&["shop.orders.totl"]), ..Choices::default() },
            &[],
            &[],
            Some(("shop.orders.totl", Some("shop.orders.total"))),
        );
        check(
            &Choices { only: selectors(&["table:shop.orders.total"]), ..Choices::default() },
            &[],
            &[],
            Some(("table:shop.orders.total", Some("shop.orders.total"))),
        );
    }

    #[test]
    fn a_name_of_two_objects_has_to_be_clear() {
        let dotted = ObjectPath::in_schema(ObjectKind::Table, &"shop".into(), "orders.id");
        let column = different("id", "type");
        let table = Difference { path: dotted, change: column.change.clone() };
        let findings = [finding(&column, Severity::Error), finding(&table, Severity::Error)];
        let chosen = |name: &str| {
            let choices = Choices { only: selectors(&[name]), ..Choices::default() };
            choose(&[column.clone(), table.clone()], &findings, &choices)
        };
        let forms = vec!["column:shop.orders.id".to_owned(), "table:shop.\"orders.id\"".to_owned()];
        let typed = "shop.orders.id".to_owned();
        assert_eq!(chosen(&typed).unclear, Some(Unclear::Several { typed, forms: forms.clone() }));
        for (name, number) in
            [(forms[0].as_str(), 0), (&forms[1], 1), ("shop.\"orders.id\"", 1), ("shop.orders.*", 0)]
        {
            let chosen = chosen(name);
            assert_eq!((chosen.unclear, chosen.fix), (None, BTreeSet::from([number])), "{name}");
        }
    }

    #[test]
    fn a_constraint_that_is_missing_with_its_column_is_settled_with_it() {
        let orders = QualifiedName::new("shop", "orders");
        let missing = |kind, name: &str| Difference {
            path: ObjectPath::part_of(kind, &orders, name),
            change: Change::Missing,
        };
        let differences =
            [missing(ObjectKind::Column, "code"), missing(ObjectKind::UniqueConstraint, "code_key")];
        let told = |difference: &Difference| {
            let mut finding = Finding::new(Code::Missing(difference.path.kind), Severity::Error);
            finding.object = Some(difference.path.clone());
            finding
        };
        let chosen = |findings: &[Finding], except: &[&str]| {
            let choices = Choices { except: selectors(except), ..Choices::default() };
            choose(&differences, findings, &choices).fix.into_iter().collect::<Vec<_>>()
        };
        assert_eq!(chosen(&[told(&differences[0])], &[]), [0, 1]);
        assert_eq!(chosen(&[told(&differences[0])], &["column"]), [] as [usize; 0]);
        // One that is told by itself is chosen by itself.
        let both = [told(&differences[0]), told(&differences[1])];
        assert_eq!(chosen(&both, &["unique-constraint"]), [0]);
    }

    #[test]
    fn adopting_beats_leaving_out_which_beats_fixing() {
        check(&Choices { except: selectors(&["shop.orders.total"]), ..Choices::default() }, &[0], &[], None);
        let both = Choices {
            adopt: selectors(&["shop.orders.total"]),
            except: selectors(&["shop.orders.*"]),
            ..Choices::default()
        };
        check(&both, &[], &[2], None);
    }
}
