//! A small model of made-up rows: judged, explained, saved, damaged.

use super::validation::{HeldOut, train};
use ser_models::classify::classifier::Classifier;
use ser_models::classify::front_end::{Facts, FrontEnd, Prepared, Settings};
use ser_models::classify::material::Material;
use ser_models::classify::recipe::Recipe;
use ser_models::model::random::Random;
use ser_tables::labelled::Row;

const CLASSES: [&str; 3] = ["neutral", "sad", "angry"];

/// Two corpora of six speakers, four recordings of each class by each; every class has its own pitch and loudness, the second corpus another microphone.
fn material() -> Material {
    let columns = FrontEnd::new(&Settings::default()).unwrap().columns();
    let mut material = Material {
        columns: columns.clone(),
        rows: Vec::new(),
        plain: Vec::new(),
        clean: Vec::new(),
        copies: vec![Vec::new()],
    };
    let mut random = Random::new(1, "material");
    for number in 0..2 * 6 * 3 * 4 {
        let (corpus, speaker, class) = (number / 72, number / 12 % 6, number / 4 % 3);
        let mut features = |more: f64| -> Vec<f32> {
            let value = |at: usize, name: &String, random: &mut Random| {
                let class = class as f64
                    * if name.starts_with("F0") || name.starts_with("loudness") {
                        1.0
                    } else {
                        0.1
                    };
                let place = if at.is_multiple_of(5) {
                    2.0 * corpus as f64
                } else {
                    0.0
                };
                (5.0 + class + place + (0.7 + more) * random.normal()) as f32
            };
            columns
                .iter()
                .enumerate()
                .map(|(at, name)| value(at, name, &mut random))
                .collect()
        };
        let clean = features(0.0);
        material.copies[0].push(features(0.2));
        material.plain.push(clean.clone());
        material.clean.push(Prepared {
            features: clean,
            facts: facts(number),
        });
        material.rows.push(Row {
            file: format!("{number}.wav"),
            corpus: ["a", "b"][corpus].into(),
            speaker: Some(speaker.to_string()),
            gender: Some(["f", "m"][speaker % 2].into()),
            label: Some(CLASSES[class].into()),
            ..Row::default()
        });
    }
    material
}

fn facts(number: usize) -> Facts {
    Facts {
        level_db: Some(-30.0 + (number % 10) as f64),
        bandwidth_hz: Some(5500.0),
        recording_s: 3.0,
        speech_s: 2.0 + (number % 7) as f64 / 10.0,
        voiced: 0.5,
        clipped: 0.0,
    }
}

fn trained() -> (Classifier, HeldOut, Material) {
    trained_at(1)
}

fn trained_at(threads: usize) -> (Classifier, HeldOut, Material) {
    let material = material();
    let classes = CLASSES.map(String::from);
    let (classifier, held) = train(
        &Recipe::default(),
        &material,
        &material.corpora(),
        &classes,
        1,
        threads,
        &|| (),
    )
    .unwrap();
    (classifier, held, material)
}

#[test]
fn no_speaker_is_scored_by_a_model_that_heard_them() {
    let (_, held, material) = trained();
    assert_eq!(held.rows, (0..144).collect::<Vec<_>>());
    let fold_of = |row: usize| held.folds[row];
    for (row, of) in material.rows.iter().enumerate() {
        for (other, its) in material.rows.iter().enumerate() {
            if of.corpus == its.corpus && of.speaker == its.speaker {
                assert_eq!(fold_of(row), fold_of(other));
            }
        }
    }
}

#[test]
fn classes_that_differ_are_told_apart_and_probabilities_add_up() {
    let (classifier, _, material) = trained();
    assert!(
        classifier.making.scores[0].uar.value > 0.8,
        "{:?}",
        classifier.making.scores[0].uar
    );
    for prepared in &material.clean {
        let judgement = classifier.judge(prepared);
        assert!((judgement.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert_eq!(
            judgement.confidence,
            judgement.probabilities.iter().copied().fold(0.0, f64::max)
        );
        assert_eq!(judgement.standardised.len(), classifier.names().len());
    }
}

#[test]
fn contributions_add_up_to_the_scores_alone_and_in_a_batch() {
    let (classifier, _, material) = trained();
    let adapted = classifier.adapt(&material.clean[..60]);
    for model in [&classifier, &adapted] {
        for prepared in material.clean.iter().step_by(17) {
            let judgement = model.judge(prepared);
            let found = model.contributions(&judgement.standardised);
            for (class, contributions) in found.contributions.iter().enumerate() {
                let sum = found.reference[class] + contributions.iter().sum::<f64>();
                assert!(
                    (sum - found.scores[class]).abs() < 1e-9,
                    "{sum} {}",
                    found.scores[class]
                );
            }
            let again = ser_tables::statistic::softmax(&found.scores, 1.0);
            assert!(
                again
                    .iter()
                    .zip(&judgement.probabilities)
                    .all(|(a, b)| (a - b).abs() < 1e-12)
            );
        }
    }
}

#[test]
fn a_batch_from_another_place_is_brought_home() {
    let (mut classifier, _, material) = trained();
    // Believed nearly wholly: the shift is along the classes, and what is left of it would count.
    classifier.making.recipe.batch_half = 0.5;
    // The first corpus through yet another microphone: every feature shifted.
    let moved: Vec<Prepared> = material.clean[..72]
        .iter()
        .map(|prepared| Prepared {
            features: prepared.features.iter().map(|x| x + 1.5).collect(),
            facts: prepared.facts,
        })
        .collect();
    let right = |model: &Classifier| {
        moved
            .iter()
            .zip(&material.rows)
            .filter(|(prepared, row)| Some(model.judge(prepared).label) == row.label)
            .count()
    };
    let (alone, adapted) = (right(&classifier), right(&classifier.adapt(&moved)));
    assert!(adapted > 60 && adapted > alone + 10, "{alone} {adapted}");
    // An empty batch is none.
    let none = classifier.adapt(&[]);
    assert_eq!(
        none.judge(&moved[0]).label,
        classifier.judge(&moved[0]).label
    );
}

#[test]
fn what_is_unlike_training_is_not_answered_but_still_labelled() {
    let (classifier, _, material) = trained();
    let mut odd = material.clean[0].clone();
    odd.features.iter_mut().for_each(|x| *x += 1000.0);
    let judgement = classifier.judge(&odd);
    assert!(
        judgement
            .outside
            .iter()
            .any(|reason| reason.name() == "columns"),
        "{:?}",
        judgement.outside
    );
    assert!(judgement.abstained.is_some() && CLASSES.contains(&judgement.label.as_str()));
    let silent = Prepared {
        facts: Facts {
            level_db: None,
            ..odd.facts
        },
        ..odd
    };
    assert_eq!(
        classifier.judge(&silent).abstained.as_deref(),
        Some("it is silent")
    );
}

#[test]
fn a_best_guess_below_the_threshold_is_not_answered() {
    let (mut classifier, _, material) = trained();
    let inside = material
        .clean
        .iter()
        .find(|prepared| classifier.judge(prepared).outside.is_empty())
        .unwrap();
    classifier.abstention.threshold = 0.0;
    assert_eq!(classifier.judge(inside).abstained, None);
    classifier.abstention.threshold = 1.1;
    assert!(
        classifier
            .judge(inside)
            .abstained
            .unwrap()
            .starts_with("its best guess has a probability of")
    );
}

#[test]
fn a_model_comes_back_from_its_file_and_is_the_same_at_any_thread_count() {
    let (classifier, _, material) = trained();
    let bytes = classifier.to_bytes().unwrap();
    assert_eq!(bytes, trained_at(3).0.to_bytes().unwrap());
    let again = Classifier::from_bytes(&bytes).unwrap();
    assert_eq!(again, classifier);
    assert_eq!(
        again.judge(&material.clean[5]),
        classifier.judge(&material.clean[5])
    );
}

/// The bytes with another description.
fn redescribed(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header = std::str::from_utf8(&bytes[8..8 + length]).unwrap();
    assert!(header.contains(from), "{from}");
    let header = header.replacen(from, to, 1);
    let mut changed = (header.len() as u64).to_le_bytes().to_vec();
    changed.extend(header.bytes());
    changed.extend(&bytes[8 + length..]);
    changed
}

#[test]
fn damaged_and_foreign_models_are_refused_in_one_line() {
    let (classifier, ..) = trained();
    let bytes = classifier.to_bytes().unwrap();
    let refused = |bytes: &[u8]| {
        let error = Classifier::from_bytes(bytes).unwrap_err();
        assert!(
            !error.contains('\n') && error.contains("ser train"),
            "{error}"
        );
        error
    };
    assert!(refused(b"no model").contains("no model file"));
    for cut in [0, 7, 8, 100, bytes.len() / 2, bytes.len() - 1] {
        assert!(
            refused(&bytes[..cut]).contains("no model file, or a damaged one"),
            "{cut}"
        );
    }
    assert!(
        refused(&redescribed(&bytes, "ser.classifier", "ser.somethings"))
            .contains("of no model of ser")
    );
    assert!(
        refused(&redescribed(&bytes, "ser.classifier", "ser.model"))
            .contains("without a front end")
    );
    assert!(
        refused(&redescribed(&bytes, r#"\"format\":1"#, r#"\"format\":7"#)).contains("of form 7")
    );
    assert!(
        refused(&redescribed(
            &bytes,
            r#"\"transform\":1"#,
            r#"\"transform\":2"#
        ))
        .contains("rules of version 2")
    );
    assert!(
        refused(&redescribed(&bytes, "eGeMAPSv02", "eGeMAPSv09"))
            .contains("front end is none of this ser")
    );
    assert!(
        refused(&redescribed(&bytes, "eGeMAPSv02", "GeMAPSv01b"))
            .contains("columns are not those of")
    );
    assert!(
        refused(&redescribed(
            &bytes,
            r#"\"rate_hz\":11025"#,
            r#"\"rate_hz\":100"#
        ))
        .contains("front end is none of this ser")
    );
    assert!(
        refused(&redescribed(
            &bytes,
            "loudnessPeaksPerSec",
            "loudnessPeeksPerSec"
        ))
        .contains("loudnessPeaksPerSec is missing")
    );
    assert!(
        refused(&redescribed(&bytes, r#"\"clip\":4.0"#, r#"\"clip\":0.0"#)).contains("do not fit")
    );
    assert!(
        refused(&redescribed(&bytes, "single.bias", "single.bios"))
            .contains("single.bias is missing")
    );
    let mut not_finite = bytes.clone();
    let end = not_finite.len();
    not_finite[end - 8..].copy_from_slice(&f64::NAN.to_le_bytes());
    assert!(refused(&not_finite).contains("no numbers"));
}

#[test]
fn the_card_tells_data_scores_calibration_abstention_and_misuse() {
    let (classifier, held, _) = trained();
    let card = super::card::card(&classifier, &held);
    for part in [
        "Article 5(1)(f)",
        "## The data",
        "| a | 72 | 6 |",
        "female speakers",
        "ECE",
        "When it does not answer",
        "Known failures",
        "as one batch",
    ] {
        assert!(card.contains(part), "{part} is missing:\n{card}");
    }
}

#[test]
fn leaving_a_corpus_out_scores_every_system_on_all_recordings() {
    let material = material();
    let classes = CLASSES.map(String::from);
    let found = |threads| {
        super::leave_out::leave_out(&Recipe::default(), &material, &classes, 1, threads, &|_| ())
            .unwrap()
    };
    let one = found(1);
    assert_eq!(
        serde_json::to_string(&one).unwrap(),
        serde_json::to_string(&found(3)).unwrap()
    );
    // Four systems, two corpora and their mean, left out and within.
    assert_eq!(one.entries.len(), 4 * 3 * 2);
    for entry in one
        .entries
        .iter()
        .filter_map(|entry| entry.confusion.as_ref())
    {
        assert_eq!(entry.recordings(), 72);
    }
    let uar = |system: usize, corpus: Option<&str>| {
        one.entries
            .iter()
            .find(|e| e.left_out && e.system as usize == system && e.corpus.as_deref() == corpus)
            .unwrap()
            .uar
            .value
    };
    assert!((uar(2, None) - (uar(2, Some("a")) + uar(2, Some("b"))) / 2.0).abs() < 1e-12);
    assert!((one.gains[0].score.value - (uar(2, None) - uar(0, None))).abs() < 1e-12);
    assert!(one.render().contains("| robust, whole batch |"));
    let mut csv = Vec::new();
    one.write_csv(&mut csv).unwrap();
    assert_eq!(String::from_utf8(csv).unwrap().lines().count(), 25);
}
