//! What can be typed next, for everything that can be in the way.

use super::problem::{PoolerAdvice, Problem};

impl Problem {
    /// What to do about it; nothing where what is wrong says it already.
    pub fn next(&self) -> Option<String> {
        let text = match self {
            Problem::NothingGiven => "name one with --database-url postgresql://user:password@localhost:5432/shop, \
                 or set DATABASE_URL"
                .to_owned(),
            Problem::Url(_) | Problem::Other { .. } | Problem::ServiceFile { .. } => return None,
            Problem::NoService { similar, .. } if !similar.is_empty() => did_you_mean(similar),
            Problem::NoService { name, .. } => {
                format!("add a section [{name}] to ~/.pg_service.conf, or unset PGSERVICE")
            }
            Problem::UnknownHost { host, .. } if host.contains('.') => {
                "check its spelling, and whether this machine is in the right network or VPN".to_owned()
            }
            // One word without a dot is most often the name of a service in a compose file.
            Problem::UnknownHost { .. } => "check its spelling; names of containers are known only inside of their \
                 network: from outside, use localhost and the published port"
                .to_owned(),
            Problem::Refused { .. } | Problem::NoSocket { .. } => "start the server, or name another one with \
                 --database-url; `pg_isready` asks whether one is there"
                .to_owned(),
            Problem::Unreachable { .. } | Problem::TimedOut { .. } => {
                "check host and port, firewall and VPN; connect_timeout=30 in the URL waits longer".to_owned()
            }
            Problem::Silent { .. } => {
                "check that this is the port of a PostgreSQL server; connect_timeout=30 in the URL waits longer"
                    .to_owned()
            }
            Problem::Stalled { .. } => "a pooler that cannot reach its server, or has no such database there, does \
                 this: look into its log, or connect to the server itself"
                .to_owned(),
            Problem::SocketDenied { .. } => {
                "use host=localhost, or run trueup as an account that may use it".to_owned()
            }
            Problem::SocketsUnsupported => "use host=localhost".to_owned(),
            Problem::NotPostgres { .. } => {
                "check the port; PostgreSQL's own is 5432, and poolers often listen on 6432".to_owned()
            }
            Problem::Closed { .. } => {
                "look into the server's log; a proxy without a server behind it does the same".to_owned()
            }
            Problem::NoDatabase { similar, .. } if !similar.is_empty() => did_you_mean(similar),
            Problem::NoDatabase { database, existing, .. } => no_database(database, existing),
            Problem::WrongPassword { .. } => "check user and password; special characters in a URL are written as \
                 %40 for `@`, %2F for `/`, %3A for `:`"
                .to_owned(),
            Problem::PasswordMissing { .. } => "put it into the URL, into PGPASSWORD, or into ~/.pgpass as \
                 host:port:database:user:password"
                .to_owned(),
            Problem::NoEntry { encrypted: false, .. } => {
                "add an entry to pg_hba.conf and reload the server; many servers only want encryption: \
                 sslmode=require in the URL"
                    .to_owned()
            }
            Problem::NoEntry { encrypted: true, .. } => {
                "add an entry to pg_hba.conf and reload the server, or add this machine's address to those that \
                 the provider lets in"
                    .to_owned()
            }
            Problem::RoleRefused { user, .. } => {
                let role = quoted(user);
                format!("`create role {role} login` or `alter role {role} login` as a superuser mends either")
            }
            Problem::IdentityRefused { .. } => "use host=localhost with a password instead of the socket, or run \
                 trueup as the account with that name (`sudo -u NAME trueup …`)"
                .to_owned(),
            Problem::DatabaseDenied { user, database, .. } => {
                format!("`grant connect on database {} to {}` lets it", quoted(database), quoted(user))
            }
            Problem::TooManyConnections { .. } => "close some (`select pid, application_name, state from \
                 pg_stat_activity` lists them), or connect through a pooler"
                .to_owned(),
            Problem::NotAccepting { .. } => "try again in a moment; the server's log says how far it is".to_owned(),
            Problem::TlsRefused { .. } => "set `ssl = on` on the server, or say sslmode=prefer where the network is \
                 trusted"
                .to_owned(),
            Problem::TlsFailed { .. } => {
                "check the server's ssl settings; sslmode=disable shows whether it works without encryption".to_owned()
            }
            Problem::CertificateNotTrusted { .. } => "name the certificate of the authority that signed it with \
                 sslrootcert=FILE, or sslrootcert=system for a public one"
                .to_owned(),
            Problem::CertificateForOtherHost { .. } => {
                "use the name that the certificate is for, or sslmode=verify-ca to check only who signed it".to_owned()
            }
            Problem::NoRootCertificates { .. } => "name a file with sslrootcert=FILE, put one at \
                 ~/.postgresql/root.crt, or say sslrootcert=system"
                .to_owned(),
            Problem::CertificateFile { .. } => return None,
            Problem::ClientCertificateRefused { .. } => {
                "name one that the server trusts with sslcert=FILE and sslkey=FILE".to_owned()
            }
            Problem::AuthenticationUnsupported => {
                "use a role with a password (`scram-sha-256` in pg_hba.conf)".to_owned()
            }
            Problem::NoChannelBinding => {
                "use sslmode=require or better and a scram-sha-256 password, or channel_binding=prefer".to_owned()
            }
            Problem::TooOld { .. } => "upgrade it, or check a copy restored on a newer server".to_owned(),
            Problem::OtherEngine { .. } => {
                "name a PostgreSQL database with --database-url postgresql://user:password@localhost:5432/shop"
                    .to_owned()
            }
            Problem::Pooler { next, .. } => pooler(*next).to_owned(),
            Problem::NotTheWantedServer { .. } => {
                "add the other servers to the list of hosts, or say target_session_attrs=any".to_owned()
            }
            Problem::Server(error) => return error.hint.clone(),
            Problem::Everywhere(problems) => return problems.last().and_then(|(_, problem)| problem.next()),
        };
        Some(text)
    }
}

fn no_database(database: &str, existing: &[String]) -> String {
    const FEW: usize = 8;
    if existing.is_empty() {
        return format!("`createdb {}` makes it, `psql -l` lists those that exist", shell_word(database));
    }
    let more = existing.len().saturating_sub(FEW);
    let mut list = existing.iter().take(FEW).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 {
        list.push_str(&format!(" and {more} more"));
    }
    format!("it has {list}; `createdb {}` makes it", shell_word(database))
}

fn pooler(advice: PoolerAdvice) -> &'static str {
    match advice {
        PoolerAdvice::Database => {
            "add the database to the pooler's configuration ([databases] in pgbouncer.ini), or connect to the server \
             itself"
        }
        PoolerAdvice::Parameter => {
            "remove `options` and PGOPTIONS, add the parameter to ignore_startup_parameters in pgbouncer.ini, or \
             connect to the server itself"
        }
        PoolerAdvice::Login => {
            "check user and password, and whether the pooler knows the role (auth_file or auth_query in \
             pgbouncer.ini)"
        }
        PoolerAdvice::Encryption => "say sslmode=require in the URL",
        PoolerAdvice::Full => {
            "try again, raise max_client_conn in pgbouncer.ini, or connect to the server itself"
        }
        PoolerAdvice::Unknown => "look into the pooler's log, or connect to the server itself",
    }
}

fn did_you_mean(similar: &[String]) -> String {
    let names: Vec<String> = similar.iter().map(|name| format!("{name:?}")).collect();
    format!("did you mean {}?", names.join(" or "))
}

/// An SQL name to be typed.
fn quoted(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// A word for a shell.
fn shell_word(name: &str) -> String {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    if plain && !name.starts_with('-') {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', "'\\''"))
    }
}
