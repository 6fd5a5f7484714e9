//! Variables of the environment, laid over what files say.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::layers::{Joins, Layers, MATTER, joins_of};
use super::options::Options;
use super::texts::{self, SEPARATOR};
use crate::python::Value;
use crate::python::value::{Dict, Key};

/// What a database of DATABASES may be told by a variable.
const OF_DATABASE: &[&str] = &["ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS", "TEST"];

/// How deep variables are asked for within settings.
const DEEPEST: usize = 3;

impl Layers<'_> {
    /// Variables with the prefix, for what is there and what matters.
    pub fn load_variables(&self, options: &Options) {
        for prefix in &options.prefixes {
            let there = self.settings.attributes.entries().into_iter().map(|(name, _)| name);
            let names: BTreeSet<Rc<str>> = there.chain(MATTER.iter().map(|name| Rc::from(*name))).collect();
            for name in names {
                let whole = texts::variable(prefix, &name);
                let within = self.variables_within(&whole, &name);
                match (self.world.variable(&whole), within.first()) {
                    (Some(_), Some((variable, ..))) => {
                        let why = format!("which of {whole} and {variable} comes later is not known");
                        self.settings_set(&name, Value::unknown(why, self.spot));
                    }
                    (Some(value), None) => {
                        self.set(&name, texts::of_variable(&whole, &value, self.spot), &Joins::No);
                    }
                    (None, _) => {
                        for (variable, path, value) in &within {
                            let value = texts::of_variable(variable, value, self.spot);
                            let set = self.within(self.get(&name), path, value);
                            self.settings_set(&name, set);
                        }
                    }
                }
            }
        }
    }

    /// Variables for what is within a setting, with the path to it.
    fn variables_within(&self, whole: &str, name: &str) -> Vec<(String, Vec<String>, Value)> {
        let mut paths: Vec<Vec<String>> = Vec::new();
        let value = self.get(name);
        let mut open: Vec<(Vec<String>, Option<Value>)> = vec![(Vec::new(), value)];
        while let Some((path, value)) = open.pop() {
            let mut names: Vec<(String, Option<Value>)> = value
                .and_then(|value| value.entries())
                .into_iter()
                .flatten()
                .filter_map(|(key, value)| Some((key.as_str()?.to_owned(), Some(value))))
                .collect();
            let usual = match (name, path.len()) {
                ("DATABASES", 0) => &["default"][..],
                ("DATABASES", 1) => OF_DATABASE,
                _ => &[],
            };
            for usual in usual {
                if !names.iter().any(|(name, _)| name == usual) {
                    names.push(((*usual).to_owned(), None));
                }
            }
            for (name, value) in names {
                let mut path = path.clone();
                path.push(name);
                if path.len() < DEEPEST {
                    open.push((path.clone(), value));
                }
                paths.push(path);
            }
        }
        let mut found = Vec::new();
        for path in paths {
            let spelled = path.join(SEPARATOR);
            // Names are found in whatever case; people write them as they are, or in capitals.
            let spellings = BTreeSet::from([spelled.to_uppercase(), spelled.to_lowercase(), spelled]);
            for spelled in spellings {
                let variable = format!("{whole}{SEPARATOR}{spelled}");
                if let Some(value) = self.world.variable(&variable) {
                    found.push((variable, path.clone(), value));
                }
            }
        }
        found
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
