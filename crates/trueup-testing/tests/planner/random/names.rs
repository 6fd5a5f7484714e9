//! Names that people give, and names that programs trip over.

use trueup_sql::quote_ident;

use super::tape::Tape;

/// A quoted name that nothing else has.
pub fn name(kind: &str, number: usize, tape: &mut Tape<'_>) -> String {
    let hostile = tape.below(30);
    quote_ident(&match hostile {
        20 => format!("Weird \"{kind}\" {number}"),
        21 => format!("it's {kind}{number}"),
        22 => format!("{kind}.{number}"),
        23 => format!("{kind}\\{number}"),
        24 => format!("ünï🐘{kind}{number}"),
        25 => format!("$trueup${kind}{number}"),
        26 => format!("--{kind}{number}"),
        27 => format!("%I{kind}(%s){number}"),
        28 => format!("{kind}{number}_{}", "x".repeat(60 - kind.len() - number.to_string().len())),
        29 => format!("Select{kind}{number}[]"),
        _ => format!("{kind}{number}"),
    })
}
