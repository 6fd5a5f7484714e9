//! Django: migrations read without running them, and the statements that they become.

pub mod project;
mod version;

pub use version::Version;
