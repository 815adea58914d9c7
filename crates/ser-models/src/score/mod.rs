//! How good predictions are: recalls, intervals, calibration, abstention, and the folds that they are measured on.

pub mod metric;

pub mod interval;

pub mod bootstrap;

pub mod agreement;

pub mod calibration;

pub mod abstention;

pub mod split;

pub mod subset_score;
