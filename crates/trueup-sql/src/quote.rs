//! Identifiers and literals as SQL text.

/// Quotes always: a name that needs no quotes today is a keyword tomorrow.
pub fn quote_ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A string literal that means the same whatever `standard_conforming_strings` says.
pub fn quote_literal(text: &str) -> String {
    let quotes = text.replace('\'', "''");
    if text.contains('\\') { format!(" E'{}'", quotes.replace('\\', "\\\\")) } else { format!("'{quotes}'") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_and_texts() {
        assert_eq!(quote_ident("user"), "\"user\"");
        assert_eq!(quote_ident("a\"b"), "\"a\"\"b\"");
        assert_eq!(quote_literal("O'Hara"), "'O''Hara'");
        assert_eq!(quote_literal("a\\b"), " E'a\\\\b'");
    }
}
