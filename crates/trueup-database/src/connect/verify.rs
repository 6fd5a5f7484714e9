//! Whether the server's certificate is believed, by libpq's rules.
//!
//! The chain is checked by webpki. Three things that libpq accepts are added, since the certificates that
//! PostgreSQL's own documentation shows how to make need them: no check at all where there are no roots, a
//! server certificate that is itself among the roots, and a name that only stands in the subject (CN).

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use x509_cert::Certificate;
use x509_cert::der::asn1::{Ia5StringRef, PrintableStringRef, TeletexStringRef, Utf8StringRef};
use x509_cert::der::{Decode, oid::ObjectIdentifier};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

/// Root certificates, and what is needed to check against them.
#[derive(Debug)]
pub(super) struct Trust {
    chains: Arc<WebPkiServerVerifier>,
    roots: Vec<CertificateDer<'static>>,
}

impl Trust {
    pub(super) fn new(
        store: RootCertStore,
        roots: Vec<CertificateDer<'static>>,
        revoked: Vec<CertificateRevocationListDer<'static>>,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, String> {
        let chains = WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider))
            .with_crls(revoked)
            // Where there are lists, each certificate must be spoken for by one that is still good, as in libpq.
            .enforce_revocation_expiration()
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { chains, roots })
    }
}

#[derive(Debug)]
pub(super) struct Verifier {
    provider: Arc<CryptoProvider>,
    trust: Option<Trust>,
    /// The host that the certificate must be for, where that is to be checked.
    host: Option<String>,
}

impl Verifier {
    pub(super) fn new(provider: Arc<CryptoProvider>, trust: Option<Trust>, host: Option<String>) -> Self {
        Self { provider, trust, host }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(trust) = &self.trust else { return Ok(ServerCertVerified::assertion()) };
        if trust.roots.iter().any(|root| root.as_ref() == certificate.as_ref()) {
            in_its_time(certificate, now)?;
        } else {
            match trust.chains.verify_server_cert(certificate, intermediates, server_name, ocsp_response, now)
            {
                // The name is looked at last, so the chain is fine.
                Ok(_)
                | Err(Error::InvalidCertificate(
                    CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
                )) => {}
                Err(error) => return Err(error),
            }
        }
        if let Some(host) = &self.host {
            is_for(certificate, host, server_name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match &self.trust {
            // Anybody can sign with a certificate of their own: without roots there is nothing to learn from it.
            None => Ok(HandshakeSignatureValid::assertion()),
            Some(_) => verify_tls12_signature(
                message,
                certificate,
                signature,
                &self.provider.signature_verification_algorithms,
            ),
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match &self.trust {
            None => Ok(HandshakeSignatureValid::assertion()),
            Some(_) => verify_tls13_signature(
                message,
                certificate,
                signature,
                &self.provider.signature_verification_algorithms,
            ),
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

fn parsed(certificate: &CertificateDer<'_>) -> Result<Certificate, Error> {
    Certificate::from_der(certificate).map_err(|_| CertificateError::BadEncoding.into())
}

fn in_its_time(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), Error> {
    let validity = parsed(certificate)?.tbs_certificate.validity;
    if now.as_secs() < validity.not_before.to_unix_duration().as_secs() {
        return Err(CertificateError::NotValidYet.into());
    }
    if now.as_secs() > validity.not_after.to_unix_duration().as_secs() {
        return Err(CertificateError::Expired.into());
    }
    Ok(())
}

fn is_for(certificate: &CertificateDer<'_>, host: &str, server_name: &ServerName<'_>) -> Result<(), Error> {
    let usual = ParsedCertificate::try_from(certificate)
        .and_then(|parsed| rustls::client::verify_server_name(&parsed, server_name));
    let Err(error) = usual else { return Ok(()) };
    let certificate = parsed(certificate)?;
    let alternatives = alternative_names(&certificate);
    let is_address = matches!(server_name, ServerName::IpAddress(_));
    // A certificate that lists names of this sort is for these names alone.
    let listed = alternatives.iter().any(|name| match name {
        GeneralName::DnsName(_) => true,
        GeneralName::IpAddress(_) => is_address,
        _ => false,
    });
    let common = common_names(&certificate);
    if !listed && common.iter().any(|name| name_fits(name, host)) {
        return Ok(());
    }
    match error {
        // Say the name that there is.
        Error::InvalidCertificate(CertificateError::NotValidForNameContext { expected, presented })
            if presented.is_empty() =>
        {
            Err(CertificateError::NotValidForNameContext { expected, presented: common }.into())
        }
        other => Err(other),
    }
}

fn alternative_names(certificate: &Certificate) -> Vec<GeneralName> {
    const SUBJECT_ALTERNATIVE_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");
    let extensions = certificate.tbs_certificate.extensions.as_deref().unwrap_or_default();
    extensions
        .iter()
        .filter(|extension| extension.extn_id == SUBJECT_ALTERNATIVE_NAME)
        .filter_map(|extension| SubjectAltName::from_der(extension.extn_value.as_bytes()).ok())
        .flat_map(|names| names.0)
        .collect()
}

fn common_names(certificate: &Certificate) -> Vec<String> {
    const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
    let attributes = certificate.tbs_certificate.subject.0.iter().flat_map(|set| set.0.iter());
    attributes
        .filter(|attribute| attribute.oid == COMMON_NAME)
        .filter_map(|attribute| {
            let value = &attribute.value;
            value
                .decode_as::<Utf8StringRef<'_>>()
                .map(|text| text.as_str().to_owned())
                .or_else(|_| value.decode_as::<PrintableStringRef<'_>>().map(|text| text.as_str().to_owned()))
                .or_else(|_| value.decode_as::<Ia5StringRef<'_>>().map(|text| text.as_str().to_owned()))
                .or_else(|_| value.decode_as::<TeletexStringRef<'_>>().map(|text| text.as_str().to_owned()))
                .ok()
        })
        .collect()
}

/// A name of a certificate, in which `*.` at the start stands for one label.
fn name_fits(pattern: &str, host: &str) -> bool {
    // A name with a zero byte in it is an old trick to look like another one.
    if pattern.contains('\0') || pattern.is_empty() {
        return false;
    }
    if pattern.eq_ignore_ascii_case(host) {
        return true;
    }
    match (pattern.strip_prefix("*."), host.split_once('.')) {
        (Some(domain), Some((label, rest))) => {
            !label.is_empty()
                && domain.contains('.')
                && domain.eq_ignore_ascii_case(rest)
                && host.parse::<std::net::IpAddr>().is_err()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::name_fits;

    #[test]
    fn a_star_stands_for_one_label() {
        for (pattern, host, expected) in [
            ("db.example.com", "db.example.com", true),
            ("DB.example.com", "db.EXAMPLE.com", true),
            ("*.example.com", "db.example.com", true),
            ("*.example.com", "a.db.example.com", false),
            ("*.example.com", "example.com", false),
            ("*.com", "example.com", false),
            ("d*.example.com", "db.example.com", false),
            ("*.0.0.1", "127.0.0.1", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("db.example.com\0.evil.org", "db.example.com", false),
            ("", "", false),
        ] {
            assert_eq!(name_fits(pattern, host), expected, "{pattern} for {host}");
        }
    }
}
