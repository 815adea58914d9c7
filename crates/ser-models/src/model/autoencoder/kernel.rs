//! The passes over small tensors that training makes besides its matrix products, each as one candle operation.
//!
//! At 64 × 88 numbers a tensor fits the first cache, and what costs time is how often it is passed over and allocated: a step of candle's AdamW makes
//! fifteen tensors per parameter and copies three. Here each pass is one loop over the storage that is already there. The arithmetic is that of
//! candle's operations, and the sums run in a fixed order.

use std::cell::Cell;

use super::Activation;
use candle_core::{CpuStorage, CustomOp1, InplaceOp2, Layout, Result, Shape, bail};
use ser_features::lanes::widest;

/// z ← f(z + b), row by row; without `activation`, z ← z + b.
pub(super) struct AddBias(pub Option<Activation>);

impl InplaceOp2 for AddBias {
    fn name(&self) -> &'static str {
        "add-bias"
    }

    fn cpu_fwd(&self, z: &mut CpuStorage, zl: &Layout, b: &CpuStorage, bl: &Layout) -> Result<()> {
        let (z, bias) = (values_mut(z, zl)?, values(b, bl)?);
        let rows = z.chunks_exact_mut(bias.len());
        match self.0 {
            None => add(
                rows,
                bias,
                #[inline(always)]
                |z| z,
            ),
            Some(Activation::Relu) => add(
                rows,
                bias,
                #[inline(always)]
                |z| Activation::Relu.value_f32(z),
            ),
            Some(other) => add(rows, bias, |z| other.value_f32(z)),
        }
        Ok(())
    }
}

fn add<'a>(rows: impl Iterator<Item = &'a mut [f32]>, bias: &[f32], f: impl Fn(f32) -> f32) {
    widest(
        #[inline(always)]
        || {
            for row in rows {
                for (z, &b) in row.iter_mut().zip(bias) {
                    *z = f(*z + b);
                }
            }
        },
    );
}

/// d ← d · f′, with f′ from what was kept of the pass forward.
pub(super) struct Slope(pub Activation);

impl InplaceOp2 for Slope {
    fn name(&self) -> &'static str {
        "slope"
    }

    fn cpu_fwd(
        &self,
        d: &mut CpuStorage,
        dl: &Layout,
        kept: &CpuStorage,
        kl: &Layout,
    ) -> Result<()> {
        let (d, kept) = (values_mut(d, dl)?, values(kept, kl)?);
        match self.0 {
            Activation::Relu => scale(
                d,
                kept,
                #[inline(always)]
                |a| Activation::Relu.slope_f32(a),
            ),
            other => scale(d, kept, |a| other.slope_f32(a)),
        }
        Ok(())
    }
}

fn scale(d: &mut [f32], kept: &[f32], slope: impl Fn(f32) -> f32) {
    widest(
        #[inline(always)]
        || {
            for (d, &a) in d.iter_mut().zip(kept) {
                *d *= slope(a);
            }
        },
    );
}

/// x̂ ← 2 (x̂ − x) / count, the gradient of the mean squared error; leaves the sum of squares in `squares`.
pub(super) struct Residual {
    pub squares: Cell<f64>,
}

impl InplaceOp2 for Residual {
    fn name(&self) -> &'static str {
        "residual"
    }

    fn cpu_fwd(
        &self,
        out: &mut CpuStorage,
        ol: &Layout,
        x: &CpuStorage,
        xl: &Layout,
    ) -> Result<()> {
        let (out, x) = (values_mut(out, ol)?, values(x, xl)?);
        let factor = (2.0 / out.len() as f64) as f32;
        let squares = widest(
            #[inline(always)]
            || {
                let mut sums = [0.0_f64; 8];
                for (out, x) in out.chunks_mut(8).zip(x.chunks(8)) {
                    for ((sum, out), x) in sums.iter_mut().zip(out).zip(x) {
                        let difference = *out - x;
                        *sum += f64::from(difference) * f64::from(difference);
                        *out = factor * difference;
                    }
                }
                sums.iter().sum()
            },
        );
        self.squares.set(squares);
        Ok(())
    }
}

/// Sums over the rows: the gradient of a bias.
pub(super) struct ColumnSums;

impl CustomOp1 for ColumnSums {
    fn name(&self) -> &'static str {
        "column-sums"
    }

    fn cpu_fwd(&self, d: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (_, columns) = layout.shape().dims2()?;
        let d = values(d, layout)?;
        let mut sums = vec![0.0; columns];
        widest(
            #[inline(always)]
            || {
                for row in d.chunks_exact(columns) {
                    for (sum, d) in sums.iter_mut().zip(row) {
                        *sum += d;
                    }
                }
            },
        );
        Ok((CpuStorage::F32(sums), Shape::from(columns)))
    }
}

/// One step of AdamW for the parameters from `offset` on, by their gradient.
///
/// ```text
/// m ← β₁ m + (1 − β₁) g      v ← β₂ v + (1 − β₂) g²
/// θ ← θ (1 − η λ) − η m̂ / (sqrt(v̂) + ε)      m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ)
/// ```
///
/// The storage holds all θ, then all m, then all v. D. P. Kingma & J. Ba (2015), "Adam", ICLR; the decay λ as I. Loshchilov & F. Hutter (2019),
/// "Decoupled weight decay regularization", ICLR.
pub(super) struct Adam {
    pub parameters: usize,
    pub offset: usize,
    pub step: i32,
    pub learning_rate: f64,
    pub weight_decay: f64,
}

const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f32 = 1e-8;

impl InplaceOp2 for Adam {
    fn name(&self) -> &'static str {
        "adam"
    }

    fn cpu_fwd(
        &self,
        state: &mut CpuStorage,
        sl: &Layout,
        g: &CpuStorage,
        gl: &Layout,
    ) -> Result<()> {
        let (state, gradient) = (values_mut(state, sl)?, values(g, gl)?);
        let (theta, moments) = state.split_at_mut(self.parameters);
        let (first, second) = moments.split_at_mut(self.parameters);
        let range = self.offset..self.offset + gradient.len();
        let parameters = theta[range.clone()]
            .iter_mut()
            .zip(&mut first[range.clone()])
            .zip(&mut second[range]);
        let (b1, b2) = (BETA_1 as f32, BETA_2 as f32);
        let (c1, c2) = ((1.0 - BETA_1) as f32, (1.0 - BETA_2) as f32);
        let scale_1 = (1.0 / (1.0 - BETA_1.powi(self.step))) as f32;
        let scale_2 = (1.0 / (1.0 - BETA_2.powi(self.step))) as f32;
        let rate = self.learning_rate as f32;
        let keep = (1.0 - self.learning_rate * self.weight_decay) as f32;
        widest(
            #[inline(always)]
            || {
                for (((theta, m), v), &g) in parameters.zip(gradient) {
                    *m = *m * b1 + g * c1;
                    *v = *v * b2 + g * g * c2;
                    *theta =
                        *theta * keep - (*m * scale_1) / ((*v * scale_2).sqrt() + EPSILON) * rate;
                }
            },
        );
        Ok(())
    }
}

fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(values), Some((start, end))) => Ok(&values[start..end]),
        _ => bail!("a dense tensor of f32 is needed, not {layout:?}"),
    }
}

fn values_mut<'a>(storage: &'a mut CpuStorage, layout: &Layout) -> Result<&'a mut [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(values), Some((start, end))) => Ok(&mut values[start..end]),
        _ => bail!("a dense tensor of f32 is needed, not {layout:?}"),
    }
}
