//! Functions and types that are there without an import.

use std::rc::Rc;

use super::super::evaluate::{Evaluated, Truth};
use super::super::source::Spot;
use super::super::value::{
    Arguments, Builtin, ClassRef, Dict, Function, Items, Kind, ListCell, Object, SetCell, Unknown, Value,
    Wrapping,
};
use super::super::world::World;
use super::names::is_exception;

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
}

pub(super) fn iterator(items: Vec<Value>, spot: &Spot) -> Value {
    Value::new(Kind::Iterator(ListCell::new(items)), spot)
}

fn rewrapped(function: &Rc<Function>, wrapping: Wrapping, value: &Value) -> Value {
    Value::new(Kind::Function(function.rewrapped(wrapping)), &value.spot)
}
