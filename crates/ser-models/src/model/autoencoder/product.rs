//! Products of small matrices, as a candle operation.
//!
//! ```text
//! C = A B,  c_ij = Σ_p a_ip b_pj, p from first to last          either may be a transposed view
//! ```
//!
//! Why not candle's own product: it asks the system each time for the number of processors, in files of the control group, 17 times a step, which took more
//! than half of a fit. `matrixmultiply`, which ndarray has, spends more than half of its time in packing what does not lie as it likes.
//! Here a row of C gathers eight rows of B at a time, in a loop that the compiler turns into vector instructions (written as register tiles it did not).
//! Products and sums are not fused, so the bits do not depend on which instructions the processor has, and one thread does it all: folds are what runs
//! side by side.

use std::borrow::Cow;

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, bail};

use ser_features::lanes::widest;

/// Rows of B that are gathered at a time.
const DEPTH: usize = 8;

/// The product of two matrices.
pub(super) struct Product;

impl CustomOp2 for Product {
    fn name(&self) -> &'static str {
        "product"
    }

    fn cpu_fwd(
        &self,
        a: &CpuStorage,
        al: &Layout,
        b: &CpuStorage,
        bl: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (a, b) = (Matrix::new(a, al)?, Matrix::new(b, bl)?);
        if a.columns != b.rows {
            bail!(
                "{} × {} times {} × {}",
                a.rows,
                a.columns,
                b.rows,
                b.columns
            );
        }
        let rows = b.by_rows();
        let product = widest(
            #[inline(always)]
            || multiply(a, &rows, b.columns),
        );
        Ok((CpuStorage::F32(product), Shape::from((a.rows, b.columns))))
    }
}

/// A matrix as it lies in memory.
#[derive(Clone, Copy)]
struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    /// Steps to the next row and to the next column.
    down: usize,
    right: usize,
}

impl<'a> Matrix<'a> {
    fn new(storage: &'a CpuStorage, layout: &Layout) -> Result<Matrix<'a>> {
        let (rows, columns) = layout.shape().dims2()?;
        match (storage, layout.stride()) {
            (CpuStorage::F32(values), &[down, right]) => {
                let values = &values[layout.start_offset()..];
                Ok(Matrix {
                    values,
                    rows,
                    columns,
                    down,
                    right,
                })
            }
            _ => bail!("a matrix of f32 is needed, not {layout:?}"),
        }
    }

    /// The values row by row.
    fn by_rows(self) -> Cow<'a, [f32]> {
        if self.right == 1 && self.down == self.columns {
            return Cow::Borrowed(&self.values[..self.rows * self.columns]);
        }
        let mut values = Vec::with_capacity(self.rows * self.columns);
        for row in 0..self.rows {
            let from = self.values[row * self.down..].iter();
            values.extend(from.step_by(self.right).take(self.columns));
        }
        Cow::Owned(values)
    }
}

#[inline(always)]
fn multiply(a: Matrix<'_>, b: &[f32], columns: usize) -> Vec<f32> {
    let mut product = vec![0.0; a.rows * columns];
    for (row, to) in product.chunks_exact_mut(columns).enumerate() {
        let factors = &a.values[row * a.down..];
        let mut blocks = b.chunks_exact(DEPTH * columns);
        let mut p = 0;
        for block in &mut blocks {
            gather(
                to,
                std::array::from_fn(
                    #[inline(always)]
                    |i| factors[(p + i) * a.right],
                ),
                block,
            );
            p += DEPTH;
        }
        for b in blocks.remainder().chunks_exact(columns) {
            let factor = factors[p * a.right];
            to.iter_mut().zip(b).for_each(|(c, &b)| *c += factor * b);
            p += 1;
        }
    }
    product
}

/// c ← c + a₀ b₀ + a₁ b₁ + …, from left to right.
#[inline(always)]
fn gather(to: &mut [f32], a: [f32; DEPTH], rows: &[f32]) {
    let n = to.len();
    let row = |i: usize| &rows[i * n..][..n];
    let (b0, b1, b2, b3) = (row(0), row(1), row(2), row(3));
    let (b4, b5, b6, b7) = (row(4), row(5), row(6), row(7));
    for j in 0..n {
        let first = to[j] + a[0] * b0[j] + a[1] * b1[j] + a[2] * b2[j] + a[3] * b3[j];
        to[j] = first + a[4] * b4[j] + a[5] * b5[j] + a[6] * b6[j] + a[7] * b7[j];
    }
}

#[test]
fn products_are_candles_whatever_is_transposed_and_however_thin() {
    use candle_core::{Device, Tensor};
    let matrix = |rows: usize, columns: usize| {
        let values: Vec<f32> = (0..rows * columns)
            .map(|k| (k as f32 * 0.7).sin())
            .collect();
        Tensor::from_vec(values, (rows, columns), &Device::Cpu).unwrap()
    };
    for (m, k, n) in [
        (5, 3, 4),
        (1, 3, 4),
        (5, 1, 4),
        (5, 3, 1),
        (1, 1, 1),
        (64, 88, 33),
        (7, 9, 16),
    ] {
        for transposed in 0..4 {
            let a = if transposed & 1 == 0 {
                matrix(m, k)
            } else {
                matrix(k, m).t().unwrap()
            };
            let b = if transposed & 2 == 0 {
                matrix(k, n)
            } else {
                matrix(n, k).t().unwrap()
            };
            let found = a.apply_op2_no_bwd(&b, &Product).unwrap();
            let apart = (found - a.matmul(&b).unwrap()).unwrap().abs().unwrap();
            let apart = apart.flatten_all().unwrap().max(0).unwrap();
            assert!(
                apart.to_scalar::<f32>().unwrap() < 1e-5,
                "{m} {k} {n} {transposed}"
            );
        }
    }
}

#[test]
fn matrices_that_do_not_fit_are_refused() {
    let zeros = |shape: (usize, usize)| {
        candle_core::Tensor::zeros(shape, candle_core::DType::F32, &candle_core::Device::Cpu)
            .unwrap()
    };
    assert!(
        zeros((2, 3))
            .apply_op2_no_bwd(&zeros((2, 3)), &Product)
            .is_err()
    );
}
