//! Values as text: `str`, `repr`, format specifications, `%`, and `str.format`.

use std::rc::Rc;

use super::super::evaluate::{Evaluated, Outcome};
use super::super::shown::{display, quoted};
use super::super::source::Spot;
use super::super::value::{Arguments, ClassRef, Key, Kind, Unknown, Value};
use super::super::world::World;

/// A text, or why it is not known.
pub(super) type Written = Outcome<String>;

/// A format specification: `[[fill]align][sign][#][0][width][,][.precision][type]`.
#[derive(Default)]
struct Specification {
    fill: Option<char>,
    align: Option<char>,
    sign: Option<char>,
    alternate: bool,
    zero: bool,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

impl World {
    pub(super) fn to_text(&self, value: &Value, spot: &Spot) -> Written {
        match &value.kind {
            Kind::Str(text) => Ok(Ok(text.to_string())),
            Kind::Path(path) => Ok(Ok(path.to_string())),
            Kind::Object(object) => {
                for name in ["__str__", "__repr__"] {
                    if let Some(method) = self.own_method(value, name) {
                        let given = self.call_positional(&method, Vec::new(), spot)?;
                        return Ok(match given.as_str() {
                            Some(text) => Ok(text.to_owned()),
                            None => Err(given.why_unknown().unwrap_or_else(|| self.no_text(value, spot))),
                        });
                    }
                }
                if let ClassRef::Name(name) = &object.class
                    && name.starts_with("builtins.")
                    && let [only] = &object.args[..]
                    && let Some(text) = only.as_str()
                    && &**name != "builtins.KeyError"
                {
                    return Ok(Ok(text.to_owned()));
                }
                Ok(Err(self.no_text(value, spot)))
            }
            _ => self.to_repr(value, spot),
        }
    }

    pub(super) fn to_repr(&self, value: &Value, spot: &Spot) -> Written {
        if let Some(unknown) = value.why_unknown() {
            return Ok(Err(unknown));
        }
        if let Some(method) = self.own_method(value, "__repr__") {
            let given = self.call_positional(&method, Vec::new(), spot)?;
            return Ok(match given.as_str() {
                Some(text) => Ok(text.to_owned()),
                None => Err(given.why_unknown().unwrap_or_else(|| self.no_text(value, spot))),
            });
        }
        if let Some(answers) = &self.surroundings.answers
            && let Some(text) = answers.text(value)
        {
            return Ok(Ok(text));
        }
        let Some(text) = display(value) else {
            let within = super::super::value::unknowns_within(value).into_iter().next();
            return Ok(Err(within.unwrap_or_else(|| self.no_text(value, spot))));
        };
        self.text_room(text.len(), spot)?;
        Ok(Ok(text))
    }

    fn no_text(&self, value: &Value, spot: &Spot) -> Rc<Unknown> {
        self.reason(format!("{} as a text is not known", super::super::shown::shown(value)), spot)
    }

    pub(super) fn format_builtin(&self, value: &Value, specification: &str, spot: &Spot) -> Evaluated {
        Ok(match self.formatted(value, None, specification, spot)? {
            Ok(text) => Value::str(text, spot),
            Err(unknown) => self.still_unknown(&unknown, spot),
        })
    }

    pub(in super::super) fn formatted(
        &self,
        value: &Value,
        conversion: Option<char>,
        specification: &str,
        spot: &Spot,
    ) -> Written {
        if let Some(unknown) = value.why_unknown() {
            return Ok(Err(unknown));
        }
        let converted = match conversion {
            Some('r') => Some(self.to_repr(value, spot)?),
            Some('a') => return Ok(Err(self.reason("the conversion !a is not followed", spot))),
            Some(_) => Some(self.to_text(value, spot)?),
            None => None,
        };
        let value = match converted {
            Some(Ok(text)) => Value::str(text, spot),
            Some(Err(unknown)) => return Ok(Err(unknown)),
            None => value.clone(),
        };
        if specification.is_empty() {
            return self.to_text(&value, spot);
        }
        let Some(parsed) = parse(specification) else {
            return Ok(Err(self.reason(format!("the format {specification:?} is not followed"), spot)));
        };
        self.text_room(parsed.width.saturating_add(parsed.precision.unwrap_or_default()), spot)?;
        match apply(&value, &parsed) {
            Some(text) => Ok(Ok(text)),
            None => Ok(Err(self.reason(format!("the format {specification:?} is not followed here"), spot))),
        }
    }

    /// `"..." % values`.
    pub(in super::super) fn percent(&self, text: &str, values: &Value, spot: &Spot) -> Evaluated {
        let single = [values.clone()];
        let positional: &[Value] = match &values.kind {
            Kind::Tuple(items) => items,
            _ => &single,
        };
        let mut next = positional.iter();
        let mut result = String::new();
        let mut named = false;
        let mut rest = text;
        while let Some(at) = rest.find('%') {
            result.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('%') {
                result.push('%');
                rest = after;
                continue;
            }
            let mut name = None;
            if let Some(inside) = rest.strip_prefix('(') {
                let Some(end) = inside.find(')') else {
                    return Err(self.raise("ValueError", "incomplete format key", spot));
                };
                name = Some(&inside[..end]);
                rest = &inside[end + 1..];
            }
            let end =
                rest.find(|character: char| !"#0- +.123456789".contains(character)).unwrap_or(rest.len());
            let (flags, after) = rest.split_at(end);
            let Some(kind) = after.chars().next() else {
                return Err(self.raise("ValueError", "incomplete format", spot));
            };
            rest = &after[kind.len_utf8()..];
            if kind == '*' {
                return Ok(self.unknown("a format with * is not followed", spot));
            }
            let value = match name {
                Some(name) => {
                    named = true;
                    self.item_of(values, &Value::str(name, spot), spot)?
                }
                None => match next.next() {
                    Some(value) => value.clone(),
                    None => {
                        return Err(self.raise("TypeError", "not enough arguments for format string", spot));
                    }
                },
            };
            match self.percent_part(&value, flags, kind, spot)? {
                Ok(part) => result.push_str(&part),
                Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
            }
            self.text_room(result.len(), spot)?;
        }
        result.push_str(rest);
        let left = next.next().is_some();
        if left && !named {
            if let Some(unknown) = values.why_unknown() {
                return Ok(self.still_unknown(&unknown, spot));
            }
            // Whatever can be subscripted may stand there without being used.
            if matches!(
                values.kind,
                Kind::Tuple(_) | Kind::Str(_) | Kind::Int(_) | Kind::None | Kind::Bool(_) | Kind::Float(_)
            ) {
                return Err(self.raise(
                    "TypeError",
                    "not all arguments converted during string formatting",
                    spot,
                ));
            }
        }
        Ok(Value::str(result, spot))
    }

    fn percent_part(&self, value: &Value, flags: &str, kind: char, spot: &Spot) -> Written {
        if let Some(unknown) = value.why_unknown() {
            return Ok(Err(unknown));
        }
        let (before, precision) = match flags.split_once('.') {
            Some((before, precision)) => (before, Some(precision.parse::<usize>().unwrap_or(0))),
            None => (flags, None),
        };
        let width = before.trim_start_matches(['#', '0', '-', ' ', '+']);
        let marks = &before[..before.len() - width.len()];
        let width: usize = width.parse().unwrap_or_default();
        let not_followed =
            |what: &str| Ok(Err(self.reason(format!("the format {what} is not followed here"), spot)));
        self.text_room(width.saturating_add(precision.unwrap_or_default()), spot)?;
        let number = matches!(kind, 'd' | 'i' | 'u' | 'x' | 'X' | 'o' | 'f' | 'F');
        let body = match kind {
            's' | 'r' => {
                let text = if kind == 's' { self.to_text(value, spot)? } else { self.to_repr(value, spot)? };
                match text {
                    Ok(text) => match precision {
                        Some(precision) => text.chars().take(precision).collect(),
                        None => text,
                    },
                    Err(unknown) => return Ok(Err(unknown)),
                }
            }
            'd' | 'i' | 'u' if precision.is_none() => match (&value.kind, value.as_int()) {
                (_, Some(number)) => number.to_string(),
                (Kind::Float(number), None) => match super::super::value::whole(number.trunc()) {
                    Some(number) => number.to_string(),
                    None => return not_followed("%d"),
                },
                (Kind::Str(_) | Kind::None | Kind::List(_) | Kind::Dict(_), None) => {
                    return Err(self.raise("TypeError", "%d format: a number is required", spot));
                }
                _ => return not_followed("%d"),
            },
            'x' | 'X' | 'o' if precision.is_none() => match value.as_int() {
                Some(number) => {
                    let sign = if number < 0 { "-" } else { "" };
                    let digits = number.unsigned_abs();
                    match (kind, marks.contains('#')) {
                        ('x', false) => format!("{sign}{digits:x}"),
                        ('x', true) => format!("{sign}{digits:#x}"),
                        ('X', false) => format!("{sign}{digits:X}"),
                        ('o', false) => format!("{sign}{digits:o}"),
                        _ => return not_followed("%o"),
                    }
                }
                None => return not_followed("%x"),
            },
            'f' | 'F' => match super::super::evaluate::as_float(value).filter(|number| number.is_finite()) {
                Some(number) => format!("{number:.*}", precision.unwrap_or(6)),
                None => return not_followed("%f"),
            },
            'c' => match (value.as_str(), value.as_int()) {
                (Some(text), _) if text.chars().count() == 1 => text.to_owned(),
                (None, Some(code)) => match u32::try_from(code).ok().and_then(char::from_u32) {
                    Some(character) => character.to_string(),
                    None => return not_followed("%c"),
                },
                _ => return not_followed("%c"),
            },
            _ => return not_followed(&format!("%{kind}")),
        };
        let body = if number && !body.starts_with('-') && marks.contains('+') {
            format!("+{body}")
        } else if number && !body.starts_with('-') && marks.contains(' ') {
            format!(" {body}")
        } else {
            body
        };
        let missing = width.saturating_sub(body.chars().count());
        Ok(Ok(if marks.contains('-') {
            body + &" ".repeat(missing)
        } else if marks.contains('0') && number {
            let (sign, digits) = match body.strip_prefix(['-', '+', ' ']) {
                Some(digits) => (&body[..1], digits),
                None => ("", &body[..]),
            };
            format!("{sign}{}{digits}", "0".repeat(missing))
        } else {
            " ".repeat(missing) + &body
        }))
    }

    pub(super) fn format_method(&self, text: &str, arguments: &Arguments, spot: &Spot) -> Evaluated {
        let mut automatic = 0;
        Ok(match self.fill_in(text, arguments, &mut automatic, 0, spot)? {
            Ok(text) => Value::str(text, spot),
            Err(unknown) => self.still_unknown(&unknown, spot),
        })
    }

    fn fill_in(
        &self,
        text: &str,
        arguments: &Arguments,
        automatic: &mut usize,
        depth: usize,
        spot: &Spot,
    ) -> Written {
        let mut result = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            result.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                result.push_str(brace);
                rest = after;
                continue;
            }
            if brace == "}" {
                return Err(self.raise("ValueError", "Single '}' encountered in format string", spot));
            }
            let Some(end) = closing(rest) else {
                return Err(self.raise("ValueError", "expected '}' before end of string", spot));
            };
            let field = &rest[..end];
            rest = &rest[end + 1..];
            let (field, specification) = field.split_once(':').unwrap_or((field, ""));
            let (field, conversion) = field.split_once('!').unwrap_or((field, ""));
            let value = match self.field(field, arguments, automatic, spot)? {
                Ok(value) => value,
                Err(unknown) => return Ok(Err(unknown)),
            };
            let specification = if specification.contains('{') && depth == 0 {
                match self.fill_in(specification, arguments, automatic, depth + 1, spot)? {
                    Ok(specification) => specification,
                    Err(unknown) => return Ok(Err(unknown)),
                }
            } else {
                specification.to_owned()
            };
            match self.formatted(&value, conversion.chars().next(), &specification, spot)? {
                Ok(part) => result.push_str(&part),
                Err(unknown) => return Ok(Err(unknown)),
            }
            self.text_room(result.len(), spot)?;
        }
        result.push_str(rest);
        Ok(Ok(result))
    }

    fn field(
        &self,
        field: &str,
        arguments: &Arguments,
        automatic: &mut usize,
        spot: &Spot,
    ) -> Outcome<Value> {
        let end = field.find(['.', '[']).unwrap_or(field.len());
        let (first, mut path) = field.split_at(end);
        let missing =
            || self.raise("IndexError", "Replacement index out of range for positional args tuple", spot);
        let mut value = if first.is_empty() {
            *automatic += 1;
            arguments.args.get(*automatic - 1).cloned().ok_or_else(missing)?
        } else if let Ok(index) = first.parse::<usize>() {
            arguments.args.get(index).cloned().ok_or_else(missing)?
        } else {
            arguments.keyword(first).cloned().ok_or_else(|| self.raise("KeyError", quoted(first), spot))?
        };
        while !path.is_empty() {
            if let Some(rest) = path.strip_prefix('.') {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                value = self.attribute_of(&value, &rest[..end], spot)?;
                path = &rest[end..];
            } else if let Some((index, rest)) = path.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
                let index = match index.parse::<u32>() {
                    Ok(number) => Value::int(i128::from(number), spot),
                    Err(_) => Value::str(index, spot),
                };
                value = self.item_of(&value, &index, spot)?;
                path = rest;
            } else {
                return Ok(Err(self.reason("a format that is not followed", spot)));
            }
        }
        Ok(match value.why_unknown() {
            Some(unknown) => Err(unknown),
            None => Ok(value),
        })
    }

    /// Whether an object that stands for a scope has a key.
    pub(super) fn text_key(value: &Value) -> Option<Rc<str>> {
        match Key::of(value) {
            Ok(Key::Str(text)) => Some(text),
            _ => None,
        }
    }
}

/// The end of a replacement field that begins here, with fields within its specification.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0;
    for (at, character) in text.char_indices() {
        match character {
            '{' => open += 1,
            '}' if open == 0 => return Some(at),
            '}' => open -= 1,
            _ => {}
        }
    }
    None
}

fn parse(text: &str) -> Option<Specification> {
    let mut found = Specification::default();
    let characters: Vec<char> = text.chars().collect();
    let mut at = 0;
    let is_align = |character: Option<&char>| matches!(character, Some('<' | '>' | '=' | '^'));
    if is_align(characters.get(1)) {
        found.fill = characters.first().copied();
        found.align = characters.get(1).copied();
        at = 2;
    } else if is_align(characters.first()) {
        found.align = characters.first().copied();
        at = 1;
    }
    let mut take = |set: &str| {
        let next = characters.get(at).copied().filter(|character| set.contains(*character));
        at += usize::from(next.is_some());
        next
    };
    found.sign = take("+- ");
    found.alternate = take("#").is_some();
    found.zero = take("0").is_some();
    let mut digits = String::new();
    while let Some(digit) = take("0123456789") {
        digits.push(digit);
    }
    found.width = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    found.grouping = take(",_");
    if take(".").is_some() {
        let mut digits = String::new();
        while let Some(digit) = take("0123456789") {
            digits.push(digit);
        }
        found.precision = Some(digits.parse().ok()?);
    }
    found.kind = take("sdxXobf%FceEgGn");
    (at == characters.len()).then_some(found)
}

/// The value in this format; `None` where that is not modelled.
fn apply(value: &Value, wanted: &Specification) -> Option<String> {
    let (sign, body, is_number) = match (&value.kind, value.as_int()) {
        (Kind::Str(text), _) => {
            if !matches!(wanted.kind, None | Some('s'))
                || wanted.sign.is_some()
                || wanted.grouping.is_some()
                || wanted.alternate
                || wanted.align == Some('=')
            {
                return None;
            }
            let text: String = match wanted.precision {
                Some(precision) => text.chars().take(precision).collect(),
                None => text.to_string(),
            };
            ("", text, false)
        }
        (Kind::Bool(_), _) if wanted.kind.is_none() => return None,
        (_, Some(number)) if !matches!(wanted.kind, Some('f' | 'F' | '%' | 'e' | 'E' | 'g' | 'G')) => {
            if wanted.precision.is_some() {
                return None;
            }
            let digits = number.unsigned_abs();
            let body = match (wanted.kind, wanted.alternate) {
                (None | Some('d'), _) => grouped(&digits.to_string(), wanted.grouping),
                _ if wanted.grouping.is_some() => return None,
                (Some('x'), false) => format!("{digits:x}"),
                (Some('X'), false) => format!("{digits:X}"),
                (Some('o'), false) => format!("{digits:o}"),
                (Some('b'), false) => format!("{digits:b}"),
                _ => return None,
            };
            (sign_of(number < 0, wanted.sign), body, true)
        }
        _ => {
            let number = super::super::evaluate::as_float(value).filter(|number| number.is_finite())?;
            let magnitude = number.abs();
            let (digits, end) = match wanted.kind {
                Some('f' | 'F') => (format!("{magnitude:.*}", wanted.precision.unwrap_or(6)), ""),
                Some('%') => (format!("{:.*}", wanted.precision.unwrap_or(6), magnitude * 100.0), "%"),
                _ => return None,
            };
            let (whole, fraction) = digits
                .split_once('.')
                .map_or((&digits[..], String::new()), |(whole, fraction)| (whole, format!(".{fraction}")));
            let body = grouped(whole, wanted.grouping) + &fraction + end;
            (sign_of(number.is_sign_negative(), wanted.sign), body, true)
        }
    };
    let missing = wanted.width.saturating_sub(sign.chars().count() + body.chars().count());
    if wanted.zero && wanted.grouping.is_some() && missing > 0 {
        return None;
    }
    let fill = wanted.fill.unwrap_or(if wanted.zero { '0' } else { ' ' }).to_string();
    let align = wanted.align.unwrap_or(match (is_number, wanted.zero) {
        (true, true) => '=',
        (true, false) => '>',
        (false, _) => '<',
    });
    Some(match align {
        '<' => format!("{sign}{body}{}", fill.repeat(missing)),
        '^' => format!("{}{sign}{body}{}", fill.repeat(missing / 2), fill.repeat(missing - missing / 2)),
        '=' => format!("{sign}{}{body}", fill.repeat(missing)),
        _ => format!("{}{sign}{body}", fill.repeat(missing)),
    })
}

fn sign_of(negative: bool, wanted: Option<char>) -> &'static str {
    match (negative, wanted) {
        (true, _) => "-",
        (false, Some('+')) => "+",
        (false, Some(' ')) => " ",
        (false, _) => "",
    }
}

fn grouped(digits: &str, separator: Option<char>) -> String {
    let Some(separator) = separator else { return digits.to_owned() };
    let mut result = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            result.push(separator);
        }
        result.push(digit);
    }
    result
}
