//! What sort of statement a text is: its verb, whether it steers a transaction, whether it can run inside of
//! one, and what it changes. Told by its words alone; the server has the last word.

mod alone;
mod verb;

use crate::lexer::{TokenKind, significant_tokens};
use crate::quote::unquote_ident;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Normalised: `CREATE INDEX` for `create unique index concurrently`, `INSERT` also behind a `WITH`.
    pub verb: String,
    pub transaction: Option<TransactionControl>,
    /// The server refuses it inside of a transaction.
    pub outside_transaction: bool,
    pub effect: Effect,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransactionControl {
    Begin,
    Commit,
    /// And at once begins the next.
    CommitAndChain,
    Rollback,
    RollbackAndChain,
    Savepoint,
    ReleaseSavepoint,
    RollbackToSavepoint,
    PrepareTransaction,
    CommitPrepared,
    RollbackPrepared,
    /// `SET TRANSACTION ISOLATION LEVEL …`
    SetTransaction,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// The definition of objects, with owners, comments and privileges.
    Schema,
    /// Rows, and the values of sequences.
    Data,
    /// Settings and temporary objects, gone with the connection.
    Session,
    Transaction,
    /// Leaves schema and rows as they are: reading, vacuuming.
    Query,
    /// Runs code that is not in the statement: `DO`, `CALL`, `EXECUTE`, `SELECT make_tables()`.
    Unknown,
}

pub fn classify(statement: &str) -> Class {
    let words = outline(statement);
    let verb = verb::verb(&words);
    let transaction = transaction(&words);
    Class {
        outside_transaction: alone::outside_transaction(&verb, &words, statement),
        effect: if transaction.is_some() { Effect::Transaction } else { effect(&verb, &words) },
        transaction,
        verb,
    }
}

/// The name in `CREATE EXTENSION`, as the catalogs store it.
pub fn extensions_created(statement: &str) -> Option<String> {
    let mut rest = significant_tokens(statement).map(|token| token.text(statement));
    for expected in ["create", "extension"] {
        if !rest.next()?.eq_ignore_ascii_case(expected) {
            return None;
        }
    }
    let first = rest.next()?;
    let name = if first.eq_ignore_ascii_case("if") { rest.nth(2)? } else { first };
    Some(unquote_ident(name))
}

/// What a `CREATE SCHEMA` makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedSchema {
    /// As the catalogs store it. `CREATE SCHEMA AUTHORIZATION ann` makes `ann`.
    pub name: String,
    /// `IF NOT EXISTS`: one that is there already does no harm.
    pub only_if_missing: bool,
}

/// The schema that a statement makes. `None` also where its name depends on who runs it.
pub fn schema_created(statement: &str) -> Option<CreatedSchema> {
    let mut rest = significant_tokens(statement).map(|token| token.text(statement)).peekable();
    for expected in ["create", "schema"] {
        if !rest.next()?.eq_ignore_ascii_case(expected) {
            return None;
        }
    }
    let only_if_missing = rest.next_if(|word| word.eq_ignore_ascii_case("if")).is_some();
    let mut name = if only_if_missing { rest.nth(2)? } else { rest.next()? };
    if name.eq_ignore_ascii_case("authorization") {
        name = rest.next()?;
        if ["current_user", "session_user", "current_role"].iter().any(|word| name.eq_ignore_ascii_case(word))
        {
            return None;
        }
    }
    Some(CreatedSchema { name: unquote_ident(name), only_if_missing })
}

/// The words of a statement: those without quotes folded to lower case, all else as written; no comments.
pub fn words(statement: &str) -> impl Iterator<Item = String> {
    significant_tokens(statement).map(move |token| match token.kind {
        TokenKind::Word => token.text(statement).to_ascii_lowercase(),
        _ => token.text(statement).to_owned(),
    })
}

/// A word with the number of parentheses around it.
struct OutlineWord {
    text: String,
    depth: u32,
}

/// How many words can matter. Long lists of rows come after.
const OUTLINE_LENGTH: usize = 20_000;

fn outline(statement: &str) -> Vec<OutlineWord> {
    let mut depth: u32 = 0;
    words(statement)
        .take(OUTLINE_LENGTH)
        .map(|text| {
            if text == ")" {
                depth = depth.saturating_sub(1);
            }
            let word = OutlineWord { depth, text };
            if word.text == "(" {
                depth += 1;
            }
            word
        })
        .collect()
}

/// The first words of a statement, as many as there are.
fn first<const N: usize>(words: &[OutlineWord]) -> [&str; N] {
    std::array::from_fn(|index| words.get(index).map_or("", |word| word.text.as_str()))
}

fn contains(words: &[OutlineWord], sought: &[&str]) -> bool {
    words
        .windows(sought.len())
        .any(|window| window.iter().zip(sought).all(|(word, sought)| word.text == *sought))
}

fn transaction(words: &[OutlineWord]) -> Option<TransactionControl> {
    let chains = contains(words, &["and", "chain"]);
    match first::<3>(words) {
        ["begin", ..] | ["start", "transaction", ..] => Some(TransactionControl::Begin),
        ["commit", "prepared", ..] => Some(TransactionControl::CommitPrepared),
        ["commit" | "end", ..] if chains => Some(TransactionControl::CommitAndChain),
        ["commit" | "end", ..] => Some(TransactionControl::Commit),
        ["rollback", "prepared", ..] => Some(TransactionControl::RollbackPrepared),
        ["rollback", "to", ..] | ["rollback", "work" | "transaction", "to"] => {
            Some(TransactionControl::RollbackToSavepoint)
        }
        ["rollback" | "abort", ..] if chains => Some(TransactionControl::RollbackAndChain),
        ["rollback" | "abort", ..] => Some(TransactionControl::Rollback),
        ["savepoint", ..] => Some(TransactionControl::Savepoint),
        ["release", ..] => Some(TransactionControl::ReleaseSavepoint),
        ["prepare", "transaction", ..] => Some(TransactionControl::PrepareTransaction),
        ["set", "transaction", ..] | ["set", "local", "transaction"] => {
            Some(TransactionControl::SetTransaction)
        }
        _ => None,
    }
}

fn effect(verb: &str, words: &[OutlineWord]) -> Effect {
    let [_, second, third] = first(words);
    match verb {
        "CREATE TABLE" | "CREATE VIEW" | "CREATE SEQUENCE" if is_temporary(words) => Effect::Session,
        "SELECT INTO" if contains(words, &["into", "temp"]) || contains(words, &["into", "temporary"]) => {
            Effect::Session
        }
        "SELECT INTO"
        | "COMMENT"
        | "GRANT"
        | "REVOKE"
        | "SECURITY LABEL"
        | "REASSIGN OWNED"
        | "IMPORT FOREIGN SCHEMA"
        | "CLUSTER"
        | "REINDEX" => Effect::Schema,
        "INSERT" | "UPDATE" | "DELETE" | "MERGE" | "TRUNCATE" | "REFRESH MATERIALIZED VIEW" => Effect::Data,
        "COPY" if words.iter().any(|word| word.depth == 0 && word.text == "from") => Effect::Data,
        "COPY" | "VACUUM" | "ANALYZE" | "CHECKPOINT" | "SHOW" => Effect::Query,
        "SELECT" | "VALUES" | "TABLE" => effect_of_query(words),
        "EXPLAIN" => effect_of_explained(words, second, third),
        "SET" | "RESET" | "DISCARD" | "LISTEN" | "UNLISTEN" | "NOTIFY" | "LOAD" | "LOCK" | "PREPARE"
        | "DEALLOCATE" | "DECLARE" | "FETCH" | "MOVE" | "CLOSE" => Effect::Session,
        _ if ["CREATE ", "ALTER ", "DROP "].iter().any(|start| verb.starts_with(start)) => Effect::Schema,
        // DO, CALL, EXECUTE, and whatever later versions bring.
        _ => Effect::Unknown,
    }
}

fn is_temporary(words: &[OutlineWord]) -> bool {
    let modifiers =
        words.iter().take_while(|word| !matches!(word.text.as_str(), "table" | "view" | "sequence"));
    modifiers.map(|word| word.text.as_str()).any(|word| matches!(word, "temp" | "temporary"))
}

/// A query without FROM that calls a function is made for what that function does.
fn effect_of_query(words: &[OutlineWord]) -> Effect {
    let changes_rows = words.windows(2).any(|pair| {
        pair[0].text == "(" && matches!(pair[1].text.as_str(), "insert" | "update" | "delete" | "merge")
    });
    if changes_rows {
        return Effect::Data;
    }
    if words.iter().any(|word| word.text == "from" && word.depth == 0) {
        return Effect::Query;
    }
    let called = words.windows(2).filter(|pair| pair[1].text == "(").map(|pair| pair[0].text.as_str());
    let mut effect = Effect::Query;
    for function in called {
        match function {
            "set_config" => effect = Effect::Session,
            "setval" | "nextval" => return Effect::Data,
            name if name.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '"')
                && !NOT_FUNCTIONS.contains(&name) =>
            {
                return Effect::Unknown;
            }
            _ => {}
        }
    }
    effect
}

/// Words that stand before a parenthesis without being called, or that read and do nothing else.
const NOT_FUNCTIONS: &[&str] = &[
    "select",
    "values",
    "in",
    "and",
    "or",
    "not",
    "exists",
    "any",
    "all",
    "some",
    "case",
    "when",
    "then",
    "else",
    "row",
    "array",
    "cast",
    "coalesce",
    "nullif",
    "greatest",
    "least",
    "extract",
    "as",
    "on",
    "using",
    "union",
    "intersect",
    "except",
    "distinct",
    "numeric",
    "decimal",
    "varchar",
    "char",
    "now",
    "version",
    "to_regclass",
    "pg_sleep",
];

fn effect_of_explained(words: &[OutlineWord], second: &str, third: &str) -> Effect {
    let runs = match second {
        "analyze" | "analyse" => true,
        "verbose" => matches!(third, "analyze" | "analyse"),
        "(" => words.iter().take_while(|word| word.text != ")").any(|word| word.text.starts_with("analy")),
        _ => false,
    };
    let starts = |word: &OutlineWord| word.depth == 0 && verb::STARTS_QUERY.contains(&word.text.as_str());
    match words.iter().position(starts) {
        Some(start) if runs => effect(&verb::verb(&words[start..]), &words[start..]),
        Some(_) => Effect::Query,
        None => Effect::Unknown,
    }
}

#[cfg(test)]
mod tests;
