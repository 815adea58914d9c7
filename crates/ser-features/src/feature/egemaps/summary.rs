//! Contours become the columns of a set: functionals, and the table of descriptors.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

use super::columns::{Descriptor, FunctionalColumn, Statistic, View, descriptors, functionals};
use super::contours::Contours;
use super::version::FeatureSet;
use crate::contour::smooth::{self, Average};
use crate::contour::{is_unvoiced, is_voiced, masked, present};
use crate::frame::geometry::NOMINAL_HOP_S;
use crate::functional::level::equivalent_level_db;
use crate::functional::moment::{mean, normalised_deviation};
use crate::functional::percentile::Ranked;
use crate::functional::segment::{Segments, segments};
use crate::functional::slope::{Slopes, slopes};

/// The frame period of the functionals: nominal, whatever the hop in samples.
const PERIOD_S: f32 = NOMINAL_HOP_S as f32;

/// The functionals of a set, in its order.
pub(crate) fn summarise(contours: &Contours, set: FeatureSet) -> Vec<f32> {
    let columns: Vec<&FunctionalColumn> = functionals(set).collect();
    columns
        .chunk_by(|a, b| (a.descriptor, a.view) == (b.descriptor, b.view))
        .flat_map(|group| {
            let values = view(contours, group[0].descriptor, group[0].view);
            let seen = Seen::new(values, group[0].view);
            group
                .iter()
                .map(move |column| seen.statistic(column.statistic))
        })
        .collect()
}

/// Rows of the table of descriptors when the recording has ended.
pub(crate) fn rows(contours: &Contours) -> usize {
    contours.long_frames() + 1
}

/// Rows that nothing to come will change: those whose right neighbour is decided.
pub(crate) fn final_rows(contours: &Contours) -> usize {
    contours.long_frames().saturating_sub(1)
}

/// Some rows of the table of descriptors, one after the other.
pub(crate) fn descriptor_rows(
    contours: &Contours,
    set: FeatureSet,
    rows: Range<usize>,
) -> Vec<f32> {
    // A row needs its frame's neighbours, and no others.
    let first = rows.start.saturating_sub(1);
    let decided = contours.decided().saturating_sub(first);
    let columns: Vec<(bool, Cow<'_, [f32]>)> = descriptors(set)
        .map(|column| {
            let of = column.descriptor;
            let near = contours.stretch(of, first..rows.end + 1);
            (of.is_of_short_frames(), near)
        })
        .collect();
    let value = |of_short_frames: bool, near: &[f32], t: usize| match of_short_frames {
        true => Average::Plain.at(near, t),
        false => smooth::voice_quality_at(near, decided.min(near.len()), t),
    };
    rows.map(|t| t - first)
        .flat_map(|t| {
            columns
                .iter()
                .map(move |(short, near)| value(*short, near, t))
        })
        .collect()
}

/// The values of a contour that count; see the table in `contour::smooth`.
fn view(contours: &Contours, descriptor: Descriptor, view: View) -> Vec<f32> {
    let contour: &[f32] = &contours.of(descriptor);
    let pitch = || contours.of(Descriptor::Pitch);
    let decided = contours.decided();
    match view {
        View::Raw | View::Timing => contour.to_vec(),
        View::All => smooth::ordinary(Average::Plain, contour, contour.len()),
        View::Pitch => present(&smooth::pitch_synchronous(contour, decided)),
        View::VoicedStretches | View::UnvoicedStretches => {
            smooth::pitch_synchronous(contour, decided)
        }
        View::Quality => present(&smooth::voice_quality(contour, decided)),
        View::VoicedQuality => present(&smooth::voice_quality(
            &masked(contour, &pitch(), is_voiced),
            decided,
        )),
        View::Voiced => present(&smooth::voiced_spectrum(
            &masked(contour, &pitch(), is_voiced),
            decided,
        )),
        View::Unvoiced => present(&smooth::pitch_synchronous(
            &masked(contour, &pitch(), is_unvoiced),
            decided,
        )),
    }
}

/// What a group of functionals sees, and what several of them need of it, computed once.
struct Seen {
    values: Vec<f32>,
    view: View,
    ranked: OnceCell<Ranked>,
    slopes: OnceCell<Slopes>,
    segments: OnceCell<Segments>,
}

impl Seen {
    fn new(values: Vec<f32>, view: View) -> Self {
        let (ranked, slopes, segments) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Self {
            values,
            view,
            ranked,
            slopes,
            segments,
        }
    }

    fn statistic(&self, statistic: Statistic) -> f32 {
        match statistic {
            Statistic::Mean => mean(&self.values),
            Statistic::Deviation => normalised_deviation(&self.values),
            Statistic::Percentile20 => self.ranked().percentile(0.2),
            Statistic::Percentile50 => self.ranked().percentile(0.5),
            Statistic::Percentile80 => self.ranked().percentile(0.8),
            Statistic::Range20To80 => self.ranked().range(0.2, 0.8),
            Statistic::MeanRising => self.slopes().mean_rising,
            Statistic::DeviationRising => self.slopes().deviation_rising,
            Statistic::MeanFalling => self.slopes().mean_falling,
            Statistic::DeviationFalling => self.slopes().deviation_falling,
            Statistic::PeakRate => self.slopes().peak_rate,
            Statistic::SegmentRate => self.segments().rate,
            Statistic::SegmentMean => self.segments().mean_s,
            Statistic::SegmentDeviation => self.segments().deviation_s,
            Statistic::Level => equivalent_level_db(&self.values),
            Statistic::SpeechRate
            | Statistic::ArticulationRate
            | Statistic::PauseCount
            | Statistic::PauseMean
            | Statistic::PhonationShare => unreachable!("columns of eGeMAPS-ser+ alone"),
        }
    }

    fn ranked(&self) -> &Ranked {
        let shares = [0.2, 0.5, 0.8];
        self.ranked
            .get_or_init(|| Ranked::new(&self.values, &shares))
    }

    fn slopes(&self) -> &Slopes {
        self.slopes.get_or_init(|| slopes(&self.values, PERIOD_S))
    }

    fn segments(&self) -> &Segments {
        let voiced = self.view == View::VoicedStretches;
        self.segments
            .get_or_init(|| segments(&self.values, PERIOD_S, |v| (v != 0.0) == voiced))
    }
}
