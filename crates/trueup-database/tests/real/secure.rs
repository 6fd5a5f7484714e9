//! A real server that encrypts and asks for passwords, and the certificates for it.

use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType, IsCa,
    KeyIdMethod, KeyPair, RevokedCertParams, SerialNumber, date_time_ymd,
};
use trueup_testing::servers::{Server, own_server};

/// Who may come in how. `postgres` comes in without a password, for the tests' own purposes.
const HBA: &str = "local all all trust\n\
    host all postgres 127.0.0.1/32 trust\n\
    hostssl all only_encrypted 127.0.0.1/32 scram-sha-256\n\
    hostnossl all only_plain 127.0.0.1/32 scram-sha-256\n\
    hostssl all by_certificate 127.0.0.1/32 cert\n\
    host all by_md5 127.0.0.1/32 md5\n\
    host all by_text 127.0.0.1/32 password\n\
    host all stranger 127.0.0.1/32 trust\n\
    host all ann,barred,limited,unnamed 127.0.0.1/32 scram-sha-256\n";

pub const PASSWORD: &str = "hunter2@/?#%";
/// The same in a URL.
pub const ENCODED: &str = "hunter2%40%2F%3F%23%25";

const ROLES: &str = "set password_encryption = 'scram-sha-256';
    create role ann login password 'hunter2@/?#%';
    create role barred nologin password 'hunter2@/?#%';
    create role limited login connection limit 0 password 'hunter2@/?#%';
    create role only_encrypted login password 'hunter2@/?#%';
    create role only_plain login password 'hunter2@/?#%';
    create role by_certificate login;
    create role by_text login password 'hunter2@/?#%';
    create role no_entry login password 'hunter2@/?#%';
    set password_encryption = 'md5';
    create role by_md5 login password 'hunter2@/?#%';
    create database shop;
    create database shop_staging;
    create database closed;
    revoke connect on database closed from public;";

pub struct Certificates {
    pub server: String,
    pub key: String,
    /// The authority that clients' certificates must come from.
    pub clients: String,
}

/// An authority of one's own.
pub type Authority = CertifiedIssuer<'static, KeyPair>;

pub fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a certificate")
}

/// A certificate signed by the authority, and its key.
pub fn signed(authority: &Authority, common_name: &str, alternatives: &[&str]) -> (String, KeyPair) {
    let names: Vec<String> = alternatives.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("parameters");
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.serial_number = Some(SerialNumber::from(SERIAL));
    let key = KeyPair::generate().expect("a key");
    (params.signed_by(&key, authority).expect("a certificate").pem(), key)
}

/// The serial number of every certificate that [`signed`] makes.
pub const SERIAL: u64 = 7;

/// A list of one revoked certificate, good until the end of a year.
pub fn revoked(authority: &Authority, serial: u64, until: i32) -> String {
    let list = CertificateRevocationListParams {
        this_update: date_time_ymd(2020, 1, 1),
        next_update: date_time_ymd(until, 12, 31),
        crl_number: SerialNumber::from(1_u64),
        issuing_distribution_point: None,
        revoked_certs: vec![RevokedCertParams {
            serial_number: SerialNumber::from(serial),
            revocation_time: date_time_ymd(2020, 1, 1),
            reason_code: None,
            invalidity_date: None,
        }],
        key_identifier_method: KeyIdMethod::Sha256,
    };
    list.signed_by(authority).expect("a list").pem().expect("text")
}

/// As PostgreSQL's documentation makes one: signed by itself, an authority, its name in the subject alone. Good until the end of a year.
pub fn self_signed(common_name: &str, until: i32) -> (String, KeyPair) {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.not_after = date_time_ymd(until, 12, 31);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    (params.self_signed(&key).expect("a certificate").pem(), key)
}

/// Starts a server with these certificates. The server itself writes its files, since they must be its own.
pub fn server(major: u32, certificates: &Certificates) -> Server {
    let server = own_server(major);
    server.psql("postgres", ROLES).must("making roles");
    for (file, text) in [
        ("server.crt", &certificates.server),
        ("server.key", &certificates.key),
        ("clients.crt", &certificates.clients),
        ("pg_hba.conf", &HBA.to_owned()),
    ] {
        // One column per row, with no quoting: the text must not hold tabs or backslashes.
        let script = format!(
            "copy (select unnest(string_to_array($text${}$text$, e'\\n'))) to program 'umask 077; cat > {file}';",
            text.trim_end()
        );
        server.psql("postgres", &script).must("writing a file of the server");
    }
    server
        .psql(
            "postgres",
            "alter system set ssl_ca_file = 'clients.crt';
             alter system set ssl = on;
             select pg_reload_conf();",
        )
        .must("switching encryption on");
    // The setting is the last thing that a reload changes for new connections.
    let is_on = || server.psql("postgres", "select 1 / (current_setting('ssl') = 'on')::int").success;
    assert!((0..500).any(|_| is_on()), "encryption does not come on:\n{}", server.log());
    server
}

/// Writes a file that only its owner can read.
pub fn private_file(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("mode set");
    path
}
