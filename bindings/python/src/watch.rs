//! Long work with Python's lock released, that Ctrl-C stops and that says how far it is.
//!
//! The work runs on threads of its own, which end with the call: nothing is left behind that a fork could miss. The calling thread looks every
//! 20 ms for signals and calls the progress function.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

const PAUSE: Duration = Duration::from_millis(20);

/// What work and its caller share.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// Becomes true when the work should end.
    pub stop: Arc<AtomicBool>,
    /// Recordings, folds or the like that are done.
    pub done: AtomicUsize,
}

impl Watch {
    /// Another one is done.
    pub fn advance(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }
}

/// Runs `job`; `progress` is called now and then with the number of things done.
///
/// # Errors
/// `KeyboardInterrupt` and whatever else a signal or `progress` raises; `RuntimeError` if the work panicked.
pub(crate) fn watched<T: Send>(
    py: Python<'_>,
    progress: Option<&Bound<'_, PyAny>>,
    job: impl FnOnce(&Watch) -> T + Send,
) -> PyResult<T> {
    let watch = Watch::default();
    std::thread::scope(|scope| {
        let (sender, mut receiver) = mpsc::channel();
        let shared = &watch;
        let work = scope.spawn(move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| job(shared)));
            let _ = sender.send(());
            outcome
        });
        let mut told = 0;
        let mut tell = || -> PyResult<()> {
            py.check_signals()?;
            let done = watch.done.load(Ordering::Relaxed);
            match progress {
                Some(progress) if done != told => {
                    told = done;
                    progress.call1((done,)).map(|_| ())
                }
                _ => Ok(()),
            }
        };
        let mut interrupted = None;
        loop {
            let waiting = &mut receiver;
            let ended = py.detach(move || waiting.recv_timeout(PAUSE));
            if interrupted.is_none()
                && let Err(error) = tell()
            {
                watch.stop.store(true, Ordering::Relaxed);
                interrupted = Some(error);
            }
            if ended != Err(RecvTimeoutError::Timeout) {
                break;
            }
        }
        let outcome = py.detach(|| work.join());
        match (interrupted, outcome) {
            (Some(error), _) => Err(error),
            (None, Ok(Ok(value))) => Ok(value),
            (None, _) => Err(failed()),
        }
    })
}

/// Runs short work with the lock released.
///
/// # Errors
/// `RuntimeError` if it panicked.
pub(crate) fn released<T: Send>(py: Python<'_>, job: impl FnOnce() -> T + Send) -> PyResult<T> {
    py.detach(|| catch_unwind(AssertUnwindSafe(job)))
        .map_err(|_| failed())
}

fn failed() -> PyErr {
    PyRuntimeError::new_err("ser failed by an error of its own; please report it with the input")
}

/// As many threads as asked for, or one per processor.
pub(crate) fn threads(wanted: Option<usize>) -> usize {
    let all = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    wanted.filter(|&threads| threads > 0).unwrap_or_else(all)
}
