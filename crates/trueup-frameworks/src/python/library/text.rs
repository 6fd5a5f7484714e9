//! Methods of texts and bytes.

use std::rc::Rc;

use super::super::evaluate::Evaluated;
use super::super::source::Spot;
use super::super::value::{Arguments, Kind, Value};
use super::super::world::World;

impl World {
    pub(super) fn method_of_text(
        &self,
        text: &Rc<str>,
        name: &str,
        args: Vec<Value>,
        kwargs: Vec<(Rc<str>, Value)>,
        spot: &Spot,
    ) -> Evaluated {
        self.text_room(text.len(), spot)?;
        let arguments = Arguments { args, kwargs };
        match name {
            "format" => return self.format_method(text, &arguments, spot),
            "join" => return self.join(text, &arguments.args, spot),
            "split" | "rsplit" => return self.split(text, name == "rsplit", &arguments, spot),
            "encode" => {
                let plain = arguments.args.iter().all(|given| {
                    given
                        .as_str()
                        .is_some_and(|name| matches!(name.to_ascii_lowercase().as_str(), "utf-8" | "utf8"))
                });
                if !plain || !arguments.kwargs.is_empty() {
                    return self.other_arguments(name, &arguments.args, spot);
                }
                return Ok(Value::new(Kind::Bytes(text.as_bytes().into()), spot));
            }
            "splitlines" => {
                if !arguments.args.is_empty() || !arguments.kwargs.is_empty() || text.contains(UNUSUAL_ENDS) {
                    return self.other_arguments(name, &arguments.args, spot);
                }
                let mut lines: Vec<&str> = text.split('\n').collect();
                if lines.last() == Some(&"") {
                    lines.pop();
                }
                let lines = lines.into_iter().flat_map(|line| {
                    let line = line.strip_suffix('\r').unwrap_or(line);
                    line.split('\r').collect::<Vec<_>>()
                });
                return Ok(Value::list(lines.map(|line| Value::str(line, spot)).collect(), spot));
            }
            _ => {}
        }
        if !arguments.kwargs.is_empty() {
            return self.other_arguments(name, &arguments.args, spot);
        }
        if let Some(unknown) = arguments.args.iter().find_map(Value::why_unknown) {
            return Ok(self.still_unknown(&unknown, spot));
        }
        self.simple_method(text, name, &arguments.args, spot)
    }

    fn simple_method(&self, text: &str, name: &str, args: &[Value], spot: &Spot) -> Evaluated {
        let made = |made: String| Ok(Value::str(made, spot));
        let truth = |truth: bool| Ok(Value::bool(truth, spot));
        let all = |test: fn(char) -> bool| truth(!text.is_empty() && text.chars().all(test));
        // What Python and Rust agree on beyond ASCII is not the same for every version of both.
        let plain = text.is_ascii();
        let strings: Vec<Option<&str>> = args.iter().map(Value::as_str).collect();
        match (name, &strings[..], args) {
            ("upper", [], _) if plain => made(text.to_ascii_uppercase()),
            ("upper", [], _) => made(text.to_uppercase()),
            ("lower", [], _) => made(text.to_lowercase()),
            ("casefold", [], _) if plain => made(text.to_ascii_lowercase()),
            ("capitalize", [], _) if plain => {
                let (first, rest) = text.split_at(text.len().min(1));
                made(first.to_ascii_uppercase() + &rest.to_ascii_lowercase())
            }
            ("title", [], _) if plain => made(titled(text)),
            ("swapcase", [], _) if plain => {
                made(
                    text.chars()
                        .map(|c| {
                            if c.is_ascii_lowercase() {
                                c.to_ascii_uppercase()
                            } else {
                                c.to_ascii_lowercase()
                            }
                        })
                        .collect(),
                )
            }
            ("strip", [], _) => made(text.trim_matches(is_space).to_owned()),
            ("lstrip", [], _) => made(text.trim_start_matches(is_space).to_owned()),
            ("rstrip", [], _) => made(text.trim_end_matches(is_space).to_owned()),
            ("strip", [Some(set)], _) => made(text.trim_matches(|c| set.contains(c)).to_owned()),
            ("lstrip", [Some(set)], _) => made(text.trim_start_matches(|c| set.contains(c)).to_owned()),
            ("rstrip", [Some(set)], _) => made(text.trim_end_matches(|c| set.contains(c)).to_owned()),
            ("strip" | "lstrip" | "rstrip", [None], [none]) if none.is_none() => {
                self.simple_method(text, name, &[], spot)
            }
            ("replace", [Some(old), Some(new)], _) => {
                let many = text.matches(old).count();
                self.text_room(text.len().saturating_add(many.saturating_mul(new.len())), spot)?;
                made(text.replace(old, new))
            }
            ("replace", [Some(old), Some(new), None], [_, _, count]) if count.as_int().is_some() => {
                let count = usize::try_from(count.as_int().unwrap_or_default()).unwrap_or(usize::MAX);
                let many = text.matches(old).count().min(count);
                self.text_room(text.len().saturating_add(many.saturating_mul(new.len())), spot)?;
                made(text.replacen(old, new, count))
            }
            ("startswith", [Some(part)], _) => truth(text.starts_with(part)),
            ("endswith", [Some(part)], _) => truth(text.ends_with(part)),
            ("startswith" | "endswith", [None], [parts]) => {
                let Some(parts) = parts.items() else { return self.other_arguments(name, args, spot) };
                let mut found = false;
                for part in &parts {
                    let Some(part) = part.as_str() else { return self.other_arguments(name, args, spot) };
                    found |= if name == "startswith" { text.starts_with(part) } else { text.ends_with(part) };
                }
                truth(found)
            }
            ("find" | "index" | "rfind" | "rindex", [Some(part)], _) => {
                let at = if name.starts_with('r') { text.rfind(part) } else { text.find(part) };
                match at {
                    Some(at) => Ok(Value::int(text[..at].chars().count() as i128, spot)),
                    None if name.ends_with("find") => Ok(Value::int(-1, spot)),
                    None => Err(self.raise("ValueError", "substring not found", spot)),
                }
            }
            ("count", [Some(part)], _) if !part.is_empty() => {
                Ok(Value::int(text.matches(part).count() as i128, spot))
            }
            ("partition" | "rpartition", [Some(part)], _) if !part.is_empty() => {
                let split = if name == "partition" { text.split_once(part) } else { text.rsplit_once(part) };
                let parts = match split {
                    Some((before, after)) => [before, part, after],
                    None if name == "partition" => [text, "", ""],
                    None => ["", "", text],
                };
                Ok(Value::tuple(parts.iter().map(|part| Value::str(*part, spot)).collect(), spot))
            }
            ("partition" | "rpartition", [Some(_)], _) => {
                Err(self.raise("ValueError", "empty separator", spot))
            }
            ("removeprefix", [Some(part)], _) => made(text.strip_prefix(part).unwrap_or(text).to_owned()),
            ("removesuffix", [Some(part)], _) => made(text.strip_suffix(part).unwrap_or(text).to_owned()),
            ("ljust" | "rjust" | "center", _, [width, ..]) if width.as_int().is_some() => {
                let fill = match &strings[1..] {
                    [] => Some(' '),
                    [Some(fill)] if fill.chars().count() == 1 => fill.chars().next(),
                    _ => None,
                };
                let Some(fill) = fill else { return self.other_arguments(name, args, spot) };
                let missing =
                    width.as_int().unwrap_or_default().saturating_sub(text.chars().count() as i128).max(0);
                let missing = usize::try_from(missing).unwrap_or(usize::MAX);
                self.text_room(missing.saturating_mul(4), spot)?;
                let left = match name {
                    "ljust" => 0,
                    "rjust" => missing,
                    // As CPython halves it.
                    _ => {
                        missing / 2
                            + (missing
                                & usize::try_from(width.as_int().unwrap_or_default()).unwrap_or_default()
                                & 1)
                    }
                };
                let fill = fill.to_string();
                made(fill.repeat(left) + text + &fill.repeat(missing - left))
            }
            ("zfill", _, [width]) if width.as_int().is_some() => {
                let missing =
                    width.as_int().unwrap_or_default().saturating_sub(text.chars().count() as i128).max(0);
                let missing = usize::try_from(missing).unwrap_or(usize::MAX);
                self.text_room(missing, spot)?;
                let (sign, digits) = match text.strip_prefix(['-', '+']) {
                    Some(digits) => (&text[..1], digits),
                    None => ("", text),
                };
                made(format!("{sign}{}{digits}", "0".repeat(missing)))
            }
            ("isdigit" | "isdecimal" | "isnumeric", [], _) if plain => all(|c| c.is_ascii_digit()),
            ("isalpha", [], _) if plain => all(|c| c.is_ascii_alphabetic()),
            ("isalnum", [], _) if plain => all(|c| c.is_ascii_alphanumeric()),
            ("isspace", [], _) if plain => all(is_space),
            ("isupper", [], _) if plain => truth(
                text.chars().any(|c| c.is_ascii_uppercase()) && !text.chars().any(|c| c.is_ascii_lowercase()),
            ),
            ("islower", [], _) if plain => truth(
                text.chars().any(|c| c.is_ascii_lowercase()) && !text.chars().any(|c| c.is_ascii_uppercase()),
            ),
            ("istitle", [], _) if plain => {
                truth(text.chars().any(|c| c.is_ascii_alphabetic()) && titled(text) == text)
            }
            ("isidentifier", [], _) if plain => truth(
                text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                    && !text.starts_with(|c: char| c.is_ascii_digit())
                    && !text.is_empty(),
            ),
            _ => self.other_arguments(name, args, spot),
        }
    }

    fn join(&self, separator: &str, args: &[Value], spot: &Spot) -> Evaluated {
        let [value] = args else { return self.other_arguments("join", args, spot) };
        let items = match self.items_of(value, spot)? {
            Ok(items) => items,
            Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
        };
        let mut text = String::new();
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                text.push_str(separator);
            }
            match (item.as_str(), item.why_unknown()) {
                (Some(part), _) => text.push_str(part),
                (None, Some(unknown)) => return Ok(self.still_unknown(&unknown, spot)),
                (None, None) if matches!(item.kind, Kind::Name(_) | Kind::Attribute(_) | Kind::Object(_)) => {
                    return self.other_arguments("join", std::slice::from_ref(item), spot);
                }
                (None, None) => {
                    let message =
                        format!("sequence item {index}: expected str instance, {} found", item.type_name());
                    return Err(self.raise("TypeError", message, spot));
                }
            }
            self.text_room(text.len(), spot)?;
        }
        Ok(Value::str(text, spot))
    }

    fn split(&self, text: &str, from_right: bool, arguments: &Arguments, spot: &Spot) -> Evaluated {
        let Some([separator, most]) = super::places(arguments, ["sep", "maxsplit"]) else {
            return self.other_arguments("split", &arguments.args, spot);
        };
        let most = match most.map(|most| most.as_int()) {
            None => usize::MAX,
            Some(Some(most)) => usize::try_from(most).map_or(usize::MAX, |most| most.saturating_add(1)),
            Some(None) => return self.other_arguments("split", &arguments.args, spot),
        };
        let separator = separator.filter(|separator| !separator.is_none());
        let parts: Vec<&str> = match separator.as_ref().map(|separator| separator.as_str()) {
            None => {
                if from_right && most != usize::MAX {
                    return self.other_arguments("rsplit", &arguments.args, spot);
                }
                let mut parts = Vec::new();
                let mut rest = text.trim_start_matches(is_space);
                while !rest.is_empty() {
                    if parts.len() + 1 == most {
                        parts.push(rest);
                        break;
                    }
                    let end = rest.find(is_space).unwrap_or(rest.len());
                    parts.push(&rest[..end]);
                    rest = rest[end..].trim_start_matches(is_space);
                }
                parts
            }
            Some(Some("")) => return Err(self.raise("ValueError", "empty separator", spot)),
            Some(Some(separator)) if from_right => {
                let mut parts: Vec<&str> = text.rsplitn(most, separator).collect();
                parts.reverse();
                parts
            }
            Some(Some(separator)) => text.splitn(most, separator).collect(),
            Some(None) => return self.other_arguments("split", &arguments.args, spot),
        };
        self.room_for(parts.len(), spot)?;
        Ok(Value::list(parts.into_iter().map(|part| Value::str(part, spot)).collect(), spot))
    }

    pub(super) fn method_of_bytes(
        &self,
        bytes: &Rc<[u8]>,
        name: &str,
        args: Vec<Value>,
        spot: &Spot,
    ) -> Evaluated {
        match (name, &args[..]) {
            ("decode", given) => {
                let plain = given.iter().all(|given| {
                    given.as_str().is_some_and(|name| {
                        matches!(name.to_ascii_lowercase().as_str(), "utf-8" | "utf8" | "ascii")
                    })
                });
                match std::str::from_utf8(bytes) {
                    Ok(text) if plain => Ok(Value::str(text, spot)),
                    Ok(_) | Err(_) => self.other_arguments(name, &args, spot),
                }
            }
            ("hex", []) => Ok(Value::str(crate::source::hexadecimal(bytes), spot)),
            ("startswith" | "endswith", [part]) => match &part.kind {
                Kind::Bytes(part) if name == "startswith" => Ok(Value::bool(bytes.starts_with(part), spot)),
                Kind::Bytes(part) => Ok(Value::bool(bytes.ends_with(part), spot)),
                _ => self.other_arguments(name, &args, spot),
            },
            _ => self.other_arguments(name, &args, spot),
        }
    }
}

/// Ends of lines that only Python knows.
const UNUSUAL_ENDS: [char; 8] =
    ['\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}'];

/// What Python strips and splits at.
fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

fn titled(text: &str) -> String {
    let mut inside = false;
    text.chars()
        .map(|character| {
            let cased = if inside { character.to_ascii_lowercase() } else { character.to_ascii_uppercase() };
            inside = character.is_ascii_alphabetic();
            cased
        })
        .collect()
}
