//! Work in parallel, results in order.
//!
//! Workers take the next item from a common counter; results are handed over in the order of the items, whoever finishes first. A
//! worker that is too far ahead of the hand-over waits, so that memory stays flat however many items there are.

mod helpers;

pub use helpers::Helpers;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Condvar, Mutex};

/// Results that may wait for an earlier one, per worker.
const AHEAD: usize = 64;

/// Bytes that the results which wait may hold together before no further work is begun. One hour of descriptors has 42 MB.
const HELD: usize = 16 << 20;

/// The most threads: far beyond what one machine has processors, and below what it has open files.
const MOST_THREADS: usize = 256;

/// Runs `work(state, i)` for each `i` below `count` on `threads` threads, each with a state of its own, and hands the results to
/// `accept` in order. Stops early, and says so, when `accept` breaks.
pub fn for_each_in_order<S, T: Send>(
    count: usize,
    threads: usize,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) -> T + Sync,
    accept: impl FnMut(usize, T) -> ControlFlow<()>,
) -> ControlFlow<()> {
    for_each_in_order_weighed(count, threads, state, work, |_| 0, accept)
}

/// The results of `work(i)` for each `i` below `count`, in order, found on `threads` threads; or the error of the first that fails, upon which no more
/// work is begun.
///
/// # Errors
/// What `work` says.
pub fn try_map_in_order<T: Send, E: Send>(
    count: usize,
    threads: usize,
    work: impl Fn(usize) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    let mut results = Vec::with_capacity(count);
    let mut failed = None;
    let accept = |_, result| match result {
        Ok(result) => {
            results.push(result);
            ControlFlow::Continue(())
        }
        Err(error) => {
            failed = Some(error);
            ControlFlow::Break(())
        }
    };
    let _ = for_each_in_order(count, threads, || (), |(), i| work(i), accept);
    failed.map_or(Ok(results), Err)
}

/// As [`for_each_in_order`] for results that may be large: no further work is begun while results of much `weight`, in bytes, wait
/// for an earlier one.
pub fn for_each_in_order_weighed<S, T: Send>(
    count: usize,
    threads: usize,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) -> T + Sync,
    weight: impl Fn(&T) -> usize + Sync,
    mut accept: impl FnMut(usize, T) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let threads = threads.clamp(1, count.clamp(1, MOST_THREADS));
    if threads == 1 {
        let mut state = state();
        return (0..count).try_for_each(|i| accept(i, work(&mut state, i)));
    }
    let queue = Queue::new(count, threads * AHEAD);
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        let mut running = 0;
        for _ in 0..threads {
            let (queue, sender) = (&queue, sender.clone());
            let (state, work, weight) = (&state, &work, &weight);
            let spawned = std::thread::Builder::new().spawn_scoped(scope, move || {
                let _stop = StopOnPanic(queue);
                drain(queue, &sender, state(), work, weight);
            });
            if spawned.is_err() {
                break; // The system gives no more: those that run do the work.
            }
            running += 1;
        }
        if running == 0 {
            drop(sender);
            let mut state = state();
            return (0..count).try_for_each(|i| accept(i, work(&mut state, i)));
        }
        drop(sender);
        let flow = hand_over(&queue, &receiver, &mut accept);
        queue.stop();
        flow
    })
}

fn drain<S, T>(
    queue: &Queue,
    sender: &Sender<(usize, T, usize)>,
    mut state: S,
    work: &impl Fn(&mut S, usize) -> T,
    weight: &impl Fn(&T) -> usize,
) {
    while let Some(i) = queue.take() {
        let result = work(&mut state, i);
        let held = weight(&result);
        queue.hold(held);
        if sender.send((i, result, held)).is_err() {
            break;
        }
    }
}

fn hand_over<T>(
    queue: &Queue,
    receiver: &Receiver<(usize, T, usize)>,
    accept: &mut impl FnMut(usize, T) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut early = BTreeMap::new();
    let mut next = 0;
    for (i, result, held) in receiver {
        early.insert(i, (result, held));
        while let Some((result, held)) = early.remove(&next) {
            accept(next, result)?;
            next += 1;
            queue.handed_over(next, held);
        }
    }
    ControlFlow::Continue(())
}

/// The common counter, and how far the hand-over is.
struct Queue {
    count: usize,
    ahead: usize,
    next: AtomicUsize,
    stopped: AtomicBool,
    done: Mutex<usize>,
    /// Bytes of results that are not handed over.
    held: AtomicUsize,
    moved: Condvar,
}

impl Queue {
    fn new(count: usize, ahead: usize) -> Self {
        Self {
            count,
            ahead,
            next: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
            done: Mutex::new(0),
            held: AtomicUsize::new(0),
            moved: Condvar::new(),
        }
    }

    fn take(&self) -> Option<usize> {
        let i = self.next.fetch_add(1, Ordering::Relaxed);
        if i >= self.count {
            return None;
        }
        let done = self.done.lock().unwrap_or_else(|e| e.into_inner());
        let waiting = |done: &mut usize| self.is_too_far(i, *done) && !self.is_stopped();
        drop(
            self.moved
                .wait_while(done, waiting)
                .unwrap_or_else(|e| e.into_inner()),
        );
        (!self.is_stopped()).then_some(i)
    }

    /// Must item `i` wait when `done` are handed over? The one that all others wait for never does.
    fn is_too_far(&self, i: usize, done: usize) -> bool {
        i >= done + self.ahead || (i > done && self.held.load(Ordering::SeqCst) > HELD)
    }

    fn hold(&self, bytes: usize) {
        self.held.fetch_add(bytes, Ordering::SeqCst);
    }

    fn handed_over(&self, done: usize, bytes: usize) {
        self.held.fetch_sub(bytes, Ordering::SeqCst);
        *self.done.lock().unwrap_or_else(|e| e.into_inner()) = done;
        self.moved.notify_all();
    }

    fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Under the lock, so that no worker misses the call between its test and its wait.
        let _done = self.done.lock().unwrap_or_else(|e| e.into_inner());
        self.moved.notify_all();
    }

    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }
}

/// Lets the other workers go when one panics, so that the panic reaches the caller.
struct StopOnPanic<'a>(&'a Queue);

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_error_in_order_is_the_one_that_is_told() {
        for threads in [1, 4] {
            let squares = try_map_in_order(100, threads, |i| Ok::<_, ()>(i * i));
            assert_eq!(squares, Ok((0..100).map(|i| i * i).collect()));
            let failed = try_map_in_order(100, threads, |i| match i {
                // The later one is likely to be found before.
                40 => {
                    std::thread::sleep(std::time::Duration::from_millis(5));
                    Err(40)
                }
                41 => Err(41),
                _ => Ok(()),
            });
            assert_eq!(failed, Err(40));
        }
    }

    #[test]
    fn results_come_in_order_at_any_number_of_threads() {
        for threads in [1, 2, 7] {
            let mut seen = Vec::new();
            let flow = for_each_in_order(
                1000,
                threads,
                || (),
                |_, i| i * i,
                |i, square| {
                    assert_eq!(square, i * i);
                    seen.push(i);
                    ControlFlow::Continue(())
                },
            );
            assert!(flow.is_continue());
            assert_eq!(seen, (0..1000).collect::<Vec<_>>());
        }
    }

    /// The first item ends only when the second has: its result has to wait.
    #[test]
    fn a_result_that_is_early_waits_for_its_turn() {
        let (sender, receiver) = mpsc::channel();
        let (sender, receiver) = (Mutex::new(sender), Mutex::new(receiver));
        let mut seen = Vec::new();
        let work = |_: &mut (), i: usize| {
            match i {
                0 => receiver.lock().unwrap().recv().unwrap(),
                1 => sender.lock().unwrap().send(()).unwrap(),
                _ => {}
            }
            i
        };
        let flow = for_each_in_order(
            20,
            2,
            || (),
            work,
            |i, _| {
                seen.push(i);
                ControlFlow::Continue(())
            },
        );
        assert!(flow.is_continue());
        assert_eq!(seen, (0..20).collect::<Vec<_>>());
    }

    #[test]
    fn breaking_stops_the_workers() {
        let started = AtomicUsize::new(0);
        let flow = for_each_in_order(
            100_000,
            4,
            || (),
            |_, i| {
                started.fetch_add(1, Ordering::Relaxed);
                i
            },
            |i, _| {
                if i == 10 {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            },
        );
        assert!(flow.is_break());
        // Items 0 to 10 were handed over, and nobody may be further ahead than this.
        assert!(started.load(Ordering::Relaxed) <= 11 + 4 * AHEAD);
    }

    #[test]
    fn no_items_is_no_work() {
        assert!(
            for_each_in_order(0, 4, || (), |_, i| i, |_, _| ControlFlow::Break(())).is_continue()
        );
    }

    #[test]
    fn heavy_results_hold_back_all_but_the_item_that_is_waited_for() {
        let queue = Queue::new(1000, 64);
        assert!(!queue.is_too_far(63, 0));
        assert!(queue.is_too_far(64, 0));
        queue.hold(HELD + 1);
        assert!(queue.is_too_far(6, 5));
        assert!(!queue.is_too_far(5, 5));
        queue.handed_over(1, HELD + 1);
        assert!(!queue.is_too_far(6, 5));
    }
}
