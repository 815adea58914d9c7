//! The inverse filter of a frame: what it leaves of a voice are its pulses, without the ringing of the lower formants.
//!
//! ```text
//! e[n] = Σ_i a_i · x[n − i],   i = 0 … 6,  a_0 = 1           a minimises Σ e² over the frame
//! R_i  = Σ_k P_k cos(2π·i·k/N)                               the autocorrelation, from the power spectrum
//! ```
//!
//! J. Makhoul (1975), "Linear prediction: a tutorial review", Proc. IEEE 63, 561–580 (autocorrelation method, Levinson's recursion). Six poles flatten F1
//! and F2, which ring longest; more of them raise noise.

/// Order of the predictor.
pub(crate) const ORDER: usize = 6;
/// White noise added to R_0, relative: −50 dB.
const RIDGE: f64 = 1e-5;
/// Bins side by side.
const WIDTH: usize = 8;

/// The filter a_0 … a_6.
pub(crate) type Filter = [f32; ORDER + 1];

/// Plans filters for power spectra of one length.
#[derive(Clone, Debug)]
pub(crate) struct Inverse {
    /// cos(2π·k/N), and 0 beyond the last bin, up to a whole number of vectors.
    cos: Vec<[f64; WIDTH]>,
}

impl Inverse {
    /// For spectra of `bins` bins from 0 Hz to the Nyquist frequency.
    pub fn new(bins: usize) -> Self {
        let step = std::f64::consts::PI / (bins - 1) as f64;
        let cos = |k: usize| libm::cos(step * k as f64);
        let vector = |v: usize| std::array::from_fn(|i| cos(v * WIDTH + i));
        Self {
            cos: (0..bins.div_ceil(WIDTH)).map(vector).collect(),
        }
    }

    /// The filter of a frame; none of silence.
    pub fn filter(&self, power: &[f32]) -> Option<Filter> {
        predictor(&self.autocorrelation(power))
    }

    fn autocorrelation(&self, power: &[f32]) -> [f64; ORDER + 1] {
        let mut sums = [[0.0_f64; WIDTH]; ORDER + 1];
        let last = power.len() - 1;
        for (v, cos) in self.cos.iter().enumerate() {
            let mut p = [0.0; WIDTH];
            for (i, p) in p.iter_mut().enumerate() {
                let k = v * WIDTH + i;
                // The ends of a two-sided spectrum stand in it once.
                let weight = if k == 0 || k == last { 0.5 } else { 1.0 };
                *p = power.get(k).map_or(0.0, |&p| weight * f64::from(p));
            }
            // cos iθ by Chebyshev's recursion.
            let (mut before, mut here) = ([1.0; WIDTH], *cos);
            for (lag, sum) in sums.iter_mut().enumerate() {
                for i in 0..WIDTH {
                    sum[i] += p[i] * before[i];
                }
                if lag < ORDER {
                    for i in 0..WIDTH {
                        let next = 2.0 * cos[i] * here[i] - before[i];
                        before[i] = here[i];
                        here[i] = next;
                    }
                }
            }
        }
        sums.map(|sum| sum.iter().sum())
    }
}

/// Levinson's recursion.
fn predictor(r: &[f64; ORDER + 1]) -> Option<Filter> {
    let mut a = [0.0; ORDER + 1];
    a[0] = 1.0;
    let mut error = r[0] * (1.0 + RIDGE);
    for i in 1..=ORDER {
        if error <= 0.0 || !error.is_finite() {
            return None;
        }
        let products = (1..i).map(|j| a[j] * r[i - j]);
        let reflection = -(r[i] + products.sum::<f64>()) / error;
        let before = a;
        for j in 1..i {
            a[j] += reflection * before[i - j];
        }
        a[i] = reflection;
        error *= 1.0 - reflection * reflection;
    }
    Some(a.map(|a| a as f32))
}

/// The filtered samples: one for each of `samples` but the first six, on which the filter starts.
pub(crate) fn flattened(filter: &Filter, samples: &[f32], flat: &mut Vec<f32>) {
    flat.clear();
    flat.extend(samples.windows(ORDER + 1).map(|x| {
        let products = filter.iter().zip(x.iter().rev()).map(|(a, x)| a * x);
        products.sum::<f32>()
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Power spectrum of 1/A at `bins` bins.
    fn spectrum(poles: &[(f64, f64)], bins: usize) -> Vec<f32> {
        let power = |k: usize| {
            let w = std::f64::consts::PI * k as f64 / (bins - 1) as f64;
            let distance = |r: f64, angle: f64| 1.0 - 2.0 * r * (w - angle).cos() + r * r;
            let product = |&(r, angle): &(f64, f64)| distance(r, angle) * distance(r, -angle);
            1.0 / poles.iter().map(product).product::<f64>()
        };
        (0..bins).map(|k| power(k) as f32).collect()
    }

    #[test]
    fn three_resonances_are_undone() {
        let poles = [(0.8, 0.4), (0.7, 1.1), (0.6, 2.0)];
        let filter = Inverse::new(513).filter(&spectrum(&poles, 513)).unwrap();
        // The filter is Π (1 − 2r·cos θ·z⁻¹ + r²·z⁻²).
        let mut wanted = vec![1.0];
        for (r, angle) in poles {
            let factor = [1.0, -2.0 * r * f64::cos(angle), r * r];
            let mut product = vec![0.0; wanted.len() + 2];
            for (i, a) in wanted.iter().enumerate() {
                for (j, b) in factor.iter().enumerate() {
                    product[i + j] += a * b;
                }
            }
            wanted = product;
        }
        for (found, wanted) in filter.iter().zip(wanted) {
            assert!((f64::from(*found) - wanted).abs() < 2e-3, "{filter:?}");
        }
        assert_eq!(Inverse::new(513).filter(&[0.0; 513]), None);
    }

    #[test]
    fn a_filter_is_the_sum_over_the_samples_before() {
        let mut flat = vec![9.0];
        let filter = [1.0, -0.5, 0.0, 0.0, 0.0, 0.0, 0.25];
        flattened(
            &filter,
            &[4.0, 0.0, 0.0, 0.0, 0.0, 2.0, 1.0, 3.0],
            &mut flat,
        );
        assert_eq!(flat, [1.0 - 1.0 + 1.0, 3.0 - 0.5]);
    }
}
