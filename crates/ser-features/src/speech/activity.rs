//! Speech or pause, every 10 ms, from how far the voice stands out of whatever else there is.
//!
//! ```text
//! y = samples between 150 Hz and 8 kHz          second-order Butterworth, bilinear transform (Bristow-Johnson's cookbook)
//! S_t, L_t = 10 log₁₀ (mean of y² over hops t-1 … t+1, over t-7 … t+7)          10 ms a hop
//! f, v; F, V = 10th and 95th percentile of S; of L, over the past, weights e^(-age / 30 s)
//! speech at t:  L_t > max(F + min(max(0.3 (V - F), 5), 14), V - 42) dB  and  S_t > max(f, v - 38) dB,       percentiles known 0.3 s after t
//! ```
//!
//! Over 150 ms babble and music swell less than a voice does, so a threshold a third of the way from the floor to the voice stays above them; the level
//! over 30 ms says where exactly speech begins and ends. In a quiet room neither counts what lies some 40 dB below the voice: breath, and the room itself.
//! The constants were chosen on a third of the speakers of two corpora in four backgrounds; `tests/turns.rs` measures on the others.
//!
//! It knows nothing of what speech is: a door that is as loud as the voice is taken for it.

use std::collections::VecDeque;

/// Hops per second.
pub const HOPS_PER_S: u32 = 100;
/// Hops after which a hop is judged.
const DELAY: usize = 30;
/// Time constant of the histograms, hops.
const MEMORY: f64 = 3000.0;
/// Width of a step of a histogram, dB, its lowest step, and how many.
const STEP_DB: f64 = 0.5;
const LOWEST_DB: f64 = -100.0;
const STEPS: usize = 300;
/// The quantiles that stand for the background and for the voice.
const FLOOR: f64 = 0.10;
const VOICE: f64 = 0.95;
/// Where between the two the threshold lies, and how far above the floor at least and at most, dB.
const SHARE: f64 = 0.30;
const LEAST_DB: f64 = 5.0;
const MOST_DB: f64 = 14.0;
/// How far below the voice nothing is speech, dB, over 150 and over 30 ms.
const DROP_LONG_DB: f64 = 42.0;
const DROP_SHORT_DB: f64 = 38.0;
/// Hops before and after that a level is a mean over.
const SHORT: usize = 1;
const LONG: usize = 7;
/// The band, Hz.
const BAND_HZ: (f64, f64) = (150.0, 8000.0);

/// A second-order section in transposed direct form II.
#[derive(Clone, Debug)]
struct Section {
    b: [f64; 3],
    a: [f64; 2],
    state: [f64; 2],
}

impl Section {
    /// Butterworth at `cutoff_hz`, high-pass or low-pass.
    fn new(cutoff_hz: f64, rate_hz: f64, high: bool) -> Self {
        let (sin, cos) = libm::sincos(std::f64::consts::TAU * cutoff_hz / rate_hz);
        let alpha = sin * std::f64::consts::FRAC_1_SQRT_2;
        let scale = 1.0 / (1.0 + alpha);
        let (outer, inner) = match high {
            true => ((1.0 + cos) / 2.0, -(1.0 + cos)),
            false => ((1.0 - cos) / 2.0, 1.0 - cos),
        };
        Self {
            b: [outer * scale, inner * scale, outer * scale],
            a: [-2.0 * cos * scale, (1.0 - alpha) * scale],
            state: [0.0; 2],
        }
    }

    fn run(&mut self, x: f64) -> f64 {
        let y = self.b[0] * x + self.state[0];
        self.state[0] = self.b[1] * x - self.a[0] * y + self.state[1];
        self.state[1] = self.b[2] * x - self.a[1] * y;
        y
    }
}

/// Levels of hops, each a mean over some hops before and after, and their histogram.
#[derive(Clone, Debug)]
struct Levels {
    /// Hops before and after.
    half: usize,
    /// Mean squares of the last hops, up to `2 half + 1`.
    recent: VecDeque<f64>,
    /// Hops taken in.
    hops: usize,
    /// Levels that are not judged yet.
    waiting: VecDeque<f64>,
    histogram: Vec<f64>,
    weight: f64,
    total: f64,
}

impl Levels {
    fn new(half: usize) -> Self {
        Self {
            half,
            recent: VecDeque::new(),
            hops: 0,
            waiting: VecDeque::new(),
            histogram: vec![0.0; STEPS],
            weight: 1.0,
            total: 0.0,
        }
    }

    /// Takes in the mean square of a hop.
    fn push(&mut self, energy: f64) {
        self.recent.push_back(energy);
        self.hops += 1;
        if self.recent.len() > 2 * self.half + 1 {
            self.recent.pop_front();
        }
        if self.hops > self.half {
            self.level();
        }
    }

    /// Ends the recording: the last hops have fewer after them.
    fn finish(&mut self) {
        for left in (0..self.half.min(self.hops)).rev() {
            if self.recent.len() > self.half + 1 + left {
                self.recent.pop_front();
            }
            self.level();
        }
    }

    fn level(&mut self) {
        let mean = self.recent.iter().sum::<f64>() / self.recent.len().max(1) as f64;
        let level = 10.0 * libm::log10(mean + 1e-10);
        let step = ((level - LOWEST_DB) / STEP_DB).clamp(0.0, STEPS as f64 - 1.0) as usize;
        self.weight *= libm::exp(1.0 / MEMORY);
        self.histogram[step] += self.weight;
        self.total += self.weight;
        if self.weight > 1e6 {
            self.histogram
                .iter_mut()
                .for_each(|count| *count /= self.weight);
            self.total /= self.weight;
            self.weight = 1.0;
        }
        self.waiting.push_back(level);
    }

    /// The levels of background and voice, dB.
    fn floor_and_voice(&self) -> (f64, f64) {
        let (mut sum, mut floor, mut voice) = (0.0, None, None);
        for (step, count) in self.histogram.iter().enumerate() {
            sum += count;
            let level = LOWEST_DB + STEP_DB * step as f64;
            if floor.is_none() && sum >= FLOOR * self.total {
                floor = Some(level);
            }
            if sum >= VOICE * self.total {
                voice = Some(level);
                break;
            }
        }
        let floor = floor.unwrap_or(LOWEST_DB);
        (floor, voice.unwrap_or(floor))
    }
}

/// Tells speech from pauses as the samples come.
#[derive(Clone, Debug)]
pub struct Activity {
    rate_hz: u32,
    sections: Vec<Section>,
    samples: u64,
    hops: u64,
    energy: f64,
    in_hop: u32,
    short: Levels,
    long: Levels,
}

/// One hop, judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hop {
    /// Level in the band over 30 ms, dB re full scale.
    pub level_db: f64,
    /// Speech, or a pause.
    pub speech: bool,
}

impl Activity {
    /// For samples at a rate.
    pub fn new(rate_hz: u32) -> Self {
        let rate = f64::from(rate_hz);
        let mut sections = vec![Section::new(BAND_HZ.0, rate, true)];
        if rate > 2.2 * BAND_HZ.1 {
            sections.push(Section::new(BAND_HZ.1, rate, false));
        }
        Self {
            rate_hz,
            sections,
            samples: 0,
            hops: 0,
            energy: 0.0,
            in_hop: 0,
            short: Levels::new(SHORT),
            long: Levels::new(LONG),
        }
    }

    /// Samples taken in so far.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// Takes in samples, and hands over each hop that can be judged by then.
    pub fn push(&mut self, samples: &[f32], mut judge: impl FnMut(Hop)) {
        for &sample in samples {
            let y = self
                .sections
                .iter_mut()
                .fold(f64::from(sample), |x, section| section.run(x));
            self.energy += y * y;
            self.in_hop += 1;
            self.samples += 1;
            // Where a hop ends in samples, so that odd rates keep time.
            let end = (self.hops + 1) * u64::from(self.rate_hz) / u64::from(HOPS_PER_S);
            if self.samples >= end {
                self.hop();
                if self.short.waiting.len() > DELAY {
                    judge(self.judged());
                }
            }
        }
    }

    fn hop(&mut self) {
        let energy = self.energy / f64::from(self.in_hop.max(1));
        (self.energy, self.in_hop) = (0.0, 0);
        self.hops += 1;
        self.short.push(energy);
        self.long.push(energy);
    }

    /// Judges the first hop that waits.
    fn judged(&mut self) -> Hop {
        let (floor, voice) = self.long.floor_and_voice();
        let above = (SHARE * (voice - floor)).clamp(LEAST_DB, MOST_DB);
        let long_db = (floor + above).max(voice - DROP_LONG_DB);
        let (floor, voice) = self.short.floor_and_voice();
        let short_db = floor.max(voice - DROP_SHORT_DB);
        let level = |levels: &mut Levels| levels.waiting.pop_front().unwrap_or(LOWEST_DB);
        let (short, long) = (level(&mut self.short), level(&mut self.long));
        Hop {
            level_db: short,
            speech: long > long_db && short > short_db,
        }
    }

    /// Ends the recording: judges what waits.
    pub fn finish(&mut self, mut judge: impl FnMut(Hop)) {
        if self.in_hop > 0 {
            self.hop();
        }
        self.short.finish();
        self.long.finish();
        while !self.short.waiting.is_empty() {
            judge(self.judged());
        }
    }
}

#[test]
fn every_hop_is_judged_once_whatever_the_length() {
    for hops in [0, 1, 2, 5, 8, 15, 16, 40, 100] {
        let mut activity = Activity::new(8000);
        let mut judged = 0;
        activity.push(&vec![0.1; 80 * hops], |_| judged += 1);
        activity.finish(|_| judged += 1);
        assert_eq!(judged, hops);
    }
}
