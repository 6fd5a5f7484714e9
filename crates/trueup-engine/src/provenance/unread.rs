//! Migrations that were not read as a whole: what they make is not known.

use std::collections::BTreeSet;

use trueup_model::finding::NamedCode;
use trueup_model::{Code, ObjectPath, Severity, Text};

use super::{Claims, names};

impl Claims<'_> {
    /// The migrations that could not be read, or of which something was left out.
    pub fn unread(&self) -> BTreeSet<&Text> {
        let opaque = self.history.migrations.iter().filter(|migration| migration.opaque.is_some());
        let told = self.history.findings.iter().filter(|finding| {
            finding.severity > Severity::Info
                && matches!(
                    finding.code,
                    Code::Named(NamedCode::UnreadableMigration | NamedCode::UnfollowedCommand)
                )
        });
        opaque
            .map(|migration| &migration.id)
            .chain(told.filter_map(|finding| Some(&finding.origin.as_ref()?.migration)))
            .collect()
    }

    /// Such a migration of which the part that was read names the object.
    pub fn may_be_made_by(&self, path: &ObjectPath) -> Option<&Text> {
        let unread = self.unread();
        let mut migrations =
            self.history.migrations.iter().filter(|migration| unread.contains(&migration.id));
        let found = migrations.find(|migration| {
            migration.up.iter().any(|statement| names(&statement.text.to_lowercase(), path.name().as_str()))
        });
        found.map(|migration| &migration.id)
    }
}
