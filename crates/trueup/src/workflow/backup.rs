//! Backups and the way back from them: only a connection is needed, no history.

use camino::{Utf8Path, Utf8PathBuf};
use trueup_database::DatabaseUrl;
use trueup_database::backup::{
    self, Backup, BackupError, Limits, Method, Plan, Restore, Restored, Scope, Scratch,
};
use trueup_frameworks::Clock;
use trueup_model::QualifiedName;

use super::Progress;
use super::load::Connection;
use crate::exit::Exit;
use crate::failure::Failure;

/// What is to be backed up.
pub(crate) struct WantedBackup {
    pub folder: Utf8PathBuf,
    /// All tables where none is named.
    pub only: Vec<QualifiedName>,
    pub method: Method,
}

/// What is to be restored.
pub(crate) struct WantedRestore {
    pub folder: Utf8PathBuf,
    pub only: Vec<QualifiedName>,
    pub replace: Vec<QualifiedName>,
}

pub(crate) fn back_up(
    connection: &Connection,
    wanted: &WantedBackup,
    progress: Progress<'_>,
) -> Result<Backup, Failure> {
    let request = backup::Request {
        database: &connection.database,
        folder: wanted.folder.as_std_path(),
        scope: if wanted.only.is_empty() { Scope::Everything } else { Scope::Tables(&wanted.only) },
        method: wanted.method,
        limits: Limits::default(),
    };
    let opener = connection.shadow_opener();
    let scratch = Scratch::Open {
        request: &connection.shadow,
        opener: opener.as_deref(),
        surroundings: &connection.surroundings,
    };
    backup::take(&request, scratch, progress).map_err(Failure::backing_up)
}

impl WantedRestore {
    fn request<'a>(&'a self, target: &'a DatabaseUrl) -> Restore<'a> {
        Restore {
            folder: self.folder.as_std_path(),
            target,
            only: &self.only,
            replace: &self.replace,
            limits: Limits::default(),
        }
    }
}

pub(crate) fn plan_restore(connection: &Connection, wanted: &WantedRestore) -> Result<Plan, Failure> {
    backup::plan(&wanted.request(&connection.database)).map_err(Failure::backing_up)
}

pub(crate) fn restore(
    connection: &Connection,
    wanted: &WantedRestore,
    plan: &Plan,
    progress: Progress<'_>,
) -> Result<Restored, Failure> {
    backup::restore(&wanted.request(&connection.database), plan, progress).map_err(Failure::backing_up)
}

/// A table as people write it: `public.orders`, `orders` of the schema public, or quoted as in SQL.
pub(crate) fn table(typed: &str) -> Result<QualifiedName, Failure> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut quoted = false;
    for character in typed.chars() {
        quoted ^= character == '"';
        if character == '.' && !quoted {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(character);
        }
    }
    parts.push(part);
    // What is not quoted means itself: names are shown without quotes, and are typed as they are shown.
    let plain = |part: &String| match part.starts_with('"') {
        true => trueup_sql::unquote_ident(part),
        false => part.clone(),
    };
    let names: Vec<String> = parts.iter().map(plain).collect();
    match names.as_slice() {
        [name] if !quoted && !name.is_empty() => Ok(QualifiedName::new("public", name)),
        [schema, name] if !quoted && !schema.is_empty() && !name.is_empty() => {
            Ok(QualifiedName::new(schema, name))
        }
        _ => Err(Failure::new(format!("reading the arguments: `{typed}` is no name of a table"))
            .hint("write it as schema.table; a name with a dot in it as \"sche.ma\".\"ta.ble\"")),
    }
}

impl Failure {
    pub(crate) fn backing_up(error: BackupError) -> Self {
        let hint = error.next();
        let mut failure = Failure::new(&error);
        failure.exit = match error {
            BackupError::Refused(_) | BackupError::NotVerified(_) | BackupError::RolledBack(_) => {
                Exit::Refused
            }
            BackupError::Locked { .. } => Exit::Locked,
            BackupError::Connect(_)
            | BackupError::Session { .. }
            | BackupError::File { .. }
            | BackupError::Exists(_)
            | BackupError::NoFolder(_)
            | BackupError::UnknownTable { .. }
            | BackupError::NoPrivilege { .. }
            | BackupError::NoProgram(_)
            | BackupError::Program { .. }
            | BackupError::Shadow(_)
            | BackupError::NotABackup { .. }
            | BackupError::Newer { .. }
            | BackupError::Changed { .. } => Exit::Failed,
        };
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// `1 row`, `3 rows`.
pub(crate) fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// Where a backup goes when nobody says: beside the project, by the name of the database and the time.
pub(crate) fn usual_folder(here: &Utf8Path, database: Option<&str>, began: u64) -> Utf8PathBuf {
    let name: String = database
        .unwrap_or("database")
        .chars()
        .map(
            |character| if character.is_alphanumeric() || "-_".contains(character) { character } else { '_' },
        )
        .collect();
    let moment = Clock { unix_seconds: began }.written();
    let digits: String = moment.chars().filter(char::is_ascii_digit).collect();
    let (day, time) = digits.split_at(8.min(digits.len()));
    here.join(format!("{name}-{day}-{time}.backup"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tables_as_people_type_them() {
        let read =
            |typed: &str| table(typed).map(|name| (name.schema.to_string(), name.name.to_string())).ok();
        let is = |schema: &str, name: &str| Some((schema.to_owned(), name.to_owned()));
        assert_eq!(read("orders"), is("public", "orders"));
        assert_eq!(read("shop.Orders"), is("shop", "Orders"));
        assert_eq!(read("\"sh.op\".\"a \"\"b\"\"*\""), is("sh.op", "a \"b\"*"));
        assert_eq!(read("shop.\"odd.name\""), is("shop", "odd.name"));
        for wrong in ["", "a.b.c", ".a", "a.", "\"a"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_folder_is_named_after_the_database_and_the_time() {
        let name = |database, began| usual_folder(Utf8Path::new(""), database, began).to_string();
        assert_eq!(name(Some("shop"), 0), "shop-19700101-000000.backup");
        assert_eq!(name(Some("a/b c"), 951_827_696), "a_b_c-20000229-123456.backup");
        assert_eq!(name(None, 1_763_704_990), "database-20251121-060310.backup");
    }
}
