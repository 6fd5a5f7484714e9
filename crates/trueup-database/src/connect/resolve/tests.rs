//! Which source wins, and what fills the gaps.

use std::collections::BTreeMap;

use super::*;
use crate::connect::Problem;
use crate::url::target::{RootCertificates, SslMode};

/// A machine made of variables; its user is `ann`, and it has no sockets unless a test says so.
struct Machine {
    variables: BTreeMap<String, String>,
    sockets: Vec<String>,
    user: Option<String>,
}

fn machine(variables: &[(&str, &str)]) -> Machine {
    // No service file of the real machine is looked at.
    let mut all = BTreeMap::from([("PGSYSCONFDIR".to_owned(), "/nowhere".to_owned())]);
    all.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    Machine { variables: all, sockets: Vec::new(), user: Some("ann".to_owned()) }
}

impl Machine {
    fn resolve(
        &self,
        explicit: Option<&str>,
        hint: Option<(&str, &str)>,
    ) -> Result<(DatabaseUrl, Source), ConnectError> {
        let surroundings = Surroundings {
            environment: &|name| self.variables.get(name).cloned(),
            system_user: &|| self.user.clone(),
            socket_exists: &|file| self.sockets.iter().any(|socket| Path::new(socket) == file),
        };
        resolve_in(explicit, hint, &surroundings)
    }

    fn url(&self, explicit: Option<&str>) -> DatabaseUrl {
        self.resolve(explicit, None).unwrap_or_else(|error| panic!("{explicit:?}: {error}")).0
    }

    fn password(&self, explicit: &str) -> Option<String> {
        self.url(Some(explicit)).target.endpoints[0].password.as_ref().map(|p| p.reveal().to_owned())
    }
}

#[test]
fn the_first_source_that_names_a_database_counts() {
    let all = [
        ("TRUEUP_DATABASE_URL", "postgres://u@trueup/d"),
        ("DATABASE_URL", "postgres://u@url/d"),
        ("PGHOST", "pg"),
    ];
    let hint = Some(("postgres://u@hint/d", "settings.py"));
    for (explicit, skipped, hint, expected, source) in [
        (Some("postgres://u@flag/d"), 0, hint, "flag", "--database-url"),
        (None, 0, hint, "trueup", "TRUEUP_DATABASE_URL"),
        (None, 1, hint, "url", "DATABASE_URL"),
        (None, 2, hint, "hint", "settings.py"),
        (None, 2, None, "pg", "the PG* variables"),
    ] {
        let (url, found) = machine(&all[skipped..]).resolve(explicit, hint).expect(expected);
        assert_eq!(url.host(), Some(expected));
        assert_eq!(found.to_string(), source);
    }
}

#[test]
fn an_empty_variable_says_nothing_and_an_empty_flag_is_a_mistake() {
    let machine =
        machine(&[("TRUEUP_DATABASE_URL", ""), ("DATABASE_URL", "postgres://url/d"), ("PGPORT", "")]);
    assert_eq!(machine.url(None).to_string(), "postgresql://ann@url:5432/d");
    let error = machine.resolve(Some(""), None).expect_err("nothing named");
    assert!(error.to_string().starts_with("reading --database-url: it is empty; "), "{error}");
}

#[test]
fn nothing_named_anywhere_says_what_to_type() {
    for variables in [&[][..], &[("PGSSLMODE", "require"), ("PGPASSWORD", "x"), ("USER", "ann")]] {
        let error = machine(variables).resolve(None, None).expect_err("nothing named");
        assert_eq!(*error.problem(), Problem::NothingGiven);
        assert!(error.to_string().contains("--database-url postgresql://"), "{error}");
    }
}

#[test]
fn a_bad_url_is_blamed_on_its_source() {
    let machine = machine(&[("DATABASE_URL", "sqlite:///hunter2.db")]);
    let error = machine.resolve(None, None).expect_err("not PostgreSQL").to_string();
    assert!(error.starts_with("reading DATABASE_URL: it names a SQLite database"), "{error}");
    let error = machine.resolve(Some("postgres://h/d"), None).expect("the flag wins");
    assert_eq!(error.1, Source::Explicit);
    let hint = Some(("mysql://ann:hunter2@h/d", "config/settings.py"));
    let error = super::tests::machine(&[]).resolve(None, hint).expect_err("not PostgreSQL").to_string();
    assert!(error.starts_with("reading the database of config/settings.py: it names a MySQL"), "{error}");
    assert!(!error.contains("hunter2"));
}

#[test]
fn variables_of_libpq_fill_what_the_url_leaves_open() {
    let machine = machine(&[
        ("PGHOST", "pghost"),
        ("PGPORT", "6000"),
        ("PGUSER", "pguser"),
        ("PGPASSWORD", "pgpassword"),
        ("PGDATABASE", "pgdatabase"),
        ("PGSSLMODE", "require"),
        ("PGAPPNAME", "pgapp"),
        ("PGOPTIONS", "-c geqo=off"),
        ("PGCONNECT_TIMEOUT", "3"),
        ("PGTARGETSESSIONATTRS", "primary"),
        ("PGSSLROOTCERT", "/roots"),
    ]);
    for (explicit, expected) in [
        (None, "postgresql://pguser:***@pghost:6000/pgdatabase?sslmode=require"),
        (Some("postgres://"), "postgresql://pguser:***@pghost:6000/pgdatabase?sslmode=require"),
        (Some("postgres://h"), "postgresql://pguser:***@h:6000/pgdatabase?sslmode=require"),
        (Some("postgres://u:p@h:1/d?sslmode=disable"), "postgresql://u:***@h:1/d?sslmode=disable"),
        (Some("postgres://a,b/d"), "postgresql://pguser:***@a:6000,b:6000/d?sslmode=require"),
    ] {
        assert_eq!(machine.url(explicit).to_string(), expected, "{explicit:?}");
    }
    assert_eq!(machine.password("postgres://h/d").as_deref(), Some("pgpassword"));
    assert_eq!(machine.password("postgres://u:own@h/d").as_deref(), Some("own"));
    let target = machine.url(None).target;
    assert_eq!(target.application_name.as_deref(), Some("pgapp"));
    assert_eq!(target.options.as_deref(), Some("-c geqo=off"));
    assert_eq!(target.timeout, Some(std::time::Duration::from_secs(3)));
    assert_eq!(target.wanted.word(), "primary");
    assert_eq!(target.tls.roots, RootCertificates::File("/roots".into()));
}

#[test]
fn every_keyword_has_its_variable_filled_in() {
    for keyword in KEYWORDS {
        let Some(variable) = keyword.variable else { continue };
        // A service must exist, and some values must have a form; those have tests of their own.
        if ["service", "require_auth", "requirepeer", "gssencmode"].contains(&keyword.name) {
            continue;
        }
        let value = match keyword.name {
            "hostaddr" => "192.0.2.1",
            "port" => "1234",
            "connect_timeout" => "7",
            "target_session_attrs" => "any",
            "channel_binding" => "prefer",
            "sslmode" => "allow",
            "sslnegotiation" => "postgres",
            "ssl_min_protocol_version" | "ssl_max_protocol_version" => "TLSv1.3",
            _ => "value",
        };
        let url = machine(&[(variable, value)]).url(Some("postgres://"));
        assert_eq!(url.settings.value(keyword.name), Some(value), "{variable}");
    }
    let refused = machine(&[("PGREQUIREAUTH", "scram-sha-256")]).resolve(Some("postgres://h"), None);
    assert!(refused.expect_err("not honoured").to_string().contains("`require_auth`"));
    assert_eq!(machine(&[("PGREQUIRESSL", "1")]).url(Some("postgres://h")).target.tls.mode, SslMode::Require);
}

#[test]
fn a_wrong_variable_is_named_by_its_keyword() {
    let error =
        machine(&[("PGPORT", "x")]).resolve(Some("postgres://h"), None).expect_err("no port").to_string();
    assert!(error.contains("the port is not a number"), "{error}");
}

#[test]
fn the_user_and_the_database_are_the_accounts_own() {
    assert_eq!(machine(&[]).url(Some("postgres://h")).to_string(), "postgresql://ann@h:5432/ann");
    assert_eq!(machine(&[]).url(Some("postgres://bob@h")).to_string(), "postgresql://bob@h:5432/bob");
    let mut stranger = machine(&[("USER", "carl")]);
    stranger.user = None;
    assert_eq!(stranger.url(Some("postgres://h")).to_string(), "postgresql://carl@h:5432/carl");
}

#[cfg(unix)]
#[test]
fn a_socket_is_used_where_one_exists() {
    let mut machine = machine(&[]);
    assert_eq!(machine.url(Some("postgres:///d")).host(), Some("localhost"));
    machine.sockets = vec!["/tmp/.s.PGSQL.5432".to_owned(), "/var/run/postgresql/.s.PGSQL.5433".to_owned()];
    assert_eq!(machine.url(Some("postgres:///d")).host(), Some("/tmp"));
    assert_eq!(machine.url(Some("postgres://:5433/d")).host(), Some("/var/run/postgresql"));
    assert_eq!(machine.url(Some("postgres://:5434/d")).host(), Some("localhost"));
    assert_eq!(machine.url(Some("hostaddr=127.0.0.1 dbname=d")).host(), None);
}

/// A folder with files in it, readable for their owner alone.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(&path, text).expect("written");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("mode set");
        }
    }
    folder
}

#[cfg(unix)]
#[test]
fn passwords_come_from_the_password_file() {
    let home = folder(&[
        (
            ".pgpass",
            "h:5432:d:ann:from home\nlocalhost:*:*:*:local\n192.0.2.7:*:*:*:by address\nb:*:*:*:for b\n",
        ),
        ("other", "*:*:*:*:from other\n"),
    ]);
    let path = |name: &str| home.path().join(name).display().to_string();
    let machine = machine(&[("HOME", &path(""))]);
    assert_eq!(machine.password("postgres://h/d").as_deref(), Some("from home"));
    assert_eq!(machine.password("postgres://ann:own@h/d").as_deref(), Some("own"));
    assert_eq!(machine.password("postgres://h/other"), None);
    assert_eq!(machine.password("postgres:///d?host=/tmp").as_deref(), Some("local"));
    assert_eq!(machine.password("postgres:///d?host=/elsewhere"), None);
    assert_eq!(machine.password("hostaddr=192.0.2.7 dbname=d").as_deref(), Some("by address"));
    assert_eq!(machine.password("host=h hostaddr=192.0.2.7 dbname=d").as_deref(), Some("from home"));
    let several = machine.url(Some("postgres://a,b,h/d"));
    let passwords: Vec<_> =
        several.target.endpoints.iter().map(|e| e.password.as_ref().map(Secret::reveal)).collect();
    assert_eq!(passwords, [None, Some("for b"), Some("from home")]);

    let with = |name: &str, value: &str| super::tests::machine(&[("HOME", &path("")), (name, value)]);
    assert_eq!(with("PGPASSFILE", &path("other")).password("postgres://h/d").as_deref(), Some("from other"));
    assert_eq!(with("PGPASSWORD", "wins").password("postgres://h/d").as_deref(), Some("wins"));
    let inline = format!("host=h dbname=d passfile={}", path("other"));
    assert_eq!(machine.password(&inline).as_deref(), Some("from other"));
}

#[cfg(unix)]
#[test]
fn a_password_file_that_was_passed_over_is_mentioned() {
    use std::os::unix::fs::PermissionsExt;
    let home = folder(&[(".pgpass", "*:*:*:*:secret\n")]);
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(home.path().join(".pgpass"), open).expect("mode set");
    let url = machine(&[("HOME", &home.path().display().to_string())]).url(Some("postgres://h/d"));
    assert!(!url.has_password());
    let missing = Problem::PasswordMissing { user: "ann".to_owned() };
    let error = ConnectError::connecting(&url, missing).to_string();
    assert!(error.contains("chmod 0600") && !error.contains("secret"), "{error}");
    let error = ConnectError::connecting(&url, Problem::Refused { place: "h:5432".to_owned() }).to_string();
    assert!(!error.contains("chmod"), "{error}");
}

const SERVICES: &str = "# services\n[shop]\nhost=shop.example.com\nport=6000\nuser=bob\n\n\
    [shop_test]\ndbname=test\npassword=hunter2\nkeepalives=1\n[shop]\nhost=second\n\
    [broken]\nno pair\n[typo]\nhsot=x\n[ring]\nservice=ring\n[directory]\nldap://x\n";

#[cfg(unix)]
#[test]
fn services_stand_between_the_url_and_the_environment() {
    let home = folder(&[(".pg_service.conf", SERVICES), ("system/pg_service.conf", "[system]\ndbname=s\n")]);
    let path = |name: &str| home.path().join(name).display().to_string();
    let machine = |more: &[(&str, &str)]| {
        let mut all = vec![("HOME", path("")), ("PGSYSCONFDIR", path("system"))];
        all.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let all: Vec<(&str, &str)> = all.iter().map(|(name, value)| (*name, value.as_str())).collect();
        super::tests::machine(&all)
    };
    for (variables, explicit, expected) in [
        (&[("PGSERVICE", "shop")][..], None, "postgresql://bob@shop.example.com:6000/bob"),
        (
            &[("PGSERVICE", "shop"), ("PGHOST", "pg"), ("PGDATABASE", "pgd")],
            None,
            "postgresql://bob@shop.example.com:6000/pgd",
        ),
        (&[], Some("service=shop dbname=d"), "postgresql://bob@shop.example.com:6000/d"),
        (&[], Some("postgres://h:1/d?service=shop"), "postgresql://bob@h:1/d"),
        (&[], Some("service=system"), "postgresql://ann@localhost:5432/s"),
        (&[], Some("service=shop_test"), "postgresql://ann:***@localhost:5432/test"),
    ] {
        assert_eq!(machine(variables).url(explicit).to_string(), expected, "{variables:?} {explicit:?}");
    }
    for (service, expected) in [
        ("broken", "line 14: this is not a `keyword=value` line"),
        ("typo", "line 16: this keyword is not known"),
        ("ring", "a service cannot refer to another one"),
        ("directory", "LDAP"),
        ("shpo", "did you mean \"shop\""),
        ("unheard-of", "add a section [unheard-of]"),
    ] {
        let error =
            machine(&[]).resolve(Some(&format!("service={service}")), None).expect_err(service).to_string();
        assert!(error.contains(expected) && !error.contains("hunter2"), "{service}: {error}");
    }
    let elsewhere = folder(&[("services", "[shop]\nhost=elsewhere\n")]);
    let file = elsewhere.path().join("services").display().to_string();
    let found = machine(&[("PGSERVICEFILE", &file), ("PGSERVICE", "shop")]).url(None);
    assert_eq!(found.host(), Some("elsewhere"));
}

#[cfg(unix)]
#[test]
fn certificates_at_their_usual_place_are_used() {
    let home = folder(&[(".postgresql/root.crt", "x"), (".postgresql/postgresql.crt", "x")]);
    let machine = machine(&[("HOME", &home.path().display().to_string())]);
    let tls = machine.url(Some("postgres://h/d")).target.tls;
    assert_eq!(tls.roots, RootCertificates::File(home.path().join(".postgresql/root.crt")));
    assert_eq!(tls.certificate, Some(home.path().join(".postgresql/postgresql.crt")));
    assert_eq!(tls.key, None);
    let tls = machine.url(Some("postgres://h/d?sslrootcert=/mine")).target.tls;
    assert_eq!(tls.roots, RootCertificates::File("/mine".into()));
}
