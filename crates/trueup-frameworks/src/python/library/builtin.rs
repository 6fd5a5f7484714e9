//! Functions and types that are there without an import.

use std::rc::Rc;

use super::super::evaluate::{Evaluated, Stop, Truth};
use super::super::source::Spot;
use super::super::value::{
    Arguments, Builtin, ClassRef, Content, Dict, Function, Items, Kind, ListCell, Object, SetCell, Unknown,
    Value, Wrapping, whole,
};
use super::super::world::World;
use super::names::{descends, is_exception};

impl World {
    pub(in super::super) fn call_builtin(
        &self,
        builtin: Builtin,
        arguments: Arguments,
        spot: &Spot,
    ) -> Evaluated {
        let name = builtin.name();
        if is_exception(name) {
            let class = ClassRef::Name(format!("builtins.{name}").into());
            return Ok(Value::new(Kind::Object(Object::new(class, arguments)), spot));
        }
        if let Some((_, method)) = name.split_once('.') {
            let Arguments { mut args, kwargs } = arguments;
            if name == "dict.fromkeys" {
                return self.dict_of_keys(&args, spot);
            }
            if args.is_empty() {
                return self.other_arguments(name, &args, spot);
            }
            let receiver = args.remove(0);
            let bound = self.attribute_of(&receiver, method, spot)?;
            return self.call_value(&bound, Arguments { args, kwargs }, spot);
        }
        let Arguments { args, kwargs } = arguments;
        if !kwargs.is_empty() {
            return self.with_keywords(name, args, kwargs, spot);
        }
        match (name, &args[..]) {
            ("print", _) => Ok(Value::none(spot)),
            ("len", [value]) => self.length(value, spot),
            ("range", _) => self.range(&args, spot),
            ("list", []) => Ok(Value::list(Vec::new(), spot)),
            ("tuple", []) => Ok(Value::tuple(Vec::new(), spot)),
            ("dict", []) => Ok(Value::dict(Dict::new(), spot)),
            ("set" | "frozenset", []) => {
                Ok(Value::new(Kind::Set(SetCell::new(Dict::new(), name == "frozenset")), spot))
            }
            ("str", []) => Ok(Value::str("", spot)),
            ("bool", []) => Ok(Value::bool(false, spot)),
            ("int", []) => Ok(Value::int(0, spot)),
            ("float", []) => Ok(Value::new(Kind::Float(0.0), spot)),
            ("bytes", []) => Ok(Value::new(Kind::Bytes(Rc::new([])), spot)),
            ("list", [value]) => Ok(match self.items_of(value, spot)? {
                Ok(items) => Value::list(items, spot),
                Err(unknown) => self.still_unknown(&unknown, spot),
            }),
            ("tuple", [value]) => Ok(match self.items_of(value, spot)? {
                Ok(items) => Value::tuple(items, spot),
                Err(unknown) => self.still_unknown(&unknown, spot),
            }),
            ("set" | "frozenset", [value]) => match self.members_of(value, spot)? {
                Ok(items) => self.set_of(items, name == "frozenset", spot),
                Err(unknown) => Ok(self.still_unknown(&unknown, spot)),
            },
            ("dict", [value]) => self.to_dict(value, Vec::new(), spot),
            ("str", [value]) => Ok(match self.to_text(value, spot)? {
                Ok(text) => Value::str(text, spot),
                Err(unknown) => self.still_unknown(&unknown, spot),
            }),
            ("repr", [value]) => Ok(match self.to_repr(value, spot)? {
                Ok(text) => Value::str(text, spot),
                Err(unknown) => self.still_unknown(&unknown, spot),
            }),
            ("format", [value]) => self.format_builtin(value, "", spot),
            ("format", [value, specification]) if specification.as_str().is_some() => {
                self.format_builtin(value, specification.as_str().unwrap_or_default(), spot)
            }
            ("bool", [value]) => Ok(match self.truth(value)? {
                Truth::Yes => Value::bool(true, spot),
                Truth::No => Value::bool(false, spot),
                Truth::Unknown(unknown) => self.still_unknown(&unknown, spot),
            }),
            ("int", _) => self.to_int(&args, spot),
            ("float", [value]) => self.to_float(value, spot),
            ("abs", [value]) => Ok(match (&value.kind, value.as_int()) {
                (Kind::Float(number), _) => Value::new(Kind::Float(number.abs()), spot),
                (_, Some(number)) => Value::int(number.checked_abs().unwrap_or(i128::MAX), spot),
                _ => return self.other_arguments(name, &args, spot),
            }),
            ("isinstance", [value, class]) => self.is_instance(value, class, spot),
            ("issubclass", [value, class]) => self.is_subclass(value, class, spot),
            ("callable", [value]) => Ok(match &value.kind {
                Kind::Function(_)
                | Kind::Method(_)
                | Kind::Builtin(_)
                | Kind::Class(_)
                | Kind::Partial(_) => Value::bool(true, spot),
                Kind::Object(_) if self.own_method(value, "__call__").is_some() => Value::bool(true, spot),
                Kind::Name(_) | Kind::Attribute(_) | Kind::Object(_) | Kind::Unknown(_) | Kind::Super(_) => {
                    return self.other_arguments(name, &args, spot);
                }
                _ => Value::bool(false, spot),
            }),
            ("getattr", [object, name]) if name.as_str().is_some() => {
                self.attribute_of(object, name.as_str().unwrap_or_default(), spot)
            }
            ("getattr", [object, name, default]) if name.as_str().is_some() => {
                self.attribute_or(object, name.as_str().unwrap_or_default(), default, spot)
            }
            ("hasattr", [object, name]) if name.as_str().is_some() => {
                self.has_attribute(object, name.as_str().unwrap_or_default(), spot)
            }
            ("setattr", [object, name, value]) => {
                match name.as_str() {
                    Some(name) => self.set_attribute(object, name, value.clone(), spot)?,
                    None => {
                        let unknown = name
                            .why_unknown()
                            .unwrap_or_else(|| self.reason("an attribute of unknown name is set", spot));
                        let object = Arguments { args: vec![object.clone()], kwargs: Vec::new() };
                        self.lose_arguments(&object, &unknown, spot);
                        if let Kind::Module(module) = &object.args[0].kind {
                            self.blur_module(module, &unknown, spot);
                        }
                        if let Kind::Class(class) = &object.args[0].kind {
                            class.attributes.expect_more(&self.journal, Some(unknown));
                        }
                    }
                }
                Ok(Value::none(spot))
            }
            ("enumerate", [value]) => self.enumerate(value, 0, spot),
            ("enumerate", [value, start]) if start.as_int().is_some() => {
                self.enumerate(value, start.as_int().unwrap_or_default(), spot)
            }
            ("zip", _) => self.zip(&args, spot),
            ("map", [function, values @ ..]) if !values.is_empty() => self.map(function, values, spot),
            ("filter", [function, value]) => self.filter(function, value, spot),
            ("reversed", [value]) => Ok(match self.items_of(value, spot)? {
                Ok(mut items) => {
                    items.reverse();
                    iterator(items, spot)
                }
                Err(unknown) => self.still_unknown(&unknown, spot),
            }),
            ("iter", [value]) if matches!(value.kind, Kind::Iterator(_)) => Ok(value.clone()),
            ("iter", [value]) => Ok(match self.items_of(value, spot)? {
                Ok(items) => iterator(items, spot),
                Err(unknown) => self.still_unknown(&unknown, spot),
            }),
            ("next", [value]) => self.next(value, None, spot),
            ("next", [value, default]) => self.next(value, Some(default), spot),
            ("sorted", [value]) => self.sorted(value, None, false, spot),
            ("sum", [value]) => self.sum(value, Value::int(0, spot), spot),
            ("sum", [value, start]) => self.sum(value, start.clone(), spot),
            ("any" | "all", [value]) => self.any_or_all(value, name == "any", spot),
            ("min" | "max", [value]) => match self.members_of(value, spot)? {
                Ok(items) => self.extreme(&items, name == "max", None, None, spot),
                Err(unknown) => Ok(self.still_unknown(&unknown, spot)),
            },
            ("min" | "max", values) if values.len() > 1 => {
                self.extreme(values, name == "max", None, None, spot)
            }
            ("round", _) => self.round(&args, spot),
            ("divmod", [left, right]) => {
                use super::super::syntax::Operator;
                let quotient = self.operate(Operator::FloorDivide, left.clone(), right.clone(), spot)?;
                let rest = self.operate(Operator::Modulo, left.clone(), right.clone(), spot)?;
                Ok(Value::tuple(vec![quotient, rest], spot))
            }
            ("pow", [left, right]) => {
                self.operate(super::super::syntax::Operator::Power, left.clone(), right.clone(), spot)
            }
            ("chr", [value]) => {
                match value.as_int().map(|code| u32::try_from(code).ok().and_then(char::from_u32)) {
                    Some(Some(character)) => Ok(Value::str(character.to_string(), spot)),
                    Some(None) | None => self.other_arguments(name, &args, spot),
                }
            }
            ("ord", [value]) => {
                let mut characters = value.as_str().unwrap_or_default().chars();
                match (characters.next(), characters.next()) {
                    (Some(character), None) => Ok(Value::int(i128::from(u32::from(character)), spot)),
                    _ => self.other_arguments(name, &args, spot),
                }
            }
            ("hex" | "oct" | "bin", [value]) => match value.as_int() {
                Some(number) => {
                    let sign = if number < 0 { "-" } else { "" };
                    let number = number.unsigned_abs();
                    Ok(Value::str(
                        match name {
                            "hex" => format!("{sign}{number:#x}"),
                            "oct" => format!("{sign}{number:#o}"),
                            _ => format!("{sign}{number:#b}"),
                        },
                        spot,
                    ))
                }
                None => self.other_arguments(name, &args, spot),
            },
            ("type", [value]) => self.type_of(value, spot),
            ("type", [name, bases, body]) => self.make_class(name, bases, body, spot),
            ("property", [getter]) => Ok(match &getter.kind {
                Kind::Function(function) => rewrapped(function, Wrapping::Property, getter),
                _ => return self.other_arguments(name, &args, spot),
            }),
            ("staticmethod", [value]) => Ok(match &value.kind {
                Kind::Function(function) => rewrapped(function, Wrapping::Static, value),
                _ => return self.other_arguments(name, &args, spot),
            }),
            ("classmethod", [value]) => Ok(match &value.kind {
                Kind::Function(function) => rewrapped(function, Wrapping::Class, value),
                _ => return self.other_arguments(name, &args, spot),
            }),
            ("slice", [stop]) => Ok(Value::new(
                Kind::Slice(Items::new(vec![Value::none(spot), stop.clone(), Value::none(spot)])),
                spot,
            )),
            ("slice", [start, stop]) => Ok(Value::new(
                Kind::Slice(Items::new(vec![start.clone(), stop.clone(), Value::none(spot)])),
                spot,
            )),
            ("slice", [_, _, _]) => Ok(Value::new(Kind::Slice(Items::new(args)), spot)),
            ("object", []) => Ok(Value::new(
                Kind::Object(Object::new(ClassRef::Name("builtins.object".into()), Arguments::default())),
                spot,
            )),
            ("super", [class, about]) => Ok(match &class.kind {
                Kind::Class(class) => Value::new(Kind::Super(Rc::new((class.clone(), about.clone()))), spot),
                _ => return self.other_arguments(name, &args, spot),
            }),
            ("vars", [value]) => Ok(match &value.kind {
                Kind::Module(module) => {
                    self.load(module);
                    self.namespace_of(&module.scope, spot)
                }
                _ => return self.other_arguments(name, &args, spot),
            }),
            ("open", [path, ..]) => self.open(path, args.get(1), spot),
            ("__import__", [name, ..]) if name.as_str().is_some() => {
                let name = name.as_str().unwrap_or_default().to_owned();
                let whole = self.import(&name, spot)?;
                match name.split_once('.') {
                    Some((first, _)) if args.len() < 4 => self.import(first, spot),
                    Some(_) | None => Ok(whole),
                }
            }
            ("id" | "hash" | "input" | "dir" | "vars", _) => self.other_arguments(name, &args, spot),
            ("eval" | "exec" | "compile", _) => {
                let unknown = self.reason(format!("{name} is not followed"), spot);
                let given = Arguments { args, kwargs: Vec::new() };
                self.lose_arguments(&given, &unknown, spot);
                // It may have bound or changed whatever it liked.
                if let Some(module) =
                    self.modules.borrow().values().find(|module| Rc::ptr_eq(&module.source, &spot.source))
                {
                    self.blur_module(module, &unknown, spot);
                }
                Ok(self.still_unknown(&unknown, spot))
            }
            _ => self.other_arguments(name, &args, spot),
        }
    }

    fn with_keywords(
        &self,
        name: &str,
        args: Vec<Value>,
        kwargs: Vec<(Rc<str>, Value)>,
        spot: &Spot,
    ) -> Evaluated {
        let arguments = Arguments { args, kwargs };
        let flag = |value: &Option<Value>| match value {
            Some(value) => self.truth(value),
            None => Ok(Truth::No),
        };
        match name {
            "print" => Ok(Value::none(spot)),
            "dict" => match &arguments.args[..] {
                [] => Ok(self.dict_of(arguments.kwargs, spot)),
                [value] => self.to_dict(value, arguments.kwargs.clone(), spot),
                _ => self.other_arguments(name, &arguments.args, spot),
            },
            "sorted" => match super::places(&arguments, ["iterable", "key", "reverse"]) {
                Some([Some(value), key, reverse]) => match flag(&reverse)? {
                    Truth::Yes => self.sorted(&value, key.as_ref(), true, spot),
                    Truth::No => self.sorted(&value, key.as_ref(), false, spot),
                    Truth::Unknown(unknown) => Ok(self.still_unknown(&unknown, spot)),
                },
                _ => self.other_arguments(name, &arguments.args, spot),
            },
            "enumerate" => match super::places(&arguments, ["iterable", "start"]) {
                Some([Some(value), Some(start)]) if start.as_int().is_some() => {
                    self.enumerate(&value, start.as_int().unwrap_or_default(), spot)
                }
                _ => self.other_arguments(name, &arguments.args, spot),
            },
            "min" | "max" => {
                let keyword = |name: &str| arguments.keyword(name).cloned();
                let (key, default) = (keyword("key"), keyword("default"));
                let items = match &arguments.args[..] {
                    [one] => self.members_of(one, spot)?,
                    several => Ok(several.to_vec()),
                };
                match items {
                    Ok(items) => self.extreme(&items, name == "max", key.as_ref(), default.as_ref(), spot),
                    Err(unknown) => Ok(self.still_unknown(&unknown, spot)),
                }
            }
            "sum" => match super::places(&arguments, ["iterable", "start"]) {
                Some([Some(value), Some(start)]) => self.sum(&value, start, spot),
                _ => self.other_arguments(name, &arguments.args, spot),
            },
            "open" => match &arguments.args[..] {
                [path, rest @ ..] => {
                    let mode = rest.first().or_else(|| arguments.keyword("mode"));
                    self.open(path, mode, spot)
                }
                [] => self.other_arguments(name, &arguments.args, spot),
            },
            "zip" => self.zip(&arguments.args, spot),
            "property" => match super::places(&arguments, ["fget", "fset", "fdel", "doc"]) {
                Some([Some(getter), ..]) => match &getter.kind {
                    Kind::Function(function) => Ok(rewrapped(function, Wrapping::Property, &getter)),
                    _ => self.other_arguments(name, &arguments.args, spot),
                },
                _ => self.other_arguments(name, &arguments.args, spot),
            },
            _ => self.other_arguments(name, &arguments.args, spot),
        }
    }

    pub(super) fn blur_module(
        &self,
        module: &Rc<super::super::modules::Module>,
        unknown: &Rc<Unknown>,
        spot: &Spot,
    ) {
        for (name, _) in module.scope.entries() {
            if !name.starts_with("__") {
                module.scope.set(&self.journal, &name, Value::still_unknown(unknown, spot));
            }
        }
        module.scope.expect_more(&self.journal, Some(unknown.clone()));
    }

    fn length(&self, value: &Value, spot: &Spot) -> Evaluated {
        if let Some(method) = self.own_method(value, "__len__") {
            return self.call_positional(&method, Vec::new(), spot);
        }
        let length = match &value.kind {
            Kind::Str(text) => text.chars().count(),
            Kind::Bytes(bytes) => bytes.len(),
            Kind::Tuple(items) => items.len(),
            Kind::List(cell) => match &*cell.content() {
                Content::Known(items) => items.len(),
                Content::Unknown(unknown) => return Ok(self.still_unknown(&unknown.clone(), spot)),
            },
            Kind::Dict(cell) => match &*cell.content() {
                Content::Known(dict) => dict.len(),
                Content::Unknown(unknown) => return Ok(self.still_unknown(&unknown.clone(), spot)),
            },
            Kind::Set(cell) => match &*cell.content() {
                Content::Known(items) => items.len(),
                Content::Unknown(unknown) => return Ok(self.still_unknown(&unknown.clone(), spot)),
            },
            Kind::Range { start, stop, step } => {
                return Ok(Value::int(super::super::evaluate::range_length(*start, *stop, *step), spot));
            }
            Kind::Class(class) => match self.members(class, spot)? {
                Some(members) => members.len(),
                None => return self.other_arguments("len", std::slice::from_ref(value), spot),
            },
            Kind::Name(_)
            | Kind::Attribute(_)
            | Kind::Object(_)
            | Kind::Unknown(_)
            | Kind::Super(_)
            | Kind::Lazy(_) => {
                return self.other_arguments("len", std::slice::from_ref(value), spot);
            }
            _ => {
                return Err(
                    self.wrong_type(format!("object of type '{}' has no len()", value.type_name()), spot)
                );
            }
        };
        Ok(Value::int(length as i128, spot))
    }

    fn range(&self, args: &[Value], spot: &Spot) -> Evaluated {
        let numbers: Option<Vec<i128>> = args.iter().map(Value::as_int).collect();
        let (start, stop, step) = match numbers.as_deref() {
            Some([stop]) => (0, *stop, 1),
            Some([start, stop]) => (*start, *stop, 1),
            Some([_, _, 0]) => return Err(self.raise("ValueError", "range() arg 3 must not be zero", spot)),
            Some([start, stop, step]) => (*start, *stop, *step),
            _ => return self.other_arguments("range", args, spot),
        };
        Ok(Value::new(Kind::Range { start, stop, step }, spot))
    }

    fn to_dict(&self, value: &Value, kwargs: Vec<(Rc<str>, Value)>, spot: &Spot) -> Evaluated {
        let made = Value::dict(Dict::new(), spot);
        self.method_of_dict(&made, "update", vec![value.clone()], kwargs, spot)?;
        match made.why_unknown() {
            Some(unknown) => Ok(self.still_unknown(&unknown, spot)),
            None => Ok(made),
        }
    }

    pub(super) fn dict_of_keys(&self, args: &[Value], spot: &Spot) -> Evaluated {
        let [keys, rest @ ..] = args else { return self.other_arguments("dict.fromkeys", args, spot) };
        let value = rest.first().cloned().unwrap_or_else(|| Value::none(spot));
        let keys = match self.items_of(keys, spot)? {
            Ok(keys) => keys,
            Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
        };
        let mut dict = Dict::new();
        for shown in keys {
            match self.key(&shown, spot)? {
                Ok(key) => dict.insert(key, shown, value.clone()),
                Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
            }
        }
        Ok(Value::dict(dict, spot))
    }

    fn to_int(&self, args: &[Value], spot: &Spot) -> Evaluated {
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

    fn to_float(&self, value: &Value, spot: &Spot) -> Evaluated {
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

    fn enumerate(&self, value: &Value, start: i128, spot: &Spot) -> Evaluated {
        Ok(match self.items_of(value, spot)? {
            Ok(items) => {
                let numbered = items
                    .into_iter()
                    .zip(start..)
                    .map(|(item, number)| Value::tuple(vec![Value::int(number, spot), item], spot));
                iterator(numbered.collect(), spot)
            }
            Err(unknown) => self.still_unknown(&unknown, spot),
        })
    }

    fn zip(&self, args: &[Value], spot: &Spot) -> Evaluated {
        let mut columns = Vec::new();
        for value in args {
            match self.items_of(value, spot)? {
                Ok(items) => columns.push(items.into_iter()),
                Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
            }
        }
        let mut rows = Vec::new();
        while !columns.is_empty() {
            let row: Option<Vec<Value>> = columns.iter_mut().map(Iterator::next).collect();
            match row {
                Some(row) => rows.push(Value::tuple(row, spot)),
                None => break,
            }
        }
        Ok(iterator(rows, spot))
    }

    fn map(&self, function: &Value, values: &[Value], spot: &Spot) -> Evaluated {
        let rows = if let [one] = values {
            match self.items_of(one, spot)? {
                Ok(items) => items.into_iter().map(|item| vec![item]).collect(),
                Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
            }
        } else {
            let zipped = self.zip(values, spot)?;
            match self.items_of(&zipped, spot)? {
                Ok(rows) => rows.iter().map(|row| row.items().unwrap_or_default()).collect::<Vec<_>>(),
                Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
            }
        };
        let mut results = Vec::with_capacity(rows.len());
        for row in rows {
            results.push(self.call_positional(function, row, spot)?);
        }
        Ok(iterator(results, spot))
    }

    fn filter(&self, function: &Value, value: &Value, spot: &Spot) -> Evaluated {
        let items = match self.items_of(value, spot)? {
            Ok(items) => items,
            Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
        };
        let mut kept = Vec::new();
        for item in items {
            let test = match &function.kind {
                Kind::None => item.clone(),
                _ => self.call_positional(function, vec![item.clone()], spot)?,
            };
            match self.truth(&test)? {
                Truth::Yes => kept.push(item),
                Truth::No => {}
                Truth::Unknown(unknown) => return Ok(self.still_unknown(&unknown, spot)),
            }
        }
        Ok(iterator(kept, spot))
    }

    fn next(&self, value: &Value, default: Option<&Value>, spot: &Spot) -> Evaluated {
        let Kind::Iterator(cell) = &value.kind else {
            return self.other_arguments("next", std::slice::from_ref(value), spot);
        };
        let first =
            cell.change(&self.journal, |items| if items.is_empty() { None } else { Some(items.remove(0)) });
        match (first, default) {
            (Ok(Some(item)), _) => Ok(item),
            (Ok(None), Some(default)) => Ok(default.clone()),
            (Ok(None), None) => Err(self.raise("StopIteration", "", spot)),
            (Err(unknown), _) => Ok(self.still_unknown(&unknown, spot)),
        }
    }

    fn sum(&self, value: &Value, start: Value, spot: &Spot) -> Evaluated {
        let items = match self.members_of(value, spot)? {
            // Whole numbers come to the same in any order.
            Ok(items)
                if matches!(value.kind, Kind::Set(_)) && items.iter().any(|item| item.as_int().is_none()) =>
            {
                return Ok(self.unknown("the order of a set is not known", spot));
            }
            Ok(items) => items,
            Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
        };
        if items.iter().any(|item| matches!(item.kind, Kind::Float(_))) && items.len() > 2 {
            return Ok(
                self.unknown("how the sum of fractions is rounded depends on the version of Python", spot)
            );
        }
        let mut total = start;
        for item in items {
            total = self.operate(super::super::syntax::Operator::Add, total, item, spot)?;
        }
        Ok(total)
    }

    fn any_or_all(&self, value: &Value, any: bool, spot: &Spot) -> Evaluated {
        let items = match self.members_of(value, spot)? {
            Ok(items) => items,
            Err(unknown) => return Ok(self.still_unknown(&unknown, spot)),
        };
        let mut lost = None;
        for item in items {
            match self.truth(&item)? {
                Truth::Yes if any => return Ok(Value::bool(true, spot)),
                Truth::No if !any => return Ok(Value::bool(false, spot)),
                Truth::Yes | Truth::No => {}
                Truth::Unknown(unknown) => lost = lost.or(Some(unknown)),
            }
        }
        Ok(match lost {
            Some(unknown) => self.still_unknown(&unknown, spot),
            None => Value::bool(!any, spot),
        })
    }

    fn round(&self, args: &[Value], spot: &Spot) -> Evaluated {
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

    fn attribute_or(&self, object: &Value, name: &str, default: &Value, spot: &Spot) -> Evaluated {
        match self.attribute_of(object, name, spot) {
            Err(Stop::Raised(raised)) if is_attribute_error(&raised.class) => Ok(default.clone()),
            other => other,
        }
    }

    fn has_attribute(&self, object: &Value, name: &str, spot: &Spot) -> Evaluated {
        if let (Kind::Name(dotted), Some(answers)) = (&object.kind, &self.surroundings.answers)
            && answers.name(self, &format!("{dotted}.{name}"), spot).is_some()
        {
            return Ok(Value::bool(true, spot));
        }
        match self.attribute_of(object, name, spot) {
            Err(Stop::Raised(raised)) if is_attribute_error(&raised.class) => Ok(Value::bool(false, spot)),
            Err(stop) => Err(stop),
            Ok(value) => Ok(match &value.kind {
                Kind::Unknown(unknown) => self.still_unknown(unknown, spot),
                Kind::Attribute(_) | Kind::Name(_) => self.unknown(
                    format!("whether {} has {name} is not known", super::super::shown::shown(object)),
                    spot,
                ),
                _ => Value::bool(true, spot),
            }),
        }
    }

    fn type_of(&self, value: &Value, spot: &Spot) -> Evaluated {
        match &value.kind {
            Kind::Object(object) => match &object.class {
                ClassRef::Class(class) => Ok(Value::new(Kind::Class(class.clone()), spot)),
                ClassRef::Name(_) | ClassRef::Attribute(_) => Ok(self.symbol(value, "__class__", spot)),
            },
            _ => match super::names::builtin(&value.type_name()) {
                Some(builtin) if !value.is_unknown() => Ok(Value::new(Kind::Builtin(builtin), spot)),
                Some(_) | None => self.other_arguments("type", std::slice::from_ref(value), spot),
            },
        }
    }

    /// Whether a value is of a class; unknown where a class is not followed.
    fn is_instance(&self, value: &Value, class: &Value, spot: &Spot) -> Evaluated {
        if let Some(unknown) = class.why_unknown() {
            return Ok(self.still_unknown(&unknown, spot));
        }
        if let Kind::Unknown(unknown) = &value.kind {
            return Ok(self.still_unknown(unknown, spot));
        }
        let classes = match &class.kind {
            Kind::Tuple(classes) => classes.to_vec(),
            _ => vec![class.clone()],
        };
        let mut known = true;
        for class in &classes {
            match self.is_of(value, class) {
                Some(true) => return Ok(Value::bool(true, spot)),
                Some(false) => {}
                None => known = false,
            }
        }
        if known {
            return Ok(Value::bool(false, spot));
        }
        Ok(self.unknown(
            format!(
                "whether {} is a {} is not known",
                super::super::shown::shown(value),
                super::super::shown::shown(class)
            ),
            spot,
        ))
    }

    fn is_of(&self, value: &Value, class: &Value) -> Option<bool> {
        use super::super::value::Descent;
        match (&class.kind, &value.kind) {
            (Kind::Builtin(builtin), _) if builtin.name() == "object" => Some(true),
            (Kind::Builtin(builtin), Kind::Object(object)) => match &object.class {
                ClassRef::Name(name) => {
                    name.strip_prefix("builtins.").map(|name| descends(name, builtin.name()))
                }
                ClassRef::Class(class) => {
                    let mro = class.mro().ok()?;
                    if mro.iter().any(|ancestor| matches!(&ancestor.kind, Kind::Builtin(known) if known == builtin || descends(known.name(), builtin.name()))) {
                        return Some(true);
                    }
                    mro.iter()
                        .all(|ancestor| matches!(ancestor.kind, Kind::Class(_) | Kind::Builtin(_)))
                        .then_some(false)
                }
                ClassRef::Attribute(_) => None,
            },
            (Kind::Builtin(_), Kind::Name(_) | Kind::Attribute(_) | Kind::Super(_)) => None,
            (Kind::Builtin(builtin), Kind::Class(_) | Kind::Builtin(_)) => Some(builtin.name() == "type"),
            (Kind::Builtin(builtin), _) => {
                let name = value.type_name();
                Some(*name == *builtin.name() || (&*name == "bool" && builtin.name() == "int"))
            }
            (Kind::Class(class), Kind::Object(object)) => match &object.class {
                ClassRef::Class(own) => match own.is_subclass_of(&class.dotted) {
                    Descent::Yes => own.mro().ok().map(|mro| {
                        mro.iter().any(
                            |known| matches!(&known.kind, Kind::Class(known) if Rc::ptr_eq(known, class)),
                        )
                    }),
                    Descent::No => Some(false),
                    Descent::NotKnown => Some(false),
                },
                ClassRef::Name(_) | ClassRef::Attribute(_) => None,
            },
            (Kind::Class(_), Kind::Name(_) | Kind::Attribute(_)) => None,
            (Kind::Class(_), _) => Some(false),
            (Kind::Name(class), Kind::Object(object)) => match &object.class {
                ClassRef::Name(name) if name == class => Some(true),
                ClassRef::Class(own) if own.is_subclass_of(class) == Descent::Yes => Some(true),
                ClassRef::Class(own) if own.is_subclass_of(class) == Descent::No => Some(false),
                ClassRef::Class(_) | ClassRef::Name(_) | ClassRef::Attribute(_) => None,
            },
            (Kind::Name(class), Kind::Path(_)) => match &**class {
                "pathlib.Path" | "pathlib.PurePath" | "os.PathLike" => Some(true),
                _ => None,
            },
            // A type of Python's own is none that somebody else made, but for the abstract ones.
            (
                Kind::Name(class),
                Kind::None
                | Kind::Bool(_)
                | Kind::Int(_)
                | Kind::Float(_)
                | Kind::Str(_)
                | Kind::Bytes(_)
                | Kind::Tuple(_)
                | Kind::List(_)
                | Kind::Dict(_),
            ) if !class.starts_with("collections.")
                && !class.starts_with("typing.")
                && !class.starts_with("numbers.") =>
            {
                // Django's lazy texts and other proxies are never plain.
                Some(false)
            }
            _ => None,
        }
    }

    fn is_subclass(&self, value: &Value, class: &Value, spot: &Spot) -> Evaluated {
        use super::super::value::Descent;
        let Kind::Class(own) = &value.kind else {
            return self.other_arguments("issubclass", &[value.clone(), class.clone()], spot);
        };
        let classes = match &class.kind {
            Kind::Tuple(classes) => classes.to_vec(),
            _ => vec![class.clone()],
        };
        let mut known = true;
        for class in &classes {
            let found = match &class.kind {
                Kind::Builtin(builtin) if builtin.name() == "object" => Descent::Yes,
                Kind::Class(class) => match own.mro() {
                    Ok(mro)
                        if mro.iter().any(
                            |known| matches!(&known.kind, Kind::Class(known) if Rc::ptr_eq(known, class)),
                        ) =>
                    {
                        Descent::Yes
                    }
                    // What is not followed cannot descend from a class of the project.
                    Ok(_) => Descent::No,
                    Err(_) => Descent::NotKnown,
                },
                Kind::Name(name) => own.is_subclass_of(name),
                _ => Descent::NotKnown,
            };
            match found {
                Descent::Yes => return Ok(Value::bool(true, spot)),
                Descent::No => {}
                Descent::NotKnown => known = false,
            }
        }
        if known {
            Ok(Value::bool(false, spot))
        } else {
            self.other_arguments("issubclass", &[value.clone(), class.clone()], spot)
        }
    }

    /// `type("Name", (Base,), {...})`.
    fn make_class(&self, name: &Value, bases: &Value, body: &Value, spot: &Spot) -> Evaluated {
        let (Some(name), Some(bases), Some(body)) = (name.as_str(), bases.items(), body.entries()) else {
            return self.other_arguments("type", &[name.clone(), bases.clone(), body.clone()], spot);
        };
        self.class_from(name, bases, body, spot)
    }
}

fn is_attribute_error(class: &Value) -> bool {
    matches!(&class.kind, Kind::Builtin(builtin) if builtin.name() == "AttributeError")
}

pub(super) fn iterator(items: Vec<Value>, spot: &Spot) -> Value {
    Value::new(Kind::Iterator(ListCell::new(items)), spot)
}

fn rewrapped(function: &Rc<Function>, wrapping: Wrapping, value: &Value) -> Value {
    Value::new(Kind::Function(function.rewrapped(wrapping)), &value.spot)
}
