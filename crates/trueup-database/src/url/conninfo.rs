//! libpq's `key=value` strings: `host=localhost dbname=shop password='two words'`.

use super::UrlError;

/// The pairs in order, values unquoted.
pub(super) fn pairs(text: &str) -> Result<Vec<(String, String)>, UrlError> {
    let mut pairs = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=').ok_or(UrlError::Pair)?;
        let key = key.trim_end();
        if key.is_empty() || key.contains(char::is_whitespace) {
            return Err(UrlError::Pair);
        }
        let (value, after) = value(after.trim_start())?;
        pairs.push((key.to_owned(), value));
        rest = after.trim_start();
    }
    Ok(pairs)
}

/// One value and what follows it. A backslash takes the next character as it is, inside of quotes and outside.
fn value(text: &str) -> Result<(String, &str), UrlError> {
    let quoted = text.starts_with('\'');
    let mut value = String::new();
    let mut characters = text.char_indices().skip(usize::from(quoted));
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => value.extend(characters.next().map(|(_, c)| c)),
            '\'' if quoted => return Ok((value, &text[at + 1..])),
            c if !quoted && c.is_whitespace() => return Ok((value, &text[at..])),
            c => value.push(c),
        }
    }
    if quoted { Err(UrlError::Quote) } else { Ok((value, "")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_as_libpq_reads_them() {
        let read = |text: &str| {
            pairs(text)
                .map(|pairs| pairs.iter().map(|(k, v)| format!("{k}→{v}")).collect::<Vec<_>>().join("|"))
        };
        for (text, expected) in [
            ("host=a port=1", "host→a|port→1"),
            ("  host = a\tport\n=\n1 ", "host→a|port→1"),
            ("password='two words'", "password→two words"),
            (r"password='it\'s \\ here' user=x", r"password→it's \ here|user→x"),
            (r"password=a\ b user=x", "password→a b|user→x"),
            ("password='' user=x", "password→|user→x"),
            ("password=a=b", "password→a=b"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
        }
        assert_eq!(read("password='open"), Err(UrlError::Quote));
        assert_eq!(read("password=a b user=x"), Err(UrlError::Pair));
        assert_eq!(read("=x"), Err(UrlError::Pair));
        assert_eq!(read("host=a port"), Err(UrlError::Pair));
    }
}
