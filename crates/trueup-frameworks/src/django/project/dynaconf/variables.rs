//! Variables of the environment, laid over what files say.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::layers::{Joins, Layers, joins_of};
use super::options::Options;
use super::texts::{self, SEPARATOR};
use crate::python::value::{Dict, Key};
use crate::python::{Unknown, Value};

/// What variables say about one setting.
#[derive(Default)]
struct Told {
    whole: Vec<(String, Value)>,
    /// With the path to what is within it.
    within: Vec<(String, Vec<String>, Value)>,
}

impl Layers<'_> {
    /// Variables with the prefix.
    pub fn load_variables(&self, options: &Options) -> Result<(), Rc<Unknown>> {
        for prefix in &options.prefixes {
            let mut told: BTreeMap<String, Told> = BTreeMap::new();
            for (variable, value) in self.world.variables_with(prefix)? {
                let mut path = variable[prefix.len()..].split(SEPARATOR).map(str::to_owned);
                let Some(name) = path.next().filter(|name| !name.is_empty()) else { continue };
                let told = told.entry(name.to_uppercase()).or_default();
                match path.collect::<Vec<_>>() {
                    none if none.is_empty() => told.whole.push((variable, value)),
                    path => told.within.push((variable, path, value)),
                }
            }
            for (name, told) in told {
                self.take_told(&name, &told);
            }
        }
        Ok(())
    }

    fn take_told(&self, name: &str, told: &Told) {
        if let Some((one, other)) = told.contested() {
            let why = format!("which of {one} and {other} comes later is not known");
            return self.settings_set(name, Value::unknown(why, self.spot));
        }
        for (variable, value) in &told.whole {
            self.set(name, texts::of_variable(variable, value, self.spot), &Joins::No);
        }
        for (variable, path, value) in &told.within {
            let value = texts::of_variable(variable, value, self.spot);
            let set = self.within(self.get(name), path, value);
            self.settings_set(name, set);
        }
    }

    /// A dictionary with another value at a path in it.
    pub fn within(&self, before: Option<Value>, path: &[String], value: Value) -> Value {
        let Some((first, rest)) = path.split_first() else { return value };
        if let Some(unknown) = before.as_ref().and_then(Value::why_unknown) {
            return Value::still_unknown(&unknown, self.spot);
        }
        if texts::has_order(&value, 0) || joins_of(&value).is_some() {
            return self.not_followed();
        }
        let mut dict = Dict::new();
        for (key, value) in before.as_ref().and_then(Value::entries).unwrap_or_default() {
            if let Some(key) = key.as_str() {
                dict.insert_str(key, value);
            } else {
                return self.not_followed();
            }
        }
        let lower = first.to_lowercase();
        let known = dict.entries().find_map(|(key, _)| {
            let key = key.as_str()?;
            (key.to_lowercase() == lower).then(|| key.to_owned())
        });
        let name = known.unwrap_or_else(|| first.clone());
        let inner = dict.get(&Key::Str(name.as_str().into())).cloned();
        dict.insert_str(&name, self.within(inner, rest, value));
        Value::dict(dict, self.spot)
    }
}

impl Told {
    /// Two variables of which the later one decides: names are taken in whatever case, and one may be within the other.
    fn contested(&self) -> Option<(&str, &str)> {
        let whole = self.whole.iter().map(|(variable, _)| (Vec::new(), variable));
        let within = self.within.iter().map(|(variable, path, _)| {
            (path.iter().map(|part| part.to_lowercase()).collect::<Vec<_>>(), variable)
        });
        let places: BTreeSet<_> = whole.chain(within).collect();
        let mut pairs = places.iter().zip(places.iter().skip(1));
        let (one, other) = pairs.find(|((one, _), (other, _))| other.starts_with(one))?;
        Some((one.1, other.1))
    }
}
