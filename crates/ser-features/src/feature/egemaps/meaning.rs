//! What the columns mean, in words: composed from their descriptor, the frames that count, and the statistic.
//!
//! The texts are for users who know speech and not this program; formulas are those at the head of the descriptor's module.

use super::columns::{Descriptor, FunctionalColumn, Statistic, View};
use Descriptor as D;

/// The meaning of a functional.
pub(super) fn of_functional(column: &FunctionalColumn) -> String {
    let (what, frames) = (noun(column.descriptor), frames(column.view));
    match column.statistic {
        Statistic::Mean => format!("mean of {what}, {frames}"),
        Statistic::Deviation => format!(
            "standard deviation of {what} divided by its mean (with the mean's sign), {frames}"
        ),
        Statistic::Percentile20 => format!("20th percentile of {what}, {frames}"),
        Statistic::Percentile50 => format!("median of {what}, {frames}"),
        Statistic::Percentile80 => format!("80th percentile of {what}, {frames}"),
        Statistic::Range20To80 => format!("80th minus 20th percentile of {what}, {frames}"),
        Statistic::MeanRising => format!("mean slope of the rising parts of {what}, {frames}"),
        Statistic::DeviationRising => {
            format!("standard deviation of the slopes of the rising parts of {what}, {frames}")
        }
        Statistic::MeanFalling => {
            format!("mean slope of the falling parts of {what}, falling counted positive, {frames}")
        }
        Statistic::DeviationFalling => {
            format!("standard deviation of the slopes of the falling parts of {what}, {frames}")
        }
        Statistic::PeakRate => format!("peaks of {what} per second: a measure of syllable rate"),
        Statistic::SegmentRate => format!("{frames} per second"),
        Statistic::SegmentMean => format!("mean length of the {frames}"),
        Statistic::SegmentDeviation => format!("standard deviation of the lengths of the {frames}"),
        Statistic::Level => {
            format!("level of {what} over the whole recording, relative to full scale")
        }
    }
}

/// The meaning of a descriptor.
pub(super) fn of_descriptor(descriptor: Descriptor) -> String {
    let absent = match descriptor {
        d if d.is_of_short_frames() => "",
        D::F1Frequency | D::F2Frequency | D::F3Frequency => "; also given in unvoiced frames",
        D::F1Bandwidth | D::F2Bandwidth | D::F3Bandwidth => "; also given in unvoiced frames",
        D::H1A3 | D::H1H2 | D::Pitch | D::Jitter | D::Shimmer | D::Hnr => "; 0 in unvoiced frames",
        _ => "; −201 in unvoiced frames",
    };
    format!("{}{absent}; mean of three frames", noun(descriptor))
}

/// Which frames, or stretches of frames, a statistic is taken over.
fn frames(view: View) -> &'static str {
    match view {
        View::All | View::Raw => "all frames",
        View::Pitch | View::VoicedQuality | View::Voiced => "voiced frames",
        View::Quality => "frames where it is not exactly 0",
        View::Unvoiced => "unvoiced frames",
        View::VoicedStretches => "voiced stretches",
        View::UnvoicedStretches => "unvoiced stretches",
    }
}

fn noun(descriptor: Descriptor) -> &'static str {
    match descriptor {
        D::Loudness => "perceived loudness (auditory spectrum)",
        D::AlphaRatio => "the alpha ratio: energy of 1–5 kHz over energy below 1 kHz",
        D::Hammarberg => {
            "the Hammarberg index: strongest peak below 2 kHz over strongest peak of 2–5 kHz"
        }
        D::SlopeLow => "the slope of the power spectrum in dB over 0–500 Hz",
        D::SlopeHigh => "the slope of the power spectrum in dB over 500–1500 Hz",
        D::Flux => "spectral flux: change of the magnitude spectrum from frame to frame",
        D::Mfcc1 => "mel-frequency cepstral coefficient 1",
        D::Mfcc2 => "mel-frequency cepstral coefficient 2",
        D::Mfcc3 => "mel-frequency cepstral coefficient 3",
        D::Mfcc4 => "mel-frequency cepstral coefficient 4",
        D::Energy => "the mean energy",
        D::Pitch => "pitch (F0) in semitones above 27.5 Hz",
        D::Jitter => "jitter: difference of the lengths of neighbouring periods over their mean",
        D::Shimmer => "shimmer: difference of the amplitudes of neighbouring periods",
        D::Hnr => "the harmonics-to-noise ratio",
        D::H1H2 => "the first over the second harmonic (openSMILE counts from the one above F0)",
        D::H1A3 => "the first harmonic over the strongest one near formant 3",
        D::F1Frequency => "the frequency of formant 1",
        D::F1Bandwidth => "the bandwidth of formant 1",
        D::F1Amplitude => "the level of the strongest harmonic near formant 1, relative to F0",
        D::F2Frequency => "the frequency of formant 2",
        D::F2Bandwidth => "the bandwidth of formant 2",
        D::F2Amplitude => "the level of the strongest harmonic near formant 2, relative to F0",
        D::F3Frequency => "the frequency of formant 3",
        D::F3Bandwidth => "the bandwidth of formant 3",
        D::F3Amplitude => "the level of the strongest harmonic near formant 3, relative to F0",
    }
}

/// The formula of a descriptor.
pub(super) fn formula(descriptor: Descriptor) -> &'static str {
    match descriptor {
        D::Loudness => {
            "N = 1/26 · Σ_b (max(m_b, 9.3e-10) · W(f_b))^0.33; m: power in 26 mel bands, W: equal loudness"
        }
        D::AlphaRatio => "10·log10(Σ P_k, 1 ≤ f_k ≤ 5 kHz / Σ P_k, f_k < 1 kHz)",
        D::Hammarberg => "10·log10(max P_k, f_k < 2 kHz / max P_k, 2 ≤ f_k ≤ 5 kHz)",
        D::SlopeLow | D::SlopeHigh => {
            "(n·Σ f·D − Σ f·Σ D) / (n·Σ f² − (Σ f)²); D_k = 10·log10 P_k, n: one less than the points"
        }
        D::Flux => "sqrt(1/(U+1) · Σ_{k=0..U} (M_k(t) − M_k(t−1))²); M: magnitudes up to 5 kHz",
        D::Mfcc1 | D::Mfcc2 | D::Mfcc3 | D::Mfcc4 => {
            "C_i = λ_i · sqrt(2/26) · Σ_b ln(max(32767²·m_b, 1)) · cos(π·i/26·(b + ½)); λ_i = 1 + 11·sin(π·i/22)"
        }
        D::Energy => "10·log10(max(mean over frames of 1/L·Σ x², 1e-12))",
        D::Pitch => {
            "12·log2(F0 / 27.5 Hz); F0: sub-harmonic summation, Viterbi-smoothed, 55–1000 Hz"
        }
        D::Jitter => "mean |T_i − T_{i−1}| / mean T_i; T: periods of the waveform",
        D::Shimmer => "20·log10(1 + Σ |A_i − A_{i−1}| / Σ (A_i + A_{i−1})/2); A: peak to peak",
        D::Hnr => {
            "10·log10(r(τ) / (r(0) − r(τ))); r: autocorrelation, τ: its maximum nearest to 1/F0"
        }
        D::H1H2 => "rel_1 − rel_2; rel_i = 20·log10(M(i·F0 + F0) / M(F0))",
        D::H1A3 => "rel_1 − rel_j; j: the strongest harmonic within ± 20 % of F3",
        D::F1Frequency | D::F2Frequency | D::F3Frequency => {
            "|arg z| · 11 kHz / 2π of the roots z of a linear predictor of order 11 at 11 kHz, sorted"
        }
        D::F1Bandwidth | D::F2Bandwidth | D::F3Bandwidth => {
            "−ln |z| · 11 kHz / π of the roots z of a linear predictor of order 11 at 11 kHz"
        }
        D::F1Amplitude | D::F2Amplitude | D::F3Amplitude => {
            "20·log10(M(j·F0) / M(F0)), at least −200; j: the strongest harmonic within ± 20 % of the formant"
        }
    }
}

/// Where a descriptor comes from. All are in F. Eyben et al. (2016), the paper of the sets.
pub(super) fn reference(descriptor: Descriptor) -> &'static str {
    match descriptor {
        D::Loudness => "Hermansky (1990), JASA 87, 1738–1752",
        D::AlphaRatio => "Sundberg, Nordenberg (2006), JASA 120, 453–457",
        D::Hammarberg => "Hammarberg et al. (1980), Acta Oto-Laryngologica 90, 441–451",
        D::SlopeLow | D::SlopeHigh => {
            "Tamarit, Goudbeek, Scherer (2008), Proc. Speech Analysis and Processing for Knowledge Discovery"
        }
        D::Mfcc1 | D::Mfcc2 | D::Mfcc3 | D::Mfcc4 => {
            "Davis, Mermelstein (1980), IEEE Trans. ASSP 28, 357–366"
        }
        D::Pitch => "Hermes (1988), JASA 83, 257–264",
        D::Jitter | D::Shimmer => {
            "Medan, Yair, Chazan (1991), IEEE Trans. Signal Processing 39, 40–48 (the periods)"
        }
        D::Hnr => "Boersma (1993), IFA Proceedings 17, 97–110",
        D::H1H2 | D::H1A3 | D::F1Amplitude | D::F2Amplitude | D::F3Amplitude => {
            "Hanson (1997), JASA 101, 466–481"
        }
        D::F1Frequency
        | D::F1Bandwidth
        | D::F2Frequency
        | D::F2Bandwidth
        | D::F3Frequency
        | D::F3Bandwidth => "Atal, Hanauer (1971), JASA 50, 637–655",
        D::Flux | D::Energy => "Eyben et al. (2016), IEEE Trans. Affective Computing 7, 190–202",
    }
}

#[test]
fn a_cryptic_name_is_explained() {
    use crate::feature::egemaps::columns::of;
    use crate::feature::{FeatureSet, Level};
    let columns = of(FeatureSet::EGeMapsV02, Level::Functionals);
    let column = columns
        .iter()
        .find(|c| c.name == "slopeUV0-500_sma3nz_amean")
        .unwrap();
    assert_eq!(
        column.meaning,
        "mean of the slope of the power spectrum in dB over 0–500 Hz, unvoiced frames"
    );
    assert_eq!(column.group.name(), "Spectral slope 0–500 Hz UV");
}
