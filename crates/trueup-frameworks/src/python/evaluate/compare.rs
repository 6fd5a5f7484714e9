//! Truth, and whether two values are equal, or the same.

use std::rc::Rc;

use super::super::limits::NESTING;
use super::super::value::{Class, ClassRef, Content, Dict, Key, Kind, Unknown, Value};
use super::super::world::World;
use super::Stop;
use super::attribute::Looked;

pub(in super::super) enum Truth {
    Yes,
    No,
    Unknown(Rc<Unknown>),
}

impl Truth {
    fn of(truth: bool) -> Self {
        if truth { Self::Yes } else { Self::No }
    }
}

impl World {
    pub(in super::super) fn truth(&self, value: &Value) -> Result<Truth, Stop> {
        Ok(match &value.kind {
            Kind::None => Truth::No,
            Kind::Bool(truth) => Truth::of(*truth),
            Kind::Int(number) => Truth::of(*number != 0),
            Kind::Float(number) => Truth::of(*number != 0.0),
            Kind::Str(text) => Truth::of(!text.is_empty()),
            Kind::Bytes(bytes) => Truth::of(!bytes.is_empty()),
            Kind::Tuple(items) => Truth::of(!items.is_empty()),
            Kind::List(cell) => match &*cell.content() {
                Content::Known(items) => Truth::of(!items.is_empty()),
                Content::Unknown(unknown) => Truth::Unknown(unknown.clone()),
            },
            Kind::Dict(cell) => match &*cell.content() {
                Content::Known(dict) => Truth::of(!dict.is_empty()),
                Content::Unknown(unknown) => Truth::Unknown(unknown.clone()),
            },
            Kind::Set(cell) => match &*cell.content() {
                Content::Known(items) => Truth::of(!items.is_empty()),
                Content::Unknown(unknown) => Truth::Unknown(unknown.clone()),
            },
            Kind::Range { start, stop, step } => Truth::of(range_length(*start, *stop, *step) > 0),
            Kind::Ellipsis
            | Kind::Slice(_)
            | Kind::Iterator(_)
            | Kind::Path(_)
            | Kind::Function(_)
            | Kind::Method(_)
            | Kind::Partial(_)
            | Kind::Builtin(_)
            | Kind::Class(_)
            | Kind::Module(_)
            | Kind::Super(_) => Truth::Yes,
            Kind::Unknown(unknown) => Truth::Unknown(unknown.clone()),
            Kind::Object(object) => {
                for name in ["__bool__", "__len__"] {
                    if let Some(method) = self.own_method(value, name) {
                        let given = self.call_positional(&method, Vec::new(), &value.spot)?;
                        return if matches!(given.kind, Kind::Object(_)) {
                            Ok(Truth::Unknown(
                                self.reason("the truth of an object is not known", &value.spot),
                            ))
                        } else {
                            self.truth(&given)
                        };
                    }
                }
                match &object.class {
                    ClassRef::Class(class) if self.has_plain_bases(class) => Truth::Yes,
                    ClassRef::Class(_) | ClassRef::Name(_) | ClassRef::Attribute(_) => self.not_known(value),
                }
            }
            Kind::NotImplemented | Kind::Name(_) | Kind::Attribute(_) => self.not_known(value),
            Kind::Lazy(_) => return self.truth(&self.resolve(value)),
        })
    }

    /// Every ancestor is followed, and is no type of Python's own.
    fn has_plain_bases(&self, class: &Rc<Class>) -> bool {
        matches!(self.look_up(class, None, "__bool__"), Looked::Missing)
            && class.mro().is_ok_and(|mro| {
                mro.iter().all(|ancestor| match &ancestor.kind {
                    Kind::Builtin(builtin) => super::super::library::is_exception(builtin.name()),
                    _ => true,
                })
            })
    }

    fn not_known(&self, value: &Value) -> Truth {
        Truth::Unknown(self.reason(
            format!("whether {} is true is not known", super::super::shown::shown(value)),
            &value.spot,
        ))
    }

    /// Whether two values are equal; `None` where that is not known.
    pub(in super::super) fn equal(&self, left: &Value, right: &Value) -> Option<bool> {
        self.equal_at(left, right, 0)
    }

    pub(super) fn equal_at(&self, left: &Value, right: &Value, depth: usize) -> Option<bool> {
        if depth > NESTING {
            return None;
        }
        if self.is_same_object(left, right) == Some(true) && !left.is_unknown() {
            // Something not a number is not even equal to itself; it comes as a float, which is no shared object.
            return Some(true);
        }
        match (&left.kind, &right.kind) {
            (Kind::Unknown(_), _) | (_, Kind::Unknown(_)) => None,
            (Kind::Tuple(left), Kind::Tuple(right)) => self.equal_items(left, right, depth),
            (Kind::List(left), Kind::List(right)) => {
                let (left, right) = (left.known().ok()?, right.known().ok()?);
                self.equal_items(&left, &right, depth)
            }
            (Kind::Dict(left), Kind::Dict(right)) => {
                let (left, right) = (left.known().ok()?, right.known().ok()?);
                self.equal_dicts(&left, &right, depth)
            }
            (Kind::Set(left), Kind::Set(right)) => {
                let (left, right) = (left.known().ok()?, right.known().ok()?);
                Some(left.len() == right.len() && left.keys().all(|key| right.contains(key)))
            }
            (
                Kind::Range { start, stop, step },
                Kind::Range { start: other_start, stop: other_stop, step: other_step },
            ) => {
                let length = range_length(*start, *stop, *step);
                let other = range_length(*other_start, *other_stop, *other_step);
                Some(
                    length == other
                        && (length == 0 || (start == other_start && (length == 1 || step == other_step))),
                )
            }
            (Kind::Float(left), Kind::Float(right)) => Some(left == right),
            (Kind::List(_) | Kind::Dict(_) | Kind::Set(_), _)
            | (_, Kind::List(_) | Kind::Dict(_) | Kind::Set(_))
                if is_plain(left) && is_plain(right) =>
            {
                Some(false)
            }
            (Kind::Name(left), Kind::Name(right)) if left == right => Some(true),
            (Kind::Float(number), _) | (_, Kind::Float(number)) if number.is_nan() => {
                (is_plain(left) && is_plain(right)).then_some(false)
            }
            _ => {
                if !is_plain(left) || !is_plain(right) {
                    return self.equal_shared(left, right);
                }
                match (Key::of(left), Key::of(right)) {
                    (Ok(left), Ok(right)) => Some(left == right),
                    _ => None,
                }
            }
        }
    }

    /// An object of a class of the project that says nothing about equality: it equals itself only.
    fn is_only_itself(&self, value: &Value) -> bool {
        let Kind::Object(object) = &value.kind else { return false };
        let ClassRef::Class(class) = &object.class else { return false };
        match self.look_up(class, None, "__eq__") {
            Looked::Missing => !super::attribute::has_foreign_base(class),
            Looked::Perhaps => self.is_plain_enumeration(class),
            Looked::Found(_) | Looked::Unknown(_) => false,
        }
    }

    /// Classes, functions and modules of the project equal themselves only.
    fn equal_shared(&self, left: &Value, right: &Value) -> Option<bool> {
        let alone = |value: &Value| self.is_only_itself(value);
        if (alone(left) && (alone(right) || is_plain(right))) || (alone(right) && is_plain(left)) {
            // The same one was found to be equal before.
            return Some(false);
        }
        let shared = |value: &Value| {
            matches!(value.kind, Kind::Function(_) | Kind::Class(_) | Kind::Module(_) | Kind::Builtin(_))
        };
        let known = |value: &Value| shared(value) || is_plain(value);
        match (known(left), known(right)) {
            (true, true) => Some(Key::of(left).ok()? == Key::of(right).ok()?),
            _ => None,
        }
    }

    fn equal_items(&self, left: &[Value], right: &[Value], depth: usize) -> Option<bool> {
        if left.len() != right.len() {
            return Some(false);
        }
        let mut known = true;
        for (left, right) in left.iter().zip(right) {
            match self.equal_at(left, right, depth + 1) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => known = false,
            }
        }
        known.then_some(true)
    }

    fn equal_dicts(&self, left: &Dict, right: &Dict, depth: usize) -> Option<bool> {
        if left.len() != right.len() {
            return Some(false);
        }
        let mut known = true;
        for (key, value) in left.entries() {
            let other = right.get(&Key::of(key).ok()?);
            match other.map(|other| self.equal_at(value, other, depth + 1)) {
                Some(Some(true)) => {}
                None | Some(Some(false)) => return Some(false),
                Some(None) => known = false,
            }
        }
        known.then_some(true)
    }

    /// Whether two values are one and the same thing; `None` where Python may or may not share it.
    pub(in super::super) fn is_same_object(&self, left: &Value, right: &Value) -> Option<bool> {
        Some(match (&left.kind, &right.kind) {
            (Kind::Unknown(_), _) | (_, Kind::Unknown(_)) => return None,
            (Kind::None, Kind::None)
            | (Kind::Ellipsis, Kind::Ellipsis)
            | (Kind::NotImplemented, Kind::NotImplemented) => true,
            (Kind::Bool(left), Kind::Bool(right)) => left == right,
            (Kind::List(left), Kind::List(right)) | (Kind::Iterator(left), Kind::Iterator(right)) => {
                Rc::ptr_eq(left, right)
            }
            (Kind::Dict(left), Kind::Dict(right)) => Rc::ptr_eq(left, right),
            (Kind::Set(left), Kind::Set(right)) => Rc::ptr_eq(left, right),
            (Kind::Object(left), Kind::Object(right)) => {
                if Rc::ptr_eq(left, right) {
                    true
                } else {
                    // What is not followed may give the same object twice.
                    let of_project = |class: &ClassRef| matches!(class, ClassRef::Class(_));
                    if !of_project(&left.class) || !of_project(&right.class) {
                        return None;
                    }
                    false
                }
            }
            (Kind::Function(left), Kind::Function(right)) => Rc::ptr_eq(left, right),
            (Kind::Class(left), Kind::Class(right)) => Rc::ptr_eq(left, right),
            (Kind::Module(left), Kind::Module(right)) => Rc::ptr_eq(left, right),
            (Kind::Builtin(left), Kind::Builtin(right)) => left == right,
            (Kind::Name(left), Kind::Name(right)) if left == right => true,
            (Kind::Name(_) | Kind::Attribute(_), _) | (_, Kind::Name(_) | Kind::Attribute(_)) => return None,
            (Kind::Object(object), _) | (_, Kind::Object(object))
                if !matches!(object.class, ClassRef::Class(_)) =>
            {
                return None;
            }
            (Kind::Int(_), Kind::Int(_))
            | (Kind::Float(_), Kind::Float(_))
            | (Kind::Str(_), Kind::Str(_))
            | (Kind::Bytes(_), Kind::Bytes(_))
            | (Kind::Tuple(_), Kind::Tuple(_)) => {
                // Whether Python keeps one or two of them is its own business. Different ones are two.
                return if self.equal_by_key(left, right) == Some(false) { Some(false) } else { None };
            }
            (left, right) if std::mem::discriminant(left) != std::mem::discriminant(right) => false,
            _ => return None,
        })
    }

    fn equal_by_key(&self, left: &Value, right: &Value) -> Option<bool> {
        Some(Key::of(left).ok()? == Key::of(right).ok()?)
    }

    /// Whether two values are certainly the same, as far as anybody can tell them apart later.
    pub(in super::super) fn same(&self, left: &Value, right: &Value) -> bool {
        self.same_at(left, right, 0)
    }

    fn same_at(&self, left: &Value, right: &Value, depth: usize) -> bool {
        if depth > NESTING {
            return false;
        }
        let all = |left: &[Value], right: &[Value]| {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| self.same_at(left, right, depth + 1))
        };
        let named = |left: &[(Rc<str>, Value)], right: &[(Rc<str>, Value)]| {
            left.len() == right.len()
                && left.iter().zip(right).all(|((name, left), (other, right))| {
                    name == other && self.same_at(left, right, depth + 1)
                })
        };
        match (&left.kind, &right.kind) {
            (Kind::Unknown(left), Kind::Unknown(right)) => left == right,
            (Kind::Bool(left), Kind::Bool(right)) => left == right,
            (Kind::Int(left), Kind::Int(right)) => left == right,
            (Kind::Float(left), Kind::Float(right)) => left.to_bits() == right.to_bits(),
            (Kind::Str(left), Kind::Str(right)) => left == right,
            (Kind::Bytes(left), Kind::Bytes(right)) => left == right,
            (Kind::Path(left), Kind::Path(right)) => left == right,
            (Kind::Name(left), Kind::Name(right)) => left == right,
            (Kind::Tuple(left), Kind::Tuple(right)) | (Kind::Slice(left), Kind::Slice(right)) => {
                all(left, right)
            }
            (Kind::List(left), Kind::List(right)) => {
                Rc::ptr_eq(left, right)
                    || matches!((left.known(), right.known()), (Ok(left), Ok(right)) if all(&left, &right))
            }
            (Kind::Dict(left), Kind::Dict(right)) => {
                Rc::ptr_eq(left, right)
                    || matches!((left.known(), right.known()), (Ok(left), Ok(right)) if self.same_dict(&left, &right, depth))
            }
            (Kind::Set(left), Kind::Set(right)) => {
                Rc::ptr_eq(left, right)
                    || (left.frozen == right.frozen
                        && matches!((left.known(), right.known()), (Ok(left), Ok(right)) if self.same_dict(&left, &right, depth)))
            }
            (Kind::Range { start, stop, step }, Kind::Range { start: a, stop: b, step: c }) => {
                (start, stop, step) == (a, b, c)
            }
            (Kind::Object(left), Kind::Object(right)) => {
                let classes = match (&left.class, &right.class) {
                    (ClassRef::Name(left), ClassRef::Name(right)) => left == right,
                    (ClassRef::Attribute(left), ClassRef::Attribute(right)) => {
                        left.name == right.name && self.same_at(&left.of, &right.of, depth + 1)
                    }
                    _ => false,
                };
                Rc::ptr_eq(left, right)
                    || (classes && all(&left.args, &right.args) && named(&left.kwargs, &right.kwargs))
            }
            (Kind::Attribute(left), Kind::Attribute(right)) => {
                left.name == right.name && self.same_at(&left.of, &right.of, depth + 1)
            }
            (Kind::Lazy(left), Kind::Lazy(right)) => {
                Rc::ptr_eq(&left.module, &right.module) && left.name == right.name
            }
            (Kind::Function(left), Kind::Function(right)) => Rc::ptr_eq(left, right),
            _ => self.is_same_object(left, right) == Some(true),
        }
    }

    fn same_dict(&self, left: &Dict, right: &Dict, depth: usize) -> bool {
        left.len() == right.len()
            && left.entries().zip(right.entries()).all(|((key, left), (other, right))| {
                self.same_at(key, other, depth + 1) && self.same_at(left, right, depth + 1)
            })
    }
}

/// A type of Python's own, of which it is known what it equals.
pub(super) fn is_plain(value: &Value) -> bool {
    matches!(
        value.kind,
        Kind::None
            | Kind::Ellipsis
            | Kind::Bool(_)
            | Kind::Int(_)
            | Kind::Float(_)
            | Kind::Str(_)
            | Kind::Bytes(_)
            | Kind::Tuple(_)
            | Kind::List(_)
            | Kind::Dict(_)
            | Kind::Set(_)
            | Kind::Range { .. }
            | Kind::Path(_)
    )
}

/// Something that is not followed.
pub(in super::super) fn is_symbol(kind: &Kind) -> bool {
    matches!(kind, Kind::Name(_) | Kind::Attribute(_) | Kind::Object(_) | Kind::Unknown(_))
}

pub(in super::super) fn range_length(start: i128, stop: i128, step: i128) -> i128 {
    let length = if step > 0 {
        stop.checked_sub(start).and_then(|width| width.checked_add(step - 1)).map(|width| width / step)
    } else {
        start
            .checked_sub(stop)
            .and_then(|width| width.checked_sub(step + 1))
            .and_then(|width| width.checked_div(step.checked_neg()?))
    };
    length.unwrap_or(i128::MAX).max(0)
}
