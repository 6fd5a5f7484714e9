//! Files as they come from people's editors and shells: which encoding, which line ends, and the text itself.

use std::fmt;

/// The text of a file with everything that is needed to write it back in the same form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceText {
    /// Without the byte order mark. Line ends are kept as they are.
    pub text: String,
    pub encoding: Encoding,
    pub line_ending: LineEnding,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    Utf8,
    Utf8WithMark,
    Utf16Le,
    Utf16LeWithMark,
    Utf16Be,
    Utf16BeWithMark,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineEnding {
    /// Also for a text of a single line.
    Lf,
    CrLf,
    Mixed,
}

/// Why a file is not text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError {
    pub fault: DecodeFault,
    /// Counted from 0, over the bytes of the file.
    pub offset: usize,
    /// Counted from 1.
    pub line: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DecodeFault {
    InvalidUtf8,
    /// A surrogate without its partner, or half a character at the end.
    InvalidUtf16,
    /// It contains zero bytes, which no SQL text can.
    Binary,
}

pub fn decode(bytes: &[u8]) -> Result<SourceText, DecodeError> {
    if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        return decode_utf8(rest, 3).map(|text| source(text, Encoding::Utf8WithMark));
    }
    if bytes.starts_with(b"\xFF\xFE") {
        return decode_utf16(bytes, 2, u16::from_le_bytes)
            .map(|text| source(text, Encoding::Utf16LeWithMark));
    }
    if bytes.starts_with(b"\xFE\xFF") {
        return decode_utf16(bytes, 2, u16::from_be_bytes)
            .map(|text| source(text, Encoding::Utf16BeWithMark));
    }
    if bytes.contains(&0) {
        // Without a mark only a text that could be nothing else is taken for UTF-16.
        if let Some(text) = plain_utf16(bytes, u16::from_le_bytes) {
            return Ok(source(text, Encoding::Utf16Le));
        }
        if let Some(text) = plain_utf16(bytes, u16::from_be_bytes) {
            return Ok(source(text, Encoding::Utf16Be));
        }
    }
    decode_utf8(bytes, 0).map(|text| source(text, Encoding::Utf8))
}

/// The bytes of a file, in the encoding that it was read in.
pub fn encode(text: &str, encoding: Encoding) -> Vec<u8> {
    let utf16 = |mark: &[u8], to_bytes: fn(u16) -> [u8; 2]| {
        let mut bytes = mark.to_vec();
        bytes.extend(text.encode_utf16().flat_map(to_bytes));
        bytes
    };
    match encoding {
        Encoding::Utf8 => text.as_bytes().to_vec(),
        Encoding::Utf8WithMark => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        Encoding::Utf16Le => utf16(b"", u16::to_le_bytes),
        Encoding::Utf16LeWithMark => utf16(b"\xFF\xFE", u16::to_le_bytes),
        Encoding::Utf16Be => utf16(b"", u16::to_be_bytes),
        Encoding::Utf16BeWithMark => utf16(b"\xFE\xFF", u16::to_be_bytes),
    }
}

fn source(text: String, encoding: Encoding) -> SourceText {
    let line_ending = line_ending(&text);
    SourceText { text, encoding, line_ending }
}

fn line_ending(text: &str) -> LineEnding {
    let all = text.matches('\n').count();
    let with_return = text.matches("\r\n").count();
    if with_return == 0 {
        LineEnding::Lf
    } else if with_return == all {
        LineEnding::CrLf
    } else {
        LineEnding::Mixed
    }
}

fn decode_utf8(bytes: &[u8], mark: usize) -> Result<String, DecodeError> {
    let fault_at = |fault, offset: usize| DecodeError {
        fault,
        offset: mark + offset,
        line: line_after(bytes[..offset].iter().filter(|byte| **byte == b'\n').count()),
    };
    // A zero byte says more than an invalid sequence that the same binary file happens to contain earlier.
    if let Some(offset) = bytes.iter().position(|byte| *byte == 0) {
        return Err(fault_at(DecodeFault::Binary, offset));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(fault_at(DecodeFault::InvalidUtf8, error.valid_up_to())),
    }
}

fn decode_utf16(bytes: &[u8], mark: usize, unit: fn([u8; 2]) -> u16) -> Result<String, DecodeError> {
    let units = bytes[mark..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let mut text = String::with_capacity(bytes.len());
    let mut offset = mark;
    let mut newlines = 0;
    let fault_at = |fault, offset, newlines| DecodeError { fault, offset, line: line_after(newlines) };
    for decoded in char::decode_utf16(units) {
        match decoded {
            Ok('\0') => return Err(fault_at(DecodeFault::Binary, offset, newlines)),
            Ok(character) => {
                newlines += usize::from(character == '\n');
                offset += 2 * character.len_utf16();
                text.push(character);
            }
            Err(_) => return Err(fault_at(DecodeFault::InvalidUtf16, offset, newlines)),
        }
    }
    if offset < bytes.len() {
        return Err(fault_at(DecodeFault::InvalidUtf16, offset, newlines));
    }
    Ok(text)
}

/// UTF-16 without a mark: every unit decodes, none is a control character, and at least a quarter of them is
/// ASCII, as in any SQL text. In the wrong byte order, and in binary data, one of these fails.
fn plain_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let text = decode_utf16(bytes, 0, unit).ok()?;
    let mut ascii = 0;
    let mut all = 0;
    for character in text.chars() {
        if character.is_control() && !matches!(character, '\t' | '\n' | '\r' | '\x0b' | '\x0c') {
            return None;
        }
        all += 1;
        ascii += usize::from(character.is_ascii());
    }
    (ascii * 4 >= all).then_some(text)
}

fn line_after(newlines: usize) -> u32 {
    u32::try_from(newlines).unwrap_or(u32::MAX - 1) + 1
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fault, offset, line } = self;
        match fault {
            DecodeFault::InvalidUtf8 => {
                write!(f, "not valid UTF-8 at byte {offset} (line {line}): save the file as UTF-8")
            }
            DecodeFault::InvalidUtf16 => {
                write!(f, "not valid UTF-16 at byte {offset} (line {line}): save the file as UTF-8")
            }
            DecodeFault::Binary => write!(f, "binary file: it has a zero byte at {offset} (line {line})"),
        }
    }
}

impl std::error::Error for DecodeError {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Encoding; 6] = [
        Encoding::Utf8,
        Encoding::Utf8WithMark,
        Encoding::Utf16Le,
        Encoding::Utf16LeWithMark,
        Encoding::Utf16Be,
        Encoding::Utf16BeWithMark,
    ];

    #[test]
    fn every_encoding_is_told_and_kept() {
        let text = "CREATE TABLE \"Größe 🦀\" (\r\n  id int -- 数\r\n);\r\n";
        for encoding in ALL {
            let bytes = encode(text, encoding);
            let read = decode(&bytes).expect("text");
            assert_eq!(read, SourceText { text: text.into(), encoding, line_ending: LineEnding::CrLf });
            assert_eq!(encode(&read.text, read.encoding), bytes);
        }
    }

    #[test]
    fn line_ends() {
        let ending = |text: &str| decode(text.as_bytes()).expect("text").line_ending;
        assert_eq!(ending(""), LineEnding::Lf);
        assert_eq!(ending("a\nb"), LineEnding::Lf);
        assert_eq!(ending("a\r\nb\r\n"), LineEnding::CrLf);
        assert_eq!(ending("a\r\nb\n"), LineEnding::Mixed);
    }

    #[test]
    fn what_is_not_text_says_where() {
        let check = |bytes: &[u8], fault, offset, line| {
            assert_eq!(decode(bytes), Err(DecodeError { fault, offset, line }), "{bytes:?}");
        };
        check(b"a\nb\xFFc", DecodeFault::InvalidUtf8, 3, 2);
        check(b"\xEF\xBB\xBFa\n\xC3", DecodeFault::InvalidUtf8, 5, 2);
        check(b"\xED\xA0\x80", DecodeFault::InvalidUtf8, 0, 1);
        check(b"SELECT 1\0", DecodeFault::Binary, 8, 1);
        check(b"\x7fELF\n\x01\x01\0\0\xFF", DecodeFault::Binary, 7, 2);
        check(b"\xFF\xFEa\0\n\0\x00\xD8b\0", DecodeFault::InvalidUtf16, 6, 2);
        check(b"\xFE\xFF\0a\0", DecodeFault::InvalidUtf16, 4, 1);
        check(b"\xFF\xFE\0\0a\0\0\0", DecodeFault::Binary, 2, 1);
    }

    #[test]
    fn messages_name_the_place() {
        let error = decode(b"a\n\xFF").expect_err("invalid");
        assert_eq!(error.to_string(), "not valid UTF-8 at byte 2 (line 2): save the file as UTF-8");
    }

    proptest! {
        #[test]
        fn never_panics(bytes: Vec<u8>) {
            let _ = decode(&bytes);
        }

        #[test]
        fn marked_texts_come_back(text in "[^\0]*", index in 0..3usize) {
            let encoding = [Encoding::Utf8WithMark, Encoding::Utf16LeWithMark, Encoding::Utf16BeWithMark][index];
            let read = decode(&encode(&text, encoding)).expect("text");
            prop_assert_eq!(read.text, text);
            prop_assert_eq!(read.encoding, encoding);
        }
    }
}
