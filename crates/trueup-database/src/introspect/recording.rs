//! The rows of an introspection as bytes, to be kept in a cache and read again.
//!
//! Layout: the name of the format with its version, the fingerprint of the queries, the version of the server, the
//! length of the rows, the rows, and a checksum over all of it. A row is the length of what follows, the number of its
//! query, the number of its values, and each value as length and text; the highest length stands for NULL. Numbers are
//! little-endian.
//!
//! A recording is read from a file row by row: that of a large database is as large as its catalog.

use std::io::{BufReader, Read};

use crate::session::Row;

use super::query_fingerprint;
use super::row::ReadError;

const FORMAT: &[u8; 16] = b"trueup.rows.0002";
const NULL: u32 = u32::MAX;

/// Rows kept, ready to be written to a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Recording {
    server_version: u32,
    rows: Vec<u8>,
}

/// Why a recording cannot be read. The answer is always the same: make it again.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RecordingError {
    #[error("the recording was made by another version of trueup")]
    Foreign,
    #[error("the recording is damaged")]
    Damaged,
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl Recording {
    pub(super) fn new(server_version: u32) -> Self {
        Self { server_version, rows: Vec::new() }
    }

    pub(super) fn push(&mut self, query: usize, row: &Row<'_>) {
        let small = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
        let start = self.rows.len();
        self.rows.extend([0; 4]);
        self.rows.extend([small(query), small(row.len())]);
        for index in 0..row.len() {
            match row.get(index) {
                None => self.rows.extend(NULL.to_le_bytes()),
                Some(text) => {
                    self.rows.extend(length_of(text.len()));
                    self.rows.extend(text.as_bytes());
                }
            }
        }
        let length = length_of(self.rows.len() - start - 4);
        self.rows[start..start + 4].copy_from_slice(&length);
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.rows.len() + 100);
        bytes.extend(FORMAT);
        bytes.extend(query_fingerprint());
        bytes.extend(self.server_version.to_le_bytes());
        bytes.extend(u64::try_from(self.rows.len()).unwrap_or(u64::MAX).to_le_bytes());
        bytes.extend(&self.rows);
        let checksum = *blake3::hash(&bytes).as_bytes();
        bytes.extend(checksum);
        bytes
    }
}

fn length_of(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(NULL - 1).to_le_bytes()
}

/// Reads the rows of a recording one by one, and returns the version of the server that they came from. What was
/// visited counts only if this succeeds: the checksum stands at the end. The rows of one query can be left out.
pub(super) fn for_each_recorded_row(
    input: impl Read,
    unwanted: Option<usize>,
    mut visit: impl FnMut(usize, &Row<'_>) -> Result<(), ReadError>,
) -> Result<u32, RecordingError> {
    let mut input = Hashed { input, hasher: blake3::Hasher::new() };
    if read::<16>(&mut input)? != *FORMAT || read::<32>(&mut input)? != query_fingerprint() {
        return Err(RecordingError::Foreign);
    }
    let version = u32::from_le_bytes(read(&mut input)?);
    let mut left = u64::from_le_bytes(read(&mut input)?);
    // Many rows are counted into the checksum at once.
    let mut rows = BufReader::with_capacity(1 << 16, input.by_ref().take(left));
    let mut row = Vec::new();
    while left > 0 {
        let length = u32::from_le_bytes(read::<4>(&mut rows)?);
        left = left.checked_sub(4 + u64::from(length)).ok_or(RecordingError::Damaged)?;
        fill(&mut rows, &mut row, length)?;
        let query = row.first().copied().map(usize::from);
        if query.is_none() || query != unwanted {
            visit_row(&row, &mut visit)?;
        }
    }
    drop(rows);
    let checksum = *input.hasher.finalize().as_bytes();
    if read::<32>(&mut input)? != checksum {
        return Err(RecordingError::Damaged);
    }
    Ok(version)
}

fn visit_row(
    row: &[u8],
    visit: &mut impl FnMut(usize, &Row<'_>) -> Result<(), ReadError>,
) -> Result<(), RecordingError> {
    let (&[query, count], mut rest) = row.split_first_chunk::<2>().ok_or(RecordingError::Damaged)?;
    let mut cells = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        let (length, after) = rest.split_first_chunk::<4>().ok_or(RecordingError::Damaged)?;
        rest = after;
        let length = u32::from_le_bytes(*length);
        if length == NULL {
            cells.push(None);
            continue;
        }
        let length = usize::try_from(length).map_err(|_| RecordingError::Damaged)?;
        let (text, after) = rest.split_at_checked(length).ok_or(RecordingError::Damaged)?;
        rest = after;
        cells.push(Some(std::str::from_utf8(text).map_err(|_| RecordingError::Damaged)?));
    }
    if !rest.is_empty() {
        return Err(RecordingError::Damaged);
    }
    Ok(visit(usize::from(query), &Row::Recorded(&cells))?)
}

/// Counts everything that is read into the checksum.
struct Hashed<R> {
    input: R,
    hasher: blake3::Hasher,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let read = self.input.read(bytes)?;
        self.hasher.update(&bytes[..read]);
        Ok(read)
    }
}

fn read<const N: usize>(input: &mut impl Read) -> Result<[u8; N], RecordingError> {
    let mut bytes = [0; N];
    input.read_exact(&mut bytes).map_err(|_| RecordingError::Damaged)?;
    Ok(bytes)
}

/// A wrong length must not reserve what is not there.
fn fill(input: &mut impl Read, row: &mut Vec<u8>, length: u32) -> Result<(), RecordingError> {
    row.clear();
    let read = input.take(u64::from(length)).read_to_end(row);
    if read.ok() != usize::try_from(length).ok() {
        return Err(RecordingError::Damaged);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording() -> Recording {
        let mut recording = Recording::new(170_005);
        recording.push(3, &Row::Recorded(&[Some("a"), None, Some("")]));
        recording.push(39, &Row::Recorded(&[Some("ünïcode")]));
        recording
    }

    #[test]
    fn bytes_there_and_back() {
        let mut rows = Vec::new();
        let version = for_each_recorded_row(recording().to_bytes().as_slice(), None, |query, row| {
            rows.push((
                query,
                (0..row.len()).map(|index| row.get(index).map(str::to_owned)).collect::<Vec<_>>(),
            ));
            Ok(())
        });
        assert_eq!(version.expect("readable"), 170_005);
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(rows, [(3, vec![text("a"), None, text("")]), (39, vec![text("ünïcode")])]);
    }

    #[test]
    fn any_changed_byte_is_noticed() {
        let bytes = recording().to_bytes();
        for position in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[position] ^= 1;
            assert!(
                for_each_recorded_row(damaged.as_slice(), None, |_, _| Ok(())).is_err(),
                "byte {position}"
            );
            let cut = &bytes[..position];
            assert!(for_each_recorded_row(cut, None, |_, _| Ok(())).is_err(), "cut at {position}");
        }
    }
}
