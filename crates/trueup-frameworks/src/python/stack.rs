//! Room to recurse in.
//!
//! What people write nests little, what somebody writes to hurt does not. Depth is bounded by counting; this sees to it
//! that the stack suffices until the bound is reached, whatever thread it is.

/// Left over for what does not ask.
const RESERVE: usize = 256 * 1024;

const PIECE: usize = 4 * 1024 * 1024;

/// Runs something that recurses through here again.
pub(super) fn with_room<R>(run: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(RESERVE, PIECE, run)
}
