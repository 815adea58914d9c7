//! Products of the small matrices of a network, with the bits of candle's.
//!
//! ```text
//! c_ij = fma(a_ik, b_kj, … fma(a_i1, b_1j, fma(a_i0, b_0j, 0)))        fma: one rounding for product and sum
//! ```
//!
//! Candle asks the operating system for the number of processors and the allocator for memory at each product; of networks as small as these that is a
//! good part of the time. Here tiles of 6 × 16 sums stay in registers, and memory is kept. Candle sums small products of another kind in another
//! order, and on a processor without fused operations it rounds twice: those are left to candle itself.
//!
//! K. Goto & R. A. van de Geijn (2008), "Anatomy of high-performance matrix multiplication", ACM TOMS 34.

use candle_core::{Device, Error, Tensor};
use ser_features::lanes::{F32s, fuses, widest};

use super::values::read;

/// Rows of a tile.
const HIGH: usize = 6;
/// Columns of a tile: two vectors of eight.
const WIDE: usize = 16;

/// A matrix, row by row, or the one that it becomes when rows turn into columns.
#[derive(Clone, Copy)]
pub(super) struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    turned: bool,
}

impl<'a> Matrix<'a> {
    /// `values` in rows of `columns`.
    pub fn new(values: &'a [f32], columns: usize) -> Matrix<'a> {
        Matrix {
            values,
            rows: values.len() / columns,
            columns,
            turned: false,
        }
    }

    /// Rows as columns.
    pub fn turned(self) -> Matrix<'a> {
        Matrix {
            rows: self.columns,
            columns: self.rows,
            turned: !self.turned,
            ..self
        }
    }

    fn tensor(self) -> Result<Tensor, Error> {
        if self.turned {
            return self.turned().tensor()?.t();
        }
        Tensor::from_slice(self.values, (self.rows, self.columns), &Device::Cpu)
    }
}

/// Makes products, and keeps the memory that they take.
#[derive(Default)]
pub(super) struct Products {
    left: Vec<[f32; HIGH]>,
    right: Vec<[f32; WIDE]>,
}

impl Products {
    /// `product` becomes a · b, row by row. The columns of `a` are as many as the rows of `b`.
    pub fn multiply(
        &mut self,
        a: Matrix<'_>,
        b: Matrix<'_>,
        product: &mut Vec<f32>,
    ) -> Result<(), Error> {
        if !(fuses() && in_order(a, b)) {
            let c = a.tensor()?.matmul(&b.tensor()?)?;
            product.clear();
            return read(&c, |c| product.extend_from_slice(c));
        }
        pack(a.turned(), &mut self.left);
        pack(b, &mut self.right);
        product.resize(a.rows * b.columns, 0.0);
        widest(
            #[inline(always)]
            || {
                let panels = product.chunks_mut(HIGH * b.columns);
                for (rows, left) in panels.zip(self.left.chunks_exact(a.columns)) {
                    let panels = self.right.chunks_exact(a.columns);
                    for (number, right) in panels.enumerate() {
                        let sums = tile(left, right);
                        for (row, sums) in rows.chunks_exact_mut(b.columns).zip(&sums) {
                            let place = &mut row[number * WIDE..];
                            match place.first_chunk_mut() {
                                Some(place) => *place = *sums,
                                None => place.copy_from_slice(&sums[..place.len()]),
                            }
                        }
                    }
                }
            },
        );
        Ok(())
    }
}

/// Does candle sum this product as the equation says? It does not where the sums are single dot products of what lies in a row in memory, longer than a
/// block, or of one or two terms.
fn in_order(a: Matrix<'_>, b: Matrix<'_>) -> bool {
    let dots = !a.turned && b.turned && a.rows * b.columns <= 256;
    a.rows > 1 && b.columns > 1 && (3..=512).contains(&a.columns) && !dots
}

/// The columns of a matrix, `N` at a time: what belongs to a tile is in a row in memory. What stands behind the last column is of no account.
fn pack<const N: usize>(matrix: Matrix<'_>, panels: &mut Vec<[f32; N]>) {
    let Matrix { rows, columns, .. } = matrix;
    panels.resize(rows * columns.div_ceil(N), [0.0; N]);
    if rows == 0 {
        return;
    }
    for (number, panel) in panels.chunks_exact_mut(rows).enumerate() {
        let first = number * N;
        let wide = N.min(columns - first);
        if matrix.turned {
            let line = |place: usize| {
                let first = (first + place.min(wide - 1)) * rows;
                &matrix.values[first..][..rows]
            };
            let lines: [&[f32]; N] = std::array::from_fn(line);
            for (k, values) in panel.iter_mut().enumerate() {
                *values = lines.map(|line| line[k]);
            }
        } else {
            let lines = matrix.values.chunks_exact(columns);
            for (values, line) in panel.iter_mut().zip(lines) {
                let line = &line[first..][..wide];
                match line.first_chunk() {
                    Some(line) => *values = *line,
                    None => values[..wide].copy_from_slice(line),
                }
            }
        }
    }
}

/// Sums of a tile.
#[inline(always)]
fn tile(left: &[[f32; HIGH]], right: &[[f32; WIDE]]) -> [[f32; WIDE]; HIGH] {
    let mut sums = [[F32s::splat(0.0); 2]; HIGH];
    for (a, b) in left.iter().zip(right) {
        let [b, c] = [0, 8].map(
            #[inline(always)]
            |from| {
                F32s(std::array::from_fn(
                    #[inline(always)]
                    |k| b[from + k],
                ))
            },
        );
        // Each by its number, so that all stay in registers.
        macro_rules! rows {
            ($($row:literal)+) => {
                $(sums[$row] = [b.mul_add(a[$row], sums[$row][0]), c.mul_add(a[$row], sums[$row][1])];)+
            };
        }
        rows!(0 1 2 3 4 5);
    }
    sums.map(
        #[inline(always)]
        |[b, c]| {
            std::array::from_fn(
                #[inline(always)]
                |k| if k < 8 { b.0[k] } else { c.0[k - 8] },
            )
        },
    )
}

#[test]
fn products_are_those_of_candle_to_the_bit() {
    let values = |length: usize, seed: u64| -> Vec<f32> {
        let mut random = crate::model::random::Random::new(seed, "matrix");
        let value = |_| match random.below(5) {
            0 => -0.0,
            _ => random.normal() as f32,
        };
        (0..length).map(value).collect()
    };
    let bits = |values: &[f32]| -> Vec<u32> { values.iter().map(|x| x.to_bits()).collect() };
    let mut products = Products::default();
    let mut found = Vec::new();
    let mut own = 0;
    for rows in [1, 2, 5, 6, 13, 64, 100] {
        for inner in [1, 2, 3, 7, 32, 64, 88, 512, 600] {
            for columns in [1, 2, 8, 16, 17, 64, 88] {
                let (a, b) = (values(rows * inner, 1), values(inner * columns, 2));
                for turned in [[false, false], [true, false], [false, true]] {
                    let a = match turned[0] {
                        true => Matrix::new(&a, rows).turned(),
                        false => Matrix::new(&a, inner),
                    };
                    let b = match turned[1] {
                        true => Matrix::new(&b, inner).turned(),
                        false => Matrix::new(&b, columns),
                    };
                    own += usize::from(fuses() && in_order(a, b));
                    products.multiply(a, b, &mut found).unwrap();
                    let candle = a.tensor().unwrap().matmul(&b.tensor().unwrap()).unwrap();
                    let candle = candle.flatten_all().unwrap().to_vec1::<f32>().unwrap();
                    assert_eq!(
                        bits(&found),
                        bits(&candle),
                        "{rows} {inner} {columns} {turned:?}"
                    );
                }
            }
        }
    }
    assert!(!fuses() || own > 500, "{own}");
}
