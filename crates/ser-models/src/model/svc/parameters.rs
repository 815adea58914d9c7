//! What is asked of a support vector classifier, and the check of it.

use serde::{Deserialize, Serialize};

use super::super::error::Error;

/// Which program finds the planes. They do not agree on every row, so a result names its solver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Solver {
    /// One machine per pair of classes, hinge loss: what libsvm's `SVC(kernel="linear")` finds. See [`super::smo`].
    #[default]
    Smo,
    /// One machine per class against the rest, squared hinge loss, penalised intercept: what liblinear's `LinearSVC(dual=False)` finds. See
    /// [`super::liblinear`].
    Liblinear,
    /// The machines of `Smo`, found by the crate linfa-svm: a check, and slow. Of builds with the feature `linfa` only.
    Linfa,
}

impl Solver {
    /// Its name in results.
    pub fn name(self) -> &'static str {
        match self {
            Solver::Smo => "smo",
            Solver::Liblinear => "liblinear",
            Solver::Linfa => "linfa",
        }
    }
}

/// How dear an error is on a row of each class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClassWeights {
    /// n / (classes · n_c), so that all classes together weigh the same: what a score that averages over classes asks for. Only classes that
    /// occur are counted.
    #[default]
    Balanced,
    /// One for every class.
    Equal,
}

impl ClassWeights {
    /// Its name in results.
    pub fn name(self) -> &'static str {
        match self {
            ClassWeights::Balanced => "balanced",
            ClassWeights::Equal => "equal",
        }
    }
}

/// Settings of a support vector classifier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table: [svc]")]
pub struct Parameters {
    /// Which program finds the planes.
    pub solver: Solver,
    /// Price of a margin violation, above 0. Default 1 (Das et al. 2021).
    pub c: f64,
    /// Factors of `c` by class.
    pub weights: ClassWeights,
    /// When to stop; above 0. `None` is the solver's own: `smo` 1e-3, the largest violation of the optimality conditions, in units of the decision value (libsvm's);
    /// `liblinear` 1e-8, the gradient's length over its length at zero, times the share of the smaller side; `linfa` 1e-7 (linfa's), as `smo`.
    pub tolerance: Option<f64>,
    /// Steps of `smo` or `liblinear` after which a machine is taken as it is, and called not converged. Default 10 million (libsvm's least). linfa
    /// has its own, the same.
    pub max_iterations: usize,
    /// Draws the folds for the probabilities; nothing else is random.
    pub seed: u64,
    /// In how many folds the training data are held out to learn probabilities, at least 2; `None` for no probabilities. Default 5 (libsvm's).
    pub probability: Option<usize>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            solver: Solver::default(),
            c: 1.0,
            weights: ClassWeights::default(),
            tolerance: None,
            max_iterations: 10_000_000,
            seed: 0,
            probability: Some(5),
        }
    }
}

impl Parameters {
    /// The settings, if each is in its range.
    ///
    /// # Errors
    /// [`Error::Parameter`], with the name, the value and the range.
    pub fn check(self) -> Result<Checked, Error> {
        let refuse = |name: &str, value: &dyn std::fmt::Display, range: &str| {
            Err(Error::Parameter(format!(
                "{name} = {value}: must be {range}"
            )))
        };
        if !(self.c.is_finite() && self.c > 0.0) {
            return refuse("c", &self.c, "above 0 and finite");
        }
        if let Some(tolerance) = self.tolerance
            && !(tolerance.is_finite() && tolerance > 0.0)
        {
            return refuse("tolerance", &tolerance, "above 0 and finite");
        }
        if self.max_iterations == 0 {
            return refuse("max_iterations", &0, "at least 1");
        }
        if let Some(folds) = self.probability
            && folds < 2
        {
            return refuse("probability", &folds, "at least 2 folds, or absent");
        }
        Ok(Checked(self))
    }
}

/// Settings that were found to be in their ranges. [`Checked::fit`] makes a classifier of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked(Parameters);

impl Checked {
    /// The settings.
    pub fn parameters(&self) -> &Parameters {
        &self.0
    }

    /// The tolerance asked for, or the solver's own.
    pub(super) fn tolerance(&self) -> f64 {
        self.0.tolerance.unwrap_or(match self.0.solver {
            Solver::Smo => 1e-3,
            Solver::Liblinear => 1e-8,
            Solver::Linfa => 1e-7,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_out_of_its_range_is_named_with_the_range() {
        let refused = |change: fn(&mut Parameters)| {
            let mut parameters = Parameters::default();
            change(&mut parameters);
            parameters.check().unwrap_err().to_string()
        };
        assert_eq!(refused(|p| p.c = 0.0), "c = 0: must be above 0 and finite");
        assert_eq!(
            refused(|p| p.c = -1.0),
            "c = -1: must be above 0 and finite"
        );
        assert!(refused(|p| p.c = f64::NAN).starts_with("c = NaN"));
        assert!(refused(|p| p.tolerance = Some(0.0)).starts_with("tolerance = 0"));
        assert!(refused(|p| p.max_iterations = 0).starts_with("max_iterations = 0"));
        assert!(refused(|p| p.probability = Some(1)).starts_with("probability = 1"));
        assert!(Parameters::default().check().is_ok());
    }

    #[test]
    fn what_is_not_said_has_its_default_and_what_is_misspelt_is_refused() {
        let read: Parameters = serde_json::from_str(r#"{"solver": "liblinear"}"#).unwrap();
        let expected = Parameters {
            solver: Solver::Liblinear,
            ..Parameters::default()
        };
        assert_eq!(read, expected);
        assert!(serde_json::from_str::<Parameters>(r#"{"C": 1.0}"#).is_err());
    }
}
