//! What was typed for objects, held against what there is.

use std::collections::BTreeSet;

use trueup_engine::naming::{Unclear, clear_form, find};
use trueup_engine::repair::Permissions;
use trueup_model::{Catalog, ObjectPath};

use crate::failure::Failure;

/// What was typed after `--allow`, before anybody knows whether there are such objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Allowed {
    Named(Vec<String>),
    All,
}

impl Allowed {
    /// The objects that are meant, of those that these catalogs have.
    pub(super) fn among(&self, catalogs: &[&Catalog]) -> Result<Permissions, Failure> {
        let names = match self {
            Allowed::All => return Ok(Permissions::All),
            Allowed::Named(names) if names.is_empty() => return Ok(Permissions::Nothing),
            Allowed::Named(names) => names,
        };
        let objects: Result<BTreeSet<ObjectPath>, Unclear> =
            names.iter().map(|name| find(name, paths(catalogs)).cloned()).collect();
        objects.map(Permissions::Objects).map_err(|error| unclear("reading --allow", &error))
    }
}

/// What has to be typed so that this object, and no other one, may be lost.
pub(super) fn permission(object: &ObjectPath, catalogs: &[&Catalog]) -> String {
    clear_form(object, paths(catalogs))
}

fn paths<'a>(catalogs: &'a [&Catalog]) -> impl Iterator<Item = &'a ObjectPath> + Clone {
    catalogs.iter().flat_map(|catalog| catalog.entries()).map(|entry| &entry.path)
}

pub(super) fn unclear(doing: &str, error: &Unclear) -> Failure {
    match error {
        Unclear::Unknown { typed, near } => {
            let failure = Failure::new(format!("{doing}: nothing is called {typed}"));
            match near {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure.hint("names are those that `trueup check` shows"),
            }
        }
        Unclear::Several { typed, forms } => {
            Failure::new(format!("{doing}: {typed} can mean several objects")).hint(format!(
                "say which one: {}",
                forms.iter().map(|form| trueup_report::shell_word(form)).collect::<Vec<_>>().join(" or ")
            ))
        }
    }
}
