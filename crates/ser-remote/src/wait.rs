//! A thread waits for the network. One thread of its own moves all requests of the process; whoever waits looks up ten times a second, in case the process
//! is asked to stop.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};

/// How often a waiting thread looks up.
const LOOK_UP: Duration = Duration::from_millis(100);

/// The runtime, started when it is first needed.
#[derive(Debug, Default)]
pub(crate) struct Wait {
    runtime: OnceLock<Runtime>,
    stop: OnceLock<Arc<AtomicBool>>,
}

/// The process was asked to stop.
#[derive(Debug)]
pub(crate) struct Stopped;

impl Wait {
    /// From now on waiting ends when `stop` becomes true. Later calls change nothing.
    pub fn heed(&self, stop: &Arc<AtomicBool>) {
        let _ = self.stop.set(stop.clone());
    }

    /// Asks the whole run to stop.
    pub fn stop(&self) {
        if let Some(stop) = self.stop.get() {
            stop.store(true, Ordering::SeqCst);
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop
            .get()
            .is_some_and(|stop| stop.load(Ordering::Relaxed))
    }

    /// # Panics
    /// Where the system grants no thread.
    fn runtime(&self) -> &Runtime {
        self.runtime.get_or_init(|| {
            Builder::new_multi_thread()
                .worker_threads(1)
                .thread_name("ser-remote")
                .enable_all()
                .build()
                .expect("the system grants a thread")
        })
    }

    /// For what goes on while nobody waits.
    pub fn handle(&self) -> &Handle {
        self.runtime().handle()
    }

    /// Waits until it is done, or the process is asked to stop.
    pub fn until<T>(&self, future: impl Future<Output = T>) -> Result<T, Stopped> {
        self.runtime().block_on(async {
            let mut future = pin!(future);
            loop {
                match tokio::time::timeout(LOOK_UP, &mut future).await {
                    Ok(done) => return Ok(done),
                    Err(_) if self.is_stopped() => return Err(Stopped),
                    Err(_) => {}
                }
            }
        })
    }

    /// Waits until it is done: for what must be kept even when the process is asked to stop.
    pub fn through<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime().block_on(future)
    }
}

#[test]
fn waiting_ends_when_the_process_is_asked_to_stop() {
    let wait = Wait::default();
    assert_eq!(wait.until(async { 1 }).ok(), Some(1));
    let stop = Arc::new(AtomicBool::new(false));
    wait.heed(&stop);
    wait.stop();
    assert!(wait.until(std::future::pending::<()>()).is_err());
    assert_eq!(wait.through(async { 2 }), 2);
}
