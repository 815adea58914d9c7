//! Active speech level: how loud the speech is, whatever the pauses between.
//!
//! ```text
//! p_i = g p_(i-1) + (1-g) |x_i|,   q_i = g q_(i-1) + (1-g) p_i,   g = exp(-1 / (f T))      the envelope, T = 30 ms
//! a_j = samples with q ≥ c_j, or within H = 200 ms after one;  c_j = 2^-j                    how long speech is active
//! A_j = 10 log₁₀(Σx² / a_j),   C_j = 20 log₁₀ c_j                                            dB re full scale
//! level = A where A − C = 15.9 dB                                                            between the c_j, interpolated
//! ```
//!
//! A long-term level counts pauses as quiet speech, so that recordings with long margins would come out too loud after levelling by it. Method B
//! asks at which threshold the speech above it is 15.9 dB louder than the threshold. Of silence there is no level.
//!
//! Differs: the standard finds the crossing by halving intervals, here the straight line between two thresholds is solved, which is what the
//! halving converges to.
//!
//! ITU-T Recommendation P.56 (12/2011), "Objective measurement of active speech level", method B.

use std::ops::Range;

/// Time constant of the envelope, seconds (P.56, table 1).
const TIME_S: f64 = 0.03;
/// How long speech counts as active after the envelope fell, seconds (table 1).
const HANGOVER_S: f64 = 0.2;
/// Speech level above its threshold, dB (table 1).
const MARGIN_DB: f64 = 15.9;
/// Thresholds 2^-1 … 2^-15, those of 16-bit samples.
const THRESHOLDS: usize = 15;

/// Level and share of active speech.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpeechLevel {
    /// Level of active speech in dB re full scale (a square wave of ±1 has 0 dB).
    pub level_db: f64,
    /// Share of the time in which speech is active, 0 to 1.
    pub activity: f64,
}

/// The active speech level; none for silence.
pub fn speech_level(samples: &[f32], rate_hz: u32) -> Option<SpeechLevel> {
    let mut active = ActiveSpeech::new(rate_hz);
    active.push(samples);
    active.finish()
}

/// The active speech level of samples as they come, in memory that does not grow.
///
/// The envelope crosses a threshold a few times a second: samples between two crossings are counted together.
#[derive(Clone, Debug)]
pub struct ActiveSpeech {
    decay: f64,
    hangover: usize,
    thresholds: [f64; THRESHOLDS],
    /// Counted up to the last crossing of each threshold.
    active: [usize; THRESHOLDS],
    /// The sample of that crossing; none before the first.
    crossed: [Option<usize>; THRESHOLDS],
    /// The highest threshold that the envelope reaches; all beyond it, which are lower, are reached too.
    reached: usize,
    smooth: f64,
    envelope: f64,
    energy: f64,
    samples: usize,
}

impl ActiveSpeech {
    /// For samples at a rate.
    pub fn new(rate_hz: u32) -> Self {
        let rate = f64::from(rate_hz);
        let hangover = (rate * HANGOVER_S).round() as usize;
        Self {
            decay: libm::exp(-1.0 / (rate * TIME_S)),
            hangover,
            thresholds: std::array::from_fn(|j| 0.5_f64.powi(j as i32 + 1)),
            active: [0; THRESHOLDS],
            crossed: [None; THRESHOLDS],
            reached: THRESHOLDS,
            smooth: 0.0,
            envelope: 0.0,
            energy: 0.0,
            samples: 0,
        }
    }

    /// Takes in the next samples.
    pub fn push(&mut self, samples: &[f32]) {
        let decay = self.decay;
        let (mut energy, mut smooth, mut envelope) = (self.energy, self.smooth, self.envelope);
        let mut between = self.neighbours();
        for (&sample, number) in samples.iter().zip(self.samples..) {
            let sample = f64::from(sample);
            energy += sample * sample;
            smooth = decay * smooth + (1.0 - decay) * sample.abs();
            envelope = decay * envelope + (1.0 - decay) * smooth;
            if !between.contains(&envelope) {
                self.cross(envelope, number);
                between = self.neighbours();
            }
        }
        (self.energy, self.smooth, self.envelope) = (energy, smooth, envelope);
        self.samples += samples.len();
    }

    /// The envelopes at which no threshold is crossed.
    fn neighbours(&self) -> Range<f64> {
        let threshold = |j: usize| self.thresholds.get(j).copied();
        let above = self.reached.checked_sub(1).and_then(threshold);
        threshold(self.reached).unwrap_or(f64::NEG_INFINITY)..above.unwrap_or(f64::INFINITY)
    }

    /// The envelope of sample `number` is beyond its neighbours.
    fn cross(&mut self, envelope: f64, number: usize) {
        let reached = self.thresholds.iter().position(|&c| envelope >= c);
        let reached = reached.unwrap_or(THRESHOLDS);
        for j in reached.min(self.reached)..reached.max(self.reached) {
            self.active[j] = self.active_before(j, number);
            self.crossed[j] = Some(number);
        }
        self.reached = reached;
    }

    /// How many samples before `number` are active by threshold `j`.
    fn active_before(&self, j: usize, number: usize) -> usize {
        let since = self.crossed[j].map_or(0, |crossed| number - crossed);
        let limit = if j < self.reached {
            self.hangover
        } else {
            usize::MAX
        };
        self.active[j] + since.min(limit)
    }

    /// Level and activity of all samples; none for silence.
    pub fn finish(self) -> Option<SpeechLevel> {
        let active: [usize; THRESHOLDS] =
            std::array::from_fn(|j| self.active_before(j, self.samples));
        let Self {
            thresholds,
            energy,
            samples,
            ..
        } = self;
        if energy <= 0.0 {
            return None;
        }
        let level = |j: usize| 10.0 * libm::log10(energy / active[j] as f64);
        let excess = |j: usize| level(j) - 20.0 * libm::log10(thresholds[j]) - MARGIN_DB;
        let active_speech = |level_db: f64| {
            let activity = energy / libm::pow(10.0, level_db / 10.0) / samples as f64;
            SpeechLevel {
                level_db,
                activity: activity.min(1.0),
            }
        };
        // Thresholds fall with j, and the excess rises.
        for j in 0..THRESHOLDS {
            if active[j] == 0 || excess(j) < 0.0 {
                continue;
            }
            if j == 0 || active[j - 1] == 0 {
                return Some(active_speech(level(j)));
            }
            let (above, below) = (excess(j - 1), excess(j));
            let share = above / (above - below);
            return Some(active_speech(
                level(j - 1) + share * (level(j) - level(j - 1)),
            ));
        }
        // Fainter than the lowest threshold: all of it counts.
        Some(active_speech(10.0 * libm::log10(energy / samples as f64)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 16_000;

    fn tone(seconds: f64, amplitude: f64) -> Vec<f32> {
        let sample = |i: usize| (amplitude * (i as f64 * 0.4).sin()) as f32;
        (0..(seconds * f64::from(RATE)) as usize)
            .map(sample)
            .collect()
    }

    /// A talk spurt every second: on for 0.5 s.
    fn spurts(amplitude: f64) -> Vec<f32> {
        let mut samples = tone(10.0, amplitude);
        for (i, sample) in samples.iter_mut().enumerate() {
            if i % RATE as usize >= RATE as usize / 2 {
                *sample = 0.0;
            }
        }
        samples
    }

    #[test]
    fn a_steady_tone_is_active_all_the_time() {
        let found = speech_level(&tone(10.0, 0.1), RATE).unwrap();
        // A sine of amplitude a has 20 log10(a) - 3.01 dB.
        assert!((found.level_db + 23.01).abs() < 0.1, "{found:?}");
        assert!(found.activity > 0.98);
    }

    #[test]
    fn pauses_lower_the_level_by_no_more_than_their_hangover() {
        let found = speech_level(&spurts(0.1), RATE).unwrap();
        // Active 0.5 s of each second and some 0.2 to 0.3 s after it; the energy of a spurt is then spread over that time.
        assert!((0.7..0.8).contains(&found.activity), "{found:?}");
        let expected = -23.01 + 10.0 * (0.5 / found.activity).log10();
        assert!((found.level_db - expected).abs() < 0.01, "{found:?}");
    }

    #[test]
    fn silence_around_speech_does_not_change_its_level() {
        let speech = spurts(0.1);
        let mut padded = vec![0.0; 5 * RATE as usize];
        padded.extend(&speech);
        padded.extend(vec![0.0; 20 * RATE as usize]);
        let (bare, padded) = (
            speech_level(&speech, RATE).unwrap(),
            speech_level(&padded, RATE).unwrap(),
        );
        assert!(
            (bare.level_db - padded.level_db).abs() < 0.15,
            "{bare:?} {padded:?}"
        );
    }

    #[test]
    fn twice_the_amplitude_is_six_decibels_more() {
        let quiet = speech_level(&spurts(0.05), RATE).unwrap();
        let loud = speech_level(&spurts(0.1), RATE).unwrap();
        assert!((loud.level_db - quiet.level_db - 6.02).abs() < 0.01);
    }

    #[test]
    fn crossings_count_what_samples_count_one_by_one() {
        let mut samples = spurts(0.3);
        samples.extend(tone(0.7, 1.5));
        samples.extend(vec![0.0; RATE as usize / 10]);
        samples.extend(tone(0.1, 0.004));
        // Numbers that are none reach no threshold.
        for odd in [None, Some(f32::INFINITY), Some(f32::NAN)] {
            samples.extend(odd);
            samples.extend(tone(0.05, 0.02));
            let mut active = ActiveSpeech::new(RATE);
            let (mut expected, mut since) = ([0; THRESHOLDS], [active.hangover; THRESHOLDS]);
            for sample in &samples {
                active.push(std::slice::from_ref(sample));
                for j in 0..THRESHOLDS {
                    let reached = active.envelope >= active.thresholds[j];
                    since[j] = if reached { 0 } else { since[j] + 1 };
                    expected[j] += usize::from(since[j] <= active.hangover);
                }
            }
            let counted = std::array::from_fn(|j| active.active_before(j, active.samples));
            assert_eq!(counted, expected, "{odd:?}");
            let mut together = ActiveSpeech::new(RATE);
            together.push(&samples);
            let together: [usize; THRESHOLDS] =
                std::array::from_fn(|j| together.active_before(j, together.samples));
            assert_eq!(together, expected, "{odd:?}");
        }
    }

    #[test]
    fn silence_has_no_level() {
        assert_eq!(speech_level(&[0.0; 1000], RATE), None);
        assert_eq!(speech_level(&[], RATE), None);
    }
}
