//! `sslmode` and its neighbours mean what they mean to libpq.

use std::path::Path;
use std::sync::OnceLock;

use tempfile::TempDir;
use trueup_database::connect::Problem;
use trueup_testing::servers::Server;

use super::logins::{clients, server, servers};
use super::secure::{self, Certificates, ENCODED, private_file, signed};
use super::{connect, refusal, session, value};

/// The user's files: authorities to believe and not to.
fn files() -> &'static TempDir {
    static FILES: OnceLock<TempDir> = OnceLock::new();
    FILES.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        private_file(folder.path(), "right.crt", servers().as_ref().pem());
        private_file(folder.path(), "wrong.crt", secure::authority("somebody else").as_ref().pem());
        let both = format!("{}\n{}", secure::authority("a third").as_ref().pem(), servers().as_ref().pem());
        private_file(folder.path(), "both.crt", both);
        private_file(folder.path(), "empty.crt", "nothing in here\n");
        private_file(folder.path(), "ours.crl", secure::revoked(servers(), secure::SERIAL, 2099));
        private_file(folder.path(), "another.crl", secure::revoked(servers(), 8, 2099));
        private_file(folder.path(), "old.crl", secure::revoked(servers(), 8, 2021));
        folder
    })
}

fn file(name: &str) -> String {
    files().path().join(name).display().to_string()
}

/// Connects to 127.0.0.1 under the name of a host, with parameters; `$NAME` stands for a file of the user's.
fn url(server: &Server, user: &str, host: &str, parameters: &str) -> String {
    let mut parameters = parameters.to_owned();
    while let Some(at) = parameters.find('$') {
        let name = parameters[at + 1..].split('&').next().unwrap_or_default().to_owned();
        parameters = parameters.replace(&format!("${name}"), &file(&name));
    }
    format!("postgres://{user}:{ENCODED}@{host}:{}/shop?hostaddr=127.0.0.1&{parameters}", server.port())
}

const ENCRYPTED: &str = "select ssl::text from pg_stat_ssl where pid = pg_backend_pid()";

#[test]
fn modes_encrypt_and_check_as_in_libpq() {
    const YES: Result<&str, &str> = Ok("true");
    const NO: Result<&str, &str> = Ok("false");
    let untrusted = Err("is not trusted");
    let other_host = Err("is not for the host");
    for (host, parameters, expected) in [
        ("db.example.com", "sslmode=disable", NO),
        ("db.example.com", "sslmode=disable&sslrootcert=$right.crt", NO),
        ("db.example.com", "sslmode=allow", NO),
        ("db.example.com", "sslmode=prefer", YES),
        ("db.example.com", "", YES),
        ("db.example.com", "sslmode=prefer&sslrootcert=$right.crt", YES),
        // Roots are checked against whenever there are some, and `prefer` then does without encryption.
        ("db.example.com", "sslmode=prefer&sslrootcert=$wrong.crt", NO),
        ("db.example.com", "sslmode=prefer&sslrootcert=$empty.crt", NO),
        ("db.example.com", "sslmode=require", YES),
        ("db.example.com", "sslmode=require&sslrootcert=$right.crt", YES),
        ("other.example.com", "sslmode=require&sslrootcert=$right.crt", YES),
        ("db.example.com", "sslmode=require&sslrootcert=$wrong.crt", untrusted),
        ("db.example.com", "sslmode=require&sslrootcert=$absent.crt", YES),
        ("db.example.com", "sslmode=require&sslrootcert=$empty.crt", Err("no certificate in PEM format")),
        ("db.example.com", "sslmode=verify-ca", Err("sslmode=verify-ca needs root certificates")),
        ("db.example.com", "sslmode=verify-ca&sslrootcert=$absent.crt", Err("there is no such file")),
        ("other.example.com", "sslmode=verify-ca&sslrootcert=$right.crt", YES),
        ("other.example.com", "sslmode=verify-ca&sslrootcert=$both.crt", YES),
        ("db.example.com", "sslmode=verify-ca&sslrootcert=$wrong.crt", untrusted),
        ("db.example.com", "sslmode=verify-full", Err("sslmode=verify-full needs root certificates")),
        ("db.example.com", "sslmode=verify-full&sslrootcert=$right.crt", YES),
        ("DB.EXAMPLE.COM", "sslmode=verify-full&sslrootcert=$right.crt", YES),
        ("a.pool.example.com", "sslmode=verify-full&sslrootcert=$right.crt", YES),
        ("a.b.pool.example.com", "sslmode=verify-full&sslrootcert=$right.crt", other_host),
        ("127.0.0.1", "sslmode=verify-full&sslrootcert=$right.crt", YES),
        ("127.0.0.2", "sslmode=verify-full&sslrootcert=$right.crt", other_host),
        ("other.example.com", "sslmode=verify-full&sslrootcert=$right.crt", other_host),
        // The subject does not count where the certificate lists names.
        ("subject.example.com", "sslmode=verify-full&sslrootcert=$right.crt", other_host),
        ("db.example.com", "sslmode=verify-full&sslrootcert=$wrong.crt", untrusted),
        ("db.example.com", "sslmode=verify-full&sslrootcert=$right.crt&sslcrl=$another.crl", YES),
        (
            "db.example.com",
            "sslmode=verify-ca&sslrootcert=$right.crt&sslcrl=$ours.crl",
            Err("it was revoked"),
        ),
        (
            "db.example.com",
            "sslmode=verify-ca&sslrootcert=$right.crt&sslcrl=$old.crl",
            Err("sslcrl has expired"),
        ),
        ("db.example.com", "sslmode=verify-ca&sslrootcert=$right.crt&sslcrl=$absent.crl", YES),
        (
            "db.example.com",
            "sslmode=verify-ca&sslrootcert=$right.crt&sslcrl=$right.crt",
            Err("no revocation list"),
        ),
        ("my_db", "sslmode=require", YES),
        ("my_db", "sslmode=verify-full&sslrootcert=$right.crt", other_host),
        ("db.example.com", "sslmode=require&channel_binding=require", YES),
        ("db.example.com", "sslmode=disable&channel_binding=require", Err("channel_binding=require")),
        ("db.example.com", "sslmode=require&ssl_min_protocol_version=TLSv1.3", YES),
        ("db.example.com", "sslmode=require&ssl_max_protocol_version=TLSv1.2", YES),
        ("db.example.com", "sslmode=require&sslsni=0", YES),
        ("db.example.com", "sslmode=verify-full&sslrootcert=$right.crt&sslnegotiation=direct", YES),
    ] {
        let outcome = connect(&url(server(), "ann", host, parameters))
            .map(|mut session| value(&mut session, ENCRYPTED));
        match (outcome, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{host} {parameters}"),
            (Err(error), Err(expected)) => {
                assert!(error.to_string().contains(expected), "{host} {parameters}: {error}");
            }
            (Ok(found), Err(expected)) => {
                panic!("{host} {parameters}: {expected} was expected, encrypted: {found}")
            }
            (Err(error), Ok(_)) => panic!("{host} {parameters}: {error}"),
        }
    }
}

#[test]
fn allow_and_prefer_change_sides_where_the_server_insists() {
    let encrypted = |user: &str, mode: &str| {
        value(&mut session(&url(server(), user, "db.example.com", &format!("sslmode={mode}"))), ENCRYPTED)
    };
    assert_eq!(encrypted("only_encrypted", "allow"), "true");
    assert_eq!(encrypted("only_plain", "prefer"), "false");
}

#[test]
fn the_names_of_the_certificate_are_told() {
    let full = "sslmode=verify-full&sslrootcert=$right.crt";
    let error = refusal(&url(server(), "ann", "other.example.com", full)).to_string();
    assert!(
        error.contains("not for the host \"other.example.com\", but for db.example.com, *.pool"),
        "{error}"
    );
}

#[test]
fn the_authorities_of_the_system_do_not_know_ours() {
    let error = refusal(&url(server(), "ann", "db.example.com", "sslrootcert=system"));
    match error.problem() {
        Problem::CertificateNotTrusted { roots, .. } => assert_eq!(roots, "the certificates of this system"),
        // A bare container has none at all.
        Problem::CertificateFile { file, .. } => assert_eq!(file, "the certificates of this system"),
        _ => panic!("{error}"),
    }
}

#[test]
fn certificates_made_as_the_documentation_says() {
    let (certificate, key) = secure::self_signed("db.example.com", 2099);
    let clients = clients().as_ref().pem();
    let server =
        secure::server(15, &Certificates { server: certificate.clone(), key: key.serialize_pem(), clients });
    private_file(files().path(), "self.crt", certificate);
    for (host, parameters, expected) in [
        ("db.example.com", "sslmode=require", None),
        ("other.example.com", "sslmode=verify-ca&sslrootcert=$self.crt", None),
        ("db.example.com", "sslmode=verify-full&sslrootcert=$self.crt", None),
        (
            "other.example.com",
            "sslmode=verify-full&sslrootcert=$self.crt",
            Some("not for the host \"other.example.com\", but for db.example.com"),
        ),
        ("db.example.com", "sslmode=verify-ca&sslrootcert=$right.crt", Some("is not trusted")),
    ] {
        match (connect(&url(&server, "ann", host, parameters)), expected) {
            (Ok(mut session), None) => assert_eq!(value(&mut session, ENCRYPTED), "true"),
            (Err(error), Some(expected)) => assert!(error.to_string().contains(expected), "{error}"),
            (Ok(_), Some(expected)) => panic!("{host} {parameters}: {expected} was expected"),
            (Err(error), None) => panic!("{host} {parameters}: {error}"),
        }
    }
}

#[test]
fn a_certificate_that_has_expired_is_not_believed_even_among_the_roots() {
    let (certificate, key) = secure::self_signed("db.example.com", 2021);
    let clients = clients().as_ref().pem();
    let server =
        secure::server(15, &Certificates { server: certificate.clone(), key: key.serialize_pem(), clients });
    private_file(files().path(), "expired.crt", certificate);
    session(&url(&server, "ann", "db.example.com", "sslmode=require"));
    let error = refusal(&url(&server, "ann", "db.example.com", "sslmode=verify-ca&sslrootcert=$expired.crt"));
    assert!(error.to_string().contains("is not trusted: it has expired"), "{error}");
}

#[test]
fn versions_of_the_protocol_can_be_chosen() {
    let version = "select version from pg_stat_ssl where pid = pg_backend_pid()";
    for (parameters, expected) in [
        ("", "TLSv1.3"),
        ("ssl_min_protocol_version=TLSv1.3", "TLSv1.3"),
        ("ssl_max_protocol_version=TLSv1.2", "TLSv1.2"),
    ] {
        let mut session =
            session(&url(server(), "ann", "db.example.com", &format!("sslmode=require&{parameters}")));
        assert_eq!(value(&mut session, version), expected, "{parameters}");
    }
}

#[test]
fn a_server_without_encryption() {
    let plain = trueup_testing::servers::server(15);
    let url = |mode: &str| format!("{}?sslmode={mode}", plain.url("postgres"));
    for mode in ["disable", "allow", "prefer"] {
        assert_eq!(value(&mut session(&url(mode)), ENCRYPTED), "false", "{mode}");
    }
    let error = refusal(&url("require"));
    assert_eq!(*error.problem(), Problem::TlsRefused { place: format!("127.0.0.1:{}", plain.port()) });
}

/// The private part of a P-256 key, taken out of its PKCS #8 envelope.
fn sec1_of(pkcs8: &[u8]) -> &[u8] {
    // INTEGER 1, then an OCTET STRING of 32 bytes: the beginning of what RFC 5915 calls an ECPrivateKey.
    let start = pkcs8.windows(5).position(|window| window == [2, 1, 1, 4, 32]).expect("a key") - 2;
    &pkcs8[start..start + 2 + usize::from(pkcs8[start + 1])]
}

fn pem(label: &str, der: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in der.chunks(3) {
        let bytes = [chunk[0], *chunk.get(1).unwrap_or(&0), *chunk.get(2).unwrap_or(&0)];
        let bits = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]);
        for index in 0..4 {
            let sextet = (bits >> (18 - 6 * index)) & 63;
            text.push(if index > chunk.len() { '=' } else { char::from(ALPHABET[sextet as usize]) });
        }
    }
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

#[test]
fn clients_show_certificates() {
    let folder = tempfile::tempdir().expect("a folder");
    let (certificate, key) = signed(clients(), "by_certificate", &[]);
    let der = key.serialize_der();
    let write = |name: &str, bytes: &[u8]| private_file(folder.path(), name, bytes).display().to_string();
    let certificate = write("client.crt", certificate.as_bytes());
    let login = |certificate: &str, key: &str| {
        let parameters = format!("sslmode=require&sslcert={certificate}&sslkey={key}");
        connect(&url(server(), "by_certificate", "db.example.com", &parameters))
    };
    for (name, bytes) in [
        ("pkcs8.pem", key.serialize_pem().into_bytes()),
        ("sec1.pem", pem("EC PRIVATE KEY", sec1_of(&der)).into_bytes()),
        ("pkcs8.der", der.clone()),
    ] {
        let mut session =
            login(&certificate, &write(name, &bytes)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(value(&mut session, "select current_user"), "by_certificate", "{name}");
    }

    let message = |certificate: &str, key: &str| login(certificate, key).err().expect("refused").to_string();
    let good_key = folder.path().join("pkcs8.pem").display().to_string();
    // Without one, and with one of another authority.
    let none = message("/absent.crt", "/absent.key");
    assert!(none.contains("pg_hba.conf does not let the role \"by_certificate\""), "{none}");
    let (stranger, stranger_key) = signed(servers(), "by_certificate", &[]);
    let stranger = write("stranger.crt", stranger.as_bytes());
    let stranger_key = write("stranger.key", stranger_key.serialize_pem().as_bytes());
    let refused = message(&stranger, &stranger_key);
    assert!(refused.contains("does not take the client certificate"), "{refused}");
    // A key of another certificate, one that is locked, one that is none, none at all.
    let mixed = message(&certificate, &stranger_key);
    assert!(mixed.contains("stranger.key: it cannot be used"), "{mixed}");
    let locked = write("locked.key", pem("ENCRYPTED PRIVATE KEY", b"locked").as_bytes());
    assert!(message(&certificate, &locked).contains("openssl pkey"), "{}", message(&certificate, &locked));
    let garbage = message(&certificate, &write("garbage.key", b"garbage"));
    assert!(garbage.contains("not a private key"), "{garbage}");
    assert!(message(&certificate, "/absent.key").contains("/absent.key: the client key cannot be read"));
    open_to_all(Path::new(&good_key));
    let careless = message(&certificate, &good_key);
    assert!(careless.contains("chmod 0600"), "{careless}");
}

fn open_to_all(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).expect("mode set");
}
