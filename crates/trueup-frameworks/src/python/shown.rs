//! Values as text: as Python's `repr` writes them, and as people should read them in messages.

use super::limits::NESTING;
use super::value::{ClassRef, Content, Kind, Value};

/// Longer values are cut in messages.
const LONGEST: usize = 120;

/// The value as a person should read it. Not meant to be read back.
pub fn shown(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text, 0, &Style { lenient: true });
    if text.chars().count() > LONGEST {
        text = text.chars().take(LONGEST).chain("...".chars()).collect();
    }
    text
}

/// What Python's `repr` gives; `None` where anything in it is not known, or its `repr` is not.
pub fn display(value: &Value) -> Option<String> {
    let mut text = String::new();
    write(value, &mut text, 0, &Style { lenient: false }).then_some(text)
}

struct Style {
    /// What has no known `repr` is described.
    lenient: bool,
}

/// Whether all of it could be written.
fn write(value: &Value, text: &mut String, depth: usize, style: &Style) -> bool {
    if depth > NESTING || text.len() > super::limits::BYTES || (style.lenient && text.len() > 4 * LONGEST) {
        text.push_str("...");
        return false;
    }
    let several = |text: &mut String, items: &[Value], open: &str, close: &str| {
        text.push_str(open);
        let mut known = true;
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                text.push_str(", ");
            }
            known &= write(item, text, depth + 1, style);
            if !known && !style.lenient {
                return false;
            }
        }
        text.push_str(close);
        known
    };
    match &value.kind {
        Kind::None => text.push_str("None"),
        Kind::Ellipsis => text.push_str("Ellipsis"),
        Kind::NotImplemented => text.push_str("NotImplemented"),
        Kind::Bool(truth) => text.push_str(if *truth { "True" } else { "False" }),
        Kind::Int(number) => text.push_str(&number.to_string()),
        Kind::Float(number) => text.push_str(&float(*number)),
        Kind::Str(given) => text.push_str(&quoted(given)),
        Kind::Bytes(bytes) => text.push_str(&quoted_bytes(bytes)),
        Kind::Tuple(items) => {
            let close = if items.len() == 1 { ",)" } else { ")" };
            return several(text, items, "(", close);
        }
        Kind::List(cell) => match &*cell.content() {
            Content::Known(items) => return several(text, items, "[", "]"),
            Content::Unknown(unknown) => return not_known(text, &unknown.reason),
        },
        Kind::Set(cell) => match &*cell.content() {
            Content::Known(items) => {
                let items: Vec<Value> = items.values().cloned().collect();
                let ordered = items.len() < 2;
                let known = match (items.is_empty(), cell.frozen) {
                    (true, false) => {
                        text.push_str("set()");
                        true
                    }
                    (true, true) => {
                        text.push_str("frozenset()");
                        true
                    }
                    (false, false) => several(text, &items, "{", "}"),
                    (false, true) => several(text, &items, "frozenset({", "})"),
                };
                return known && ordered;
            }
            Content::Unknown(unknown) => return not_known(text, &unknown.reason),
        },
        Kind::Dict(cell) => match &*cell.content() {
            Content::Known(dict) => {
                text.push('{');
                let mut known = true;
                for (index, (key, value)) in dict.entries().enumerate() {
                    if index > 0 {
                        text.push_str(", ");
                    }
                    known &= write(key, text, depth + 1, style);
                    text.push_str(": ");
                    known &= write(value, text, depth + 1, style);
                    if !known && !style.lenient {
                        return false;
                    }
                }
                text.push('}');
                return known;
            }
            Content::Unknown(unknown) => return not_known(text, &unknown.reason),
        },
        Kind::Range { start, stop, step: 1 } => text.push_str(&format!("range({start}, {stop})")),
        Kind::Range { start, stop, step } => text.push_str(&format!("range({start}, {stop}, {step})")),
        Kind::Slice(parts) => return several(text, parts, "slice(", ")"),
        Kind::Path(path) => text.push_str(&format!("PosixPath({})", quoted(path))),
        Kind::Builtin(builtin) => {
            text.push_str(builtin.name());
            return false;
        }
        Kind::Name(name) => {
            text.push_str(name);
            return false;
        }
        Kind::Class(class) => {
            text.push_str(&format!("<class '{}'>", class.dotted));
            return true;
        }
        Kind::Function(function) => {
            text.push_str(&function.dotted);
            return false;
        }
        Kind::Module(module) => {
            text.push_str(&module.name);
            return false;
        }
        Kind::Attribute(attribute) => {
            if style.lenient {
                write(&attribute.of, text, depth + 1, style);
                text.push('.');
                text.push_str(&attribute.name);
            }
            return false;
        }
        Kind::Object(object) => {
            if !style.lenient {
                return false;
            }
            match &object.class {
                ClassRef::Attribute(attribute) => {
                    write(&attribute.of, text, depth + 1, style);
                    text.push('.');
                    text.push_str(&attribute.name);
                }
                ClassRef::Name(_) | ClassRef::Class(_) => text.push_str(&object.class.dotted()),
            }
            several(text, &object.args, "(", "");
            for (index, (name, value)) in object.kwargs.iter().enumerate() {
                if index > 0 || !object.args.is_empty() {
                    text.push_str(", ");
                }
                text.push_str(name);
                text.push('=');
                write(value, text, depth + 1, style);
            }
            text.push(')');
            return false;
        }
        Kind::Iterator(_) | Kind::Method(_) | Kind::Partial(_) | Kind::Super(_) | Kind::Lazy(_) => {
            text.push_str(&value.type_name());
            return false;
        }
        Kind::Unknown(unknown) => return not_known(text, &unknown.reason),
    }
    true
}

fn not_known(text: &mut String, reason: &str) -> bool {
    text.push_str("<not known: ");
    text.push_str(reason);
    text.push('>');
    false
}

/// A float as Python writes it: the fewest digits that give it back.
pub(super) fn float(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let magnitude = number.abs();
    if magnitude != 0.0 && !(1e-4..1e16).contains(&magnitude) {
        let text = format!("{number:e}");
        let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
        let power: i32 = power.parse().unwrap_or_default();
        let sign = if power < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", power.abs());
    }
    let text = format!("{number}");
    if text.contains('.') { text } else { text + ".0" }
}

/// A text as Python's `repr` writes it.
pub(super) fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut result = String::with_capacity(text.len() + 2);
    result.push(quote);
    for character in text.chars() {
        match character {
            '\\' => result.push_str("\\\\"),
            '\n' => result.push_str("\\n"),
            '\r' => result.push_str("\\r"),
            '\t' => result.push_str("\\t"),
            _ if character == quote => {
                result.push('\\');
                result.push(character);
            }
            ' '..='~' => result.push(character),
            _ if is_printable(character) => result.push(character),
            _ => match u32::from(character) {
                code @ 0..=0xff => result.push_str(&format!("\\x{code:02x}")),
                code @ 0x100..=0xffff => result.push_str(&format!("\\u{code:04x}")),
                code => result.push_str(&format!("\\U{code:08x}")),
            },
        }
    }
    result.push(quote);
    result
}

/// Beyond ASCII: what Rust does not escape for being a control, a blank or unassigned.
fn is_printable(character: char) -> bool {
    !character.is_control() && !character.is_whitespace() && character.escape_debug().count() == 1
}

fn quoted_bytes(bytes: &[u8]) -> String {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    let mut result = format!("b{quote}");
    for byte in bytes {
        match byte {
            b'\\' => result.push_str("\\\\"),
            b'\n' => result.push_str("\\n"),
            b'\r' => result.push_str("\\r"),
            b'\t' => result.push_str("\\t"),
            _ if char::from(*byte) == quote => {
                result.push('\\');
                result.push(quote);
            }
            b' '..=b'~' => result.push(char::from(*byte)),
            _ => result.push_str(&format!("\\x{byte:02x}")),
        }
    }
    result.push(quote);
    result
}
