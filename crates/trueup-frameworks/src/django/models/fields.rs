//! The fields of a class, collected as Django's metaclass does it, and what its `Meta` says.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::read::field_class;
use super::classes::is_model;
use crate::python::value::{Class, ClassRef};
use crate::python::{Kind, Object, Unknown, Value};

type Read<T> = Result<T, Rc<Unknown>>;

/// Names under which the base of all models is imported.
pub(super) const BASES: &[&str] =
    &["django.db.models.Model", "django.db.models.base.Model", "django.contrib.gis.db.models.Model"];

/// What `Meta` says, as far as it is compared.
#[derive(Clone, Default)]
pub(super) struct Meta {
    pub is_abstract: bool,
    pub is_proxy: bool,
    pub managed: bool,
    pub app_label: Option<Rc<str>>,
    pub db_table: Option<Rc<str>>,
    pub swappable: Option<Rc<str>>,
    pub order_with_respect_to: Option<Rc<str>>,
    /// As it is written, for the rest of it.
    pub written: Option<Rc<Class>>,
}

impl Meta {
    pub fn of(class: &Rc<Class>) -> Read<Self> {
        let mut meta = Self { managed: true, ..Self::default() };
        let own = class.attributes.get(&"Meta".into());
        let Some((value, is_own)) = (match own {
            Some(value) => Some((value, true)),
            None => inherited(class)?.map(|value| (value, false)),
        }) else {
            return Ok(meta);
        };
        let written = match &value.kind {
            Kind::Class(written) => written,
            Kind::Unknown(unknown) => return Err(unknown.clone()),
            _ => return Ok(meta),
        };
        let get = |name: &str| written.attribute(name);
        let flag = |name: &str, usual: bool| -> Read<bool> {
            match get(name)? {
                Some(value) => {
                    value.as_bool().ok_or_else(|| unknown(&format!("Meta.{name} is not known"), &value))
                }
                None => Ok(usual),
            }
        };
        let text = |name: &str| -> Read<Option<Rc<str>>> {
            match get(name)? {
                Some(value) if value.is_none() => Ok(None),
                Some(value) => match value.as_str() {
                    Some(text) => Ok(Some(text.into())),
                    None => Err(unknown(&format!("Meta.{name} is not known"), &value)),
                },
                None => Ok(None),
            }
        };
        // Django takes `abstract` out of the Meta of an abstract class before a child inherits from it.
        meta.is_abstract = is_own && says_abstract(class, written)?;
        meta.is_proxy = flag("proxy", false)?;
        meta.managed = flag("managed", true)?;
        meta.app_label = text("app_label")?;
        meta.db_table = text("db_table")?.filter(|table| !table.is_empty());
        meta.swappable = text("swappable")?;
        meta.order_with_respect_to = text("order_with_respect_to")?;
        meta.written = Some(written.clone());
        Ok(meta)
    }
}

/// The Meta of the nearest abstract ancestor: that of one with a table is not handed on.
fn inherited(class: &Rc<Class>) -> Read<Option<Value>> {
    for ancestor in class.mro()?.iter().skip(1) {
        let Kind::Class(ancestor) = &ancestor.kind else { continue };
        let Some(value) = ancestor.attributes.get(&"Meta".into()) else { continue };
        if !is_model(ancestor)? || Meta::of(ancestor)?.is_abstract {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

fn says_abstract(class: &Rc<Class>, written: &Rc<Class>) -> Read<bool> {
    for (position, ancestor) in written.mro()?.iter().enumerate() {
        let Kind::Class(meta) = &ancestor.kind else { continue };
        let Some(value) = meta.attributes.get(&"abstract".into()) else { continue };
        // `class Meta(Other.Meta)`: that of another model.
        let of_another = position > 0
            && meta.dotted.rsplit_once('.').is_some_and(|(owner, name)| {
                let is_ancestor = |value: &Value| value.dotted().is_some_and(|dotted| *dotted == *owner);
                name == "Meta" && class.mro().is_ok_and(|mro| mro.iter().skip(1).any(is_ancestor))
            });
        if of_another {
            return Ok(false);
        }
        return value.as_bool().ok_or_else(|| unknown("Meta.abstract is not known", &value));
    }
    Ok(false)
}

/// Fields by their names, and the ancestors that have tables of their own.
#[derive(Default)]
pub(super) struct Collected {
    pub fields: Vec<(Rc<str>, Value)>,
    pub bases: Vec<Rc<Class>>,
}

/// What classes bring, each looked at once: many may descend from the same.
#[derive(Default)]
pub(super) struct Collector {
    known: BTreeMap<Rc<str>, Read<Rc<Collected>>>,
}

impl Collector {
    pub fn collect(&mut self, class: &Rc<Class>) -> Read<Rc<Collected>> {
        if let Some(known) = self.known.get(&class.dotted) {
            return known.clone();
        }
        let collected = self.look_at(class).map(Rc::new);
        self.known.insert(class.dotted.clone(), collected.clone());
        collected
    }

    fn look_at(&mut self, class: &Rc<Class>) -> Read<Collected> {
        for ancestor in class.mro()? {
            match &ancestor.kind {
                Kind::Class(ancestor) => refuse_what_adds(ancestor)?,
                Kind::Unknown(unknown) => return Err(unknown.clone()),
                _ => {}
            }
        }
        from(self, class)
    }
}

fn from(collector: &mut Collector, class: &Rc<Class>) -> Read<Collected> {
    if let Some(unknown) = class.attributes.may_have_more() {
        return Err(unknown);
    }
    let mut collected = Collected::default();
    // Names that are taken: what an ancestor calls so is not inherited.
    let mut inherited: BTreeSet<Rc<str>> = BTreeSet::new();
    for (name, value) in class.attributes.entries() {
        if is_field(&value)? {
            collected.fields.push((name.clone(), value));
        }
        inherited.insert(name);
    }
    let is_proxy = Meta::of(class)?.is_proxy;
    let mro = class.mro()?;
    for ancestor in mro.iter().skip(1) {
        let Kind::Class(ancestor) = &ancestor.kind else { continue };
        let is_parent = class
            .bases
            .iter()
            .any(|base| matches!(&base.kind, Kind::Class(base) if Rc::ptr_eq(base, ancestor)));
        if !is_parent || !is_model(ancestor)? {
            // What is no model brings no fields, and its names hide those of models behind it.
            inherited.extend(ancestor.attributes.entries().into_iter().map(|(name, _)| name));
            continue;
        }
        let theirs = collector.collect(ancestor)?;
        if Meta::of(ancestor)?.is_abstract {
            for (name, value) in &theirs.fields {
                if inherited.insert(name.clone()) {
                    collected.fields.push((name.clone(), value.clone()));
                }
            }
            for base in &theirs.bases {
                push(&mut collected.bases, base.clone());
            }
        } else {
            inherited.extend(theirs.fields.iter().map(|(name, _)| name.clone()));
            if !is_proxy {
                push(&mut collected.bases, ancestor.clone());
            }
        }
    }
    Ok(collected)
}

fn push(bases: &mut Vec<Rc<Class>>, base: Rc<Class>) {
    if !bases.iter().any(|known| Rc::ptr_eq(known, &base)) {
        bases.push(base);
    }
}

/// Whether a class attribute is a field; unknown where it might be one, or bring some.
fn is_field(value: &Value) -> Read<bool> {
    match &value.kind {
        Kind::Unknown(unknown) => Err(unknown.clone()),
        Kind::Object(object) => object_is_field(object, value),
        _ => Ok(false),
    }
}

fn object_is_field(object: &Rc<Object>, value: &Value) -> Read<bool> {
    let class = match &object.class {
        ClassRef::Name(dotted) => return Ok(field_class(dotted).is_some()),
        ClassRef::Attribute(_) => return Ok(false),
        ClassRef::Class(class) => class,
    };
    let mut contributes = false;
    for ancestor in class.mro()? {
        match &ancestor.kind {
            Kind::Class(class) => {
                contributes |= class.attributes.get(&"contribute_to_class".into()).is_some();
                refuse_what_adds(class)?;
            }
            Kind::Name(dotted) if field_class(dotted).is_some() => return Ok(true),
            // A manager says itself to which class it belongs.
            Kind::Name(dotted) if dotted.ends_with("Manager") => return Ok(false),
            Kind::Unknown(unknown) => return Err(unknown.clone()),
            _ => {}
        }
    }
    if contributes {
        let reason = format!("{} adds to the class what is not followed", class.dotted);
        return Err(unknown(&reason, value));
    }
    Ok(false)
}

/// Ways in which code gives a class fields that its text does not show.
const ADDING: &[&str] = &["add_to_class(", "setattr(cls", "attrs["];

/// Refuses a class that gives fields to itself or to those that descend from it, and one whose metaclass does.
fn refuse_what_adds(class: &Rc<Class>) -> Read<()> {
    let mut classes = vec![class.clone()];
    if let Some((_, metaclass)) = class.keywords.iter().find(|(name, _)| &**name == "metaclass") {
        match &metaclass.kind {
            Kind::Class(metaclass) => {
                for ancestor in metaclass.mro()? {
                    if let Kind::Class(ancestor) = ancestor.kind {
                        classes.push(ancestor);
                    }
                }
            }
            Kind::Unknown(unknown) => return Err(unknown.clone()),
            _ => {}
        }
    }
    for one in classes {
        let text = text_of(&one);
        let calls = text.matches(".contribute_to_class(").count();
        // `super().contribute_to_class(…)`, and `super(Own, self)` before it.
        let handed_on = text.matches(").contribute_to_class(").count();
        if calls > handed_on || ADDING.iter().any(|adding| text.contains(adding)) {
            let reason = format!("{} adds fields by code", one.dotted);
            return Err(Rc::new(Unknown { reason, place: one.spot.place() }));
        }
    }
    Ok(())
}

/// The whole statement of a class: its first line, and those behind it that are indented more.
fn text_of(class: &Class) -> String {
    let text = class.spot.source.text();
    let start = usize::try_from(class.spot.span.start).unwrap_or_default().min(text.len());
    let start = text.get(..start).unwrap_or_default().rfind('\n').map_or(0, |end| end + 1);
    let line = text.get(start..).unwrap_or_default();
    let indent = line.len() - line.trim_start().len();
    let is_within = |line: &&str| {
        let bare = line.trim_start();
        bare.is_empty() || bare.starts_with([')', '#']) || line.len() - bare.len() > indent
    };
    let mut lines = line.lines();
    let first = lines.next().unwrap_or_default();
    let rest: Vec<&str> = lines.take_while(is_within).collect();
    format!("{first}\n{}", rest.join("\n"))
}

pub(super) fn unknown(reason: &str, value: &Value) -> Rc<Unknown> {
    value
        .why_unknown()
        .unwrap_or_else(|| Rc::new(Unknown { reason: reason.to_owned(), place: value.place() }))
}
