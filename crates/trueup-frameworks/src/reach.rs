//! What a migration that cannot be read may touch: whatever its text names.

use std::collections::BTreeSet;

use camino::Utf8Path;
use trueup_model::Text;
use trueup_model::reach::{Named, Reach};
use trueup_sql::text::decode;

/// Calls by which a program goes through all tables that there are, without naming one.
const ASKS_FOR_ALL: &[&str] =
    &["get_models", "get_app_config", "get_app_configs", "all_models", "table_names", "get_table_list"];

/// The words of files, in lower case. A file that cannot be opened has none.
pub(crate) fn words_of<'a>(files: impl IntoIterator<Item = &'a Utf8Path>) -> BTreeSet<Text> {
    let bytes = files.into_iter().filter_map(|file| std::fs::read(file).ok());
    bytes.flat_map(|bytes| words(&text_of(&bytes)).collect::<Vec<_>>()).collect()
}

fn text_of(bytes: &[u8]) -> String {
    match decode(bytes) {
        Ok(source) => source.text,
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// The words of a text, in lower case.
pub(crate) fn words(text: &str) -> impl Iterator<Item = Text> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let words = text.split(move |c: char| !is_word(c)).filter(|word| !word.is_empty());
    words.map(|word| Text::new(word.to_lowercase()))
}

/// What a text with these words may touch.
pub(crate) fn reach(whole: BTreeSet<Text>, beginnings: BTreeSet<Text>) -> Reach {
    match ASKS_FOR_ALL.iter().any(|word| whole.contains(&Text::new(word))) {
        true => Reach::Anything,
        false => Reach::Named(Named { whole, beginnings }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_goes_through_all_tables_may_touch_anything() {
        let of = |text: &str| reach(words(text).collect(), BTreeSet::new());
        assert!(of("cursor.execute('CREATE INDEX \"Late\" ON shop_order (at)')").names("late"));
        assert!(!of("cursor.execute('CREATE INDEX late ON shop_order (at)')").names("shop_item"));
        assert!(of("for model in apps.get_models(): add_index(model)").names("shop_item"));
    }
}
