//! Contours become the columns of a set: functionals, and the table of descriptors.

use super::columns::{
    Descriptor, DescriptorColumn, FunctionalColumn, Statistic, View, descriptors, functionals,
};
use super::contours::Contours;
use super::version::FeatureSet;
use crate::contour::smooth::{self, Average};
use crate::contour::{is_unvoiced, is_voiced, masked, present};
use crate::frame::geometry::NOMINAL_HOP_S;
use crate::functional::level::equivalent_level_db;
use crate::functional::moment::{mean, normalised_deviation};
use crate::functional::percentile::Sorted;
use crate::functional::segment::segments;
use crate::functional::slope::slopes;

/// The frame period of the functionals: nominal, whatever the hop in samples.
const PERIOD_S: f32 = NOMINAL_HOP_S as f32;

/// The functionals of a set, in its order.
pub(crate) fn summarise(contours: &Contours, set: FeatureSet) -> Vec<f32> {
    let columns: Vec<&FunctionalColumn> = functionals(set).collect();
    columns
        .chunk_by(|a, b| (a.descriptor, a.view) == (b.descriptor, b.view))
        .flat_map(|group| {
            let values = view(contours, group[0].descriptor, group[0].view);
            group
                .iter()
                .map(move |column| statistic(&values, column.view, column.statistic))
        })
        .collect()
}

/// The rows of the table of descriptors, one after the other.
pub(crate) fn descriptor_rows(contours: &Contours, set: FeatureSet) -> Vec<f32> {
    let rows = contours.long_frames() + 1;
    let columns: Vec<&DescriptorColumn> = descriptors(set).collect();
    let mut table = vec![0.0; rows * columns.len()];
    for (i, column) in columns.iter().enumerate() {
        let contour = contours.of(column.descriptor);
        let smoothed = if column.descriptor.is_of_short_frames() {
            smooth::ordinary(Average::Plain, contour, rows)
        } else {
            smooth::voice_quality_rows(contour, contours.decided())
        };
        for (row, value) in table.chunks_exact_mut(columns.len()).zip(smoothed) {
            row[i] = value;
        }
    }
    table
}

/// The values of a contour that count; see the table in `contour::smooth`.
fn view(contours: &Contours, descriptor: Descriptor, view: View) -> Vec<f32> {
    let contour = contours.of(descriptor);
    let pitch = contours.of(Descriptor::Pitch);
    let decided = contours.decided();
    match view {
        View::Raw => contour.to_vec(),
        View::All => smooth::ordinary(Average::Plain, contour, contour.len()),
        View::Pitch => present(&smooth::pitch_synchronous(contour, decided)),
        View::VoicedStretches | View::UnvoicedStretches => {
            smooth::pitch_synchronous(contour, decided)
        }
        View::Quality => present(&smooth::voice_quality(contour, decided)),
        View::VoicedQuality => present(&smooth::voice_quality(
            &masked(contour, pitch, is_voiced),
            decided,
        )),
        View::Voiced => present(&smooth::voiced_spectrum(
            &masked(contour, pitch, is_voiced),
            decided,
        )),
        View::Unvoiced => present(&smooth::pitch_synchronous(
            &masked(contour, pitch, is_unvoiced),
            decided,
        )),
    }
}

fn statistic(values: &[f32], view: View, statistic: Statistic) -> f32 {
    let stretches = || {
        segments(values, PERIOD_S, |v| {
            (v != 0.0) == (view == View::VoicedStretches)
        })
    };
    match statistic {
        Statistic::Mean => mean(values),
        Statistic::Deviation => normalised_deviation(values),
        Statistic::Percentile20 => Sorted::new(values).percentile(0.2),
        Statistic::Percentile50 => Sorted::new(values).percentile(0.5),
        Statistic::Percentile80 => Sorted::new(values).percentile(0.8),
        Statistic::Range20To80 => Sorted::new(values).range(0.2, 0.8),
        Statistic::MeanRising => slopes(values, PERIOD_S).mean_rising,
        Statistic::DeviationRising => slopes(values, PERIOD_S).deviation_rising,
        Statistic::MeanFalling => slopes(values, PERIOD_S).mean_falling,
        Statistic::DeviationFalling => slopes(values, PERIOD_S).deviation_falling,
        Statistic::PeakRate => slopes(values, PERIOD_S).peak_rate,
        Statistic::SegmentRate => stretches().rate,
        Statistic::SegmentMean => stretches().mean_s,
        Statistic::SegmentDeviation => stretches().deviation_s,
        Statistic::Level => equivalent_level_db(values),
    }
}
