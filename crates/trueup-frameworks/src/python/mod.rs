//! Reads Python without running it: what modules, classes and calls come to, as far as that can be known from text.
//!
//! Nothing is executed, no process is started, and files are read through [`Files`] only. What is not modelled exactly is
//! `Unknown`, with the first reason and its place, and stays so wherever it goes: no value here is a guess. All work
//! is bounded ([`limits`]), so that no text can make it hang, fill the memory or the stack.
//!
//! What is modelled
//! * Statements: all of the language but `async`, `except*`, `match` on classes and template strings.
//! * Values: numbers up to 128 bits, texts, bytes, tuples, lists, dictionaries, sets, ranges, functions with closures,
//!   classes with their order of lookup, `super()`, properties, objects with attributes, `pathlib.Path`.
//! * Of Python's library: `library`. Whatever else is imported from it, or from packages that the caller does not want
//!   to be followed, is a [`Kind::Name`], and calls of it are [`Object`]s that say what was called with what.
//!
//! Where the model is not Python
//! * Modules are read when something in them is asked for, not when they are imported, unless the caller says so
//!   ([`Surroundings::eager`]) or the import stands in a `try` that catches what it may raise.
//! * What is not followed is taken not to change the lists and dictionaries that it is given. What is unknown is taken to
//!   do so.
//! * Generators run to their end when they are called.
//! * A module that raises is read on behind the statement that does; what that statement would have bound is unknown.
//! * A condition that is not known and leads to an exception that nobody catches is taken not to hold.
//! * Metaclasses and descriptors that are not followed leave plain data in a class alone.

mod conflict;
mod evaluate;
mod files;
mod journal;
mod library;
pub mod limits;
mod modules;
mod parse;
mod shown;
mod source;
mod stack;
pub mod syntax;
mod traced;
pub mod value;
mod world;

pub use evaluate::{Seen, Witnessed};
pub use files::{Disk, Files, Memory};
pub use modules::Module;
pub use shown::{display, shown};
pub use source::{Source, Span, Spot};
pub use traced::{Trace, Traced};
pub use value::{Kind, Object, Unknown, Value, unknowns_within};
pub use world::{Answers, Problem, ProblemKind, SetVariables, Surroundings, World};

#[cfg(test)]
mod tests;
