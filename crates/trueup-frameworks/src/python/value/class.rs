//! Classes of the project and of packages that are followed.

use std::rc::Rc;

use super::{Kind, Scope, Unknown, Value};

pub struct Class {
    pub name: Rc<str>,
    /// Module and name: `shop.fields.Money`.
    pub dotted: Rc<str>,
    pub bases: Vec<Value>,
    /// Arguments of the class statement: `metaclass` and others.
    pub keywords: Vec<(Rc<str>, Value)>,
    pub attributes: Rc<Scope>,
    /// Everything after the class itself in the order of lookup.
    pub(in super::super) ancestors: Result<Vec<Value>, Rc<Unknown>>,
    pub spot: super::Spot,
}

impl Drop for Class {
    fn drop(&mut self) {
        let mut values = std::mem::take(&mut self.bases);
        values.extend(std::mem::take(&mut self.keywords).into_iter().map(|(_, value)| value));
        if let Ok(ancestors) = &mut self.ancestors {
            values.append(ancestors);
        }
        super::bury(values);
    }
}

/// Whether a class has another one among its ancestors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Descent {
    Yes,
    No,
    /// An ancestor is not followed, and nothing is known about its own ones.
    NotKnown,
}

impl Class {
    /// The order in which attributes are looked up: the class itself, then classes, and names of classes that are not
    /// followed. `object` is left out.
    pub fn mro(self: &Rc<Self>) -> Result<Vec<Value>, Rc<Unknown>> {
        let own = Value::new(Kind::Class(self.clone()), &self.spot);
        let ancestors = self.ancestors.as_ref().map_err(Rc::clone)?;
        Ok(std::iter::once(own).chain(ancestors.iter().cloned()).collect())
    }

    /// Whether the class with this dotted path is this one or an ancestor of it.
    pub fn is_subclass_of(self: &Rc<Self>, dotted: &str) -> Descent {
        let Ok(mro) = self.mro() else { return Descent::NotKnown };
        let names = |value: &Value| value.dotted().is_some_and(|name| &*name == dotted);
        if mro.iter().any(names) {
            return Descent::Yes;
        }
        let followed = |value: &Value| matches!(value.kind, Kind::Class(_) | Kind::Builtin(_));
        if mro.iter().all(followed) { Descent::No } else { Descent::NotKnown }
    }

    /// The value of an attribute as the class statement or a followed ancestor gives it, as it stands there: not bound to
    /// anything. `Ok(None)` where none has it; an error where one that is not followed may have it first.
    pub fn attribute(self: &Rc<Self>, name: &str) -> Result<Option<Value>, Rc<Unknown>> {
        let name: Rc<str> = name.into();
        for class in self.mro()? {
            match &class.kind {
                Kind::Class(class) => {
                    if let Some(value) = class.attributes.get(&name) {
                        return Ok(Some(value));
                    }
                    if let Some(unknown) = class.attributes.may_have_more() {
                        return Err(unknown);
                    }
                }
                Kind::Builtin(_) => {}
                Kind::Unknown(unknown) => return Err(unknown.clone()),
                _ => {
                    let reason = format!("whether {} has {name} is not known", class.type_name());
                    return Err(Rc::new(Unknown { reason, place: self.spot.place() }));
                }
            }
        }
        Ok(None)
    }
}
