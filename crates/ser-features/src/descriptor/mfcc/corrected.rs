//! Mel-frequency cepstral coefficients 1–4.
//!
//! ```text
//! C_i = λ_i · sqrt(2/26) · Σ_b ln m_b · cos(π·i/26·(b + ½)),   λ_i = 1 + 11·sin(π·i/22)
//! ```
//!
//! S. B. Davis, P. Mermelstein (1980), IEEE Trans. ASSP 28, 357–366; lifter λ of the HTK book with length 22. m: power in 26 mel bands,
//! 20 Hz to 5 kHz.
//! Corrected: a band counts at least 10⁻¹² of the strongest one instead of a fixed power, so a gain, which adds a constant to every
//! ln m_b, changes nothing; the bands end at 5 kHz at every sample rate; silence is absent.

use crate::lanes::{F32s, LANES, widest};
use crate::spectrum::logarithm::lns;
use crate::spectrum::mel::BANDS;

/// Number of coefficients, counted from 1.
pub(crate) const COEFFICIENTS: usize = 4;
const LIFTER: f64 = 22.0;
/// A band's least power, relative to the strongest: −120 dB.
const SMALLEST: f32 = 1e-12;

/// Cosines with lifter and norm.
#[derive(Clone, Debug)]
pub(crate) struct Mfcc {
    weights: [[f32; BANDS]; COEFFICIENTS],
}

impl Mfcc {
    /// Computes the table.
    pub fn new() -> Self {
        let norm = (2.0 / BANDS as f64).sqrt();
        let angle = |i: usize| std::f64::consts::PI * (i + 1) as f64;
        Self {
            weights: std::array::from_fn(|i| {
                let scale = norm * (1.0 + LIFTER / 2.0 * libm::sin(angle(i) / LIFTER));
                std::array::from_fn(|b| {
                    (scale * libm::cos(angle(i) / BANDS as f64 * (b as f64 + 0.5))) as f32
                })
            }),
        }
    }

    /// The coefficients of eight frames.
    pub fn measure(&self, bands: &[F32s; BANDS]) -> [F32s; COEFFICIENTS] {
        widest(
            #[inline(always)]
            || self.coefficients(bands),
        )
    }

    /// The same, for [`widest`].
    #[inline(always)]
    fn coefficients(&self, bands: &[F32s; BANDS]) -> [F32s; COEFFICIENTS] {
        let peak = bands.iter().fold(F32s::default(), |peak, &m| peak.max(m));
        let floor = (SMALLEST * peak).max(F32s::splat(f32::MIN_POSITIVE));
        let mut logs = [F32s::default(); BANDS];
        for (log, &band) in logs.iter_mut().zip(bands) {
            *log = lns(band.max(floor));
        }
        let mut coefficients = [F32s::default(); COEFFICIENTS];
        for (sum, weights) in coefficients.iter_mut().zip(&self.weights) {
            for (&log, &weight) in logs.iter().zip(weights) {
                *sum += weight * log;
            }
            for lane in 0..LANES {
                let is_silent = peak.0[lane] <= 0.0;
                sum.0[lane] = if is_silent { f32::NAN } else { sum.0[lane] };
            }
        }
        coefficients
    }
}

#[test]
fn a_cosine_over_the_bands_is_one_coefficient_at_any_level() {
    let mfcc = Mfcc::new();
    for level in [1e-8_f32, 1.0, 1e6] {
        let bands = std::array::from_fn(|b| {
            let angle = std::f32::consts::PI * 2.0 / BANDS as f32 * (b as f32 + 0.5);
            F32s::splat(level * angle.cos().exp())
        });
        let found = mfcc.measure(&bands).map(|c| c.0[6]);
        let want = (2.0 / BANDS as f32).sqrt() * BANDS as f32 / 2.0
            * (1.0 + 11.0 * (std::f32::consts::PI * 2.0 / 22.0).sin());
        assert!((found[1] / want - 1.0).abs() < 1e-4, "{found:?}");
        assert!(
            [found[0], found[2], found[3]]
                .iter()
                .all(|c| c.abs() < 1e-2),
            "{found:?}"
        );
    }
    assert!(mfcc.measure(&[F32s::default(); BANDS])[0].0[0].is_nan());
}
