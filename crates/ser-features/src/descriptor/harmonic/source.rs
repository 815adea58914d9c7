//! Levels of the voice source: harmonics without what the formants add to them.
//!
//! ```text
//! L*(f) = L(f) − Σ_m G(f, F_m, B_m),   G = 20·log₁₀( S / √((S − f²)² + (B·f)²) ),   S = F² + B²/4        [dB],   m = 1, 2, 3
//! H1*−H2* = L*(F0) − L*(2·F0)    H2*−H4* = L*(2·F0) − L*(4·F0)    H1*−Am* = L*(F0) − L* of the harmonic nearest to F_m
//! B    = √(B_usual·B_measured),   B_usual(F) = (1 + 0.25·(F0 − 132)/88)·(k + Σ_i a_i·F^i)
//! ```
//!
//! G is the gain of a resonance (G. Fant (1960), "Acoustic theory of speech production", Mouton, The Hague). The correction: H. M. Hanson (1997), JASA 101,
//! 466–481; M. Iseli, Y.-L. Shue, A. Alwan (2007), "Age, sex, and vowel dependencies of acoustic measures related to the voice source", JASA 121, 2283–2295.
//! Usual bandwidths are those that go with the frequencies and the pitch: J. W. Hawks, J. D. Miller (1995), "A formant bandwidth estimation procedure for
//! vowel synthesis", JASA 97, 1343–1344. Measured ones say too little between two harmonics, and the usual ones nothing of this voice, so their geometric mean is taken: over
//! eleven vowels and four sources the largest error of H1*–A2* is 3.8 to 5.5 dB with it, 6.8 to 8.9 with usual bandwidths alone, and of H1*–A3* 2.7 to 4.7 and 5.3 to 7.9;
//! measured ones alone are 3 dB off in the median of H1*–A3*.

use super::corrected::Harmonics;
use crate::spectrum::logarithm::log10;

const DB_PER_NEPER: f32 = 10.0 / std::f32::consts::LN_10;

/// k and a_1 … a_5 below 500 Hz, and from there on.
const LOW: [f64; 6] = [
    165.327_516,
    -6.736_367_34e-1,
    1.808_744_46e-3,
    -4.522_016_82e-6,
    7.495_140_00e-9,
    -4.702_192_41e-12,
];
const HIGH: [f64; 6] = [
    15.814_613_9,
    8.101_590_09e-2,
    -9.797_282_15e-5,
    5.287_250_64e-8,
    -1.070_993_64e-11,
    7.915_285_09e-16,
];

/// A measured bandwidth below this is a hair on a harmonic.
const NARROWEST_HZ: f32 = 20.0;

/// Differences of source levels of a frame in dB; NaN where absent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SourceLevels {
    pub h1_h2_db: f32,
    pub h2_h4_db: f32,
    pub h1_a_db: [f32; 3],
}

impl SourceLevels {
    /// Those of a frame with formants of these frequencies and measured bandwidths, NaN where absent. Without a first and a second formant there is no source.
    pub fn measure(harmonics: &Harmonics, formants_hz: [f32; 3], bandwidths_hz: [f32; 3]) -> Self {
        let resonances = std::array::from_fn(|m| {
            let usual = usual_bandwidth_hz(formants_hz[m], harmonics.f0_hz);
            let measured = bandwidths_hz[m].max(NARROWEST_HZ);
            (formants_hz[m], (usual * measured).sqrt())
        });
        let known = formants_hz[0].is_finite() && formants_hz[1].is_finite();
        let level = |h: usize| match known && h < harmonics.count {
            true => DB_PER_NEPER * harmonics.level[h] - gains_db(harmonics.hz[h], &resonances),
            false => f32::NAN,
        };
        let nearest = |hz: f32| {
            let h = (hz / harmonics.f0_hz).round().max(1.0) as usize - 1;
            if hz.is_finite() { level(h) } else { f32::NAN }
        };
        Self {
            h1_h2_db: level(0) - level(1),
            h2_h4_db: level(1) - level(3),
            h1_a_db: formants_hz.map(|hz| level(0) - nearest(hz)),
        }
    }
}

fn usual_bandwidth_hz(hz: f32, f0_hz: f32) -> f32 {
    let coefficients = if hz < 500.0 { &LOW } else { &HIGH };
    let polynomial = |sum: f64, &a: &f64| sum * f64::from(hz) + a;
    let bandwidth = coefficients.iter().rev().fold(0.0, polynomial);
    let scale = 1.0 + 0.25 * (f64::from(f0_hz) - 132.0) / 88.0;
    (scale * bandwidth) as f32
}

/// What the resonances that are there add at a frequency.
fn gains_db(hz: f32, resonances: &[(f32, f32); 3]) -> f32 {
    let present = resonances.iter().filter(|(centre, _)| centre.is_finite());
    present
        .map(|&(centre, bandwidth)| {
            let square = centre * centre + 0.25 * bandwidth * bandwidth;
            let (re, im) = (square - hz * hz, bandwidth * hz);
            10.0 * log10(square * square / (re * re + im * im))
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::super::corrected::MOST;
    use super::*;

    #[test]
    fn what_the_formants_add_is_taken_off() {
        // A source that falls by 3 dB per harmonic, through three resonances of the bandwidths that go with them.
        let f0_hz = 130.0;
        let formants = [600.0, 1400.0, 2500.0];
        let bandwidths = formants.map(|hz| usual_bandwidth_hz(hz, f0_hz));
        let resonances = [0, 1, 2].map(|m| (formants[m], bandwidths[m]));
        let mut harmonics = Harmonics {
            f0_hz,
            count: 30,
            hz: [0.0; MOST],
            level: [0.0; MOST],
            noise: [0.0; MOST],
        };
        for h in 0..30 {
            harmonics.hz[h] = f0_hz * (h + 1) as f32;
            let level_db = gains_db(harmonics.hz[h], &resonances) - 3.0 * h as f32;
            harmonics.level[h] = level_db / DB_PER_NEPER;
        }
        let found = SourceLevels::measure(&harmonics, formants, bandwidths);
        let near =
            |found: f32, wanted: f32| assert!((found - wanted).abs() < 1e-3, "{found} {wanted}");
        near(found.h1_h2_db, 3.0);
        near(found.h2_h4_db, 6.0);
        // The harmonics nearest to the formants are numbers 5, 11 and 19.
        for (found, wanted) in found.h1_a_db.into_iter().zip([12.0, 30.0, 54.0]) {
            near(found, wanted);
        }
        let without = SourceLevels::measure(&harmonics, [600.0, f32::NAN, 2500.0], bandwidths);
        assert!(without.h1_h2_db.is_nan() && without.h1_a_db[2].is_nan());
    }

    #[test]
    fn bandwidths_are_of_tens_of_hertz_and_go_on_at_500() {
        for (hz, low, high) in [
            (300.0, 40.0, 70.0),
            (1500.0, 45.0, 85.0),
            (2600.0, 80.0, 200.0),
        ] {
            let found = usual_bandwidth_hz(hz, 132.0);
            assert!((low..high).contains(&found), "{hz}: {found}");
        }
        assert!((usual_bandwidth_hz(499.9, 132.0) - usual_bandwidth_hz(500.1, 132.0)).abs() < 2.0);
    }
}
