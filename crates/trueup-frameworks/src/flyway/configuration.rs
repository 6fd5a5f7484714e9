//! Flyway's settings, from `flyway.toml`, `flyway.conf`, or Spring's application files.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use trueup_model::{Ident, Preparation};

use crate::detect::Detected;
use crate::folder::{normalize, shown};
use crate::settings::{Settings, UrlHint, parse_properties, parse_toml, parse_yaml, read_text};
use crate::url;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Configuration {
    /// As shown to people.
    pub source: String,
    pub locations: Vec<Utf8PathBuf>,
    pub versioned_prefix: String,
    pub repeatable_prefix: String,
    pub baseline_prefix: String,
    pub undo_prefix: String,
    pub separator: String,
    pub suffixes: Vec<String>,
    pub table: String,
    pub default_schema: Option<String>,
    /// All that it manages; the default schema need not be among them.
    pub schemas: Vec<String>,
    pub create_schemas: bool,
    pub out_of_order: bool,
    pub mixed: bool,
    pub execute_in_transaction: bool,
    pub placeholder_replacement: bool,
    pub placeholder_prefix: String,
    pub placeholder_suffix: String,
    /// Names in lower case: Flyway does not tell cases apart.
    pub placeholders: BTreeMap<String, String>,
    /// `*:missing`, `repeatable:missing`, `*:future`.
    pub ignore_patterns: Vec<String>,
    url: Option<String>,
    user: Option<String>,
    password: Option<String>,
}

impl Default for Configuration {
    fn default() -> Self {
        Self {
            source: String::new(),
            locations: Vec::new(),
            versioned_prefix: "V".to_owned(),
            repeatable_prefix: "R".to_owned(),
            baseline_prefix: "B".to_owned(),
            undo_prefix: "U".to_owned(),
            separator: "__".to_owned(),
            suffixes: vec![".sql".to_owned()],
            table: "flyway_schema_history".to_owned(),
            default_schema: None,
            schemas: Vec::new(),
            create_schemas: true,
            out_of_order: false,
            mixed: false,
            execute_in_transaction: true,
            placeholder_replacement: true,
            placeholder_prefix: "${".to_owned(),
            placeholder_suffix: "}".to_owned(),
            placeholders: BTreeMap::new(),
            ignore_patterns: vec!["*:future".to_owned()],
            url: None,
            user: None,
            password: None,
        }
    }
}

/// Where Flyway and its hosts keep settings, and under which prefix.
const FILES: &[&str] = &[
    "flyway.toml",
    "flyway.conf",
    "conf/flyway.toml",
    "conf/flyway.conf",
    "src/main/resources/flyway.conf",
    "src/main/resources/application.properties",
    "src/main/resources/application.yml",
    "src/main/resources/application.yaml",
];

/// The first file with settings of Flyway in it.
pub(crate) fn find(root: &Utf8Path) -> Option<Utf8PathBuf> {
    FILES.iter().map(|file| root.join(file)).find(|file| {
        file.is_file()
            && (!is_spring(file)
                || settings(file).keys().any(|name| name != "url" && name != "user" && name != "password"))
    })
}

/// The configuration that a detection goes by.
pub(crate) fn of(detected: &Detected) -> Configuration {
    match &detected.configuration {
        Some(file) => read(&detected.root, file),
        None => Configuration::default(),
    }
}

pub(crate) fn read(root: &Utf8Path, file: &Utf8Path) -> Configuration {
    let settings = settings(file);
    let mut configuration = Configuration { source: shown(root, file), ..Configuration::default() };
    configuration.take(&settings);
    configuration.locations = settings
        .get("locations")
        .map(|locations| list(locations).iter().filter_map(|location| place_of(root, location)).collect())
        .unwrap_or_default();
    configuration
}

fn is_spring(file: &Utf8Path) -> bool {
    file.file_stem() == Some("application")
}

/// All settings without their prefix, names in lower camel case as Flyway writes them.
fn settings(file: &Utf8Path) -> Settings {
    let text = read_text(file).unwrap_or_default();
    let all = match file.extension() {
        Some("toml") => parse_toml(&text).unwrap_or_default(),
        Some("yml" | "yaml") => parse_yaml(&text),
        Some(_) | None => parse_properties(&text),
    };
    let mut settings = Settings::new();
    if is_spring(file) {
        for (from, to) in [("url", "url"), ("username", "user"), ("password", "password")] {
            if let Some(value) = all.get(&format!("spring.datasource.{from}")) {
                settings.insert(to.to_owned(), value.clone());
            }
        }
    } else if file.extension() == Some("toml") {
        let environment = all.get("flyway.environment").map_or("default", String::as_str);
        for (name, value) in &all {
            if let Some(name) = name.strip_prefix(&format!("environments.{environment}.")) {
                settings.insert(name.to_owned(), value.clone());
            }
        }
    }
    for (name, value) in all {
        let name = name.strip_prefix("spring.").unwrap_or(&name);
        if let Some(name) = name.strip_prefix("flyway.") {
            settings.insert(spelled(name), value);
        }
    }
    settings
}

/// Spring writes `out-of-order` where Flyway writes `outOfOrder`. The names of placeholders are left alone.
fn spelled(name: &str) -> String {
    if name.starts_with("placeholders.") {
        return name.to_owned();
    }
    let mut result = String::new();
    let mut raise = false;
    for character in name.chars() {
        if character == '-' {
            raise = true;
        } else if std::mem::take(&mut raise) {
            result.push(character.to_ascii_uppercase());
        } else {
            result.push(character);
        }
    }
    result
}

impl Configuration {
    /// Takes over what is set. Unset and empty settings leave the default.
    pub(crate) fn take(&mut self, settings: &Settings) {
        let text = |names: &[&str]| names.iter().find_map(|name| settings.get(*name)).cloned();
        let set = |target: &mut String, names: &[&str]| {
            if let Some(value) = text(names).filter(|value| !value.is_empty()) {
                *target = value;
            }
        };
        set(&mut self.versioned_prefix, &["sqlMigrationPrefix"]);
        set(&mut self.repeatable_prefix, &["repeatableSqlMigrationPrefix"]);
        set(&mut self.baseline_prefix, &["baselineMigrationPrefix"]);
        set(&mut self.undo_prefix, &["undoSqlMigrationPrefix"]);
        set(&mut self.separator, &["sqlMigrationSeparator"]);
        set(&mut self.table, &["table"]);
        set(&mut self.placeholder_prefix, &["placeholderPrefix"]);
        set(&mut self.placeholder_suffix, &["placeholderSuffix"]);
        if let Some(suffixes) = text(&["sqlMigrationSuffixes"]) {
            self.suffixes = list(&suffixes);
        }
        let flag = |target: &mut bool, name: &str| {
            if let Some(value) = settings.get(name) {
                *target = value.trim().eq_ignore_ascii_case("true");
            }
        };
        flag(&mut self.out_of_order, "outOfOrder");
        flag(&mut self.mixed, "mixed");
        flag(&mut self.execute_in_transaction, "executeInTransaction");
        flag(&mut self.placeholder_replacement, "placeholderReplacement");
        flag(&mut self.create_schemas, "createSchemas");
        if let Some(schemas) = text(&["schemas"]) {
            self.schemas = list(&schemas);
        }
        let named = text(&["defaultSchema"]).filter(|schema| !schema.is_empty());
        let first_schema = self.schemas.first().cloned();
        self.default_schema = named.or(first_schema).or(self.default_schema.take());
        if let Some(patterns) = text(&["ignoreMigrationPatterns"]) {
            self.ignore_patterns = list(&patterns);
        }
        for (name, value) in settings {
            if let Some(name) = name.strip_prefix("placeholders.") {
                self.placeholders.insert(name.to_lowercase(), value.clone());
            }
        }
        self.url = text(&["url"]).or(self.url.take());
        self.user = text(&["user"]).or(self.user.take());
        self.password = text(&["password"]).or(self.password.take());
    }

    /// `flyway:user` is this where it is known.
    pub(crate) fn user(&self) -> Option<&str> {
        self.user.as_deref().filter(|user| !user.contains("${"))
    }

    /// What the environment decides is not known.
    pub(crate) fn default_schema(&self) -> Option<&str> {
        self.default_schema.as_deref().filter(|schema| !schema.contains("${"))
    }

    /// The default schema stands in front of the search path, and schemas that are missing are made.
    pub(crate) fn preparation(&self) -> Preparation {
        let default_schema = self.default_schema().map(Ident::new);
        let mut schemas = Vec::new();
        if self.create_schemas {
            schemas.extend(default_schema.clone());
            let others = self.schemas.iter().filter(|schema| !schema.contains("${")).map(Ident::from);
            schemas.extend(others.filter(|schema| Some(schema) != default_schema.as_ref()));
        }
        let search_path = UrlHint::search_path(self.url_hint().as_ref());
        Preparation { search_path, default_schema, schemas, makes_first_of_path: false }
    }

    /// Java's URL with the user beside it, as one URL.
    pub(crate) fn url_hint(&self) -> Option<UrlHint> {
        let url = self.url.as_deref()?;
        let rest = url.strip_prefix("jdbc:").unwrap_or(url).strip_prefix("postgresql:")?;
        if url.contains("${") {
            return None;
        }
        let address = rest.strip_prefix("//");
        let known =
            |value: &Option<String>| value.clone().filter(|value| !value.is_empty() && !value.contains("${"));
        let login = match (known(&self.user), known(&self.password)) {
            (Some(user), Some(password)) => format!("{}:{}@", url::encoded(&user), url::encoded(&password)),
            (Some(user), None) => format!("{}@", url::encoded(&user)),
            (None, _) => String::new(),
        };
        let url = match address {
            Some(address) if address.contains('@') => format!("postgresql://{address}"),
            Some(address) => format!("postgresql://{login}{address}"),
            // `jdbc:postgresql:shop` is a database on this machine.
            None => format!("postgresql://{login}localhost/{rest}"),
        };
        Some(UrlHint::new(url, format!("the URL in {}", self.source)))
    }
}

fn list(value: &str) -> Vec<String> {
    value.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// `filesystem:sql` is relative to the project; `classpath:db/migration` lies among the resources.
fn place_of(root: &Utf8Path, location: &str) -> Option<Utf8PathBuf> {
    let (scheme, path) = location.split_once(':').unwrap_or(("classpath", location));
    // Wildcards narrow what lies below their folder.
    let path = path.split(['*', '?']).next().unwrap_or_default();
    let path = if path.ends_with('/') || !location.contains(['*', '?']) {
        path
    } else {
        path.rsplit_once('/').map_or("", |(folder, _)| folder)
    };
    let path = path.trim_end_matches('/').replace('\\', "/");
    match scheme {
        "filesystem" => Some(normalize(&root.join(path))),
        "classpath" => {
            let path = path.trim_start_matches('/');
            ["src/main/resources", "resources", "src/main/java", ""]
                .iter()
                .map(|resources| normalize(&root.join(resources).join(path)))
                .find(|folder| folder.is_dir())
        }
        _ => None,
    }
}
