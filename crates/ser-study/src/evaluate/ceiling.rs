//! How well listeners do: what a corpus's own raters say of its labels, a ceiling for any model.
//!
//! ```text
//! a_r                share of the listeners of recording r who chose its label
//! recall of class c  mean of a_r over the recordings of c;   UAR: mean of the recalls
//! ```
//!
//! It is the expected score of one listener drawn at random; the interval is a bootstrap over the speakers heard, not over listeners. Listeners had all of
//! their corpus's categories to choose from, so with fewer classes they would do better. Where the label is itself the raters' majority (IEMOCAP), their
//! agreement with it is flattered, since each of them helped to make it.

use super::resample::{Part, Resamples, Series, Sums};
use super::result::{Ceiling, CorpusSummary};
use super::study::Study;
use ser_models::model::training::class_of;
use ser_models::score::interval::{Method, Score};

/// Of the recordings of a corpus at least such a share is rated where it has a ceiling.
const RATED: f64 = 0.5;

/// The ceilings of the corpora that have one.
pub fn ceilings(study: &Study, resamples: &Resamples) -> Vec<Ceiling> {
    let of = |corpus: &CorpusSummary| ceiling(study, &corpus.name, resamples);
    study.corpora.iter().filter_map(of).collect()
}

fn ceiling(study: &Study, corpus: &str, resamples: &Resamples) -> Option<Ceiling> {
    let classes = &study.plan.classes;
    let units = study.units.of_corpus(corpus)?;
    let mut sums: Sums = (0..units.names.len())
        .map(|unit| (unit, vec![0.0; 2 * classes.len()]))
        .collect();
    let rows = study.rows_of(corpus, classes);
    let mut recordings = 0;
    for &row in &rows {
        let agreement = study.table.rows[row].agreement;
        if let (Some(agreement), Some(class)) = (agreement, class_of(&study.table, row, classes)) {
            let of_unit = &mut sums[study.units.of_row(row)].1;
            of_unit[2 * class] += 1.0;
            of_unit[2 * class + 1] += agreement;
            recordings += 1;
        }
    }
    if recordings == 0 || (recordings as f64) < RATED * rows.len() as f64 {
        return None;
    }
    sums.retain(|(_, sums)| sums.iter().any(|sum| *sum > 0.0));
    let part = Part {
        corpus,
        per_seed: vec![&sums; study.plan.seeds.len()],
    };
    let mut series = resamples.series(&[part], 1 + classes.len(), |sums, found| {
        let mut recalls = Vec::new();
        for (found, class) in found[1..].iter_mut().zip(sums.chunks_exact(2)) {
            if class[0] > 0.0 {
                *found = class[1] / class[0];
                recalls.push(*found);
            }
        }
        found[0] = recalls.iter().sum::<f64>() / recalls.len() as f64;
    });
    let method = match (units.speakers, sums.len()) {
        (true, 1) => Method::OneSpeaker,
        (false, 1) => Method::OneRecording,
        (true, _) => Method::BootstrapOverSpeakers,
        (false, _) => Method::BootstrapOverRecordings,
    };
    let score = |series: &Series| {
        series.observed.is_finite().then(|| Score {
            value: series.observed,
            interval: series.interval(),
            method,
            units: series.units,
        })
    };
    let recalls = series.split_off(1);
    Some(Ceiling {
        corpus: corpus.into(),
        uar: score(&series[0])?,
        recall: recalls.iter().map(score).collect(),
        recordings,
    })
}

#[cfg(test)]
mod tests {
    use super::super::plan::Plan;
    use super::*;
    use ser_tables::labelled::{Labelled, LabelledRow};

    /// Sad recordings are recognised by 9 of 10 listeners, angry ones by half; speaker 0's and 1's alike.
    fn table(rated: usize) -> Labelled {
        let row = |i: usize| LabelledRow {
            file: format!("{i}.wav"),
            corpus: "x".into(),
            speaker: Some((i % 3).to_string()),
            label: Some(["sad", "angry"][i % 2].into()),
            agreement: (i < rated).then_some([0.9, 0.5][i % 2]),
            ..LabelledRow::default()
        };
        Labelled {
            identity: None,
            columns: vec!["F0".into()],
            rows: (0..24).map(row).collect(),
            values: (0..24).map(|i| i as f32).collect(),
        }
    }

    fn found(rated: usize) -> Vec<Ceiling> {
        let plan = Plan {
            train: "x".into(),
            classes: ["sad", "angry"].map(String::from).to_vec(),
            ..Plan::default()
        };
        let study = Study::new(&table(rated), &plan).unwrap();
        let resamples = Resamples::new(&study.units, plan.seeds.len(), 100, 1);
        ceilings(&study, &resamples)
    }

    #[test]
    fn a_listener_scores_the_mean_over_classes_of_the_share_that_chose_the_label() {
        let found = found(24).remove(0);
        assert!((found.uar.value - 0.7).abs() < 1e-12);
        assert_eq!(found.recordings, 24);
        let recalls: Vec<f64> = found.recall.iter().map(|r| r.unwrap().value).collect();
        assert!((recalls[0] - 0.9).abs() < 1e-12 && (recalls[1] - 0.5).abs() < 1e-12);
        // All speakers are alike, so other speakers would have changed nothing.
        assert!(found.uar.interval.unwrap().half_width() < 1e-12);
    }

    #[test]
    fn a_corpus_of_which_most_recordings_are_unrated_has_no_ceiling() {
        assert!(found(11).is_empty() && found(0).is_empty());
    }
}
