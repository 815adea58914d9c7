//! The columns as data: published name, contour, what of it counts, functional, group, unit, and the smallest set with it.
//!
//! Names and values come from the same lines, so they cannot drift apart.

use super::group::Group;
use super::version::{FeatureSet, Since};
use Since::{EGeMaps, GeMaps, Plus, V02};

/// The low-level descriptors, one contour each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the columns below say what each is")]
pub enum Descriptor {
    // Of the short frames.
    Loudness,
    AlphaRatio,
    Hammarberg,
    SlopeLow,
    SlopeHigh,
    Flux,
    Mfcc1,
    Mfcc2,
    Mfcc3,
    Mfcc4,
    Energy,
    // Of the long frames.
    Pitch,
    Jitter,
    Shimmer,
    Hnr,
    H1H2,
    H1A3,
    F1Frequency,
    F1Bandwidth,
    F1Amplitude,
    F2Frequency,
    F2Bandwidth,
    F2Amplitude,
    F3Frequency,
    F3Bandwidth,
    F3Amplitude,
    // Of eGeMAPS-ser+ alone.
    Cpp,
    SourceH1H2,
    SourceH2H4,
    SourceH1A1,
    SourceH1A2,
    SourceH1A3,
    Rap,
    Ppq5,
    Apq3,
    Apq11,
}

impl Descriptor {
    /// Number of descriptors.
    pub const COUNT: usize = Self::Apq11 as usize + 1;

    /// Is it one that eGeMAPS-ser+ alone has?
    pub fn is_of_plus(self) -> bool {
        (self as usize) >= Self::Cpp as usize
    }

    /// Is it measured in the short frames?
    pub fn is_of_short_frames(self) -> bool {
        (self as usize) <= Self::Energy as usize
    }
}

/// What of a contour a functional sees. Masks act before smoothing; unless stated, values of exactly 0 are absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum View {
    /// All frames, smoothed; 0 is a value.
    All,
    /// All frames, unsmoothed; 0 is a value.
    Raw,
    /// The pitch of the decided frames.
    Pitch,
    /// Voice quality of the decided frames; the −201 dB of unvoiced frames are values.
    Quality,
    /// Voice quality of the decided frames, voiced ones only.
    VoicedQuality,
    /// A spectral descriptor in the voiced frames.
    Voiced,
    /// A spectral descriptor in the unvoiced frames.
    Unvoiced,
    /// The voiced stretches of the pitch.
    VoicedStretches,
    /// The unvoiced stretches of the pitch.
    UnvoicedStretches,
    /// The course of the level and the pitch: pauses and syllables.
    Timing,
}

/// What a functional computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are the statistics’")]
pub enum Statistic {
    Mean,
    Deviation,
    Percentile20,
    Percentile50,
    Percentile80,
    Range20To80,
    MeanRising,
    DeviationRising,
    MeanFalling,
    DeviationFalling,
    PeakRate,
    SegmentRate,
    SegmentMean,
    SegmentDeviation,
    Level,
    SpeechRate,
    ArticulationRate,
    PauseCount,
    PauseMean,
    PhonationShare,
}

/// A column of the functionals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FunctionalColumn {
    /// openSMILE's name.
    pub name: &'static str,
    /// The contour.
    pub descriptor: Descriptor,
    /// What of the contour counts.
    pub view: View,
    /// What is computed.
    pub statistic: Statistic,
    /// What it is counted with when results are explained.
    pub group: Group,
    /// Unit of the value; `1` where it has none.
    pub unit: &'static str,
    /// The smallest set that has it.
    pub since: Since,
}

/// A column of the table of descriptors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DescriptorColumn {
    /// openSMILE's name.
    pub name: &'static str,
    /// The contour.
    pub descriptor: Descriptor,
    /// What it is counted with when results are explained.
    pub group: Group,
    /// Unit of the value.
    pub unit: &'static str,
    /// The smallest set that has it.
    pub since: Since,
}

/// The functionals of a set, in its order.
pub fn functionals(set: FeatureSet) -> impl Iterator<Item = &'static FunctionalColumn> {
    FUNCTIONALS
        .iter()
        .filter(move |column| set.has(column.since))
}

/// The descriptors of a set, in its order.
pub fn descriptors(set: FeatureSet) -> impl Iterator<Item = &'static DescriptorColumn> {
    DESCRIPTORS
        .iter()
        .filter(move |column| set.has(column.since))
}

/// What a user wants to know about a column, of either level.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Column {
    /// openSMILE's name.
    pub name: &'static str,
    /// Unit of the value; `1` where it has none.
    pub unit: &'static str,
    /// What it is counted with when results are explained.
    #[serde(serialize_with = "as_text")]
    pub group: Group,
    /// What it is, in words.
    pub meaning: String,
    /// How the descriptor below it is computed.
    pub formula: &'static str,
    /// Where the descriptor comes from.
    pub reference: &'static str,
    /// For which voices the descriptor holds, and its error there as measured with planted truth; of eGeMAPS-ser only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<&'static str>,
}

fn as_text<S: serde::Serializer>(group: &Group, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(group)
}

/// What is said about a column.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub unit: &'static str,
    pub meaning: String,
    pub formula: &'static str,
    pub reference: &'static str,
    pub accuracy: Option<&'static str>,
}

impl Column {
    pub(crate) fn new(name: &'static str, group: Group, text: Text) -> Self {
        let Text {
            unit,
            meaning,
            formula,
            reference,
            accuracy,
        } = text;
        Self {
            name,
            unit,
            group,
            meaning,
            formula,
            reference,
            accuracy,
        }
    }
}

const fn row(
    name: &'static str,
    descriptor: Descriptor,
    group: Group,
    unit: &'static str,
    since: Since,
) -> DescriptorColumn {
    DescriptorColumn {
        name,
        descriptor,
        group,
        unit,
        since,
    }
}

const fn column(
    name: &'static str,
    descriptor: Descriptor,
    view: View,
    statistic: Statistic,
    group: Group,
    unit: &'static str,
    since: Since,
) -> FunctionalColumn {
    FunctionalColumn {
        name,
        descriptor,
        view,
        statistic,
        group,
        unit,
        since,
    }
}

use Descriptor as D;
use Group as G;
use Statistic as S;
use View as V;

/// The low-level descriptors of eGeMAPSv02, and those of eGeMAPS-ser+.
#[rustfmt::skip]
pub const DESCRIPTORS: [DescriptorColumn; 35] = [
    row("Loudness_sma3", D::Loudness, G::Loudness, "loudness", GeMaps),
    row("alphaRatio_sma3", D::AlphaRatio, G::AlphaRatio, "dB", GeMaps),
    row("hammarbergIndex_sma3", D::Hammarberg, G::Hammarberg, "dB", GeMaps),
    row("slope0-500_sma3", D::SlopeLow, G::SlopeLow, "dB/Hz", GeMaps),
    row("slope500-1500_sma3", D::SlopeHigh, G::SlopeHigh, "dB/Hz", GeMaps),
    row("spectralFlux_sma3", D::Flux, G::Flux, "magnitude", EGeMaps),
    row("mfcc1_sma3", D::Mfcc1, G::Mfcc, "cepstral", EGeMaps),
    row("mfcc2_sma3", D::Mfcc2, G::Mfcc, "cepstral", EGeMaps),
    row("mfcc3_sma3", D::Mfcc3, G::Mfcc, "cepstral", EGeMaps),
    row("mfcc4_sma3", D::Mfcc4, G::Mfcc, "cepstral", EGeMaps),
    row("F0semitoneFrom27.5Hz_sma3nz", D::Pitch, G::Pitch, "semitone", GeMaps),
    row("jitterLocal_sma3nz", D::Jitter, G::Jitter, "ratio", GeMaps),
    row("shimmerLocaldB_sma3nz", D::Shimmer, G::Shimmer, "dB", GeMaps),
    row("HNRdBACF_sma3nz", D::Hnr, G::Hnr, "dB", GeMaps),
    row("logRelF0-H1-H2_sma3nz", D::H1H2, G::Harmonics, "dB", GeMaps),
    row("logRelF0-H1-A3_sma3nz", D::H1A3, G::Harmonics, "dB", GeMaps),
    row("F1frequency_sma3nz", D::F1Frequency, G::Formant1, "Hz", GeMaps),
    row("F1bandwidth_sma3nz", D::F1Bandwidth, G::Formant1, "Hz", GeMaps),
    row("F1amplitudeLogRelF0_sma3nz", D::F1Amplitude, G::Formant1, "dB", GeMaps),
    row("F2frequency_sma3nz", D::F2Frequency, G::Formant2, "Hz", GeMaps),
    row("F2bandwidth_sma3nz", D::F2Bandwidth, G::Formant2, "Hz", V02),
    row("F2amplitudeLogRelF0_sma3nz", D::F2Amplitude, G::Formant2, "dB", GeMaps),
    row("F3frequency_sma3nz", D::F3Frequency, G::Formant3, "Hz", GeMaps),
    row("F3bandwidth_sma3nz", D::F3Bandwidth, G::Formant3, "Hz", V02),
    row("F3amplitudeLogRelF0_sma3nz", D::F3Amplitude, G::Formant3, "dB", GeMaps),
    row("CPPsmoothed_sma3nz", D::Cpp, G::CepstralPeak, "dB", Plus),
    row("logRelF0-H1star-H2star_sma3nz", D::SourceH1H2, G::Source, "dB", Plus),
    row("logRelF0-H2star-H4star_sma3nz", D::SourceH2H4, G::Source, "dB", Plus),
    row("logRelF0-H1star-A1star_sma3nz", D::SourceH1A1, G::Source, "dB", Plus),
    row("logRelF0-H1star-A2star_sma3nz", D::SourceH1A2, G::Source, "dB", Plus),
    row("logRelF0-H1star-A3star_sma3nz", D::SourceH1A3, G::Source, "dB", Plus),
    row("jitterRAP_sma3nz", D::Rap, G::Jitter, "ratio", Plus),
    row("jitterPPQ5_sma3nz", D::Ppq5, G::Jitter, "ratio", Plus),
    row("shimmerAPQ3_sma3nz", D::Apq3, G::Shimmer, "ratio", Plus),
    row("shimmerAPQ11_sma3nz", D::Apq11, G::Shimmer, "ratio", Plus),
];

/// The functionals of eGeMAPS, and those of eGeMAPS-ser+.
#[rustfmt::skip]
pub const FUNCTIONALS: [FunctionalColumn; 113] = [
    column("F0semitoneFrom27.5Hz_sma3nz_amean", D::Pitch, V::Pitch, S::Mean, G::Pitch, "semitone", GeMaps),
    column("F0semitoneFrom27.5Hz_sma3nz_stddevNorm", D::Pitch, V::Pitch, S::Deviation, G::Pitch, "1", GeMaps),
    column("F0semitoneFrom27.5Hz_sma3nz_percentile20.0", D::Pitch, V::Pitch, S::Percentile20, G::Pitch, "semitone", GeMaps),
    column("F0semitoneFrom27.5Hz_sma3nz_percentile50.0", D::Pitch, V::Pitch, S::Percentile50, G::Pitch, "semitone", GeMaps),
    column("F0semitoneFrom27.5Hz_sma3nz_percentile80.0", D::Pitch, V::Pitch, S::Percentile80, G::Pitch, "semitone", GeMaps),
    column("F0semitoneFrom27.5Hz_sma3nz_pctlrange0-2", D::Pitch, V::Pitch, S::Range20To80, G::Pitch, "semitone", GeMaps),
    column("F0semitoneFrom27.5Hz_sma3nz_meanRisingSlope", D::Pitch, V::Pitch, S::MeanRising, G::Pitch, "semitone/s", GeMaps),
    column("F0semitoneFrom27.5Hz_sma3nz_stddevRisingSlope", D::Pitch, V::Pitch, S::DeviationRising, G::Pitch, "semitone/s", GeMaps),
    column("F0semitoneFrom27.5Hz_sma3nz_meanFallingSlope", D::Pitch, V::Pitch, S::MeanFalling, G::Pitch, "semitone/s", GeMaps),
    column("F0semitoneFrom27.5Hz_sma3nz_stddevFallingSlope", D::Pitch, V::Pitch, S::DeviationFalling, G::Pitch, "semitone/s", GeMaps),
    column("loudness_sma3_amean", D::Loudness, V::All, S::Mean, G::Loudness, "loudness", GeMaps),
    column("loudness_sma3_stddevNorm", D::Loudness, V::All, S::Deviation, G::Loudness, "1", GeMaps),
    column("loudness_sma3_percentile20.0", D::Loudness, V::All, S::Percentile20, G::Loudness, "loudness", GeMaps),
    column("loudness_sma3_percentile50.0", D::Loudness, V::All, S::Percentile50, G::Loudness, "loudness", GeMaps),
    column("loudness_sma3_percentile80.0", D::Loudness, V::All, S::Percentile80, G::Loudness, "loudness", GeMaps),
    column("loudness_sma3_pctlrange0-2", D::Loudness, V::All, S::Range20To80, G::Loudness, "loudness", GeMaps),
    column("loudness_sma3_meanRisingSlope", D::Loudness, V::All, S::MeanRising, G::Loudness, "loudness/s", GeMaps),
    column("loudness_sma3_stddevRisingSlope", D::Loudness, V::All, S::DeviationRising, G::Loudness, "loudness/s", GeMaps),
    column("loudness_sma3_meanFallingSlope", D::Loudness, V::All, S::MeanFalling, G::Loudness, "loudness/s", GeMaps),
    column("loudness_sma3_stddevFallingSlope", D::Loudness, V::All, S::DeviationFalling, G::Loudness, "loudness/s", GeMaps),
    column("spectralFlux_sma3_amean", D::Flux, V::All, S::Mean, G::Flux, "magnitude", EGeMaps),
    column("spectralFlux_sma3_stddevNorm", D::Flux, V::All, S::Deviation, G::Flux, "1", EGeMaps),
    column("mfcc1_sma3_amean", D::Mfcc1, V::All, S::Mean, G::Mfcc, "cepstral", EGeMaps),
    column("mfcc1_sma3_stddevNorm", D::Mfcc1, V::All, S::Deviation, G::Mfcc, "1", EGeMaps),
    column("mfcc2_sma3_amean", D::Mfcc2, V::All, S::Mean, G::Mfcc, "cepstral", EGeMaps),
    column("mfcc2_sma3_stddevNorm", D::Mfcc2, V::All, S::Deviation, G::Mfcc, "1", EGeMaps),
    column("mfcc3_sma3_amean", D::Mfcc3, V::All, S::Mean, G::Mfcc, "cepstral", EGeMaps),
    column("mfcc3_sma3_stddevNorm", D::Mfcc3, V::All, S::Deviation, G::Mfcc, "1", EGeMaps),
    column("mfcc4_sma3_amean", D::Mfcc4, V::All, S::Mean, G::Mfcc, "cepstral", EGeMaps),
    column("mfcc4_sma3_stddevNorm", D::Mfcc4, V::All, S::Deviation, G::Mfcc, "1", EGeMaps),
    column("jitterLocal_sma3nz_amean", D::Jitter, V::Quality, S::Mean, G::Jitter, "ratio", GeMaps),
    column("jitterLocal_sma3nz_stddevNorm", D::Jitter, V::Quality, S::Deviation, G::Jitter, "1", GeMaps),
    column("shimmerLocaldB_sma3nz_amean", D::Shimmer, V::Quality, S::Mean, G::Shimmer, "dB", GeMaps),
    column("shimmerLocaldB_sma3nz_stddevNorm", D::Shimmer, V::Quality, S::Deviation, G::Shimmer, "1", GeMaps),
    column("HNRdBACF_sma3nz_amean", D::Hnr, V::Quality, S::Mean, G::Hnr, "dB", GeMaps),
    column("HNRdBACF_sma3nz_stddevNorm", D::Hnr, V::Quality, S::Deviation, G::Hnr, "1", GeMaps),
    column("logRelF0-H1-H2_sma3nz_amean", D::H1H2, V::Quality, S::Mean, G::Harmonics, "dB", GeMaps),
    column("logRelF0-H1-H2_sma3nz_stddevNorm", D::H1H2, V::Quality, S::Deviation, G::Harmonics, "1", GeMaps),
    column("logRelF0-H1-A3_sma3nz_amean", D::H1A3, V::Quality, S::Mean, G::Harmonics, "dB", GeMaps),
    column("logRelF0-H1-A3_sma3nz_stddevNorm", D::H1A3, V::Quality, S::Deviation, G::Harmonics, "1", GeMaps),
    column("F1frequency_sma3nz_amean", D::F1Frequency, V::VoicedQuality, S::Mean, G::Formant1, "Hz", GeMaps),
    column("F1frequency_sma3nz_stddevNorm", D::F1Frequency, V::VoicedQuality, S::Deviation, G::Formant1, "1", GeMaps),
    column("F1bandwidth_sma3nz_amean", D::F1Bandwidth, V::VoicedQuality, S::Mean, G::Formant1, "Hz", GeMaps),
    column("F1bandwidth_sma3nz_stddevNorm", D::F1Bandwidth, V::VoicedQuality, S::Deviation, G::Formant1, "1", GeMaps),
    column("F1amplitudeLogRelF0_sma3nz_amean", D::F1Amplitude, V::Quality, S::Mean, G::Formant1, "dB", GeMaps),
    column("F1amplitudeLogRelF0_sma3nz_stddevNorm", D::F1Amplitude, V::Quality, S::Deviation, G::Formant1, "1", GeMaps),
    column("F2frequency_sma3nz_amean", D::F2Frequency, V::VoicedQuality, S::Mean, G::Formant2, "Hz", GeMaps),
    column("F2frequency_sma3nz_stddevNorm", D::F2Frequency, V::VoicedQuality, S::Deviation, G::Formant2, "1", GeMaps),
    column("F2bandwidth_sma3nz_amean", D::F2Bandwidth, V::VoicedQuality, S::Mean, G::Formant2, "Hz", EGeMaps),
    column("F2bandwidth_sma3nz_stddevNorm", D::F2Bandwidth, V::VoicedQuality, S::Deviation, G::Formant2, "1", EGeMaps),
    column("F2amplitudeLogRelF0_sma3nz_amean", D::F2Amplitude, V::Quality, S::Mean, G::Formant2, "dB", GeMaps),
    column("F2amplitudeLogRelF0_sma3nz_stddevNorm", D::F2Amplitude, V::Quality, S::Deviation, G::Formant2, "1", GeMaps),
    column("F3frequency_sma3nz_amean", D::F3Frequency, V::VoicedQuality, S::Mean, G::Formant3, "Hz", GeMaps),
    column("F3frequency_sma3nz_stddevNorm", D::F3Frequency, V::VoicedQuality, S::Deviation, G::Formant3, "1", GeMaps),
    column("F3bandwidth_sma3nz_amean", D::F3Bandwidth, V::VoicedQuality, S::Mean, G::Formant3, "Hz", EGeMaps),
    column("F3bandwidth_sma3nz_stddevNorm", D::F3Bandwidth, V::VoicedQuality, S::Deviation, G::Formant3, "1", EGeMaps),
    column("F3amplitudeLogRelF0_sma3nz_amean", D::F3Amplitude, V::Quality, S::Mean, G::Formant3, "dB", GeMaps),
    column("F3amplitudeLogRelF0_sma3nz_stddevNorm", D::F3Amplitude, V::Quality, S::Deviation, G::Formant3, "1", GeMaps),
    column("alphaRatioV_sma3nz_amean", D::AlphaRatio, V::Voiced, S::Mean, G::AlphaRatioV, "dB", GeMaps),
    column("alphaRatioV_sma3nz_stddevNorm", D::AlphaRatio, V::Voiced, S::Deviation, G::AlphaRatioV, "1", GeMaps),
    column("hammarbergIndexV_sma3nz_amean", D::Hammarberg, V::Voiced, S::Mean, G::HammarbergV, "dB", GeMaps),
    column("hammarbergIndexV_sma3nz_stddevNorm", D::Hammarberg, V::Voiced, S::Deviation, G::HammarbergV, "1", GeMaps),
    column("slopeV0-500_sma3nz_amean", D::SlopeLow, V::Voiced, S::Mean, G::SlopeLowV, "dB/Hz", GeMaps),
    column("slopeV0-500_sma3nz_stddevNorm", D::SlopeLow, V::Voiced, S::Deviation, G::SlopeLowV, "1", GeMaps),
    column("slopeV500-1500_sma3nz_amean", D::SlopeHigh, V::Voiced, S::Mean, G::SlopeHighV, "dB/Hz", GeMaps),
    column("slopeV500-1500_sma3nz_stddevNorm", D::SlopeHigh, V::Voiced, S::Deviation, G::SlopeHighV, "1", GeMaps),
    column("spectralFluxV_sma3nz_amean", D::Flux, V::Voiced, S::Mean, G::FluxV, "magnitude", EGeMaps),
    column("spectralFluxV_sma3nz_stddevNorm", D::Flux, V::Voiced, S::Deviation, G::FluxV, "1", EGeMaps),
    column("mfcc1V_sma3nz_amean", D::Mfcc1, V::Voiced, S::Mean, G::MfccV, "cepstral", EGeMaps),
    column("mfcc1V_sma3nz_stddevNorm", D::Mfcc1, V::Voiced, S::Deviation, G::MfccV, "1", EGeMaps),
    column("mfcc2V_sma3nz_amean", D::Mfcc2, V::Voiced, S::Mean, G::MfccV, "cepstral", EGeMaps),
    column("mfcc2V_sma3nz_stddevNorm", D::Mfcc2, V::Voiced, S::Deviation, G::MfccV, "1", EGeMaps),
    column("mfcc3V_sma3nz_amean", D::Mfcc3, V::Voiced, S::Mean, G::MfccV, "cepstral", EGeMaps),
    column("mfcc3V_sma3nz_stddevNorm", D::Mfcc3, V::Voiced, S::Deviation, G::MfccV, "1", EGeMaps),
    column("mfcc4V_sma3nz_amean", D::Mfcc4, V::Voiced, S::Mean, G::MfccV, "cepstral", EGeMaps),
    column("mfcc4V_sma3nz_stddevNorm", D::Mfcc4, V::Voiced, S::Deviation, G::MfccV, "1", EGeMaps),
    column("alphaRatioUV_sma3nz_amean", D::AlphaRatio, V::Unvoiced, S::Mean, G::AlphaRatioUv, "dB", GeMaps),
    column("hammarbergIndexUV_sma3nz_amean", D::Hammarberg, V::Unvoiced, S::Mean, G::HammarbergUv, "dB", GeMaps),
    column("slopeUV0-500_sma3nz_amean", D::SlopeLow, V::Unvoiced, S::Mean, G::SlopeLowUv, "dB/Hz", GeMaps),
    column("slopeUV500-1500_sma3nz_amean", D::SlopeHigh, V::Unvoiced, S::Mean, G::SlopeHighUv, "dB/Hz", GeMaps),
    column("spectralFluxUV_sma3nz_amean", D::Flux, V::Unvoiced, S::Mean, G::FluxUv, "magnitude", EGeMaps),
    column("loudnessPeaksPerSec", D::Loudness, V::All, S::PeakRate, G::Peaks, "1/s", GeMaps),
    column("VoicedSegmentsPerSec", D::Pitch, V::VoicedStretches, S::SegmentRate, G::Segments, "1/s", GeMaps),
    column("MeanVoicedSegmentLengthSec", D::Pitch, V::VoicedStretches, S::SegmentMean, G::SegmentLengthV, "s", GeMaps),
    column("StddevVoicedSegmentLengthSec", D::Pitch, V::VoicedStretches, S::SegmentDeviation, G::SegmentLengthV, "s", GeMaps),
    column("MeanUnvoicedSegmentLength", D::Pitch, V::UnvoicedStretches, S::SegmentMean, G::SegmentLengthUv, "s", GeMaps),
    column("StddevUnvoicedSegmentLength", D::Pitch, V::UnvoicedStretches, S::SegmentDeviation, G::SegmentLengthUv, "s", GeMaps),
    column("equivalentSoundLevel_dBp", D::Energy, V::Raw, S::Level, G::SoundLevel, "dB", EGeMaps),
    column("CPPsmoothed_sma3nz_amean", D::Cpp, V::VoicedQuality, S::Mean, G::CepstralPeak, "dB", Plus),
    column("CPPsmoothed_sma3nz_stddevNorm", D::Cpp, V::VoicedQuality, S::Deviation, G::CepstralPeak, "dB", Plus),
    column("logRelF0-H1star-H2star_sma3nz_amean", D::SourceH1H2, V::VoicedQuality, S::Mean, G::Source, "dB", Plus),
    column("logRelF0-H1star-H2star_sma3nz_stddevNorm", D::SourceH1H2, V::VoicedQuality, S::Deviation, G::Source, "dB", Plus),
    column("logRelF0-H2star-H4star_sma3nz_amean", D::SourceH2H4, V::VoicedQuality, S::Mean, G::Source, "dB", Plus),
    column("logRelF0-H2star-H4star_sma3nz_stddevNorm", D::SourceH2H4, V::VoicedQuality, S::Deviation, G::Source, "dB", Plus),
    column("logRelF0-H1star-A1star_sma3nz_amean", D::SourceH1A1, V::VoicedQuality, S::Mean, G::Source, "dB", Plus),
    column("logRelF0-H1star-A1star_sma3nz_stddevNorm", D::SourceH1A1, V::VoicedQuality, S::Deviation, G::Source, "dB", Plus),
    column("logRelF0-H1star-A2star_sma3nz_amean", D::SourceH1A2, V::VoicedQuality, S::Mean, G::Source, "dB", Plus),
    column("logRelF0-H1star-A2star_sma3nz_stddevNorm", D::SourceH1A2, V::VoicedQuality, S::Deviation, G::Source, "dB", Plus),
    column("logRelF0-H1star-A3star_sma3nz_amean", D::SourceH1A3, V::VoicedQuality, S::Mean, G::Source, "dB", Plus),
    column("logRelF0-H1star-A3star_sma3nz_stddevNorm", D::SourceH1A3, V::VoicedQuality, S::Deviation, G::Source, "dB", Plus),
    column("jitterRAP_sma3nz_amean", D::Rap, V::VoicedQuality, S::Mean, G::Jitter, "ratio", Plus),
    column("jitterRAP_sma3nz_stddevNorm", D::Rap, V::VoicedQuality, S::Deviation, G::Jitter, "1", Plus),
    column("jitterPPQ5_sma3nz_amean", D::Ppq5, V::VoicedQuality, S::Mean, G::Jitter, "ratio", Plus),
    column("jitterPPQ5_sma3nz_stddevNorm", D::Ppq5, V::VoicedQuality, S::Deviation, G::Jitter, "1", Plus),
    column("shimmerAPQ3_sma3nz_amean", D::Apq3, V::VoicedQuality, S::Mean, G::Shimmer, "ratio", Plus),
    column("shimmerAPQ3_sma3nz_stddevNorm", D::Apq3, V::VoicedQuality, S::Deviation, G::Shimmer, "1", Plus),
    column("shimmerAPQ11_sma3nz_amean", D::Apq11, V::VoicedQuality, S::Mean, G::Shimmer, "ratio", Plus),
    column("shimmerAPQ11_sma3nz_stddevNorm", D::Apq11, V::VoicedQuality, S::Deviation, G::Shimmer, "1", Plus),
    column("speechRate", D::Energy, V::Timing, S::SpeechRate, G::Timing, "1/s", Plus),
    column("articulationRate", D::Energy, V::Timing, S::ArticulationRate, G::Timing, "1/s", Plus),
    column("pauseCount", D::Energy, V::Timing, S::PauseCount, G::Timing, "1", Plus),
    column("meanPauseLengthSec", D::Energy, V::Timing, S::PauseMean, G::Timing, "s", Plus),
    column("phonationShare", D::Energy, V::Timing, S::PhonationShare, G::Timing, "1", Plus),
];

#[test]
fn the_sets_have_their_published_sizes_and_names_are_unique() {
    let sizes = FeatureSet::ALL.map(|set| (functionals(set).count(), descriptors(set).count()));
    assert_eq!(
        sizes,
        [
            (62, 18),
            (62, 18),
            (88, 23),
            (88, 23),
            (88, 25),
            (88, 25),
            (113, 35)
        ]
    );
    let names = |set| functionals(set).map(|c| c.name).collect::<Vec<_>>();
    assert_eq!(names(FeatureSet::EGeMapsSer), names(FeatureSet::EGeMapsV02));
    let mut names: Vec<&str> = FUNCTIONALS.iter().map(|c| c.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 113);
}
