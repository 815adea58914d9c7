//! Contours become the columns of eGeMAPS-ser: functionals, and the table of descriptors.
//!
//! The statistics are those of the columns' names. A deviation is divided by the mean where the quantity has a zero that is none of it
//! (loudness, flux, jitter, shimmer, frequencies and bandwidths of formants). Decibels, semitones, cepstral coefficients and slopes have no such zero:
//! their mean may be anywhere, so their deviation stays in their own unit. (Corrected: the reference divides by a mean that may be nearly 0.)

use std::cell::OnceCell;
use std::ops::Range;

use crate::contour::absent::{ABSENT, is_present, masked, present, runs, smoothed};
use crate::feature::egemaps::columns::Descriptor as D;
use crate::feature::egemaps::columns::{
    DescriptorColumn, FunctionalColumn, Statistic, View, descriptors, functionals,
};
use crate::feature::egemaps::contours::Contours;
use crate::feature::egemaps::version::FeatureSet;
use crate::frame::geometry::NOMINAL_HOP_S;
use crate::functional::level::equivalent_level_db;
use crate::functional::moment::mean;
use crate::functional::percentile::Ranked;
use crate::functional::timing::Timing;
use crate::functional::turning_point_slopes::{TurningPointSlopes, turning_point_slopes};

/// The frame period in seconds.
const PERIOD_S: f32 = NOMINAL_HOP_S as f32;
/// Fewest frames of a voiced or unvoiced stretch that counts as one.
const SHORTEST_SEGMENT: usize = 3;

/// Is a deviation of this descriptor divided by its mean?
pub(crate) fn is_ratio_scale(descriptor: D) -> bool {
    matches!(
        descriptor,
        D::Loudness
            | D::Flux
            | D::Jitter
            | D::Shimmer
            | D::F1Frequency
            | D::F2Frequency
            | D::F3Frequency
            | D::F1Bandwidth
            | D::F2Bandwidth
            | D::F3Bandwidth
            | D::Rap
            | D::Ppq5
            | D::Apq3
            | D::Apq11
    )
}

/// The functionals, in order.
pub(crate) fn summarise(contours: &Contours, set: FeatureSet) -> Vec<f32> {
    let columns: Vec<&FunctionalColumn> = functionals(set).collect();
    columns
        .chunk_by(|a, b| (a.descriptor, a.view) == (b.descriptor, b.view))
        .flat_map(|group| {
            let seen = Seen::new(contours, group);
            group
                .iter()
                .map(move |column| seen.statistic(column.descriptor, column.statistic))
        })
        .map(|value| if value.is_finite() { value } else { 0.0 })
        .collect()
}

/// Rows of the table of descriptors when the recording has ended.
pub(crate) fn rows(contours: &Contours) -> usize {
    contours.long_frames()
}

/// Some rows of the table of descriptors, one after the other; NaN where a descriptor is absent.
pub(crate) fn descriptor_rows(
    contours: &Contours,
    set: FeatureSet,
    rows: Range<usize>,
) -> Vec<f32> {
    let columns: Vec<&DescriptorColumn> = descriptors(set).collect();
    let mut table = vec![0.0; rows.len() * columns.len()];
    // A row needs its frame's neighbours, and no others.
    let first = rows.start.saturating_sub(1);
    for (i, column) in columns.iter().enumerate() {
        let contour = smoothed(&contours.stretch(column.descriptor, first..rows.end + 1));
        let values = &contour[rows.start - first..];
        for (row, &value) in table.chunks_exact_mut(columns.len()).zip(values) {
            // One pattern of bits for absent: those of a computed NaN differ from processor to processor.
            row[i] = if is_present(value) { value } else { ABSENT };
        }
    }
    table
}

/// What a group of functionals sees.
struct Seen {
    contour: Vec<f32>,
    values: Vec<f32>,
    /// For statistics that ask for percentiles.
    ranked: OnceCell<Ranked>,
    turning_point_slopes: TurningPointSlopes,
    /// Lengths in frames.
    segments: Vec<f32>,
    timing: Timing,
}

impl Seen {
    fn new(contours: &Contours, group: &[&FunctionalColumn]) -> Self {
        let (descriptor, view) = (group[0].descriptor, group[0].view);
        let contour = contours.of(descriptor);
        let pitch = || contours.of(D::Pitch);
        let contour = match view {
            View::Raw | View::Timing => contour.into_owned(),
            View::Voiced => smoothed(&masked(&contour, &pitch(), true)),
            View::Unvoiced => smoothed(&masked(&contour, &pitch(), false)),
            _ => smoothed(&contour),
        };
        let values = present(&contour);
        let timing = match view {
            View::Timing => Timing::measure(&contour, &pitch(), PERIOD_S),
            _ => Timing::default(),
        };
        let segments = runs(&contour, view != View::UnvoicedStretches)
            .into_iter()
            .filter(|run| run.len() >= SHORTEST_SEGMENT)
            .map(|run| run.len() as f32)
            .collect();
        let has_legs = group.iter().any(|column| {
            matches!(
                column.statistic,
                Statistic::MeanRising | Statistic::PeakRate
            )
        });
        Self {
            ranked: OnceCell::new(),
            turning_point_slopes: if has_legs {
                turning_point_slopes(&contour, &runs(&contour, true), PERIOD_S)
            } else {
                TurningPointSlopes::default()
            },
            contour,
            values,
            segments,
            timing,
        }
    }

    fn statistic(&self, descriptor: D, statistic: Statistic) -> f32 {
        match statistic {
            Statistic::Mean => mean(&self.values),
            Statistic::Deviation if is_ratio_scale(descriptor) => {
                deviation(&self.values) / mean(&self.values)
            }
            Statistic::Deviation => deviation(&self.values),
            Statistic::Percentile20 => self.ranked().percentile(0.2),
            Statistic::Percentile50 => self.ranked().percentile(0.5),
            Statistic::Percentile80 => self.ranked().percentile(0.8),
            Statistic::Range20To80 => self.ranked().range(0.2, 0.8),
            Statistic::MeanRising => self.turning_point_slopes.mean_rising,
            Statistic::DeviationRising => self.turning_point_slopes.deviation_rising,
            Statistic::MeanFalling => self.turning_point_slopes.mean_falling,
            Statistic::DeviationFalling => self.turning_point_slopes.deviation_falling,
            Statistic::PeakRate => self.turning_point_slopes.peaks as f32 / self.duration_s(),
            Statistic::SegmentRate => self.segments.len() as f32 / self.duration_s(),
            Statistic::SegmentMean => PERIOD_S * mean(&self.segments),
            Statistic::SegmentDeviation => PERIOD_S * deviation(&self.segments),
            Statistic::Level => equivalent_level_db(&self.values),
            Statistic::SpeechRate => self.timing.speech_rate,
            Statistic::ArticulationRate => self.timing.articulation_rate,
            Statistic::PauseCount => self.timing.pauses,
            Statistic::PauseMean => self.timing.pause_s,
            Statistic::PhonationShare => self.timing.sounding_share,
        }
    }

    fn ranked(&self) -> &Ranked {
        let shares = [0.2, 0.5, 0.8];
        self.ranked
            .get_or_init(|| Ranked::new(&self.values, &shares))
    }

    fn duration_s(&self) -> f32 {
        PERIOD_S * self.contour.len() as f32
    }
}

/// The standard deviation of the population; 0 without values.
fn deviation(values: &[f32]) -> f32 {
    let mean = f64::from(mean(values));
    let squares: f64 = values.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum();
    (squares / values.len().max(1) as f64).sqrt() as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature::egemaps::columns::FUNCTIONALS;

    fn value(contours: &Contours, name: &str) -> f32 {
        let column = FUNCTIONALS.iter().position(|c| c.name == name).unwrap();
        summarise(contours, FeatureSet::EGeMapsSer)[column]
    }

    /// A recording of twelve frames, of which six in two stretches are voiced.
    fn contours() -> Contours {
        let mut contours = Contours::default();
        for t in 0..12_u8 {
            let voiced = matches!(t, 2..=4 | 8..=10);
            let mut seen = Vec::new();
            for d in FUNCTIONALS.map(|c| c.descriptor) {
                if seen.contains(&d) {
                    continue;
                }
                seen.push(d);
                let absent = !d.is_of_short_frames() && !voiced;
                let value = if d == D::AlphaRatio && voiced {
                    -20.0
                } else {
                    10.0
                };
                contours.push(d, if absent { ABSENT } else { value });
            }
        }
        contours
    }

    #[test]
    fn unvoiced_frames_are_no_part_of_what_only_voices_have() {
        let contours = contours();
        assert_eq!(value(&contours, "F1amplitudeLogRelF0_sma3nz_amean"), 10.0);
        assert_eq!(value(&contours, "alphaRatioV_sma3nz_amean"), -20.0);
        assert_eq!(value(&contours, "alphaRatioUV_sma3nz_amean"), 10.0);
    }

    #[test]
    fn segments_are_as_long_as_their_frames() {
        let contours = contours();
        assert!((value(&contours, "MeanVoicedSegmentLengthSec") - 0.03).abs() < 1e-7);
        assert!((value(&contours, "VoicedSegmentsPerSec") - 2.0 / 0.12).abs() < 1e-4);
        // Of the three pauses one has three frames; those at the ends have two and one.
        assert!((value(&contours, "MeanUnvoicedSegmentLength") - 0.03).abs() < 1e-7);
    }
}
