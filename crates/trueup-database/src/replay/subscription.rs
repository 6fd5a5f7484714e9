//! Subscriptions reach another server when they are made, changed or dropped. On a shadow they exist without ever
//! being connected.

use trueup_sql::lexer::significant_tokens;

use super::statement::Treatment;

/// Options that make a subscription connect.
const CONNECTING: &[&str] = &["connect", "create_slot", "copy_data", "enabled"];

pub(super) fn treatment(verb: &str, text: &str) -> Treatment {
    let words: Vec<String> =
        significant_tokens(text).map(|token| token.text(text).to_owned()).collect();
    let lower: Vec<String> = words.iter().map(|word| word.to_ascii_lowercase()).collect();
    match verb {
        "CREATE SUBSCRIPTION" => Treatment::Instead {
            texts: vec![unconnected(text)],
            reason: "the subscription was made without connecting to its publisher".to_owned(),
        },
        "DROP SUBSCRIPTION" => {
            let if_exists = lower.get(2).is_some_and(|word| word == "if");
            let Some(name) = words.get(if if_exists { 4 } else { 2 }) else { return Treatment::Plain };
            if if_exists {
                // Whether it is there decides whether its slot can be taken away first; dropping it together with
                // a slot would connect.
                return Treatment::Instead {
                    texts: vec![drop_if_exists(name)],
                    reason: "the subscription was dropped without connecting to its publisher".to_owned(),
                };
            }
            Treatment::Instead {
                texts: vec![
                    format!("ALTER SUBSCRIPTION {name} DISABLE"),
                    format!("ALTER SUBSCRIPTION {name} SET (slot_name = NONE)"),
                    format!("DROP SUBSCRIPTION {name}"),
                ],
                reason: "the subscription was dropped without connecting to its publisher".to_owned(),
            }
        }
        _ => altered(text, &lower),
    }
}

fn altered(text: &str, lower: &[String]) -> Treatment {
    let action = lower.get(3).map(String::as_str).unwrap_or_default();
    let publications = lower.get(4).is_some_and(|word| word == "publication");
    match action {
        "refresh" | "enable" => Treatment::Skip(
            "ALTER SUBSCRIPTION was not run on the shadow: it connects to the publisher".to_owned(),
        ),
        "set" | "add" | "drop" if publications => {
            let text = match clause_start(text) {
                Some(at) => text[..at].trim_end().to_owned(),
                None => text.to_owned(),
            };
            Treatment::Instead {
                texts: vec![format!("{text}\nWITH (refresh = false)")],
                reason: "the subscription was changed without connecting to its publisher".to_owned(),
            }
        }
        _ => Treatment::Plain,
    }
}

/// The same CREATE SUBSCRIPTION, told not to connect.
fn unconnected(text: &str) -> String {
    let (head, options) = match clause_start(text) {
        Some(at) => (text[..at].trim_end(), kept_options(&text[at..])),
        None => (text, Vec::new()),
    };
    let options: Vec<String> = options.into_iter().chain(["connect = false".to_owned()]).collect();
    format!("{head}\nWITH ({})", options.join(", "))
}

/// Where the last `WITH (` of a statement begins.
fn clause_start(text: &str) -> Option<usize> {
    let tokens: Vec<_> = significant_tokens(text).collect();
    tokens.windows(2).rev().find_map(|pair| {
        (pair[0].text(text).eq_ignore_ascii_case("with") && pair[1].text(text) == "(").then_some(pair[0].start)
    })
}

/// The options between the parentheses, without those that connect.
fn kept_options(clause: &str) -> Vec<String> {
    let mut options: Vec<(String, String)> = Vec::new();
    for token in significant_tokens(clause).skip(2) {
        let word = token.text(clause);
        match word {
            ")" => break,
            "," => options.push(Default::default()),
            _ => {
                if options.is_empty() {
                    options.push(Default::default());
                }
                let Some((name, whole)) = options.last_mut() else { continue };
                if name.is_empty() {
                    *name = word.to_ascii_lowercase();
                }
                whole.push_str(word);
                whole.push(' ');
            }
        }
    }
    options
        .into_iter()
        .filter(|(name, _)| !name.is_empty() && !CONNECTING.contains(&name.as_str()))
        .map(|(_, whole)| whole.trim_end().to_owned())
        .collect()
}

/// Drops it without its slot, if it is there.
fn drop_if_exists(name: &str) -> String {
    let literal = trueup_sql::quote_literal(&trueup_sql::unquote_ident(name));
    let steps = trueup_sql::quote_literal(&format!(
        "ALTER SUBSCRIPTION {name} DISABLE; ALTER SUBSCRIPTION {name} SET (slot_name = NONE); DROP SUBSCRIPTION {name}"
    ));
    format!(
        "DO $trueup$ BEGIN IF EXISTS (SELECT FROM pg_catalog.pg_subscription WHERE subname = {literal} AND subdbid = \
         (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())) \
         THEN EXECUTE {steps}; END IF; END $trueup$"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(unconnected(text), expected);
    }

    #[test]
    fn subscriptions_do_not_connect() {
        check(
            "CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p",
            "CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p\nWITH (connect = false)",
        );
        check(
            "CREATE SUBSCRIPTION s CONNECTION 'with (' PUBLICATION p WITH (copy_data = false, slot_name = 'x', enabled)",
            "CREATE SUBSCRIPTION s CONNECTION 'with (' PUBLICATION p\nWITH (slot_name = 'x', connect = false)",
        );
    }
}
