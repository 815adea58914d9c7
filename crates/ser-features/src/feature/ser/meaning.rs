//! What the columns of eGeMAPS-ser mean, where it is not what they mean in eGeMAPSv02.

use super::summary::is_ratio_scale;
use crate::feature::egemaps::columns::Descriptor as D;
use crate::feature::egemaps::columns::{FunctionalColumn, Statistic};

/// The unit of a descriptor.
pub(crate) fn unit_of(descriptor: D) -> &'static str {
    match descriptor {
        D::Loudness => "loudness",
        D::Flux => "amplitude",
        D::SlopeLow | D::SlopeHigh => "dB/Hz",
        D::Mfcc1 | D::Mfcc2 | D::Mfcc3 | D::Mfcc4 => "cepstral",
        D::Pitch => "semitone",
        D::Jitter => "ratio",
        D::F1Frequency | D::F2Frequency | D::F3Frequency => "Hz",
        D::F1Bandwidth | D::F2Bandwidth | D::F3Bandwidth => "Hz",
        _ => "dB",
    }
}

/// The unit of a functional.
pub(crate) fn unit(column: &FunctionalColumn) -> &'static str {
    match (column.statistic, is_ratio_scale(column.descriptor)) {
        (Statistic::Mean | Statistic::Percentile50, _) | (Statistic::Deviation, false) => {
            unit_of(column.descriptor)
        }
        (Statistic::Deviation, true) => "1",
        _ => column.unit,
    }
}

/// The meaning of a functional, if it is its own.
pub(crate) fn of_functional(column: &FunctionalColumn, compatible: String) -> String {
    match column.statistic {
        Statistic::Deviation if !is_ratio_scale(column.descriptor) => compatible.replace(
            " divided by its mean (with the mean's sign)",
            ", not divided by a mean because its zero is a convention",
        ),
        Statistic::Deviation => compatible.replace(" (with the mean's sign)", ""),
        _ => compatible,
    }
    .replace("frames where it is not exactly 0", "voiced frames")
    .replace(" (openSMILE counts from the one above F0)", "")
}

/// The meaning of a descriptor.
pub(crate) fn of_descriptor(descriptor: D, compatible: &str) -> String {
    let noun = compatible.split(';').next().unwrap_or(compatible);
    let noun = noun.replace(" (openSMILE counts from the one above F0)", "");
    let absent = if descriptor.is_of_short_frames() {
        "silence"
    } else {
        "unvoiced frames"
    };
    format!("{noun}; absent (NaN) in {absent}; mean of three frames")
}

/// The formula of a descriptor.
pub(crate) fn formula(descriptor: D) -> &'static str {
    match descriptor {
        D::Loudness => {
            "N = Σ_b (E(f_b)·m_b)^0.33; m: power in 26 mel bands up to 5 kHz, E: equal loudness, 1 at 1 kHz"
        }
        D::AlphaRatio => "10·log10(Σ P_k, 1 ≤ f_k ≤ 5 kHz / Σ P_k, 50 Hz ≤ f_k < 1 kHz)",
        D::Hammarberg => "10·log10(max P_k, 50 Hz ≤ f_k < 2 kHz / max P_k, 2 ≤ f_k ≤ 5 kHz)",
        D::SlopeLow | D::SlopeHigh => "Σ (f − f̄)·D / Σ (f − f̄)²; D_k = 10·log10 P_k",
        D::Flux => "sqrt(mean over 50 Hz … 5 kHz of (M_k(t) − M_k(t−1))²); M: amplitudes of sines",
        D::Mfcc1 | D::Mfcc2 | D::Mfcc3 | D::Mfcc4 => {
            "C_i = λ_i · sqrt(2/26) · Σ_b ln m_b · cos(π·i/26·(b + ½)); λ_i = 1 + 11·sin(π·i/22); bands up to 5 kHz"
        }
        D::Energy => "10·log10(max(mean over frames of 1/L·Σ x², 1e-12)), without the offset",
        D::Pitch => "12·log2(F0 / 27.5 Hz); F0: normalised autocorrelation and path, 62.5–800 Hz",
        D::Jitter => "mean |T_i − T_{i−1}| / mean T_i; T: cycles marked one by one, within 20 ms",
        D::Shimmer => {
            "mean |20·log10(A_i / A_{i−1})|; A: rms around the mark of cycle i, within 20 ms"
        }
        D::Hnr => "10·log10(r / (1 − r)); r: autocorrelation at 1/F0 over that of the window",
        D::H1H2 => "L(F0) − L(2·F0)",
        D::H1A3 => "L(F0) − L of the strongest harmonic near F3",
        D::F1Frequency | D::F2Frequency | D::F3Frequency => {
            "arg z · 10 kHz / 2π of the roots z of an all-pole model of the harmonics, tracked"
        }
        D::F1Bandwidth | D::F2Bandwidth | D::F3Bandwidth => {
            "−ln |z| · 10 kHz / π of the roots z of an all-pole model of the harmonics, tracked"
        }
        D::F1Amplitude | D::F2Amplitude | D::F3Amplitude => {
            "L of the strongest harmonic near the formant − L(F0)"
        }
    }
}

/// Where a descriptor comes from, if it is another source than in eGeMAPSv02.
pub(crate) fn reference(descriptor: D) -> Option<&'static str> {
    match descriptor {
        D::Pitch | D::Hnr => Some("Boersma (1993), IFA Proceedings 17, 97–110"),
        D::F1Frequency
        | D::F1Bandwidth
        | D::F2Frequency
        | D::F2Bandwidth
        | D::F3Frequency
        | D::F3Bandwidth => Some(
            "El-Jaroudi, Makhoul (1991), IEEE Trans. Signal Processing 39, 411–423; Xia, Espy-Wilson (2000), ICSLP",
        ),
        _ => None,
    }
}

#[test]
fn no_text_of_the_mended_set_tells_of_the_references_defects() {
    use crate::feature::egemaps::columns::of;
    use crate::feature::{FeatureSet, Level};
    for level in [Level::Functionals, Level::Descriptors] {
        for column in of(FeatureSet::EGeMapsSer, level) {
            for word in [
                "openSMILE",
                "−201",
                "exactly 0",
                "mean's sign",
                "also given",
            ] {
                assert!(
                    !column.meaning.contains(word),
                    "{}: {}",
                    column.name,
                    column.meaning
                );
                assert!(!column.formula.contains(word), "{}", column.name);
            }
        }
    }
}
