//! Harmonics of a recording that was made at 8 kHz, continued to 5 kHz.
//!
//! A recording made at 8 kHz has nothing above 4 kHz, and an all-pole model through the cliff spends its poles there. Where the harmonics of a frame
//! fall by 50 dB or more from 2.6–3.7 to above 4.15 kHz, those above 3.8 kHz are replaced by what voices have there in the mean, after
//! pre-emphasis 3 dB less than from 2.6 to 3.7 kHz. (Voices do not fall off like that: the steepest shouted vowels do by 27 dB within 500 Hz. Of 3, 4, 6, 8 and 10 dB,
//! 3 was chosen on Emo-DB, where F1 at 8 kHz then differs least from F1 at 16 kHz; on CREMA-D, which had no part in it, F1, F2 and F3 come nearer too.) Tried, no
//! gain: a model of four pairs of poles up to 4 kHz, whose F1 differs from that of the whole band by 4.1 % instead of 2.6 (Emo-DB, means of recordings).

use std::borrow::Cow;

use super::waves::EMPHASIS_FROM_HZ;
use crate::descriptor::harmonic::corrected::Harmonics;
use crate::spectrum::logarithm::ln;

/// Where harmonics of a narrow band, which ends at the Nyquist frequency of telephony, are no longer believed.
const NARROW_HZ: f32 = 3800.0;
/// How far a voice falls beyond, in nepers of power: 3 dB.
const NARROW_FALL: f32 = 0.3 * std::f32::consts::LN_10;
/// Bands whose mean levels are compared to tell a narrow band from a wide one, and how much there is in between, in nepers of power: 50 dB.
const BELOW_END_HZ: std::ops::Range<f32> = 2600.0..3700.0;
const ABOVE_END_HZ: std::ops::Range<f32> = 4150.0..5000.0;
const CLIFF: f32 = 5.0 * std::f32::consts::LN_10;

/// The harmonics as they are, or continued where they end at 4 kHz.
pub(super) fn believable(harmonics: &Harmonics) -> Cow<'_, Harmonics> {
    match is_narrow(harmonics) {
        true => Cow::Owned(continued(harmonics)),
        false => Cow::Borrowed(harmonics),
    }
}

/// Does the recording end at 4 kHz, as one at 8 kHz does? The levels of its harmonics then fall off a cliff.
fn is_narrow(harmonics: &Harmonics) -> bool {
    let mean = |band: std::ops::Range<f32>| {
        let (mut sum, mut count) = (0.0, 0.0);
        for h in (0..harmonics.count).filter(|&h| band.contains(&harmonics.hz[h])) {
            sum += harmonics.level[h];
            count += 1.0;
        }
        // Not a number without harmonics, which is no cliff.
        sum / count
    };
    mean(BELOW_END_HZ) - mean(ABOVE_END_HZ) > CLIFF
}

/// Levels of a narrow band, continued beyond its end as flat as voices are in the mean.
fn continued(harmonics: &Harmonics) -> Harmonics {
    let emphasis = |hz: f32| ln(1.0 + (hz / EMPHASIS_FROM_HZ as f32).powi(2));
    let (mut sum, mut count) = (0.0, 0.0);
    for h in (0..harmonics.count).filter(|&h| BELOW_END_HZ.contains(&harmonics.hz[h])) {
        sum += harmonics.level[h] + emphasis(harmonics.hz[h]);
        count += 1.0;
    }
    let level = sum / count - NARROW_FALL;
    let mut whole = *harmonics;
    for h in (0..harmonics.count).filter(|&h| harmonics.hz[h] > NARROW_HZ) {
        whole.hz[h] = (h + 1) as f32 * harmonics.f0_hz;
        whole.level[h] = level - emphasis(whole.hz[h]);
    }
    whole
}
