//! How much is followed before it is called too much.

/// Steps (expressions and statements) for each statement of a module, and for each call from outside.
pub const STEPS: u64 = 1_000_000;

/// Steps for a world as a whole.
pub const ALL_STEPS: u64 = 60_000_000;

/// Calls within calls.
pub const CALLS: usize = 150;

/// Items of a list, dictionary, set or range that is gone through.
pub const ITEMS: usize = 200_000;

/// Bytes of a text.
pub const BYTES: usize = 16_000_000;

/// Modules that are read.
pub const MODULES: usize = 4_000;

/// Values within values, where two are compared or one is written out.
pub const NESTING: usize = 60;

/// What is said where one of these is reached.
pub const TOO_MUCH: &str = "too much to follow";
