//! Standardisation that keeps to the training rows.
//!
//! ```text
//! z = (x − mean) / sd        statistics of the row's group: of everything, of its corpus, or of its speaker
//! ```
//!
//! A group that the training rows know is scaled by its training rows, whichever rows are being scored; a group that they do not know (another
//! corpus, a new speaker) by its own rows, without their labels. Validation rows of the training corpus therefore never take part in the
//! statistics that scale them, and a transfer corpus is standardised as Das et al. (2021) do it.

use std::collections::BTreeMap;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use ser_tables::labelled::Labelled;
use ser_tables::{Scaler, Statistics};

/// Scalers of the groups in the training rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Normaliser {
    by: Statistics,
    /// That of all training rows: used by `train`, and by whoever scales one row alone.
    overall: Scaler,
    groups: Vec<(Group, Scaler)>,
}

/// Corpus and speaker; the speaker is empty where statistics are the corpus's, both are where they are of everything.
type Group = (String, String);

impl Normaliser {
    /// Takes the statistics of the training rows.
    pub fn fit(table: &Labelled, training: &[usize], by: Statistics) -> Normaliser {
        let groups = grouped(table, training, by);
        let of = |rows: &[usize]| {
            Scaler::fit(
                table.columns.len(),
                rows.iter()
                    .map(|&row| table.features(row))
                    .collect::<Vec<_>>()
                    .into_iter(),
            )
        };
        Normaliser {
            by,
            overall: of(training),
            groups: match by {
                Statistics::Train | Statistics::None => Vec::new(),
                Statistics::Corpus | Statistics::Speaker => groups
                    .into_iter()
                    .map(|(group, rows)| (group, of(&rows)))
                    .collect(),
            },
        }
    }

    /// Whose statistics are used.
    pub fn by(&self) -> Statistics {
        self.by
    }

    /// Mean and deviation over all training rows.
    pub fn overall(&self) -> &Scaler {
        &self.overall
    }

    /// Whether all its statistics are finite, and of so many columns.
    pub fn fits(&self, columns: usize) -> bool {
        let fits = |scaler: &Scaler| {
            let (mean, deviation) = (scaler.mean(), scaler.deviation());
            mean.len() == columns
                && deviation.len() == columns
                && mean.iter().chain(deviation).all(|x| x.is_finite())
        };
        fits(&self.overall) && self.groups.iter().all(|(_, scaler)| fits(scaler))
    }

    /// One row alone, standardised: a row has no statistics of its own, so where a model asks for those of its corpus or speaker it takes those of
    /// `batch`, the recordings it stands among, or of all training rows.
    pub fn alone(&self, features: &[f32], batch: Option<&Scaler>) -> Vec<f64> {
        match self.by {
            Statistics::None => features.iter().map(|&x| f64::from(x)).collect(),
            Statistics::Train => self.overall.transform(features).collect(),
            Statistics::Corpus | Statistics::Speaker => {
                batch.unwrap_or(&self.overall).transform(features).collect()
            }
        }
    }

    /// The standardised rows, shape rows × columns.
    pub fn transform(&self, table: &Labelled, rows: &[usize]) -> Array2<f64> {
        let mut scaled = Array2::zeros((rows.len(), table.columns.len()));
        let mut own: BTreeMap<Group, Scaler> = BTreeMap::new();
        if matches!(self.by, Statistics::Corpus | Statistics::Speaker) {
            for (group, members) in grouped(table, rows, self.by) {
                let known = self
                    .groups
                    .iter()
                    .find(|(known, _)| *known == group)
                    .map(|(_, scaler)| scaler.clone());
                let fit = || {
                    Scaler::fit(
                        table.columns.len(),
                        members.iter().map(|&row| table.features(row)),
                    )
                };
                let scaler = known.unwrap_or_else(fit);
                own.insert(group, scaler);
            }
        }
        for (&row, mut out) in rows.iter().zip(scaled.outer_iter_mut()) {
            let x = table.features(row);
            let scaler = match self.by {
                Statistics::None => {
                    out.iter_mut().zip(x).for_each(|(z, &x)| *z = f64::from(x));
                    continue;
                }
                Statistics::Train => &self.overall,
                by => &own[&group(table, row, by)],
            };
            out.iter_mut()
                .zip(scaler.transform(x))
                .for_each(|(z, scaled)| *z = scaled);
        }
        scaled
    }
}

/// Rows by group, groups in the order of their names.
fn grouped(table: &Labelled, rows: &[usize], by: Statistics) -> BTreeMap<Group, Vec<usize>> {
    let mut groups: BTreeMap<Group, Vec<usize>> = BTreeMap::new();
    for &row in rows {
        groups.entry(group(table, row, by)).or_default().push(row);
    }
    groups
}

/// The group of a row. A row without a speaker stands with its corpus's others without one.
fn group(table: &Labelled, row: usize, by: Statistics) -> Group {
    let row = &table.rows[row];
    match by {
        Statistics::Train | Statistics::None => Group::default(),
        Statistics::Corpus => (row.corpus.clone(), String::new()),
        Statistics::Speaker => (row.corpus.clone(), row.speaker.clone().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ser_tables::labelled::LabelledRow;

    /// One column; corpus x with speakers a and b, corpus y with speaker c.
    fn table() -> Labelled {
        let row = |corpus: &str, speaker: &str| LabelledRow {
            corpus: corpus.into(),
            speaker: Some(speaker.into()),
            ..LabelledRow::default()
        };
        Labelled {
            identity: None,
            columns: vec!["F0".into()],
            rows: vec![
                row("x", "a"),
                row("x", "a"),
                row("x", "b"),
                row("y", "c"),
                row("y", "c"),
            ],
            values: vec![1.0, 3.0, 100.0, 10.0, 30.0],
        }
    }

    fn scaled(by: Statistics, training: &[usize], rows: &[usize]) -> Vec<f64> {
        Normaliser::fit(&table(), training, by)
            .transform(&table(), rows)
            .into_raw_vec_and_offset()
            .0
    }

    #[test]
    fn a_known_corpus_is_scaled_by_its_training_rows_and_an_unknown_one_by_its_own() {
        assert_eq!(
            scaled(Statistics::Corpus, &[0, 1], &[2, 3, 4]),
            [98.0, -1.0, 1.0]
        );
    }

    #[test]
    fn a_new_speaker_is_scaled_by_their_own_rows() {
        // Speaker b has one row, which is its own mean.
        assert_eq!(scaled(Statistics::Speaker, &[0, 1], &[1, 2]), [1.0, 0.0]);
    }

    #[test]
    fn training_statistics_scale_everything_alike_and_none_scales_nothing() {
        assert_eq!(scaled(Statistics::Train, &[0, 1], &[2, 3]), [98.0, 8.0]);
        assert_eq!(scaled(Statistics::None, &[0, 1], &[2, 3]), [100.0, 10.0]);
    }
}
