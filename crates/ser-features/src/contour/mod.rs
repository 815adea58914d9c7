//! Numbers become lines through time: smoothing, stretches and peaks.
//!
//! In the compatible sets a value of *exactly* zero is absent. That rule lives in this module and its callers
//! [`present`] and [`smooth`], and nowhere upstream.

pub(crate) mod smooth;

pub(crate) mod segment;

pub(crate) mod peak;

pub(crate) mod scratch;

pub(crate) mod absent;

/// The values that are there, in order, gaps closed.
pub(crate) fn present(contour: &[f32]) -> Vec<f32> {
    contour.iter().copied().filter(|&v| v != 0.0).collect()
}

/// The contour with 0 wherever `keep` says no for that frame's pitch.
pub(crate) fn masked(contour: &[f32], pitch: &[f32], keep: impl Fn(f32) -> bool) -> Vec<f32> {
    contour
        .iter()
        .zip(pitch)
        .map(|(&v, &p)| if keep(p) { v } else { 0.0 })
        .collect()
}

/// Semitones above which a frame is voiced; an unvoiced one has exactly 0.
const VOICED: f32 = 1e-6;

/// Is the frame with this pitch voiced?
pub(crate) fn is_voiced(semitones: f32) -> bool {
    semitones > VOICED
}

/// Is the frame with this pitch unvoiced?
pub(crate) fn is_unvoiced(semitones: f32) -> bool {
    semitones < VOICED
}

#[test]
fn gaps_are_closed_and_masks_set_zero() {
    assert_eq!(present(&[1.0, 0.0, -0.0, 2.0]), [1.0, 2.0]);
    assert_eq!(
        masked(&[1.0, 2.0, 3.0], &[0.0, 30.0, 0.0], is_voiced),
        [0.0, 2.0, 0.0]
    );
    assert_eq!(
        masked(&[1.0, 2.0, 3.0], &[0.0, 30.0, 0.0], is_unvoiced),
        [1.0, 0.0, 3.0]
    );
}
