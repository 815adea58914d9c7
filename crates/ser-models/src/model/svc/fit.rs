//! From a table of several classes to machines that tell two sides apart, and their sigmoids.

use ndarray::ArrayView2;

use super::super::error::Error;
use super::parameters::{Checked, ClassWeights, Solver};
use super::probability::Sigmoid;
use super::problem::{Plane, Problem, dot};
use super::{Machine, Svc, fold, interior, liblinear, smo};

/// The largest feature whose products, times any weight and summed over any table, are finite.
const LARGEST: f64 = 1e50;

impl Checked {
    /// Learns to tell the classes of rows apart.
    ///
    /// `y` has the class of each row, below `classes`. A class of which there is no row gets no machine and is never predicted. `groups`, if given, has the
    /// speaker of each row; rows of one speaker are then held out together when the probabilities are learnt. Everything is deterministic; the
    /// seed decides only which rows are held out together.
    ///
    /// # Errors
    /// [`Error::Empty`] without rows or columns, [`Error::Shape`] if lengths differ, [`Error::Parameter`] for a class index that is none and for features so large that
    /// their products overflow, [`Error::NotFinite`] for an infinite feature or NaN, [`Error::OneClass`] if there are not two, [`Error::TooFew`] if a
    /// class has fewer rows than there are folds for the probabilities, if there are fewer speakers, or if a class is spoken by one speaker only, so that
    /// no machine can know it and have it held out; [`Error::NotBuilt`] for a solver that this build lacks.
    pub fn fit(
        &self,
        x: ArrayView2<f64>,
        y: &[usize],
        classes: usize,
        groups: Option<&[usize]>,
    ) -> Result<Svc, Error> {
        check(x, y, classes, groups)?;
        let table = Table::new(self, x.view(), y, classes)?;
        let rows: Vec<usize> = (0..y.len()).collect();
        let mut machines = Vec::new();
        for side in table.sides() {
            machines.extend(table.machine(side, &rows)?);
        }
        if let Some(folds) = self.parameters().probability {
            let fold = fold::assign(y, classes, groups, folds, self.parameters().seed)?;
            for machine in &mut machines {
                machine.platt = Some(table.sigmoid(machine, &fold, folds)?);
            }
        }
        Ok(Svc {
            parameters: self.parameters().clone(),
            classes,
            columns: x.ncols(),
            machines,
        })
    }
}

fn check(
    x: ArrayView2<f64>,
    y: &[usize],
    classes: usize,
    groups: Option<&[usize]>,
) -> Result<(), Error> {
    if x.is_empty() {
        return Err(Error::Empty);
    }
    let lengths = [
        ("labels of the rows", y.len()),
        ("groups of the rows", groups.map_or(x.nrows(), <[_]>::len)),
    ];
    for (what, found) in lengths {
        if found != x.nrows() {
            return Err(Error::Shape {
                what,
                expected: x.nrows(),
                found,
            });
        }
    }
    if let Some(row) = y.iter().position(|&class| class >= classes) {
        return Err(Error::Parameter(format!(
            "class of row {row} = {}: must be below the number of classes, {classes}",
            y[row]
        )));
    }
    for ((row, column), value) in x.indexed_iter() {
        if !value.is_finite() {
            return Err(Error::NotFinite { row, column });
        }
        if value.abs() > LARGEST {
            return Err(Error::Parameter(format!(
                "row {row}, column {column}: {value:e} is beyond {LARGEST:e}, products of such numbers overflow: standardise the features first"
            )));
        }
    }
    Ok(())
}

/// The two sides of a machine: a class, and another or all others.
type Sides = (usize, Option<usize>);

/// The rows to learn from, with the price of an error in each class.
struct Table<'a> {
    checked: &'a Checked,
    x: ArrayView2<'a, f64>,
    y: &'a [usize],
    /// Classes that occur, ascending.
    present: Vec<usize>,
    /// C times the class's weight.
    price: Vec<f64>,
}

impl<'a> Table<'a> {
    fn new(
        checked: &'a Checked,
        x: ArrayView2<'a, f64>,
        y: &'a [usize],
        classes: usize,
    ) -> Result<Self, Error> {
        let mut count = vec![0_usize; classes];
        y.iter().for_each(|&class| count[class] += 1);
        let present: Vec<usize> = (0..classes).filter(|&class| count[class] > 0).collect();
        if present.len() < 2 {
            return Err(Error::OneClass);
        }
        let weight = |count: usize| match checked.parameters().weights {
            ClassWeights::Balanced => y.len() as f64 / (present.len() * count.max(1)) as f64,
            ClassWeights::Equal => 1.0,
        };
        let price = count
            .iter()
            .map(|&count| checked.parameters().c * weight(count))
            .collect();
        Ok(Self {
            checked,
            x,
            y,
            present,
            price,
        })
    }

    /// The sides of all machines: every pair, or every class against the rest; of two classes always the pair (as liblinear does).
    fn sides(&self) -> Vec<Sides> {
        let rest = self.checked.parameters().solver == Solver::Liblinear;
        if rest && self.present.len() > 2 {
            return self.present.iter().map(|&class| (class, None)).collect();
        }
        let pairs_of = |(k, &first): (usize, &usize)| {
            let later = self.present[k + 1..].iter();
            later
                .map(move |&second| (first, Some(second)))
                .collect::<Vec<_>>()
        };
        self.present.iter().enumerate().flat_map(pairs_of).collect()
    }

    /// Whether a row is on the positive side; `None` if it is on neither.
    fn side(&self, row: usize, (positive, negative): Sides) -> Option<bool> {
        let class = self.y[row];
        if class == positive {
            Some(true)
        } else if negative.is_none_or(|negative| class == negative) {
            Some(false)
        } else {
            None
        }
    }

    /// Fits a machine to some of the rows; none if one of its sides has no row.
    fn machine(&self, sides: Sides, rows: &[usize]) -> Result<Option<Machine>, Error> {
        let mut problem = Problem::new(self.x.ncols());
        for &row in rows {
            if let Some(positive) = self.side(row, sides) {
                // Liblinear's rule: the weight of a class counts where the class stands for itself, not within the rest.
                let price = if positive || sides.1.is_some() {
                    self.price[self.y[row]]
                } else {
                    self.checked.parameters().c
                };
                problem.push(self.x.row(row).iter().copied(), positive, price);
            }
        }
        let both = [1.0, -1.0].iter().all(|s| problem.sides().contains(s));
        if !both {
            return Ok(None);
        }
        let plane = self.solve(problem)?;
        Ok(Some(Machine::new(sides, plane)))
    }

    fn solve(&self, mut problem: Problem) -> Result<Plane, Error> {
        let tolerance = self.checked.tolerance();
        let most = self.checked.parameters().max_iterations;
        match self.checked.parameters().solver {
            Solver::Smo => {
                // Since Σ β = 0 the origin does not matter to the problem, but features far from it cost digits.
                let mean = problem.centre();
                let start = interior::start(&problem);
                let mut plane = smo::solve(&problem, start, tolerance, most);
                plane.bias -= dot(&mean, &plane.weight);
                Ok(plane)
            }
            Solver::Liblinear => Ok(liblinear::solve(&problem, tolerance, most)),
            #[cfg(feature = "linfa")]
            Solver::Linfa => super::linfa::solve(&problem, tolerance),
            #[cfg(not(feature = "linfa"))]
            Solver::Linfa => Err(Error::NotBuilt("linfa")),
        }
    }

    /// The sigmoid of a machine, from what machines fitted without a fold say of the fold's rows. Prices stay those of the whole table.
    fn sigmoid(&self, machine: &Machine, fold: &[usize], folds: usize) -> Result<Sigmoid, Error> {
        let sides = (machine.positive, machine.negative);
        let mut decisions = Vec::new();
        for held_out in 0..folds {
            let (rest, out): (Vec<usize>, Vec<usize>) =
                (0..self.y.len()).partition(|&row| fold[row] != held_out);
            if let Some(machine) = self.machine(sides, &rest)? {
                for row in out {
                    if let Some(positive) = self.side(row, sides) {
                        let decision = machine.decision(self.x.row(row).iter().copied());
                        decisions.push((decision, positive));
                    }
                }
            }
        }
        for wanted in [true, false] {
            if decisions.iter().all(|(_, positive)| *positive != wanted) {
                let (class, word) = match machine.negative {
                    Some(negative) if !wanted => (negative, ""),
                    _ => (machine.positive, if wanted { "" } else { "other than " }),
                };
                return Err(Error::TooFew {
                    what: format!(
                        "groups (speakers) with rows of a class {word}{class}, to hold one out for probabilities"
                    ),
                    needed: 2,
                    found: 1,
                });
            }
        }
        Ok(Sigmoid::fit(&decisions))
    }
}
