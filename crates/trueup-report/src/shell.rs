//! What is advised can be pasted into a shell.

/// One word of a command, in quotes where a shell would take it apart or read something into it.
pub fn shell_word(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-.,:/@%+=".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// The option that lets an object be lost, by its clear name.
pub fn permission(object: &str) -> String {
    format!("--allow {}", shell_word(&format!("drop:{object}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_take_apart_is_quoted() {
        for (word, expected) in [
            ("drop:public.orders", "drop:public.orders"),
            ("drop:public.\"Extra one\"", "'drop:public.\"Extra one\"'"),
            ("it's", "'it'\\''s'"),
            ("add(integer, text)", "'add(integer, text)'"),
            ("$HOME", "'$HOME'"),
            ("", "''"),
        ] {
            assert_eq!(shell_word(word), expected);
        }
    }
}
