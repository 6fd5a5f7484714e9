//! Told to end in the middle of a run: the server is told too. Otherwise it would finish its statement first, with all
//! of its locks, for nobody. The keeper does that; it looks at the mark that is set here.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::session::{ServerError, SessionError};

static AT_WORK: AtomicBool = AtomicBool::new(false);
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Stands for a run that can be interrupted, until it is dropped.
pub struct Watched;

impl Watched {
    pub fn begin() -> Self {
        AT_WORK.store(true, Ordering::SeqCst);
        Self
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        AT_WORK.store(false, Ordering::SeqCst);
    }
}

pub fn is_interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// True where a run is at work: it ends by itself then, and writes down how it has left the database. Told twice,
/// whoever waits does not want to wait any longer.
pub fn interrupt() -> bool {
    AT_WORK.load(Ordering::SeqCst) && !INTERRUPTED.swap(true, Ordering::SeqCst)
}

/// What a statement comes to that is not begun any more.
pub(super) fn refusal() -> SessionError {
    SessionError::Server(Box::new(ServerError {
        sqlstate: "57014".to_owned(),
        message: "interrupted".to_owned(),
        detail: None,
        hint: None,
        position: None,
        context: None,
    }))
}
