//! Everything that talks to a PostgreSQL: sessions, introspection, shadows and replay.
//!
//! Nothing here prints, and nothing here knows a framework.

pub mod connect;
pub mod session;
pub mod url;

pub mod introspect;
pub mod live;

pub mod expected;
pub mod replay;
pub mod shadow;

pub mod apply;
pub mod backup;
pub mod fingerprint;
pub mod prove;
pub mod sizes;

pub use connect::{ConnectError, OpenOptions, Source, open, resolve};
pub use session::{Row, ServerError, Session, SessionError};
pub use url::{DatabaseUrl, UrlError};
