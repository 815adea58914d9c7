//! Groups of columns that belong together when a result is explained: 88 numbers are too many to look at, some 30 are not.
//!
//! A group joins the statistics of one descriptor, voiced and unvoiced frames apart. The columns name their group in their own
//! line of the table (`columns`).

use std::fmt;

/// Columns that say something about the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "their names below say what each is")]
pub enum Group {
    Pitch,
    Loudness,
    Flux,
    FluxV,
    FluxUv,
    Mfcc,
    MfccV,
    Jitter,
    Shimmer,
    Hnr,
    Harmonics,
    Formant1,
    Formant2,
    Formant3,
    AlphaRatio,
    AlphaRatioV,
    AlphaRatioUv,
    Hammarberg,
    HammarbergV,
    HammarbergUv,
    SlopeLow,
    SlopeLowV,
    SlopeLowUv,
    SlopeHigh,
    SlopeHighV,
    SlopeHighUv,
    Peaks,
    Segments,
    SegmentLengthV,
    SegmentLengthUv,
    SoundLevel,
    CepstralPeak,
    Source,
    Timing,
}

impl Group {
    /// What it is called in reports; `V` stands for voiced frames, `UV` for unvoiced ones.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pitch => "Pitch",
            Self::Loudness => "Loudness",
            Self::Flux => "Spectral flux",
            Self::FluxV => "Spectral flux V",
            Self::FluxUv => "Spectral flux UV",
            Self::Mfcc => "MFCC",
            Self::MfccV => "MFCC V",
            Self::Jitter => "Jitter",
            Self::Shimmer => "Shimmer",
            Self::Hnr => "HNR",
            Self::Harmonics => "Harmonics",
            Self::Formant1 => "Formant 1",
            Self::Formant2 => "Formant 2",
            Self::Formant3 => "Formant 3",
            Self::AlphaRatio => "Alpha ratio",
            Self::AlphaRatioV => "Alpha ratio V",
            Self::AlphaRatioUv => "Alpha ratio UV",
            Self::Hammarberg => "Hammarberg index",
            Self::HammarbergV => "Hammarberg index V",
            Self::HammarbergUv => "Hammarberg index UV",
            Self::SlopeLow => "Spectral slope 0–500 Hz",
            Self::SlopeLowV => "Spectral slope 0–500 Hz V",
            Self::SlopeLowUv => "Spectral slope 0–500 Hz UV",
            Self::SlopeHigh => "Spectral slope 500–1500 Hz",
            Self::SlopeHighV => "Spectral slope 500–1500 Hz V",
            Self::SlopeHighUv => "Spectral slope 500–1500 Hz UV",
            Self::Peaks => "Peaks per second",
            Self::Segments => "Segments per second",
            Self::SegmentLengthV => "Segment length V",
            Self::SegmentLengthUv => "Segment length UV",
            Self::SoundLevel => "Equivalent sound level",
            Self::CepstralPeak => "Cepstral peak",
            Self::Source => "Source levels",
            Self::Timing => "Timing",
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[test]
fn the_groups_of_the_functionals_have_their_sizes() {
    use super::columns::FUNCTIONALS;
    let size = |group| FUNCTIONALS.iter().filter(|c| c.group == group).count();
    let sizes = [
        (Group::Pitch, 10),
        (Group::Loudness, 10),
        (Group::Flux, 2),
        (Group::FluxV, 2),
        (Group::FluxUv, 1),
        (Group::Mfcc, 8),
        (Group::MfccV, 8),
        (Group::Jitter, 6),
        (Group::Shimmer, 6),
        (Group::Hnr, 2),
        (Group::Harmonics, 4),
        (Group::Formant1, 6),
        (Group::Formant2, 6),
        (Group::Formant3, 6),
        (Group::AlphaRatioV, 2),
        (Group::AlphaRatioUv, 1),
        (Group::HammarbergV, 2),
        (Group::HammarbergUv, 1),
        (Group::SlopeLowV, 2),
        (Group::SlopeLowUv, 1),
        (Group::SlopeHighV, 2),
        (Group::SlopeHighUv, 1),
        (Group::Peaks, 1),
        (Group::Segments, 1),
        (Group::SegmentLengthV, 2),
        (Group::SegmentLengthUv, 2),
        (Group::SoundLevel, 1),
        (Group::CepstralPeak, 2),
        (Group::Source, 10),
        (Group::Timing, 5),
    ];
    assert!(sizes.iter().all(|&(group, n)| size(group) == n));
    assert_eq!(sizes.iter().map(|(_, n)| n).sum::<usize>(), 113);
}
