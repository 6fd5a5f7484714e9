//! `COPY`: rows that a file brings with it go in; files and programs of the server's machine are left alone.

use trueup_model::journal::StatementRef;
use trueup_sql::lexer::{TokenKind, significant_tokens};

use super::block::{Block, Outcome, Run, outcome};
use crate::session::SessionError;

/// Where a COPY takes its rows from, or brings them to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    FromStandardInput,
    ToStandardOutput,
    ServerFile,
    Program,
}

pub(super) fn direction(text: &str) -> Option<Direction> {
    let mut depth = 0_u32;
    let mut tokens = significant_tokens(text);
    let from = loop {
        let token = tokens.next()?;
        let word = token.text(text);
        match word {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ if depth > 0 || token.kind != TokenKind::Word => {}
            _ if word.eq_ignore_ascii_case("from") => break true,
            _ if word.eq_ignore_ascii_case("to") => break false,
            _ => {}
        }
    };
    let target = tokens.next()?.text(text).to_ascii_lowercase();
    Some(match target.as_str() {
        "program" => Direction::Program,
        "stdin" | "stdout" if from => Direction::FromStandardInput,
        "stdin" | "stdout" => Direction::ToStandardOutput,
        _ => Direction::ServerFile,
    })
}

/// It asks for a table that is new in the very same subtransaction, and each statement has its own here.
pub(super) fn freezes(text: &str) -> bool {
    trueup_sql::words(text).skip_while(|word| word != "stdin").any(|word| word == "freeze")
}

impl Run<'_> {
    /// Rows need a message of their own, and so a transaction of more than one message.
    pub(super) fn copy_in(
        &mut self,
        reference: StatementRef,
        text: &str,
        data: &str,
    ) -> Result<Outcome, SessionError> {
        let own_transaction = self.block == Block::None;
        if own_transaction {
            self.open(Block::ByFile)?;
        }
        let mut data = data.to_owned();
        if !data.is_empty() && !data.ends_with('\n') {
            data.push('\n');
        }
        let mut result = outcome(self.shadow.session().copy_in(text, &data))?;
        if let Outcome::Refused(_) = &result {
            self.back_to_savepoint()?;
        } else if let refused @ Outcome::Refused(_) = self.plain(reference, "")? {
            result = refused;
        }
        if own_transaction {
            self.block = Block::None;
            if let refused @ Outcome::Refused(_) = self.bare("COMMIT")? {
                result = refused;
            }
        }
        Ok(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions() {
        assert_eq!(direction("COPY t (a, \"from\") FROM stdin"), Some(Direction::FromStandardInput));
        assert_eq!(direction("copy (select a from t) to stdout with csv"), Some(Direction::ToStandardOutput));
        assert_eq!(direction("COPY t FROM PROGRAM 'rm -rf /'"), Some(Direction::Program));
        assert_eq!(direction("COPY t TO '/tmp/x'"), Some(Direction::ServerFile));
        assert_eq!(direction("COPY t"), None);
    }
}
