//! Fundamental frequency: candidates per frame, a path through them, and a gate on the volume.

pub(crate) mod subharmonic;

pub(crate) mod viterbi;

use crate::spectrum::logarithm::ln;

/// Reference of the semitone scale in Hz: A0.
const REFERENCE_HZ: f32 = 27.5;
/// One semitone above the reference; what lies at or below it is given as 1.
const LOWEST_HZ: f32 = 29.136;
/// Root mean square of the windowed long frame above which a pitch is believed.
const GATE_RMS: f32 = 0.001;

/// Semitones above 27.5 Hz: 12·log₂(f/27.5); 0 for an unvoiced frame (f = 0), otherwise at least 1.
pub(crate) fn semitones(f0_hz: f32) -> f32 {
    if f0_hz > LOWEST_HZ {
        12.0 * ln(f0_hz / REFERENCE_HZ) / std::f32::consts::LN_2
    } else if f0_hz > 0.0 {
        1.0
    } else {
        0.0
    }
}

/// The pitch of a frame, 0 where its volume is below the gate.
pub(crate) fn gated(f0_hz: f32, rms: f32) -> f32 {
    if rms > GATE_RMS { f0_hz } else { 0.0 }
}

#[test]
fn an_octave_is_twelve_semitones() {
    assert_eq!(semitones(0.0), 0.0);
    assert_eq!(semitones(29.0), 1.0);
    assert!((semitones(55.0) - 12.0).abs() < 1e-6);
    assert!((semitones(880.0) - 60.0).abs() < 1e-5);
    assert_eq!(gated(100.0, 0.001), 0.0);
    assert_eq!(gated(100.0, 0.0011), 100.0);
}
