//! Functions that dynaconf calls with the settings, and what it makes sure of them.

use std::rc::Rc;

use super::layers::{Joins, Layers, MERGE};
use super::options::Options;
use crate::python::syntax::Body;
use crate::python::value::{Arguments, ClassRef, Function};
use crate::python::{Kind, Unknown, Value};

impl Layers<'_> {
    pub fn call_hooks(&self, options: &Options) -> Result<(), Rc<Unknown>> {
        let Some(hooks) = &options.hooks else { return Ok(()) };
        let hooks = match (hooks.items(), hooks.why_unknown()) {
            (Some(hooks), _) => hooks,
            (None, Some(unknown)) => return Err(unknown),
            (None, None) => vec![hooks.clone()],
        };
        for hook in hooks {
            let given = Value::new(Kind::Object(self.settings.clone()), self.spot);
            let result = self.world.call(&hook, Arguments { args: vec![given], kwargs: Vec::new() });
            if result.is_none() {
                continue;
            }
            let Some(entries) = result.entries() else {
                let Kind::Function(function) = &hook.kind else {
                    return Err(self.unknown("a hook of dynaconf is not followed".to_owned()));
                };
                let why = result.why_unknown().unwrap_or_else(|| {
                    self.unknown(format!("what the hook {} gives is not known", function.name))
                });
                self.lose_words(text_of(function), &why);
                continue;
            };
            let marked = entries
                .iter()
                .find(|(key, _)| key.as_str().is_some_and(|key| key == MERGE || key == MERGE.to_uppercase()));
            let joins = match marked.map(|(_, value)| self.world.is_true(value)) {
                None | Some(Some(false)) => Joins::No,
                Some(Some(true)) => Joins::Yes,
                Some(None) => Joins::Unknown(self.unknown(format!("whether {MERGE} is set is not known"))),
            };
            for (key, value) in entries {
                match key.as_str() {
                    Some(key) if key.eq_ignore_ascii_case(MERGE) => {}
                    Some(key) => self.set(key, value, &joins),
                    None => {}
                }
            }
        }
        Ok(())
    }

    /// Validators may give settings that are not there a value, or turn them into something else.
    pub fn validate(&self, validators: Option<&Value>) {
        let mut open: Vec<Value> = validators.cloned().into_iter().collect();
        while let Some(value) = open.pop() {
            open.extend(value.items().unwrap_or_default());
            let Kind::Object(validator) = &value.kind else { continue };
            if !matches!(&validator.class, ClassRef::Name(class) if &**class == "dynaconf.Validator") {
                open.extend(validator.args.iter().cloned());
                continue;
            }
            let has = |name: &str| validator.keyword(name).is_some_and(|value| !value.is_none());
            for name in validator.args.iter().filter_map(Value::as_str) {
                let name = name.to_uppercase();
                let known = self.settings.attributes.get(&name.as_str().into()).is_some();
                if has("cast") || has("default") && (!known || has("apply_default_on_none")) {
                    let why = format!("what a validator makes of {name} is not followed");
                    self.settings_set(&name, Value::unknown(why, self.spot));
                }
            }
        }
    }
}

/// What is written within a function.
fn text_of(function: &Function) -> &str {
    let span = match &function.definition.body {
        Body::Lambda(expression) => Some((expression.span.start, expression.span.end)),
        Body::Block(block) => {
            block.first().zip(block.last()).map(|(first, last)| (first.span.start, last.span.end))
        }
    };
    let text = function.module.source.text();
    span.and_then(|(start, end)| text.get(start as usize..end as usize)).unwrap_or(text)
}
