//! Spellings of connection targets, and what must never be seen of them.

use super::target::{ChannelBinding, RootCertificates, SslMode, WantedServer};
use super::*;

/// Everything that counts, in one line: the only place here that may look at the password.
fn seen(url: &DatabaseUrl) -> String {
    let target = &url.target;
    let places: Vec<String> = target
        .endpoints
        .iter()
        .map(|endpoint| {
            let host = endpoint.host.as_deref().unwrap_or("-");
            let address = endpoint.address.map(|address| format!("={address}")).unwrap_or_default();
            format!("{host}{address}:{}", endpoint.port)
        })
        .collect();
    let password = target.endpoints[0].password.as_ref().map_or("-", Secret::reveal);
    format!(
        "{}|{password}|{}|{}",
        target.user.as_deref().unwrap_or("-"),
        places.join(","),
        target.database.as_deref().unwrap_or("-")
    )
}

fn check(text: &str, expected: &str) {
    match DatabaseUrl::parse(text) {
        Ok(url) => assert_eq!(seen(&url), expected, "{text}"),
        Err(error) => panic!("{text}: {error}"),
    }
}

#[test]
fn urls_of_all_frameworks_mean_the_same() {
    for scheme in [
        "postgres",
        "postgresql",
        "POSTGRESQL",
        "postgresql+asyncpg",
        "postgresql+psycopg",
        "postgresql+psycopg2",
        "postgresql+pg8000",
        "postgres+unix",
        "postgis",
        "pgsql",
        "psql",
        "timescalegis",
        "jdbc:postgresql",
    ] {
        check(
            &format!("{scheme}://ann:secret@db.example.com:6543/shop"),
            "ann|secret|db.example.com:6543|shop",
        );
    }
}

#[test]
fn every_part_may_be_missing() {
    check("postgresql://", "-|-|-:5432|-");
    check("postgresql:///shop", "-|-|-:5432|shop");
    check("postgresql://localhost", "-|-|localhost:5432|-");
    check("postgresql://localhost/", "-|-|localhost:5432|-");
    check("postgresql://localhost/shop/", "-|-|localhost:5432|shop");
    check("postgresql://ann@localhost", "ann|-|localhost:5432|-");
    check("postgresql://ann@", "ann|-|-:5432|-");
    check("postgresql://ann:@localhost/shop", "ann|-|localhost:5432|shop");
    check("postgresql://:secret@localhost/shop", "-|secret|localhost:5432|shop");
    check("postgresql://:5433/shop", "-|-|-:5433|shop");
    check("postgresql://localhost:/shop", "-|-|localhost:5432|shop");
    check("postgresql:///?user=ann&password=secret&dbname=shop&host=h&port=1", "ann|secret|h:1|shop");
    check("postgresql://?user=ann", "ann|-|-:5432|-");
    check("  'postgresql://localhost/shop'\n", "-|-|localhost:5432|shop");
    check("\"postgresql://localhost/shop\"", "-|-|localhost:5432|shop");
}

#[test]
fn several_hosts_and_addresses() {
    check("postgres://a:1,b:2,c/shop", "-|-|a:1,b:2,c:5432|shop");
    check("postgres://ann:secret@a,b/shop?port=7", "ann|secret|a:7,b:7|shop");
    check("postgres://[::1]:5433/shop", "-|-|::1:5433|shop");
    check("postgres://[::1]/shop", "-|-|::1:5432|shop");
    check("postgres://[fe80::1%25eth0]:1/shop", "-|-|fe80::1%eth0:1|shop");
    check("postgres://[::1]:1,127.0.0.1:2/shop", "-|-|::1:1,127.0.0.1:2|shop");
    check("postgres:///shop?host=a:1&host=b:2", "-|-|a:1,b:2|shop");
    check("postgres:///shop?host=a&host=b:2", "-|-|a:5432,b:2|shop");
    check("postgres://name/shop?hostaddr=192.0.2.7", "-|-|name=192.0.2.7:5432|shop");
    check("postgres:///shop?hostaddr=192.0.2.7,2001:db8::7", "-|-|-=192.0.2.7:5432,-=2001:db8::7:5432|shop");
    check("host=a,b port=1,2 dbname=shop", "-|-|a:1,b:2|shop");
}

#[test]
fn sockets_in_all_spellings() {
    check("postgres://%2Fvar%2Frun%2Fpostgresql/shop", "-|-|/var/run/postgresql:5432|shop");
    check(
        "postgres://ann:secret@%2fvar%2frun%2Fpostgresql:5433/shop",
        "ann|secret|/var/run/postgresql:5433|shop",
    );
    check("postgresql:///shop?host=/var/run/postgresql", "-|-|/var/run/postgresql:5432|shop");
    check("postgresql+psycopg2://ann:secret@/shop?host=/tmp&port=5433", "ann|secret|/tmp:5433|shop");
    check("host=/var/run/postgresql dbname=shop", "-|-|/var/run/postgresql:5432|shop");
    check("host=@abstract dbname=shop", "-|-|@abstract:5432|shop");
}

#[test]
fn passwords_that_nobody_encoded() {
    for (password, text) in [
        ("p@ss", "p@ss"),
        ("p@@ss@", "p@@ss@"),
        ("p:a:ss", "p:a:ss"),
        ("pa#ss", "pa#ss"),
        ("100%", "100%"),
        ("50%off!", "50%off!"),
        ("pa/ss", "pa/ss"),
        ("pa?ss", "pa?ss"),
        ("p@ss/w0rd", "p@ss/w0rd"),
        ("p@ss?w0rd", "p@ss?w0rd"),
        ("a/b@c/d@e", "a/b@c/d@e"),
        ("1234/5@6", "1234/5@6"),
        ("p@ss", "p%40ss"),
        ("a/b?c#d%e", "a%2Fb%3Fc%23d%25e"),
        ("é€", "%C3%A9%E2%82%AC"),
        ("sp ace", "sp%20ace"),
        ("plus+", "plus+"),
        ("&=;,", "&=;,"),
    ] {
        for (tail, places) in [
            ("localhost/shop", "localhost:5432|shop"),
            ("db.example.com:6543/shop?sslmode=disable", "db.example.com:6543|shop"),
            ("[::1]:5433/shop", "::1:5433|shop"),
            ("a:1,b:2/shop", "a:1,b:2|shop"),
        ] {
            check(&format!("postgres://ann:{text}@{tail}"), &format!("ann|{password}|{places}"));
        }
    }
    check("postgres://ann:pa/ss@localhost", "ann|pa/ss|localhost:5432|-");
    check("postgres://a@example.com:secret@localhost/shop", "a@example.com|secret|localhost:5432|shop");
}

#[test]
fn an_at_sign_elsewhere_is_not_the_end_of_a_password() {
    check("postgres://localhost/shop?user=ann@corp", "ann@corp|-|localhost:5432|shop");
    check("postgres://ann:secret@localhost/shop?password=p@ss/word", "ann|p@ss/word|localhost:5432|shop");
    check("postgres://ann:secret@localhost/shop?application_name=me@work", "ann|secret|localhost:5432|shop");
    check("postgres://ann:pa/ss@localhost/shop?options=x@y", "ann|pa/ss|localhost:5432|shop");
}

#[test]
fn what_can_be_read_in_two_ways_is_not_guessed() {
    for text in [
        "postgres://ann:p@secret/tail@host",
        "postgres://ann:secret@host/app@prod",
        "postgres://ann:p@secret?x=tail@host/shop",
    ] {
        assert_eq!(DatabaseUrl::parse(text), Err(UrlError::AmbiguousAt), "{text}");
    }
}

#[test]
fn urls_of_java_and_prisma() {
    check("jdbc:postgresql://localhost/shop?user=ann&password=sec%26ret", "ann|sec&ret|localhost:5432|shop");
    check(
        "jdbc:postgresql://localhost/shop?user=ann&password=two+words",
        "ann|two words|localhost:5432|shop",
    );
    check("jdbc:postgresql:shop", "-|-|-:5432|shop");
    check("jdbc:postgresql:/", "-|-|-:5432|-");
    check("jdbc:postgresql://a:1,b:2/shop?user=ann", "ann|-|a:1,b:2|shop");
    check(
        "postgresql://ann:secret@localhost:5432/shop?schema=public&connection_limit=5&pgbouncer=true&\
         pool_timeout=10&prepared_statement_cache_size=0&statement_cache_size=0&sslidentity=x",
        "ann|secret|localhost:5432|shop",
    );
}

#[test]
fn parameters_mean_what_their_drivers_mean() {
    let target =
        |text: &str| DatabaseUrl::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).target;
    for (parameter, expected) in [
        ("sslmode=disable", SslMode::Disable),
        ("sslmode=allow", SslMode::Allow),
        ("sslmode=prefer", SslMode::Prefer),
        ("sslmode=require", SslMode::Require),
        ("sslmode=VERIFY-CA", SslMode::VerifyCa),
        ("sslmode=verify-full", SslMode::VerifyFull),
        ("sslmode=no-verify", SslMode::Require),
        ("ssl=true", SslMode::Require),
        ("ssl=verify-full", SslMode::VerifyFull),
        ("ssl=false", SslMode::Prefer),
        ("ssl=true&sslmode=verify-ca", SslMode::VerifyCa),
        ("sslrootcert=system", SslMode::VerifyFull),
        ("", SslMode::Prefer),
    ] {
        assert_eq!(target(&format!("postgres://h/d?{parameter}")).tls.mode, expected, "{parameter}");
    }
    for (parameter, expected) in [
        ("target_session_attrs=read-write", WantedServer::ReadWrite),
        ("target_session_attrs=prefer-standby", WantedServer::PreferStandby),
        ("targetServerType=master", WantedServer::Primary),
        ("targetServerType=preferSecondary", WantedServer::PreferStandby),
        ("targetServerType=any", WantedServer::Any),
    ] {
        assert_eq!(target(&format!("postgres://h/d?{parameter}")).wanted, expected, "{parameter}");
    }
    let all = target(
        "host=h dbname=d connect_timeout=3 channel_binding=require application_name='my app' \
         options='-c geqo=off' sslrootcert=/r sslcert=/c sslkey=/k sslcrl=/l sslsni=0 \
         ssl_min_protocol_version=TLSv1.3 keepalives=1 client_encoding=UTF8",
    );
    assert_eq!(all.timeout, Some(std::time::Duration::from_secs(3)));
    assert_eq!(all.channel_binding, ChannelBinding::Require);
    assert_eq!(all.application_name.as_deref(), Some("my app"));
    assert_eq!(all.options.as_deref(), Some("-c geqo=off"));
    assert_eq!(all.tls.roots, RootCertificates::File("/r".into()));
    assert!(!all.tls.send_name);
    assert_eq!(target("postgres://h/d?connect_timeout=0").timeout, None);
    assert_eq!(target("postgres://h/d").timeout, Some(std::time::Duration::from_secs(10)));
    assert_eq!(
        target("jdbc:postgresql://h/d?ApplicationName=java").application_name.as_deref(),
        Some("java")
    );
}

#[test]
fn the_search_path_is_remembered() {
    for (parameter, expected) in [
        ("schema=shop", vec!["shop"]),
        ("currentSchema=shop,public", vec!["shop", "public"]),
        ("search_path=shop", vec!["shop"]),
        ("options=-c%20search_path%3Dshop,public", vec!["shop", "public"]),
        ("options=-csearch_path%3Dshop", vec!["shop"]),
        ("options=--search-path%3Dshop%20-c%20geqo%3Doff", vec!["shop"]),
        ("options=-c%20search_path%3Dapp%2C%5C%20public", vec!["app", "public"]),
        ("schema=Shop", vec!["Shop"]),
        ("search_path=Shop", vec!["shop"]),
        ("options=-c%20geqo%3Doff", vec![]),
        ("search_path=%22Shop%22,%20public", vec!["Shop", "public"]),
        ("sslmode=disable", vec![]),
    ] {
        let url = DatabaseUrl::parse(&format!("postgres://h/d?{parameter}")).expect("a URL");
        assert_eq!(url.search_path(), expected, "{parameter}");
    }
}

#[test]
fn other_engines_are_named() {
    for (text, engine) in [
        ("sqlite:///db.sqlite3", "SQLite"),
        ("sqlite://", "SQLite"),
        ("sqlite+aiosqlite:///shop.db", "SQLite"),
        ("sqlite::memory:", "SQLite"),
        ("file:./dev.db", "SQLite"),
        (":memory:", "SQLite"),
        ("instance/app.db", "SQLite"),
        ("/srv/app/db.sqlite3", "SQLite"),
        ("mysql://ann:secret@localhost/shop", "MySQL"),
        ("mysql+pymysql://ann:secret@localhost/shop", "MySQL"),
        ("jdbc:mysql://localhost/shop", "MySQL"),
        ("jdbc:mariadb://localhost/shop", "MariaDB"),
        ("mariadb://localhost/shop", "MariaDB"),
        ("mssql+pyodbc://ann:secret@dsn", "SQL Server"),
        ("jdbc:sqlserver://localhost;databaseName=shop", "SQL Server"),
        ("jdbc:oracle:thin:@localhost:1521:xe", "Oracle"),
        ("jdbc:h2:mem:test", "H2"),
        ("mongodb+srv://ann:secret@cluster/shop", "MongoDB"),
        ("redis://localhost", "Redis"),
        ("cockroachdb://root@localhost:26257/defaultdb", "CockroachDB"),
        ("prisma+postgres://accelerate.prisma-data.net/?api_key=secret", "Prisma Accelerate"),
    ] {
        let error = DatabaseUrl::parse(text).expect_err(text);
        assert_eq!(error, UrlError::OtherEngine { engine }, "{text}");
        let message = error.to_string();
        assert!(message.contains(engine) && message.contains("only PostgreSQL"), "{message}");
    }
}

#[test]
fn nonsense_is_answered_with_an_example_and_without_the_password() {
    const SECRET: &str = "hunter2";
    for (text, expected) in [
        ("", UrlError::Empty),
        ("  ", UrlError::Empty),
        ("''", UrlError::Empty),
        ("hunter2", UrlError::NotAUrl),
        ("ann:hunter2@localhost/shop", UrlError::NotAUrl),
        ("//ann:hunter2@localhost/shop", UrlError::NotAUrl),
        ("postgres:ann:hunter2@localhost/shop", UrlError::NotAUrl),
        ("postgres:/ann:hunter2@localhost/shop", UrlError::NotAUrl),
        ("postgre://ann:hunter2@localhost/shop", UrlError::UnknownScheme),
        ("https://ann:hunter2@example.com/shop", UrlError::UnknownScheme),
        ("jdbc:hunter2", UrlError::NotAUrl),
        ("postgres://ann:hunter2/shop", UrlError::Port),
        ("postgres://ann:hunter2", UrlError::Port),
        ("postgres://ann:x@localhost:hunter2/shop", UrlError::Port),
        ("postgres://ann:x@localhost:0/shop", UrlError::Port),
        ("postgres://ann:x@localhost:65536/shop", UrlError::Port),
        ("postgres://ann:x@hun ter2/shop", UrlError::Host),
        ("postgres://ann:hunter2@[::1/shop", UrlError::Host),
        ("postgres://ann:hunter2@[nonsense]/shop", UrlError::Host),
        ("postgres://ann:hunter2@<host>/shop", UrlError::Host),
        ("postgres://ann:hunter2@${DB_HOST}/shop", UrlError::Host),
        ("postgres://ann:hunter2@h\0/shop", UrlError::ZeroByte),
        ("Host=localhost;Port=5432;Username=ann;Password=hunter2;Database=shop", UrlError::Host),
        ("host=localhost password=hun ter2", UrlError::Pair),
        ("host=localhost password='hunter2", UrlError::Quote),
        ("nothing=hunter2", UrlError::NotAUrl),
        ("host=a,b,c port=1,2", UrlError::Counts { hosts: 3, addresses: 0, ports: 2 }),
        ("host=a hostaddr=hunter2", UrlError::Address),
        ("postgres://h/d?sslmod=require", UrlError::Misspelled { suggestion: "sslmode" }),
        ("postgres://h/d?sslmode=prefer&sslrootcert=system", UrlError::WeakMode { mode: "prefer" }),
        ("postgres://h/d?sslnegotiation=direct", UrlError::DirectNeedsTls),
    ] {
        let error = DatabaseUrl::parse(text).expect_err(text);
        assert_eq!(error, expected, "{text}");
        assert!(!error.to_string().contains(SECRET), "{error}");
        assert!(!format!("{error:?}").contains(SECRET), "{error:?}");
    }
    for (keyword, text) in [
        ("sslmode", "postgres://h/d?sslmode=hunter2"),
        ("channel_binding", "postgres://h/d?channel_binding=hunter2"),
        ("target_session_attrs", "postgres://h/d?target_session_attrs=hunter2"),
        ("connect_timeout", "postgres://h/d?connect_timeout=hunter2"),
        ("sslnegotiation", "postgres://h/d?sslnegotiation=hunter2"),
        ("ssl_min_protocol_version", "postgres://h/d?ssl_min_protocol_version=hunter2"),
        ("require_auth", "postgres://h/d?require_auth=hunter2"),
        ("gssencmode", "postgres://h/d?gssencmode=require"),
        ("requirepeer", "postgres://h/d?requirepeer=hunter2"),
    ] {
        let message = DatabaseUrl::parse(text).expect_err(text).to_string();
        assert!(message.contains(&format!("`{keyword}`")) && !message.contains(SECRET), "{message}");
    }
}

#[test]
fn a_target_is_shown_without_its_password() {
    for (text, expected) in [
        ("postgres://ann:hunter2@localhost/shop", "postgresql://ann:***@localhost:5432/shop"),
        ("postgres://:hunter2@localhost/shop", "postgresql://:***@localhost:5432/shop"),
        ("postgres://ann@localhost/shop", "postgresql://ann@localhost:5432/shop"),
        ("postgres://a@corp:hunter2@h/my db", "postgresql://a%40corp:***@h:5432/my%20db"),
        ("jdbc:postgresql://h/d?user=ann&password=hunter2", "postgresql://ann:***@h:5432/d"),
        ("host=h password=hunter2", "postgresql://:***@h:5432"),
        ("postgres://ann:hunter2@[::1]:1,b/d", "postgresql://ann:***@[::1]:1,b:5432/d"),
        (
            "postgres://ann:hunter2@/d?host=/tmp&port=1&sslmode=require",
            "postgresql://ann:***@/d?host=/tmp&port=1&sslmode=require",
        ),
        ("postgres://h?sslmode=require", "postgresql://h:5432/?sslmode=require"),
        ("postgres://%2Ftmp,b/d", "postgresql://%2Ftmp:5432,b:5432/d"),
        ("postgres://", "postgresql://"),
    ] {
        let url = DatabaseUrl::parse(text).expect(text);
        assert_eq!(url.to_string(), expected, "{text}");
        assert_eq!(format!("{url:?}"), format!("DatabaseUrl({expected})"));
        assert!(!format!("{url:#?} {:?}", url.target.endpoints[0].password).contains("hunter2"));
    }
}

#[test]
fn what_is_shown_can_be_read_again() {
    for text in [
        "postgresql://ann@localhost:5432/shop",
        "postgresql://a%40corp@h:5432/my%20db?sslmode=require",
        "postgresql://ann@/d?host=/tmp&port=1",
        "postgresql://%2Ftmp:5432,b:5432/d",
        "postgresql://[::1]:5432/d",
    ] {
        let url = DatabaseUrl::parse(text).expect(text);
        assert_eq!(DatabaseUrl::parse(&url.to_string()).expect(text), url, "{text}");
    }
}

#[test]
fn another_database_on_the_same_server() {
    let url =
        DatabaseUrl::parse("postgres://ann:secret@h/shop?schema=x").expect("a URL").with_database("a/b");
    assert_eq!(seen(&url), "ann|secret|h:5432|a/b");
    assert_eq!(url.to_string(), "postgresql://ann:***@h:5432/a%2Fb");
}

/// Whatever stands around a password, nothing panics and nothing shows a part of it.
#[test]
fn scrambled_urls_neither_panic_nor_leak() {
    let pieces = ["ann", ":", "9", "@", "host", "/", "?", "=", "&", ",", "[", "]", "%", "#", " ", ""];
    let quiet = |text: &str| match DatabaseUrl::parse(text) {
        Ok(url) => assert!(!format!("{url} {url:?}").contains("hunter2"), "{text}: {url}"),
        Err(error) => assert!(!error.to_string().contains("hunter2"), "{text}: {error}"),
    };
    // All sequences of three pieces, by counting.
    for number in 0..pieces.len().pow(3) {
        let piece = |digit: u32| pieces[number / pieces.len().pow(digit) % pieces.len()];
        let (a, b, c) = (piece(0), piece(1), piece(2));
        quiet(&format!("postgres://ann:hunter2{a}{b}{c}"));
        quiet(&format!("postgres://ann:hunter2{a}{b}{c}@host/shop"));
        quiet(&format!("postgres://ann:x{a}{b}hunter2{c}@host/shop"));
        quiet(&format!("postgres://ann:x{a}hunter2{b}{c}@host:1/shop?sslmode=require"));
        quiet(&format!("postgres://ann:x{a}{b}hunter2{c}@host"));
    }
}
