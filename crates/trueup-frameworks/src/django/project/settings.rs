//! The settings: those of the project, then those that Django has for everybody.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use trueup_model::Finding;

use super::answers::DjangoAnswers;
use crate::django::Version;
use crate::python::{Module, Spot, Value, World, value::Dict};

/// Looks settings up.
#[derive(Clone)]
pub struct Settings {
    world: Weak<World>,
    module: Rc<Module>,
    answers: Weak<DjangoAnswers>,
    version: Option<Version>,
    defaults: Rc<RefCell<BTreeMap<String, Option<Value>>>>,
}

impl Settings {
    pub(super) fn new(
        world: &Rc<World>,
        module: Rc<Module>,
        answers: Rc<DjangoAnswers>,
        version: Option<Version>,
    ) -> Self {
        let (world, answers) = (Rc::downgrade(world), Rc::downgrade(&answers));
        Self { world, module, answers, version, defaults: Rc::default() }
    }

    pub fn module(&self) -> &Rc<Module> {
        &self.module
    }

    /// The value of a setting; `None` where neither the project nor Django has it.
    pub fn get(&self, name: &str) -> Option<Value> {
        // Django itself looks at names in capitals only.
        if name.chars().any(char::is_lowercase) {
            return None;
        }
        let world = self.world.upgrade()?;
        if let Some(value) = world.get(&self.module, name) {
            return Some(value);
        }
        if let Some(unknown) = self.module.scope.may_have_more() {
            return Some(Value::still_unknown(&unknown, &self.module.spot(Default::default())));
        }
        if let Some(known) = self.defaults.borrow().get(name) {
            return known.clone();
        }
        let answers = self.answers.upgrade();
        let global = answers.and_then(|answers| answers.global(name)).or_else(|| self.common(name));
        self.defaults.borrow_mut().insert(name.to_owned(), global.clone());
        global
    }

    /// What Django has for everybody, where its own list cannot be read.
    fn common(&self, name: &str) -> Option<Value> {
        let spot = Spot::outside("Django's own settings");
        Some(match name {
            "INSTALLED_APPS" | "DATABASE_ROUTERS" => Value::list(Vec::new(), &spot),
            "MIGRATION_MODULES" | "DATABASES" => Value::dict(Dict::new(), &spot),
            "AUTH_USER_MODEL" => Value::str("auth.User", &spot),
            "DEFAULT_AUTO_FIELD" => Value::str(automatic_field(self.version), &spot),
            "DEFAULT_TABLESPACE" | "DEFAULT_INDEX_TABLESPACE" | "MEDIA_ROOT" | "MEDIA_URL" => {
                Value::str("", &spot)
            }
            "LANGUAGE_CODE" => Value::str("en-us", &spot),
            "DEBUG" => Value::bool(false, &spot),
            "USE_TZ" => match self.version {
                Some(version) => Value::bool(version.at_least(5, 0), &spot),
                None => Value::unknown("the version of Django is not known", &spot),
            },
            "TIME_ZONE" => Value::str("America/Chicago", &spot),
            _ if self.version.is_none() => Value::unknown(
                format!("the setting {name} is not in the project, and no Django was found"),
                &spot,
            ),
            _ => return None,
        })
    }

    /// A setting that is a text; a finding where it is not.
    pub(super) fn text(&self, name: &str, module: &str, findings: &mut Vec<Finding>) -> Option<String> {
        let value = self.get(name)?;
        if let Some(text) = value.as_str() {
            return Some(text.to_owned());
        }
        let why = value
            .why_unknown()
            .map_or_else(|| "it is not a text".to_owned(), |unknown| unknown.reason.clone());
        let message = format!("the setting {name} is not known: {why}");
        findings.push(super::about(
            &value,
            module,
            message,
            "Django's own value is taken instead; write it as a text",
        ));
        None
    }
}

/// DEFAULT_AUTO_FIELD where a project says nothing.
pub(super) fn automatic_field(version: Option<Version>) -> &'static str {
    match version {
        Some(version) if version.before(6, 0) => "django.db.models.AutoField",
        Some(_) | None => "django.db.models.BigAutoField",
    }
}
