//! Told to end: scratch databases and unfinished folders go first.

use crate::exit::Exit;

/// From now on Ctrl-C, and a request to end or to hang up, clean up before they end the program.
pub(crate) fn clean_up_on_interrupt() {
    // Where no handler can be set, the next run sweeps up as it does after a crash.
    let _ = ctrlc::set_handler(|| {
        // A run ends by itself then, and says how it has left the database.
        if trueup_database::apply::interrupt::interrupt() {
            return;
        }
        trueup_database::backup::abandon();
        trueup_database::shadow::abandon();
        std::process::exit(Exit::Interrupted.code().into());
    });
}
