//! The turns of a recording with their samples, as the samples come.
//!
//! Held are the samples of the turn that is going on and a second before it, whatever the length of the stream. Where a hop is asked for, the turn so
//! far is handed over every hop too. How the samples are cut into blocks changes nothing: pushes are split where a hop ends.

use super::turn::{Segmenter, Turn};

/// The shortest part of a turn that is handed over before the turn has ended, seconds.
const LEAST_S: f64 = 0.5;

/// A stretch of speech with its samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spoken<'a> {
    /// Where it is.
    pub turn: Turn,
    /// False for a turn that may go on.
    pub ended: bool,
    /// Its samples.
    pub samples: &'a [f32],
}

/// Finds turns and keeps their samples.
#[derive(Clone, Debug)]
pub struct Listener {
    segmenter: Segmenter,
    rate_hz: u32,
    /// Samples from one look into an open turn to the next.
    hop: Option<u64>,
    /// Samples from number `first` on.
    held: Vec<f32>,
    first: u64,
}

impl Listener {
    /// For samples at a rate; with `hop_s`, an open turn is handed over every so many seconds.
    pub fn new(rate_hz: u32, hop_s: Option<f64>) -> Self {
        Self {
            segmenter: Segmenter::new(rate_hz),
            rate_hz,
            hop: hop_s.map(|hop| ((hop * f64::from(rate_hz)).round() as u64).max(1)),
            held: Vec::new(),
            first: 0,
        }
    }

    /// Seconds taken in so far.
    pub fn length_s(&self) -> f64 {
        self.segmenter.length_s()
    }

    /// Samples held at the moment.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// Takes in samples, and hands over the turns that end and the looks that are due.
    pub fn push(&mut self, mut samples: &[f32], mut give: impl FnMut(Spoken<'_>)) {
        while !samples.is_empty() {
            let position = self.first + self.held.len() as u64;
            let until_hop = self.hop.map_or(u64::MAX, |hop| hop - position % hop);
            let count = usize::try_from(until_hop).map_or(samples.len(), |n| n.min(samples.len()));
            let (now, rest) = samples.split_at(count);
            samples = rest;
            self.held.extend_from_slice(now);
            let (held, first, rate_hz) = (&self.held, self.first, self.rate_hz);
            self.segmenter.push(now, |turn| {
                give(spoken(held, first, rate_hz, turn, true));
            });
            if count as u64 == until_hop {
                self.look(&mut give);
            }
            self.forget();
        }
    }

    /// Ends the stream.
    pub fn finish(&mut self, mut give: impl FnMut(Spoken<'_>)) {
        let (held, first, rate_hz) = (&self.held, self.first, self.rate_hz);
        self.segmenter
            .finish(|turn| give(spoken(held, first, rate_hz, turn, true)));
        self.held.clear();
    }

    /// Hands over the turn that is going on.
    fn look(&self, give: &mut impl FnMut(Spoken<'_>)) {
        let Some(start_s) = self.segmenter.open_since_s() else {
            return;
        };
        let end_s = self.segmenter.judged_s();
        if end_s - start_s >= LEAST_S {
            let turn = Turn { start_s, end_s };
            give(spoken(&self.held, self.first, self.rate_hz, turn, false));
        }
    }

    /// Lets go of samples before the turn that is going on, a second's worth at once so that each is moved once.
    fn forget(&mut self) {
        let settled = (self.segmenter.settled_s() * f64::from(self.rate_hz)) as u64;
        let unneeded = (settled.saturating_sub(self.first) as usize).min(self.held.len());
        if unneeded > self.rate_hz as usize {
            self.held.drain(..unneeded);
            self.first += unneeded as u64;
        }
    }
}

fn spoken(held: &[f32], first: u64, rate_hz: u32, turn: Turn, ended: bool) -> Spoken<'_> {
    let within = |seconds: f64| {
        let sample = (seconds * f64::from(rate_hz)).round() as u64;
        (sample.saturating_sub(first) as usize).min(held.len())
    };
    Spoken {
        turn,
        ended,
        samples: &held[within(turn.start_s)..within(turn.end_s)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noise in bursts of 2.5 s with pauses of 1 s, then a burst of 20 s; 8 kHz.
    fn bursts() -> Vec<f32> {
        let mut state = 1_u32;
        let mut noise = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32 - 0.5
        };
        let mut samples = Vec::new();
        for length in [2.5, 2.5, 2.5, 20.0, 2.5] {
            samples.extend((0..8000).map(|_| 1e-4 * noise()));
            samples.extend((0..(length * 8000.0) as usize).map(|_| 0.2 * noise()));
        }
        samples.extend((0..8000).map(|_| 1e-4 * noise()));
        samples
    }

    fn all(samples: &[f32], block: usize, hop_s: Option<f64>) -> Vec<(Turn, bool, Vec<f32>)> {
        let mut listener = Listener::new(8000, hop_s);
        let mut found = Vec::new();
        for block in samples.chunks(block) {
            listener.push(block, |spoken| {
                found.push((spoken.turn, spoken.ended, spoken.samples.to_vec()));
            });
            assert!(listener.held() < 11 * 8000, "{}", listener.held());
        }
        listener.finish(|spoken| {
            found.push((spoken.turn, spoken.ended, spoken.samples.to_vec()));
        });
        found
    }

    #[test]
    fn samples_are_those_of_the_stretch_and_blocks_change_nothing() {
        let samples = bursts();
        let found = all(&samples, 997, Some(0.7));
        assert!(found.iter().filter(|(_, ended, _)| *ended).count() >= 6);
        assert!(found.iter().filter(|(_, ended, _)| !ended).count() >= 10);
        for (turn, _, own) in &found {
            let at = |s: f64| (s * 8000.0).round() as usize;
            assert_eq!(
                own[..],
                samples[at(turn.start_s)..at(turn.end_s)],
                "{turn:?}"
            );
        }
        assert_eq!(all(&samples, 1, Some(0.7)), found);
        let mut ended = found;
        ended.retain(|(_, ended, _)| *ended);
        assert_eq!(all(&samples, 4096, None), ended);
    }
}
