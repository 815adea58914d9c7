//! How a band is fitted: which rows count how much, and what is fitted to them in which order.
//!
//! ```text
//! w_i = n_q^p / (K n_kq)     row of class k in corpus q: classes alike within a corpus, corpora by n^½
//! general     scaler of the clean rows by w → clip ± 4 → discriminant of clean rows and copies
//! relative    clean rows less their speaker's centre (the mean of the means of the classes) → s → clip ± 4 → discriminant; telephone copies likewise
//! taught      the weights of both discriminants anew, by the scores of the first band: see [`super::taught`]
//! mixed or one class   spread of random subsets of each training speaker's rows against that of rows of one class
//! ```

use ndarray::Array2;

use super::augment::Channel;
use super::heads::{Heads, mean};
use super::recipe::ClassifierRecipe;
use super::relative::{CLIP, FEWEST, Relative, logistic};
use super::taught::teach;
use super::training_data::{Rows, TrainingData};
use super::transform::Transform;
use crate::model::Error;
use crate::model::discriminant::Discriminant;
use crate::model::random::Random;

/// How much wider the prior of an unknown speaker's centre is than the training speakers' centres differ.
const PRIOR_WIDTH: f64 = 10.0;
/// The largest subset of a speaker's recordings by which spread is learnt, less one.
const SUBSET: usize = 40;

/// Rows relative to their speakers' centres, in units of nothing yet.
struct Relatives {
    rows: Vec<Vec<f64>>,
    /// The centre of each speaker with the speaker's corpus.
    centres: Vec<(usize, Vec<f64>)>,
}

/// Scores that another band gives to the rows, alone and relative to their speakers.
struct Lesson {
    general: Vec<Vec<f64>>,
    relative: Vec<Vec<f64>>,
    penalty: f64,
}

impl ClassifierRecipe {
    /// Fits a band to rows and their copies, and nothing else.
    ///
    /// # Errors
    /// As [`crate::model::discriminant::Checked::fit`].
    pub fn fit(
        &self,
        training_data: &TrainingData,
        band: usize,
        learnt: Rows<'_>,
    ) -> Result<Heads, Error> {
        let general = self.general.check()?;
        let heard = &training_data.bands[band];
        let transform = Transform::new(&training_data.columns)?;
        let clean: Vec<Vec<f64>> = learnt
            .rows
            .iter()
            .map(|&row| transform.apply(&heard.clean[row].features))
            .collect();
        let weights = weights(learnt, self.corpus_power);
        let (mean, deviation) = statistics(&clean, &weights);
        let lesson = match self.bands[band].taught {
            Some(penalty) if band > 0 => Some(self.lesson(training_data, learnt, penalty)?),
            _ => None,
        };
        let mut heads = Heads {
            transform,
            mean,
            deviation,
            clip: self.clip,
            centre: Vec::new(),
            general: Discriminant {
                weight: Array2::zeros((0, 0)),
                bias: Vec::new(),
                means: Array2::zeros((0, 0)),
                axes: Array2::zeros((0, 0)),
                whitening: Array2::zeros((0, 0)),
            },
            relative: self.relative(
                training_data,
                band,
                learnt,
                &clean,
                &weights,
                lesson.as_ref(),
            )?,
        };
        let z = |row: &Vec<f64>| heads.clipped(&heads.standardised(row));
        let mut rows: Vec<Vec<f64>> = clean.iter().map(z).collect();
        let (centre, _) = statistics(&rows, &weights);
        for copy in &heard.copies {
            rows.extend(
                learnt
                    .rows
                    .iter()
                    .map(|&row| z(&heads.transform.apply(&copy[row]))),
            );
        }
        let times = 1 + heard.copies.len();
        heads.general = general.fit(
            matrix(&rows)?.view(),
            &learnt.labels.repeat(times),
            learnt.classes,
            &learnt.corpora.repeat(times),
        )?;
        if let Some(lesson) = &lesson {
            let scores = &lesson.general;
            teach(&mut heads.general, &rows, scores, &weights, lesson.penalty)?;
        }
        heads.general.shorten_whitening();
        heads.centre = centre;
        Ok(heads)
    }

    /// What the first band makes of the rows.
    fn lesson(
        &self,
        training_data: &TrainingData,
        learnt: Rows<'_>,
        penalty: f64,
    ) -> Result<Lesson, Error> {
        let teacher = self.fit(training_data, 0, learnt)?;
        let clean: Vec<Vec<f64>> = learnt
            .rows
            .iter()
            .map(|&row| teacher.transformed(&training_data.bands[0].clean[row].features))
            .collect();
        let relatives = relatives(&clean, learnt, &speakers(training_data, learnt));
        let relative = &teacher.relative;
        Ok(Lesson {
            general: clean
                .iter()
                .map(|row| teacher.general_scores(row))
                .collect(),
            relative: scaled(&relatives.rows, &relative.scale)
                .iter()
                .map(|row| relative.scores(row))
                .collect(),
            penalty,
        })
    }

    fn relative(
        &self,
        training_data: &TrainingData,
        band: usize,
        learnt: Rows<'_>,
        clean: &[Vec<f64>],
        weights: &[f64],
        lesson: Option<&Lesson>,
    ) -> Result<Relative, Error> {
        let speakers = speakers(training_data, learnt);
        let transform = Transform::new(&training_data.columns)?;
        let relatives = relatives(clean, learnt, &speakers);
        let squares: Vec<Vec<f64>> = relatives
            .rows
            .iter()
            .map(|row| row.iter().map(|x| x * x).collect())
            .collect();
        let (square, _) = statistics(&squares, weights);
        let scale: Vec<f64> = square
            .iter()
            .map(|square| if *square > 1e-18 { square.sqrt() } else { 1.0 })
            .collect();
        let mut rows = scaled(&relatives.rows, &scale);
        let corpora = learnt.corpora.iter().max().map_or(0, |most| most + 1);
        let (offsets, noise) = offsets(&rows, learnt, corpora)?;
        let (prior_mean, prior_variance) = prior(&relatives.centres, &scale, corpora);
        let mut times = 1;
        for (copy, channel) in training_data.bands[band]
            .copies
            .iter()
            .zip(&self.bands[band].copies)
        {
            if *channel == Channel::Telephone {
                let copied: Vec<Vec<f64>> = learnt
                    .rows
                    .iter()
                    .map(|&row| transform.apply(&copy[row]))
                    .collect();
                let copied = self::relatives(&copied, learnt, &speakers);
                rows.extend(scaled(&copied.rows, &scale));
                times += 1;
            }
        }
        let mut fitted = self.relative.check()?.fit(
            matrix(&rows)?.view(),
            &learnt.labels.repeat(times),
            learnt.classes,
            &learnt.corpora.repeat(times),
        )?;
        if let Some(lesson) = lesson {
            teach(
                &mut fitted,
                &rows,
                &lesson.relative,
                weights,
                lesson.penalty,
            )?;
        }
        let mut relative = Relative {
            scale,
            offsets,
            noise,
            prior_mean,
            prior_variance,
            discriminant: Discriminant {
                whitening: Array2::zeros((0, 0)),
                ..fitted
            },
            mixed: [0.0, 0.0, 40.0],
        };
        relative.mixed = logistic(&examples(&relative, clean, learnt, &speakers));
        Ok(relative)
    }
}

/// Places in the rows of each speaker of each corpus, in the order of their names.
fn speakers(training_data: &TrainingData, learnt: Rows<'_>) -> Vec<Vec<usize>> {
    let mut groups: std::collections::BTreeMap<(usize, Option<&str>), Vec<usize>> =
        std::collections::BTreeMap::new();
    for (at, (&row, &corpus)) in learnt.rows.iter().zip(learnt.corpora).enumerate() {
        let speaker = training_data.rows[row].speaker.as_deref();
        groups.entry((corpus, speaker)).or_default().push(at);
    }
    groups.into_values().collect()
}

/// Rows less their speaker's centre.
fn relatives(rows: &[Vec<f64>], learnt: Rows<'_>, speakers: &[Vec<usize>]) -> Relatives {
    let mut found = Relatives {
        rows: rows.to_vec(),
        centres: Vec::new(),
    };
    for members in speakers {
        let of_classes: Vec<Vec<f64>> = (0..learnt.classes)
            .filter_map(|class| {
                let of: Vec<Vec<f64>> = members
                    .iter()
                    .filter(|&&at| learnt.labels[at] == class)
                    .map(|&at| rows[at].clone())
                    .collect();
                (!of.is_empty()).then(|| mean(&of).0)
            })
            .collect();
        let (centre, _) = mean(&of_classes);
        for &at in members {
            found.rows[at]
                .iter_mut()
                .zip(&centre)
                .for_each(|(x, c)| *x -= c);
        }
        let corpus = members.first().map_or(0, |&at| learnt.corpora[at]);
        found.centres.push((corpus, centre));
    }
    found
}

/// clip(x/s, ±4); 0 where there is no value.
fn scaled(rows: &[Vec<f64>], scale: &[f64]) -> Vec<Vec<f64>> {
    let value = |(x, s): (&f64, &f64)| {
        let value = (x / s).clamp(-CLIP, CLIP);
        if value.is_finite() { value } else { 0.0 }
    };
    rows.iter()
        .map(|row| row.iter().zip(scale).map(value).collect())
        .collect()
}

/// m and σ²: means over the corpora of class means, and of variances within classes.
fn offsets(
    rows: &[Vec<f64>],
    learnt: Rows<'_>,
    corpora: usize,
) -> Result<(Array2<f64>, Vec<f64>), Error> {
    let width = rows.first().ok_or(Error::Empty)?.len();
    let mut offsets = Array2::zeros((learnt.classes, width));
    let mut cells = vec![0.0_f64; learnt.classes];
    let mut noise = vec![0.0; width];
    let mut all = 0.0;
    for class in 0..learnt.classes {
        for corpus in 0..corpora {
            let of: Vec<&Vec<f64>> = (0..rows.len())
                .filter(|&at| learnt.labels[at] == class && learnt.corpora[at] == corpus)
                .map(|at| &rows[at])
                .collect();
            if of.is_empty() {
                continue;
            }
            let n = of.len() as f64;
            for at in 0..width {
                let mean = of.iter().map(|row| row[at]).sum::<f64>() / n;
                offsets[(class, at)] += mean;
                noise[at] += of.iter().map(|row| (row[at] - mean).powi(2)).sum::<f64>() / n;
            }
            cells[class] += 1.0;
            all += 1.0;
        }
    }
    for (mut row, cells) in offsets.outer_iter_mut().zip(&cells) {
        row.mapv_inplace(|sum| sum / cells.max(1.0));
    }
    let noise = noise.iter().map(|sum| (sum / all).max(1e-6)).collect();
    Ok((offsets, noise))
}

/// b₀ and τ², in units of s: variance of the centres within corpora, plus that between corpora where there are several.
fn prior(centres: &[(usize, Vec<f64>)], scale: &[f64], corpora: usize) -> (Vec<f64>, Vec<f64>) {
    let column = |at: usize| {
        let (mut means, mut within) = (Vec::new(), Vec::new());
        for corpus in 0..corpora {
            let of: Vec<f64> = centres
                .iter()
                .filter(|(of, _)| *of == corpus)
                .map(|(_, centre)| centre[at] / scale[at])
                .filter(|x| x.is_finite())
                .collect();
            if of.is_empty() {
                continue;
            }
            let n = of.len() as f64;
            let mean = of.iter().sum::<f64>() / n;
            means.push(mean);
            within.push(of.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n);
        }
        let n = means.len() as f64;
        let mean = means.iter().sum::<f64>() / n.max(1.0);
        let within = within.iter().sum::<f64>() / n.max(1.0);
        let between = match means.len() {
            0 | 1 => within,
            _ => means.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0),
        };
        (mean, (PRIOR_WIDTH * (within + between)).max(1e-6))
    };
    (0..scale.len()).map(column).unzip()
}

/// Spread of subsets of each speaker's rows, mixed and of one class.
fn examples(
    relative: &Relative,
    clean: &[Vec<f64>],
    learnt: Rows<'_>,
    speakers: &[Vec<usize>],
) -> Vec<([f64; 2], bool)> {
    let mut found = Vec::new();
    let spread = |members: &[usize]| {
        let rows: Vec<Vec<f64>> = members.iter().map(|&at| clean[at].clone()).collect();
        relative.spread(&rows)
    };
    for (number, members) in speakers.iter().enumerate() {
        let mut random = Random::numbered(0, "subsets of a speaker", number as u64);
        let classes: std::collections::BTreeSet<usize> =
            members.iter().map(|&at| learnt.labels[at]).collect();
        for class in 0..learnt.classes {
            let mut drawn = members.clone();
            random.shuffle(&mut drawn);
            drawn.truncate(FEWEST + random.below(SUBSET - FEWEST));
            drawn.sort_unstable();
            if drawn.len() >= FEWEST && classes.len() > 1 {
                found.push((spread(&drawn), true));
            }
            let of_class: Vec<usize> = members
                .iter()
                .copied()
                .filter(|&at| learnt.labels[at] == class)
                .collect();
            if of_class.len() >= FEWEST {
                found.push((spread(&of_class), false));
            }
        }
    }
    found
}

/// w of each row.
pub(super) fn weights(learnt: Rows<'_>, power: f64) -> Vec<f64> {
    let count = learnt.corpora.iter().max().map_or(0, |most| most + 1);
    let mut cells = vec![vec![0_usize; learnt.classes]; count];
    for (&label, &corpus) in learnt.labels.iter().zip(learnt.corpora) {
        cells[corpus][label] += 1;
    }
    let weight = |(&label, &corpus): (&usize, &usize)| {
        let size: usize = cells[corpus].iter().sum();
        (size as f64).powf(power) / cells[corpus][label] as f64
    };
    learnt
        .labels
        .iter()
        .zip(learnt.corpora)
        .map(weight)
        .collect()
}

/// Weighted mean and standard deviation of each column over the rows that have it; 0 and 1 where none does, 1 where it is constant.
fn statistics(rows: &[Vec<f64>], weights: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let column = |at: usize| {
        let values = || {
            rows.iter()
                .zip(weights)
                .map(|(row, w)| (row[at], *w))
                .filter(|(x, _)| x.is_finite())
        };
        let total: f64 = values().map(|(_, w)| w).sum();
        if total <= 0.0 {
            return (0.0, 1.0);
        }
        let mean = values().map(|(x, w)| w * x).sum::<f64>() / total;
        let variance = values().map(|(x, w)| w * (x - mean).powi(2)).sum::<f64>() / total;
        let deviation = if variance > 1e-24 {
            variance.sqrt()
        } else {
            1.0
        };
        (mean, deviation)
    };
    (0..rows.first().map_or(0, Vec::len)).map(column).unzip()
}

fn matrix(rows: &[Vec<f64>]) -> Result<Array2<f64>, Error> {
    let width = rows.first().map_or(0, Vec::len);
    let wrong = |_| Error::Shape {
        what: "values of the rows",
        expected: rows.len() * width,
        found: rows.iter().map(Vec::len).sum(),
    };
    Array2::from_shape_vec((rows.len(), width), rows.concat()).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABELS: [usize; 13] = [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 1];
    const CORPORA: [usize; 13] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1];
    const ROWS: [usize; 13] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

    fn learnt() -> Rows<'static> {
        Rows {
            rows: &ROWS,
            labels: &LABELS,
            corpora: &CORPORA,
            classes: 2,
        }
    }

    #[test]
    fn classes_weigh_alike_within_a_corpus_and_corpora_by_the_root_of_their_size() {
        // Corpus 0: nine rows, of which one of class 1; corpus 1: four rows, two of each.
        let w = weights(learnt(), 0.5);
        let of = |corpus: usize, class: usize| -> f64 {
            (0..13)
                .filter(|&i| CORPORA[i] == corpus && LABELS[i] == class)
                .map(|i| w[i])
                .sum()
        };
        assert!((of(0, 0) - of(0, 1)).abs() < 1e-12 && (of(1, 0) - of(1, 1)).abs() < 1e-12);
        assert!((of(0, 0) / of(1, 0) - 1.5).abs() < 1e-12);
    }

    #[test]
    fn absent_values_count_neither_in_means_nor_in_deviations() {
        let rows = vec![
            vec![1.0, f64::NAN],
            vec![3.0, f64::NAN],
            vec![f64::NAN, f64::NAN],
        ];
        assert_eq!(
            statistics(&rows, &[1.0, 1.0, 5.0]),
            (vec![2.0, 0.0], vec![1.0, 1.0])
        );
    }

    #[test]
    fn a_centre_stands_midway_between_the_classes_however_many_rows_each_has() {
        let rows: Vec<Vec<f64>> = LABELS
            .iter()
            .map(|&label| vec![10.0 * label as f64])
            .collect();
        let speakers = vec![(0..9).collect::<Vec<usize>>(), (9..13).collect()];
        let found = relatives(&rows, learnt(), &speakers);
        assert_eq!(found.centres, [(0, vec![5.0]), (1, vec![5.0])]);
        assert!(
            found
                .rows
                .iter()
                .zip(LABELS)
                .all(|(row, label)| row[0] == 10.0 * label as f64 - 5.0)
        );
        let (offsets, noise) = offsets(&found.rows, learnt(), 2).unwrap();
        assert_eq!(
            (offsets[(0, 0)], offsets[(1, 0)], noise[0]),
            (-5.0, 5.0, 1e-6)
        );
    }
}
