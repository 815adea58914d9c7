//! Pearson's correlation of a waveform with itself one lag on, the two segments being as long as the lag.
//!
//! ```text
//! r_n = (Σ x·y − Σx·Σy/n) / √((Σx² − (Σx)²/n)·(Σy² − (Σy)²/n)),   x = w_0 … w_{n−1},  y = w_n … w_{2n−1}
//! ```
//!
//! For all lags n of a search from running sums. Where these cancel, and at the lag that is found, by the definition, means removed first.

use crate::lanes::widest;
use crate::stats::dot;

/// A variance below this share of the energy is computed again without cancellation.
const CANCELLATION: f64 = 1e-7;

/// A waveform, and what is known of it at the lags last asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct SelfCorrelation {
    wave: Vec<f64>,
    /// For each lag the sums over one segment as long as it, and over two, and of the products of the samples of one with those of the next.
    one: Sums,
    two: Sums,
    products: Vec<f64>,
    correlation: Vec<f64>,
}

/// Sums of samples and of their squares.
#[derive(Clone, Debug, Default)]
struct Sums {
    plain: Vec<f64>,
    squares: Vec<f64>,
}

/// The sum so far and those up to each further value.
#[inline(always)]
fn running(sums: &mut Vec<f64>, mut sum: f64, values: impl ExactSizeIterator<Item = f64>) -> f64 {
    sums.clear();
    sums.push(sum);
    sums.extend(values.map(|x| {
        sum += x;
        sum
    }));
    sum
}

impl SelfCorrelation {
    /// Takes the waveform in.
    pub fn load(&mut self, samples: &[f32]) {
        self.wave.clear();
        self.wave.extend(samples.iter().map(|&x| f64::from(x)));
    }

    /// The lag of the highest inner maximum of the correlation, with the correlations around it, those without any shortcut.
    pub fn best_lag(
        &mut self,
        offset: usize,
        shortest: usize,
        longest: usize,
    ) -> Option<(usize, [f64; 3])> {
        widest(
            #[inline(always)]
            || {
                self.add_up(offset, shortest, longest);
                self.multiply(offset, shortest, longest);
                self.correlate(offset, shortest);
            },
        );
        let correlation = &self.correlation;
        let mut best: Option<usize> = None;
        // The last two lags cannot win. A comparison with NaN (no variance) is false.
        for i in 1..correlation.len().saturating_sub(2) {
            let (before, here, after) = (correlation[i - 1], correlation[i], correlation[i + 1]);
            if before < here && here > after && best.is_none_or(|best| here > correlation[best]) {
                best = Some(i);
            }
        }
        best.map(|i| {
            (
                shortest + i,
                self.correlations_by_definition(offset, shortest + i),
            )
        })
    }

    /// The sums of one and of two segments from `offset` on, for all lags.
    #[inline(always)]
    fn add_up(&mut self, offset: usize, shortest: usize, longest: usize) {
        let wave = &self.wave[offset..];
        let (one, two) = (&mut self.one, &mut self.two);
        let (first, between) = (&wave[..shortest], &wave[longest..2 * shortest]);
        let each = wave[shortest..longest].iter();
        // Two of the shortest are longer than one of the longest.
        let pairs = wave[2 * shortest..2 * longest].as_chunks::<2>().0.iter();
        let sum = running(&mut one.plain, total(first), each.clone().copied());
        running(
            &mut two.plain,
            sum + total(between),
            pairs.clone().map(|[a, b]| a + b),
        );
        let sum = running(&mut one.squares, dot(first, first), each.map(|x| x * x));
        let squares = pairs.map(|[a, b]| a * a + b * b);
        running(&mut two.squares, sum + dot(between, between), squares);
    }

    /// The sums of products, of four lags at a time: they share the first segment.
    #[inline(always)]
    fn multiply(&mut self, offset: usize, shortest: usize, longest: usize) {
        let wave = &self.wave[offset..];
        self.products.clear();
        let mut lag = shortest;
        while lag + 3 <= longest {
            self.products.extend_from_slice(&four_products(wave, lag));
            lag += 4;
        }
        for lag in lag..=longest {
            let (x, y) = wave[..2 * lag].split_at(lag);
            self.products.push(dot(x, y));
        }
    }

    /// Pearson's correlation of the samples from `offset` on with those after them, for all lags, from the sums.
    #[inline(always)]
    fn correlate(&mut self, offset: usize, shortest: usize) {
        let count = self.products.len();
        self.correlation.clear();
        self.correlation.resize(count, 0.0);
        let (one, two) = (&self.one, &self.two);
        let (one_plain, one_squares) = (&one.plain[..count], &one.squares[..count]);
        let (two_plain, two_squares) = (&two.plain[..count], &two.squares[..count]);
        let products = &self.products[..count];
        let mut cancelled = 0_u64;
        for (i, correlation) in self.correlation.iter_mut().enumerate() {
            let n = shortest as f64 + f64::from(i as i32);
            let (sum_x, square_x) = (one_plain[i], one_squares[i]);
            let (sum_y, square_y) = (two_plain[i] - sum_x, two_squares[i] - square_x);
            let variance_x = variance(sum_x, square_x, n);
            let variance_y = variance(sum_y, square_y, n);
            let covariance = products[i] - sum_x * sum_y / n;
            *correlation = covariance / (variance_x * variance_y).sqrt();
            let is_lost = is_lost(variance_x, square_x) | is_lost(variance_y, square_y);
            cancelled |= u64::from(is_lost);
        }
        if cancelled != 0 {
            self.correlate_by_definition(offset, shortest);
        }
    }

    /// Takes the place of correlations that cancellation has spoiled, in near silence; where one is, others may be.
    #[cold]
    fn correlate_by_definition(&mut self, offset: usize, shortest: usize) {
        for (lag, correlation) in (shortest..).zip(&mut self.correlation) {
            let i = lag - shortest;
            let (sum_x, square_x) = (self.one.plain[i], self.one.squares[i]);
            let (sum_y, square_y) = (self.two.plain[i] - sum_x, self.two.squares[i] - square_x);
            let n = lag as f64;
            let is_lost = |sum: f64, square: f64| is_lost(variance(sum, square, n), square);
            if is_lost(sum_x, square_x) || is_lost(sum_y, square_y) {
                let (x, y) = self.wave[offset..][..2 * lag].split_at(lag);
                *correlation = correlation_by_definition(x, y);
            }
        }
    }

    /// The correlations at `lag` and its neighbours by the definition, side by side: jitter hears their last bits, and the running
    /// minimum even whether two roots are taken or one of the product (it decided the other way in 2 of 437 recordings).
    fn correlations_by_definition(&self, offset: usize, lag: usize) -> [f64; 3] {
        const LAGS: usize = 3;
        let x = &self.wave[offset..offset + lag + 1];
        // The second segment of lag − 1 + k begins at its place k.
        let y = &self.wave[offset + lag - 1..offset + 2 * lag + 2];
        let common = lag - 1;
        let windows = || x[..common].iter().zip(y.windows(4));
        widest(
            #[inline(always)]
            || {
                // One place more than lags, which is nobody's, fills the register.
                let (mut sum_x, mut sum_y) = (0.0, [0.0; 4]);
                for (x, y) in windows() {
                    sum_x += x;
                    sum_y = std::array::from_fn(|k| sum_y[k] + y[k]);
                }
                let (mut mean_x, mut mean_y) = ([0.0; 4], [0.0; 4]);
                for k in 0..LAGS {
                    let n = (common + k) as f64;
                    let rest = |sum: f64, values: &[f64]| values.iter().fold(sum, |s, v| s + v);
                    mean_x[k] = rest(sum_x, &x[common..common + k]) / n;
                    mean_y[k] = rest(sum_y[k], &y[common + k..common + 2 * k]) / n;
                }
                (mean_x[LAGS], mean_y[LAGS]) = (mean_x[LAGS - 1], mean_y[LAGS - 1]);
                let (mut xx, mut yy, mut xy) = products(windows(), mean_x, mean_y);
                std::array::from_fn(|k| {
                    for i in common..common + k {
                        let (x, y) = (x[i] - mean_x[k], y[k + i] - mean_y[k]);
                        xx[k] += x * x;
                        yy[k] += y * y;
                        xy[k] += x * y;
                    }
                    xy[k] / (xx[k].sqrt() * yy[k].sqrt())
                })
            },
        )
    }
}

/// n times the variance of n samples, from their sum and that of their squares.
#[inline(always)]
fn variance(sum: f64, squares: f64, n: f64) -> f64 {
    squares - sum * sum / n
}

/// Has cancellation spoiled this variance?
#[inline(always)]
fn is_lost(variance: f64, squares: f64) -> bool {
    variance <= CANCELLATION * squares
}

/// The sum, with eight partial sums that the compiler keeps side by side.
#[inline(always)]
fn total(x: &[f64]) -> f64 {
    let (blocks, rest) = x.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for x in blocks {
        for i in 0..8 {
            sums[i] += x[i];
        }
    }
    sums.into_iter().sum::<f64>() + rest.iter().sum::<f64>()
}

/// Σ x², Σ y² and Σ xy without means, four windows side by side.
#[inline(always)]
fn products<'a>(
    windows: impl Iterator<Item = (&'a f64, &'a [f64])>,
    mean_x: [f64; 4],
    mean_y: [f64; 4],
) -> ([f64; 4], [f64; 4], [f64; 4]) {
    let (mut xx, mut yy, mut xy) = ([0.0; 4], [0.0; 4], [0.0; 4]);
    for (x, y) in windows {
        let x: [f64; 4] = std::array::from_fn(|k| x - mean_x[k]);
        let y: [f64; 4] = std::array::from_fn(|k| y[k] - mean_y[k]);
        xx = std::array::from_fn(|k| xx[k] + x[k] * x[k]);
        yy = std::array::from_fn(|k| yy[k] + y[k] * y[k]);
        xy = std::array::from_fn(|k| xy[k] + x[k] * y[k]);
    }
    (xx, yy, xy)
}

/// Σ x_i·x_{i + lag + k} over the `lag + k` first samples, k = 0 … 3.
#[inline(always)]
fn four_products(wave: &[f64], lag: usize) -> [f64; 4] {
    const BLOCK: usize = 8;
    let [mut s0, mut s1, mut s2, mut s3] = [[0.0; BLOCK]; 4];
    let blocks = lag / BLOCK;
    let later = wave[lag..].windows(BLOCK + 3).step_by(BLOCK);
    for (x, y) in wave[..lag].as_chunks::<BLOCK>().0.iter().zip(later) {
        s0 = std::array::from_fn(|i| s0[i] + x[i] * y[i]);
        s1 = std::array::from_fn(|i| s1[i] + x[i] * y[i + 1]);
        s2 = std::array::from_fn(|i| s2[i] + x[i] * y[i + 2]);
        s3 = std::array::from_fn(|i| s3[i] + x[i] * y[i + 3]);
    }
    let mut sums = [s0, s1, s2, s3].map(|sums| sums.iter().sum::<f64>());
    for (k, sum) in sums.iter_mut().enumerate() {
        let rest = blocks * BLOCK..lag + k;
        let (x, y) = (&wave[rest.clone()], &wave[lag + k..][rest]);
        *sum = x.iter().zip(y).fold(*sum, |sum, (x, y)| sum + x * y);
    }
    sums
}

/// The definition: means removed first. NaN if a segment is constant.
///
/// Two roots, not the root of the product: between two neighbours of `f64` the running minimum can decide the other way, as it did
/// in 2 of 437 recordings of Emo-DB.
fn correlation_by_definition(x: &[f64], y: &[f64]) -> f64 {
    let n = x.len() as f64;
    let mean_x = x.iter().sum::<f64>() / n;
    let mean_y = y.iter().sum::<f64>() / n;
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        let (x, y) = (x - mean_x, y - mean_y);
        xx += x * x;
        yy += y * y;
        xy += x * y;
    }
    xy / (xx.sqrt() * yy.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_correlation_is_the_definition() {
        let wave: Vec<f32> = (0..700)
            .map(|i| ((i * i) as f32 * 0.01).sin() + 0.1)
            .collect();
        let mut waveform = SelfCorrelation::default();
        waveform.load(&wave);
        for (offset, lag) in [(0, 100), (3, 57), (200, 240)] {
            let (x, y) = (&waveform.wave[offset..], &waveform.wave[offset + lag..]);
            let want = correlation_by_definition(&x[..lag], &y[..lag]);
            for (shorter, longer) in [(5, 7), (5, 2), (0, 5)] {
                let (shortest, longest) = (lag - shorter, lag + longer);
                waveform.add_up(offset, shortest, longest);
                waveform.multiply(offset, shortest, longest);
                waveform.correlate(offset, shortest);
                assert_eq!(waveform.correlation.len(), longest - shortest + 1);
                assert!((waveform.correlation[shorter] - want).abs() < 1e-12);
            }
            assert_eq!(waveform.correlations_by_definition(offset, lag)[1], want);
            assert_eq!(
                waveform.correlations_by_definition(offset, lag - 1)[2],
                want
            );
            assert_eq!(
                waveform.correlations_by_definition(offset, lag + 1)[0],
                want
            );
        }
    }

    #[test]
    fn a_small_swing_on_a_large_offset_is_correlated_by_the_definition() {
        // The squares of the offset swallow what varies.
        let wave: Vec<f32> = (0..300)
            .map(|i| 1000.0 + 0.01 * (i as f32 * 0.07).sin())
            .collect();
        let mut waveform = SelfCorrelation::default();
        waveform.load(&wave);
        let (shortest, longest) = (80, 100);
        waveform.add_up(10, shortest, longest);
        waveform.multiply(10, shortest, longest);
        waveform.correlate(10, shortest);
        for (lag, &correlation) in (shortest..).zip(&waveform.correlation) {
            let (x, y) = waveform.wave[10..][..2 * lag].split_at(lag);
            assert_eq!(correlation, correlation_by_definition(x, y), "{lag}");
        }
    }

    #[test]
    fn a_constant_is_like_nothing() {
        assert!(correlation_by_definition(&[0.25; 9], &[0.1; 9]).is_nan());
    }
}
