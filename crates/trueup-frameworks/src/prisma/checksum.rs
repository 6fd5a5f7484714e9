//! Prisma's checksum: SHA-256 of the file in hexadecimal, whatever its line ends are.

use sha2::{Digest, Sha256};

use crate::source::hexadecimal;

pub(crate) fn of(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Prisma takes the file with either sort of line ends, and sums in which early versions left out the zeros in
/// front of each byte.
pub(crate) fn accepts(bytes: &[u8], recorded: &str) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let variants = [text.to_string(), text.replace("\r\n", "\n"), text.replace('\n', "\r\n")];
    variants.iter().any(|variant| {
        let sum = Sha256::digest(variant.as_bytes());
        let short = || sum.iter().map(|byte| format!("{byte:x}")).collect::<String>();
        hexadecimal(&sum) == recorded || (recorded.len() < 64 && short() == recorded)
    })
}
