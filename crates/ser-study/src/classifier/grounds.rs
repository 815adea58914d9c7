//! Recordings of unheard speakers scored on every ground that an answer may rest on.
//!
//! ```text
//! alone             every recording by itself
//! batch             all test recordings of a corpus together
//! calm clip(s)      one or three neutral recordings of each speaker, drawn by the seed, are the baseline; all others are scored
//! own recordings    each speaker's recordings together, without labels
//! ```

use std::collections::BTreeMap;

use ser_models::classify::balance;
use ser_models::classify::basis::Basis;
use ser_models::classify::heads::{Heads, mean};
use ser_models::classify::relative::FEWEST;
use ser_models::classify::voice::CLIPS;
use ser_models::model::random::Random;
use ser_tables::labelled::LabelledRow;

/// The class of ordinary speech.
pub const ORDINARY: &str = "neutral";

/// A test recording: its number in the training data, class and corpus, and transformed features.
#[derive(Clone, Debug)]
pub struct Tested {
    /// Number in the training data.
    pub row: usize,
    /// Class.
    pub truth: usize,
    /// Corpus.
    pub corpus: usize,
    /// Transformed features.
    pub x: Vec<f64>,
}

/// A recording scored on a ground.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// Number in the training data.
    pub row: usize,
    /// Class.
    pub truth: usize,
    /// Corpus.
    pub corpus: usize,
    /// Scores of the classes.
    pub scores: Vec<f64>,
}

impl Scored {
    fn of(tested: &Tested, scores: Vec<f64>) -> Scored {
        Scored {
            row: tested.row,
            truth: tested.truth,
            corpus: tested.corpus,
            scores,
        }
    }
}

/// Places of the recordings of each speaker, in the order of corpora and names.
pub fn by_speaker(
    tested: &[Tested],
    rows: &[LabelledRow],
) -> BTreeMap<(usize, Option<String>), Vec<usize>> {
    let mut groups: BTreeMap<(usize, Option<String>), Vec<usize>> = BTreeMap::new();
    for (at, one) in tested.iter().enumerate() {
        let speaker = rows[one.row].speaker.clone();
        groups.entry((one.corpus, speaker)).or_default().push(at);
    }
    groups
}

/// The recordings of a speaker that are the baseline, drawn from those of class `ordinary`; none if there are not as many.
pub fn drawn(
    members: &[usize],
    tested: &[Tested],
    ordinary: Option<usize>,
    count: usize,
    (speaker, seed): (&str, u64),
) -> Option<Vec<usize>> {
    let mut calm: Vec<usize> = members
        .iter()
        .copied()
        .filter(|&at| Some(tested[at].truth) == ordinary)
        .collect();
    let mut random = Random::numbered(seed, &format!("calm recordings of {speaker}"), count as u64);
    random.shuffle(&mut calm);
    calm.truncate(count);
    (calm.len() == count).then_some(calm)
}

/// The scores that rest on a speaker's voice, by basis, or on each recording alone.
pub fn scored(
    heads: &Heads,
    tested: &[Tested],
    rows: &[LabelledRow],
    classes: &[String],
    seed: u64,
    basis: Basis,
) -> Vec<Scored> {
    let general = |one: &Tested| Scored::of(one, heads.general_scores(&one.x));
    let ordinary = classes.iter().position(|class| class == ORDINARY);
    let clips = match basis {
        Basis::Alone | Basis::Batch => return tested.iter().map(general).collect(),
        Basis::CalmClip => Some(1),
        Basis::CalmClips => Some(CLIPS),
        Basis::OwnRecordings => None,
    };
    let mut found = Vec::new();
    for ((corpus, speaker), members) in by_speaker(tested, rows) {
        let name = format!("{corpus}/{}", speaker.unwrap_or_default());
        let (centre, left) = match clips {
            Some(count) => {
                let Some(calm) = drawn(&members, tested, ordinary, count, (&name, seed)) else {
                    continue;
                };
                let (mean, counts) = mean(
                    &calm
                        .iter()
                        .map(|&at| tested[at].x.clone())
                        .collect::<Vec<_>>(),
                );
                let left: Vec<usize> = members
                    .into_iter()
                    .filter(|at| !calm.contains(at))
                    .collect();
                (heads.relative.by_class(&mean, &counts, ordinary), left)
            }
            None if members.len() < FEWEST => {
                found.extend(members.iter().map(|&at| general(&tested[at])));
                continue;
            }
            None => {
                let x: Vec<Vec<f64>> = members.iter().map(|&at| tested[at].x.clone()).collect();
                (heads.voice(&x), members)
            }
        };
        found.extend(left.into_iter().map(|at| {
            let one = &tested[at];
            Scored::of(one, heads.relative_scores(&one.x, &centre))
        }));
    }
    found.sort_by_key(|one| one.row);
    found
}

/// Adds what takes the bias off to the general scores of each corpus of a fold.
pub fn balanced(scored: &mut [Scored], temperature: f64, strength: f64) {
    let corpora = scored
        .iter()
        .map(|one| one.corpus)
        .max()
        .map_or(0, |most| most + 1);
    for corpus in 0..corpora {
        let of: Vec<Vec<f64>> = scored
            .iter()
            .filter(|one| one.corpus == corpus)
            .map(|one| one.scores.clone())
            .collect();
        let offsets = balance::offsets(&of, temperature, strength);
        for one in scored.iter_mut().filter(|one| one.corpus == corpus) {
            one.scores
                .iter_mut()
                .zip(&offsets)
                .for_each(|(score, offset)| *score += offset);
        }
    }
}
