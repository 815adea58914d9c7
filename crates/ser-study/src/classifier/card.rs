//! The card of a model: what it is, how well it does on corpora and speakers that it was not trained on, and what it must not be used for.
//!
//! M. Mitchell et al. (2019), "Model cards for model reporting", FAT* '19, 220-229.

use std::fmt::Write;

use super::leave_out::LeaveOut;
use crate::evaluate::render::told;
use ser_models::classify::NOT_FOR;
use ser_models::classify::basis::Basis;
use ser_models::classify::classifier::{Classifier, FittedBand};
use ser_models::score::subset_score::SubsetScore;

/// The card, Markdown. It begins with the scores on corpora left out, where they were measured.
pub fn card(classifier: &Classifier, unheard: Option<&LeaveOut>) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "# Model card: the model of `ser classify`\n\n{NOT_FOR}\n"
    );
    corpora_left_out(&mut text, unheard);
    model(&mut text, classifier);
    data(&mut text, classifier);
    for band in &classifier.bands {
        speakers_left_out(&mut text, classifier, band);
    }
    abstention(&mut text, classifier);
    failures(&mut text, classifier);
    text
}

/// How a band is called.
fn name(classifier: &Classifier, band: &FittedBand) -> &'static str {
    match std::ptr::eq(band, &classifier.bands[0]) {
        true => "wide-band speech",
        false => "telephone speech",
    }
}

fn corpora_left_out(text: &mut String, unheard: Option<&LeaveOut>) {
    let _ = writeln!(text, "## On corpora that it was not trained on\n");
    let Some(found) = unheard else {
        let _ = writeln!(
            text,
            "Not measured for this model. Expect much less than the scores below, which are for unheard speakers of its own corpora: `ser evaluate DIR --leave-corpus-out` measures it.\n"
        );
        return;
    };
    let corpora: Vec<&str> = found.corpora.iter().map(|of| of.corpus.as_str()).collect();
    let _ = writeln!(
        text,
        "These are the figures to expect. The same training on two of {}, tested on the third, which nothing was learnt from; chance {:.2}.\n\n{}",
        corpora.join(", "),
        1.0 / found.classes.len() as f64,
        found.tables()
    );
}

fn model(text: &mut String, classifier: &Classifier) {
    let recipe = &classifier.making.recipe;
    let _ = writeln!(text, "## The model\n");
    let _ = writeln!(text, "- Classes: {}.", classifier.classes.join(", "));
    for band in &classifier.bands {
        let front = &band.front_end;
        let _ = writeln!(
            text,
            "- Front end for {}, from {:.1} kHz of bandwidth: mono, {} Hz, active speech level {} dB (ITU-T P.56), silence trimmed at both ends ({} dB below that level), {}, {} features.",
            name(classifier, band),
            band.limits.sound.bandwidth_hz / 1e3,
            front.rate_hz,
            front.level_db,
            front.trim_db,
            front.sets.join(" and "),
            classifier.columns.len()
        );
    }
    let _ = writeln!(
        text,
        "- General model: features as logarithms or standard deviations where that is their natural form, standardised by the training rows, limited to ± {}; linear discriminant, shrinkage {}, scatter between corpora counted {} times; trained on each recording and augmented copies of it (equaliser, reverberation, noise, coders, telephone).",
        recipe.clip, recipe.general.shrinkage, recipe.general.between_corpora
    );
    let _ = writeln!(
        text,
        "- Model for a known voice: features less the speaker's own, in units of the deviation within speakers; linear discriminant, shrinkage {}. The speaker's own are estimated from recordings of ordinary speech, or from recordings without labels; a speaker with hardly any spread, of one emotion only, is left to the general model.",
        recipe.relative.shrinkage
    );
    for (band, settings) in classifier.bands.iter().zip(&recipe.bands) {
        if let Some(penalty) = settings.taught {
            let _ = writeln!(
                text,
                "- For {} the weights of both are found by ridge regression, penalty {penalty}: the scores are to come near those that the same training recordings get in the first band.",
                name(classifier, band)
            );
        }
    }
    let _ = writeln!(
        text,
        "- Probabilities by one temperature for each ground that an answer can rest on: {} times that of unheard speakers of known corpora.",
        recipe.caution
    );
    let guesses: Vec<String> = classifier
        .bands
        .iter()
        .flat_map(|band| {
            let guessed = band.reliability.iter().filter(|known| !known.percentages);
            guessed.map(|known| format!("{}, {}", name(classifier, band), known.basis.heading()))
        })
        .collect();
    if guesses.len() == classifier.bands.len() * Basis::ALL.len() {
        let _ = writeln!(
            text,
            "- No percentages, only \"a guess\", whatever an answer rests on: they are given where the expected calibration error was at most 0.10 on every corpus left out, and it nowhere was, or was not measured."
        );
    } else if !guesses.is_empty() {
        let _ = writeln!(
            text,
            "- No percentages, only \"a guess\", where the expected calibration error was above 0.10 on a corpus left out: {}.",
            guesses.join("; ")
        );
    }
    let _ = writeln!(
        text,
        "- Seed {}; made by ser {}.\n",
        classifier.making.seed, classifier.making.ser
    );
}

fn data(text: &mut String, classifier: &Classifier) {
    let _ = writeln!(
        text,
        "## The data\n\nActed speech. The model holds only weights and feature means, no audio.\n"
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

fn speakers_left_out(text: &mut String, classifier: &Classifier, band: &FittedBand) {
    let chance = 1.0 / classifier.classes.len() as f64;
    let _ = writeln!(
        text,
        "## On unheard speakers of the training corpora: {}\n",
        name(classifier, band)
    );
    let _ = writeln!(
        text,
        "Protocol: {}, augmented copies with their speakers; chance {chance:.2}; 95 % intervals by a bootstrap over speakers. Every recording is answered. ECE is the expected calibration error of the highest probability in ten bins of equal width, with the temperature of the other folds.\n",
        classifier.making.protocol
    );
    let _ = writeln!(
        text,
        "| an answer rests on | of | recordings | speakers | UAR | accuracy | ECE | temperature |\n|---|---|---|---|---|---|---|---|"
    );
    for known in &band.reliability {
        for part in &known.record.scores {
            let ece = known
                .record
                .calibration
                .iter()
                .find(|(name, _)| *name == part.part);
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} | {} | {:.2} |",
                known.basis.heading(),
                part.part,
                part.recordings,
                part.speakers,
                told(&part.uar),
                told(&part.accuracy),
                ece.map_or("–".into(), |(_, found)| format!(
                    "{:.3}",
                    found.expected_error
                )),
                known.temperature
            );
        }
    }
    for basis in [Basis::Alone, Basis::OwnRecordings] {
        let Some(all) = band.of(basis).record.scores.first() else {
            continue;
        };
        let _ = writeln!(
            text,
            "\nConfusion matrix, {} (rows: true; columns: predicted):\n",
            basis.heading()
        );
        let _ = writeln!(text, "| | {} |", classifier.classes.join(" | "));
        let _ = writeln!(text, "|---|{}", "---|".repeat(classifier.classes.len()));
        for (class, counts) in classifier.classes.iter().zip(all.confusion.rows()) {
            let counts: Vec<String> = counts.iter().map(u64::to_string).collect();
            let _ = writeln!(text, "| {class} | {} |", counts.join(" | "));
        }
        recalls(text, classifier, all);
    }
    let _ = writeln!(text);
}

fn recalls(text: &mut String, classifier: &Classifier, all: &SubsetScore) {
    let recalls: Vec<String> = classifier
        .classes
        .iter()
        .zip(&all.recall)
        .map(|(class, recall)| format!("{class} {}", recall.as_ref().map_or("–".into(), told)))
        .collect();
    let _ = writeln!(text, "\nRecall: {}.", recalls.join(", "));
}

fn abstention(text: &mut String, classifier: &Classifier) {
    let _ = writeln!(text, "## When it does not answer\n");
    let _ = writeln!(
        text,
        "Where the highest probability, given or not, is among the lowest {:.0} % of unheard speakers of the training corpora. Where that did not raise the average recall of the answered on every corpus left out, the threshold is 0. Right: accuracy of the answered on corpora left out, least and most.\n",
        100.0 * classifier.making.recipe.abstention
    );
    let _ = writeln!(
        text,
        "| speech | an answer rests on | threshold | not answered | right on corpora left out | UAR of all | of the surest 80 % | of the surest 60 % |\n|---|---|---|---|---|---|---|---|"
    );
    for band in &classifier.bands {
        for known in &band.reliability {
            let at = |share: f64| {
                let point = known
                    .record
                    .curve
                    .iter()
                    .find(|point| point.abstained >= share - 0.01);
                point.map_or("–".into(), |point| format!("{:.3}", point.uar))
            };
            let _ = writeln!(
                text,
                "| {} | {} | {:.3} | {:.0} % | {} | {} | {} | {} |",
                name(classifier, band),
                known.basis.heading(),
                known.threshold,
                100.0 * known.abstained,
                known.right.map_or("–".into(), |(low, high)| format!(
                    "{:.0} to {:.0} %",
                    100.0 * low,
                    100.0 * high
                )),
                at(0.0),
                at(0.2),
                at(0.4)
            );
        }
    }
    let _ = writeln!(
        text,
        "\nNor where a recording is unlike the training recordings (out of distribution), by limits that one in 200 recordings of unheard speakers is beyond on either side; level, length and voicing with room, features and distance also for each training corpus left out:\n"
    );
    for band in &classifier.bands {
        limits(text, classifier, band);
    }
    let _ = writeln!(text);
}

fn limits(text: &mut String, classifier: &Classifier, band: &FittedBand) {
    let limits = &band.limits;
    let _ = writeln!(
        text,
        "- {}: silence, or an active speech level below {:.0} dB re full scale; bandwidth below {:.1} kHz; less than {:.2} or more than {:.2} s of speech; less than {:.0} or more than {:.0} % of it voiced; more than {:.1} % of the samples clipped; more than {} of {} features outside the range of the training rows; a Mahalanobis distance above {:.2} to the nearest class.",
        name(classifier, band),
        limits.sound.level_db,
        limits.sound.bandwidth_hz / 1e3,
        limits.sound.speech_s.0,
        limits.sound.speech_s.1,
        100.0 * limits.sound.voiced.0,
        100.0 * limits.sound.voiced.1,
        100.0 * limits.sound.clipped,
        limits.columns.most_outside,
        limits.columns.ranges.len(),
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
        "- It was trained on acted speech of {} only. On another corpus it does worse (docs/models.md has the figures of leaving each corpus out), most of all where nothing is known of the speaker: most recordings then fall to one or two classes.",
        names.join(" and ")
    );
    for (truth, taken, count, of) in confused(classifier) {
        let _ = writeln!(
            text,
            "- {} speech of an unknown speaker is often labelled {taken}: {count} of {of} recordings.",
            capital(truth)
        );
    }
    let _ = writeln!(
        text,
        "- Recording level is normalised, and with it what level tells within one studio."
    );
    let _ = writeln!(
        text,
        "- A batch, or a speaker's recordings, of one emotion: of a batch it takes the classes to be mixed; a speaker of one emotion is usually recognised and left to the general model, not always."
    );
    let _ = writeln!(
        text,
        "- A baseline has to be ordinary, calm speech of the same person, best through the same microphone. One of an excited voice shifts every answer."
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
    let Some(all) = classifier.bands[0].of(Basis::Alone).record.scores.first() else {
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
