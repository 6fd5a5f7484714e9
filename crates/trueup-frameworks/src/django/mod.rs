//! Django: migrations read without running them, and the statements that they become.

pub mod project;
pub mod read;
pub mod schema;
mod version;

pub use version::Version;
