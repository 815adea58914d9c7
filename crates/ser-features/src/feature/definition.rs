//! The sets as data: how each is wired, summarised and explained, at which rate it is defined, and how late its rows are.

use std::ops::Range;

use super::Level;
use super::egemaps::columns::{
    Column, DescriptorColumn, FunctionalColumn, Text, descriptors, functionals,
};
use super::egemaps::contours::Contours;
use super::egemaps::version::{FeatureSet, Rules};
use super::egemaps::voice::FormantsIn;
use super::graph::Graph;
use super::{egemaps, ser};
use crate::unit::SampleRate;

/// A set.
#[derive(Debug)]
pub(crate) struct Definition {
    /// The one rate in Hz at which it is defined, if it is.
    pub rate_hz: Option<u32>,
    /// The version of its numbers, if they are this program's own.
    pub revision: Option<u32>,
    /// How late the rows of descriptors are, in frames, where they do not wait for the end of the recording.
    pub delay: Option<usize>,
    /// Its wiring diagram.
    pub graph: fn(SampleRate, Option<Rules>, Level) -> Box<dyn Graph>,
    /// Contours of a finished recording become the functionals.
    pub functionals: fn(&Contours, FeatureSet) -> Vec<f32>,
    /// Number of rows of descriptors of a finished recording.
    pub rows: fn(&Contours) -> usize,
    /// Number of rows that are final while the recording lasts.
    pub final_rows: fn(&Contours) -> usize,
    /// Some rows of descriptors.
    pub descriptor_rows: fn(&Contours, FeatureSet, Range<usize>) -> Vec<f32>,
    /// What a functional is.
    pub about_functional: fn(&FunctionalColumn) -> Text,
    /// What a descriptor is.
    pub about_descriptor: fn(&DescriptorColumn) -> Text,
}

static PUBLISHED: Definition = Definition {
    rate_hz: None,
    revision: None,
    delay: Some(egemaps::graph::DELAY),
    graph: |rate, rules, level| {
        let formants_in = match level {
            Level::Functionals => FormantsIn::VoicedFrames,
            Level::Descriptors => FormantsIn::AllFrames,
        };
        let rules = rules.expect("published sets have rules");
        Box::new(egemaps::graph::Graph::new(rate, rules, formants_in))
    },
    functionals: egemaps::summary::summarise,
    rows: egemaps::summary::rows,
    final_rows: egemaps::summary::final_rows,
    descriptor_rows: egemaps::summary::descriptor_rows,
    about_functional: egemaps::meaning::about_functional,
    about_descriptor: egemaps::meaning::about_descriptor,
};

/// Which frames are background is decided by the loud level of the whole recording, so no row is final before its end.
const SER: Definition = Definition {
    rate_hz: Some(ser::RATE_HZ),
    revision: Some(6),
    delay: None,
    graph: |rate, _, _| Box::new(ser::graph::Graph::new(rate, false)),
    functionals: ser::summary::summarise,
    rows: ser::summary::rows,
    final_rows: |_| 0,
    descriptor_rows: ser::summary::descriptor_rows,
    about_functional: ser::meaning::about_functional,
    about_descriptor: ser::meaning::about_descriptor,
};

static SER_PLAIN: Definition = SER;

/// As eGeMAPS-ser, with more measured per voiced frame. One revision for both, since they share 88 columns.
static SER_PLUS: Definition = Definition {
    graph: |rate, _, _| Box::new(ser::graph::Graph::new(rate, true)),
    ..SER
};

impl FeatureSet {
    pub(crate) fn definition(self) -> &'static Definition {
        match self {
            Self::EGeMapsSer => &SER_PLAIN,
            Self::EGeMapsSerPlus => &SER_PLUS,
            _ => &PUBLISHED,
        }
    }

    /// The version of the numbers, where they are this program's own: it rises whenever one of them changes. `None` for the published
    /// sets, whose version is in their name.
    pub fn revision(self) -> Option<u32> {
        self.definition().revision
    }

    /// The one rate in Hz at which the set is defined, if it is; others take the recording's own.
    pub fn rate_hz(self) -> Option<u32> {
        self.definition().rate_hz
    }

    /// The columns of the set at a level, in its order, with unit, meaning, formula and source.
    pub fn columns(self, level: Level) -> Vec<Column> {
        let definition = self.definition();
        match level {
            Level::Functionals => functionals(self)
                .map(|c| Column::new(c.name, c.group, (definition.about_functional)(c)))
                .collect(),
            Level::Descriptors => descriptors(self)
                .map(|c| Column::new(c.name, c.group, (definition.about_descriptor)(c)))
                .collect(),
        }
    }
}
