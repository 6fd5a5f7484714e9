//! What decides, besides the migrations, which statements Django would send.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::Version;

#[derive(Clone, Debug)]
pub struct Environment {
    pub version: Version,
    pub driver: Driver,
    /// The major version of the server: some constraints are only made from a certain one on.
    pub server: u32,
    /// The setting `DEFAULT_AUTO_FIELD`; without it, what the version says.
    pub default_auto_field: Option<Rc<str>>,
    /// Settings that put a model in place of a swappable one: `AUTH_USER_MODEL` → `shop.User`.
    pub swapped: BTreeMap<Rc<str>, Rc<str>>,
    pub default_tablespace: Option<Rc<str>>,
    pub default_index_tablespace: Option<Rc<str>>,
    pub use_tz: bool,
    pub time_zone: Rc<str>,
    /// Whether the engine is PostGIS' one; else a geometry has no index of its own.
    pub spatial: bool,
}

/// The library that Django speaks to the server with: it writes some values differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    Psycopg2,
    Psycopg3,
}

impl Environment {
    pub fn new(version: Version) -> Self {
        Self {
            version,
            driver: Driver::Psycopg2,
            server: 17,
            default_auto_field: None,
            swapped: BTreeMap::new(),
            default_tablespace: None,
            default_index_tablespace: None,
            use_tz: version.at_least(5, 0),
            time_zone: "America/Chicago".into(),
            spatial: true,
        }
    }

    /// The internal type of the primary key of models that name none.
    pub fn auto_field(&self) -> &str {
        match &self.default_auto_field {
            Some(path) => path.rsplit('.').next().unwrap_or_default(),
            None if self.version.at_least(6, 0) => "BigAutoField",
            None => "AutoField",
        }
    }
}
