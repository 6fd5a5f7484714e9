//! How dynaconf is told what to read.

use std::rc::Rc;

use super::texts;
use crate::python::{Spot, Unknown, Value, World};

/// Options that decide what is read, and are followed.
const FOLLOWED: &[&str] = &[
    "ROOT_PATH",
    "SETTINGS_FILE",
    "ENVIRONMENTS",
    "MAIN_ENV",
    "ENV_SWITCHER",
    "ENV",
    "ENVVAR_PREFIX",
    "ENVVAR",
    "SECRETS",
    "INCLUDES",
    "PRELOAD",
    "SKIP_FILES",
];

/// Options that decide what is read, and are not followed where they are set.
const NOT_FOLLOWED: &[&str] = &[
    "FORCE_ENV",
    "IGNORE_UNKNOWN_ENVVARS",
    "AUTO_CAST",
    "MERGE_ENABLED",
    "DOTTED_LOOKUP",
    "NESTED_SEPARATOR",
    "INDEX_SEPARATOR",
    "CORE_LOADERS",
    "LOADERS",
    "REDIS_ENABLED",
    "VAULT_ENABLED",
    "DOTENV_PATH",
    "DOTENV_OVERRIDE",
    "SYSENV_FALLBACK",
];

/// Options that change nothing of what is followed here.
const WITHOUT_EFFECT: &[&str] = &[
    "LOWERCASE_READ",
    "DEFAULT_ENV",
    "ENCODING",
    "SILENT_ERRORS",
    "FRESH_VARS",
    "DOTENV_VERBOSE",
    "INSTANCE",
    "YAML_LOADER",
    "COMMENTJSON_ENABLED",
    "APPLY_DEFAULT_ON_NONE",
    "VALIDATE_ON_UPDATE",
];

/// Further keywords, which are no settings: those that are followed or have no effect, and those that are not followed.
const KEYWORDS: &[&str] = &[
    "validators",
    "post_hooks",
    "dynaboxify",
    "load_dotenv",
    "default_settings_paths",
    "_wrapper_class",
    "validate_only",
    "validate_exclude",
    "validate_only_current_env",
    "fresh_vars",
];
const KEYWORDS_NOT_FOLLOWED: &[&str] = &["filter_strategy", "loaders", "dynaconf_skip_loaders", "_store"];

/// What marks the names of options among settings and variables.
const MARK: &str = "_FOR_DYNACONF";

/// What files of settings end in, in the order in which they are looked for.
pub(super) const FORMATS: &[&str] =
    &["py", "toml", "tml", "yaml", "yml", "ini", "conf", "properties", "json"];

pub(super) struct Options {
    /// What variables of the environment begin with, the later ones after the earlier ones.
    pub prefixes: Vec<String>,
    pub files: Option<Value>,
    pub usual_files: Option<Value>,
    pub secrets: Option<Value>,
    pub preload: Option<Value>,
    pub includes: Option<Value>,
    /// What files for one environment begin with.
    pub environments: Vec<String>,
    pub load_dotenv: bool,
    pub hooks: Option<Value>,
    pub validators: Option<Value>,
    /// What is no option: the first settings.
    pub settings: Vec<(Rc<str>, Value)>,
}

impl Options {
    /// The reason where one decides what is read, and is not followed.
    pub fn read(world: &World, given: Vec<(Rc<str>, Value)>) -> Result<Self, Rc<Unknown>> {
        let mut options: Vec<(String, Value)> = Vec::new();
        let mut settings = Vec::new();
        for (name, value) in given {
            match option(&name) {
                Some(option) => {
                    options.retain(|(known, _)| *known != option);
                    options.push((option, value));
                }
                None if KEYWORDS.contains(&&*name) => options.push((name.to_string(), value)),
                None if KEYWORDS_NOT_FOLLOWED.contains(&&*name) => return Err(not_followed(&name, &value)),
                None => settings.push((name, value)),
            }
        }
        let of_prefix = options.iter().find(|(name, _)| name == "ENVVAR_PREFIX");
        let prefix = of_prefix.map(|(_, value)| value.clone());
        let mut take = |name: &str| {
            let place = options.iter().position(|(known, _)| known == name)?;
            Some(options.swap_remove(place).1).filter(|value| !value.is_none())
        };
        for name in NOT_FOLLOWED {
            if let Some(value) = take(name)
                && world.is_true(&value) != Some(false)
            {
                return Err(not_followed(name, &value));
            }
        }
        for name in NOT_FOLLOWED.iter().chain(FOLLOWED) {
            if let Some(value) = world.variable(&format!("{name}{MARK}"))
                && !matches!(*name, "SETTINGS_FILE" | "ENV")
            {
                return Err(not_followed(&format!("{name}{MARK}"), &value));
            }
        }
        let text = |name: &str, value: Option<Value>, usual: &str| match value {
            None => Ok(usual.to_owned()),
            Some(value) => value.as_str().map(str::to_owned).ok_or_else(|| not_followed(name, &value)),
        };
        // Variables with the usual prefix come before all others.
        let begins = |prefix: &str| format!("{prefix}_");
        let usual = "DYNACONF";
        let prefixes = match prefix {
            Some(value) if value.is_none() => Vec::new(),
            Some(value) if value.as_bool() == Some(false) => vec![begins(usual), String::new()],
            value => {
                let named = text("ENVVAR_PREFIX", value, usual)?.to_uppercase();
                let first = Some(usual).filter(|usual| *usual != named);
                first.into_iter().chain(named.split(',')).map(begins).collect()
            }
        };
        let switcher = text("ENV_SWITCHER", take("ENV_SWITCHER"), "ENV_FOR_DYNACONF")?;
        let variable =
            |name: &str| world.variable(name).map(|value| texts::of_variable(name, &value, &value.spot));
        let environments = match take("ENVIRONMENTS") {
            Some(value) if world.is_true(&value) != Some(false) => {
                let named = variable(&switcher).or_else(|| take("ENV"));
                text("ENV", named.or_else(|| variable("ENV_FOR_DYNACONF")), "development")?
            }
            Some(_) | None => text("MAIN_ENV", take("MAIN_ENV"), "main")?,
        };
        let files_variable = text("ENVVAR", take("ENVVAR"), "SETTINGS_FILE_FOR_DYNACONF")?;
        let files = variable(&files_variable)
            .or_else(|| variable("SETTINGS_FILE_FOR_DYNACONF"))
            .or_else(|| take("SETTINGS_FILE"))
            .or_else(|| variable("SETTINGS_FILES_FOR_DYNACONF"));
        let asked = world.variable("LOAD_DOTENV_FOR_DYNACONF");
        let load_dotenv = match take("load_dotenv") {
            Some(value) => value.as_bool() == Some(true),
            None => asked.is_some_and(|value| value.as_str() != Some("false")),
        };
        Ok(Self {
            prefixes,
            files,
            usual_files: take("default_settings_paths"),
            secrets: take("SECRETS"),
            preload: take("PRELOAD"),
            includes: take("INCLUDES"),
            environments: environments.split(',').map(|name| name.trim().to_lowercase()).collect(),
            load_dotenv,
            hooks: take("post_hooks"),
            validators: take("validators"),
            settings,
        })
    }
}

/// The option that a keyword is, without what marks it as one.
fn option(keyword: &str) -> Option<String> {
    let name = keyword.to_uppercase();
    let name = name.strip_suffix(MARK).unwrap_or(&name);
    let name = match name {
        "SETTINGS_FILES" => "SETTINGS_FILE",
        "ENVIRONMENT" => "ENVIRONMENTS",
        name => name,
    };
    let known = [FOLLOWED, NOT_FOLLOWED, WITHOUT_EFFECT].iter().any(|names| names.contains(&name));
    (known || name.len() < keyword.len()).then(|| name.to_owned())
}

/// Whether a setting is an option of dynaconf's.
pub(super) fn is_option(name: &str) -> bool {
    name.ends_with(MARK)
}

/// What a call for Django has where it says nothing.
pub(super) fn of_django(spot: &Spot) -> Vec<(Rc<str>, Value)> {
    // The files that are looked for where nobody names others.
    let files = ["settings", ".secrets"]
        .iter()
        .flat_map(|name| FORMATS.iter().map(move |format| Value::str(format!("{name}.{format}"), spot)));
    let files = files.collect();
    vec![
        ("ENVVAR_PREFIX_FOR_DYNACONF".into(), Value::str("DJANGO", spot)),
        ("ENV_SWITCHER_FOR_DYNACONF".into(), Value::str("DJANGO_ENV", spot)),
        ("ENVIRONMENTS_FOR_DYNACONF".into(), Value::bool(true, spot)),
        ("load_dotenv".into(), Value::bool(true, spot)),
        ("default_settings_paths".into(), Value::list(files, spot)),
    ]
}

fn not_followed(name: &str, value: &Value) -> Rc<Unknown> {
    value.why_unknown().unwrap_or_else(|| {
        Rc::new(Unknown { reason: format!("{name} of dynaconf is not followed"), place: value.place() })
    })
}
