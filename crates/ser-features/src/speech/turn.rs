//! Turns: stretches of speech between pauses, at most 8 s long.
//!
//! A turn ends at a pause of 0.3 s; one that is shorter than a second waits for a second, so that a short word joins what follows it. Speech without
//! such a pause is cut in its second half where it is quietest. Bursts below 0.1 s are no turns. 20 ms are kept before and after.

use super::activity::{Activity, HOPS_PER_S, Hop};

/// A stretch of speech.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Turn {
    /// Where it begins, in seconds.
    pub start_s: f64,
    /// Where it ends.
    pub end_s: f64,
}

const PAUSE: u64 = 30;
const PAUSE_AFTER_SHORT: u64 = 100;
const SHORT: u64 = 100;
const LONGEST: u64 = 800;
const BURST: u64 = 10;
const MARGIN: u64 = 2;

/// Cuts samples into turns as they come.
#[derive(Clone, Debug)]
pub struct Segmenter {
    activity: Activity,
    rate_hz: u32,
    turns: Cutter,
}

#[derive(Clone, Debug, Default)]
struct Cutter {
    /// Hops judged.
    hops: u64,
    open: Option<Open>,
    /// Where the last turn ended.
    last_end: u64,
}

/// A turn that has begun.
#[derive(Clone, Debug)]
struct Open {
    first: u64,
    /// The hop after the last with speech.
    end: u64,
    /// Levels from `first` on.
    levels: Vec<f64>,
    /// Speech hops.
    speech: u64,
}

impl Segmenter {
    /// For samples at a rate.
    pub fn new(rate_hz: u32) -> Self {
        Self {
            activity: Activity::new(rate_hz),
            rate_hz,
            turns: Cutter::default(),
        }
    }

    /// Seconds taken in so far.
    pub fn length_s(&self) -> f64 {
        self.activity.samples() as f64 / f64::from(self.rate_hz)
    }

    /// Where the turn that is going on begins, in seconds; `None` in a pause.
    pub fn open_since_s(&self) -> Option<f64> {
        let open = self.turns.open.as_ref()?;
        Some(seconds(
            open.first.saturating_sub(MARGIN).max(self.turns.last_end),
        ))
    }

    /// Up to where it is known what is speech, in seconds.
    pub fn judged_s(&self) -> f64 {
        seconds(self.turns.hops)
    }

    /// Before this many seconds no turn to come can begin.
    pub fn settled_s(&self) -> f64 {
        let now = seconds(self.turns.hops.saturating_sub(MARGIN));
        self.open_since_s().unwrap_or(now)
    }

    /// Takes in samples, and hands over the turns that end.
    pub fn push(&mut self, samples: &[f32], mut give: impl FnMut(Turn)) {
        let turns = &mut self.turns;
        self.activity.push(samples, |hop| turns.hop(hop, &mut give));
    }

    /// Ends the recording.
    pub fn finish(&mut self, mut give: impl FnMut(Turn)) {
        let turns = &mut self.turns;
        self.activity.finish(|hop| turns.hop(hop, &mut give));
        let length_s = self.length_s();
        self.turns.close(|turn: Turn| {
            give(Turn {
                end_s: turn.end_s.min(length_s),
                ..turn
            });
        });
    }
}

fn seconds(hops: u64) -> f64 {
    hops as f64 / f64::from(HOPS_PER_S)
}

impl Cutter {
    fn hop(&mut self, hop: Hop, give: &mut impl FnMut(Turn)) {
        let now = self.hops;
        self.hops += 1;
        if self.open.is_none() && hop.speech {
            self.open = Some(Open {
                first: now,
                end: now,
                levels: Vec::new(),
                speech: 0,
            });
        }
        let Some(open) = &mut self.open else {
            return;
        };
        open.levels.push(hop.level_db);
        if hop.speech {
            open.end = now + 1;
            open.speech += 1;
        }
        let pause = match open.end - open.first < SHORT {
            true => PAUSE_AFTER_SHORT,
            false => PAUSE,
        };
        if self.hops - open.end >= pause {
            self.close(give);
        } else if self.hops - open.first >= LONGEST - 2 * MARGIN {
            self.cut(give);
        }
    }

    fn close(&mut self, mut give: impl FnMut(Turn)) {
        let Some(open) = self.open.take() else {
            return;
        };
        if open.speech < BURST {
            return;
        }
        let start = open.first.saturating_sub(MARGIN).max(self.last_end);
        self.last_end = open.end + MARGIN;
        give(Turn {
            start_s: seconds(start),
            end_s: seconds(self.last_end),
        });
    }

    /// Cuts the open turn where its second half is quietest.
    fn cut(&mut self, give: &mut impl FnMut(Turn)) {
        let Some(open) = &mut self.open else {
            return;
        };
        let half = open.levels.len() / 2;
        let quietest = open.levels[half..]
            .iter()
            .enumerate()
            .min_by(|a, b| a.1.total_cmp(b.1))
            .map_or(0, |(i, _)| i);
        let at = half + quietest;
        let start = open.first.saturating_sub(MARGIN).max(self.last_end);
        let cut = open.first + at as u64;
        open.levels.drain(..at);
        open.first = cut;
        open.end = open.end.max(cut);
        open.speech = open.end - cut;
        self.last_end = cut;
        give(Turn {
            start_s: seconds(start),
            end_s: seconds(cut),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 16_000;

    /// Clips of speech with known pauses between them, and which samples are speech.
    fn joined() -> (Vec<f32>, Vec<bool>) {
        let (mut samples, mut truth) = (Vec::new(), Vec::new());
        for (i, name) in ["03a02Wc", "08a04Ff", "13a02Ta", "14a01Na"]
            .iter()
            .cycle()
            .take(12)
            .enumerate()
        {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/speech");
            let path = format!("{folder}/{name}.flac");
            let settings = ser_audio::DecodingSettings::default();
            let mut recording = ser_audio::Recording::open(path.as_ref(), &settings).unwrap();
            let mut clip = Vec::new();
            while let Some(block) = recording.next_block().unwrap() {
                clip.extend_from_slice(block);
            }
            let pause = 8_000 + 4_000 * (i % 5);
            samples.extend(vec![0.0; pause]);
            truth.extend(vec![false; pause]);
            let level = (clip.iter().map(|x| x * x).sum::<f32>() / clip.len() as f32).sqrt();
            samples.extend(clip.iter().map(|x| x * 0.05 / level));
            truth.extend(vec![true; clip.len()]);
        }
        (samples, truth)
    }

    /// White noise by a linear congruential generator.
    fn with_noise(samples: &[f32], level: f32) -> Vec<f32> {
        let mut state = 1_u64;
        let mut noise = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1 << 23) as f32 - 1.0
        };
        samples
            .iter()
            .map(|x| x + level * 3_f32.sqrt() * noise())
            .collect()
    }

    fn turns(samples: &[f32], block: usize) -> Vec<Turn> {
        let mut segmenter = Segmenter::new(RATE);
        let mut turns = Vec::new();
        for block in samples.chunks(block) {
            segmenter.push(block, |turn| turns.push(turn));
        }
        segmenter.finish(|turn| turns.push(turn));
        turns
    }

    fn f1(turns: &[Turn], truth: &[bool]) -> f64 {
        let mut heard = vec![false; truth.len()];
        for turn in turns {
            let at = |s: f64| ((s * f64::from(RATE)) as usize).min(truth.len());
            heard[at(turn.start_s)..at(turn.end_s)].fill(true);
        }
        let both = heard.iter().zip(truth).filter(|(a, b)| **a && **b).count();
        let count = |v: &[bool]| v.iter().filter(|x| **x).count();
        2.0 * both as f64 / (count(&heard) + count(truth)) as f64
    }

    #[test]
    fn known_pauses_are_found_in_noise_of_thirty_twenty_and_ten_decibels() {
        let (samples, truth) = joined();
        assert!(truth.len() > 20 * RATE as usize, "the clips are missing");
        for (snr_db, least) in [(60, 0.95), (30, 0.93), (20, 0.91), (10, 0.85)] {
            let level = 0.05 / 10_f32.powf(snr_db as f32 / 20.0);
            let found = f1(&turns(&with_noise(&samples, level), 4096), &truth);
            println!("{snr_db} dB: F1 {found:.3}");
            assert!(found >= least, "{snr_db} dB: {found}");
        }
    }

    #[test]
    fn the_size_of_blocks_changes_nothing() {
        let (samples, _) = joined();
        let whole = turns(&samples, samples.len());
        assert!(whole.len() >= 4);
        assert_eq!(turns(&samples, 1), whole);
        assert_eq!(turns(&samples, 997), whole);
    }

    #[test]
    fn turns_are_in_order_apart_and_no_longer_than_eight_seconds() {
        let (samples, _) = joined();
        // Without pauses: all clips in one, over and over.
        let speech: Vec<f32> = samples.iter().copied().filter(|x| *x != 0.0).collect();
        let turns = turns(&speech, 4096);
        assert!(turns.len() > 1);
        for pair in turns.windows(2) {
            assert!(pair[0].end_s <= pair[1].start_s);
        }
        for turn in &turns {
            let length = turn.end_s - turn.start_s;
            assert!(length > 0.0 && length <= 8.0 + 1e-9, "{length}");
        }
    }

    #[test]
    fn silence_has_no_turn_and_no_memory() {
        let mut segmenter = Segmenter::new(8000);
        for _ in 0..600 {
            segmenter.push(&[0.0; 8000], |turn| panic!("{turn:?}"));
        }
        assert!((segmenter.settled_s() - segmenter.length_s()).abs() < 1.0);
        segmenter.finish(|turn| panic!("{turn:?}"));
    }
}
