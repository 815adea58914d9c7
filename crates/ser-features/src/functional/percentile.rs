//! Percentiles by linear interpolation between order statistics (type 7 of R. J. Hyndman, Y. Fan (1996), American
//! Statistician 50, 361–365).

/// Sorted values of a contour.
pub(crate) struct Sorted(Vec<f32>);

impl Sorted {
    /// Sorts a copy of `values`.
    pub fn new(values: &[f32]) -> Self {
        // Whole numbers in the order of `f32::total_cmp` are sorted faster: of negative ones all bits but the sign are turned.
        let turned = |bits: i32| bits ^ (((bits >> 31) as u32) >> 1) as i32;
        let mut sorted: Vec<i32> = values
            .iter()
            .map(|value| turned(value.to_bits() as i32))
            .collect();
        sorted.sort_unstable();
        let values = sorted
            .into_iter()
            .map(|bits| f32::from_bits(turned(bits) as u32));
        Self(values.collect())
    }

    /// The value below which the share `p` lies; 0 without values.
    pub fn percentile(&self, p: f64) -> f32 {
        let Some(last) = self.0.len().checked_sub(1) else {
            return 0.0;
        };
        let position = p * last as f64;
        let (low, high) = (position.floor(), position.ceil());
        let at = |index: f64| self.0[index as usize];
        if low == high {
            return at(low);
        }
        at(low) * (high - position) as f32 + at(high) * (position - low) as f32
    }

    /// The distance of two percentiles.
    pub fn range(&self, from: f64, to: f64) -> f32 {
        (self.percentile(to) - self.percentile(from)).abs()
    }
}

#[test]
fn values_between_ranks_are_interpolated() {
    let sorted = Sorted::new(&[4.0, 1.0, 3.0, 2.0]);
    assert_eq!(sorted.percentile(0.5), 2.5);
    assert!((sorted.percentile(0.2) - 1.6).abs() < 1e-6);
    assert!((sorted.range(0.2, 0.8) - 1.8).abs() < 1e-6);
    assert_eq!(Sorted::new(&[]).percentile(0.5), 0.0);
    assert_eq!(Sorted::new(&[7.0]).percentile(0.8), 7.0);
}
