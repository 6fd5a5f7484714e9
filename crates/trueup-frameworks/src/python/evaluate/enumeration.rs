//! Enumerations, and the choices that Django makes of them.

use std::rc::Rc;

use super::super::source::Spot;
use super::super::value::{Arguments, Class, ClassRef, Kind, Object, Value};
use super::super::world::World;
use super::{Evaluated, Stop};

/// Classes whose subclasses turn the data in their bodies into members.
const ENUMERATIONS: &[&str] = &["enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag"];

/// The ends of the names of Django's own, wherever they are imported from.
const CHOICES: &[&str] = &[".Choices", ".TextChoices", ".IntegerChoices"];

impl World {
    fn is_enumeration(&self, class: &Rc<Class>) -> bool {
        self.ancestor_in(class, |name| ENUMERATIONS.contains(&name)) || self.is_choices(class)
    }

    /// An enumeration whose members are nothing else, such as texts or numbers.
    pub(super) fn is_plain_enumeration(&self, class: &Rc<Class>) -> bool {
        class.mro().is_ok_and(|mro| {
            mro.iter().all(|ancestor| match &ancestor.kind {
                Kind::Class(_) => true,
                Kind::Name(name) => &**name == "enum.Enum",
                _ => false,
            })
        })
    }

    fn is_choices(&self, class: &Rc<Class>) -> bool {
        self.ancestor_in(class, |name| {
            name.starts_with("django.") && CHOICES.iter().any(|choices| name.ends_with(choices))
        })
    }

    fn ancestor_in(&self, class: &Rc<Class>, test: impl Fn(&str) -> bool) -> bool {
        class.mro().is_ok_and(|mro| {
            mro.iter().any(|ancestor| matches!(&ancestor.kind, Kind::Name(name) if test(name)))
        })
    }

    /// The members in their order; `None` where the class is no enumeration.
    pub(in super::super) fn members(
        &self,
        class: &Rc<Class>,
        spot: &Spot,
    ) -> Result<Option<Vec<Value>>, Stop> {
        if !self.is_enumeration(class) {
            return Ok(None);
        }
        let mut members: Vec<Value> = Vec::new();
        for (name, value) in super::class::public(class).entries() {
            if is_data(value) {
                let Some(name) = name.as_str() else { continue };
                let member = self.member(class, name, value, spot)?;
                let value = |member: &Value| {
                    member.as_object().and_then(|object| object.attributes.get(&"value".into()))
                };
                // A second name for a value is an alias, and no member.
                let alias = members.iter().any(|known| match (value(known), value(&member)) {
                    (Some(known), Some(new)) => self.equal(&known, &new) == Some(true),
                    _ => false,
                });
                if !alias {
                    members.push(member);
                }
            }
        }
        Ok(Some(members))
    }

    fn member(&self, class: &Rc<Class>, name: &str, value: &Value, spot: &Spot) -> Evaluated {
        let known: Rc<str> = format!("_member_{name}").into();
        if let Some(member) = class.attributes.get(&known) {
            return Ok(member);
        }
        let mut label =
            Value::str(name.replace('_', " ").split(' ').map(title).collect::<Vec<_>>().join(" "), spot);
        let mut own = value.clone();
        if self.is_choices(class)
            && let Some(items) = value.items()
            && items.len() > 1
            && let Some((last, rest)) = items.split_last()
            && (last.as_str().is_some() || matches!(last.kind, Kind::Object(_)))
        {
            label = last.clone();
            own = match rest {
                [one] => one.clone(),
                several => Value::tuple(several.to_vec(), spot),
            };
        }
        if let Kind::Object(object) = &own.kind
            && matches!(&object.class, ClassRef::Name(name) if &**name == "enum.auto")
        {
            own = self.unknown("the value of enum.auto() is not followed", spot);
        }
        let object = Object::new(
            ClassRef::Class(class.clone()),
            Arguments { args: vec![own.clone()], kwargs: Vec::new() },
        );
        for (attribute, value) in
            [("value", own.clone()), ("_value_", own), ("name", Value::str(name, spot)), ("label", label)]
        {
            object.attributes.restore(&attribute.into(), Some(value));
        }
        let member = Value::new(Kind::Object(object), spot);
        // One object for each member, so that `is` works. Nobody sees this name.
        class.attributes.restore(&known, Some(member.clone()));
        Ok(member)
    }

    /// A member, or what an enumeration has beside its members; `None` where ordinary lookup goes on.
    pub(super) fn attribute_of_enumeration(
        &self,
        class: &Rc<Class>,
        name: &str,
        spot: &Spot,
    ) -> Result<Option<Value>, Stop> {
        if name.starts_with('_') && name != "__members__" || !self.is_enumeration(class) {
            return Ok(None);
        }
        if let Some(value) = class.attributes.get(&name.into())
            && is_data(&value)
        {
            return self.member(class, name, &value, spot).map(Some);
        }
        if !self.is_choices(class) || !matches!(name, "choices" | "values" | "labels" | "names") {
            return Ok(None);
        }
        let members = self.members(class, spot)?.unwrap_or_default();
        let part = |member: &Value, name: &str| {
            let found = member.as_object().and_then(|object| object.attributes.get(&name.into()));
            found.unwrap_or_else(|| self.unknown("a choice without a value", spot))
        };
        let empty = class.attributes.get(&"__empty__".into());
        let mut items: Vec<Value> = Vec::new();
        if let Some(label) = empty {
            let none = Value::none(spot);
            items.push(match name {
                "choices" => Value::tuple(vec![none, label], spot),
                "values" => none,
                "labels" => label,
                _ => Value::str("__empty__", spot),
            });
        }
        items.extend(members.iter().map(|member| match name {
            "choices" => Value::tuple(vec![part(member, "value"), part(member, "label")], spot),
            "values" => part(member, "value"),
            "labels" => part(member, "label"),
            _ => part(member, "name"),
        }));
        Ok(Some(Value::list(items, spot)))
    }

    /// `Color("r")`: the member with this value.
    pub(super) fn member_by_value(
        &self,
        class: &Rc<Class>,
        arguments: &Arguments,
        spot: &Spot,
    ) -> Result<Option<Value>, Stop> {
        let Some(members) = self.members(class, spot)? else { return Ok(None) };
        let [wanted] = &arguments.args[..] else {
            return Ok(Some(self.unknown("an enumeration is made by a call", spot)));
        };
        for member in members {
            let value = member.as_object().and_then(|object| object.attributes.get(&"value".into()));
            match value.and_then(|value| self.equal(&value, wanted)) {
                Some(true) => return Ok(Some(member)),
                Some(false) => {}
                None => return Ok(Some(self.unknown("which member this is is not known", spot))),
            }
        }
        Err(self.raise("ValueError", format!("no member of {} has this value", class.name), spot))
    }
}

fn is_data(value: &Value) -> bool {
    !matches!(value.kind, Kind::Function(_) | Kind::Class(_) | Kind::Lazy(_) | Kind::Module(_))
}

fn title(word: &str) -> String {
    let mut characters = word.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    first + &characters.as_str().to_lowercase()
}
