//! Domains and their checks.

use trueup_model::catalog::{Domain, DomainCheck, Entry};
use trueup_model::name::Ident;

use super::names::object;
use super::text::{ident, literal_or_null};
use super::{Alteration, Written};

pub(super) fn create(entry: &Entry, domain: &Domain) -> Written {
    let Domain { base, collation, not_null, default, checks } = domain;
    let name = object(&entry.path);
    let mut statement = format!("CREATE DOMAIN {name} AS {base}");
    if let Some(collation) = collation {
        statement.push_str(&format!(" COLLATE {collation}"));
    }
    if let Some(default) = default {
        statement.push_str(&format!(" DEFAULT {default}"));
    }
    if *not_null {
        statement.push_str(" NOT NULL");
    }
    for check in checks.iter().filter(|check| check.validated) {
        statement.push_str(&format!(" {}", domain_check(check)));
    }
    let mut statements = vec![statement];
    for check in checks {
        if !check.validated {
            statements.push(add_domain_check(&name, check));
        }
        if check.comment.is_some() {
            statements.push(domain_check_comment(&name, check));
        }
    }
    Written::Statements(statements)
}

fn domain_check(check: &DomainCheck) -> String {
    format!("CONSTRAINT {} CHECK ({})", ident(&check.name), check.expression)
}

fn add_domain_check(domain: &str, check: &DomainCheck) -> String {
    let validity = if check.validated { "" } else { " NOT VALID" };
    format!("ALTER DOMAIN {domain} ADD {}{validity}", domain_check(check))
}

fn domain_check_comment(domain: &str, check: &DomainCheck) -> String {
    let text = literal_or_null(check.comment.as_ref());
    format!("COMMENT ON CONSTRAINT {} ON DOMAIN {domain} IS {text}", ident(&check.name))
}

pub(super) fn alter(aspect: &str, found: &Domain, (after, domain): (&Entry, &Domain)) -> Alteration {
    let name = object(&after.path);
    let one = |clause: String| Alteration::Statements(vec![format!("ALTER DOMAIN {name} {clause}")]);
    match aspect {
        "nullability" => one(format!("{} NOT NULL", if domain.not_null { "SET" } else { "DROP" })),
        "default" => one(match &domain.default {
            Some(default) => format!("SET DEFAULT {default}"),
            None => "DROP DEFAULT".to_owned(),
        }),
        "checks" => Alteration::Statements(alter_domain_checks(&name, &found.checks, &domain.checks)),
        "type" | "collation" => Alteration::Rebuild,
        other => Alteration::unknown(other, after),
    }
}

fn alter_domain_checks(domain: &str, found: &[DomainCheck], wanted: &[DomainCheck]) -> Vec<String> {
    let mut statements = Vec::new();
    let find = |list: &'_ [DomainCheck], name: &Ident| list.iter().find(|check| check.name == *name).cloned();
    for there in found {
        let kept = find(wanted, &there.name).is_some_and(|check| can_stay(there, &check));
        if !kept {
            statements.push(format!("ALTER DOMAIN {domain} DROP CONSTRAINT {}", ident(&there.name)));
        }
    }
    for check in wanted {
        match find(found, &check.name).filter(|there| can_stay(there, check)) {
            Some(there) => {
                if check.validated && !there.validated {
                    statements
                        .push(format!("ALTER DOMAIN {domain} VALIDATE CONSTRAINT {}", ident(&check.name)));
                }
                if check.comment != there.comment {
                    statements.push(domain_check_comment(domain, check));
                }
            }
            None => {
                statements.push(add_domain_check(domain, check));
                if check.comment.is_some() {
                    statements.push(domain_check_comment(domain, check));
                }
            }
        }
    }
    statements
}

fn can_stay(there: &DomainCheck, wanted: &DomainCheck) -> bool {
    there.expression == wanted.expression && (wanted.validated || !there.validated)
}
