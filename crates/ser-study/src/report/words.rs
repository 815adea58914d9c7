//! The result in plain words: what a reader who skips the tables should take away.

use crate::evaluate::result::{Evaluation, Experiment, SetScores, Verdict};
use ser_models::score::interval::Score;

use super::figure::selection::{groups_with_all_classes, model_name, scores_of, training_corpus};
use ser_tables::counted;

/// What every report says of labels.
pub(crate) const ETHICS: &str = "Labels are guesses about acted speech, not facts about a person. They must not be used to make decisions about people.";

/// 52 % [49, 55].
pub(crate) fn percent(score: &Score) -> String {
    let value = format!("{:.0} %", 100.0 * score.value);
    match score.interval {
        Some(i) => format!("{value} [{:.0}, {:.0}]", 100.0 * i.low, 100.0 * i.high),
        None => value,
    }
}

/// The summary, a sentence or two per item.
pub(crate) fn summary(evaluation: &Evaluation) -> Vec<String> {
    let mut items = vec![data(evaluation)];
    let groups = groups_with_all_classes(evaluation);
    let apart = groups.iter().find(|g| !g[0].mixes_speakers);
    let mixed = groups.iter().find(|g| g[0].mixes_speakers);
    if let Some((experiment, scores)) = apart.or(mixed).and_then(|g| best(evaluation, g, "valid")) {
        items.push(held_out(experiment, scores));
        items.extend(classes(experiment, scores));
    }
    if let (Some(apart), Some(mixed)) = (apart, mixed) {
        items.extend(leak(evaluation, apart, mixed));
    }
    if let Some(group) = apart.or(mixed) {
        items.extend(transfer(evaluation, group));
    }
    items.extend(ceilings(evaluation));
    if let Some(first) = evaluation.over_seeds.first() {
        items.push(format!(
            "Scores are means over {} seeds; brackets give 95 % intervals over speakers and seeds.",
            first.seeds.len()
        ));
    }
    items.extend(claims(evaluation));
    items
}

fn data(evaluation: &Evaluation) -> String {
    let of = |name: &str| {
        let corpus = evaluation.corpora.iter().find(|c| c.name == name);
        corpus.map_or(name.to_string(), |c| {
            let speakers = match c.speakers {
                0 => "speakers unknown".to_string(),
                n => counted(n, "speaker"),
            };
            format!("{name} ({}, {speakers})", counted(c.rows, "recording"))
        })
    };
    let train = training_corpus(evaluation);
    let others: Vec<String> = evaluation
        .corpora
        .iter()
        .filter(|c| c.name != train)
        .map(|c| of(&c.name))
        .collect();
    let tested = match others.as_slice() {
        [] => String::new(),
        list => format!(" They were also tested on {}.", listed(list)),
    };
    format!(
        "Models were trained to distinguish {} on recordings of {}.{tested}",
        listed(&evaluation.classes),
        of(train)
    )
}

/// a, b and c.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [front @ .., last] => format!("{} and {last}", front.join(", ")),
    }
}

/// The experiment with the highest UAR on a set.
fn best<'a>(
    evaluation: &'a Evaluation,
    group: &[&'a Experiment],
    set: &str,
) -> Option<(&'a Experiment, &'a SetScores)> {
    let scored = group
        .iter()
        .filter_map(|e| Some((*e, scores_of(evaluation, e, set)?)));
    scored.reduce(|a, b| if b.1.uar.value > a.1.uar.value { b } else { a })
}

fn held_out(experiment: &Experiment, scores: &SetScores) -> String {
    let who = if experiment.mixes_speakers {
        "On held-out recordings of speakers who may also be in the training data"
    } else {
        "On speakers who are not in the training data"
    };
    format!(
        "{who}, the best representation ({}) recognised {} of the recordings of a class, averaged over the classes; chance is {:.0} %.",
        model_name(&experiment.model),
        percent(&scores.uar),
        100.0 * scores.chance
    )
}

fn classes(experiment: &Experiment, scores: &SetScores) -> Option<String> {
    let recalls = || experiment.classes.iter().zip(&scores.recall);
    let most = recalls().reduce(|a, b| if b.1.value > a.1.value { b } else { a })?;
    let least = recalls().reduce(|a, b| if b.1.value < a.1.value { b } else { a })?;
    (most.0 != least.0).then(|| {
        format!(
            "It recognised {} best ({}) and {} worst ({}).",
            most.0,
            percent(most.1),
            least.0,
            percent(least.1)
        )
    })
}

fn leak(evaluation: &Evaluation, apart: &[&Experiment], mixed: &[&Experiment]) -> Option<String> {
    let (experiment, scores) = best(evaluation, apart, "valid")?;
    let same = mixed.iter().find(|e| e.model == experiment.model)?;
    let other = scores_of(evaluation, same, "valid")?;
    let points = (100.0 * (other.uar.value - scores.uar.value)).round();
    let difference = match points.abs() as i64 {
        0 => "no difference".to_string(),
        n => format!(
            "{n} {} {}",
            if n == 1 { "point" } else { "points" },
            if points < 0.0 { "lower" } else { "higher" }
        ),
    };
    Some(format!(
        "With the same speakers in training and test, as in the paper's protocol, this representation scores {}: {difference}.",
        percent(&other.uar)
    ))
}

fn transfer(evaluation: &Evaluation, group: &[&Experiment]) -> Option<String> {
    let train = training_corpus(evaluation);
    let others = evaluation.corpora.iter().filter(|c| c.name != train);
    let of = |name: &str| {
        let (experiment, scores) = best(evaluation, group, name)?;
        let (uar, model) = (percent(&scores.uar), model_name(&experiment.model));
        Some(format!("{name} {uar} ({model})"))
    };
    let told: Vec<String> = others.filter_map(|c| of(&c.name)).collect();
    (!told.is_empty()).then(|| {
        format!(
            "On corpora that are not in the training data, the best representation scored: {}. It was picked by these very scores, which are therefore optimistic.",
            told.join(", ")
        )
    })
}

fn ceilings(evaluation: &Evaluation) -> Option<String> {
    let of = evaluation.ceilings.iter();
    let told: Vec<String> = of
        .map(|c| format!("{} on {}", percent(&c.uar), c.corpus))
        .collect();
    (!told.is_empty()).then(|| {
        format!(
            "For comparison, the corpora's own listeners, who had more emotions to choose from, recognised {}.",
            listed(&told)
        )
    })
}

fn claims(evaluation: &Evaluation) -> Option<String> {
    let count = |verdict: Verdict| {
        let claims = evaluation.claims.iter();
        claims.filter(|c| c.verdict == verdict).count()
    };
    let all = evaluation.claims.len();
    (all > 0).then(|| {
        format!(
            "Of {all} sentences of Das et al. (2021), these data support {}, contradict {} and leave {} undecided; {} could not be tested. Each was \
             tested over speakers and seeds, with p corrected for the number of sentences.",
            count(Verdict::Supported),
            count(Verdict::NotSupported),
            count(Verdict::Undecided),
            count(Verdict::NotTested)
        )
    })
}

#[test]
fn a_list_reads_like_a_sentence() {
    let names = |n: &[&str]| listed(&n.iter().map(|s| s.to_string()).collect::<Vec<_>>());
    assert_eq!(names(&["a"]), "a");
    assert_eq!(names(&["a", "b", "c"]), "a, b and c");
}
