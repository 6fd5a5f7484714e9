//! The rows of an introspection as bytes, to be kept in a cache and read again.
//!
//! Layout: the name of the format with its version, the fingerprint of the queries, the version of the server, the
//! rows, and a checksum over all of it. A row is the number of its query, the number of its values, and each value
//! as length and text; the highest length stands for NULL. Numbers are little-endian.

use crate::session::Row;

use super::query_fingerprint;
use super::row::ReadError;

const FORMAT: &[u8; 16] = b"trueup.rows.0001";
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

    pub fn server_version(&self) -> u32 {
        self.server_version
    }

    pub(super) fn push(&mut self, query: usize, row: &Row<'_>) {
        let small = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
        self.rows.extend([small(query), small(row.len())]);
        for index in 0..row.len() {
            match row.get(index) {
                None => self.rows.extend(NULL.to_le_bytes()),
                Some(text) => {
                    let length = u32::try_from(text.len()).unwrap_or(NULL - 1);
                    self.rows.extend(length.to_le_bytes());
                    self.rows.extend(text.as_bytes());
                }
            }
        }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.rows.len() + 100);
        bytes.extend(FORMAT);
        bytes.extend(query_fingerprint());
        bytes.extend(self.server_version.to_le_bytes());
        bytes.extend(&self.rows);
        let checksum = *blake3::hash(&bytes).as_bytes();
        bytes.extend(checksum);
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordingError> {
        let (content, checksum) = bytes.split_last_chunk::<32>().ok_or(RecordingError::Damaged)?;
        let rest = content.strip_prefix(FORMAT).ok_or(RecordingError::Foreign)?;
        let rest = rest.strip_prefix(&query_fingerprint()).ok_or(RecordingError::Foreign)?;
        if blake3::hash(content).as_bytes() != checksum {
            return Err(RecordingError::Damaged);
        }
        let (version, rows) = rest.split_first_chunk::<4>().ok_or(RecordingError::Damaged)?;
        Ok(Self { server_version: u32::from_le_bytes(*version), rows: rows.to_vec() })
    }

    pub(super) fn for_each_row(
        &self,
        mut visit: impl FnMut(usize, &Row<'_>) -> Result<(), ReadError>,
    ) -> Result<(), RecordingError> {
        let mut rest = self.rows.as_slice();
        let mut cells: Vec<Option<&str>> = Vec::new();
        while let Some((&[query, count], after)) = rest.split_first_chunk::<2>() {
            rest = after;
            cells.clear();
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
            visit(usize::from(query), &Row::Recorded(&cells))?;
        }
        Ok(())
    }
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
        let read = Recording::from_bytes(&recording().to_bytes()).expect("readable");
        assert_eq!(read, recording());
        let mut rows = Vec::new();
        read.for_each_row(|query, row| {
            rows.push((
                query,
                (0..row.len()).map(|index| row.get(index).map(str::to_owned)).collect::<Vec<_>>(),
            ));
            Ok(())
        })
        .expect("rows");
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(rows, [(3, vec![text("a"), None, text("")]), (39, vec![text("ünïcode")])]);
    }

    #[test]
    fn any_changed_byte_is_noticed() {
        let bytes = recording().to_bytes();
        for position in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[position] ^= 1;
            assert!(Recording::from_bytes(&damaged).is_err(), "byte {position}");
            assert!(Recording::from_bytes(&bytes[..position]).is_err(), "cut at {position}");
        }
    }
}
