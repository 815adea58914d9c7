//! Threads that take pieces of work off one that hands them out, and give them back done, in any order.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;

/// Some threads, each with a state of its own, and the work that lies between them and whoever hands it out.
///
/// ```
/// let mut helpers = ser_parallel::Helpers::new(vec![10, 10], |ten, piece: u32| piece + *ten);
/// (0..100).for_each(|piece| helpers.give(piece));
/// let mut sum = 0;
/// // Whoever waits may as well help.
/// while let Some(done) = helpers.take(|piece| piece + 10) {
///     sum += done;
/// }
/// assert_eq!(sum, 4950 + 1000);
/// ```
#[derive(Debug)]
pub struct Helpers<T> {
    queue: Arc<Queue<T>>,
    done: Receiver<Outcome<T>>,
    threads: Vec<JoinHandle<()>>,
    under_way: usize,
}

type Outcome<T> = Result<T, Box<dyn Any + Send>>;

#[derive(Debug)]
struct Queue<T> {
    waiting: Mutex<Waiting<T>>,
    arrived: Condvar,
}

#[derive(Debug)]
struct Waiting<T> {
    pieces: VecDeque<T>,
    is_over: bool,
}

impl<T: Send + 'static> Helpers<T> {
    /// One thread per state, or as many as the system gives.
    pub fn new<S: Send + 'static>(
        states: Vec<S>,
        work: impl Fn(&mut S, T) -> T + Clone + Send + 'static,
    ) -> Self {
        let queue = Arc::new(Queue {
            waiting: Mutex::new(Waiting {
                pieces: VecDeque::new(),
                is_over: false,
            }),
            arrived: Condvar::new(),
        });
        let (sender, done) = mpsc::channel();
        let threads = states
            .into_iter()
            .map_while(|state| {
                let (queue, sender, work) = (queue.clone(), sender.clone(), work.clone());
                let help = move || queue.help(&sender, state, work);
                std::thread::Builder::new().spawn(help).ok()
            })
            .collect();
        Self {
            queue,
            done,
            threads,
            under_way: 0,
        }
    }

    /// Hands out a piece of work.
    pub fn give(&mut self, piece: T) {
        self.queue.lock().pieces.push_back(piece);
        self.queue.arrived.notify_one();
        self.under_way += 1;
    }

    /// Pieces that were handed out and did not come back.
    pub fn under_way(&self) -> usize {
        self.under_way
    }

    /// A piece that is done, if there is one.
    pub fn take_done(&mut self) -> Option<T> {
        let outcome = self.done.try_recv().ok()?;
        self.under_way -= 1;
        Some(outcome.unwrap_or_else(|panic| resume_unwind(panic)))
    }

    /// A piece that is done; if there is none, one that nobody has begun is done with `work`, or else waited for. `None` where nothing is under way.
    pub fn take(&mut self, work: impl FnOnce(T) -> T) -> Option<T> {
        if self.under_way == 0 {
            return None;
        }
        if let Some(done) = self.take_done() {
            return Some(done);
        }
        let untouched = self.queue.lock().pieces.pop_front();
        self.under_way -= 1;
        match untouched {
            Some(piece) => Some(work(piece)),
            None => match self.done.recv().ok()? {
                Ok(done) => Some(done),
                Err(panic) => resume_unwind(panic),
            },
        }
    }
}

impl<T> Queue<T> {
    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        self.waiting.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn help<S>(&self, sender: &Sender<Outcome<T>>, mut state: S, work: impl Fn(&mut S, T) -> T) {
        while let Some(piece) = self.next() {
            let outcome = catch_unwind(AssertUnwindSafe(|| work(&mut state, piece)));
            let is_broken = outcome.is_err();
            if sender.send(outcome).is_err() || is_broken {
                break;
            }
        }
    }

    fn next(&self) -> Option<T> {
        let idle = |waiting: &mut Waiting<T>| waiting.pieces.is_empty() && !waiting.is_over;
        let waiting = self.arrived.wait_while(self.lock(), idle);
        let mut waiting = waiting.unwrap_or_else(|e| e.into_inner());
        waiting.pieces.pop_front()
    }
}

/// What nobody has begun is forgotten; the threads end.
impl<T> Drop for Helpers<T> {
    fn drop(&mut self) {
        let mut waiting = self.queue.lock();
        waiting.pieces.clear();
        waiting.is_over = true;
        drop(waiting);
        self.queue.arrived.notify_all();
        for thread in self.threads.drain(..) {
            // Its panic was told with the piece.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_threads_whoever_waits_does_it_all() {
        let mut helpers = Helpers::new(Vec::<()>::new(), |(), piece: u32| piece);
        helpers.give(3);
        assert_eq!(helpers.under_way(), 1);
        assert_eq!(helpers.take(|piece| 2 * piece), Some(6));
        assert_eq!(helpers.take(|piece| piece), None);
    }

    #[test]
    fn a_panic_reaches_whoever_waits() {
        let outcome = std::panic::catch_unwind(|| {
            let mut helpers = Helpers::new(vec![()], |(), piece: u32| {
                assert!(piece < 5, "too much");
                piece
            });
            (0..10).for_each(|piece| helpers.give(piece));
            while helpers
                .take(|piece| {
                    assert!(piece < 5, "too much");
                    piece
                })
                .is_some()
            {}
        });
        assert!(outcome.is_err());
    }
}
