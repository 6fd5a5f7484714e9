//! `search_path`, as connection URLs and their options write it.

use crate::quote::unquote_ident;

/// The schemas of a list such as `"Shop", public`, named as the catalogs name them.
pub fn schemas(list: &str) -> Vec<String> {
    let mut written = vec![String::new()];
    let mut quoted = false;
    for character in list.chars() {
        quoted ^= character == '"';
        match written.last_mut() {
            Some(name) if character != ',' || quoted => name.push(character),
            Some(_) | None => written.push(String::new()),
        }
    }
    written
        .iter()
        .map(|name| name.trim())
        // An apostrophe quotes a setting as a whole, which some tools pass on as it is.
        .map(|name| unquote_ident(name.trim_matches('\'')))
        .filter(|name| !name.is_empty())
        .collect()
}

/// What `-c search_path=…` sets among the options of a connection. The last one counts.
pub fn in_options(options: &str) -> Option<String> {
    let words = words(options);
    let mut found = None;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let setting = match (word.strip_prefix("-c"), word.strip_prefix("--")) {
            (Some(""), _) => words.next().map(String::as_str),
            (Some(setting), _) | (None, Some(setting)) => Some(setting),
            (None, None) => None,
        };
        let Some((name, value)) = setting.and_then(|setting| setting.split_once('=')) else { continue };
        if name.trim().replace('-', "_").eq_ignore_ascii_case("search_path") {
            found = Some(value.to_owned());
        }
    }
    found
}

/// Blanks part the options, but for those behind a backslash.
fn words(options: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = options.chars();
    while let Some(character) = characters.next() {
        if character.is_ascii_whitespace() {
            words.extend(word.take());
        } else if character == '\\' {
            word.get_or_insert_default().extend(characters.next());
        } else {
            word.get_or_insert_default().push(character);
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded_unless_they_are_quoted() {
        assert_eq!(schemas("\"$user\", Public"), ["$user", "public"]);
        assert_eq!(schemas(" \"a,B\"\"c\" ,,x"), ["a,B\"c", "x"]);
        assert_eq!(schemas(""), [""; 0]);
    }

    #[test]
    fn the_last_search_path_among_the_options_counts() {
        for (options, expected) in [
            ("-c search_path=shop,public", Some("shop,public")),
            ("-csearch_path=a --search-path=b", Some("b")),
            ("-c search_path=a,\\ b -c geqo=off", Some("a, b")),
            ("-c geqo=off -c", None),
            ("search_path=a", None),
        ] {
            assert_eq!(in_options(options).as_deref(), expected, "{options}");
        }
    }
}
