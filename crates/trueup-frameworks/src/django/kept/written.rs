//! A history in its written form. Paths of files stand once each: places name them by number.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use trueup_model::history::{Handler, MigrationKind, Opaque, TransactionMode};
use trueup_model::reach::Named;
use trueup_model::{History, Migration, Place, Preparation, Reach, Statement, Text};

#[derive(Serialize, Deserialize)]
pub(super) struct WrittenHistory {
    root: String,
    files: Vec<String>,
    migrations: Vec<WrittenMigration>,
    handlers: Vec<WrittenHandler>,
}

#[derive(Serialize, Deserialize)]
struct WrittenHandler {
    id: String,
    why: (String, Spot),
    reach: WrittenReach,
    comes_first: bool,
}

/// File, line and column.
type Spot = (usize, u32, u32);

#[derive(Serialize, Deserialize)]
struct WrittenMigration {
    id: String,
    key: String,
    parents: Vec<String>,
    replaces: Vec<String>,
    file: usize,
    is_atomic: bool,
    up: Vec<(String, Spot)>,
    opaque: Option<(String, Spot)>,
    reach: WrittenReach,
    only_by_tool: Option<(String, Spot)>,
}

#[derive(Serialize, Deserialize)]
enum WrittenReach {
    Nothing,
    Named { whole: Vec<String>, beginnings: Vec<String> },
    Anything,
}

impl WrittenReach {
    fn of(reach: &Reach) -> Self {
        let names = |names: &BTreeSet<Text>| names.iter().map(Text::to_string).collect();
        match reach {
            Reach::Nothing => Self::Nothing,
            Reach::Named(Named { whole, beginnings }) => {
                Self::Named { whole: names(whole), beginnings: names(beginnings) }
            }
            Reach::Anything => Self::Anything,
        }
    }

    fn reach(self) -> Reach {
        let names = |names: Vec<String>| names.into_iter().map(Text::new).collect();
        match self {
            Self::Nothing => Reach::Nothing,
            Self::Named { whole, beginnings } => {
                Reach::Named(Named { whole: names(whole), beginnings: names(beginnings) })
            }
            Self::Anything => Reach::Anything,
        }
    }
}

impl WrittenHandler {
    fn handler(self, files: &[Arc<str>]) -> Option<Handler> {
        let why = reason(self.why, files)?;
        let (id, reach) = (Text::new(self.id), self.reach.reach());
        Some(Handler { id, why, reach, comes_first: self.comes_first })
    }
}

fn place((file, line, column): Spot, files: &[Arc<str>]) -> Option<Place> {
    Some(Place::new(files.get(file)?.clone(), line, column))
}

fn reason((reason, spot): (String, Spot), files: &[Arc<str>]) -> Option<Opaque> {
    Some(Opaque { reason, place: place(spot, files)? })
}

impl WrittenHistory {
    /// `None` where there is more in it than a history of Django has.
    pub fn of(history: &History) -> Option<Self> {
        let History { framework: _, root, preparation, migrations, handlers, findings } = history;
        if *preparation != Preparation::default() || !findings.is_empty() {
            return None;
        }
        let mut files = Files::default();
        let migrations: Option<Vec<_>> = migrations.iter().map(|one| files.migration(one)).collect();
        let handlers = handlers.iter().map(|Handler { id, why, reach, comes_first }| WrittenHandler {
            id: id.to_string(),
            why: files.reason(why),
            reach: WrittenReach::of(reach),
            comes_first: *comes_first,
        });
        let handlers = handlers.collect();
        Some(Self {
            handlers,
            root: root.to_string(),
            migrations: migrations?,
            files: files.names.iter().map(|name| name.to_string()).collect(),
        })
    }

    /// `None` where a place is in no file.
    pub fn history(self) -> Option<History> {
        let files: Vec<Arc<str>> = self.files.into_iter().map(Arc::from).collect();
        let migrations: Option<Vec<_>> =
            self.migrations.into_iter().map(|one| one.migration(&files)).collect();
        let handlers: Option<Vec<_>> = self.handlers.into_iter().map(|one| one.handler(&files)).collect();
        Some(History {
            framework: super::super::NAME,
            root: Text::new(self.root),
            preparation: Preparation::default(),
            migrations: migrations?,
            handlers: handlers?,
            findings: Vec::new(),
        })
    }
}

/// The files that were named so far.
#[derive(Default)]
struct Files {
    names: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, usize>,
}

impl Files {
    fn number(&mut self, file: &Arc<str>) -> usize {
        *self.numbers.entry(file.clone()).or_insert_with(|| {
            self.names.push(file.clone());
            self.names.len() - 1
        })
    }

    fn spot(&mut self, place: &Place) -> Spot {
        (self.number(&place.file), place.line, place.column)
    }

    fn reason(&mut self, opaque: &Opaque) -> (String, Spot) {
        (opaque.reason.clone(), self.spot(&opaque.place))
    }

    fn migration(&mut self, migration: &Migration) -> Option<WrittenMigration> {
        let Migration {
            id,
            key,
            kind: MigrationKind::Versioned,
            parents,
            replaces,
            file,
            transaction,
            up,
            down: None,
            checksum: None,
            opaque,
            reach,
            only_by_tool,
        } = migration
        else {
            return None;
        };
        let texts = |texts: &[Text]| texts.iter().map(Text::to_string).collect();
        let up: Option<Vec<_>> = up
            .iter()
            .map(|statement| match statement {
                Statement { text, place, copy_data: None } => Some((text.to_string(), self.spot(place))),
                Statement { .. } => None,
            })
            .collect();
        Some(WrittenMigration {
            id: id.to_string(),
            key: key.to_string(),
            parents: texts(parents),
            replaces: texts(replaces),
            file: self.number(file),
            is_atomic: match transaction {
                TransactionMode::Single => true,
                TransactionMode::PerStatement => false,
                TransactionMode::Implicit => return None,
            },
            up: up?,
            opaque: opaque.as_ref().map(|opaque| self.reason(opaque)),
            reach: WrittenReach::of(reach),
            only_by_tool: only_by_tool.as_ref().map(|opaque| self.reason(opaque)),
        })
    }
}

impl WrittenMigration {
    fn migration(self, files: &[Arc<str>]) -> Option<Migration> {
        let opaque = |written: Option<(String, Spot)>| match written {
            Some(written) => Some(Some(reason(written, files)?)),
            None => Some(None),
        };
        let texts = |texts: Vec<String>| texts.into_iter().map(Text::new).collect();
        let statement = |(text, spot): (String, Spot)| {
            Some(Statement { text: Arc::from(text), place: place(spot, files)?, copy_data: None })
        };
        let up: Option<Vec<_>> = self.up.into_iter().map(statement).collect();
        Some(Migration {
            id: Text::new(self.id),
            key: Text::new(self.key),
            kind: MigrationKind::Versioned,
            parents: texts(self.parents),
            replaces: texts(self.replaces),
            file: files.get(self.file)?.clone(),
            transaction: if self.is_atomic { TransactionMode::Single } else { TransactionMode::PerStatement },
            up: up?,
            down: None,
            checksum: None,
            opaque: opaque(self.opaque)?,
            reach: self.reach.reach(),
            only_by_tool: opaque(self.only_by_tool)?,
        })
    }
}
