//! What a run works on: the project, the database, the shadow. Flags beat the environment, the environment beats
//! the configuration file, and what nobody says is looked for.

use std::sync::{Arc, OnceLock};

use camino::{Utf8Path, Utf8PathBuf};
use trueup_database::connect::{self, OpenOptions, Problem};
use trueup_database::expected::Plan;
use trueup_database::shadow::{Opener, ShadowRequest, Surroundings};
use trueup_database::{DatabaseUrl, Session, SessionError, Source};
use trueup_frameworks::Variables;
use trueup_frameworks::record::{Recorded, with_recorded};
use trueup_frameworks::{Clock, DetectError, Detected, Obstacle, ReadError};
use trueup_model::acceptance::Acceptance;
use trueup_model::ledger::LedgerRows;
use trueup_model::{History, Ident, Preparation, Text};

use crate::arguments::ProjectArguments;
use crate::configuration::{self, AcceptEntry, Configuration};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::workflow::record::record;

/// Where the statements of a history come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Replay {
    /// From the texts of its migrations.
    Files,
    /// From the project's own tool, which runs them on a throwaway database.
    Framework,
}

impl Replay {
    const WORDS: [(&str, Replay); 2] = [("files", Replay::Files), ("framework", Replay::Framework)];

    fn parse(typed: Option<&str>) -> Result<Self, Failure> {
        let Some(typed) = typed else { return Ok(Replay::Files) };
        let found = Self::WORDS.iter().find(|(word, _)| *word == typed).map(|(_, replay)| *replay);
        found.ok_or_else(|| Failure::unknown("replay", typed, Self::WORDS.iter().map(|(word, _)| *word)))
    }
}

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
    replay: Replay,
    /// What the project's own tool sent, once it was asked.
    recorded: OnceLock<Vec<Recorded>>,
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
                Ok(detected) => Some(with_alias(detected, project, configuration)?),
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
        let mut detected =
            detect(history.as_deref(), framework, configuration.folder().unwrap_or(here), here)?;
        detected.variables = Variables(environment.variables().clone());
        let surroundings = surroundings(environment);
        let remember = !project.no_cache;
        detected.memory = remember.then(|| surroundings.cache.join("readings"));
        let detected = with_alias(detected, project, configuration)?;
        let (database, source) = database(project, configuration, Some(&detected), environment)?;
        let (shadow, shadow_url) =
            shadow_request(project.shadow.as_deref().or(configuration.shadow.as_deref()), environment)?;
        Ok(Self {
            detected,
            database,
            source,
            shadow,
            shadow_url,
            surroundings,
            remember,
            began: environment.began,
            called: None,
            accepted: configuration.accept.iter().map(AcceptEntry::acceptance).collect(),
            replay: Replay::parse(project.replay.as_deref())?,
            recorded: OnceLock::new(),
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
            replay: Replay::Files,
            recorded: OnceLock::new(),
        })
    }

    pub fn read_history(&self) -> Result<History, Failure> {
        let framework = trueup_frameworks::framework(self.detected.framework).ok_or_else(|| {
            Failure::new(format!("reading the history: {} is not a framework", self.detected.framework))
        })?;
        let read = framework.read(&self.detected);
        let history = match self.replay {
            Replay::Files => read.map_err(Failure::reading)?,
            Replay::Framework => {
                let read = read.unwrap_or_else(|_| self.nothing_read());
                with_recorded(&read, &self.detected.root, self.recorded(&read)?)
            }
        };
        Ok(self.decided(history))
    }

    /// The history again, where the rows of the ledger decide what belongs to it.
    pub fn settled(&self, history: &mut History, rows: &LedgerRows) {
        let tool = trueup_frameworks::framework(self.detected.framework);
        let again = tool.and_then(|tool| tool.read_for(&self.detected, history, rows));
        if let (Replay::Files, Some(again)) = (self.replay, again) {
            *history = self.decided(again);
        }
    }

    fn decided(&self, mut history: History) -> History {
        let path: Vec<Ident> = self.database.search_path().iter().map(Ident::from).collect();
        history.preparation = history.preparation.decided_on(&path);
        history
    }

    fn recorded(&self, history: &History) -> Result<&[Recorded], Failure> {
        if let Some(recorded) = self.recorded.get() {
            return Ok(recorded);
        }
        let recorded = record(self, history)?;
        Ok(self.recorded.get_or_init(|| recorded))
    }

    /// Where the files alone say nothing, the tool may all the same.
    fn nothing_read(&self) -> History {
        History {
            framework: self.detected.framework,
            root: Text::new("."),
            preparation: Preparation::default(),
            migrations: Vec::new(),
            handlers: Vec::new(),
            findings: Vec::new(),
        }
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

/// The database of the tool's configuration that is meant, where somebody named one.
fn with_alias(
    detected: Detected,
    project: &ProjectArguments,
    configuration: &Configuration,
) -> Result<Detected, Failure> {
    let Some(alias) = project.database_alias.as_ref().or(configuration.database_alias.as_ref()) else {
        return Ok(detected);
    };
    let tool = trueup_frameworks::framework(detected.framework);
    let Some(known) = tool.and_then(|tool| tool.databases(&detected)) else {
        if let Some(obstacle) = detected.why_no_database() {
            return Err(obstacle.into());
        }
        let failure =
            Failure::new(format!("choosing the database {alias}: {} has one only", detected.framework));
        return Err(failure.hint("leave --database-alias out, or give the database with --database-url"));
    };
    if !known.contains(alias) {
        return Err(Failure::unknown("database alias", alias, known.iter().map(String::as_str)));
    }
    Ok(Detected { alias: Some(alias.clone()), ..detected })
}

/// Flags beat the environment, the environment beats our configuration file, and that the project's own.
fn database(
    project: &ProjectArguments,
    configuration: &Configuration,
    detected: Option<&Detected>,
    environment: &Environment,
) -> Result<(DatabaseUrl, Source), Failure> {
    let hint = detected.and_then(Detected::database_url_hint);
    // Who names one of several databases means that one, and not what happens to be set.
    let alias = detected.and_then(|detected| detected.alias.as_deref());
    if let (Some(alias), None, None) = (alias, &project.database_url, &hint) {
        let why = detected.and_then(Detected::why_no_database).map(Failure::from);
        return Err(why.unwrap_or_else(|| {
            Failure::new(format!("choosing the database {alias}: its settings lead to no PostgreSQL"))
                .hint("set what they are read from, or give the database with --database-url")
        }));
    }
    let from_file = configuration
        .database_url
        .as_deref()
        .filter(|_| alias.is_none())
        .map(|url| (url, configuration.file.as_deref().map_or("the configuration", Utf8Path::as_str)));
    let hint = from_file.or(hint.as_ref().map(|hint| (hint.reveal(), hint.source.as_str())));
    let is_hidden = |name: &str| alias.is_some() && matches!(name, "TRUEUP_DATABASE_URL" | "DATABASE_URL");
    let variable = |name: &str| environment.variable(name).filter(|_| !is_hidden(name));
    connect::resolve(project.database_url.as_deref(), hint, &variable).map_err(|error| {
        let is_unnamed = *error.problem() == Problem::NothingGiven;
        let why = detected.filter(|_| is_unnamed).and_then(Detected::why_no_database);
        why.map_or_else(|| Failure::connecting(error), Failure::from)
    })
}

impl From<Obstacle> for Failure {
    fn from(obstacle: Obstacle) -> Self {
        Failure::new(obstacle.what).hint(obstacle.next)
    }
}

impl Failure {
    pub(crate) fn reading(error: ReadError) -> Self {
        match error {
            ReadError::Project(obstacle) => Failure::from(obstacle),
            error @ ReadError::Folder { .. } => Failure::new(error),
        }
    }

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
