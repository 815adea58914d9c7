//! What the columns mean, in words: composed from their descriptor, the frames that count, and the statistic.
//!
//! The texts are for users who know speech and not this program; formulas are those at the head of the descriptor's module.

use super::columns::{Descriptor, DescriptorColumn, FunctionalColumn, Statistic, Text, View};
use Descriptor as D;

/// What a functional of a published set is.
pub(crate) fn about_functional(column: &FunctionalColumn) -> Text {
    let what = noun_with_note(column.descriptor);
    let over_mean = " divided by its mean (with the mean's sign)";
    let meaning = functional(column.statistic, &what, frames(column.view), over_mean);
    text(column.descriptor, column.unit, meaning)
}

/// What a descriptor of a published set is.
pub(crate) fn about_descriptor(column: &DescriptorColumn) -> Text {
    let meaning = of_descriptor(column.descriptor);
    text(column.descriptor, column.unit, meaning)
}

fn text(descriptor: Descriptor, unit: &'static str, meaning: String) -> Text {
    Text {
        unit,
        meaning,
        formula: formula(descriptor),
        reference: reference(descriptor),
        accuracy: None,
    }
}

/// A statistic in words; `over_mean` says by what a deviation is divided.
pub(crate) fn functional(
    statistic: Statistic,
    what: &str,
    frames: &str,
    over_mean: &str,
) -> String {
    match statistic {
        Statistic::Mean => format!("mean of {what}, {frames}"),
        Statistic::Deviation => format!("standard deviation of {what}{over_mean}, {frames}"),
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
        Statistic::SpeechRate => "syllables per second of the recording".to_owned(),
        Statistic::ArticulationRate => {
            "syllables per second of speech, pauses and silent ends left out".to_owned()
        }
        Statistic::PauseCount => "number of pauses of 0.3 s or longer within the speech".to_owned(),
        Statistic::PauseMean => "mean length of the pauses; 0 without one".to_owned(),
        Statistic::PhonationShare => {
            "share of the recording that is speech, pauses and silent ends left out".to_owned()
        }
    }
}

/// The meaning of a descriptor.
fn of_descriptor(descriptor: Descriptor) -> String {
    let absent = match descriptor {
        d if d.is_of_short_frames() => "",
        D::F1Frequency | D::F2Frequency | D::F3Frequency => "; also given in unvoiced frames",
        D::F1Bandwidth | D::F2Bandwidth | D::F3Bandwidth => "; also given in unvoiced frames",
        D::H1A3 | D::H1H2 | D::Pitch | D::Jitter | D::Shimmer | D::Hnr => "; 0 in unvoiced frames",
        _ => "; −201 in unvoiced frames",
    };
    format!(
        "{}{absent}; mean of three frames",
        noun_with_note(descriptor)
    )
}

/// Which frames, or stretches of frames, a statistic is taken over.
pub(crate) fn frames(view: View) -> &'static str {
    match view {
        View::All | View::Raw | View::Timing => "all frames",
        View::Pitch | View::VoicedQuality | View::Voiced => "voiced frames",
        View::Quality => "frames where it is not exactly 0",
        View::Unvoiced => "unvoiced frames",
        View::VoicedStretches => "voiced stretches",
        View::UnvoicedStretches => "unvoiced stretches",
    }
}

fn noun_with_note(descriptor: Descriptor) -> String {
    let note = match descriptor {
        D::H1H2 => " (openSMILE counts from the one above F0)",
        _ => "",
    };
    format!("{}{note}", noun(descriptor))
}

/// What a descriptor measures.
pub(crate) fn noun(descriptor: Descriptor) -> &'static str {
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
        D::H1H2 => "the first over the second harmonic",
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
        D::Cpp => {
            "the cepstral peak prominence, smoothed: how far harmonics stand out; low in breathy and rough voices"
        }
        D::SourceH1H2 => {
            "H1*−H2*: the first over the second harmonic of the voice source, without the formants; high in breathy voices"
        }
        D::SourceH2H4 => {
            "H2*−H4*: the second over the fourth harmonic of the voice source, without the formants"
        }
        D::SourceH1A1 => {
            "H1*−A1*: the first harmonic of the voice source over that nearest to formant 1, without the formants"
        }
        D::SourceH1A2 => {
            "H1*−A2*: the first harmonic of the voice source over that nearest to formant 2, without the formants"
        }
        D::SourceH1A3 => {
            "H1*−A3*: the first harmonic of the voice source over that nearest to formant 3, without the formants"
        }
        D::Rap => "jitter (RAP): how far a period is from the mean of three, over the mean period",
        D::Ppq5 => "jitter (PPQ5): how far a period is from the mean of five, over the mean period",
        D::Apq3 => {
            "shimmer (APQ3): how far an amplitude is from the mean of three, over the mean amplitude"
        }
        D::Apq11 => {
            "shimmer (APQ11): how far an amplitude is from the mean of eleven, over the mean amplitude"
        }
    }
}

/// The formula of a descriptor.
pub(crate) fn formula(descriptor: Descriptor) -> &'static str {
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
        D::Cpp => {
            "max C(q) − line(q), 1/500 ≤ q ≤ 1/60 s; C: 10·log10 of the squared cosine transform of 10·log10 P up to 5 kHz, mean over 30 ms and q ± 0.25 ms; line: fitted to C from 1 to 17 ms"
        }
        D::SourceH1H2 => {
            "L*(F0) − L*(2·F0); L* = L − Σ gain of formants 1 to 3, bandwidths by Hawks, Miller (1995)"
        }
        D::SourceH2H4 => {
            "L*(2·F0) − L*(4·F0); L* = L − Σ gain of formants 1 to 3, bandwidths by Hawks, Miller (1995)"
        }
        D::SourceH1A1 | D::SourceH1A2 | D::SourceH1A3 => {
            "L*(F0) − L*(j·F0), j·F0 nearest to the formant; L* = L − Σ gain of formants 1 to 3, bandwidths by Hawks, Miller (1995)"
        }
        D::Rap => "Σ |T_i − mean(T_{i−1} … T_{i+1})| / Σ T_i, cycles within 20 ms",
        D::Ppq5 => "Σ |T_i − mean(T_{i−2} … T_{i+2})| / Σ T_i, cycles within 20 ms",
        D::Apq3 => "Σ |A_i − mean(A_{i−1} … A_{i+1})| / Σ A_i, cycles within 20 ms",
        D::Apq11 => "Σ |A_i − mean(A_{i−5} … A_{i+5})| / Σ A_i, cycles within 20 ms",
    }
}

/// Where a descriptor comes from. All are in F. Eyben et al. (2016), the paper of the sets.
pub(crate) fn reference(descriptor: Descriptor) -> &'static str {
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
        D::Cpp => "Hillenbrand, Houde (1996), J. Speech Hear. Res. 39, 311–321",
        D::SourceH1H2 | D::SourceH2H4 | D::SourceH1A1 | D::SourceH1A2 | D::SourceH1A3 => {
            "Hanson (1997), JASA 101, 466–481; Iseli, Shue, Alwan (2007), JASA 121, 2283–2295"
        }
        D::Rap => "Koike (1973), Studia Phonologica 7, 17–23",
        D::Ppq5 | D::Apq3 | D::Apq11 => "Davis (1976), SCRL Monograph 13",
        D::Flux | D::Energy => "Eyben et al. (2016), IEEE Trans. Affective Computing 7, 190–202",
    }
}

#[test]
fn a_cryptic_name_is_explained() {
    use crate::feature::{FeatureSet, Level};
    let columns = FeatureSet::EGeMapsV02.columns(Level::Functionals);
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
