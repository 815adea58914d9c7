//! Rows of the kernel matrix, Kᵢ = (xᵢ · x₁, …, xᵢ · xₙ), kept while there is room.

use std::rc::Rc;

use ser_features::lanes::widest;

use super::problem::{Problem, dot};

/// Bytes of kernel rows that are kept; two rows are always (libsvm's default is 100 MB too).
const BUDGET: usize = 100 << 20;

/// The kernel matrix of a problem, row by row on demand.
pub(super) struct KernelRows<'a> {
    problem: &'a Problem,
    diagonal: Vec<f64>,
    rows: Vec<Option<Rc<[f64]>>>,
    /// When each row was last asked for; 0 for never.
    asked: Vec<u64>,
    time: u64,
    kept: usize,
    room: usize,
}

impl<'a> KernelRows<'a> {
    pub fn new(problem: &'a Problem) -> Self {
        Self::with_room(problem, BUDGET / (8 * problem.len().max(1)))
    }

    fn with_room(problem: &'a Problem, room: usize) -> Self {
        let n = problem.len();
        let square = |i| {
            let x = problem.features(i);
            dot(x, x)
        };
        Self {
            problem,
            diagonal: (0..n).map(square).collect(),
            rows: vec![None; n],
            asked: vec![0; n],
            time: 0,
            kept: 0,
            room: room.max(2),
        }
    }

    /// Kᵢᵢ for every i.
    pub fn diagonal(&self) -> &[f64] {
        &self.diagonal
    }

    /// Kᵢ.
    pub fn row(&mut self, i: usize) -> Rc<[f64]> {
        self.time += 1;
        self.asked[i] = self.time;
        if let Some(row) = &self.rows[i] {
            return row.clone();
        }
        if self.kept == self.room {
            self.forget_oldest();
        }
        self.kept += 1;
        let row = self.compute(i);
        self.rows[i] = Some(row.clone());
        row
    }

    fn forget_oldest(&mut self) {
        let oldest = (0..self.rows.len())
            .filter(|&i| self.rows[i].is_some())
            .min_by_key(|&i| self.asked[i]);
        if let Some(oldest) = oldest {
            self.rows[oldest] = None;
            self.kept -= 1;
        }
    }

    fn compute(&self, i: usize) -> Rc<[f64]> {
        let x = self.problem.features(i);
        widest(
            #[inline(always)]
            || {
                (0..self.problem.len())
                    .map(|k| dot(x, self.problem.features(k)))
                    .collect()
            },
        )
    }
}

#[test]
fn a_row_that_was_forgotten_comes_back_the_same_and_no_more_than_the_room_are_kept() {
    let mut problem = Problem::new(3);
    for i in 0..6 {
        let x = f64::from(i);
        problem.push([x, x * x, 1.0 - x], i % 2 == 0, 1.0);
    }
    let mut rows = KernelRows::with_room(&problem, 2);
    let first = rows.row(4);
    for i in [0, 1, 4, 3, 5] {
        rows.row(i);
        assert!(rows.rows.iter().flatten().count() <= 2);
    }
    assert_eq!(rows.row(4), first);
    assert_eq!(first[2], 4.0 * 2.0 + 16.0 * 4.0 + (1.0 - 4.0) * (1.0 - 2.0));
    assert_eq!(rows.diagonal()[4], first[4]);
}
