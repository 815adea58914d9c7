//! A fold: the one place that parts what is learnt from what is tested on.
//!
//! Models see [`Fold::training`] and nothing else; a row that would stand on both sides is refused here. Speakers on both sides are counted, as are
//! *twins*: test rows whose features equal a training row's to the bit, which only copies of a recording have.

use std::collections::BTreeSet;

use ser_models::model::{Error, Training};
use ser_models::score::split::TestRows;
use ser_tables::labelled::Labelled;

/// Training rows and test rows of a corpus, apart.
#[derive(Clone, Debug)]
pub struct Fold<'a> {
    table: &'a Labelled,
    classes: &'a [String],
    training: Vec<usize>,
    test: Vec<usize>,
}

impl<'a> Fold<'a> {
    /// Parts rows.
    ///
    /// # Errors
    /// Where a row stands on both sides.
    pub fn new(
        table: &'a Labelled,
        classes: &'a [String],
        training: Vec<usize>,
        test: Vec<usize>,
    ) -> Result<Fold<'a>, Error> {
        let learnt: BTreeSet<usize> = training.iter().copied().collect();
        if let Some(row) = test.iter().find(|row| learnt.contains(row)) {
            return Err(Error::Parameter(format!(
                "{}: stands in both training and test; a score of such a split would mean nothing",
                table.rows[*row].file
            )));
        }
        Ok(Fold {
            table,
            classes,
            training,
            test,
        })
    }

    /// The fold that tests some of the rows and learns from the others.
    ///
    /// # Errors
    /// As [`Fold::new`].
    pub fn of(
        table: &'a Labelled,
        classes: &'a [String],
        rows: &[usize],
        test: &TestRows,
    ) -> Result<Fold<'a>, Error> {
        let tested: BTreeSet<usize> = test.iter().copied().collect();
        let training = rows
            .iter()
            .copied()
            .filter(|row| !tested.contains(row))
            .collect();
        Fold::new(table, classes, training, test.clone())
    }

    /// What a model may learn from.
    ///
    /// # Errors
    /// Where that is nothing, or of one class.
    pub fn training(&self) -> Result<Training<'a>, Error> {
        Training::new(self.table, &self.training, self.classes)
    }

    /// The rows that it is tested on.
    pub fn test(&self) -> &[usize] {
        &self.test
    }

    /// How many speakers stand on both sides.
    pub fn shared_speakers(&self) -> usize {
        let speakers = |rows: &[usize]| -> BTreeSet<(String, String)> {
            let of = |&row: &usize| {
                let row = &self.table.rows[row];
                row.speaker
                    .clone()
                    .map(|speaker| (row.corpus.clone(), speaker))
            };
            rows.iter().filter_map(of).collect()
        };
        speakers(&self.training)
            .intersection(&speakers(&self.test))
            .count()
    }

    /// Test rows with a twin in the training rows.
    pub fn twins(&self) -> usize {
        let bits = |&row: &usize| -> Vec<u32> {
            self.table
                .features(row)
                .iter()
                .map(|x| x.to_bits())
                .collect()
        };
        let learnt: BTreeSet<Vec<u32>> = self.training.iter().map(bits).collect();
        self.test
            .iter()
            .filter(|row| learnt.contains(&bits(row)))
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ser_tables::labelled::LabelledRow;

    fn table() -> Labelled {
        let row = |i: usize| LabelledRow {
            file: format!("{i}.wav"),
            corpus: "x".into(),
            speaker: Some((i / 2).to_string()),
            label: Some(["sad", "angry"][i % 2].into()),
            ..LabelledRow::default()
        };
        Labelled {
            identity: None,
            columns: vec!["F0".into()],
            rows: (0..6).map(row).collect(),
            values: vec![1.0, 2.0, 3.0, 4.0, 1.0, 6.0],
        }
    }

    #[test]
    fn a_row_on_both_sides_is_refused() {
        let (table, classes) = (table(), ["sad".to_string(), "angry".to_string()]);
        let error = Fold::new(&table, &classes, vec![0, 1, 2], vec![2, 3]).unwrap_err();
        assert!(
            error.to_string().starts_with("2.wav: stands in both"),
            "{error}"
        );
    }

    #[test]
    fn shared_speakers_and_twins_are_counted() {
        let (table, classes) = (table(), ["sad".to_string(), "angry".to_string()]);
        let fold = Fold::of(&table, &classes, &[0, 1, 2, 3, 4, 5], &vec![1, 4]).unwrap();
        // Speakers 0 and 2 stand on both sides; row 4 has the features of row 0.
        assert_eq!((fold.shared_speakers(), fold.twins()), (2, 1));
        assert_eq!(fold.training().unwrap().rows(), [0, 2, 3, 5]);
    }
}
