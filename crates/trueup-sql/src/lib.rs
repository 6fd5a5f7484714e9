//! SQL text: decoding files, splitting scripts into statements, classifying, quoting, spelling. No I/O.

pub mod text;

pub mod quote;

pub use quote::{quote_ident, quote_literal};
