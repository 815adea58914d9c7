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
#[derive(Clone, Debug)]
pub struct ActiveSpeech {
    decay: f64,
    hangover: usize,
    thresholds: [f64; THRESHOLDS],
    active: [usize; THRESHOLDS],
    /// Samples since the envelope was above each threshold.
    since: [usize; THRESHOLDS],
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
            since: [hangover; THRESHOLDS],
            smooth: 0.0,
            envelope: 0.0,
            energy: 0.0,
            samples: 0,
        }
    }

    /// Takes in the next samples.
    pub fn push(&mut self, samples: &[f32]) {
        let decay = self.decay;
        self.samples += samples.len();
        for &sample in samples {
            let sample = f64::from(sample);
            self.energy += sample * sample;
            self.smooth = decay * self.smooth + (1.0 - decay) * sample.abs();
            self.envelope = decay * self.envelope + (1.0 - decay) * self.smooth;
            for j in 0..THRESHOLDS {
                if self.envelope >= self.thresholds[j] {
                    self.since[j] = 0;
                    self.active[j] += 1;
                } else if self.since[j] < self.hangover {
                    self.since[j] += 1;
                    self.active[j] += 1;
                }
            }
        }
    }

    /// Level and activity of all samples; none for silence.
    pub fn finish(self) -> Option<SpeechLevel> {
        let Self {
            thresholds,
            active,
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
    fn silence_has_no_level() {
        assert_eq!(speech_level(&[0.0; 1000], RATE), None);
        assert_eq!(speech_level(&[], RATE), None);
    }
}
