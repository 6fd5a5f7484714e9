//! Numbers out of texts and of other numbers.

use super::super::evaluate::Evaluated;
use super::super::source::Spot;
use super::super::value::{Kind, Value, whole};
use super::super::world::World;

impl World {
    pub(super) fn to_int(&self, args: &[Value], spot: &Spot) -> Evaluated {
        let (value, base) = match args {
            [value] => (value, 10),
            [value, base] if base.as_int().is_some() => {
                (value, u32::try_from(base.as_int().unwrap_or_default()).unwrap_or_default())
            }
            _ => return self.other_arguments("int", args, spot),
        };
        match &value.kind {
            Kind::Float(number) => match whole(number.trunc()) {
                Some(number) => Ok(Value::int(number, spot)),
                None => self.other_arguments("int", args, spot),
            },
            Kind::Str(text) => {
                if !matches!(base, 2 | 8 | 10 | 16) {
                    return self.other_arguments("int", args, spot);
                }
                let text = text.trim().to_ascii_lowercase();
                let (sign, digits) = match text.strip_prefix('-') {
                    Some(rest) => (-1, rest),
                    None => (1, text.strip_prefix('+').unwrap_or(&text)),
                };
                let prefix = match base {
                    2 => "0b",
                    8 => "0o",
                    16 => "0x",
                    _ => "",
                };
                let digits = digits.strip_prefix(prefix).unwrap_or(digits);
                let separated = digits.starts_with('_') || digits.ends_with('_') || digits.contains("__");
                let bare = digits.replace('_', "");
                let valid = !bare.is_empty() && !separated && bare.chars().all(|digit| digit.is_digit(base));
                match i128::from_str_radix(&bare, base) {
                    Ok(number) if valid => Ok(Value::int(sign * number, spot)),
                    Err(_) if valid => Ok(self.unknown("a number beyond what is followed", spot)),
                    Ok(_) | Err(_) if bare.is_ascii() => {
                        Err(self.raise("ValueError", format!("invalid literal for int(): {text}"), spot))
                    }
                    Ok(_) | Err(_) => self.other_arguments("int", args, spot),
                }
            }
            _ => match value.as_int() {
                Some(number) if args.len() == 1 => Ok(Value::int(number, spot)),
                Some(_) | None
                    if matches!(value.kind, Kind::None | Kind::List(_) | Kind::Dict(_) | Kind::Tuple(_)) =>
                {
                    Err(self.wrong_type(
                        format!("int() argument must be a string or a number, not '{}'", value.type_name()),
                        spot,
                    ))
                }
                Some(_) | None => self.other_arguments("int", args, spot),
            },
        }
    }

    pub(super) fn to_float(&self, value: &Value, spot: &Spot) -> Evaluated {
        if let Some(number) = super::super::evaluate::as_float(value) {
            return Ok(Value::new(Kind::Float(number), spot));
        }
        if let Some(text) = value.as_str() {
            let plain = text.trim();
            let decimal = plain.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
            return match plain.parse::<f64>() {
                Ok(number) if decimal => Ok(Value::new(Kind::Float(number), spot)),
                Err(_) if decimal => Err(self.raise("ValueError", "could not convert string to float", spot)),
                Ok(_) | Err(_) => self.other_arguments("float", std::slice::from_ref(value), spot),
            };
        }
        self.other_arguments("float", std::slice::from_ref(value), spot)
    }

    pub(super) fn round(&self, args: &[Value], spot: &Spot) -> Evaluated {
        match args {
            [value] => match (&value.kind, value.as_int()) {
                (_, Some(number)) => Ok(Value::int(number, spot)),
                (Kind::Float(number), None) => match whole(number.round_ties_even()) {
                    Some(number) => Ok(Value::int(number, spot)),
                    None => self.other_arguments("round", args, spot),
                },
                _ => self.other_arguments("round", args, spot),
            },
            _ => self.other_arguments("round", args, spot),
        }
    }
}
