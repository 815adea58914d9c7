//! Kernel density: how many points are near here, as a smooth line.
//!
//! ```text
//! f(x) = 1 / (n h √(2π)) · Σ exp(−(x − xᵢ)² / 2h²),   h = 0.9 · min(s, IQR / 1.34) · n^(−1/5)
//! ```
//!
//! B. W. Silverman (1986), "Density estimation for statistics and data analysis", eq. 3.31.

/// The density of `values` at each point of `grid`; zero everywhere for fewer than two values or values that are all equal.
pub(crate) fn density(values: &[f64], grid: &[f64]) -> Vec<f64> {
    let Some(h) = bandwidth(values) else {
        return vec![0.0; grid.len()];
    };
    let norm = 1.0 / (values.len() as f64 * h * (2.0 * std::f64::consts::PI).sqrt());
    let at = |x: f64| -> f64 {
        let kernel = |v: &f64| (-0.5 * ((x - v) / h).powi(2)).exp();
        norm * values.iter().map(kernel).sum::<f64>()
    };
    grid.iter().map(|&x| at(x)).collect()
}

/// Silverman's bandwidth.
fn bandwidth(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let deviation = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let spread = (quantile(&sorted, 0.75) - quantile(&sorted, 0.25)) / 1.34;
    let width = if spread > 0.0 {
        deviation.min(spread)
    } else {
        deviation
    };
    (width > 0.0 && width.is_finite()).then(|| 0.9 * width * n.powf(-0.2))
}

/// The value below which the share `p` of `sorted` lies, between neighbours in proportion; NaN of nothing.
pub(crate) fn quantile(sorted: &[f64], p: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let at = p.clamp(0.0, 1.0) * last as f64;
    let (below, above) = (at.floor() as usize, at.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * (at - below as f64)
}

#[test]
fn the_density_holds_all_of_it() {
    let values: Vec<f64> = (0..50).map(|i| f64::from(i * i % 37) / 10.0).collect();
    let grid: Vec<f64> = (0..1000).map(|i| -3.0 + f64::from(i) * 0.01).collect();
    let sum: f64 = density(&values, &grid).iter().sum::<f64>() * 0.01;
    assert!((sum - 1.0).abs() < 1e-3, "{sum}");
}

#[test]
fn one_value_has_no_density() {
    assert_eq!(density(&[1.0], &[0.0, 1.0]), [0.0, 0.0]);
    assert_eq!(density(&[1.0, 1.0], &[1.0]), [0.0]);
}
