//! The checksum of the rows of a table, whatever their order: rows are moved about by updates and by restoring.

/// How many rows there are, and the sum of their hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub rows: u64,
    /// 256 bits, the lowest first. A sum, so that a row that is there twice counts twice.
    sum: [u64; 4],
    /// The beginning of a row whose end has not come yet.
    rest: Vec<u8>,
}

impl Tally {
    /// Takes in the next bytes of what `COPY … TO STDOUT` writes: a line for each row.
    pub fn add(&mut self, mut bytes: &[u8]) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            if self.rest.is_empty() {
                self.row(&bytes[..end]);
            } else {
                let mut row = std::mem::take(&mut self.rest);
                row.extend_from_slice(&bytes[..end]);
                self.row(&row);
            }
            bytes = &bytes[end + 1..];
        }
        self.rest.extend_from_slice(bytes);
    }

    fn row(&mut self, row: &[u8]) {
        self.rows += 1;
        let hash = blake3::hash(row);
        let mut carry = false;
        for (sum, part) in self.sum.iter_mut().zip(hash.as_bytes().chunks_exact(8)) {
            let part = part.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
            let (once, over) = sum.overflowing_add(part);
            let (twice, again) = once.overflowing_add(u64::from(carry));
            *sum = twice;
            carry = over || again;
        }
    }

    pub fn checksum(&self) -> String {
        self.sum.iter().rev().map(|part| format!("{part:016x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    fn tally(pieces: &[&str]) -> (u64, String) {
        let mut tally = Tally::default();
        pieces.iter().for_each(|piece| tally.add(piece.as_bytes()));
        (tally.rows, tally.checksum())
    }

    #[test]
    fn neither_order_nor_pieces_count_and_everything_else_does() {
        let whole = tally(&["1\ta\n2\tb\n3\tc\n"]);
        assert_eq!(whole, tally(&["3\tc\n1", "\ta\n2\tb", "\n"]));
        assert_eq!(whole.0, 3);
        for other in ["1\ta\n2\tb\n", "1\ta\n2\tb\n3\td\n", "1\ta\n2\tb\n3\tc\n3\tc\n", "1\ta\n1\ta\n3\tc\n"]
        {
            assert_ne!(whole, tally(&[other]), "{other:?}");
        }
        assert_ne!(tally(&["1\n1\n"]).1, tally(&["2\n2\n"]).1, "rows that are there twice do not cancel out");
        assert_eq!(tally(&["\n\n"]).0, 2, "rows without columns");
    }
}
