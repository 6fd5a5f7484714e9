//! Decisions: what differs, which statement claimed it, what it means and why it is so.
//!
//! Nothing here does I/O, and the same input always gives the same output in the same order.

pub mod compare;
pub mod provenance;

pub mod duplicates;
pub mod findings;
pub mod left_open;
pub mod losses;
pub mod pending;

pub mod diagnose;

pub mod accepted;
pub mod choice;
pub mod dialect;
pub mod naming;
pub mod repair;
pub mod running;
pub mod script;

pub mod told;
pub mod tolerance;
pub mod trace;

mod spoken;
mod together;

pub use compare::compare;
pub use diagnose::{Surroundings, diagnose};
pub use findings::judge;
pub use provenance::Claims;
pub use repair::plan;
pub use script::script;
