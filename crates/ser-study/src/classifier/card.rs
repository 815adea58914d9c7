//! The card of a model: what it is, what it learnt from, how well it does on whom it has not heard, and what it must not be used for.
//!
//! M. Mitchell et al. (2019), "Model cards for model reporting", FAT* '19, 220-229.

use std::fmt::Write;

use super::validation::HeldOut;
use crate::evaluate::render::told;
use ser_models::classify::Classifier;
use ser_models::classify::NOT_FOR;
use ser_models::score::calibration::Calibration;
use ser_models::score::part::PartScore;

/// The card, Markdown.
pub fn card(classifier: &Classifier, held: &HeldOut) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "# Model card: what `ser classify` hears\n\n{NOT_FOR}\n"
    );
    model(&mut text, classifier);
    data(&mut text, classifier);
    scores(&mut text, classifier);
    calibration(&mut text, classifier);
    abstention(&mut text, classifier, held);
    limits(&mut text, classifier);
    failures(&mut text, classifier);
    text
}

fn model(text: &mut String, classifier: &Classifier) {
    let recipe = &classifier.making.recipe;
    let front = &classifier.front_end;
    let _ = writeln!(text, "## The model\n");
    let _ = writeln!(text, "- Classes: {}.", classifier.classes.join(", "));
    let _ = writeln!(
        text,
        "- Front end: mono, {} Hz, active speech level {} dB (ITU-T P.56), silence trimmed at both ends ({} dB below that level), {}, {} features.",
        front.rate_hz,
        front.level_db,
        front.trim_db,
        front.set,
        classifier.columns.len()
    );
    let _ = writeln!(
        text,
        "- Features as logarithms or standard deviations where that is their natural form, standardised by the training rows, limited to ± {}.",
        recipe.clip
    );
    let _ = writeln!(
        text,
        "- Linear discriminant, shrinkage {}, scatter between corpora counted {} times, corpora weighted by rows^{}; learnt from each recording and {} disturbed {} of it (equaliser, reverberation, noise).",
        recipe.single.shrinkage,
        recipe.single.between_corpora,
        recipe.single.corpus_power,
        recipe.copies,
        if recipe.copies == 1 { "copy" } else { "copies" }
    );
    let _ = writeln!(
        text,
        "- Probabilities by one temperature, {:.3} ({:.3} for a batch).",
        classifier.temperature, classifier.batch_temperature
    );
    let _ = writeln!(
        text,
        "- Seed {}; made by ser {}.\n",
        classifier.making.seed, classifier.making.ser
    );
}

fn data(text: &mut String, classifier: &Classifier) {
    let _ = writeln!(
        text,
        "## The data\n\nActed speech. Nothing of the recordings is in the model but weights and means of features.\n"
    );
    for source in &classifier.making.corpora {
        let _ = writeln!(
            text,
            "- {}: {} recordings of {} speakers.",
            source.corpus, source.recordings, source.speakers
        );
    }
    let _ = writeln!(text, "\nAttribution:\n");
    for line in &classifier.making.attributions {
        let _ = writeln!(text, "- {line}.");
    }
    let _ = writeln!(
        text,
        "\nFingerprint of the training rows (SHA-256): `{}`.\n",
        classifier.making.fingerprint
    );
}

fn scores(text: &mut String, classifier: &Classifier) {
    let making = &classifier.making;
    let chance = 1.0 / classifier.classes.len() as f64;
    let _ = writeln!(text, "## Scores on speakers not heard\n");
    let _ = writeln!(
        text,
        "Protocol: {}, disturbed copies with their speakers; chance {chance:.2}; 95 % intervals by a bootstrap over speakers. Every recording is answered.\n",
        making.protocol
    );
    table(text, classifier, &making.scores);
    if let Some(all) = making.scores.first() {
        let _ = writeln!(
            text,
            "\nWhat was taken for what (rows: true; columns: predicted):\n"
        );
        let _ = writeln!(text, "| | {} |", classifier.classes.join(" | "));
        let _ = writeln!(text, "|---|{}", "---|".repeat(classifier.classes.len()));
        for (class, counts) in classifier.classes.iter().zip(all.confusion.rows()) {
            let counts: Vec<String> = counts.iter().map(u64::to_string).collect();
            let _ = writeln!(text, "| {class} | {} |", counts.join(" | "));
        }
    }
    let _ = writeln!(
        text,
        "\nThe same with each fold's recordings of a corpus as one batch that the model adapts to (without labels):\n"
    );
    table(text, classifier, &making.batch_scores);
    let _ = writeln!(text);
}

fn table(text: &mut String, classifier: &Classifier, parts: &[PartScore]) {
    let recalls: Vec<String> = classifier
        .classes
        .iter()
        .map(|class| format!("recall of {class}"))
        .collect();
    let _ = writeln!(
        text,
        "| of | recordings | speakers | UAR | accuracy | {} |",
        recalls.join(" | ")
    );
    let _ = writeln!(
        text,
        "|---|---|---|---|---|{}",
        "---|".repeat(recalls.len())
    );
    for part in parts {
        let recalls: Vec<String> = part
            .recall
            .iter()
            .map(|recall| recall.as_ref().map_or("–".into(), told))
            .collect();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} |",
            part.part,
            part.recordings,
            part.speakers,
            told(&part.uar),
            told(&part.accuracy),
            recalls.join(" | ")
        );
    }
}

fn calibration(text: &mut String, classifier: &Classifier) {
    let _ = writeln!(text, "## Calibration on speakers not heard\n");
    let _ = writeln!(
        text,
        "Expected calibration error of the best probability, ten bins of equal width; temperatures of the other folds.\n"
    );
    let _ = writeln!(
        text,
        "| of | recordings | ECE | Brier score | log loss |\n|---|---|---|---|---|"
    );
    for (part, found) in &classifier.making.calibration {
        let Calibration {
            recordings,
            expected_error,
            brier,
            log_loss,
            ..
        } = found;
        let _ = writeln!(
            text,
            "| {part} | {recordings} | {expected_error:.3} | {brier:.3} | {log_loss:.3} |"
        );
    }
    if let Some((_, all)) = classifier.making.calibration.first() {
        let _ = writeln!(
            text,
            "\n| probability | recordings | mean probability | right |\n|---|---|---|---|"
        );
        for bin in all.bins.iter().filter(|bin| bin.recordings > 0) {
            let share = |x: Option<f64>| x.map_or("–".into(), |x| format!("{x:.3}"));
            let _ = writeln!(
                text,
                "| {:.1} … {:.1} | {} | {} | {} |",
                bin.low,
                bin.high,
                bin.recordings,
                share(bin.confidence),
                share(bin.accuracy)
            );
        }
    }
    let _ = writeln!(text);
}

fn abstention(text: &mut String, classifier: &Classifier, held: &HeldOut) {
    let abstention = &classifier.abstention;
    let classes = classifier.classes.len();
    let _ = writeln!(text, "## When it does not answer\n");
    let _ = writeln!(
        text,
        "Where the best probability is below {:.3}: on speakers not heard {:.0} % of the answers from there on are wrong, and {:.0} % of the recordings are not answered. Score of the rest by the share not answered:\n",
        abstention.threshold,
        100.0 * abstention.error_rate,
        100.0 * abstention.abstained
    );
    let probabilities = held.probabilities(&held.scores);
    let curves: Vec<(String, Vec<_>)> =
        std::iter::once(("all".to_string(), abstention.curve.clone()))
            .chain(
                classifier
                    .making
                    .corpora
                    .iter()
                    .enumerate()
                    .map(|(number, source)| {
                        (
                            source.corpus.clone(),
                            held.curve(classes, &probabilities, |of| of == number),
                        )
                    }),
            )
            .collect();
    let shares = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5];
    let head: Vec<String> = shares
        .iter()
        .map(|share| format!("{:.0} %", 100.0 * share))
        .collect();
    let _ = writeln!(
        text,
        "| UAR of | {} |\n|---|{}",
        head.join(" | "),
        "---|".repeat(head.len())
    );
    for (name, curve) in curves {
        let at = |share: &f64| {
            curve
                .iter()
                .find(|point| point.abstained >= share - 0.01)
                .map_or("–".into(), |point| format!("{:.3}", point.uar))
        };
        let cells: Vec<String> = shares.iter().map(at).collect();
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    }
    let _ = writeln!(text);
}

fn limits(text: &mut String, classifier: &Classifier) {
    let limits = &classifier.limits;
    let _ = writeln!(
        text,
        "Nor where a recording is not like those learnt from, by limits that at most one in 200 known recordings is beyond (on either side):\n"
    );
    let _ = writeln!(
        text,
        "- active speech level below {:.0} dB re full scale, or silence;",
        limits.level_db
    );
    let _ = writeln!(
        text,
        "- bandwidth below {:.1} kHz (telephone speech has 3.4);",
        limits.bandwidth_hz / 1e3
    );
    let _ = writeln!(
        text,
        "- less than {:.2} or more than {:.2} s of speech;",
        limits.speech_s.0, limits.speech_s.1
    );
    let _ = writeln!(
        text,
        "- less than {:.0} or more than {:.0} % of it voiced;",
        100.0 * limits.voiced.0,
        100.0 * limits.voiced.1
    );
    let _ = writeln!(
        text,
        "- more than {:.1} % of the samples clipped;",
        100.0 * limits.clipped
    );
    let _ = writeln!(
        text,
        "- more than {} of {} features out of the range of the training rows;",
        limits.columns_outside,
        limits.columns.len()
    );
    let _ = writeln!(
        text,
        "- a Mahalanobis distance above {:.2} to the nearest class.\n",
        limits.distance
    );
}

fn failures(text: &mut String, classifier: &Classifier) {
    let names: Vec<&str> = classifier
        .making
        .corpora
        .iter()
        .map(|source| source.corpus.as_str())
        .collect();
    let _ = writeln!(text, "## Known failures\n");
    let _ = writeln!(
        text,
        "- It knows acted speech of {} only. Scores and probabilities above hold for other speakers of these corpora; on a corpus that it has not heard it does \
         worse and is too sure of itself (docs/models.md has the figures of leaving each corpus out).",
        names.join(" and ")
    );
    for (truth, taken, count, of) in confused(classifier) {
        let _ = writeln!(
            text,
            "- {} speech is often taken for {}: {count} of {of} recordings.",
            capital(truth),
            taken
        );
    }
    let _ = writeln!(
        text,
        "- Recording level is levelled out, and with it what level tells within one studio."
    );
    let _ = writeln!(
        text,
        "- A batch of one emotion loses it when the model adapts to the batch; adapt to mixed speech only."
    );
    let _ = writeln!(
        text,
        "- Every recording is given one of {} classes, whatever else is in it: fear, disgust, irony and boredom have no class.",
        classifier.classes.len()
    );
    let _ = writeln!(
        text,
        "- Children, disordered speech, singing and languages other than those of the corpora are untested."
    );
}

/// The three most frequent confusions: true class, class taken, recordings, recordings of the true class.
fn confused(classifier: &Classifier) -> Vec<(&str, &str, u64, u64)> {
    let Some(all) = classifier.making.scores.first() else {
        return Vec::new();
    };
    let classes = &classifier.classes;
    let pairs = (0..classes.len()).flat_map(|truth| {
        (0..classes.len())
            .filter(move |taken| *taken != truth)
            .map(move |taken| (truth, taken))
    });
    let mut found: Vec<_> = pairs
        .map(|(t, p)| {
            (
                classes[t].as_str(),
                classes[p].as_str(),
                all.confusion.get(t, p),
                all.confusion.of_class(t),
            )
        })
        .collect();
    found.sort_by_key(|found| std::cmp::Reverse(found.2));
    found.truncate(3);
    found
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
