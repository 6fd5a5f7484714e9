//! From a connection target to a session, with the messages for everything that can be in the way.
//!
//! Targets come from a flag, from the environment or from the project's configuration ([`resolve`]); what they
//! leave open is filled as libpq fills it. [`open`] then tries the hosts in order, with encryption exactly as
//! `sslmode` asks for it, and hands out a session on a server that trueup can read.
//!
//! Nothing here sends more than a transaction pooler takes: no startup parameter beyond user, database, encoding
//! and `application_name` (and `options` where the user asked for them), and no prepared statement.

mod attempt;
mod consequence;
pub(crate) mod host;
mod message;
mod next;
mod open;
mod passfile;
pub(crate) mod pooler;
mod problem;
mod refusal;
mod resolve;
mod service;
mod socket;
mod tls;
mod verify;
mod version;

pub use message::ConnectError;
pub use open::{OpenOptions, open};
pub use problem::Problem;
pub use resolve::{Source, URL_VARIABLES, resolve};
pub use version::{NEWEST_MAJOR, OLDEST_MAJOR};
