//! Whether something else is worth a try after a problem.

use super::problem::Problem;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consequence {
    /// Nothing was reached that could have said no.
    NextHost,
    /// A server said no to this connection; with encryption, or without, it may say yes.
    OtherEncryption,
    /// It cannot be told who hung up, or why.
    Either,
    /// As in libpq, a server that was reached and said no ends the search.
    Stop,
}

impl Consequence {
    pub(super) fn next_host(self) -> bool {
        matches!(self, Consequence::NextHost | Consequence::Either)
    }

    pub(super) fn other_encryption(self) -> bool {
        matches!(self, Consequence::OtherEncryption | Consequence::Either)
    }
}

impl Problem {
    pub(super) fn consequence(&self) -> Consequence {
        match self {
            Problem::UnknownHost { .. }
            | Problem::Refused { .. }
            | Problem::Unreachable { .. }
            | Problem::TimedOut { .. }
            | Problem::Silent { .. }
            | Problem::Stalled { .. }
            | Problem::NoSocket { .. }
            | Problem::SocketDenied { .. }
            | Problem::SocketsUnsupported
            | Problem::NotAccepting { .. }
            | Problem::NotTheWantedServer { .. } => Consequence::NextHost,
            Problem::Closed { .. } => Consequence::Either,
            Problem::WrongPassword { .. }
            | Problem::NoEntry { .. }
            | Problem::RoleRefused { .. }
            | Problem::IdentityRefused { .. }
            | Problem::TlsRefused { .. }
            | Problem::TlsFailed { .. }
            | Problem::CertificateNotTrusted { .. }
            | Problem::CertificateForOtherHost { .. }
            | Problem::CertificateFile { .. }
            | Problem::ClientCertificateRefused { .. }
            | Problem::NoChannelBinding
            | Problem::Pooler { .. }
            | Problem::Server(_)
            | Problem::Other { .. } => Consequence::OtherEncryption,
            Problem::NothingGiven
            | Problem::Url(_)
            | Problem::NoService { .. }
            | Problem::ServiceFile { .. }
            | Problem::NotPostgres { .. }
            | Problem::NoDatabase { .. }
            | Problem::PasswordMissing { .. }
            | Problem::DatabaseDenied { .. }
            | Problem::TooManyConnections { .. }
            | Problem::NoRootCertificates { .. }
            | Problem::AuthenticationUnsupported
            | Problem::TooOld { .. }
            | Problem::OtherEngine { .. }
            | Problem::Everywhere(_) => Consequence::Stop,
        }
    }
}
