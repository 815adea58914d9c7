//! What is measured of eight frames when their pitch is known, each by itself.
//!
//! ```text
//! short spectrum ─ 11 kHz ─ prediction ─ formants ─┐
//! long magnitude ┬──────────────────────────────── harmonics
//!                └ HNR
//! ```

use super::analysis::Group;
use super::version::Rules;
use crate::descriptor::formant::opensmile::{FORMANTS, Formants, formants};
use crate::descriptor::harmonic::opensmile::{HarmonicLevels, Harmonics};
use crate::descriptor::noise::opensmile::HarmonicsToNoise;
use crate::frame::geometry::Geometry;
use crate::lanes::{F32s, LANES};
use crate::spectrum::prediction::error_filters;
use crate::spectrum::resynthesis::Resynthesis;

/// In which frames formants are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FormantsIn {
    /// In all, as the table of descriptors shows them.
    AllFrames,
    /// In voiced ones: the functionals see no others. Half the work for ordinary speech.
    VoicedFrames,
}

/// The descriptors of a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Voice {
    pub hnr_db: f32,
    pub levels: HarmonicLevels,
    pub formants: Formants,
}

impl Voice {
    const UNVOICED: Self = Self {
        hnr_db: 0.0,
        levels: HarmonicLevels::UNVOICED,
        formants: Formants {
            frequency_hz: [0.0; FORMANTS],
            bandwidth_hz: [0.0; FORMANTS],
        },
    };
}

/// The descriptors and their memory.
#[derive(Clone, Debug)]
pub(crate) struct VoiceAnalysis {
    formants_in: FormantsIn,
    highest_formant_hz: f64,
    resynthesis: Resynthesis,
    frame_11k: Vec<F32s>,
    noise: HarmonicsToNoise,
    harmonics: Harmonics,
}

impl VoiceAnalysis {
    /// Plans for one rate and version.
    pub fn new(geometry: &Geometry, rules: Rules, formants_in: FormantsIn) -> Self {
        let resynthesis = Resynthesis::new(geometry);
        Self {
            formants_in,
            highest_formant_hz: rules.highest_formant_hz,
            frame_11k: vec![F32s::default(); resynthesis.length()],
            resynthesis,
            noise: HarmonicsToNoise::new(&geometry.long),
            harmonics: Harmonics::new(&geometry.long),
        }
    }

    /// How many bins of the short spectrum are needed.
    pub fn bins(&self) -> usize {
        self.resynthesis.bins()
    }

    /// The descriptors of the frames that have a pitch here, in Hz, 0 for unvoiced; the others, `None`, are not asked for.
    pub fn measure(&mut self, group: &Group, f0_hz: &[Option<f32>; LANES]) -> [Voice; LANES] {
        let mut voices = [Voice::UNVOICED; LANES];
        let is_voiced = |f0_hz: Option<f32>| f0_hz.is_some_and(|f0_hz| f0_hz > 0.0);
        let has_formants = |f0_hz: Option<f32>| match self.formants_in {
            FormantsIn::AllFrames => f0_hz.is_some(),
            FormantsIn::VoicedFrames => is_voiced(f0_hz),
        };
        if f0_hz.iter().any(|&f0_hz| has_formants(f0_hz)) {
            self.resynthesis
                .process(&group.short_spectrum, &mut self.frame_11k);
            let filters = error_filters(&self.frame_11k);
            for lane in (0..LANES).filter(|&lane| has_formants(f0_hz[lane])) {
                let filter = filters.map(|a| a.0[lane]);
                voices[lane].formants = formants(&filter, self.highest_formant_hz);
            }
        }
        if f0_hz.iter().any(|&f0_hz| is_voiced(f0_hz)) {
            self.noise.autocorrelate(&group.long_magnitude);
            self.harmonics.load(&group.long_magnitude);
            for (lane, voice) in voices.iter_mut().enumerate() {
                let Some(f0_hz) = f0_hz[lane].filter(|&f0_hz| f0_hz > 0.0) else {
                    continue;
                };
                voice.hnr_db = self.noise.ratio_db(lane, f0_hz);
                let [f1, f2, f3, ..] = voice.formants.frequency_hz;
                let magnitudes = &group.long_magnitude;
                voice.levels = (self.harmonics).measure(magnitudes, lane, f0_hz, &[f1, f2, f3]);
            }
        }
        voices
    }
}
