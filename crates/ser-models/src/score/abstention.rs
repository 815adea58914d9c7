//! Abstention: how good the rest gets when the least certain recordings are left unanswered.
//!
//! The curve answers the question of a listener who may pass difficult calls on: with a confidence that means something, the score of the
//! remaining recordings rises with the share that is not answered; a flat curve says that the confidence knows nothing of its errors.
//!
//! A class may lose all its recordings on the way and then leaves the average recall (see [`metric`](super::metric)): every point says how many
//! classes are left, because a score of three classes is not comparable with one of four.
//!
//! R. El-Yaniv, Y. Wiener (2010), "On the foundations of noise-free selective classification", JMLR 11, 1605-1641 (the risk-coverage curve).

use serde::{Deserialize, Serialize};

use super::metric::Confusion;

/// One point of the curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Share of the recordings that are not answered.
    pub abstained: f64,
    /// The lowest confidence that is answered.
    pub threshold: f64,
    /// Number of recordings answered.
    pub answered: usize,
    /// Number of classes among them.
    pub classes: usize,
    /// Unweighted average recall of the answered.
    pub uar: f64,
    /// Accuracy of the answered.
    pub accuracy: f64,
}

/// The curve at no more than `points` shares of abstention, evenly spread from 0; recordings of equal confidence are answered or not together.
///
/// # Panics
/// If the lists differ in length, a class is not below `classes`, or a confidence is no number.
pub fn abstention(
    classes: usize,
    truth: &[usize],
    predicted: &[usize],
    confidence: &[f64],
    points: usize,
) -> Vec<Point> {
    assert_eq!(truth.len(), confidence.len(), "classes and confidences");
    assert!(
        confidence.iter().all(|c| c.is_finite()),
        "a confidence is no number"
    );
    let mut ascending: Vec<usize> = (0..truth.len()).collect();
    ascending.sort_by(|&a, &b| confidence[a].total_cmp(&confidence[b]));
    let mut rest = Confusion::count(classes, truth, predicted);
    let mut curve: Vec<Point> = Vec::with_capacity(points.min(truth.len()));
    let mut gone = 0;
    for point in 0..points {
        let asked = truth.len() * point / points;
        let Some(&first) = ascending.get(asked) else {
            break;
        };
        let threshold = confidence[first];
        if curve.last().is_some_and(|last| last.threshold == threshold) {
            continue;
        }
        while confidence[ascending[gone]] < threshold {
            rest.remove(truth[ascending[gone]], predicted[ascending[gone]]);
            gone += 1;
        }
        curve.extend(
            rest.uar()
                .zip(rest.accuracy())
                .map(|(uar, accuracy)| Point {
                    abstained: gone as f64 / truth.len() as f64,
                    threshold,
                    answered: truth.len() - gone,
                    classes: classes - rest.absent().len(),
                    uar,
                    accuracy,
                }),
        );
    }
    curve
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_confidence_that_knows_its_errors_makes_the_rest_perfect() {
        let truth = [0, 0, 1, 1];
        let predicted = [0, 1, 1, 0];
        let curve = abstention(2, &truth, &predicted, &[0.9, 0.4, 0.8, 0.3], 4);
        let scores: Vec<(f64, usize, f64, f64)> = curve
            .iter()
            .map(|p| (p.abstained, p.classes, p.uar, p.accuracy))
            .collect();
        assert_eq!(
            scores,
            [
                (0.0, 2, 0.5, 0.5),
                (0.25, 2, 0.75, 2.0 / 3.0),
                (0.5, 2, 1.0, 1.0),
                // One class is left, and the point says so.
                (0.75, 1, 1.0, 1.0)
            ]
        );
    }

    #[test]
    fn equal_confidences_are_answered_together() {
        let curve = abstention(2, &[0, 1, 0, 1], &[0, 1, 1, 1], &[0.5, 0.5, 0.5, 0.9], 4);
        let answered: Vec<usize> = curve.iter().map(|p| p.answered).collect();
        assert_eq!(answered, [4, 1]);
    }

    #[test]
    fn no_recordings_have_no_curve() {
        assert!(abstention(2, &[], &[], &[], 10).is_empty());
    }

    proptest! {
        #[test]
        fn every_point_is_the_score_of_the_recordings_above_its_threshold(
            rows in prop::collection::vec((0..3_usize, 0..3_usize, 0..8_u8), 1..40), points in 1..20_usize,
        ) {
            let truth: Vec<usize> = rows.iter().map(|row| row.0).collect();
            let predicted: Vec<usize> = rows.iter().map(|row| row.1).collect();
            let confidence: Vec<f64> = rows.iter().map(|row| f64::from(row.2)).collect();
            for point in abstention(3, &truth, &predicted, &confidence, points) {
                let kept = |list: &[usize]| -> Vec<usize> {
                    let pairs = list.iter().zip(&confidence);
                    pairs.filter(|(_, c)| **c >= point.threshold).map(|(class, _)| *class).collect()
                };
                let rest = Confusion::count(3, &kept(&truth), &kept(&predicted));
                prop_assert_eq!(rest.recordings() as usize, point.answered);
                prop_assert_eq!(rest.uar(), Some(point.uar));
                prop_assert_eq!(rest.accuracy(), Some(point.accuracy));
            }
        }
    }
}
