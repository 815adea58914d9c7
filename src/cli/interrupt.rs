//! Ctrl-C, SIGTERM and SIGHUP: what a command does when it is asked to end.
//!
//! Every command ends at once, with a line and exit code 130. A run that keeps a journal asks for a [`flag`] instead: the first signal raises it, so
//! that what is finished is brought to the disk; the second ends the process whatever it is doing.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::INTERRUPTED;
use super::output::complain;

/// Raised by the first signal, if a run has asked for it.
static FLAG: Mutex<Option<Arc<AtomicBool>>> = Mutex::new(None);
/// Temporary files that must not outlive the process.
static LEFT: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn held<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins to listen for signals. Without a handler, where the system grants none, a signal just kills.
pub(super) fn watch() {
    let _ = ctrlc::set_handler(|| {
        let flag = held(&FLAG).take();
        match flag {
            Some(flag) => flag.store(true, Ordering::SeqCst),
            None => {
                for path in held(&LEFT).drain(..) {
                    let _ = std::fs::remove_file(path);
                }
                complain("interrupted");
                std::process::exit(INTERRUPTED.into());
            }
        }
    });
}

/// A flag that the first signal raises while this lives; without it a signal ends the process at once.
pub(super) struct Grace(Arc<AtomicBool>);

/// Asks for a flag instead of an end.
pub(super) fn grace() -> Grace {
    let flag = Arc::new(AtomicBool::new(false));
    *held(&FLAG) = Some(flag.clone());
    Grace(flag)
}

impl Grace {
    /// The flag.
    pub(super) fn flag(&self) -> &Arc<AtomicBool> {
        &self.0
    }
}

impl Drop for Grace {
    fn drop(&mut self) {
        *held(&FLAG) = None;
    }
}

/// Removes a file if a signal ends the process.
pub(super) fn remove_at_end(path: &Path) {
    held(&LEFT).push(path.to_owned());
}

/// The file is gone, or has become what it was meant to be.
pub(super) fn keep(path: &Path) {
    held(&LEFT).retain(|left| left != path);
}
