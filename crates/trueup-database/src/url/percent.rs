//! Percent-encoding, forgiving where passwords are concerned.

/// Decodes `%41`. A `%` that no two hexadecimal digits follow stands for itself, and so does a sequence that would
/// make the text something else than UTF-8: such passwords are common, and there is only one way to mean them.
pub(super) fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = (bytes.get(at + 1).and_then(|b| hex(*b))).zip(bytes.get(at + 2).and_then(|b| hex(*b)));
        match pair {
            Some((high, low)) if bytes[at] == b'%' && (high, low) != (0, 0) => {
                out.push(high * 16 + low);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Encodes what would change the meaning of a URL; letters of all languages stay readable.
pub(super) fn encoded(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            ':' | '/' | '?' | '#' | '[' | ']' | '@' | '%' | '&' | '=' => format!("%{:02X}", u32::from(c)),
            c if c.is_whitespace() || c.is_control() => {
                let mut buffer = [0; 4];
                c.encode_utf8(&mut buffer).bytes().map(|byte| format!("%{byte:02X}")).collect()
            }
            c => c.to_string(),
        })
        .collect()
}

/// A socket folder in the place of a host.
pub(super) fn encoded_all(text: &str) -> String {
    encoded(text).replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_leaves_alone_what_is_not_encoded() {
        for (text, expected) in [
            ("plain", "plain"),
            ("p%40ss", "p@ss"),
            ("100%", "100%"),
            ("50%off", "50%off"),
            ("%2", "%2"),
            ("%%40", "%@"),
            ("%C3%A9t%C3%A9", "été"),
            ("%ff", "%ff"),
            ("%00", "%00"),
            ("%e2%82%ac", "€"),
        ] {
            assert_eq!(decoded(text), expected, "{text}");
        }
    }

    #[test]
    fn encoding_is_undone_by_decoding() {
        for text in ["a b", "ü/@:?#%", "tab\tnew\nline", "\u{2003}"] {
            assert_eq!(decoded(&encoded(text)), text);
        }
    }
}
