//! Harmonics of a voiced frame: their frequencies and levels, and what is said with them.
//!
//! ```text
//! L_h    = level of the peak nearest to h·F0                    [dB]     h = 1, 2, … up to 5 kHz
//! H1−H2  = L_1 − L_2          H1−A3 = L_1 − L_j3          A_m = L_jm − L_1
//! ```
//!
//! j_m is the strongest harmonic within 10 % of formant m or 0.6·F0, whichever is wider. H. M. Hanson (1997), "Glottal
//! characteristics of female speakers: acoustic correlates", JASA 101, 466–481.
//!
//! With [`corrected`] the effect of the vocal tract's formants on a harmonic is taken off, which leaves the voice source's:
//! M. Iseli, A. Alwan (2004), "An improved correction formula for the estimation of harmonic magnitudes and its application to open
//! quotient estimation", ICASSP.
//!
//! ```text
//! L*(f) = L(f) − Σ_i 10·log₁₀ [ (1 − 2ρ_i cos ω_i + ρ_i²)² / ((1 − 2ρ_i cos(ω + ω_i) + ρ_i²)·(1 − 2ρ_i cos(ω − ω_i) + ρ_i²)) ]
//! ρ_i = exp(−π·B_i/f_s),   ω = 2πf/f_s
//! ```
//!
//! Mends: H1 is the harmonic at F0 and H2 that at 2·F0; all levels are interpolated; a formant without a harmonic, and every
//! unvoiced frame, is absent instead of 0 or −201 dB.

use super::HIGHEST_HZ;
use super::formant::Resonance;

/// Harmonics of the lowest voice.
pub(crate) const MOST: usize = 80;
/// A peak is looked for this far from where it should be, in parts of F0.
const SEARCH: f32 = 0.25;
/// Reach of a formant, in parts of its frequency and of F0.
const REACH: f32 = 0.1;
const REACH_F0: f32 = 0.6;
const DB_PER_NEPER: f32 = 10.0 / std::f32::consts::LN_10;
const RATE_HZ: f64 = 16_000.0;

/// The harmonics of a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Harmonics {
    pub f0_hz: f32,
    pub count: usize,
    pub hz: [f32; MOST],
    /// Natural logarithm of the power.
    pub level: [f32; MOST],
}

/// Harmonic differences and formant amplitudes of a frame in dB; NaN where absent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Levels {
    pub h1_h2_db: f32,
    pub h1_a3_db: f32,
    pub amplitude_db: [f32; 3],
}

impl Levels {
    /// Those of an unvoiced frame.
    pub const ABSENT: Self = Self {
        h1_h2_db: f32::NAN,
        h1_a3_db: f32::NAN,
        amplitude_db: [f32::NAN; 3],
    };
}

impl Harmonics {
    /// Finds the harmonics in a power spectrum with bins `bin_hz` apart, which reaches a little beyond 5 kHz.
    pub fn measure(power: &[f32], bin_hz: f32, f0_hz: f32) -> Self {
        let mut harmonics = Self {
            f0_hz,
            count: 0,
            hz: [0.0; MOST],
            level: [0.0; MOST],
        };
        let reach = SEARCH * f0_hz / bin_hz;
        let highest = HIGHEST_HZ as f32 - 0.3 * f0_hz;
        for h in 0..MOST {
            let expected_hz = (h + 1) as f32 * f0_hz;
            if expected_hz > highest {
                break;
            }
            let expected = expected_hz / bin_hz;
            let low = ((expected - reach).round() as usize).max(1);
            let high = ((expected + reach).round() as usize).min(power.len() - 2);
            let peak =
                (low..=high).fold(low, |best, k| if power[k] > power[best] { k } else { best });
            let (shift, level) = vertex(power, peak);
            harmonics.hz[h] = (peak as f32 + shift) * bin_hz;
            harmonics.level[h] = level;
            harmonics.count = h + 1;
        }
        harmonics
    }

    /// The differences and amplitudes, given formants (frequency NaN where absent); `correct` takes off the formants' effect
    /// on H1, H2 and A3.
    pub fn levels(&self, formants: &[Resonance; 3], correct: bool) -> Levels {
        if self.count < 2 {
            return Levels::ABSENT;
        }
        let level = |h: usize, of: &[Resonance]| {
            let raw = DB_PER_NEPER * self.level[h];
            if correct {
                corrected(raw, self.hz[h], of)
            } else {
                raw
            }
        };
        let strongest = formants.map(|formant| self.strongest_near(formant.hz));
        let difference = |upper: Option<usize>| {
            upper.map_or(f32::NAN, |h| DB_PER_NEPER * (self.level[h] - self.level[0]))
        };
        Levels {
            h1_h2_db: level(0, &formants[..2]) - level(1, &formants[..2]),
            h1_a3_db: strongest[2]
                .map_or(f32::NAN, |h| level(0, &formants[..2]) - level(h, formants)),
            amplitude_db: strongest.map(difference),
        }
    }

    /// The strongest harmonic near a frequency.
    fn strongest_near(&self, hz: f32) -> Option<usize> {
        let reach = (REACH * hz).max(REACH_F0 * self.f0_hz);
        let near = (0..self.count).filter(|&h| (self.hz[h] - hz).abs() <= reach);
        near.max_by(|&a, &b| self.level[a].total_cmp(&self.level[b]))
    }
}

/// The distance of a peak of the logarithmic spectrum from bin `k`, and its height: a parabola through three bins.
fn vertex(power: &[f32], k: usize) -> (f32, f32) {
    let [a, b, c] = [k - 1, k, k + 1].map(|k| power[k].max(f32::MIN_POSITIVE).ln());
    let bend = a - 2.0 * b + c;
    if bend >= 0.0 {
        return (0.0, b);
    }
    let shift = (0.5 * (a - c) / bend).clamp(-0.5, 0.5);
    (shift, b - 0.25 * (a - c) * shift)
}

/// A level without the effect of `formants`, in dB; absent ones have none.
pub(crate) fn corrected(level_db: f32, hz: f32, formants: &[Resonance]) -> f32 {
    let w = std::f64::consts::TAU * f64::from(hz) / RATE_HZ;
    let effect: f64 = formants
        .iter()
        .filter(|formant| formant.hz.is_finite())
        .map(|formant| {
            let r = (-std::f64::consts::PI * f64::from(formant.bandwidth_hz) / RATE_HZ).exp();
            let wi = std::f64::consts::TAU * f64::from(formant.hz) / RATE_HZ;
            let distance = |angle: f64| 1.0 - 2.0 * r * angle.cos() + r * r;
            10.0 * (distance(wi).powi(2) / (distance(w + wi) * distance(w - wi))).log10()
        })
        .sum();
    (f64::from(level_db) - effect) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The power spectrum of sines of given frequency and amplitude under the Hann window.
    fn spectrum(sines: &[(f64, f64)]) -> Vec<f32> {
        let window = crate::frame::window::hann(768);
        (0..324)
            .map(|k| {
                let (mut re, mut im) = (0.0, 0.0);
                for (n, &w) in window.iter().enumerate() {
                    let t = n as f64 / 16_000.0;
                    let x: f64 = sines
                        .iter()
                        .map(|&(hz, amplitude)| amplitude * (std::f64::consts::TAU * hz * t).cos())
                        .sum();
                    let angle = std::f64::consts::TAU * (k * n) as f64 / 1024.0;
                    re += x * f64::from(w) * angle.cos();
                    im += x * f64::from(w) * angle.sin();
                }
                (re * re + im * im) as f32
            })
            .collect()
    }

    const NONE: Resonance = Resonance {
        hz: f32::NAN,
        bandwidth_hz: f32::NAN,
    };

    #[test]
    fn planted_levels_come_back_within_a_quarter_of_a_decibel() {
        for f0 in [80.0, 113.0, 180.0, 247.0] {
            let sines: Vec<(f64, f64)> = (1..=8)
                .map(|h| (f0 * f64::from(h), 10_f64.powf(-0.3 * f64::from(h - 1))))
                .collect();
            let harmonics = Harmonics::measure(&spectrum(&sines), 15.625, f0 as f32);
            let levels = harmonics.levels(&[NONE; 3], false);
            assert!((levels.h1_h2_db - 6.0).abs() < 0.25, "{f0}: {levels:?}");
            assert!(levels.h1_a3_db.is_nan() && levels.amplitude_db[0].is_nan());
            assert!((harmonics.hz[3] - 4.0 * f0 as f32).abs() < 1.5, "{f0}");
        }
    }

    #[test]
    fn the_correction_takes_off_what_a_formant_adds() {
        let formant = Resonance {
            hz: 500.0,
            bandwidth_hz: 80.0,
        };
        // On the formant the gain is large, far above it negative, and at 0 Hz it is none.
        assert!(corrected(0.0, 500.0, &[formant]) < -10.0);
        assert!(corrected(0.0, 3000.0, &[formant]) > 10.0);
        assert!(corrected(0.0, 0.0, &[formant]).abs() < 1e-3);
        assert_eq!(corrected(3.0, 500.0, &[NONE]), 3.0);
    }
}
