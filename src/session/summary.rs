//! How the time of a session divides among the answers.
//!
//! ```text
//! share of class k = Σ d_t p_tk / Σ d_t        over answered turns t, d_t: length, p_tk: probability
//! not answered     = Σ d_t of the others / Σ d_t of all
//! ```
//!
//! Intervals: percentile bootstrap (Efron & Tibshirani 1993, chapter 13) over batches of consecutive turns, since neighbours resemble each other. A batch is
//! one turn up to 256 turns, then two, four … (as the batch means of Schmeiser 1982), so that a day takes no more memory than an hour. They say how the
//! shares would vary over as many turns of the same session; errors of the model itself, which its card tells, are not in them.

use serde::Serialize;

use super::Told;

/// The most batches of a speaker.
const MOST: usize = 256;
/// The fewest that give an interval.
const FEWEST: usize = 5;
/// Draws of the bootstrap.
const DRAWS: usize = 1000;

/// A share of time with its 95 % interval.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Share {
    /// The class.
    pub class: String,
    /// 0 to 1.
    pub share: f64,
    /// From where to where the share lies; none for fewer than five batches of turns.
    pub interval: Option<(f64, f64)>,
}

/// How the time of one speaker, or of all, divides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Division {
    /// Whose; none for all together.
    pub speaker: Option<String>,
    /// Turns.
    pub turns: u64,
    /// Seconds of all turns.
    pub speech_s: f64,
    /// Share of that which is not answered, with its interval; none without speech.
    pub unanswered: Option<Share>,
    /// Shares of the answered time; none where nothing is answered.
    pub classes: Vec<Share>,
}

/// How the time of a session divides: all together, then each speaker.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// All together.
    pub all: Division,
    /// Each speaker, in the order in which they first spoke; empty where none is known.
    pub speakers: Vec<Division>,
}

/// Sums over a batch of turns.
#[derive(Clone, Debug, Default, PartialEq)]
struct Batch {
    turns: u64,
    speech_s: f64,
    answered_s: f64,
    /// Σ d p of each class.
    classes: Vec<f64>,
}

impl Batch {
    fn add(&mut self, other: &Batch) {
        self.turns += other.turns;
        self.speech_s += other.speech_s;
        self.answered_s += other.answered_s;
        self.classes.resize(other.classes.len(), 0.0);
        let pairs = self.classes.iter_mut().zip(&other.classes);
        pairs.for_each(|(sum, more)| *sum += more);
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Batches {
    speaker: Option<String>,
    /// Turns of a batch.
    size: u64,
    /// All full but the last.
    batches: Vec<Batch>,
}

impl Batches {
    fn new(speaker: Option<String>) -> Self {
        Self {
            speaker,
            size: 1,
            batches: Vec::new(),
        }
    }

    fn add(&mut self, turn: &Batch) {
        if let Some(last) = self.batches.last_mut().filter(|b| b.turns < self.size) {
            last.add(turn);
            return;
        }
        if self.batches.len() == MOST {
            let pairs = self.batches.chunks(2).map(|pair| {
                let mut sum = Batch::default();
                pair.iter().for_each(|batch| sum.add(batch));
                sum
            });
            self.batches = pairs.collect();
            self.size *= 2;
        }
        self.batches.push(turn.clone());
    }

    fn division(&self, classes: &[String]) -> Division {
        let mut sum = Batch::default();
        self.batches.iter().for_each(|batch| sum.add(batch));
        let draws = self.draws();
        let interval = |of: &dyn Fn(&Batch) -> Option<f64>| {
            let mut values: Vec<f64> = draws.iter().filter_map(of).collect();
            values.sort_by(f64::total_cmp);
            let at = |share: f64| values[((values.len() - 1) as f64 * share).round() as usize];
            (values.len() * 2 > DRAWS).then(|| (at(0.025), at(0.975)))
        };
        let share = |class: &str, of: &dyn Fn(&Batch) -> Option<f64>| {
            Some(Share {
                class: class.to_owned(),
                share: of(&sum)?,
                interval: interval(of),
            })
        };
        let named = classes.iter().enumerate();
        Division {
            speaker: self.speaker.clone(),
            turns: sum.turns,
            speech_s: sum.speech_s,
            unanswered: share("not answered", &|batch| {
                ratio(batch.speech_s - batch.answered_s, batch.speech_s)
            }),
            classes: named
                .filter_map(|(k, class)| {
                    share(class, &|batch| {
                        ratio(*batch.classes.get(k)?, batch.answered_s)
                    })
                })
                .collect(),
        }
    }

    /// As many batches as there are, drawn with replacement, over and over.
    fn draws(&self) -> Vec<Batch> {
        let count = self.batches.len();
        if count < FEWEST {
            return Vec::new();
        }
        // Marsaglia's xorshift64.
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut below = |count: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            ((u128::from(state) * count as u128) >> 64) as usize
        };
        let mut draw = || {
            let mut sum = Batch::default();
            (0..count).for_each(|_| sum.add(&self.batches[below(count)]));
            sum
        };
        (0..DRAWS).map(|_| draw()).collect()
    }
}

fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

/// Takes in turns as they come; memory does not grow with their number.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares {
    classes: Vec<String>,
    all: Batches,
    speakers: Vec<Batches>,
}

impl Shares {
    /// For a model's classes.
    pub fn new(classes: &[String]) -> Self {
        Self {
            classes: classes.to_vec(),
            all: Batches::new(None),
            speakers: Vec::new(),
        }
    }

    /// Takes in a turn.
    pub fn add(&mut self, told: &Told) {
        let length = (told.end - told.start).max(0.0);
        let mut turn = Batch {
            turns: 1,
            speech_s: length,
            answered_s: 0.0,
            classes: vec![0.0; self.classes.len()],
        };
        if let (Some(label), Some(answer)) = (told.answered(), &told.answer) {
            turn.answered_s = length;
            // A guess counts by its support; a model that has labels only is as sure as can be.
            let certain = || self.classes.iter().map(|class| f64::from(class == label));
            let probabilities = answer
                .probabilities
                .clone()
                .or_else(|| answer.support.clone());
            let probabilities = probabilities.unwrap_or_else(|| certain().collect());
            turn.classes = probabilities.iter().map(|p| length * p).collect();
        }
        self.all.add(&turn);
        if let Some(speaker) = &told.speaker {
            let known = self
                .speakers
                .iter()
                .position(|batches| batches.speaker.as_ref() == Some(speaker));
            let place = known.unwrap_or_else(|| {
                self.speakers.push(Batches::new(Some(speaker.clone())));
                self.speakers.len() - 1
            });
            self.speakers[place].add(&turn);
        }
    }

    /// How the time divides so far.
    pub fn summary(&self) -> Summary {
        let division = |batches: &Batches| batches.division(&self.classes);
        Summary {
            all: division(&self.all),
            speakers: self.speakers.iter().map(division).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ser_models::classify::Model;

    fn classes() -> Vec<String> {
        ["anger", "sadness"].map(str::to_owned).to_vec()
    }

    fn turn(start: f64, length: f64, speaker: &str, probability: Option<f64>) -> Told {
        // An answer of the built-in model, with what matters here changed.
        let model = Model::built_in().unwrap();
        let sound = ser_models::classify::front_end::Sound {
            samples: (0..8000).map(|i| (i as f32 * 0.2).sin() * 0.1).collect(),
            rate_hz: 8000,
        };
        let measured = model.measure().unwrap().measure(&sound).unwrap();
        let mut answer = model
            .answer(&measured, &ser_models::classify::Ground::Alone)
            .unwrap();
        answer.label = "anger".into();
        answer.abstained = probability.is_none().then(|| "unlike".into());
        let p = probability.unwrap_or(0.5);
        answer.probabilities = Some(vec![p, 1.0 - p]);
        Told {
            start,
            end: start + length,
            speaker: Some(speaker.into()),
            answer: Some(answer),
            problem: None,
            others: Vec::new(),
        }
    }

    #[test]
    fn shares_weigh_length_and_probability_and_leave_out_what_is_not_answered() {
        let mut shares = Shares::new(&classes());
        for told in [
            turn(0.0, 1.0, "a", Some(1.0)),
            turn(2.0, 3.0, "b", Some(0.6)),
            turn(6.0, 4.0, "b", None),
        ] {
            shares.add(&told);
        }
        let summary = shares.summary();
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        close(summary.all.classes[0].share, (1.0 + 1.8) / 4.0);
        close(summary.all.unanswered.unwrap().share, 0.5);
        close(summary.speakers[1].classes[1].share, 0.4);
        assert_eq!(summary.all.classes[0].interval, None);
    }

    #[test]
    fn a_day_of_turns_takes_no_more_than_so_many_batches_and_keeps_its_sums() {
        let template = turn(0.0, 1.0, "a", Some(0.75));
        let mut shares = Shares::new(&classes());
        for i in 0..20_001 {
            let mut told = template.clone();
            told.end = if i % 2 == 0 { 1.0 } else { 3.0 };
            shares.add(&told);
        }
        assert!(shares.all.batches.len() <= MOST);
        let summary = shares.summary();
        assert_eq!(summary.all.turns, 20_001);
        assert!((summary.all.speech_s - 40_001.0).abs() < 1e-6);
        let share = &summary.all.classes[0];
        let (low, high) = share.interval.unwrap();
        assert!(low <= share.share && share.share <= high);
    }

    #[test]
    fn intervals_cover_the_truth_about_as_often_as_they_say() {
        // Turns of one second, class "anger" with probability 1 in 30 % of them.
        let template = turn(0.0, 1.0, "a", Some(1.0));
        let mut state = 7_u64;
        let mut unit = move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 / (1_u64 << 24) as f64
        };
        let mut covered = 0;
        for _ in 0..100 {
            let mut shares = Shares::new(&classes());
            for _ in 0..60 {
                let mut told = template.clone();
                let p = f64::from(unit() < 0.3);
                told.answer.as_mut().unwrap().probabilities = Some(vec![p, 1.0 - p]);
                shares.add(&told);
            }
            let (low, high) = shares.summary().all.classes[0].interval.unwrap();
            covered += usize::from(low <= 0.3 && 0.3 <= high);
        }
        // 95 expected, less a little for 60 turns; four standard deviations of the binomial.
        assert!((86..=100).contains(&covered), "{covered}");
    }
}
