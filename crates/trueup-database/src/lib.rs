//! Everything that talks to a PostgreSQL: sessions, introspection, shadows and replay.
//!
//! Nothing here prints, and nothing here knows a framework.

pub mod introspect;
pub mod live;
pub mod session;

pub use session::{Row, ServerError, Session, SessionError};
