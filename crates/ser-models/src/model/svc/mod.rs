//! The linear support vector classifier: a plane between every two classes, or around every one.
//!
//! ```text
//! f(x) = w · x + b      the plane of a machine; above 0 is its positive side
//! ```
//!
//! Spec: Das et al. (2021), C = 1. Three solvers ([`Solver`]): `smo`, the default, and `linfa` have one machine per pair of classes, each of which casts a vote (hinge loss; libsvm's
//! `SVC(kernel="linear")`); `liblinear` has one machine per class against the rest, of which the highest value wins (squared hinge; `LinearSVC(dual=False)`). Equal votes go to
//! the class of lower index. They agree on nine rows in ten, so every result names its solver.
//!
//! C.-C. Chang, C.-J. Lin (2011), "LIBSVM: a library for support vector machines", ACM TIST 2, 27.

mod fit;
mod fold;
mod interior;
mod kernel_row;
mod liblinear;
#[cfg(feature = "linfa")]
mod linfa;
mod multipliers;
mod normal_matrix;
mod parameters;
mod probability;
mod problem;
mod shrinking;
mod smo;
mod working_set;

pub use parameters::{Checked, ClassWeights, Parameters, Solver};
pub use probability::Sigmoid;

use serde::{Deserialize, Serialize};

use problem::Plane;
use ser_tables::statistic::argmax;

/// A plane between two sides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// The class above the plane.
    pub positive: usize,
    /// The class below it; `None` for all others.
    pub negative: Option<usize>,
    /// w, one weight per column.
    pub weight: Vec<f64>,
    /// b.
    pub bias: f64,
    /// From value to probability, if that was asked for.
    pub platt: Option<Sigmoid>,
    /// What the solver made smallest: for `smo` and `linfa` the dual ½|w|² − Σα, for `liblinear` the primal.
    pub objective: f64,
    /// Steps the solver took; 0 for `linfa`, which does not tell.
    pub iterations: usize,
    /// Rows that hold the plane in place: within their margin or beyond it.
    pub support: usize,
    /// Whether the tolerance was reached.
    pub converged: bool,
}

impl Machine {
    fn new((positive, negative): (usize, Option<usize>), plane: Plane) -> Self {
        Self {
            positive,
            negative,
            weight: plane.weight,
            bias: plane.bias,
            platt: None,
            objective: plane.objective,
            iterations: plane.iterations,
            support: plane.support,
            converged: plane.converged,
        }
    }

    /// f(x).
    fn decision(&self, row: impl IntoIterator<Item = f64>) -> f64 {
        let products = self.weight.iter().zip(row).map(|(w, x)| w * x);
        products.sum::<f64>() + self.bias
    }

    /// +1 if the class is above the plane, −1 if it is below and alone there, 0 otherwise.
    fn sign(&self, class: usize) -> f64 {
        if class == self.positive {
            1.0
        } else if Some(class) == self.negative {
            -1.0
        } else {
            0.0
        }
    }
}

/// A fitted linear support vector classifier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Svc {
    parameters: Parameters,
    classes: usize,
    columns: usize,
    machines: Vec<Machine>,
}

impl Svc {
    /// What was asked for, the solver included.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Number of classes, with those of which there was no row.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Number of features of a row.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The machines: by pair (0, 1), (0, 2), …, (1, 2), … or by class.
    pub fn machines(&self) -> &[Machine] {
        &self.machines
    }

    /// The classes that can be predicted: those that had rows to learn from, ascending.
    pub fn present(&self) -> Vec<usize> {
        let has_machine = |class: &usize| self.machines.iter().any(|m| m.sign(*class) != 0.0);
        (0..self.classes).filter(has_machine).collect()
    }

    /// Whether every machine has reached its tolerance.
    pub fn converged(&self) -> bool {
        self.machines.iter().all(|machine| machine.converged)
    }

    /// The values of the machines, in their order.
    ///
    /// # Panics
    /// If the row has not [`Svc::columns`] values; so for all that follow.
    pub fn decisions(&self, row: &[f64]) -> Vec<f64> {
        assert_eq!(row.len(), self.columns, "values of a row");
        let value = |machine: &Machine| machine.decision(row.iter().copied());
        self.machines.iter().map(value).collect()
    }

    /// The class of a row.
    pub fn predict(&self, row: &[f64]) -> usize {
        if self.by_pair() {
            let mut votes = vec![0.0; self.classes];
            for (machine, decision) in self.machines.iter().zip(self.decisions(row)) {
                let winner = match machine.negative {
                    Some(negative) if decision <= 0.0 => negative,
                    _ => machine.positive,
                };
                votes[winner] += 1.0;
            }
            argmax(&votes)
        } else {
            argmax(&self.class_scores(row))
        }
    }

    /// One number per class, linear in the row: the mean value of the class's machines, each with the sign that speaks for the class. −∞ for a class without
    /// machine.
    ///
    /// Of pairs, the highest score need not have won most votes; [`Svc::predict`] goes by votes.
    pub fn class_scores(&self, row: &[f64]) -> Vec<f64> {
        let decisions = self.decisions(row);
        (0..self.classes)
            .map(|class| {
                let (mut sum, mut count) = (0.0, 0.0);
                for (machine, decision) in self.machines.iter().zip(&decisions) {
                    sum += machine.sign(class) * decision;
                    count += machine.sign(class).abs();
                }
                if count > 0.0 {
                    sum / count
                } else {
                    f64::NEG_INFINITY
                }
            })
            .collect()
    }

    /// Weights and bias of each class's score. Of a class without machine: zeros, and −∞.
    pub fn class_planes(&self) -> Vec<(Vec<f64>, f64)> {
        let plane = |class: usize| {
            let count: f64 = self.machines.iter().map(|m| m.sign(class).abs()).sum();
            let mut weight = vec![0.0; self.columns];
            let mut bias = if count > 0.0 { 0.0 } else { f64::NEG_INFINITY };
            for machine in self.machines.iter().filter(|m| m.sign(class) != 0.0) {
                let share = machine.sign(class) / count;
                bias += share * machine.bias;
                weight
                    .iter_mut()
                    .zip(&machine.weight)
                    .for_each(|(sum, w)| *sum += share * w);
            }
            (weight, bias)
        };
        (0..self.classes).map(plane).collect()
    }

    /// The probability of each class, 0 for a class without machine; `None` if none were learnt.
    ///
    /// The highest need not be the class that [`Svc::predict`] gives: votes know nothing of how sure the machines are.
    pub fn probabilities(&self, row: &[f64]) -> Option<Vec<f64>> {
        let values = self.machines.iter().zip(self.decisions(row));
        let sides: Vec<f64> = values
            .map(|(machine, value)| Some(machine.platt?.probability(value)))
            .collect::<Option<_>>()?;
        let present = self.present();
        let of_present = if self.by_pair() {
            // Machines stand in the order of the pairs.
            let k = present.len();
            let place = |i: usize, j: usize| i * k - i * (i + 1) / 2 + j - i - 1;
            probability::couple(k, |i, j| sides[place(i, j)])
        } else {
            probability::normalise(sides)
        };
        let mut all = vec![0.0; self.classes];
        for (class, p) in present.into_iter().zip(of_present) {
            all[class] = p;
        }
        Some(all)
    }

    fn by_pair(&self) -> bool {
        self.machines.iter().all(|m| m.negative.is_some())
    }
}

/// More classes than any corpus has; a file that claims more is damaged.
const MOST_CLASSES: usize = 1000;

/// A classifier as it was read from a file.
#[derive(Deserialize)]
struct Unchecked {
    parameters: Parameters,
    classes: usize,
    columns: usize,
    machines: Vec<Machine>,
}

impl TryFrom<Unchecked> for Svc {
    type Error = String;

    /// Refuses what no fit has made.
    fn try_from(read: Unchecked) -> Result<Self, String> {
        read.parameters.clone().check().map_err(|e| e.to_string())?;
        let svc = Self {
            parameters: read.parameters,
            classes: read.classes,
            columns: read.columns,
            machines: read.machines,
        };
        if svc.classes > MOST_CLASSES || svc.machines.len() > MOST_CLASSES * MOST_CLASSES {
            return Err(format!("{} classes: at most {MOST_CLASSES}", svc.classes));
        }
        for (k, machine) in svc.machines.iter().enumerate() {
            if !machine
                .weight
                .iter()
                .chain([&machine.bias])
                .all(|w| w.is_finite())
            {
                return Err(format!("machine {k}: a weight is no finite number"));
            }
            if machine.weight.len() != svc.columns {
                let found = machine.weight.len();
                return Err(format!(
                    "machine {k}: {found} weights for {} columns",
                    svc.columns
                ));
            }
            if machine.positive >= svc.classes || machine.negative.is_some_and(|c| c >= svc.classes)
            {
                return Err(format!("machine {k}: a class of {} or above", svc.classes));
            }
        }
        let present = svc.present();
        let pairs: Vec<(usize, Option<usize>)> = present
            .iter()
            .flat_map(|&i| {
                present
                    .iter()
                    .filter(move |&&j| j > i)
                    .map(move |&j| (i, Some(j)))
            })
            .collect();
        let rests: Vec<(usize, Option<usize>)> = present.iter().map(|&i| (i, None)).collect();
        let found: Vec<_> = svc
            .machines
            .iter()
            .map(|m| (m.positive, m.negative))
            .collect();
        if present.len() < 2 || (found != pairs && found != rests) {
            return Err(
                "the machines are neither one per pair of classes nor one per class, in order"
                    .into(),
            );
        }
        Ok(svc)
    }
}

#[cfg(test)]
mod tests;
