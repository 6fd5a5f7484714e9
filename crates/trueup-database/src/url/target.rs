//! Settings as what they mean: places, modes, times.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use trueup_sql::search_path;

use super::keyword::Settings;
use super::{Secret, UrlError};

pub(crate) const DEFAULT_PORT: u16 = 5432;

/// libpq waits for ever; a tool that somebody waits for should not.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// At least one.
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) user: Option<String>,
    pub(crate) database: Option<String>,
    pub(crate) options: Option<String>,
    pub(crate) application_name: Option<String>,
    pub(crate) search_path: Vec<String>,
    /// Nothing means: wait for ever.
    pub(crate) timeout: Option<Duration>,
    pub(crate) wanted: WantedServer,
    pub(crate) channel_binding: ChannelBinding,
    pub(crate) tls: TlsSettings,
}

/// One place to try.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// A name, an address, or a folder of sockets.
    pub(crate) host: Option<String>,
    /// Where to connect instead of asking for the address of `host`.
    pub(crate) address: Option<IpAddr>,
    pub(crate) port: u16,
    pub(crate) password: Option<Secret>,
}

impl Endpoint {
    /// As messages write it: `localhost:5432`, or the file of the socket.
    pub(crate) fn name(&self) -> String {
        match (&self.host, self.address) {
            (Some(folder), _) if is_socket(folder) => self.socket_file(folder),
            (Some(host), _) if host.contains(':') => format!("[{host}]:{}", self.port),
            (Some(host), _) => format!("{host}:{}", self.port),
            (None, Some(address)) => std::net::SocketAddr::new(address, self.port).to_string(),
            (None, None) => format!("localhost:{}", self.port),
        }
    }

    pub(crate) fn socket_file(&self, folder: &str) -> String {
        format!("{}/.s.PGSQL.{}", folder.trim_end_matches('/'), self.port)
    }
}

/// Folders of sockets begin with a slash, names in Linux's abstract name space with an `@`.
pub(crate) fn is_socket(host: &str) -> bool {
    host.starts_with(['/', '@'])
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WantedServer {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

impl WantedServer {
    const ALL: &'static [(&'static str, WantedServer)] = &[
        ("any", WantedServer::Any),
        ("read-write", WantedServer::ReadWrite),
        ("read-only", WantedServer::ReadOnly),
        ("primary", WantedServer::Primary),
        ("standby", WantedServer::Standby),
        ("prefer-standby", WantedServer::PreferStandby),
    ];

    pub(crate) fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, wanted)| *wanted == self).map_or("any", |(word, _)| word)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChannelBinding {
    Disable,
    Prefer,
    Require,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SslMode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl SslMode {
    const ALL: &'static [(&'static str, SslMode)] = &[
        ("disable", SslMode::Disable),
        ("allow", SslMode::Allow),
        ("prefer", SslMode::Prefer),
        ("require", SslMode::Require),
        ("verify-ca", SslMode::VerifyCa),
        ("verify-full", SslMode::VerifyFull),
    ];

    pub(crate) fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, mode)| *mode == self).map_or("prefer", |(word, _)| word)
    }
}

/// Whose signature under the server's certificate is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RootCertificates {
    /// No file was named and none lies at the usual place.
    Unknown,
    File(PathBuf),
    System,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TlsVersion {
    V1_2,
    V1_3,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TlsSettings {
    pub(crate) mode: SslMode,
    /// Without asking the server first: PostgreSQL 17 and later.
    pub(crate) direct: bool,
    pub(crate) roots: RootCertificates,
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) key: Option<PathBuf>,
    pub(crate) revoked: Option<PathBuf>,
    pub(crate) send_name: bool,
    pub(crate) oldest: TlsVersion,
    pub(crate) newest: TlsVersion,
}

impl Target {
    pub(crate) fn from_settings(settings: &Settings) -> Result<Self, UrlError> {
        refuse_what_cannot_be_honoured(settings)?;
        let owned = |keyword| settings.value(keyword).map(str::to_owned);
        let timeout = match settings.value("connect_timeout") {
            None => Some(DEFAULT_TIMEOUT),
            Some(seconds) => match seconds.trim().parse::<i64>() {
                Ok(seconds) if seconds > 0 => Some(Duration::from_secs(seconds.unsigned_abs())),
                Ok(_) => None,
                Err(_) => {
                    return Err(UrlError::Value {
                        keyword: "connect_timeout",
                        allowed: "a number of seconds, or 0 to wait for ever",
                    });
                }
            },
        };
        let wanted = one_of(
            settings,
            "target_session_attrs",
            WantedServer::ALL,
            "any, read-write, read-only, primary, standby or prefer-standby",
        )?;
        let bindings = &[
            ("disable", ChannelBinding::Disable),
            ("prefer", ChannelBinding::Prefer),
            ("require", ChannelBinding::Require),
        ];
        let binding = one_of(settings, "channel_binding", bindings, "disable, prefer or require")?;
        Ok(Self {
            endpoints: endpoints(settings)?,
            user: owned("user"),
            database: owned("dbname"),
            options: owned("options"),
            application_name: owned("application_name"),
            search_path: search_path(settings),
            timeout,
            wanted: wanted.unwrap_or(WantedServer::Any),
            channel_binding: binding.unwrap_or(ChannelBinding::Prefer),
            tls: tls(settings)?,
        })
    }
}

fn refuse_what_cannot_be_honoured(settings: &Settings) -> Result<(), UrlError> {
    let refusals = [
        (
            "require_auth",
            &[] as &[&str],
            "leave it out, or use sslmode=verify-full or channel_binding=require",
        ),
        (
            "requirepeer",
            &[],
            "leave it out, or connect to a socket in a folder that only its owner can write to",
        ),
        ("gssencmode", &["disable", "prefer"], "use sslmode=verify-full"),
    ];
    for (keyword, harmless, instead) in refusals {
        if settings.value(keyword).is_some_and(|value| !harmless.contains(&value)) {
            return Err(UrlError::Unsupported { keyword, instead });
        }
    }
    Ok(())
}

fn one_of<T: Copy>(
    settings: &Settings,
    keyword: &'static str,
    all: &[(&'static str, T)],
    allowed: &'static str,
) -> Result<Option<T>, UrlError> {
    let Some(value) = settings.value(keyword) else { return Ok(None) };
    match all.iter().find(|(word, _)| *word == value) {
        Some((_, found)) => Ok(Some(*found)),
        None => Err(UrlError::Value { keyword, allowed }),
    }
}

fn endpoints(settings: &Settings) -> Result<Vec<Endpoint>, UrlError> {
    let list = |keyword| -> Vec<&str> {
        settings.value(keyword).map_or_else(Vec::new, |list| list.split(',').map(str::trim).collect())
    };
    let (hosts, addresses, ports) = (list("host"), list("hostaddr"), list("port"));
    let count = addresses.len().max(hosts.len()).max(1);
    let fits = |length: usize| length == 0 || length == count;
    if !fits(hosts.len()) || !fits(addresses.len()) || !(ports.len() == 1 || fits(ports.len())) {
        return Err(UrlError::Counts { hosts: hosts.len(), addresses: addresses.len(), ports: ports.len() });
    }
    let password = settings.value("password").map(Secret::new);
    (0..count)
        .map(|index| {
            let host =
                hosts.get(index).copied().filter(|host| !host.is_empty()).map(host_name).transpose()?;
            let address = match addresses.get(index).filter(|address| !address.is_empty()) {
                Some(address) => Some(address.parse().map_err(|_| UrlError::Address)?),
                None => None,
            };
            let port = ports.get(if ports.len() == 1 { 0 } else { index }).copied().unwrap_or_default();
            let port = match port {
                "" => DEFAULT_PORT,
                port => port.parse().ok().filter(|port| *port > 0).ok_or(UrlError::Port)?,
            };
            Ok(Endpoint { host, address, port, password: password.clone() })
        })
        .collect()
}

/// Refuses what cannot be a host: such text is usually part of a password that was taken apart at a wrong place.
fn host_name(text: &str) -> Result<String, UrlError> {
    let plain = |c: char| c.is_alphanumeric() || ".-_:%~".contains(c);
    if is_socket(text) || text.chars().all(plain) {
        return Ok(text.to_owned());
    }
    match text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        Some(inner) if inner.chars().all(plain) => Ok(inner.to_owned()),
        _ => Err(UrlError::Host),
    }
}

/// The schemas of `search_path`, else of `-c search_path=…` in the options.
fn search_path(settings: &Settings) -> Vec<String> {
    let from_options = || search_path::in_options(settings.value("options")?);
    let list = settings.value("search_path").map(str::to_owned).or_else(from_options);
    search_path::schemas(&list.unwrap_or_default())
}

fn tls(settings: &Settings) -> Result<TlsSettings, UrlError> {
    let path = |keyword| settings.value(keyword).map(PathBuf::from);
    let roots = match settings.value("sslrootcert") {
        None => RootCertificates::Unknown,
        Some("system") => RootCertificates::System,
        Some(file) => RootCertificates::File(PathBuf::from(file)),
    };
    let allowed = "disable, allow, prefer, require, verify-ca or verify-full";
    let mode = one_of(settings, "sslmode", SslMode::ALL, allowed)?;
    let mode = match (&roots, mode) {
        (RootCertificates::System, None | Some(SslMode::VerifyFull)) => SslMode::VerifyFull,
        (RootCertificates::System, Some(mode)) => return Err(UrlError::WeakMode { mode: mode.word() }),
        (RootCertificates::Unknown | RootCertificates::File(_), mode) => mode.unwrap_or(SslMode::Prefer),
    };
    let negotiations = &[("postgres", false), ("direct", true)];
    let direct = one_of(settings, "sslnegotiation", negotiations, "postgres or direct")?.unwrap_or(false);
    if direct && mode < SslMode::Require {
        return Err(UrlError::DirectNeedsTls);
    }
    // Versions before 1.2 are allowed by libpq on request; nothing that is safe to talk to needs them.
    let versions = &[
        ("TLSv1", TlsVersion::V1_2),
        ("TLSv1.1", TlsVersion::V1_2),
        ("TLSv1.2", TlsVersion::V1_2),
        ("TLSv1.3", TlsVersion::V1_3),
    ];
    let version = |keyword| one_of(settings, keyword, versions, "TLSv1.2 or TLSv1.3");
    Ok(TlsSettings {
        mode,
        direct,
        roots,
        certificate: path("sslcert"),
        key: path("sslkey"),
        revoked: path("sslcrl"),
        send_name: settings.value("sslsni") != Some("0"),
        oldest: version("ssl_min_protocol_version")?.unwrap_or(TlsVersion::V1_2),
        newest: version("ssl_max_protocol_version")?.unwrap_or(TlsVersion::V1_3),
    })
}
