//! A voiced stretch while it lasts: what must be seen as a whole before it becomes contours.

use crate::contour::absent::ABSENT;
use crate::descriptor::cepstral_peak::{Cepstrum, prominences_db};
use crate::descriptor::cycle::marked::Regularity;
use crate::descriptor::cycle::quotient::Quotients;
use crate::descriptor::formant::all_pole::{Resonance, Resonances};
use crate::descriptor::formant::track::track;
use crate::descriptor::harmonic::corrected::{Harmonics, Levels};
use crate::descriptor::harmonic::source::SourceLevels;
use crate::descriptor::noise::boersma::Voice;
use crate::feature::egemaps::columns::Descriptor as D;
use crate::feature::egemaps::contours::Contours;

/// Frames after which a stretch is ended where it is, so that memory stays flat: ten seconds.
pub(super) const LONGEST: usize = 1000;

/// The reference of the semitone scale in Hz: A0.
const REFERENCE_HZ: f32 = 27.5;

/// The frames of a stretch.
#[derive(Clone, Debug, Default)]
pub(super) struct Stretch {
    /// The frame of the recording with which it begins.
    pub first: usize,
    voices: Vec<Voice>,
    harmonics: Vec<Harmonics>,
    pub regularity: Vec<Regularity>,
    /// Of eGeMAPS-ser+; empty in eGeMAPS-ser.
    pub cepstra: Vec<Cepstrum>,
    pub quotients: Vec<Quotients>,
}

impl Stretch {
    /// Number of frames.
    pub fn len(&self) -> usize {
        self.voices.len()
    }

    /// The pitch of the last frame.
    pub fn last_f0_hz(&self) -> Option<f32> {
        self.voices.last().map(|voice| voice.f0_hz)
    }

    /// Appends a frame.
    pub fn push(&mut self, voice: Voice, harmonics: Harmonics) {
        self.voices.push(voice);
        self.harmonics.push(harmonics);
    }

    /// The harmonics of the frames.
    pub fn harmonics(&self) -> &[Harmonics] {
        &self.harmonics
    }

    /// Writes the frames, which have these resonances, into the contours and forgets them.
    pub fn finish(&mut self, resonances: &[Resonances], contours: &mut Contours) {
        let formants = track(resonances);
        for (t, formants) in formants.iter().enumerate() {
            let levels = self.harmonics[t].levels(formants.map(|formant| formant.hz));
            let values = (
                self.voices[t].f0_hz,
                self.voices[t].ratio_db(),
                self.regularity[t],
            );
            push(contours, values, formants, &levels);
        }
        for (t, prominence_db) in prominences_db(&self.cepstra).into_iter().enumerate() {
            let hz = formants[t].map(|formant| formant.hz);
            let bandwidths_hz = formants[t].map(|formant| formant.bandwidth_hz);
            let source = SourceLevels::measure(&self.harmonics[t], hz, bandwidths_hz);
            push_plus(contours, prominence_db, &source, self.quotients[t]);
        }
        self.reset();
    }

    /// Forgets the stretch.
    pub fn reset(&mut self) {
        self.voices.clear();
        self.harmonics.clear();
        self.regularity.clear();
        self.cepstra.clear();
        self.quotients.clear();
    }
}

/// Appends an unvoiced frame, of eGeMAPS-ser+ or of eGeMAPS-ser.
pub(super) fn push_unvoiced(contours: &mut Contours, plus: bool) {
    for descriptor in VOICED {
        contours.push(descriptor, ABSENT);
    }
    for descriptor in PLUS.into_iter().filter(|_| plus) {
        contours.push(descriptor, ABSENT);
    }
}

/// What only voiced frames have.
pub(super) const VOICED: [D; 15] = [
    D::Pitch,
    D::Jitter,
    D::Shimmer,
    D::Hnr,
    D::H1H2,
    D::H1A3,
    D::F1Frequency,
    D::F1Bandwidth,
    D::F1Amplitude,
    D::F2Frequency,
    D::F2Bandwidth,
    D::F2Amplitude,
    D::F3Frequency,
    D::F3Bandwidth,
    D::F3Amplitude,
];

/// What eGeMAPS-ser+ has beyond these.
pub(super) const PLUS: [D; 10] = [
    D::Cpp,
    D::SourceH1H2,
    D::SourceH2H4,
    D::SourceH1A1,
    D::SourceH1A2,
    D::SourceH1A3,
    D::Rap,
    D::Ppq5,
    D::Apq3,
    D::Apq11,
];

fn push(
    contours: &mut Contours,
    (f0_hz, hnr_db, regularity): (f32, f32, Regularity),
    formants: &[Resonance; 3],
    levels: &Levels,
) {
    let semitones = 12.0 * libm::log2f(f0_hz / REFERENCE_HZ);
    let [f1, f2, f3] = formants;
    let [a1, a2, a3] = levels.amplitude_db;
    let values = [
        semitones,
        regularity.jitter,
        regularity.shimmer_db,
        hnr_db,
        levels.h1_h2_db,
        levels.h1_a3_db,
        f1.hz,
        f1.bandwidth_hz,
        a1,
        f2.hz,
        f2.bandwidth_hz,
        a2,
        f3.hz,
        f3.bandwidth_hz,
        a3,
    ];
    for (descriptor, value) in VOICED.into_iter().zip(values) {
        contours.push(descriptor, value);
    }
}

fn push_plus(
    contours: &mut Contours,
    prominence_db: f32,
    source: &SourceLevels,
    quotients: Quotients,
) {
    let [a1, a2, a3] = source.h1_a_db;
    let [rap, ppq5, apq3, apq11] = quotients;
    let values = [
        prominence_db,
        source.h1_h2_db,
        source.h2_h4_db,
        a1,
        a2,
        a3,
        rap,
        ppq5,
        apq3,
        apq11,
    ];
    for (descriptor, value) in PLUS.into_iter().zip(values) {
        contours.push(descriptor, value);
    }
}
