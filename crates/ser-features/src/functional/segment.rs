//! Rate and lengths of the voiced and unvoiced stretches.

use crate::contour::segment::stretches;

/// Statistics of the stretches of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Segments {
    /// Stretches per second.
    pub rate: f32,
    /// Mean length in seconds.
    pub mean_s: f32,
    /// Population standard deviation of the lengths in seconds.
    pub deviation_s: f32,
}

/// Stretches of a contour whose values pass `test`; all 0 if there is none.
pub(crate) fn segments(contour: &[f32], period_s: f32, test: impl Fn(f32) -> bool) -> Segments {
    let lengths = stretches(contour, test);
    if lengths.is_empty() {
        return Segments::default();
    }
    let count = lengths.len() as f32;
    let mean = lengths.iter().fold(0.0_f32, |sum, &l| sum + l as f32) / count;
    let variance = lengths.iter().fold(0.0_f32, |sum, &l| {
        let deviation = l as f32 - mean;
        sum + deviation * deviation
    }) / count;
    Segments {
        rate: count / (period_s * contour.len() as f32),
        mean_s: mean * period_s,
        deviation_s: variance.sqrt() * period_s,
    }
}

#[test]
fn two_stretches_in_a_tenth_of_a_second() {
    let contour = [1.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0];
    let s = segments(&contour, 0.01, |v| v != 0.0);
    assert!((s.rate - 20.0).abs() < 1e-4);
    assert!((s.mean_s - 0.03).abs() < 1e-7 && (s.deviation_s - 0.01).abs() < 1e-7);
    assert_eq!(segments(&[0.0; 9], 0.01, |v| v != 0.0), Segments::default());
}
