//! SQL text: decoding files, splitting scripts into statements, classifying, quoting, spelling; and which word was
//! meant by a misspelled one. No I/O.

pub mod text;

pub mod lexer;
pub mod split;

pub mod classify;
pub mod normal;

pub mod moved;
pub mod spelling;

pub mod quote;
pub mod search_path;

pub mod near;
mod secret;

pub use classify::{
    Class, CreatedSchema, Effect, TransactionControl, classify, extensions_created, schema_created, words,
};
pub use moved::in_schema;
pub use normal::{semantic_hash, semantic_text};
pub use quote::{quote_ident, quote_ident_if_needed, quote_literal, unquote_ident};
pub use secret::holds_password;
pub use spelling::{same_body, same_expression, same_rule, same_view};
pub use split::{Item, PsqlCommand, Split, SplitFault, SplitMode, split};
pub use text::{DecodeError, Encoding, LineEnding, SourceText, decode};
