//! What a run works on: the project, the database, the shadow. Flags beat the environment, the environment beats
//! the configuration file, and what nobody says is looked for.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use trueup_database::connect::{self, OpenOptions};
use trueup_database::expected::Plan;
use trueup_database::shadow::{Opener, ShadowRequest, Surroundings};
use trueup_database::{DatabaseUrl, Session, SessionError, Source};
use trueup_frameworks::{Clock, DetectError, Detected};
use trueup_model::acceptance::Acceptance;
use trueup_model::{History, Ident};

use crate::arguments::ProjectArguments;
use crate::configuration::{self, AcceptEntry, Configuration};
use crate::environment::Environment;
use crate::failure::Failure;

pub(crate) struct Setting {
    pub detected: Detected,
    pub database: DatabaseUrl,
    pub source: Source,
    pub shadow: ShadowRequest,
    shadow_url: Option<DatabaseUrl>,
    pub surroundings: Surroundings,
    pub remember: bool,
    /// When the program began, in seconds since the beginning of 1970.
    pub began: u64,
    /// What the database is called, where its own name says nothing.
    pub called: Option<&'static str>,
    /// Findings that somebody has decided to live with.
    pub accepted: Vec<Acceptance>,
}

/// A database and a shadow, for what needs no history.
pub(crate) struct Connection {
    pub database: DatabaseUrl,
    pub shadow: ShadowRequest,
    shadow_url: Option<DatabaseUrl>,
    pub surroundings: Surroundings,
}

impl Connection {
    /// What was typed, with what the configuration says.
    pub fn load(project: &ProjectArguments, environment: &Environment) -> Result<Self, Failure> {
        let configuration = &configuration::load(project, &environment.current_folder)?;
        let here = &environment.current_folder;
        let root = configuration.folder().unwrap_or(here);
        let was_named = project.history.is_some() || project.framework.is_some();
        let is_said = project.database_url.is_some() || configuration.database_url.is_some();
        // A project's own configuration can name the database, too.
        let detected = if is_said && !was_named {
            None
        } else {
            let history = history(project, configuration, here);
            match detect(history.as_deref(), framework(project, configuration), root, here) {
                Ok(detected) => Some(detected),
                Err(failure) if was_named => return Err(failure),
                // Where there is no project, or more than one, the rest has to do.
                Err(_) => None,
            }
        };
        let (database, _) = database(project, configuration, detected.as_ref(), environment)?;
        let (shadow, shadow_url) =
            shadow_request(project.shadow.as_deref().or(configuration.shadow.as_deref()), environment)?;
        Ok(Self { database, shadow, shadow_url, surroundings: surroundings(environment) })
    }

    /// Connects to the server of `--shadow URL`.
    pub fn shadow_opener(&self) -> Option<Box<dyn Fn() -> Opener + '_>> {
        shadow_opener(self.shadow_url.as_ref())
    }
}

impl Setting {
    /// What was typed, with what the configuration says, and the configuration.
    pub fn load(
        project: &ProjectArguments,
        environment: &Environment,
    ) -> Result<(Self, Configuration), Failure> {
        let configuration = configuration::load(project, &environment.current_folder)?;
        let setting = Self::new(project, &configuration, environment)?;
        Ok((setting, configuration))
    }

    pub fn new(
        project: &ProjectArguments,
        configuration: &Configuration,
        environment: &Environment,
    ) -> Result<Self, Failure> {
        let here = &environment.current_folder;
        let history = history(project, configuration, here);
        let framework = framework(project, configuration);
        let detected = detect(history.as_deref(), framework, configuration.folder().unwrap_or(here), here)?;
        let (database, source) = database(project, configuration, Some(&detected), environment)?;
        let (shadow, shadow_url) =
            shadow_request(project.shadow.as_deref().or(configuration.shadow.as_deref()), environment)?;
        Ok(Self {
            detected,
            database,
            source,
            shadow,
            shadow_url,
            surroundings: surroundings(environment),
            remember: !project.no_cache,
            began: environment.began,
            called: None,
            accepted: configuration.accept.iter().map(AcceptEntry::acceptance).collect(),
        })
    }

    /// `2026-02-28`
    pub fn today(&self) -> String {
        let mut moment = Clock { unix_seconds: self.began }.written();
        moment.truncate("2026-02-28".len());
        moment
    }

    /// The project of the demo. Its database is at hand already and is never opened by URL.
    pub fn for_demo(root: &Utf8Path, environment: &Environment) -> Result<Self, Failure> {
        let detected = trueup_frameworks::detect(root)
            .into_iter()
            .find(|detected| detected.framework == "goose")
            .ok_or_else(|| Failure::new(format!("reading the demo's project: {root} holds no migrations")))?;
        let database = DatabaseUrl::parse("postgresql://shop@localhost/shop")
            .map_err(|error| Failure::new(format!("naming the demo's database: {error}")))?;
        Ok(Self {
            detected,
            database,
            source: Source::Explicit,
            shadow: ShadowRequest::Auto,
            shadow_url: None,
            surroundings: surroundings(environment),
            remember: true,
            began: environment.began,
            called: Some("shop"),
            accepted: Vec::new(),
        })
    }

    pub fn read_history(&self) -> Result<History, Failure> {
        let framework = trueup_frameworks::framework(self.detected.framework).ok_or_else(|| {
            Failure::new(format!("reading the history: {} is not a framework", self.detected.framework))
        })?;
        let mut history = framework.read(&self.detected).map_err(Failure::new)?;
        let path: Vec<Ident> = self.database.search_path().iter().map(Ident::from).collect();
        history.preparation = history.preparation.decided_on(&path);
        Ok(history)
    }

    /// How an expected catalog is to be had here.
    pub fn plan<'a>(&'a self, opener: Option<&'a dyn Fn() -> Opener>, live_major: Option<u32>) -> Plan<'a> {
        Plan {
            request: &self.shadow,
            opener,
            surroundings: &self.surroundings,
            remember: self.remember,
            live_major,
        }
    }

    pub fn open(&self) -> Result<Session, Failure> {
        let options = OpenOptions { application_name: "trueup".to_owned(), read_only: true };
        connect::open(&self.database, &options).map_err(Failure::connecting)
    }

    /// A connection that may write.
    pub fn connect(&self) -> Result<Session, SessionError> {
        let options = OpenOptions { application_name: "trueup".to_owned(), read_only: false };
        connect::open(&self.database, &options).map_err(|error| SessionError::Lost(error.to_string()))
    }

    /// Connects to the server of `--shadow URL`.
    pub fn shadow_opener(&self) -> Option<Box<dyn Fn() -> Opener + '_>> {
        shadow_opener(self.shadow_url.as_ref())
    }
}

fn shadow_opener<'a>(url: Option<&DatabaseUrl>) -> Option<Box<dyn Fn() -> Opener + 'a>> {
    let url = url?.clone();
    Some(Box::new(move || {
        let url = url.clone();
        let opener: Opener = Arc::new(move |database: Option<&str>| {
            let target = match database {
                Some(name) => url.with_database(name),
                None => url.clone(),
            };
            let options = OpenOptions { application_name: "trueup".to_owned(), read_only: false };
            connect::open(&target, &options).map_err(|error| SessionError::Lost(error.to_string()))
        });
        opener
    }))
}

fn history(
    project: &ProjectArguments,
    configuration: &Configuration,
    here: &Utf8Path,
) -> Option<Utf8PathBuf> {
    match (&project.history, &configuration.history) {
        (Some(path), _) => Some(here.join(path)),
        (None, Some(path)) => Some(configuration.folder().unwrap_or(here).join(path)),
        (None, None) => None,
    }
}

fn framework<'a>(project: &'a ProjectArguments, configuration: &'a Configuration) -> Option<&'a str> {
    project.framework.as_deref().or(configuration.framework.as_deref())
}

/// Flags beat the environment, the environment beats our configuration file, and that the project's own.
fn database(
    project: &ProjectArguments,
    configuration: &Configuration,
    detected: Option<&Detected>,
    environment: &Environment,
) -> Result<(DatabaseUrl, Source), Failure> {
    let hint = detected.and_then(Detected::database_url_hint);
    let from_file = configuration
        .database_url
        .as_deref()
        .map(|url| (url, configuration.file.as_deref().map_or("the configuration", Utf8Path::as_str)));
    let hint = from_file.or(hint.as_ref().map(|hint| (hint.reveal(), hint.source.as_str())));
    connect::resolve(project.database_url.as_deref(), hint, &|name| environment.variable(name))
        .map_err(Failure::connecting)
}

impl Failure {
    pub(crate) fn connecting(error: trueup_database::ConnectError) -> Self {
        let failure = Failure::new(error.what());
        match error.next() {
            Some(next) => failure.hint(next),
            None => failure,
        }
    }
}

fn detect(
    history: Option<&Utf8Path>,
    framework: Option<&str>,
    root: &Utf8Path,
    here: &Utf8Path,
) -> Result<Detected, Failure> {
    if let Some(history) = history {
        return trueup_frameworks::detect_in(history, framework).map_err(Failure::detecting);
    }
    let look_below = |folder: &Utf8Path| match framework {
        Some(name) => trueup_frameworks::detect_named(folder, name).map_err(Failure::detecting),
        None => Ok(trueup_frameworks::detect(folder)),
    };
    let mut found = look_below(root)?;
    if found.is_empty() && root != here {
        found = look_below(here)?;
    }
    let Some(first) = found.first() else {
        let whose = framework.map(|name| format!(" of {name}")).unwrap_or_default();
        let failure = Failure::new(format!("looking for migrations{whose} below {root}: there are none"));
        return Err(failure.hint("name their folder: trueup check --history PATH"));
    };
    let Some(rival) = trueup_frameworks::rival(&found) else { return Ok(first.clone()) };
    let relative = |detected: &Detected| match detected.folder.strip_prefix(root) {
        Ok(below) if below.as_str().is_empty() => Utf8PathBuf::from("."),
        Ok(below) => below.to_owned(),
        Err(_) => detected.folder.clone(),
    };
    let failure = Failure::new(format!(
        "looking for migrations below {root}: {} of {} and {} of {} are equally likely",
        relative(first),
        first.framework,
        relative(rival),
        rival.framework
    ));
    Err(if rival.framework == first.framework {
        failure.hint("choose one: trueup check --history PATH")
    } else {
        failure.hint("choose one: trueup check --history PATH, or --framework NAME")
    })
}

impl Failure {
    fn detecting(error: DetectError) -> Self {
        Failure::new(error)
    }
}

fn shadow_request(
    typed: Option<&str>,
    environment: &Environment,
) -> Result<(ShadowRequest, Option<DatabaseUrl>), Failure> {
    match typed {
        None | Some("auto") => Ok((ShadowRequest::Auto, None)),
        Some("embedded") => Ok((ShadowRequest::Embedded, None)),
        Some("local") => Ok((ShadowRequest::Local(None), None)),
        Some(text) => {
            if let Some(folder) = text.strip_prefix("local:") {
                let folder = environment.current_folder.join(folder);
                return Ok((ShadowRequest::Local(Some(folder.into_std_path_buf())), None));
            }
            if !text.contains("://") && !text.contains('=') {
                return Err(Failure::new(format!("reading the arguments: unknown shadow `{text}`"))
                    .hint("one of embedded, local, local:FOLDER, or the URL of a server"));
            }
            let (url, _) = connect::resolve(Some(text), None, &|name| environment.variable(name))
                .map_err(Failure::connecting)?;
            Ok((ShadowRequest::Url, Some(url)))
        }
    }
}

/// The folders of this system, by the environment that was passed in.
fn surroundings(environment: &Environment) -> Surroundings {
    let mut surroundings = Surroundings::usual();
    if let Some(folder) = environment.variable("TRUEUP_CACHE") {
        surroundings.cache = Utf8PathBuf::from(folder).into_std_path_buf();
    }
    surroundings
}
