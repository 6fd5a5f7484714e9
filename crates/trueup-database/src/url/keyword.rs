//! The connection settings by libpq's names, with the environment variables that stand for them.

use std::collections::BTreeMap;

/// One setting.
pub(crate) struct Keyword {
    pub(crate) name: &'static str,
    /// The environment variable that fills it where nothing else says anything.
    pub(crate) variable: Option<&'static str>,
}

const fn keyword(name: &'static str, variable: &'static str) -> Keyword {
    Keyword { name, variable: Some(variable) }
}

/// Every setting that is understood. Those that libpq has and that change nothing here are in [`IGNORED`].
pub(crate) const KEYWORDS: &[Keyword] = &[
    keyword("host", "PGHOST"),
    keyword("hostaddr", "PGHOSTADDR"),
    keyword("port", "PGPORT"),
    keyword("dbname", "PGDATABASE"),
    keyword("user", "PGUSER"),
    keyword("password", "PGPASSWORD"),
    keyword("passfile", "PGPASSFILE"),
    keyword("service", "PGSERVICE"),
    keyword("servicefile", "PGSERVICEFILE"),
    keyword("connect_timeout", "PGCONNECT_TIMEOUT"),
    keyword("application_name", "PGAPPNAME"),
    keyword("options", "PGOPTIONS"),
    keyword("target_session_attrs", "PGTARGETSESSIONATTRS"),
    keyword("channel_binding", "PGCHANNELBINDING"),
    keyword("sslmode", "PGSSLMODE"),
    keyword("sslnegotiation", "PGSSLNEGOTIATION"),
    keyword("sslrootcert", "PGSSLROOTCERT"),
    keyword("sslcert", "PGSSLCERT"),
    keyword("sslkey", "PGSSLKEY"),
    keyword("sslcrl", "PGSSLCRL"),
    keyword("sslsni", "PGSSLSNI"),
    keyword("ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION"),
    keyword("ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION"),
    // Understood in order to refuse them: leaving out what somebody asked for would be less safe than they think.
    keyword("require_auth", "PGREQUIREAUTH"),
    keyword("requirepeer", "PGREQUIREPEER"),
    keyword("gssencmode", "PGGSSENCMODE"),
    // Not libpq's: the schemas that Prisma, JDBC and Go drivers put into the URL.
    Keyword { name: "search_path", variable: None },
];

/// Settings of libpq that make no difference here.
pub(crate) const IGNORED: &[&str] = &[
    "client_encoding",
    "fallback_application_name",
    "gssdelegation",
    "gsslib",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "krbsrvname",
    "load_balance_hosts",
    "max_protocol_version",
    "min_protocol_version",
    "oauth_client_id",
    "oauth_client_secret",
    "oauth_issuer",
    "oauth_scope",
    "replication",
    "requiressl",
    "scram_client_key",
    "scram_server_key",
    "sslcertmode",
    "sslcompression",
    "sslcrldir",
    "sslkeylogfile",
    "sslpassword",
    "tcp_user_timeout",
];

/// The name of a keyword as it stands in [`KEYWORDS`].
pub(crate) fn known(name: &str) -> Option<&'static str> {
    KEYWORDS.iter().map(|keyword| keyword.name).find(|known| *known == name)
}

/// What was said about a connection, as text, by keyword.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Settings(BTreeMap<&'static str, String>);

impl Settings {
    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<String>) {
        debug_assert!(known(name).is_some(), "{name} is in the list of keywords");
        self.0.insert(name, value.into());
    }

    /// Sets what nobody has said anything about yet; said and empty counts as said, as it does in libpq.
    pub(crate) fn fill(&mut self, name: &'static str, value: impl Into<String>) {
        if !self.0.contains_key(name) {
            self.set(name, value);
        }
    }

    /// Adds to a list with commas: several hosts, several ports.
    pub(crate) fn append(&mut self, name: &'static str, value: &str) {
        match self.0.get_mut(name) {
            Some(list) => {
                list.push(',');
                list.push_str(value);
            }
            None => self.set(name, value),
        }
    }

    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// What was said, where it is more than nothing.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}
