//! SQL text: decoding files, splitting scripts into statements, classifying, quoting, spelling. No I/O.

pub mod text;

pub mod lexer;
pub mod split;

pub mod quote;

pub use quote::{quote_ident, quote_literal};
pub use split::{Item, PsqlCommand, Split, SplitFault, SplitMode, split};
pub use text::{DecodeError, Encoding, LineEnding, SourceText, decode};
