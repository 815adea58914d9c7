//! Percentiles by linear interpolation between order statistics (type 7 of R. J. Hyndman, Y. Fan (1996), American
//! Statistician 50, 361–365).
//!
//! ```text
//! P(p) = x_(⌊h⌋)·(⌈h⌉ − h) + x_(⌈h⌉)·(h − ⌊h⌋),   h = p·(n − 1)       x_(i): the value of rank i, from 0
//! ```
//!
//! Only the ranks that are asked for are put in their places (C. A. R. Hoare (1961), "Algorithm 65: find", Comm. ACM 4, 321–322), not all.

/// The values of a contour, sorted as far as some percentiles need.
pub(crate) struct Ranked(Vec<i32>);

/// Whole numbers in the order of `f32::total_cmp`, which are compared faster: of negative ones all bits but the sign are turned.
fn turned(bits: i32) -> i32 {
    bits ^ (((bits >> 31) as u32) >> 1) as i32
}

impl Ranked {
    /// Ranks a copy of `values` for the percentiles of these shares, which ascend.
    pub fn new(values: &[f32], shares: &[f64]) -> Self {
        let keys = values.iter().map(|value| turned(value.to_bits() as i32));
        let mut keys: Vec<i32> = keys.collect();
        let last = keys.len().saturating_sub(1);
        let ranks = shares.iter().flat_map(|&p| neighbours(p, last));
        place(&mut keys, 0, &ranks.collect::<Vec<_>>());
        Self(keys)
    }

    /// The value below which the share `p` lies, one of those it was ranked for; 0 without values.
    pub fn percentile(&self, p: f64) -> f32 {
        let Some(last) = self.0.len().checked_sub(1) else {
            return 0.0;
        };
        let position = p * last as f64;
        let [low, high] = neighbours(p, last);
        let at = |rank: usize| f32::from_bits(turned(self.0[rank]) as u32);
        if low == high {
            return at(low);
        }
        at(low) * (high as f64 - position) as f32 + at(high) * (position - low as f64) as f32
    }

    /// The distance of two percentiles.
    pub fn range(&self, from: f64, to: f64) -> f32 {
        (self.percentile(to) - self.percentile(from)).abs()
    }
}

/// The ranks on either side of the percentile of share `p`, if the last is `last`.
fn neighbours(p: f64, last: usize) -> [usize; 2] {
    let position = p * last as f64;
    [position.floor() as usize, position.ceil() as usize]
}

/// Puts the values of these ranks, which ascend, in their places among `keys`, the first of which has rank `first`.
fn place(keys: &mut [i32], first: usize, ranks: &[usize]) {
    let Some(&rank) = ranks.get(ranks.len() / 2) else {
        return;
    };
    if keys.is_empty() {
        return;
    }
    let (below, _, above) = keys.select_nth_unstable(rank - first);
    let ends = ranks.partition_point(|&r| r < rank);
    let begins = ranks.partition_point(|&r| r <= rank);
    place(below, first, &ranks[..ends]);
    place(above, rank + 1, &ranks[begins..]);
}

#[test]
fn values_between_ranks_are_interpolated() {
    let shares = [0.2, 0.5, 0.8];
    let ranked = Ranked::new(&[4.0, 1.0, 3.0, 2.0], &shares);
    assert_eq!(ranked.percentile(0.5), 2.5);
    assert!((ranked.percentile(0.2) - 1.6).abs() < 1e-6);
    assert!((ranked.range(0.2, 0.8) - 1.8).abs() < 1e-6);
    assert_eq!(Ranked::new(&[], &shares).percentile(0.5), 0.0);
    assert_eq!(Ranked::new(&[7.0], &shares).percentile(0.8), 7.0);
}

#[test]
fn ranks_are_those_of_sorting_to_the_bit() {
    let shares = [0.0, 0.2, 0.5, 0.8, 0.95, 1.0];
    let mut state = 1_u32;
    for n in (1..60).chain([999, 1000, 1001]) {
        let mut values: Vec<f32> = (0..n)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                // Many equals, zeros of either sign, infinities and numbers that are none.
                match state >> 24 {
                    0..40 => 0.0,
                    40..80 => -0.0,
                    80 => f32::INFINITY,
                    81 => f32::NAN,
                    k if k < 160 => (k % 16) as f32 - 8.0,
                    _ => state as i32 as f32,
                }
            })
            .collect();
        let ranked = Ranked::new(&values, &shares);
        values.sort_by(f32::total_cmp);
        for p in shares {
            for rank in neighbours(p, n - 1) {
                let found = turned(ranked.0[rank]) as u32;
                assert_eq!(found, values[rank].to_bits(), "{n} {p}");
            }
        }
    }
}
