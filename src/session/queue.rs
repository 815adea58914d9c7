//! Samples on their way from whoever reads the stream to whoever measures it, and whether the measuring keeps up.
//!
//! The queue holds so many blocks. When it is full the reader waits, so nothing is lost here; but a microphone does not wait, and what feeds the stream
//! may have lost samples meanwhile. A queue that is full while the stream has brought no more than its time is therefore an overrun. A file that is
//! piped in comes faster than its time, keeps the queue full, and loses nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Instant;

/// How much more than its time a live stream may have brought, seconds: what its maker had kept before it was read.
const SLACK_S: f64 = 1.0;

/// Samples and when they came.
#[derive(Clone, Debug)]
pub struct Block {
    /// Mono.
    pub samples: Vec<f32>,
    /// When they were read.
    pub at: Instant,
}

/// The reader's end.
#[derive(Debug)]
pub struct Sender {
    to: SyncSender<Block>,
    overruns: Arc<AtomicU64>,
    rate_hz: u32,
    begun: Instant,
    samples: u64,
    /// The queue was full at the block before.
    full: bool,
}

/// The end of whoever measures.
#[derive(Debug)]
pub struct Queue {
    /// Where blocks come out.
    pub blocks: Receiver<Block>,
    overruns: Arc<AtomicU64>,
}

/// A queue for so many blocks of a stream.
pub fn queue(blocks: usize, rate_hz: u32) -> (Sender, Queue) {
    let (to, from) = sync_channel(blocks);
    let overruns = Arc::new(AtomicU64::new(0));
    let sender = Sender {
        to,
        overruns: overruns.clone(),
        rate_hz,
        begun: Instant::now(),
        samples: 0,
        full: false,
    };
    let queue = Queue {
        blocks: from,
        overruns,
    };
    (sender, queue)
}

impl Sender {
    /// Hands over samples, waiting while the queue is full; false if nobody takes them any more.
    pub fn send(&mut self, samples: &[f32]) -> bool {
        self.samples += samples.len() as u64;
        let block = Block {
            samples: samples.to_vec(),
            at: Instant::now(),
        };
        match self.to.try_send(block) {
            Ok(()) => {
                self.full = false;
                true
            }
            Err(TrySendError::Disconnected(_)) => false,
            Err(TrySendError::Full(block)) => {
                let brought_s = self.samples as f64 / f64::from(self.rate_hz);
                let live = brought_s <= self.begun.elapsed().as_secs_f64() + SLACK_S;
                if live && !self.full {
                    self.overruns.fetch_add(1, Ordering::SeqCst);
                }
                self.full = true;
                self.to.send(block).is_ok()
            }
        }
    }
}

impl Queue {
    /// How often the measuring fell behind a live stream so far.
    pub fn overruns(&self) -> u64 {
        self.overruns.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Overruns of a stream whose blocks of `block_s` come every `every_ms`, each taken `taken_ms` later than the one before.
    fn overruns(block_s: f64, every_ms: u64, taken_ms: u64) -> u64 {
        let (mut sender, queue) = queue(4, 1000);
        let reader = std::thread::spawn(move || {
            let samples = vec![0.0; (block_s * 1000.0) as usize];
            for _ in 0..40 {
                std::thread::sleep(Duration::from_millis(every_ms));
                assert!(sender.send(&samples));
            }
        });
        while queue.blocks.recv().is_ok() {
            std::thread::sleep(Duration::from_millis(taken_ms));
        }
        reader.join().unwrap();
        queue.overruns()
    }

    #[test]
    fn a_live_stream_that_is_not_kept_up_with_is_an_overrun_and_a_file_is_not() {
        assert!(overruns(0.005, 5, 20) > 0);
        assert_eq!(overruns(10.0, 0, 5), 0);
    }

    #[test]
    fn whoever_sends_learns_that_nobody_listens() {
        let (mut sender, queue) = queue(1, 1000);
        drop(queue);
        assert!(!sender.send(&[0.0]));
    }
}
