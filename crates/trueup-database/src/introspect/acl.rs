//! Access control lists as PostgreSQL writes them: `joe=r*w/owner`, `=X/owner`.

use trueup_model::catalog::Grant;
use trueup_model::name::{Ident, Role, Text};

/// What a list gives beyond the default, and what it takes away, both sorted.
pub(super) fn beyond_default(acl: &[Text], default: &[Text]) -> (Vec<Grant>, Vec<Grant>) {
    let mut given = grants(acl);
    let mut usual = grants(default);
    given.sort();
    usual.sort();
    // A default privilege that was given again with the grant option is more than the default, not another one.
    let covers = |list: &[Grant], grant: &Grant| {
        list.iter().any(|other| other.role == grant.role && other.privilege == grant.privilege)
    };
    let granted = given.iter().filter(|grant| !usual.contains(grant)).cloned().collect();
    let revoked = usual.iter().filter(|grant| !covers(&given, grant)).cloned().collect();
    (granted, revoked)
}

fn grants(acl: &[Text]) -> Vec<Grant> {
    let mut grants = Vec::new();
    for item in acl {
        let Some((role, letters)) = parse(item.as_str()) else { continue };
        let mut letters = letters.chars().peekable();
        while let Some(letter) = letters.next() {
            let grantable = letters.next_if_eq(&'*').is_some();
            grants.push(Grant { role: role.clone(), privilege: Text::new(privilege(letter)), grantable });
        }
    }
    grants.sort();
    grants.dedup();
    grants
}

/// The grantee and the letters of one item. Role names with special characters are in double quotes.
fn parse(item: &str) -> Option<(Role, &str)> {
    let mut name = String::new();
    let mut quoted = false;
    let mut characters = item.char_indices().peekable();
    while let Some((index, character)) = characters.next() {
        match character {
            '"' if quoted && characters.next_if(|(_, next)| *next == '"').is_some() => name.push('"'),
            '"' => quoted = !quoted,
            '=' if !quoted => {
                let rest = &item[index + 1..];
                let letters = rest.split_once('/').map_or(rest, |(letters, _)| letters);
                let role = if name.is_empty() { Role::Public } else { Role::Named(Ident::new(name)) };
                return Some((role, letters));
            }
            other => name.push(other),
        }
    }
    None
}

fn privilege(letter: char) -> &'static str {
    match letter {
        'r' => "SELECT",
        'a' => "INSERT",
        'w' => "UPDATE",
        'd' => "DELETE",
        'D' => "TRUNCATE",
        'x' => "REFERENCES",
        't' => "TRIGGER",
        'm' => "MAINTAIN",
        'X' => "EXECUTE",
        'U' => "USAGE",
        'C' => "CREATE",
        'c' => "CONNECT",
        'T' => "TEMPORARY",
        's' => "SET",
        'A' => "ALTER SYSTEM",
        _ => "UNKNOWN",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(acl: &[&str], default: &[&str], granted: &[&str], revoked: &[&str]) {
        let texts = |items: &[&str]| items.iter().map(Text::new).collect::<Vec<_>>();
        let words = |grants: Vec<Grant>| {
            grants
                .iter()
                .map(|grant| {
                    let star = if grant.grantable { "*" } else { "" };
                    format!("{} {}{star}", grant.role, grant.privilege)
                })
                .collect::<Vec<_>>()
        };
        let (found_granted, found_revoked) = beyond_default(&texts(acl), &texts(default));
        assert_eq!(words(found_granted), granted);
        assert_eq!(words(found_revoked), revoked);
    }

    #[test]
    fn beyond_and_below_the_default() {
        check(&["o=arwd/o", "joe=r*w/o"], &["o=arwd/o"], &["joe SELECT*", "joe UPDATE"], &[]);
        check(&["o=X/o"], &["=X/o", "o=X/o"], &[], &["public EXECUTE"]);
        check(&["o=r*/o"], &["o=r/o"], &["o SELECT*"], &[]);
    }

    #[test]
    fn names_that_need_quotes() {
        check(&[r#""odd ""name"" =/x"=r/o"#], &[], &[r#"odd "name" =/x SELECT"#], &[]);
    }
}
