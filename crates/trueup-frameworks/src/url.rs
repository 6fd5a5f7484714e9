//! What connection URLs say beyond the place: the parameters that change where migrations put things.

use trueup_model::Ident;
use trueup_sql::search_path::{in_options, schemas};

/// Characters that would end the part of a URL in which they stand, as `%XX`.
pub(crate) fn encoded(value: &str) -> String {
    let mut result = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            result.push(char::from(byte));
        } else {
            result.push_str(&format!("%{byte:02X}"));
        }
    }
    result
}

/// The parameter with this name, in a URL or in libpq's `key=value` words. Names are taken in any case.
pub(crate) fn parameter(url: &str, name: &str) -> Option<String> {
    let is_meant = |key: &str| key.eq_ignore_ascii_case(name);
    if !is_url(url) {
        return words(url).into_iter().rev().find(|(key, _)| is_meant(key)).map(|(_, value)| value);
    }
    let (_, parameters) = url.split_once('?')?;
    let pairs = parameters.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(key, value)| (decoded(key), decoded(value)))
        .find(|(key, _)| is_meant(key))
        .map(|(_, value)| value)
}

/// The schemas of `search_path`, of JDBC's `currentSchema`, or of what the options set on the server.
pub(crate) fn search_path(url: &str) -> Vec<Ident> {
    let list = ["search_path", "currentSchema", "options[search_path]"]
        .iter()
        .find_map(|name| parameter(url, name))
        .or_else(|| in_options(&parameter(url, "options")?));
    schemas(&list.unwrap_or_default()).into_iter().map(Ident::new).collect()
}

pub(crate) fn is_url(text: &str) -> bool {
    let scheme = text.strip_prefix("jdbc:").unwrap_or(text);
    scheme.split_once(':').is_some_and(|(scheme, _)| {
        scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    })
}

/// `%XX` as the byte that it stands for, and `+` as the blank for which many tools write it.
pub(crate) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match (first, code.and_then(|digits| u8::from_str_radix(digits, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            (b'+', _) => {
                bytes.push(b' ');
                rest = after;
            }
            (byte, _) => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `host=db dbname='my shop'`: a backslash keeps the next character as it is.
fn words(text: &str) -> Vec<(String, String)> {
    let mut result = Vec::new();
    let mut rest = text.trim_start();
    while let Some((key, value)) = rest.split_once('=') {
        let value = value.trim_start();
        let quoted = value.starts_with('\'');
        let mut characters = value.char_indices().skip(usize::from(quoted));
        let mut read = String::new();
        let mut end = value.len();
        while let Some((index, character)) = characters.next() {
            match character {
                '\\' => read.extend(characters.next().map(|(_, next)| next)),
                '\'' if quoted => {
                    end = index + 1;
                    break;
                }
                blank if blank.is_whitespace() && !quoted => {
                    end = index;
                    break;
                }
                other => read.push(other),
            }
        }
        result.push((key.trim().to_owned(), read));
        rest = value[end..].trim_start();
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_path_is_found_in_every_spelling() {
        for (url, expected) in [
            ("postgres://h/db", ""),
            ("postgres://h/db?sslmode=disable&search_path=shop,public", "shop|public"),
            ("postgres://h/db?search_path=%22Shop%22%2C+Public", "Shop|public"),
            ("jdbc:postgresql://h/db?currentSchema=shop", "shop"),
            ("postgresql:///db?options=-csearch_path%3Dshop", "shop"),
            (
                "postgresql:///db?options=-c%20geqo%3Doff%20-c%20search_path%3Dshop%2C%5C%20public",
                "shop|public",
            ),
            ("postgresql:///db?options[search_path]=shop", "shop"),
            ("postgresql:///db?options%5Bsearch_path%5D=shop", "shop"),
            ("host=h dbname='my db' search_path = shop user=ann", "shop"),
            ("host=h options='-c search_path=shop,\\\\ public'", "shop|public"),
        ] {
            let names: Vec<String> = search_path(url).iter().map(ToString::to_string).collect();
            assert_eq!(names.join("|"), expected, "{url}");
        }
    }

    #[test]
    fn parts_survive_being_encoded() {
        for part in ["a b", "a+b", "ü%", "a/b?c=d&e"] {
            assert_eq!(decoded(&encoded(part)), part);
        }
    }
}
