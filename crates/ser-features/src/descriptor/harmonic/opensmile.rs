//! Harmonics of the spectrum: their levels relative to the fundamental, and those that carry the formants.
//!
//! ```text
//! rel_i = 20 · log₁₀( M(i·F0), interpolated / M(F0) )     [dB],   at least −200;  −201: there is none
//! H1−H2 = rel_1 − rel_2,     H1−A3 = rel_1 − rel_j₃,     A_m = rel_j_m
//! ```
//!
//! j_m is the strongest harmonic within ± 20 % of formant m. H. M. Hanson (1997), "Glottal characteristics of female
//! speakers: acoustic correlates", JASA 101, 466–481.
//! Differs, as the reference does: index 0 is the fundamental, so "H1" is the harmonic at 2·F0 and "H2" that at 3·F0; the
//! upper magnitude is interpolated, the lower one is not; the unvoiced frames' amplitudes are −201, which later counts as data.

use crate::frame::geometry::Shape;
use crate::lanes::{F32s, Lane};
use crate::spectrum::logarithm::log10;
use crate::spectrum::parabola;
use crate::spectrum::peaks::{Peaks, PeaksOf};

const HARMONICS: usize = 100;
/// Number of formants with an amplitude.
pub(crate) const AMPLITUDES: usize = 3;
/// Above the highest formant and the highest pitch together no harmonic can matter.
const HIGHEST_HZ: f64 = 10_000.0;
const SMALLEST_DB: f32 = -200.0;
const ABSENT_DB: f32 = -201.0;

/// Harmonic differences and formant amplitudes of a frame, in dB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct HarmonicLevels {
    pub h1_h2_db: f32,
    pub h1_a3_db: f32,
    pub amplitude_db: [f32; AMPLITUDES],
}

impl HarmonicLevels {
    /// Those of an unvoiced frame.
    pub const UNVOICED: Self = Self {
        h1_h2_db: 0.0,
        h1_a3_db: 0.0,
        amplitude_db: [ABSENT_DB; AMPLITUDES],
    };
}

#[derive(Clone, Copy, Debug, Default)]
struct Harmonic {
    bin: usize,
    /// Of the peak, not interpolated; 0 if none was found.
    magnitude: f32,
    /// Was it cleared because its predecessor stands on the same bin?
    is_repeated: bool,
}

/// The frequency axis of one frame size.
#[derive(Clone, Debug)]
pub(crate) struct Harmonics {
    /// Frequencies of the bins in Hz, and two beyond them at infinity.
    axis_hz: Vec<f64>,
    bins: usize,
    bins_per_hz: f64,
    peaks: Peaks,
    harmonics: [Harmonic; HARMONICS],
    /// How many of them were looked for; the others are as empty as they were.
    count: usize,
}

impl Harmonics {
    /// Harmonics in magnitude spectra of the given frames.
    pub fn new(shape: &Shape) -> Self {
        let mut axis_hz = shape.axis_hz();
        axis_hz.extend([f64::INFINITY; 2]);
        Self {
            axis_hz,
            bins: shape.bins(),
            bins_per_hz: shape.duration_s,
            peaks: Peaks::new(shape.bins().min((HIGHEST_HZ * shape.duration_s) as usize)),
            harmonics: [Harmonic::default(); HARMONICS],
            count: 0,
        }
    }

    /// Takes the magnitude spectra of eight frames, of which [`measure`](Self::measure) is then asked.
    pub fn load(&mut self, magnitudes: &[F32s]) {
        self.peaks.find(magnitudes);
    }

    /// The levels of voiced frame `lane` of the spectra that were loaded, with the given first three formants (0: missing).
    #[inline(never)]
    pub fn measure(
        &mut self,
        magnitudes: &[F32s],
        lane: usize,
        f0_hz: f32,
        formants_hz: &[f32; AMPLITUDES],
    ) -> HarmonicLevels {
        let magnitudes = Lane::new(magnitudes, lane);
        let highest = formants_hz
            .iter()
            .fold(0.0_f32, |highest, &hz| highest.max(hz));
        self.find(magnitudes, lane, f0_hz, 1.2 * highest);
        self.clear_repeated();
        let carriers = formants_hz.map(|hz| self.carrier(magnitudes, hz));
        let fundamental = self.harmonics[0].magnitude;
        let fundamental_log = f64::from(log10(fundamental));
        let relative = |i: usize| self.relative_db(magnitudes, i, fundamental, fundamental_log);
        let limit = |db: f32| db.clamp(ABSENT_DB, -ABSENT_DB);
        let (h1, h2) = (relative(1), relative(2));
        let levels = carriers.map(|j| j.map(relative));
        HarmonicLevels {
            h1_h2_db: limit(h1 - h2),
            h1_a3_db: limit(levels[2].map_or(h1 + ABSENT_DB, |level| h1 - level)),
            amplitude_db: levels.map(|level| level.unwrap_or(0.0)),
        }
    }

    /// The bin closest to `hz`, looked for from bin `start` on; 0 if the spectrum ends before.
    #[inline(always)]
    fn near(&self, hz: f32, start: usize) -> usize {
        let hz = f64::from(hz);
        // The first bin above: division may be off by one, the comparisons decide.
        let guess = ((hz * self.bins_per_hz) as usize).min(self.bins);
        let above = guess
            + usize::from(self.axis_hz[guess] <= hz)
            + usize::from(self.axis_hz[guess + 1] <= hz);
        match above.max(start) {
            0 => 0,
            k if k >= self.bins => 0,
            k => k - usize::from(self.axis_hz[k] - hz > hz - self.axis_hz[k - 1]),
        }
    }

    /// Finds the harmonics that can matter: the first three, and those that can reach below `highest_hz`.
    fn find(&mut self, magnitudes: Lane<'_>, lane: usize, f0_hz: f32, highest_hz: f32) {
        let peaks: PeaksOf<'_> = self.peaks.of(lane);
        let first = self.near(0.5 * f0_hz, 1);
        let mut previous = first;
        // The upper end of a harmonic's range is the lower one of the next.
        let mut border = None;
        self.harmonics[..self.count].fill(Harmonic::default());
        self.count = 0;
        for i in 0..HARMONICS {
            let number = i as f32;
            // A peak is looked for half a period below at most, and interpolated within a bin.
            let lowest_hz = (number + 0.5) * f0_hz - 2.0 * self.axis_hz[1] as f32;
            if i > 2 && lowest_hz > highest_hz {
                break;
            }
            let expected = self.near((number + 1.0) * f0_hz, previous);
            if expected == 0 {
                // Above the spectrum, and so are all that follow: not found, on bin 0.
                break;
            }
            let lower = border.take();
            let peak = if peaks.has(expected) {
                Some(expected)
            } else {
                let low = lower.unwrap_or_else(|| self.near((number + 0.5) * f0_hz, previous));
                let high = self.near((number + 1.5) * f0_hz, expected);
                border = Some(high);
                peaks.closest(expected, low, high)
            };
            self.harmonics[i] = match peak {
                Some(bin) if bin >= first.max(1) && bin < magnitudes.len() - 1 => Harmonic {
                    bin,
                    magnitude: magnitudes.at(bin),
                    is_repeated: false,
                },
                _ => Harmonic {
                    bin: expected,
                    ..Harmonic::default()
                },
            };
            self.count = i + 1;
            previous = expected;
        }
        // Those that are asked for whether they were looked for or not.
        self.count = self.count.max(3);
    }

    /// A harmonic on the bin of its predecessor, as that stands by then, is cleared.
    fn clear_repeated(&mut self) {
        let mut before = self.harmonics[0].bin;
        for harmonic in &mut self.harmonics[1..self.count] {
            if harmonic.bin == before {
                *harmonic = Harmonic {
                    is_repeated: true,
                    ..Harmonic::default()
                };
            }
            before = harmonic.bin;
        }
    }

    /// Frequency in Hz and magnitude between the bins.
    fn interpolated(&self, magnitudes: Lane<'_>, k: usize) -> (f32, f32) {
        let x = [self.axis_hz[k - 1], self.axis_hz[k], self.axis_hz[k + 1]];
        let y = [magnitudes.at(k - 1), magnitudes.at(k), magnitudes.at(k + 1)].map(f64::from);
        let (frequency, height) = parabola::vertex(x, y);
        (frequency as f32, height as f32)
    }

    /// The level of harmonic `i` relative to harmonic 0, the fundamental, whose magnitude and its decadic logarithm are given.
    fn relative_db(
        &self,
        magnitudes: Lane<'_>,
        i: usize,
        fundamental: f32,
        fundamental_log: f64,
    ) -> f32 {
        let harmonic = self.harmonics[i];
        if i == 0 {
            0.0
        } else if harmonic.is_repeated || fundamental == 0.0 {
            ABSENT_DB
        } else if harmonic.magnitude > 0.0 {
            let (_, height) = self.interpolated(magnitudes, harmonic.bin);
            if height > 0.0 {
                ((20.0 * (f64::from(log10(height)) - fundamental_log)) as f32).max(SMALLEST_DB)
            } else {
                SMALLEST_DB
            }
        } else {
            SMALLEST_DB
        }
    }

    /// The strongest harmonic within ± 20 % of a formant, the lowest of equals.
    fn carrier(&self, magnitudes: Lane<'_>, formant_hz: f32) -> Option<usize> {
        let range = 0.8 * formant_hz..=1.2 * formant_hz;
        // An interpolated peak stays within one bin of its own.
        let (low, high) = (f64::from(*range.start()), f64::from(*range.end()));
        let mut best = None;
        let mut strongest = 0.0;
        for (i, harmonic) in self.harmonics[..self.count].iter().enumerate() {
            if harmonic.magnitude > strongest
                && self.axis_hz[harmonic.bin + 1] >= low
                && self.axis_hz[harmonic.bin - 1] <= high
                && range.contains(&self.interpolated(magnitudes, harmonic.bin).0)
            {
                strongest = harmonic.magnitude;
                best = Some(i);
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::geometry::Geometry;
    use crate::unit::SampleRate;

    /// Harmonics of 187.5 Hz, i.e. bins 12, 24, …, with the given magnitudes.
    fn measure(levels: &[f32], formants: [f32; 3]) -> HarmonicLevels {
        let shape = Geometry::new(SampleRate::new(16000).unwrap()).long;
        let mut magnitudes = vec![0.0_f32; shape.bins()];
        for (i, level) in levels.iter().enumerate() {
            magnitudes[12 * (i + 1)] = *level;
        }
        let lanes: Vec<F32s> = magnitudes.iter().map(|&m| F32s::splat(m)).collect();
        let mut harmonics = Harmonics::new(&shape);
        harmonics.load(&lanes);
        harmonics.measure(&lanes, 6, 187.5, &formants)
    }

    #[test]
    fn levels_are_relative_to_the_fundamental_and_h1_is_the_second() {
        let m = measure(&[1.0, 0.5, 0.25, 0.1], [375.0, 560.0, 750.0]);
        assert!((m.h1_h2_db - 6.0206).abs() < 1e-3, "{m:?}");
        assert!((m.h1_a3_db - 13.9794).abs() < 1e-3, "{m:?}");
        assert!((m.amplitude_db[0] + 6.0206).abs() < 1e-3, "{m:?}");
        assert!((m.amplitude_db[2] + 20.0).abs() < 1e-3, "{m:?}");
    }

    #[test]
    fn a_formant_without_harmonic_has_amplitude_zero() {
        let m = measure(&[1.0, 0.5, 0.25], [375.0, 560.0, 3000.0]);
        assert_eq!(m.amplitude_db[2], 0.0);
        assert!(
            (m.h1_a3_db + 201.0).abs() < 1e-3,
            "rel_1 − 201, limited: {m:?}"
        );
    }

    #[test]
    fn an_empty_spectrum_has_no_harmonics() {
        let m = measure(&[], [500.0, 1500.0, 2500.0]);
        assert_eq!((m.h1_h2_db, m.amplitude_db), (0.0, [0.0; 3]));
    }
}
