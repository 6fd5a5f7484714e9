//! What once went wrong, found by chance and kept.
