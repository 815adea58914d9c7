//! Columns in the form in which their distributions are alike from corpus to corpus.
//!
//! ```text
//! positive columns     ln(max(x, 0) + ε)                        loudness, flux, jitter, shimmer, segment lengths and rates, slopes of F0, variation
//! variation of signed  ln max(|x · mean|, 10⁻⁴)                 x is sd / mean: of MFCC, slopes, ratios the mean may be anything, 0 too
//! the same of eGeMAPS-ser                 ln max(|x|, 10⁻⁴)             x is the standard deviation itself there
//! all others           x
//! ```
//!
//! A value that is absent (NaN) stays absent.
//!
//! A standard deviation divided by a mean near 0 is an outlier and nothing else: there the standard deviation itself is taken. Logarithms make
//! ratios differences, which is how a channel acts on magnitudes.

use super::front_end::PREFIX;
use crate::model::Error;
use ser_features::FeatureSet;

/// Names of columns whose mean may have either sign.
const SIGNED: [&str; 8] = [
    "mfcc",
    "alphaRatio",
    "hammarberg",
    "slope",
    "HNR",
    "logRelF0",
    "F0semitone",
    "amplitudeLogRel",
];

/// What becomes of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Change {
    None,
    Logarithm {
        offset: f64,
    },
    /// Of a variation; `mean` is the column of the mean.
    Deviation {
        mean: usize,
    },
    /// Of a standard deviation.
    Spread,
}

/// The transform of a list of columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Transform {
    changes: Vec<Change>,
    names: Vec<String>,
}

/// Below this a standard deviation counts as this.
const SMALLEST_DEVIATION: f64 = 1e-4;

impl Transform {
    /// The version of the rules below; a model refuses another.
    pub const VERSION: u32 = 2;

    /// The transform of columns by their names.
    ///
    /// # Errors
    /// A variation without its mean.
    pub fn new(columns: &[String]) -> Result<Transform, Error> {
        let change = |name: &String| -> Result<Change, Error> {
            let (set, column) = split(name);
            let signed = SIGNED.iter().any(|start| column.starts_with(start))
                || column.contains("amplitudeLogRel");
            if !(column.ends_with("_stddevNorm") && signed) {
                return Ok(
                    offset(column).map_or(Change::None, |offset| Change::Logarithm { offset })
                );
            }
            if set.strip_suffix(PREFIX) == Some(FeatureSet::EGeMapsSer.name()) {
                return Ok(Change::Spread);
            }
            let mean = format!("{set}{}", column.replace("_stddevNorm", "_amean"));
            let at = columns.iter().position(|other| *other == mean);
            let missing = || {
                Error::Parameter(format!(
                    "column {name} needs {mean}, which is missing: extract a whole feature set"
                ))
            };
            Ok(Change::Deviation {
                mean: at.ok_or_else(missing)?,
            })
        };
        let changes = columns
            .iter()
            .map(change)
            .collect::<Result<Vec<Change>, Error>>()?;
        let name = |(column, change): (&String, &Change)| match change {
            Change::None => column.clone(),
            Change::Logarithm { .. } => format!("log {column}"),
            Change::Deviation { .. } | Change::Spread => {
                format!("log {}", column.replace("_stddevNorm", "_stddev"))
            }
        };
        let names = columns.iter().zip(&changes).map(name).collect();
        Ok(Transform { changes, names })
    }

    /// What the values are called after it.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// A row transformed.
    ///
    /// # Panics
    /// If the row has another number of columns.
    pub fn apply(&self, row: &[f32]) -> Vec<f64> {
        assert_eq!(row.len(), self.changes.len(), "columns of the row");
        let changed = |(x, change): (&f32, &Change)| match *change {
            Change::None => f64::from(*x),
            // The maximum with NaN is the other number: what is absent has to stay so.
            _ if x.is_nan() => f64::NAN,
            Change::Logarithm { offset } => libm::log(f64::from(*x).max(0.0) + offset),
            Change::Spread => libm::log(f64::from(x.abs()).max(SMALLEST_DEVIATION)),
            Change::Deviation { mean } => {
                let deviation = (f64::from(*x) * f64::from(row[mean])).abs();
                if deviation.is_nan() {
                    return f64::NAN;
                }
                libm::log(deviation.max(SMALLEST_DEVIATION))
            }
        };
        row.iter().zip(&self.changes).map(changed).collect()
    }
}

/// The set that a column's name begins with, its slash included, and the rest.
pub(super) fn split(name: &str) -> (&str, &str) {
    name.split_at(name.find(PREFIX).map_or(0, |at| at + PREFIX.len()))
}

/// What is added to a positive column before its logarithm, some tenth of what it usually is; none for columns that stay.
fn offset(column: &str) -> Option<f64> {
    let starts = |names: &[&str]| names.iter().any(|name| column.starts_with(name));
    let slope_of_pitch = column.starts_with("F0") && column.contains("Slope");
    if column.contains("PerSec") {
        Some(0.2)
    } else if column.ends_with("SegmentLengthSec") || column.ends_with("UnvoicedSegmentLength") {
        Some(0.03)
    } else if slope_of_pitch {
        Some(3.0)
    } else if starts(&["jitter", "shimmer", "spectralFlux"]) {
        Some(1e-3)
    } else if column.starts_with("loudness_") || column.contains("stddevNorm") {
        Some(1e-2)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::front_end::{FrontEnd, FrontEndSettings};

    fn columns() -> Vec<String> {
        FrontEnd::new(&FrontEndSettings::default())
            .unwrap()
            .columns()
            .to_vec()
    }

    #[test]
    fn every_column_has_the_form_that_its_name_asks_for() {
        let transform = Transform::new(&columns()).unwrap();
        let count = |wanted: fn(&Change) -> bool| {
            transform
                .changes
                .iter()
                .filter(|change| wanted(change))
                .count()
        };
        let deviations = count(|change| matches!(change, Change::Deviation { .. }));
        assert_eq!(count(|change| *change == Change::Spread), deviations);
        let logarithms = count(|change| matches!(change, Change::Logarithm { .. }));
        assert_eq!(
            (deviations, logarithms, transform.names().len()),
            (DEVIATIONS, 2 * LOGARITHMS, 176)
        );
        let of = |name: &str| {
            transform.changes[columns().iter().position(|column| column == name).unwrap()]
        };
        assert_eq!(of("F0semitoneFrom27.5Hz_sma3nz_amean"), Change::None);
        assert_eq!(
            of("F0semitoneFrom27.5Hz_sma3nz_meanRisingSlope"),
            Change::Logarithm { offset: 3.0 }
        );
        assert_eq!(of("loudnessPeaksPerSec"), Change::Logarithm { offset: 0.2 });
        assert_eq!(
            of("F1frequency_sma3nz_stddevNorm"),
            Change::Logarithm { offset: 0.01 }
        );
        assert_eq!(of("equivalentSoundLevel_dBp"), Change::None);
    }

    // Variation of F0, eight MFCC, HNR, two harmonic ratios, three formant amplitudes, alpha ratio, Hammarberg index and two slopes.
    const DEVIATIONS: usize = 19;
    // Ten of loudness, five of flux, two each of jitter and shimmer, six variations of formants, four slopes of F0, two rates, four segment lengths.
    const LOGARITHMS: usize = 35;

    #[test]
    fn a_variation_about_a_mean_of_nearly_zero_is_no_outlier() {
        let columns = vec![
            "mfcc1_sma3_amean".to_string(),
            "mfcc1_sma3_stddevNorm".to_string(),
        ];
        let transform = Transform::new(&columns).unwrap();
        // sd 2 about means of 0.001 and −5.
        let (small, large) = (
            transform.apply(&[0.001, 2000.0])[1],
            transform.apply(&[-5.0, -0.4])[1],
        );
        assert!(
            (small - large).abs() < 1e-5 && (small - 2_f64.ln()).abs() < 1e-5,
            "{small} {large}"
        );
        assert_eq!(transform.names()[1], "log mfcc1_sma3_stddev");
    }

    #[test]
    fn zero_and_below_have_finite_values() {
        let transform = Transform::new(&columns()).unwrap();
        assert!(transform.apply(&[0.0; 176]).iter().all(|x| x.is_finite()));
        assert!(transform.apply(&[-1.0; 176]).iter().all(|x| x.is_finite()));
    }

    #[test]
    fn a_variation_without_its_mean_is_refused() {
        let error = Transform::new(&["mfcc1_sma3_stddevNorm".to_string()])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("mfcc1_sma3_amean, which is missing"),
            "{error}"
        );
    }
}
