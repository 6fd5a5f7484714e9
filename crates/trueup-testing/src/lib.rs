//! What the tests of trueup stand on: real PostgreSQL servers, the real migration tools, a history that uses every kind
//! of object, and a table of single changes with what must be found for each. Not shipped: it panics, with a text that says
//! what is missing, where a test could not go on anyway.

pub mod changes;
pub mod django;
pub mod fixture;
pub mod servers;
pub mod tools;
