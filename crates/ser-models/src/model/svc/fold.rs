//! Folds in which training rows are held out, to learn probabilities from what a machine says of rows it has not seen.
//!
//! Every fold gets its share of each class. Where groups are given (speakers), a group stays together: a machine that knows the speaker is surer than it will be of
//! strangers, and a sigmoid learnt from that would be too steep.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::super::error::Error;

/// The fold of each row, below `folds`.
///
/// Without groups each class is dealt out in random order, one class going on where the last one stopped. With groups, the larger ones first, each
/// goes to the fold in which the classes are then most evenly filled.
///
/// # Errors
/// [`Error::TooFew`] if a class has fewer rows than there are folds, or if there are fewer groups.
pub(super) fn assign(
    y: &[usize],
    classes: usize,
    groups: Option<&[usize]>,
    folds: usize,
    seed: u64,
) -> Result<Vec<usize>, Error> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut count = vec![0; classes];
    y.iter().for_each(|&class| count[class] += 1);
    if let Some(class) = (0..classes).find(|&class| (1..folds).contains(&count[class])) {
        return Err(Error::TooFew {
            what: format!("rows of class {class} for {folds} folds of held-out probabilities"),
            needed: folds,
            found: count[class],
        });
    }
    match groups {
        None => Ok(deal(y, classes, folds, &mut random)),
        Some(groups) => gather(y, &count, groups, folds, &mut random),
    }
}

fn deal(y: &[usize], classes: usize, folds: usize, random: &mut ChaCha8Rng) -> Vec<usize> {
    let mut fold = vec![0; y.len()];
    let mut next = 0;
    for class in 0..classes {
        let mut rows: Vec<usize> = (0..y.len()).filter(|&row| y[row] == class).collect();
        rows.shuffle(random);
        for row in rows {
            fold[row] = next % folds;
            next += 1;
        }
    }
    fold
}

fn gather(
    y: &[usize],
    count: &[usize],
    groups: &[usize],
    folds: usize,
    random: &mut ChaCha8Rng,
) -> Result<Vec<usize>, Error> {
    let mut names = groups.to_vec();
    names.sort_unstable();
    names.dedup();
    if names.len() < folds {
        return Err(Error::TooFew {
            what: format!("groups (speakers) for {folds} folds of held-out probabilities"),
            needed: folds,
            found: names.len(),
        });
    }
    let place = |group: usize| names.partition_point(|&name| name < group);
    // Rows of each class, by group.
    let mut size = vec![vec![0_usize; count.len()]; names.len()];
    for (&class, &group) in y.iter().zip(groups) {
        size[place(group)][class] += 1;
    }
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.shuffle(random);
    order.sort_by_key(|&group| std::cmp::Reverse(size[group].iter().sum::<usize>()));
    let mut filled = vec![vec![0_usize; count.len()]; folds];
    let mut chosen = vec![0; names.len()];
    for group in order {
        // The sum of the squared shares rises least where the classes are missed most.
        let rise = |fold: usize| -> f64 {
            let squares = (0..count.len())
                .filter(|&class| count[class] > 0)
                .map(|class| {
                    let (had, more) = (filled[fold][class] as f64, size[group][class] as f64);
                    (2.0 * had + more) * more / (count[class] as f64).powi(2)
                });
            squares.sum()
        };
        let best = (0..folds).min_by(|&a, &b| rise(a).total_cmp(&rise(b)));
        let best = best.unwrap_or(0);
        chosen[group] = best;
        for class in 0..count.len() {
            filled[best][class] += size[group][class];
        }
    }
    Ok(groups.iter().map(|&group| chosen[place(group)]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fold_has_its_share_of_each_class() {
        let y: Vec<usize> = (0..103).map(|i| if i % 5 == 0 { 2 } else { 0 }).collect();
        let fold = assign(&y, 3, None, 5, 1).unwrap();
        for class in [0, 2] {
            let sizes: Vec<usize> = (0..5)
                .map(|f| (0..103).filter(|&i| fold[i] == f && y[i] == class).count())
                .collect();
            let (least, most) = (sizes.iter().min().unwrap(), sizes.iter().max().unwrap());
            assert!(most - least <= 1, "{sizes:?}");
        }
    }

    #[test]
    fn a_group_stays_together_and_classes_stay_even() {
        let groups: Vec<usize> = (0..200).map(|i| 7 * (i / 10)).collect();
        let y: Vec<usize> = (0..200).map(|i| i % 2).collect();
        let fold = assign(&y, 2, Some(&groups), 5, 3).unwrap();
        for i in 0..200 {
            assert_eq!(fold[i], fold[i / 10 * 10]);
        }
        for f in 0..5 {
            assert_eq!((0..200).filter(|&i| fold[i] == f).count(), 40);
        }
    }

    #[test]
    fn the_seed_decides_and_nothing_else() {
        let y = vec![0; 50];
        let of = |seed| assign(&y, 1, None, 5, seed).unwrap();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }

    #[test]
    fn too_few_rows_or_groups_are_refused_with_the_numbers() {
        let y = [0, 0, 0, 1, 1];
        let error = assign(&y, 2, None, 3, 0).unwrap_err().to_string();
        assert!(
            error.contains("class 1") && error.contains("at least 3") && error.contains("found 2")
        );
        let error = assign(&[0; 9], 1, Some(&[4; 9]), 3, 0)
            .unwrap_err()
            .to_string();
        assert!(error.contains("groups") && error.contains("found 1"));
    }
}
