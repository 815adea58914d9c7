//! How far the answers of a model of `ser train` can be trusted, learnt on what was left out of training.
//!
//! ```text
//! parts         each corpus left out in turn; with one corpus, its speakers, in the folds that validate the model
//! T, threshold  of a part: those that all other parts (folds) would choose;  of the model: those of all
//! percentages   where on every part the calibration error is at most 0.10 and the answered have a higher average recall than all
//! abstention    where they have; of the threshold below which 30 % of what was left out lies
//! ```
//!
//! Rows weigh `1/√n` of their corpus in the temperature. A corpus that cannot be left out, since the others lack a class, leaves it to the speakers.

use ndarray::Array2;

use super::choice::choose;
use super::design::seed_of;
use super::fold::Fold;
use super::gather::BINS;
use super::held_out::{HeldOut, RowAnswer, grounds};
use super::plan::Plan;
use super::validation::Validation;
use ser_models::classify::basis::Basis;
use ser_models::classify::column_limits::{ColumnLimits, Range};
use ser_models::classify::front_end::RecordingFacts;
use ser_models::classify::reliability::{LeftOut, Record, Reliability};
use ser_models::classify::sound_limits::SoundLimits;
use ser_models::classify::temperature;
use ser_models::classify::trust::{Trust, scores, tempered};
use ser_models::model::{Error, Pipeline, Recipe, Training};
use ser_models::score::abstention::{Point, abstention};
use ser_models::score::calibration::{Binning, Calibration, calibration};
use ser_models::score::metric::Confusion;
use ser_parallel::try_map_in_order;
use ser_tables::labelled::Labelled;
use ser_tables::statistic::argmax;

/// The greatest calibration error with which percentages are given.
pub const TOLERANCE: f64 = 0.10;
/// The share of recordings left out of training below whose surest the model does not answer.
const ABSTENTION: f64 = 0.3;
/// Points of an abstention curve: every twentieth of the recordings.
const POINTS: usize = 20;
/// What a model's answers on a part that was left out are worth.
#[derive(Clone, Debug, PartialEq)]
pub struct JudgedPart {
    /// What they rest on.
    pub basis: Basis,
    /// The corpus, or "all".
    pub part: String,
    /// Calibration with the temperature of the other parts; none without probabilities.
    pub calibration: Option<Calibration>,
    /// Counts, true × predicted.
    pub all: Confusion,
    /// The same of the recordings that the threshold of the other parts has answered.
    pub answered: Confusion,
}

impl JudgedPart {
    /// Whether the answered have a higher average recall than all.
    pub fn surer(&self) -> bool {
        self.answered.uar() > self.all.uar()
    }

    /// Whether probabilities were right and surer answers better.
    pub fn trusted(&self) -> bool {
        let near = |found: &Calibration| found.expected_error <= TOLERANCE;
        self.surer() && self.calibration.as_ref().is_some_and(near)
    }
}

/// What was learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct LearntTrust {
    /// What the model carries.
    pub trust: Trust,
    /// What it rests on, for the card.
    pub judged: Vec<JudgedPart>,
}

/// Rows left out together, with the name of the part that they belong to.
struct Unit<'a> {
    part: String,
    held: &'a HeldOut,
}

/// Learns it, for a pipeline that was validated; `facts` are those of the training recordings, where they are there, and `rate_hz` what they are
/// analysed at. `done` is called after each corpus left out.
///
/// # Errors
/// None of leaving corpora out: then speakers decide.
pub fn learn_trust(
    training: &Training<'_>,
    (plan, recipe, pipeline): (&Plan, &Recipe, &Pipeline),
    seed: u64,
    threads: usize,
    validation: &Validation,
    facts: Option<(&[RecordingFacts], u32)>,
    done: &(dyn Fn() + Sync),
) -> LearntTrust {
    let table = training.table();
    let corpora = corpora_left_out(training, (plan, recipe), seed, threads, done);
    let (left_out, protocol, units) = match &corpora {
        Ok(found) if !found.is_empty() => (
            LeftOut::Corpora,
            "each corpus left out of training in turn".to_string(),
            found
                .iter()
                .map(|(part, held)| Unit {
                    part: part.clone(),
                    held,
                })
                .collect(),
        ),
        _ => {
            let unit = |held| Unit {
                part: "all".into(),
                held,
            };
            let units: Vec<Unit<'_>> = validation.held.iter().map(unit).collect();
            let left_out = match validation.mixes_speakers {
                true => LeftOut::Recordings,
                false => LeftOut::Speakers,
            };
            (left_out, validation.protocol.clone(), units)
        }
    };
    let overall = pipeline.normaliser.overall();
    let rows: Vec<Vec<f64>> = pipeline
        .ordinary(table, training.rows())
        .iter()
        .map(|&row| overall.transform(table.features(row)).collect())
        .collect();
    let mut sets: Vec<Vec<(&[f64], &[Range])>> =
        vec![validation.held.iter().flat_map(standardised).collect()];
    if let Ok(found) = &corpora {
        sets.extend(found.iter().map(|(_, held)| standardised(held).collect()));
    }
    let mut judged = Vec::new();
    let reliability = grounds(pipeline.normaliser.by())
        .iter()
        .map(|&basis| {
            let (known, parts) = reliability(table, training.classes().len(), basis, &units);
            judged.extend(parts);
            known
        })
        .collect();
    LearntTrust {
        trust: Trust {
            left_out,
            protocol,
            sound: facts.map(|(facts, rate_hz)| {
                SoundLimits::learn(&facts.iter().collect::<Vec<_>>(), rate_hz)
            }),
            columns: ColumnLimits::learn(ColumnLimits::ranges(&rows), &sets),
            reliability,
            spread: Vec::new(),
        },
        judged,
    }
}

fn standardised(held: &HeldOut) -> impl Iterator<Item = (&[f64], &[Range])> {
    let rows = held.standardised.iter();
    rows.map(|row| (row.as_slice(), held.ranges.as_slice()))
}

/// Each corpus with the answers of a model of all others; none where there is one corpus.
fn corpora_left_out(
    training: &Training<'_>,
    (plan, recipe): (&Plan, &Recipe),
    seed: u64,
    threads: usize,
    done: &(dyn Fn() + Sync),
) -> Result<Vec<(String, HeldOut)>, Error> {
    let table = training.table();
    let numbers = training.corpora();
    let count = numbers.iter().max().map_or(0, |most| most + 1);
    if count < 2 {
        return Ok(Vec::new());
    }
    let work = |corpus: usize| {
        let of = training.rows().iter().zip(&numbers);
        let test: Vec<usize> = of
            .filter(|(_, number)| **number == corpus)
            .map(|(row, _)| *row)
            .collect();
        let fold = Fold::of(table, training.classes(), training.rows(), &test)?;
        let (learnt, seed) = (fold.training()?, seed_of(seed, corpus));
        let recipe = choose(plan, recipe, &learnt, seed)?.applied(recipe);
        let pipeline = recipe.fit(&learnt, seed, &mut |_| {})?;
        let held = HeldOut::of(&pipeline, table, learnt.rows(), &test);
        done();
        let name = test.first().map(|&row| table.rows[row].corpus.clone());
        Ok::<_, Error>((name.unwrap_or_default(), held))
    };
    try_map_in_order(count, threads, work)
}

/// A row left out: its unit, corpus, class, and what it was given.
struct LeftOutRow<'a> {
    unit: usize,
    corpus: &'a str,
    truth: usize,
    given: &'a RowAnswer,
}

/// The reliability of a ground, and what it is on each part.
fn reliability(
    table: &Labelled,
    classes: usize,
    basis: Basis,
    units: &[Unit<'_>],
) -> (Reliability, Vec<JudgedPart>) {
    let mut rows = Vec::new();
    for (unit, of) in units.iter().enumerate() {
        let answers = of.held.answers.iter().find(|(known, _)| *known == basis);
        let given = answers.iter().flat_map(|(_, given)| given);
        for ((&row, &truth), given) in of.held.rows.iter().zip(&of.held.truth).zip(given) {
            rows.push(LeftOutRow {
                unit,
                corpus: &table.rows[row].corpus,
                truth,
                given,
            });
        }
    }
    let all: Vec<&LeftOutRow<'_>> = rows.iter().collect();
    // What a unit gets by the temperature and threshold of the others.
    let settings: Vec<(f64, f64)> = (0..units.len())
        .map(|unit| {
            let others: Vec<&LeftOutRow<'_>> = rows.iter().filter(|row| row.unit != unit).collect();
            let temperature = temperature_of(&others);
            let (threshold, _) = threshold(&curve(&others, classes, |_| temperature), ABSTENTION);
            (temperature, threshold)
        })
        .collect();
    let mut parts: Vec<&str> = units.iter().map(|unit| unit.part.as_str()).collect();
    parts.dedup();
    let judged: Vec<JudgedPart> = parts
        .into_iter()
        .map(|part| {
            let of: Vec<&LeftOutRow<'_>> = rows
                .iter()
                .filter(|row| units[row.unit].part == part)
                .collect();
            judged(basis, part, classes, &of, &settings)
        })
        .collect();
    let surer = judged.iter().all(JudgedPart::surer);
    let temperature = temperature_of(&all);
    let chosen = threshold(&curve(&all, classes, |_| temperature), ABSTENTION);
    let (threshold, abstained) = if surer { chosen } else { (0.0, 0.0) };
    let right = judged.iter().filter_map(|judged| match threshold > 0.0 {
        true => judged.answered.accuracy(),
        false => judged.all.accuracy(),
    });
    let range = right.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), right| {
        (low.min(right), high.max(right))
    });
    let calibration = judged
        .iter()
        .filter_map(|judged| Some((judged.part.clone(), judged.calibration.clone()?)));
    let known = Reliability {
        basis,
        temperature,
        percentages: !judged.is_empty() && judged.iter().all(JudgedPart::trusted),
        threshold,
        abstained,
        right: (range.0 <= range.1).then_some(range),
        record: Record {
            curve: curve(&all, classes, |unit| settings[unit].0),
            scores: Vec::new(),
            calibration: calibration.collect(),
        },
    };
    (known, judged)
}

fn judged(
    basis: Basis,
    part: &str,
    classes: usize,
    rows: &[&LeftOutRow<'_>],
    settings: &[(f64, f64)],
) -> JudgedPart {
    let mut all = Confusion::new(classes);
    let mut answered = Confusion::new(classes);
    let mut table = Vec::new();
    for row in rows {
        let (temperature, threshold) = settings[row.unit];
        all.add(row.truth, row.given.class, 1);
        let probabilities = row.given.probabilities.as_deref();
        let told = probabilities.map(|p| tempered(p, temperature));
        if told.as_ref().is_none_or(|p| p[argmax(p)] >= threshold) {
            answered.add(row.truth, row.given.class, 1);
        }
        table.extend(told.into_iter().flatten());
    }
    let truth: Vec<usize> = rows.iter().map(|row| row.truth).collect();
    let table = Array2::from_shape_vec((rows.len(), classes), table);
    JudgedPart {
        basis,
        part: part.into(),
        calibration: table
            .ok()
            .and_then(|table| calibration(table.view(), &truth, Binning::EqualWidth(BINS))),
        all,
        answered,
    }
}

/// The temperature of rows; 1 where they have no probabilities.
fn temperature_of(rows: &[&LeftOutRow<'_>]) -> f64 {
    let known: Vec<(&&LeftOutRow<'_>, Vec<f64>)> = rows
        .iter()
        .filter_map(|row| Some((row, scores(row.given.probabilities.as_ref()?))))
        .collect();
    let size = |corpus: &str| known.iter().filter(|(row, _)| row.corpus == corpus).count();
    let mut sizes: Vec<(&str, usize)> = Vec::new();
    for (row, _) in &known {
        if !sizes.iter().any(|(corpus, _)| *corpus == row.corpus) {
            sizes.push((row.corpus, size(row.corpus)));
        }
    }
    let weight = |row: &LeftOutRow<'_>| {
        let found = sizes.iter().find(|(corpus, _)| *corpus == row.corpus);
        found.map_or(1.0, |(_, n)| (*n as f64).sqrt().recip())
    };
    let weights: Vec<f64> = known.iter().map(|(row, _)| weight(row)).collect();
    let truth: Vec<usize> = known.iter().map(|(row, _)| row.truth).collect();
    let scores: Vec<Vec<f64>> = known.into_iter().map(|(_, scores)| scores).collect();
    temperature::fit(&scores, &truth, &weights)
}

/// The abstention curve of rows, each at the temperature of its unit; none where they have no probabilities.
fn curve(
    rows: &[&LeftOutRow<'_>],
    classes: usize,
    temperature: impl Fn(usize) -> f64,
) -> Vec<Point> {
    let confidence: Option<Vec<f64>> = rows
        .iter()
        .map(|row| {
            let p = tempered(row.given.probabilities.as_ref()?, temperature(row.unit));
            Some(p[argmax(&p)])
        })
        .collect();
    let truth: Vec<usize> = rows.iter().map(|row| row.truth).collect();
    let predicted: Vec<usize> = rows.iter().map(|row| row.given.class).collect();
    confidence.map_or(Vec::new(), |confidence| {
        abstention(classes, &truth, &predicted, &confidence, POINTS)
    })
}

/// The threshold below which no more than a share of the recordings lies, and that share; nothing is left out where no point of the curve is near it.
pub fn threshold(curve: &[Point], share: f64) -> (f64, f64) {
    let chosen = curve
        .iter()
        .rev()
        .find(|point| point.abstained > 0.0 && point.abstained <= share + 1e-9);
    chosen.map_or((0.0, 0.0), |point| (point.threshold, point.abstained))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::design;
    use crate::evaluate::validation::validate;
    use ser_models::model::Representation;
    use ser_models::model::random::Random;
    use ser_tables::Statistics;
    use ser_tables::labelled::LabelledRow;

    /// Corpora of ten speakers with twelve recordings each of two classes, whose features overlap; `corpora` says how far each is shifted, and
    /// whether its labels are the wrong way round.
    fn table(corpora: &[(f64, bool)]) -> Labelled {
        let mut random = Random::new(1, "trust");
        let mut table = Labelled {
            columns: ["a", "b", "c"].map(String::from).to_vec(),
            ..Labelled::default()
        };
        for (corpus, &(shift, wrong)) in corpora.iter().enumerate() {
            for take in 0..120 {
                let class = take % 2;
                table.rows.push(LabelledRow {
                    file: format!("{corpus}-{take}.wav"),
                    corpus: format!("corpus {corpus}"),
                    speaker: Some((take / 12).to_string()),
                    label: Some(["sad", "angry"][class ^ usize::from(wrong)].into()),
                    ..LabelledRow::default()
                });
                for _ in 0..3 {
                    let x = class as f64 + shift + 0.9 * random.normal();
                    table.values.push(x as f32);
                }
            }
        }
        table
    }

    fn learnt(table: &Labelled, normalisation: Statistics) -> LearntTrust {
        let classes = ["sad", "angry"].map(String::from);
        let rows: Vec<usize> = (0..table.rows.len()).collect();
        let training = Training::new(table, &rows, &classes).unwrap();
        let plan = Plan {
            classes: classes.to_vec(),
            probabilities: true,
            ..Plan::default()
        };
        let recipe = design::recipe(&plan, Representation::Raw, normalisation);
        let pipeline = recipe.fit(&training, 1, &mut |_| {}).unwrap();
        let validation = validate(&training, (&plan, &recipe), 1, 2, &|_, _| ()).unwrap();
        let made = (&plan, &recipe, &pipeline);
        learn_trust(&training, made, 1, 2, &validation, None, &|| ())
    }

    #[test]
    fn percentages_stand_where_corpora_left_out_bear_them_out() {
        let found = learnt(&table(&[(0.0, false); 3]), Statistics::Train);
        assert_eq!(found.trust.left_out, LeftOut::Corpora);
        let known = found.trust.of(Basis::Alone).unwrap();
        assert!(known.percentages && known.threshold > 0.5, "{known:?}");
        let parts: Vec<&str> = found.judged.iter().map(|of| of.part.as_str()).collect();
        assert_eq!(parts, ["corpus 0", "corpus 1", "corpus 2"]);
        for part in &found.judged {
            let answered = part.answered.recordings() as f64 / part.all.recordings() as f64;
            assert!((0.5..0.9).contains(&answered), "{answered}");
            assert!(part.answered.uar() > part.all.uar());
        }
    }

    #[test]
    fn a_corpus_on_which_the_model_is_sure_and_wrong_makes_all_answers_guesses() {
        let found = learnt(
            &table(&[(0.0, false), (0.0, false), (0.0, false), (0.0, true)]),
            Statistics::Train,
        );
        let known = found.trust.of(Basis::Alone).unwrap();
        assert!(!known.percentages);
        let (low, high) = known.right.unwrap();
        assert!(low < 0.3 && high > 0.7, "{low} {high}");
    }

    #[test]
    fn one_corpus_is_judged_by_its_speakers_and_says_so() {
        let found = learnt(&table(&[(0.0, false)]), Statistics::Train);
        assert_eq!(found.trust.left_out, LeftOut::Speakers);
        assert_eq!(found.judged.len(), 1);
        assert_eq!(found.judged[0].all.recordings(), 120);
        assert!(found.trust.protocol.contains("speaker-independent"));
    }

    #[test]
    fn each_mode_of_normalisation_has_its_own_row_and_a_single_recording_the_worst() {
        let shifted = table(&[(0.0, false), (4.0, false), (-4.0, false)]);
        let found = learnt(&shifted, Statistics::Corpus);
        let right = |basis: Basis| found.trust.of(basis).unwrap().right.unwrap();
        assert!(right(Basis::Alone).0 < 0.6, "{:?}", right(Basis::Alone));
        assert!(right(Basis::Batch).0 > 0.7, "{:?}", right(Basis::Batch));
        assert!(right(Basis::OwnRecordings).0 > 0.7);
        assert!(found.trust.of(Basis::CalmClip).is_none());
    }

    #[test]
    fn features_beyond_those_of_every_part_left_out_are_unlike_the_training_rows() {
        let found = learnt(&table(&[(0.0, false); 2]), Statistics::Train);
        let limits = found.trust.columns;
        let names = ["a", "b", "c"].map(String::from);
        assert!(limits.reason(&[0.0; 3], &names).is_none());
        assert!(limits.reason(&[8.0, -8.0, 8.0], &names).is_some());
    }
}
