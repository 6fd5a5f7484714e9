//! Encryption as `sslmode` and its neighbours ask for it.
//!
//! libpq checks who signed the server's certificate whenever it has root certificates, whatever the mode is; only
//! `verify-ca` and `verify-full` insist on having some, and only `verify-full` looks at the name.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::attempt::Way;
use super::problem::Problem;
use super::verify::{Trust, Verifier};
use crate::url::target::{RootCertificates, SslMode, TlsSettings, TlsVersion};

/// What makes encrypted connections for one server, and the name to give it.
pub(super) fn connector(way: &Way<'_>) -> Result<(MakeRustlsConnect, String), Problem> {
    let settings = &way.url.target.tls;
    let provider = Arc::new(ring::default_provider());
    let trust = trust(settings, &provider)?;
    let host = host(way);
    // Names that no certificate can be for, such as `my_db!`, are fine as long as nobody checks them.
    let name = match ServerName::try_from(host.as_str()) {
        Ok(_) => host.clone(),
        Err(_) if settings.mode == SslMode::VerifyFull => {
            return Err(Problem::CertificateForOtherHost { host, names: Vec::new() });
        }
        Err(_) => "postgresql.invalid".to_owned(),
    };
    let send_name = settings.send_name && name == host;
    let verifier =
        Verifier::new(Arc::clone(&provider), trust, (settings.mode == SslMode::VerifyFull).then_some(host));
    let failed = |error: rustls::Error| Problem::TlsFailed { place: way.place(), said: error.to_string() };
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&versions(settings))
        .map_err(failed)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match client_certificate(settings)? {
        None => config.with_no_client_auth(),
        Some((certificates, key, file)) => {
            config.with_client_auth_cert(certificates, key).map_err(|error| Problem::CertificateFile {
                file,
                what: format!("it cannot be used: {error}"),
            })?
        }
    };
    config.enable_sni = send_name;
    if settings.direct {
        config.alpn_protocols = vec![b"postgresql".to_vec()];
    }
    Ok((MakeRustlsConnect::new(config), name))
}

/// The name that the certificate must be for.
pub(super) fn host(way: &Way<'_>) -> String {
    match (&way.endpoint.host, way.endpoint.address) {
        (Some(host), _) => host.clone(),
        (None, Some(address)) => address.to_string(),
        (None, None) => "localhost".to_owned(),
    }
}

/// What certificates were checked against, for messages.
pub(super) fn roots_text(roots: &RootCertificates) -> String {
    match roots {
        RootCertificates::Unknown => "nothing".to_owned(),
        RootCertificates::File(file) => file.display().to_string(),
        RootCertificates::System => "the certificates of this system".to_owned(),
    }
}

fn versions(settings: &TlsSettings) -> Vec<&'static SupportedProtocolVersion> {
    let mut versions = Vec::new();
    if settings.oldest <= TlsVersion::V1_2 {
        versions.push(&rustls::version::TLS12);
    }
    if settings.newest >= TlsVersion::V1_3 {
        versions.push(&rustls::version::TLS13);
    }
    versions
}

/// Whom to believe. `None` is nobody to ask: the connection is encrypted, and that is all.
fn trust(settings: &TlsSettings, provider: &Arc<CryptoProvider>) -> Result<Option<Trust>, Problem> {
    let insists = settings.mode >= SslMode::VerifyCa;
    let certificates = match &settings.roots {
        RootCertificates::File(file) if file.exists() => read_certificates(file)?,
        RootCertificates::File(file) if insists => {
            return Err(Problem::CertificateFile {
                file: file.display().to_string(),
                what: format!(
                    "there is no such file, and sslmode={} needs root certificates; name another one with \
                     sslrootcert=FILE, or say sslrootcert=system",
                    settings.mode.word()
                ),
            });
        }
        RootCertificates::Unknown if insists => {
            return Err(Problem::NoRootCertificates { mode: settings.mode.word() });
        }
        RootCertificates::File(_) | RootCertificates::Unknown => return Ok(None),
        RootCertificates::System => rustls_native_certs::load_native_certs().certs,
    };
    let revoked = match &settings.revoked {
        Some(file) if file.exists() => read_revocations(file)?,
        Some(_) | None => Vec::new(),
    };
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(certificates.iter().cloned());
    let file = roots_text(&settings.roots);
    if store.is_empty() && settings.roots == RootCertificates::System {
        let what =
            "there are none; install the package ca-certificates, or name a file with sslrootcert=FILE";
        return Err(Problem::CertificateFile { file, what: what.to_owned() });
    }
    if store.is_empty() {
        return Err(Problem::CertificateFile {
            file,
            what: "it holds no certificate that can be used".to_owned(),
        });
    }
    Trust::new(store, certificates, revoked, provider)
        .map(Some)
        .map_err(|what| Problem::CertificateFile { file, what })
}

fn read_certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, Problem> {
    let certificates: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(file).and_then(|certificates| certificates.collect());
    match certificates {
        Ok(certificates) if certificates.is_empty() => {
            Err(unreadable(file, "it holds no certificate in PEM format"))
        }
        Ok(certificates) => Ok(certificates),
        Err(error) => {
            Err(unreadable(file, &format!("it cannot be read as certificates in PEM format: {error}")))
        }
    }
}

fn read_revocations(file: &Path) -> Result<Vec<CertificateRevocationListDer<'static>>, Problem> {
    let lists: Result<Vec<_>, _> =
        CertificateRevocationListDer::pem_file_iter(file).and_then(|lists| lists.collect());
    match lists {
        Ok(lists) if lists.is_empty() => Err(unreadable(file, "it holds no revocation list in PEM format")),
        Ok(lists) => Ok(lists),
        Err(error) => {
            Err(unreadable(file, &format!("it cannot be read as a revocation list in PEM format: {error}")))
        }
    }
}

type ClientCertificate = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>, String);

/// The certificate to show to the server, where its file exists; then the key must exist too.
fn client_certificate(settings: &TlsSettings) -> Result<Option<ClientCertificate>, Problem> {
    let Some(file) = settings.certificate.as_deref().filter(|file| file.exists()) else { return Ok(None) };
    let certificates = read_certificates(file)?;
    let Some(key_file) = settings.key.as_deref() else {
        return Err(unreadable(
            file,
            "there is a client certificate, but no key for it; name it with sslkey=FILE",
        ));
    };
    let metadata = std::fs::metadata(key_file)
        .map_err(|error| unreadable(key_file, &format!("the client key cannot be read: {error}")))?;
    if readable_by_others(&metadata) {
        let what = format!(
            "others may read this client key; `chmod 0600 {}` mends that (0640 will do where root owns it)",
            key_file.display()
        );
        return Err(unreadable(key_file, &what));
    }
    Ok(Some((certificates, read_key(key_file)?, key_file.display().to_string())))
}

/// libpq takes keys that only their owner can read, and keys of root that its group can read.
#[cfg(unix)]
fn readable_by_others(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    let forbidden = if metadata.uid() == 0 { 0o037 } else { 0o077 };
    metadata.mode() & forbidden != 0
}

#[cfg(not(unix))]
fn readable_by_others(_: &std::fs::Metadata) -> bool {
    false
}

/// PKCS #8, PKCS #1 or SEC1, as PEM or (the habit of JDBC) as DER.
fn read_key(file: &Path) -> Result<PrivateKeyDer<'static>, Problem> {
    let bytes = std::fs::read(file)
        .map_err(|error| unreadable(file, &format!("the client key cannot be read: {error}")))?;
    if let Ok(key) = PrivateKeyDer::from_pem_slice(&bytes) {
        return Ok(key);
    }
    let is_text = bytes.starts_with(b"-----") || bytes.windows(11).any(|window| window == b"-----BEGIN ");
    let encrypted = bytes.windows(9).any(|window| window == b"ENCRYPTED");
    match PrivateKeyDer::try_from(bytes) {
        Ok(key) if !is_text => Ok(key),
        _ if encrypted => Err(unreadable(
            file,
            "this client key is locked with a password; `openssl pkey -in FILE -out UNLOCKED` writes it without",
        )),
        _ => Err(unreadable(file, "this is not a private key in PEM or DER format")),
    }
}

fn unreadable(file: &Path, what: &str) -> Problem {
    Problem::CertificateFile { file: file.display().to_string(), what: what.to_owned() }
}
