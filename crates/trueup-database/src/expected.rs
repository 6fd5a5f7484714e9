//! The catalog that a history produces: replayed on a shadow, or remembered from an earlier replay.
//!
//! What is remembered is keyed by a chain of hashes over the meaning of every statement, so that a changed comment
//! costs nothing and a new migration replays only itself, from the state that the shadow was left in.

mod cache;

use std::collections::BTreeSet;

use trueup_model::journal::Journal;
use trueup_model::outcome::ShadowSummary;
use trueup_model::{Catalog, Dependencies, History, Ident, Text};
use trueup_sql::classify;

use crate::introspect::{Introspection, Mark, Recording, introspect_and_record};
use crate::replay::{Failure, FailureKind, Note, Progress, Replay, ReplayError, SCHEMA, replay};
use crate::session::SessionError;
use crate::shadow::{
    AtHand, Choice, Need, Opener, Shadow, ShadowError, ShadowRequest, Surroundings, Which, at_hand, choose,
    embedded_offer, open, open_kept, stand_ins_fingerprint,
};

pub use cache::Chain;
use cache::Meta;

/// What a history produces, and how that is known.
#[derive(Debug)]
pub struct Expected {
    pub catalog: Catalog,
    pub journal: Journal,
    /// Statements that the shadow refused.
    pub failures: Vec<Failure>,
    /// Sentences about what was done otherwise than written, and what this shadow cannot check.
    pub notes: Vec<String>,
    pub shadow: ShadowSummary,
}

/// How an expected catalog is to be had.
pub struct Plan<'a> {
    pub request: &'a ShadowRequest,
    /// For a shadow by URL.
    pub opener: Option<&'a dyn Fn() -> Opener>,
    pub surroundings: &'a Surroundings,
    /// Known results may be used, and new ones are kept.
    pub remember: bool,
    pub live_major: Option<u32>,
}

#[derive(Debug, thiserror::Error)]
pub enum ExpectedError {
    #[error(transparent)]
    Shadow(#[from] ShadowError),
    #[error(transparent)]
    Replay(#[from] ReplayError),
    #[error("reading the catalog of the shadow: {0}")]
    Read(#[from] SessionError),
}

/// The catalog after all migrations of a history, in their order.
pub fn expected(
    history: &History,
    plan: &Plan<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Expected, ExpectedError> {
    expected_with(history, plan, None, progress)
}

/// As [`expected`], with what [`remembered`] found for the same history. It is used if it was made on the shadow
/// that is wanted.
pub fn expected_with(
    history: &History,
    plan: &Plan<'_>,
    ahead: Option<Remembered>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Expected, ExpectedError> {
    let need = match &ahead {
        Some(ahead) => Need { live_major: plan.live_major, ..ahead.need.clone() },
        None => need_of(history, plan.live_major),
    };
    let choice = choice_for(plan, &need)?;
    let known = ahead.filter(|ahead| ahead.identity.is_some() && ahead.identity == identity(&choice));
    let first = match known {
        Some(known) => known.expected(&choice, history),
        None => expected_on(history, plan, &choice, progress)?,
    };
    // A statement that this shadow cannot run may run on another one that is at hand.
    let Some(better) = better_choice(plan, &need, &choice, &first.failures) else { return Ok(first) };
    expected_on(history, plan, &better, progress)
}

/// As [`expected`], where nothing has to be replayed for it.
pub fn known(history: &History, plan: &Plan<'_>) -> Option<Expected> {
    let need = need_of(history, plan.live_major);
    let choice = choice_for(plan, &need).ok()?;
    let first = cached(history, plan, &choice)?;
    match better_choice(plan, &need, &choice, &first.failures) {
        None => Some(first),
        Some(better) => cached(history, plan, &better),
    }
}

fn cached(history: &History, plan: &Plan<'_>, choice: &Choice) -> Option<Expected> {
    let chain = Chain::over(history, &identity(choice).filter(|_| plan.remember)?);
    let (meta, introspection) = cache::load(plan.surroundings, chain.last())?;
    let remembered = Remembered { need: Need::default(), identity: None, meta, introspection };
    Some(remembered.expected(choice, history))
}

/// A result of an earlier replay.
pub struct Remembered {
    /// What the history asks of a shadow, and on which one it was replayed: enough to know whether this is what is
    /// wanted, without reading the history again.
    need: Need,
    identity: Option<String>,
    meta: Meta,
    introspection: Introspection,
}

/// What is remembered of a history, without starting anything; for loading it while something else is awaited.
pub fn remembered(history: &History, plan: &Plan<'_>) -> Option<Remembered> {
    if !plan.remember {
        return None;
    }
    let need = need_of(history, plan.live_major);
    let choice = choice_for(plan, &need).ok()?;
    let identity = identity(&choice)?;
    let chain = Chain::over(history, &identity);
    let (meta, introspection) = cache::load(plan.surroundings, chain.last())?;
    Some(Remembered { need, identity: Some(identity), meta, introspection })
}

fn expected_on(
    history: &History,
    plan: &Plan<'_>,
    choice: &Choice,
    progress: &mut dyn FnMut(Progress),
) -> Result<Expected, ExpectedError> {
    if let Some(known) = cached(history, plan, choice) {
        return Ok(known);
    }
    let chain = identity(choice).map(|identity| Chain::over(history, &identity));
    let (shadow, remembered, recording) = replay_on(history, plan, choice, chain.as_ref(), progress)?;
    let replay = &remembered.meta.replay;
    // What took too long today may not do so tomorrow.
    let is_final = replay.failures.iter().all(|failure| failure.kind != FailureKind::TimedOut);
    if let (Some(chain), true) = (&chain, plan.remember && is_final) {
        // What cannot be kept is made again next time: no reason to fail now.
        let _ = cache::store(plan.surroundings, chain.last(), &remembered.meta, &recording);
        if replay.statements >= WORTH_KEEPING {
            let _ = cache::keep_shadow(plan.surroundings, chain.last(), shadow);
        }
    }
    Ok(remembered.expected(choice, history))
}

/// As [`expected`], with the shadow on which the history was replayed, in the state that it produces, and with what needs
/// what there.
pub fn expected_on_shadow(
    history: &History,
    plan: &Plan<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Box<dyn Shadow>, Expected, Dependencies), ExpectedError> {
    let need = need_of(history, plan.live_major);
    let mut choice = choice_for(plan, &need)?;
    loop {
        let chain = identity(&choice).map(|identity| Chain::over(history, &identity));
        let (shadow, mut remembered, _) = replay_on(history, plan, &choice, chain.as_ref(), progress)?;
        match better_choice(plan, &need, &choice, &remembered.meta.replay.failures) {
            None => {
                let migrator = Ident::new(&remembered.meta.migrator);
                let needs = remembered.introspection.take_dependencies().migrated_by(Some(&migrator));
                return Ok((shadow, remembered.expected(&choice, history), needs));
            }
            Some(better) => choice = better,
        }
    }
}

/// A shadow such as the history would be replayed on, with nothing in it.
pub fn empty_shadow(history: &History, plan: &Plan<'_>) -> Result<Box<dyn Shadow>, ExpectedError> {
    let choice = choice_for(plan, &need_of(history, plan.live_major))?;
    Ok(open(&choice, plan.surroundings, plan.opener.map(|opener| opener()))?)
}

fn replay_on(
    history: &History,
    plan: &Plan<'_>,
    choice: &Choice,
    chain: Option<&Chain>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Box<dyn Shadow>, Remembered, Recording), ExpectedError> {
    let (mut shadow, done) = shadow_for(plan, choice, chain)?;
    let order: Vec<usize> = (done..history.migrations.len()).collect();
    let replayed = replay(shadow.as_mut(), history, &order, progress)?;
    let summary = ShadowSummary {
        kind: shadow.kind(),
        server_version: Text::new(first_word(&shadow.capabilities().version_text)),
        from_cache: false,
    };
    let migrator = shadow.session().value("select current_user")?.unwrap_or_default();
    let (introspection, recording) = introspect_and_record(shadow.session())?;
    let meta = Meta { shadow: summary, migrator, replay: replayed };
    let remembered = Remembered { need: Need::default(), identity: None, meta, introspection };
    Ok((shadow, remembered, recording))
}

/// A shadow is kept when as many statements were replayed: fewer are replayed faster than a server is brought back.
const WORTH_KEEPING: usize = 300;

/// A shadow in the state of the longest known part of the history, and how many migrations that part has.
fn shadow_for(
    plan: &Plan<'_>,
    choice: &Choice,
    chain: Option<&Chain>,
) -> Result<(Box<dyn Shadow>, usize), ExpectedError> {
    if let (Some(chain), true) = (chain, plan.remember) {
        for (count, hash) in chain.prefixes_from_the_longest() {
            let folder = cache::shadow_folder(plan.surroundings, hash);
            if !folder.is_dir() {
                continue;
            }
            if let Ok(Some(shadow)) = open_kept(&folder, plan.surroundings) {
                return Ok((shadow, count));
            }
        }
    }
    let opener = plan.opener.map(|opener| opener());
    Ok((open(choice, plan.surroundings, opener)?, 0))
}

fn choice_for(plan: &Plan<'_>, need: &Need) -> Result<Choice, ShadowError> {
    // Looking for installed servers starts programs, a quarter of a second in all: only where the embedded one lacks
    // something that the history asks for.
    if let (ShadowRequest::Auto, Some(offer)) = (plan.request, embedded_offer()) {
        let has_all = need.extensions.is_subset(&offer.extensions)
            && (offer.icu || !need.icu)
            && need.live_major.is_none_or(|live| live <= offer.version / 10_000);
        if has_all {
            return choose(plan.request, need, &AtHand { embedded: Some(offer), local: Vec::new() });
        }
    }
    choose(plan.request, need, &at_hand(plan.request))
}

/// Another shadow, where the first one lacked something that a local server of the live database's version has.
fn better_choice(plan: &Plan<'_>, need: &Need, choice: &Choice, failures: &[Failure]) -> Option<Choice> {
    let lacking = failures.iter().any(|failure| {
        matches!(
            failure.kind,
            FailureKind::NeedsNewerServer(_)
                | FailureKind::MissingExtension(_)
                | FailureKind::MissingLibrary
                | FailureKind::NotCaught
        )
    });
    if !lacking || !matches!(plan.request, ShadowRequest::Auto) || matches!(choice.which, Which::Local(_)) {
        return None;
    }
    let newest_needed = failures.iter().filter_map(|failure| match failure.kind {
        FailureKind::NeedsNewerServer(major) => Some(major),
        _ => None,
    });
    let major = newest_needed.max().or(plan.live_major)?;
    let local = at_hand(plan.request)
        .local
        .into_iter()
        .filter(|server| server.version / 10_000 >= major)
        .filter(|server| need.extensions.iter().all(|name| server.extensions.contains(name)))
        .min_by_key(|server| (Some(server.version / 10_000) != plan.live_major, server.version))?;
    Some(Choice {
        sentence: format!(
            "replayed on the local PostgreSQL {}, because the embedded one lacks what the history uses",
            first_word(&local.version_text)
        ),
        which: Which::Local(local),
        is_usual: false,
        unchecked: Vec::new(),
    })
}

/// What the history asks of a shadow.
fn need_of(history: &History, live_major: Option<u32>) -> Need {
    let mut extensions = BTreeSet::new();
    let mut icu = false;
    for statement in history.migrations.iter().flat_map(|migration| &migration.up) {
        // Nearly no statement is about either: the words are looked for before a statement is taken apart.
        if !contains_word(&statement.text, "extension") && !contains_word(&statement.text, "collation") {
            continue;
        }
        extensions.extend(classify::extensions_created(&statement.text));
        icu |= classify::classify(&statement.text).verb == "CREATE COLLATION"
            && statement.text.to_ascii_lowercase().contains("icu");
    }
    extensions.remove("plpgsql");
    Need { live_major, extensions, icu }
}

/// Whether a text holds a word in any case of its letters.
fn contains_word(text: &str, word: &str) -> bool {
    text.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

/// What a result depends on besides the history. A shadow by URL has none that is known without asking it.
fn identity(choice: &Choice) -> Option<String> {
    match &choice.which {
        Which::Embedded { extensions } => {
            let version = embedded_offer().map(|offer| offer.version_text).unwrap_or_default();
            Some(format!("embedded {version} {} {}", stand_ins_fingerprint(), extensions.join(" ")))
        }
        Which::Local(server) => Some(format!("local {} {}", server.bin.display(), server.version_text)),
        Which::Url => None,
    }
}

/// Joins the rows behind the objects with the statements that wrote them.
fn journal(marks: &[Mark], replay: &Replay) -> Journal {
    let mut journal = Journal::default();
    for mark in marks {
        let provenance = replay.provenance(mark.oid, mark.xmin);
        match mark.detail {
            None => {
                journal.entries.insert(mark.path.clone(), provenance);
            }
            Some(detail) => {
                if let Some(changed) = provenance.changed {
                    let latest = journal.details.entry((mark.path.clone(), detail)).or_insert(changed);
                    *latest = changed.max(*latest);
                }
            }
        }
    }
    journal
}

/// Our own schema is not part of what the history makes.
fn without_ours(introspection: Introspection, migrator: &str) -> (Catalog, Vec<Mark>) {
    let Introspection { catalog, mut marks, .. } = introspection;
    let ours = |path: &trueup_model::ObjectPath| {
        path.schema.as_ref().is_some_and(|schema| schema.as_str() == SCHEMA)
            || (path.kind == trueup_model::ObjectKind::Schema && path.head.as_str() == SCHEMA)
    };
    marks.retain(|mark| !ours(&mark.path));
    (catalog.without(ours).migrated_by(Some(Ident::new(migrator))), marks)
}

/// A note with the place of the statement that it is about.
fn located(note: &Note, history: &History) -> String {
    let place = usize::try_from(note.statement.migration)
        .ok()
        .and_then(|migration| history.migrations.get(migration))
        .and_then(|migration| migration.up.get(usize::try_from(note.statement.statement).ok()?))
        .map(|statement| &statement.place);
    match place {
        Some(place) => format!("{}:{}: {}", place.file, place.line, note.text),
        None => note.text.clone(),
    }
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or(text)
}

impl Remembered {
    fn expected(self, choice: &Choice, history: &History) -> Expected {
        let Meta { shadow, migrator, replay } = self.meta;
        let (catalog, marks) = without_ours(self.introspection, &migrator);
        let mut notes = Vec::new();
        if !choice.is_usual {
            notes.push(choice.sentence.clone());
        }
        notes.extend(choice.unchecked.iter().cloned());
        notes.extend(replay.notes.iter().map(|note| located(note, history)));
        let journal = journal(&marks, &replay);
        Expected { catalog, journal, failures: replay.failures, notes, shadow }
    }
}
