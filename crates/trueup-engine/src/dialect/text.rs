//! Small things about SQL text: lists that a server wrote, dollar quotes, options.

use trueup_model::name::{Ident, QualifiedName, Text};
use trueup_sql::{quote_ident, quote_ident_if_needed, quote_literal};

/// A body between dollar quotes whose tag does not occur in it.
pub fn dollar_quoted(body: &str) -> String {
    let tags = std::iter::once(String::new())
        .chain(std::iter::once("body".to_owned()))
        .chain((1..).map(|number| format!("body{number}")));
    for tag in tags {
        let quote = format!("${tag}$");
        // A dollar at the end of the body would run into the closing quote.
        if !format!("{body}$").contains(&quote) {
            return format!("{quote}{body}{quote}");
        }
    }
    unreachable!("numbers do not run out")
}

pub(super) fn ident(name: &Ident) -> String {
    quote_ident(name.as_str())
}

pub(super) fn idents(names: &[Ident]) -> String {
    names.iter().map(ident).collect::<Vec<_>>().join(", ")
}

pub(super) fn qualified(name: &QualifiedName) -> String {
    format!("{}.{}", ident(&name.schema), ident(&name.name))
}

/// A literal that may follow directly on an operator or a bracket.
pub(super) fn literal(text: &str) -> String {
    quote_literal(text).trim_start().to_owned()
}

pub(super) fn literal_or_null(text: Option<&Text>) -> String {
    text.map_or("NULL".to_owned(), |text| literal(text.as_str()))
}

/// Parts of a text that a server wrote, split where no quote and no bracket is open.
pub(super) fn split_list<'a>(text: &'a str, separator: &str) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = find_outside(rest, separator) {
        parts.push(&rest[..at]);
        rest = &rest[at + separator.len()..];
    }
    if !rest.is_empty() {
        parts.push(rest);
    }
    parts
}

/// The first place of a text outside of quotes and brackets.
pub(super) fn find_outside(text: &str, wanted: &str) -> Option<usize> {
    places_outside(text).find(|at| text[*at..].starts_with(wanted))
}

/// The last place of a text outside of quotes and brackets.
pub(super) fn find_last_outside(text: &str, wanted: &str) -> Option<usize> {
    places_outside(text).filter(|at| text[*at..].starts_with(wanted)).last()
}

/// Every place at which no quote and no bracket is open, the ones of opening brackets included.
fn places_outside(text: &str) -> impl Iterator<Item = usize> {
    let mut quote = None;
    let mut depth = 0_u32;
    text.char_indices().filter_map(move |(at, character)| {
        let outside = quote.is_none() && depth == 0;
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(character),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth = depth.saturating_sub(1),
            (None, _) => {}
        }
        outside.then_some(at)
    })
}

/// What stands before the arguments of a function or operator: `shop.add(integer,integer)` is `shop.add`.
pub(super) fn without_arguments(signature: &str) -> &str {
    find_outside(signature, "(").map_or(signature, |at| &signature[..at])
}

/// Storage parameters as they stand between brackets: `"fillfactor"='70', toast."autovacuum_enabled"='false'`.
pub(super) fn parameters(options: &[Text]) -> String {
    options
        .iter()
        .map(|option| {
            let (name, value) = split_option(option);
            format!("{}={}", parameter_name(name), literal(value))
        })
        .collect::<Vec<_>>()
        .join(", ")
}

pub(super) fn parameter_names(options: &[&Text]) -> String {
    options.iter().map(|option| parameter_name(split_option(option).0)).collect::<Vec<_>>().join(", ")
}

fn parameter_name(name: &str) -> String {
    match name.strip_prefix("toast.") {
        Some(name) => format!("toast.{}", quote_ident_if_needed(name)),
        None => quote_ident_if_needed(name),
    }
}

/// Options of foreign things: `"host" 'depot.example'`.
pub(super) fn foreign_options(options: &[Text]) -> String {
    options
        .iter()
        .map(|option| {
            let (name, value) = split_option(option);
            format!("{} {}", quote_ident(name), literal(value))
        })
        .collect::<Vec<_>>()
        .join(", ")
}

pub(super) fn split_option(option: &Text) -> (&str, &str) {
    option.as_str().split_once('=').unwrap_or((option.as_str(), ""))
}

/// Storage parameters from one state to the other: what to set, and what to take away.
pub(super) fn change_parameters(prefix: &str, before: &[Text], after: &[Text]) -> Vec<String> {
    let set: Vec<Text> = after.iter().filter(|option| !before.contains(option)).cloned().collect();
    let gone: Vec<&Text> = before
        .iter()
        .filter(|option| !after.iter().any(|other| split_option(other).0 == split_option(option).0))
        .collect();
    let mut statements = Vec::new();
    if !gone.is_empty() {
        statements.push(format!("{prefix} RESET ({})", parameter_names(&gone)));
    }
    if !set.is_empty() {
        statements.push(format!("{prefix} SET ({})", parameters(&set)));
    }
    statements
}

/// Foreign options from one state to the other, as they stand in `OPTIONS (…)`. Both are `name 'value'`.
pub(super) fn change_foreign_options(before: &[(String, String)], after: &[(String, String)]) -> String {
    let mut changes = Vec::new();
    for (name, _) in before {
        if !after.iter().any(|(other, _)| other == name) {
            changes.push(format!("DROP {name}"));
        }
    }
    for (name, value) in after {
        match before.iter().find(|(other, _)| other == name) {
            None => changes.push(format!("ADD {name} {value}")),
            Some((_, there)) if there != value => changes.push(format!("SET {name} {value}")),
            Some(_) => {}
        }
    }
    changes.join(", ")
}

/// `name=value` as a quoted name and a literal.
pub(super) fn option_pairs(options: &[Text]) -> Vec<(String, String)> {
    options
        .iter()
        .map(|option| {
            let (name, value) = split_option(option);
            (quote_ident(name), literal(value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_do_not_collide() {
        assert_eq!(dollar_quoted("select 1"), "$$select 1$$");
        assert_eq!(dollar_quoted("a $$ b"), "$body$a $$ b$body$");
        assert_eq!(dollar_quoted("costs 5$"), "$body$costs 5$$body$");
        assert_eq!(dollar_quoted("$$ and $body$"), "$body1$$$ and $body$$body1$");
        assert_eq!(dollar_quoted("$$ and $body"), "$body1$$$ and $body$body1$");
    }

    #[test]
    fn lists_are_split_outside_of_quotes() {
        assert_eq!(split_list("a, b(c, d), 'e, f', \"g, h\"", ", "), ["a", "b(c, d)", "'e, f'", "\"g, h\""]);
        assert_eq!(split_list("", ", "), Vec::<&str>::new());
        assert_eq!(without_arguments("shop.\"odd (\"(integer)"), "shop.\"odd (\"");
        assert_eq!(find_outside("x where (a where b) where c", " where "), Some(1));
        assert_eq!(find_last_outside("x where (a where b) where c", " where "), Some(19));
    }

    #[test]
    fn options_change_by_name() {
        let texts = |list: &[&str]| list.iter().map(Text::new).collect::<Vec<_>>();
        assert_eq!(
            change_parameters("ALTER TABLE t", &texts(&["a=1", "toast.b=2", "c=3"]), &texts(&["a=2", "c=3"])),
            ["ALTER TABLE t RESET (toast.b)", "ALTER TABLE t SET (a='2')"]
        );
        assert_eq!(
            change_foreign_options(
                &option_pairs(&texts(&["a=1", "b=2", "c=3"])),
                &option_pairs(&texts(&["a=2", "c=3", "d=it's"])),
            ),
            "DROP \"b\", SET \"a\" '2', ADD \"d\" 'it''s'"
        );
    }
}
