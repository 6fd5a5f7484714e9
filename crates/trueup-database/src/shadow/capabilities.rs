//! What a shadow can do, as it says itself once it runs.

use std::collections::BTreeSet;

use super::ShadowError;
use crate::session::Session;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// As `server_version_num`: 170005.
    pub version: u32,
    /// As the server writes it.
    pub version_text: String,
    /// Extensions that can be created.
    pub extensions: BTreeSet<String>,
    /// Of these, the ones of which only the declarations are there: what they do when called is not.
    pub stand_ins: BTreeSet<String>,
    pub icu: bool,
    pub tablespaces: bool,
    pub sessions: Sessions,
    /// Whether all roles of the server belong to the shadow, so that any of them may be made and changed.
    pub owns_roles: bool,
    pub superuser: bool,
    /// Whether an error inside of PL/pgSQL code can be caught there, as `EXCEPTION WHEN` says.
    pub catches_errors: bool,
}

/// How many connections there can be at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sessions {
    One,
    Many,
}

impl Capabilities {
    pub fn major(&self) -> u32 {
        self.version / 10_000
    }

    /// Asks a server that has just been started or connected to.
    pub(crate) fn ask(session: &mut Session) -> Result<Self, ShadowError> {
        let mut extensions = BTreeSet::new();
        let mut icu = false;
        let mut superuser = false;
        session
            .for_each_row(include_str!("capabilities.sql"), |result, row| {
                let value = row.get(0).unwrap_or_default();
                match result {
                    0 => icu = value == "t",
                    1 => superuser = value == "t",
                    _ => {
                        extensions.insert(value.to_owned());
                    }
                }
                Ok(())
            })
            .map_err(ShadowError::session("asking the shadow what it can do"))?;
        Ok(Self {
            version: session.version(),
            version_text: session.version_text().to_owned(),
            extensions,
            stand_ins: BTreeSet::new(),
            icu,
            tablespaces: false,
            sessions: Sessions::Many,
            owns_roles: false,
            superuser,
            catches_errors: true,
        })
    }
}
