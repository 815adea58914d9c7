//! A 20 ms frame at 11 kHz, synthesised from the lower bins of its spectrum.
//!
//! ```text
//! y_i = (2/N) · ( Re₀ + Σ_{k=1}^{K−1} ( Re_k·cos(2πki/Λ) + Im_k·sin(2πki/Λ) ) ),   i = 0 … I−1
//! I = round(L · 11000/rate) samples out,   Λ = N·I/L period,   K = floor(min(N, I)/2)
//! ```
//!
//! Im has a plus sign. DC counts double, and the band ends at bin K−1: 3406 Hz at 8, 16 and 32 kHz, 5109 Hz at 48 kHz. Thus
//! formants depend on the sample rate, here as in the reference.
//!
//! Everything is `f32` and summed term by term, Re₀, Re₁cos, Im₁sin, Re₂cos …, because linear prediction amplifies the last bit.
//! Eight frames side by side, a tile of samples at once, in registers: the order within each sum stays, and the tables are read once for all eight.
//!
//! Where half a period, or an odd multiple of it, is H samples (176 at 8, 16 and 32 kHz), samples i, H−i and H+i are sums of the same products,
//!
//! ```text
//! cos(2πk(H±i)/Λ) = (−1)ᵏ cos(2πki/Λ),   sin(2πk(H±i)/Λ) = ±(−1)ᵏ sin(2πki/Λ),
//! ```
//!
//! which are made once and added or taken away. Near zeros of the two functions rounded tables are not that symmetric; bins where any of a tile's
//! coefficients differs in a single bit have coefficients of their own.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use crate::frame::geometry::Geometry;
use crate::lanes::{F32s, for_each, widest};
use crate::spectrum::ooura::Complex;

/// The rate of the synthesised frame in Hz.
pub(crate) const TARGET_HZ: f64 = 11_000.0;

/// Sums of a tile: as many as fit sixteen registers of 256 bits beside what they are made of, or of 128 bits in the browser. With one more the compiler keeps sums
/// in memory (`benches/instructions.sh` shows it).
const TRIPLES: usize = if cfg!(target_arch = "wasm32") { 2 } else { 4 };
const PAIRS: usize = if cfg!(target_arch = "wasm32") { 3 } else { 5 };
const SINGLES: usize = if cfg!(target_arch = "wasm32") { 5 } else { 8 };

/// Rates whose tables are kept for whoever plans next.
const KEPT: usize = 4;

/// The synthesis at one sample rate; copies share their tables, and so do all that are planned while the program runs.
#[derive(Clone, Debug)]
pub(crate) struct Resynthesis {
    tables: Arc<Tables>,
}

/// Tables of one sample rate.
#[derive(Debug)]
struct Tables {
    rate_hz: u32,
    length: usize,
    /// Samples i, H−i and H+i.
    triples: Vec<Tile<3, TRIPLES>>,
    /// Samples i and H−i.
    pairs: Vec<Tile<2, PAIRS>>,
    /// Samples without a counterpart, and those of them that fill no tile: at 16 kHz there is one.
    singles: Vec<Tile<1, SINGLES>>,
    rest: Vec<Tile<1, 1>>,
    /// Cosines of the Nyquist bin, where the output is longer than the transform.
    nyquist: Option<Vec<f32>>,
    scale: f32,
    bins: usize,
}

/// Samples that are summed at once, `T` times the `M` ones that share their products.
#[derive(Debug)]
struct Tile<const M: usize, const T: usize> {
    /// Which samples these are; the last tile has some twice.
    samples: [[usize; M]; T],
    /// Cosines and sines of the first of each `M`, for every two of the bins 1 … K−1.
    shared: Vec<[Waves<T>; 2]>,
    /// Pairs of bins that are none, or where symmetry does not hold to the bit, ascending, with cosines and sines of all samples.
    own: Vec<(usize, Vec<[Waves<T>; M]>)>,
}

/// Cosines and sines of 2πki/Λ for some samples and one bin.
type Waves<const T: usize> = [[f32; T]; 2];

/// Cosine and sine of 2πki/Λ by the product ki, of which a third are different ones.
struct ByProduct {
    waves: Vec<[f32; 2]>,
    /// K: bins 1 … K−1 are known.
    end: usize,
}

impl ByProduct {
    fn new(end: usize, length: usize, angle: impl Fn(usize) -> f64) -> Self {
        // Cosine and sine are never both 0: what is, is no product so far.
        let mut waves = vec![[0.0; 2]; end * length];
        for i in 0..length {
            for k in 1..end {
                let wave = &mut waves[k * i];
                if *wave == [0.0; 2] {
                    let angle = angle(k * i);
                    *wave = [angle.cos() as f32, angle.sin() as f32];
                }
            }
        }
        Self { waves, end }
    }

    /// Of bin `k` and sample `i`.
    fn at(&self, k: usize, i: usize) -> [f32; 2] {
        self.waves[k * i]
    }

    /// The pairs of bins, from bin 1 on, of which one is none, or whose waves at samples i, H−i and H+i do not differ by their signs alone.
    fn failing<const M: usize>(&self, sharing: &[usize; M]) -> Vec<usize> {
        let holds = |k: usize| k < self.end && is_symmetric(k, sharing.map(|i| self.at(k, i)));
        let fails = |pair: &usize| !(holds(2 * pair + 1) && holds(2 * pair + 2));
        (0..(self.end - 1).div_ceil(2)).filter(fails).collect()
    }
}

impl Tables {
    fn new(geometry: &Geometry) -> Self {
        let shape = &geometry.short;
        let rate = f64::from(geometry.rate.hz());
        let n = shape.fft_length as f64;
        let length = (n * (TARGET_HZ / rate) * (0.020 / shape.duration_s)).round() as usize;
        let period = n * length as f64 / shape.length as f64;
        let angle = |product: usize| std::f64::consts::TAU * product as f64 / period;
        let end = shape.fft_length.min(length) / 2;
        let waves = ByProduct::new(end, length, angle);
        let (mut triples, mut pairs, mut singles) = (Vec::new(), Vec::new(), Vec::new());
        let half = half_period(shape.fft_length * length, shape.length, length);
        let mut placed = vec![false; length];
        for i in 0..length {
            if placed[i] {
                continue;
            }
            let mut take = |samples: &[usize]| samples.iter().for_each(|&i| placed[i] = true);
            match half.filter(|half| 2 * i < *half && half - i < length) {
                Some(half) if i > 0 && half + i < length => {
                    triples.push([i, half - i, half + i]);
                    take(&[i, half - i, half + i]);
                }
                Some(half) => {
                    pairs.push([i, half - i]);
                    take(&[i, half - i]);
                }
                None => singles.push([i]),
            }
        }
        let nyquist = (length >= shape.fft_length).then(|| {
            (0..length)
                .map(|i| angle(shape.fft_length / 2 * i).cos() as f32)
                .collect()
        });
        Self {
            rate_hz: geometry.rate.hz(),
            length,
            triples: Tile::all(triples, &waves),
            pairs: Tile::all(pairs, &waves),
            rest: Tile::all(singles.split_off(singles.len() / SINGLES * SINGLES), &waves),
            singles: Tile::all(singles, &waves),
            nyquist,
            scale: (shape.fft_length / 2) as f32,
            bins: end,
        }
    }
}

/// The least number of samples below twice the `length` that is an odd multiple of half the period of `above`/`below` samples.
fn half_period(above: usize, below: usize, length: usize) -> Option<usize> {
    (1..2 * length).find(|samples| {
        let halves = 2 * samples * below;
        halves.is_multiple_of(above) && (halves / above) % 2 == 1
    })
}

impl<const M: usize, const T: usize> Tile<M, T> {
    /// Tiles of all `samples`, those together whose symmetry fails at the same bins.
    fn all(samples: Vec<[usize; M]>, waves: &ByProduct) -> Vec<Self> {
        let mut samples: Vec<(Vec<usize>, [usize; M])> = samples
            .into_iter()
            .map(|sharing| (waves.failing(&sharing), sharing))
            .collect();
        samples.sort_by(|(a, _), (b, _)| (a.len(), a).cmp(&(b.len(), b)));
        let tiles = samples.chunks(T).map(|some| {
            let samples: [[usize; M]; T] = std::array::from_fn(|t| some[t.min(some.len() - 1)].1);
            let of_bin = |k: usize, m: usize| -> Waves<T> {
                let waves = samples.map(|sharing| waves.at(k, sharing[m]));
                [0, 1].map(|part| waves.map(|wave| wave[part]))
            };
            let mut own: Vec<usize> = some
                .iter()
                .flat_map(|(failing, _)| failing)
                .copied()
                .collect();
            own.sort_unstable();
            own.dedup();
            let of_pair = |pair: usize| {
                (2 * pair + 1..waves.end.min(2 * pair + 3))
                    .map(|k| std::array::from_fn(|m| of_bin(k, m)))
                    .collect()
            };
            Self {
                samples,
                shared: (0..(waves.end - 1) / 2)
                    .map(|pair| [of_bin(2 * pair + 1, 0), of_bin(2 * pair + 2, 0)])
                    .collect(),
                own: own.into_iter().map(|pair| (pair, of_pair(pair))).collect(),
            }
        });
        tiles.collect()
    }

    /// Adds the harmonics, from bin 1 on, to what the sums begin with.
    #[inline(always)]
    fn add_harmonics(&self, mut sums: [[F32s; M]; T], bins: &[Complex]) -> [[F32s; M]; T] {
        let pairs = bins.as_chunks::<2>().0;
        let mut next = 0;
        for (place, of_pair) in &self.own {
            sums = self.add_shared(sums, pairs, next..*place);
            for (&Complex { re, im }, tables) in bins[2 * place..].iter().zip(of_pair) {
                for (m, [cosines, sines]) in tables.iter().enumerate() {
                    for_each::<T>(
                        #[inline(always)]
                        |t| sums[t][m] = sums[t][m] + cosines[t] * re + sines[t] * im,
                    );
                }
            }
            next = place + 1;
        }
        self.add_shared(sums, pairs, next.min(pairs.len())..pairs.len())
    }

    /// Adds some pairs of bins whose products serve M samples.
    #[inline(always)]
    fn add_shared(
        &self,
        mut sums: [[F32s; M]; T],
        pairs: &[[Complex; 2]],
        places: Range<usize>,
    ) -> [[F32s; M]; T] {
        let tables = &self.shared[places.clone()];
        for ([odd, even], [of_odd, of_even]) in pairs[places].iter().zip(tables) {
            sums = add::<M, T, true>(sums, *odd, of_odd);
            sums = add::<M, T, false>(sums, *even, of_even);
        }
        sums
    }
}

/// Adds one harmonic, of an odd or an even bin, to samples i, H−i and H+i.
#[inline(always)]
fn add<const M: usize, const T: usize, const ODD: bool>(
    mut sums: [[F32s; M]; T],
    Complex { re, im }: Complex,
    [cosines, sines]: &Waves<T>,
) -> [[F32s; M]; T] {
    for_each::<T>(
        #[inline(always)]
        |t| {
            let (p, q) = (cosines[t] * re, sines[t] * im);
            for_each::<M>(
                #[inline(always)]
                |m| {
                    let sum = &mut sums[t][m];
                    *sum = match (m, ODD) {
                        (0, _) | (2, false) => *sum + p + q,
                        (1, false) => *sum + p - q,
                        (1, true) => *sum - p + q,
                        _ => *sum - p - q,
                    };
                },
            );
        },
    );
    sums
}

/// Do the cosines and sines of samples i, H−i and H+i differ in nothing but their signs?
fn is_symmetric<const M: usize>(k: usize, waves: [[f32; 2]; M]) -> bool {
    let [cosine, sine] = waves[0];
    let sign = if k.is_multiple_of(2) { 1.0 } else { -1.0 };
    waves.iter().enumerate().skip(1).all(|(m, wave)| {
        let turned = if m == 1 { -sign } else { sign };
        wave.map(f32::to_bits) == [sign * cosine, turned * sine].map(f32::to_bits)
    })
}

impl Resynthesis {
    /// Plans for the short frames of `geometry`.
    pub fn new(geometry: &Geometry) -> Self {
        static PLANNED: Mutex<Vec<Arc<Tables>>> = Mutex::new(Vec::new());
        let mut planned = PLANNED.lock().unwrap_or_else(|e| e.into_inner());
        let rate_hz = geometry.rate.hz();
        if let Some(tables) = planned.iter().find(|tables| tables.rate_hz == rate_hz) {
            return Self {
                tables: tables.clone(),
            };
        }
        let tables = Arc::new(Tables::new(geometry));
        planned.insert(0, tables.clone());
        planned.truncate(KEPT);
        Self { tables }
    }

    /// Samples of the synthesised frame: 220 at all common rates.
    pub fn length(&self) -> usize {
        self.tables.length
    }

    /// How many bins of the spectrum are read, from DC.
    pub fn bins(&self) -> usize {
        self.tables.bins
    }

    /// Synthesises eight frames from the first bins of their spectra in Ooura's packed order.
    ///
    /// # Panics
    /// If `spectrum` has fewer than [`bins`](Self::bins) values or `out` is not of
    /// [`length`](Self::length).
    #[inline(never)]
    pub fn process(&self, spectrum: &[Complex], out: &mut [F32s]) {
        let planned = &*self.tables;
        assert_eq!(
            out.len(),
            planned.length,
            "samples of the synthesised frame"
        );
        widest(
            #[inline(always)]
            || {
                planned.fill(&planned.triples, spectrum, out);
                planned.fill(&planned.pairs, spectrum, out);
                planned.fill(&planned.singles, spectrum, out);
                planned.fill(&planned.rest, spectrum, out);
            },
        );
    }
}

impl Tables {
    /// Synthesises the samples of some tiles.
    #[inline(always)]
    fn fill<const M: usize, const T: usize>(
        &self,
        tiles: &[Tile<M, T>],
        spectrum: &[Complex],
        out: &mut [F32s],
    ) {
        let (first, bins) = (spectrum[0], &spectrum[1..self.bins]);
        for tile in tiles {
            let mut sums = [[first.re; M]; T];
            if let Some(nyquist) = &self.nyquist {
                for (sum, &i) in sums
                    .as_flattened_mut()
                    .iter_mut()
                    .zip(tile.samples.as_flattened())
                {
                    *sum += nyquist[i] * first.im;
                }
            }
            let sums = tile.add_harmonics(sums, bins);
            for (sum, &i) in sums.as_flattened().iter().zip(tile.samples.as_flattened()) {
                out[i] = sum.over(F32s::splat(self.scale));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::SampleRate;

    #[test]
    fn a_tone_keeps_its_frequency() {
        let geometry = Geometry::new(SampleRate::new(16000).unwrap());
        let resynthesis = Resynthesis::new(&geometry);
        assert_eq!(resynthesis.length(), 220);
        // Bin 32 of 512 at 16 kHz is 1000 Hz: eleven samples a period at 11 kHz.
        let mut spectrum = vec![Complex::default(); resynthesis.bins()];
        spectrum[32].re.0[5] = 256.0;
        let mut out = vec![F32s::default(); 220];
        resynthesis.process(&spectrum, &mut out);
        for (i, &y) in out.iter().enumerate() {
            let want = (std::f64::consts::TAU * i as f64 / 11.0).cos();
            assert!((f64::from(y.0[5]) - want).abs() < 1e-6);
            assert_eq!(y.0[4], 0.0);
        }
    }

    #[test]
    fn symmetry_changes_no_bit() {
        for rate_hz in [4000, 8000, 11_025, 16_000, 22_050, 44_100, 48_000] {
            let geometry = Geometry::new(SampleRate::new(rate_hz).unwrap());
            let resynthesis = Resynthesis::new(&geometry);
            let shape = &geometry.short;
            let period = (shape.fft_length * resynthesis.length()) as f64 / shape.length as f64;
            // Also where hardly anything hides a product near zero: one large bin in each lane.
            let spectrum: Vec<Complex> = (0..resynthesis.bins())
                .map(|k| {
                    let value = |lane: usize, add: usize| match (k + add) % 23 == lane {
                        true => 1.0e3,
                        false => 1.0e-9 * ((k * 37 + add * 11 + lane) % 29) as f32 - 1.3e-8,
                    };
                    Complex {
                        re: F32s(std::array::from_fn(|lane| value(lane, 0))),
                        im: F32s(std::array::from_fn(|lane| value(lane, 7))),
                    }
                })
                .collect();
            let mut out = vec![F32s::default(); resynthesis.length()];
            resynthesis.process(&spectrum, &mut out);
            for (i, &y) in out.iter().enumerate() {
                let angle = |k: usize| std::f64::consts::TAU * (k * i) as f64 / period;
                let mut sum = spectrum[0].re;
                if resynthesis.length() >= shape.fft_length {
                    sum += angle(shape.fft_length / 2).cos() as f32 * spectrum[0].im;
                }
                for (k, bin) in spectrum.iter().enumerate().skip(1) {
                    sum = sum + angle(k).cos() as f32 * bin.re + angle(k).sin() as f32 * bin.im;
                }
                let want = sum.over(F32s::splat((shape.fft_length / 2) as f32));
                assert_eq!(
                    y.0.map(f32::to_bits),
                    want.0.map(f32::to_bits),
                    "{rate_hz} Hz, {i}"
                );
            }
        }
    }

    #[test]
    fn low_rates_use_the_nyquist_bin() {
        let geometry = Geometry::new(SampleRate::new(4000).unwrap());
        let resynthesis = Resynthesis::new(&geometry);
        assert!(resynthesis.tables.nyquist.is_some() && resynthesis.length() == 220);
        // The second plan has the tables of the first.
        let again = Resynthesis::new(&geometry);
        assert!(Arc::ptr_eq(&again.tables, &resynthesis.tables));
        assert_eq!(resynthesis.bins(), 64);
    }
}
