//! What was tried and agreed to is carried out: looked at once more, backed up, and run one after the other.

use camino::Utf8PathBuf;
use trueup_database::apply::{
    self, Applied, ApplyError, Direction, Event, Keeper, Limits, Run, RunMigration,
};
use trueup_database::{Session, SessionError, backup};
use trueup_engine::tolerance::{Tolerated, is_about_roles};
use trueup_frameworks::LedgerItem;
use trueup_model::{Catalog, Difference};

use super::{Ready, Undertaking, borrowed, kept};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::workflow::Progress;
use crate::workflow::journal::about_journal;
use crate::workflow::load::Setting;
use crate::workflow::stage::fresh_shadow;

/// Runs one of them. The connection is there for whoever has no other.
type RunOne<'a> =
    dyn FnMut(&Run<'_>, &mut Session, &mut dyn FnMut(Event)) -> Result<Applied, ApplyError> + 'a;

impl Ready {
    /// Refuses what cannot go well, before anybody is asked. Gives what is worth knowing.
    pub fn look_before(&self, setting: &Setting) -> Result<Vec<String>, Failure> {
        let mut session = setting.connect().map_err(|error| Failure::new(format!("connecting: {error}")))?;
        apply::look_before(&mut session, &self.touched, &self.owned).map_err(|error| failed(&error, &[]))
    }

    /// Backs up what could be lost, and restores it once on a scratch server. Gives what was done, in words.
    pub fn back_up(&self, setting: &Setting, progress: Progress<'_>) -> Result<Vec<String>, Failure> {
        let Some(planned) = &self.plan.backup else { return Ok(Vec::new()) };
        let folder = Utf8PathBuf::from(&planned.folder);
        if let Some(parent) = folder.parent() {
            kept::folder(&setting.detected.root)?;
            std::fs::create_dir_all(parent)
                .map_err(|error| Failure::new(format!("making the folder {parent}: {}", error.kind())))?;
        }
        let (mut shadow, _) = fresh_shadow(setting, &self.applied, self.live_major, progress)?;
        let request = backup::Request {
            database: &setting.database,
            folder: folder.as_std_path(),
            scope: backup::Scope::Tables(&planned.tables),
            method: backup::Method::BestAtHand,
            limits: backup::Limits::default(),
        };
        let backup =
            backup::take(&request, backup::Scratch::Given(shadow.as_mut()), progress).map_err(|error| {
                Failure::backing_up(error).hint("nothing was run; to do it without a backup: --no-backup")
            })?;
        let mut said = vec![format!("backed up {} rows in {folder}", backup.manifest.rows())];
        said.extend(backup.manifest.verified.not_verified.iter().map(|what| format!("not verified: {what}")));
        Ok(said)
    }

    /// Runs everything. What was done before a failure stays done and recorded.
    pub fn run(
        &self,
        setting: &Setting,
        limits: Limits,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Vec<Applied>, Failure> {
        let connecting = |error: SessionError| Failure::new(format!("connecting: {error}"));
        let mut session = setting.connect().map_err(connecting)?;
        let connect = || setting.connect();
        let Some(first) = self.undertakings.first() else { return Ok(Vec::new()) };
        // Nobody comes in between two of them.
        let direction = first.undoes.map_or(Direction::Apply, Direction::Undo);
        let mut keeper = Keeper::take(&connect, direction, &self.who).map_err(|error| failed(&error, &[]))?;
        self.each(setting, &mut session, limits, tell, &mut |run, _, told| {
            apply::apply_held(run, &connect, &mut keeper, told)
        })
    }

    /// As [`Ready::run`], on the one connection to a database that nobody else can reach.
    pub fn run_alone(
        &self,
        setting: &Setting,
        session: &mut Session,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Vec<Applied>, Failure> {
        self.each(setting, session, Limits::default(), tell, &mut |run, session, told| {
            apply::apply_alone(run, session, told)
        })
    }

    fn each(
        &self,
        setting: &Setting,
        session: &mut Session,
        limits: Limits,
        tell: &mut dyn FnMut(&str),
        apply: &mut RunOne<'_>,
    ) -> Result<Vec<Applied>, Failure> {
        let settings = borrowed(&self.settings);
        let mut done: Vec<Applied> = Vec::new();
        for (index, (undertaking, link)) in self.undertakings.iter().zip(&self.links).enumerate() {
            let before = match index {
                0 => &self.live.found,
                _ => &self.links[index - 1].after,
            };
            let ledger = self.ledger_statements(setting, session, undertaking)?;
            let settle = |catalog| self.live.settle(catalog);
            // What is new belongs to whoever made it, also where that is a member of the role that migrates.
            let of_new =
                |difference: &Difference| is_about_roles(difference) && !before.contains(&difference.path);
            let strictly =
                |wanted: &Catalog, there: &Catalog| Tolerated::default().others_but(wanted, there, &of_new);
            let run = Run {
                script: &link.script,
                direction: undertaking.undoes.map_or(Direction::Apply, Direction::Undo),
                found: before,
                expected: &link.after,
                settings: &settings,
                ledger: &ledger,
                settle: &settle,
                differ: &strictly,
                touched: &self.touched,
                owned: &self.owned,
                empty: &self.empty,
                limits,
                who: &self.who,
                migration: undertaking.migration.as_ref(),
                after: done.last(),
                together: undertaking.together,
                backup: self.plan.backup.as_ref().map(|backup| backup.folder.as_str()),
                owner: self.live.owner(),
                redact: &trueup_report::redact,
            };
            tell(&format!("{} of {}: {}", index + 1, self.undertakings.len(), undertaking.title));
            let outcome = apply(&run, session, &mut |event| tell(&spoken(&event)));
            let written = kept::write(setting, &self.live.database, undertaking, self.direction, &outcome);
            done.push(outcome.map_err(|error| failed(&error, &done))?);
            written?;
        }
        Ok(done)
    }

    fn ledger_statements(
        &self,
        setting: &Setting,
        session: &mut Session,
        undertaking: &Undertaking,
    ) -> Result<Vec<String>, Failure> {
        let Some(migration) = &undertaking.migration else { return Ok(Vec::new()) };
        let items: Vec<LedgerItem> =
            undertaking.recorded_with_it.iter().chain([migration]).map(ledger_item).collect();
        let (tool, history, ledger) = self.live.ledger(setting, session)?;
        let statements = match undertaking.undoes {
            None => tool.ledger_record(&setting.detected, &history, &ledger, &items),
            Some(_) => tool.ledger_forget(&setting.detected, &ledger, &items),
        };
        statements.map_err(Failure::new)
    }
}

fn ledger_item(migration: &RunMigration) -> LedgerItem {
    LedgerItem {
        key: migration.key.as_str().into(),
        file: migration.file.as_str().into(),
        checksum: migration.checksum.as_deref().map(Into::into),
    }
}

fn spoken(event: &Event) -> String {
    match event {
        Event::Note(note) => format!("note: {note}"),
        Event::Resumed { run, done, of } => {
            format!("run {run} was cut off after {done} of {of} statements; going on from there")
        }
        Event::Part { number, of, comment } => format!("  {number}/{of} {comment}"),
        Event::Blocked { by, attempt, pause } => {
            let who = if by.is_empty() { String::new() } else { format!(", held by {}", by.join(", ")) };
            format!("  a lock is not to be had{who}; attempt {attempt}, next in {:.1} s", pause.as_secs_f64())
        }
    }
}

pub(super) fn failed(error: &ApplyError, done: &[Applied]) -> Failure {
    let mut failure = Failure::new(error);
    failure.exit = match error {
        ApplyError::AlreadyRunning { .. } | ApplyError::Locked { .. } => Exit::Locked,
        ApplyError::Changed(_) | ApplyError::NotAsProven { .. } => Exit::Refused,
        ApplyError::Refused(_) | ApplyError::Failed { .. } | ApplyError::Session { .. } => Exit::Failed,
    };
    if let ApplyError::Session { error, .. } = error {
        failure = about_journal(failure, error);
    }
    match done.len() {
        0 => failure,
        1 => failure.hint("what came before it is done and recorded"),
        many => failure.hint(format!("the {many} before it are done and recorded")),
    }
}
