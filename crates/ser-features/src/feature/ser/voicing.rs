//! Which of the frames with a pitch have a voice: what rooms and fricatives ring like is told from the recording as a whole.
//!
//! ```text
//! loud        = the mean square that 95 % of the frames stay below
//! background:   a frame 27 dB below loud
//! faint:        a stretch below 200 ms, in the mean 18 dB below loud, nowhere at 4 dB of harmonics over noise (mean of three frames)
//! ring:         a stretch of one or two frames; or one below 80 ms, or of less than 4 dB in the mean, 9 semitones above the median
//!               pitch of all stretches of 80 ms or more
//! ```
//!
//! A ring is shorter than the 48 ms that were looked at: on Emo-DB 70 % of the stretches of one or two frames lie 9 semitones or more above the recording's
//! median, and 3 % of those of 80 ms or more; rooms and fricatives ring like that, near 700 Hz. Faint stretches are the noise of rooms between words: on CREMA-D
//! the rule takes a quarter of the false voices, frames in which at most one of four other trackers hears one, and 0.6 % of those in which three agree on one (`tests/oracle/trackers.py`).
//!
//! Corrected: the compatible sets have an absolute level, and no rule for rings.

use std::ops::Range;

use crate::contour::absent::{ABSENT, is_present, runs, smoothed};
use crate::functional::moment::mean;
use crate::functional::percentile::Ranked;

/// The level that this share of the frames stays below is the recording's loud level.
const LOUD_SHARE: f64 = 0.95;
/// Power relative to the loud level below which a frame is background: −27 dB.
const BACKGROUND: f32 = 2e-3;

/// Fewest frames of a voiced stretch.
const SHORTEST_STRETCH: usize = 3;
/// Frames of a stretch whose pitch is believed whatever it is: 80 ms.
const SETTLED_STRETCH: usize = 8;
/// Mean harmonics-to-noise ratio from which on it is, in dB: fricatives that ring for longer stay below.
const CLEAR_DB: f32 = 4.0;
/// Semitones above the median of the settled stretches from which on a shorter one is no voice.
const FAR_ABOVE: f32 = 9.0;
/// Frames of a stretch that is believed however faint it is: 200 ms.
const STEADY_STRETCH: usize = 20;
/// Mean power relative to the loud level below which a stretch is faint: −18 dB.
const FAINT: f32 = 1.6e-2;

/// Which frames have a voice, by their mean square, their pitch in semitones and their harmonics-to-noise ratio in dB, both absent (NaN) without a pitch.
pub(super) fn have_voice(energy: &[f32], pitch: &[f32], hnr_db: &[f32]) -> Vec<bool> {
    let loud = Ranked::new(energy, &[LOUD_SHARE]).percentile(LOUD_SHARE);
    let (mut pitch, mut hnr_db) = (pitch.to_vec(), hnr_db.to_vec());
    for ((pitch, hnr_db), &energy) in pitch.iter_mut().zip(&mut hnr_db).zip(energy) {
        if energy < BACKGROUND * loud {
            (*pitch, *hnr_db) = (ABSENT, ABSENT);
        }
    }
    let clarity = smoothed(&hnr_db);
    keep_stretches(&mut pitch, |run, _| {
        let is_faint = mean(&energy[run.clone()]) < FAINT * loud;
        let is_clear = clarity[run.clone()].iter().any(|&db| db >= CLEAR_DB);
        run.len() >= STEADY_STRETCH || is_clear || !is_faint
    });
    let settled = runs(&pitch, true).into_iter();
    let settled: Vec<f32> = settled
        .filter(|run| run.len() >= SETTLED_STRETCH)
        .flat_map(|run| &pitch[run])
        .copied()
        .collect();
    let highest = match settled.is_empty() {
        true => f32::INFINITY,
        false => Ranked::new(&settled, &[0.5]).percentile(0.5) + FAR_ABOVE,
    };
    keep_stretches(&mut pitch, |run, pitch| {
        let is_settled = run.len() >= SETTLED_STRETCH && mean(&hnr_db[run.clone()]) >= CLEAR_DB;
        run.len() >= SHORTEST_STRETCH && (is_settled || mean(pitch) < highest)
    });
    pitch.into_iter().map(is_present).collect()
}

/// Makes the pitch absent in all stretches but those that are a voice, by their frames and their pitch.
fn keep_stretches(pitch: &mut [f32], is_voice: impl Fn(&Range<usize>, &[f32]) -> bool) {
    for run in runs(pitch, true) {
        if !is_voice(&run, &pitch[run.clone()]) {
            pitch[run].fill(ABSENT);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A voice of 300 ms, a pause, and a stretch of so many frames, of this level, pitch and harmonics over noise; whether that stretch has a voice.
    fn is_voice(frames: usize, level_db: f32, semitones: f32, hnr_db: f32) -> bool {
        let (mut energy, mut pitch, mut hnr) = (vec![1.0; 30], vec![20.0; 30], vec![15.0; 30]);
        energy.extend([0.0; 10]);
        pitch.extend([ABSENT; 10]);
        hnr.extend([ABSENT; 10]);
        energy.resize(40 + frames, 10_f32.powf(level_db / 10.0));
        pitch.resize(40 + frames, semitones);
        hnr.resize(40 + frames, hnr_db);
        let found = have_voice(&energy, &pitch, &hnr);
        assert!(found[..30].iter().all(|&voice| voice) && !found[30..40].contains(&true));
        assert!(found[40..].iter().all(|&voice| voice == found[40]));
        found[40]
    }

    #[test]
    fn what_is_far_softer_than_the_recording_is_background() {
        assert!(is_voice(30, -26.0, 20.0, 15.0));
        assert!(!is_voice(30, -28.0, 20.0, 15.0));
    }

    #[test]
    fn what_is_faint_and_short_and_never_clear_of_noise_is_none() {
        assert!(!is_voice(19, -19.0, 20.0, 3.9));
        assert!(is_voice(20, -19.0, 20.0, 3.9));
        assert!(is_voice(19, -17.0, 20.0, 3.9));
        assert!(is_voice(19, -19.0, 20.0, 4.1));
    }

    #[test]
    fn what_rings_far_above_the_voice_is_none() {
        assert!(!is_voice(2, 0.0, 20.0, 15.0));
        assert!(is_voice(3, 0.0, 28.0, 15.0));
        assert!(!is_voice(7, 0.0, 30.0, 15.0));
        assert!(is_voice(8, 0.0, 30.0, 4.1));
        assert!(!is_voice(8, 0.0, 30.0, 3.9));
    }

    #[test]
    fn silence_has_none() {
        assert_eq!(have_voice(&[], &[], &[]), []);
        assert_eq!(
            have_voice(&[0.0; 3], &[ABSENT; 3], &[ABSENT; 3]),
            [false; 3]
        );
    }
}
