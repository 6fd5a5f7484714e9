//! Projects of real Django: pinned versions migrate, and the program looks at what came of it.

mod common;

mod django {
    pub mod databases;
    pub mod models;
    pub mod project;
    pub mod repaired;
    pub mod replayed;
}
