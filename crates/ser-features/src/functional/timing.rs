//! Pauses and syllables, from the course of the level.
//!
//! ```text
//! I(t)     = 10·log₁₀ of the energy under a Hann window of 70 ms
//! silent   : I(t) below the 99th percentile of I − 25 dB          pause: silent for 0.3 s or longer, between two sounding parts
//! syllable : a peak of I in a sounding, voiced frame, with a dip of 2 dB or more between it and the one before
//! speech rate = syllables / duration          articulation rate = syllables / sounding time          share = sounding time / duration
//! ```
//!
//! N. H. de Jong, T. Wempe (2009), "Praat script to detect syllable nuclei and measure speech rate automatically", Behavior Research Methods 41, 385–390: of
//! speech rates measured so and counted by ear they report correlations of .71 to .88.

use crate::contour::absent::is_present;
use crate::functional::percentile::Ranked;
use crate::spectrum::logarithm::log10;

/// Frames of the smoothing window.
const WINDOW: usize = 7;
/// How far below the loud level silence begins, and the loud level's share.
const SILENCE_DB: f32 = 25.0;
const LOUD_SHARE: f64 = 0.99;
const SHORTEST_PAUSE_S: f32 = 0.3;
const DIP_DB: f32 = 2.0;
/// −120 dB: the energy of nothing.
const LEAST: f32 = 1e-12;

/// Rhythm of a recording; 0 where there is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Timing {
    pub speech_rate: f32,
    pub articulation_rate: f32,
    pub pauses: f32,
    pub pause_s: f32,
    pub sounding_share: f32,
}

impl Timing {
    /// From the energies of frames `period_s` apart and their pitch, absent (NaN) where unvoiced.
    pub fn measure(energy: &[f32], pitch: &[f32], period_s: f32) -> Self {
        let level = levels_db(energy);
        let threshold = Ranked::new(&level, &[LOUD_SHARE]).percentile(LOUD_SHARE) - SILENCE_DB;
        let least = 10.0 * log10(LEAST);
        let sounds: Vec<bool> = level.iter().map(|&l| l >= threshold && l > least).collect();
        let (Some(first), Some(last)) = (
            sounds.iter().position(|&s| s),
            sounds.iter().rposition(|&s| s),
        ) else {
            return Self::default();
        };
        // A tenth of a frame more, since periods are no whole numbers of bits.
        let shortest = (SHORTEST_PAUSE_S / period_s - 0.1).ceil() as usize;
        let pauses: Vec<usize> = sounds[first..=last]
            .chunk_by(|a, b| a == b)
            .filter(|run| !run[0] && run.len() >= shortest)
            .map(<[bool]>::len)
            .collect();
        let silent: usize = pauses.iter().sum();
        let sounding_s = (last + 1 - first - silent) as f32 * period_s;
        let duration_s = energy.len() as f32 * period_s;
        let is_nucleus = |t: usize| sounds[t] && pitch.get(t).is_some_and(|&p| is_present(p));
        let syllables = peaks(&level).into_iter().filter(|&t| is_nucleus(t)).count() as f32;
        Self {
            speech_rate: syllables / duration_s,
            articulation_rate: syllables / sounding_s,
            pauses: pauses.len() as f32,
            pause_s: silent as f32 * period_s / pauses.len().max(1) as f32,
            sounding_share: sounding_s / duration_s,
        }
    }
}

/// I(t).
fn levels_db(energy: &[f32]) -> Vec<f32> {
    let half = WINDOW / 2;
    let weights = crate::frame::window::hann(WINDOW);
    (0..energy.len())
        .map(|t| {
            let near = (t.saturating_sub(half)..(t + half + 1).min(energy.len()))
                .map(|s| (weights[s + half - t], energy[s]));
            let (mut sum, mut weight) = (0.0, 0.0);
            for (w, e) in near {
                sum += w * e;
                weight += w;
            }
            10.0 * log10((sum / weight).max(LEAST))
        })
        .collect()
}

/// The peaks, each 2 dB or more above the dip before it and above the one after it.
fn peaks(level: &[f32]) -> Vec<usize> {
    let mut peaks = Vec::new();
    let (mut dip, mut highest) = (f32::INFINITY, None::<usize>);
    for (t, &here) in level.iter().enumerate() {
        match highest {
            None => {
                dip = dip.min(here);
                if here >= dip + DIP_DB {
                    highest = Some(t);
                }
            }
            Some(peak) if here > level[peak] => highest = Some(t),
            Some(peak) if here <= level[peak] - DIP_DB => {
                peaks.push(peak);
                highest = None;
                dip = here;
            }
            Some(_) => {}
        }
    }
    // The end of the recording is a dip.
    peaks.extend(highest);
    peaks
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Phrases of as many syllables of 200 ms, 0.5 s of silence between them; 0.2 s of it at the ends.
    fn speech(phrases: &[usize]) -> (Vec<f32>, Vec<f32>) {
        let mut energy = vec![0.0; 20];
        for (p, &syllables) in phrases.iter().enumerate() {
            if p > 0 {
                energy.resize(energy.len() + 50, 0.0);
            }
            for _ in 0..syllables {
                let rise = |t: usize| 0.05 + 0.95 * (0.157_f32 * t as f32 + 0.0785).sin().powi(2);
                energy.extend((0..20).map(|t| 1e-2 * rise(t)));
            }
        }
        energy.resize(energy.len() + 20, 0.0);
        let pitch = energy
            .iter()
            .map(|&e| if e > 0.0 { 30.0 } else { f32::NAN });
        let pitch = pitch.collect();
        (energy, pitch)
    }

    #[test]
    fn planted_pauses_and_syllables_are_counted() {
        let (energy, pitch) = speech(&[5, 7, 4]);
        let found = Timing::measure(&energy, &pitch, 0.01);
        let duration_s = 0.01 * energy.len() as f32;
        assert_eq!(found.pauses, 2.0);
        // The window of 70 ms reaches into the silence by up to two frames on either side.
        assert!((found.pause_s - 0.48).abs() < 0.025, "{found:?}");
        assert!(
            (found.speech_rate - 16.0 / duration_s).abs() < 1e-4,
            "{found:?}"
        );
        assert!((found.articulation_rate - 5.0).abs() < 0.2, "{found:?}");
        assert!(
            (found.sounding_share - 3.2 / duration_s).abs() < 0.03,
            "{found:?}"
        );
    }

    #[test]
    fn without_voice_there_are_no_syllables_and_of_nothing_there_is_nothing() {
        let (energy, pitch) = speech(&[5]);
        let found = Timing::measure(&energy, &vec![f32::NAN; pitch.len()], 0.01);
        assert_eq!((found.speech_rate, found.pauses), (0.0, 0.0));
        assert_eq!(Timing::measure(&[0.0; 50], &[], 0.01), Timing::default());
        assert_eq!(Timing::measure(&[], &[], 0.01), Timing::default());
    }
}
