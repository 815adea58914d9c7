//! Which experiments a figure shows, and the names of its sets.

use crate::evaluate::result::{Evaluation, Experiment, OverSeeds, SetScores};

/// Experiments of the first seed: figures show one, tables all.
pub(crate) fn first_seed(evaluation: &Evaluation) -> impl Iterator<Item = &Experiment> {
    let seed = evaluation.experiments.first().map(|e| e.seed);
    let experiments = evaluation.experiments.iter();
    experiments.filter(move |e| Some(e.seed) == seed)
}

/// An experiment over all seeds, where there are several.
pub(crate) fn over_seeds<'a>(
    evaluation: &'a Evaluation,
    experiment: &Experiment,
) -> Option<&'a OverSeeds> {
    evaluation.over_seeds.iter().find(|over| {
        over.kind == experiment.kind
            && over.classes == experiment.classes
            && over.model == experiment.model
            && over.normalisation == experiment.normalisation
    })
}

/// The scores of an experiment's sets: means over seeds, where there are several.
pub(crate) fn scores<'a>(
    evaluation: &'a Evaluation,
    experiment: &'a Experiment,
) -> &'a [SetScores] {
    over_seeds(evaluation, experiment).map_or(&experiment.scores, |over| &over.scores)
}

/// Of these, those of one set.
pub(crate) fn scores_of<'a>(
    evaluation: &'a Evaluation,
    experiment: &'a Experiment,
    set: &str,
) -> Option<&'a SetScores> {
    scores(evaluation, experiment).iter().find(|s| s.set == set)
}

/// Of these, the ones with all classes, in groups that differ in the model only.
pub(crate) fn groups_with_all_classes(evaluation: &Evaluation) -> Vec<Vec<&Experiment>> {
    let mut groups: Vec<Vec<&Experiment>> = Vec::new();
    for experiment in first_seed(evaluation) {
        if experiment.classes.len() != evaluation.classes.len() {
            continue;
        }
        match groups.iter_mut().find(|g| like(g[0], experiment)) {
            Some(group) => group.push(experiment),
            None => groups.push(vec![experiment]),
        }
    }
    groups
}

/// Whether two experiments are of the same protocol and preparation.
pub(crate) fn like(a: &Experiment, b: &Experiment) -> bool {
    a.protocol == b.protocol && a.normalisation == b.normalisation && a.outliers == b.outliers
}

/// The first of `names` that one of the experiments is of.
pub(crate) fn preferred<'a>(
    experiments: &[&'a Experiment],
    names: &[&str],
) -> Option<&'a Experiment> {
    let of = |name: &&str| experiments.iter().find(|e| e.model == *name).copied();
    names.iter().find_map(of)
}

/// What a group of experiments has in common, in words.
pub(crate) fn preparation(evaluation: &Evaluation, experiment: &Experiment) -> String {
    // The protocol of whole speakers says so itself; the paper's is said to mix them.
    let mut text = experiment.protocol.replace(" (speakers on both sides)", "");
    let several = evaluation
        .experiments
        .iter()
        .any(|e| e.normalisation != experiment.normalisation);
    if several {
        text += &format!("; standardised by {}", experiment.normalisation);
    }
    if experiment.mixes_speakers {
        text += "; speakers mixed";
    } else if !text.contains("speaker") {
        text += "; speakers held out";
    }
    text
}

/// The corpus that models are trained on.
pub(crate) fn training_corpus(evaluation: &Evaluation) -> &str {
    use crate::evaluate::result::Role;
    let train = evaluation.corpora.iter().find(|c| c.role == Role::Train);
    train.map_or("", |c| &c.name)
}

/// The set's name in two lines: corpus, and what it is there.
pub(crate) fn set_name(evaluation: &Evaluation, set: &str) -> (String, &'static str) {
    match set {
        "train" => (training_corpus(evaluation).to_string(), "trained on"),
        "valid" => (training_corpus(evaluation).to_string(), "held out"),
        other => (other.to_string(), "transfer"),
    }
}

/// The set's name in one line.
pub(crate) fn set_title(evaluation: &Evaluation, set: &str) -> String {
    let (corpus, what) = set_name(evaluation, set);
    format!("{corpus}, {what}")
}

/// The model's name for readers.
pub(crate) fn model_name(model: &str) -> String {
    match model {
        "raw" => "88 features".to_string(),
        other => other.to_uppercase(),
    }
}

/// As short names as tell the classes apart: initials, or the first letters.
pub(crate) fn initials(classes: &[String]) -> Vec<String> {
    for letters in 1..8 {
        let short: Vec<String> = classes
            .iter()
            .map(|class| class.chars().take(letters).collect())
            .collect();
        let unique = (0..short.len()).all(|i| !short[..i].contains(&short[i]));
        if unique {
            let capital = |s: &String| {
                let mut chars = s.chars();
                chars.next().map_or(String::new(), |c| {
                    c.to_uppercase().chain(chars).collect::<String>()
                })
            };
            return short.iter().map(capital).collect();
        }
    }
    classes.to_vec()
}

/// `n recordings`, with thin spaces in thousands.
pub(crate) fn thousands(n: usize) -> String {
    let digits = n.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let head = digits.len() % 3;
    let mut text = digits[..head].to_string();
    for (i, c) in digits[head..].chars().enumerate() {
        if i % 3 == 0 && !text.is_empty() {
            text.push('\u{a0}');
        }
        text.push(c);
    }
    text
}

#[test]
fn initials_grow_until_they_differ() {
    let names = |list: &[&str]| initials(&list.iter().map(|s| s.to_string()).collect::<Vec<_>>());
    assert_eq!(names(&["neutral", "sad", "happy"]), ["N", "S", "H"]);
    assert_eq!(names(&["sad", "surprised"]), ["Sa", "Su"]);
}

#[test]
fn thousands_are_grouped_from_ten_thousand() {
    assert_eq!(
        [999, 4014, 12345].map(thousands),
        ["999", "4014", "12\u{a0}345"]
    );
}
