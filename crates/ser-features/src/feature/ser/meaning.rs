//! What the columns of eGeMAPS-ser mean, where it is not what they mean in eGeMAPSv02.

use super::summary::is_ratio_scale;
use crate::feature::egemaps::columns::Descriptor as D;
use crate::feature::egemaps::columns::{DescriptorColumn, FunctionalColumn, Statistic, Text, View};
use crate::feature::egemaps::meaning;

/// The unit of a descriptor.
fn unit_of(descriptor: D) -> &'static str {
    match descriptor {
        D::Loudness => "loudness",
        D::Flux => "amplitude",
        D::SlopeLow | D::SlopeHigh => "dB/Hz",
        D::Mfcc1 | D::Mfcc2 | D::Mfcc3 | D::Mfcc4 => "cepstral",
        D::Pitch => "semitone",
        D::Jitter => "ratio",
        D::F1Frequency | D::F2Frequency | D::F3Frequency => "Hz",
        D::F1Bandwidth | D::F2Bandwidth | D::F3Bandwidth => "Hz",
        D::Rap | D::Ppq5 | D::Apq3 | D::Apq11 => "ratio",
        _ => "dB",
    }
}

/// The unit of a functional.
fn unit(column: &FunctionalColumn) -> &'static str {
    match (column.statistic, is_ratio_scale(column.descriptor)) {
        (Statistic::Mean | Statistic::Percentile50, _) | (Statistic::Deviation, false) => {
            unit_of(column.descriptor)
        }
        (Statistic::Deviation, true) => "1",
        _ => column.unit,
    }
}

/// What a functional is.
pub(crate) fn about_functional(column: &FunctionalColumn) -> Text {
    let frames = match column.view {
        View::Quality => "voiced frames",
        View::Timing => return about_timing(column),
        view => meaning::frames(view),
    };
    let over_mean = if is_ratio_scale(column.descriptor) {
        " divided by its mean"
    } else {
        ", not divided by a mean because its zero is a convention"
    };
    let what = meaning::noun(column.descriptor);
    let meaning = meaning::functional(column.statistic, what, frames, over_mean);
    text(column.descriptor, unit(column), meaning)
}

/// What a functional of pauses and syllables is.
fn about_timing(column: &FunctionalColumn) -> Text {
    Text {
        unit: column.unit,
        meaning: meaning::functional(column.statistic, "", "", ""),
        formula: "speech: energy over 70 ms within 25 dB of its 99th percentile; syllables: its peaks in voiced frames, with dips of 2 dB or more between them",
        reference: "de Jong, Wempe (2009), Behavior Research Methods 41, 385–390",
        accuracy: Some(
            "planted syllables and pauses: all found, with background noise 60 dB down; pauses read 0.04 to 0.05 s too short, so the articulation rate up to 5 % too low and the share of speech up to 5 % too high; of speech the paper reports correlations of .71 to .88 with syllables counted by ear; noise less than 25 dB below the speech hides pauses",
        ),
    }
}

/// What a descriptor is.
pub(crate) fn about_descriptor(column: &DescriptorColumn) -> Text {
    let descriptor = column.descriptor;
    let noun = meaning::noun(descriptor);
    let absent = if descriptor.is_of_short_frames() {
        "silence"
    } else {
        "unvoiced frames"
    };
    let meaning = format!("{noun}; absent (NaN) in {absent}; mean of three frames");
    text(descriptor, unit_of(descriptor), meaning)
}

fn text(descriptor: D, unit: &'static str, meaning: String) -> Text {
    Text {
        unit,
        meaning,
        formula: formula(descriptor),
        reference: reference(descriptor).unwrap_or(meaning::reference(descriptor)),
        accuracy: Some(accuracy(descriptor)),
    }
}

/// The formula of a descriptor.
fn formula(descriptor: D) -> &'static str {
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
        D::Jitter => {
            "mean |T_i − T_{i−1}| / mean T_i; T: cycles marked one by one by waveform, or by pulses (120–450 Hz), within 20 ms"
        }
        D::Shimmer => {
            "mean |20·log10(A_i / A_{i−1})|; A: rms around the mark of cycle i, or of its pulse (120–450 Hz), within 20 ms"
        }
        D::Hnr => {
            "10·log10(r / (1 − r)); r: products of samples 1/F0 apart over their energies, under a window, up to 8 kHz"
        }
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
        _ => meaning::formula(descriptor),
    }
}

/// Where a descriptor comes from, if it is another source than in eGeMAPSv02.
fn reference(descriptor: D) -> Option<&'static str> {
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

/// For which voices a descriptor holds and how far off it is, from `tests/planted.rs`, `tests/sources.rs` and `docs/errata.md`. All need 16 kHz, or recordings
/// resampled to it; what is given for "noise" is the signal-to-noise ratio.
fn accuracy(descriptor: D) -> &'static str {
    match descriptor {
        D::Pitch => {
            "F0 65–700 Hz: within 0.05 semitones; long fricatives that ring near 700 Hz count as voice where they have 4 dB of harmonics over noise or more; of the frames of CREMA-D in which at most one of four other trackers hears a voice 9 % count as voice, and 3 % of those in which three agree on one do not"
        }
        D::Jitter => {
            "F0 up to 120 Hz: within 0.1 % and a tenth of itself; up to 400 Hz, no noise: 0.89 to 1.00 of a planted jitter of 1.2 %"
        }
        D::Shimmer => {
            "F0 up to 200 Hz: within 0.1 dB and a sixth of itself; 200–300 Hz, no noise: a planted 0.25 dB within 20 %; up to 400 Hz within 25 %; correlation with Praat .8 on Emo-DB, .6 on CREMA-D, where Praat with other settings has no more with itself"
        }
        D::Hnr => {
            "F0 80–400 Hz, white noise, 5–30 dB: within 1 dB (0.8 too little at 80 Hz and 30 dB); harmonics and noise up to 8 kHz, or as far as the recording goes"
        }
        D::H1H2 | D::H1A3 => "F0 80–250 Hz: within 1 dB",
        D::F1Frequency => {
            "F0 80–250 Hz, no noise: within 3 % for a source of −6 dB per octave, 10 % (close vowels) for glottal pulses of another tilt; above 250 Hz within 15 % up to 300 Hz, then drawn to a harmonic; recordings at 8 kHz: 1.5 % from the same at 16 kHz (median, Emo-DB); where F0 > F1/2, two harmonics around F1 do not tell it from the source: 1.3 to 1.8 % per dB by which H1–H2 of the source differs from 6 dB (/i/, 160 Hz); close back vowels in white noise: 12 % at 20 dB, 30 % at 10 dB"
        }
        D::F2Frequency => {
            "F0 80–250 Hz, no noise: within 3 %, glottal pulses 5 %; recordings at 8 kHz: 1.1 % from the same at 16 kHz (median, Emo-DB); white noise: median 1 to 3 % at 20 and 10 dB, close back vowels 1.3 % at 30 dB, 7 % at 20 and 10 dB; NaN where steady noise exceeds −24 dB of the voice and covers the formant"
        }
        D::F3Frequency => {
            "F0 80–250 Hz, no noise: within 3 %; recordings at 8 kHz: 0.6 % from the same at 16 kHz (median, Emo-DB); white noise: median 0.9 % at 20 dB; NaN where steady noise exceeds −24 dB of the voice and covers the formant: in 4 of 10 vowels at 10 dB"
        }
        D::F1Bandwidth | D::F2Bandwidth | D::F3Bandwidth => {
            "F0 80–250 Hz; no error stated, and none can be: two harmonics do not say how narrow the peak between them is, and noise changes the answer from frame to frame; correlation with Praat on Emo-DB in docs/errata.md"
        }
        D::F1Amplitude | D::F2Amplitude | D::F3Amplitude => {
            "F0 80–250 Hz: within 1 dB where the formant is right"
        }
        D::Cpp => {
            "F0 100–300 Hz: no truth to compare with; a steady vowel has 23 to 28 dB without noise, 9 to 13 at 20 dB of white noise, 4 to 5 at 5 dB; independent of the level"
        }
        D::SourceH1H2 => {
            "F0 90–210 Hz, no noise, source of −6 dB per octave: median error 0.1 dB, worst 1.4"
        }
        D::SourceH2H4 => {
            "F0 90–210 Hz, no noise, source of −6 dB per octave: median error 0.5 dB, worst 2.3"
        }
        D::SourceH1A1 => {
            "F0 90–210 Hz, no noise, source of −6 dB per octave: median error 1.0 dB, worst 3.4; other pulses worst 11.3, where F1 lies between two harmonics; NaN without F1 and F2"
        }
        D::SourceH1A2 => {
            "F0 90–210 Hz, no noise, source of −6 dB per octave: median error 1.3 dB, worst 3.8; other pulses worst 6.6; NaN without F1 and F2"
        }
        D::SourceH1A3 => {
            "F0 90–210 Hz, no noise, source of −6 dB per octave: median error 1.9 dB, worst 3.5; other pulses worst 8.0; NaN without F1, F2 and F3"
        }
        D::Rap | D::Ppq5 => "F0 90–250 Hz, no noise: 0.91 to 1.01 of a planted jitter of 1.2 %",
        D::Apq3 | D::Apq11 => {
            "F0 90–250 Hz, no noise: 0.78 to 1.31 of a planted shimmer of 0.5 dB, 0.9 to 1.0 in the median"
        }
        D::Loudness | D::Energy => "any signal; follows the level",
        D::AlphaRatio
        | D::Hammarberg
        | D::SlopeLow
        | D::SlopeHigh
        | D::Flux
        | D::Mfcc1
        | D::Mfcc2
        | D::Mfcc3
        | D::Mfcc4 => "any signal; recordings below 10 kHz have empty upper bands",
    }
}

#[test]
fn no_text_of_the_corrected_set_speaks_of_the_references_defects() {
    use crate::feature::{FeatureSet, Level};
    for level in [Level::Functionals, Level::Descriptors] {
        for column in FeatureSet::EGeMapsSer.columns(level) {
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
