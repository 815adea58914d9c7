//! A contour becomes one number: pure functions of slices.
//!
//! A contour without values gives 0 for every statistic, never NaN.

pub(crate) mod moment;

pub(crate) mod percentile;

pub(crate) mod slope;

pub(crate) mod segment;

pub(crate) mod level;

pub(crate) mod turning_point_slopes;

pub(crate) mod timing;
