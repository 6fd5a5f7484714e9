//! Whether a statement that is not replayed would be missed.

use trueup_sql::{Effect, classify};

/// Whether a statement may change what the catalogs say.
pub(crate) fn changes_schema(text: &str) -> bool {
    let class = classify(text);
    match class.effect {
        Effect::Schema => !matches!(class.verb.as_str(), "REINDEX" | "CLUSTER"),
        // A query that calls a function mostly fills or refreshes something.
        Effect::Unknown => !matches!(class.verb.as_str(), "SELECT" | "VALUES" | "TABLE"),
        Effect::Data | Effect::Session | Effect::Transaction | Effect::Query => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_change_the_schema_is_known() {
        for text in
            ["/* c */ create table t (a int)", "do $$ begin end $$", "call f()", "grant select on t to ann"]
        {
            assert!(changes_schema(text), "{text}");
        }
        for text in [
            "insert into t values (1)",
            "select refresh_all()",
            "create temp table t (a int)",
            "reindex table t",
            "vacuum",
            "set a = 1",
        ] {
            assert!(!changes_schema(text), "{text}");
        }
    }
}
