//! Statistics of contributions, each with its value for random networks of the same shape.

use super::super::resample::Series;

/// A statistic of the trained networks and of random ones.
#[derive(Clone, Debug)]
pub struct Both {
    pub(super) trained: Series,
    pub(super) random: Series,
}

/// Statistics of all sentences, resampled together since the sums take the time; or why there are none.
pub type Contributions = Result<Vec<Both>, String>;
