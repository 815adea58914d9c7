//! A small model of made-up rows: judged, explained, saved, damaged.

use super::leave_out::{LeaveOut, System, chosen_without, leave_out};
use super::validation::Run;
use ser_models::classify::basis::Basis;
use ser_models::classify::classifier::{Classifier, Judgement};
use ser_models::classify::front_end::{FrontEnd, FrontEndSettings, Prepared, RecordingFacts};
use ser_models::classify::recipe::ClassifierRecipe;
use ser_models::classify::training_data::{PreparedBand, TrainingData};
use ser_models::classify::voice::{Baseline, Ground};
use ser_models::model::random::Random;
use ser_tables::labelled::LabelledRow;

const CLASSES: [&str; 3] = ["neutral", "sad", "angry"];

/// Two corpora of six speakers, six recordings of each class by each; every class has its own pitch and loudness, every speaker a voice, the second corpus
/// another microphone.
fn training_data() -> TrainingData {
    let recipe = ClassifierRecipe::default();
    let columns = FrontEnd::new(&FrontEndSettings::default())
        .unwrap()
        .columns()
        .to_vec();
    let mut training_data = TrainingData {
        columns: columns.clone(),
        rows: Vec::new(),
        plain: Vec::new(),
        bands: recipe
            .bands
            .iter()
            .map(|band| PreparedBand {
                clean: Vec::new(),
                copies: vec![Vec::new(); band.copies.len()],
            })
            .collect(),
    };
    let mut random = Random::new(1, "material");
    let voices: Vec<Vec<f64>> = (0..12)
        .map(|_| columns.iter().map(|_| 0.5 * random.normal()).collect())
        .collect();
    for number in 0..2 * 6 * 3 * 6 {
        let (corpus, speaker, class) = (number / 108, number / 18 % 6, number / 6 % 3);
        let mut features = |more: f64| -> Vec<f32> {
            let value = |at: usize, name: &String, random: &mut Random| {
                let class = class as f64
                    * if name.contains("F0") || name.contains("loudness") {
                        1.0
                    } else {
                        0.1
                    };
                let place = if at.is_multiple_of(5) {
                    2.0 * corpus as f64
                } else {
                    0.0
                };
                let voice = voices[6 * corpus + speaker][at];
                (5.0 + class + place + voice + (0.7 + more) * random.normal()) as f32
            };
            columns
                .iter()
                .enumerate()
                .map(|(at, name)| value(at, name, &mut random))
                .collect()
        };
        training_data.plain.push(features(0.0)[..88].to_vec());
        for (band, heard) in training_data.bands.iter_mut().enumerate() {
            heard.clean.push(Prepared {
                features: features(0.0),
                band,
                facts: facts(number),
            });
            heard
                .copies
                .iter_mut()
                .for_each(|copy| copy.push(features(0.2)));
        }
        training_data.rows.push(LabelledRow {
            file: format!("{number}.wav"),
            corpus: ["a", "b"][corpus].into(),
            speaker: Some(speaker.to_string()),
            gender: Some(["f", "m"][speaker % 2].into()),
            label: Some(CLASSES[class].into()),
            ..LabelledRow::default()
        });
    }
    training_data
}

fn facts(number: usize) -> RecordingFacts {
    RecordingFacts {
        level_db: Some(-30.0 + (number % 10) as f64),
        bandwidth_hz: Some(5500.0),
        recording_s: 3.0,
        speech_s: 2.0 + (number % 7) as f64 / 10.0,
        voiced: 0.5,
        clipped: 0.0,
    }
}

fn with<T>(training_data: &TrainingData, threads: usize, run: impl FnOnce(Run<'_>) -> T) -> T {
    let classes = CLASSES.map(String::from);
    run(Run {
        recipe: &ClassifierRecipe::default(),
        training_data,
        classes: &classes,
        seed: 1,
        threads,
    })
}

fn trained() -> (Classifier, TrainingData) {
    trained_at(1)
}

fn trained_at(threads: usize) -> (Classifier, TrainingData) {
    let training_data = training_data();
    let classifier = with(&training_data, threads, |run| {
        run.train(&training_data.corpora(), &|| ())
    })
    .unwrap();
    (classifier, training_data)
}

fn of_speaker(training_data: &TrainingData, corpus: &str, speaker: &str) -> Vec<usize> {
    let is = |row: &LabelledRow| row.corpus == corpus && row.speaker.as_deref() == Some(speaker);
    (0..training_data.rows.len())
        .filter(|&at| is(&training_data.rows[at]))
        .collect()
}

#[test]
fn no_speaker_is_scored_by_a_model_trained_on_them_and_every_ground_scores_whom_it_can() {
    let training_data = training_data();
    let classes = CLASSES.map(String::from);
    let chosen = training_data.chosen(&training_data.corpora(), &classes);
    let folds = with(&training_data, 1, |run| run.held_out(0, &chosen, &|| ())).unwrap();
    let mut fold_of = vec![None; training_data.rows.len()];
    for (number, fold) in folds.iter().enumerate() {
        for one in &fold.tested {
            assert_eq!(fold_of[one.row].replace(number), None);
        }
    }
    for (row, of) in training_data.rows.iter().enumerate() {
        for (other, its) in training_data.rows.iter().enumerate() {
            if of.corpus == its.corpus && of.speaker == its.speaker {
                assert_eq!(fold_of[row], fold_of[other]);
            }
        }
    }
    let count = |at: usize| {
        folds
            .iter()
            .map(|fold| fold.scored[at].len())
            .sum::<usize>()
    };
    // One or three recordings of each of twelve speakers are the baseline.
    assert_eq!([0, 1, 2, 3, 4].map(count), [216, 216, 204, 180, 216]);
}

#[test]
fn classes_are_told_apart_better_by_who_knows_the_voice() {
    let (classifier, training_data) = trained();
    for band in &classifier.bands {
        let uar = |basis: Basis| band.of(basis).record.scores[0].uar.value;
        assert!(uar(Basis::Alone) > 0.6, "{}", uar(Basis::Alone));
        assert!(
            uar(Basis::OwnRecordings) > 0.85,
            "{}",
            uar(Basis::OwnRecordings)
        );
    }
    let judgement = classifier.judge(&training_data.bands[0].clean[3], &Ground::Alone);
    assert!((judgement.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    assert_eq!(judgement.rests_on.basis, Basis::Alone);
    assert!(!judgement.calibrated && judgement.relative.is_none());
    assert_eq!(judgement.standardised.len(), classifier.names().len());
}

#[test]
fn effects_add_up_to_the_scores_alone_and_relative_to_a_voice() {
    let (classifier, training_data) = trained();
    let clean = &training_data.bands[0].clean;
    let members = of_speaker(&training_data, "b", "3");
    let own = classifier.own(&members.iter().map(|&at| &clean[at]).collect::<Vec<_>>());
    let heads = &classifier.bands[0].heads;
    for &at in &members {
        let judgement = classifier.judge(&clean[at], &own);
        assert_eq!(
            (judgement.rests_on.basis, judgement.rests_on.recordings),
            (Basis::OwnRecordings, 18)
        );
        let relative = judgement.relative.clone().unwrap();
        let zero = vec![0.0; relative.len()];
        for (discriminant, row) in [
            (&heads.general, &judgement.standardised),
            (&heads.relative.discriminant, &relative),
        ] {
            let found = Classifier::effects(discriminant, row, &zero);
            for (class, effects) in found.effects.iter().enumerate() {
                let sum = found.reference[class] + effects.iter().sum::<f64>();
                assert!(
                    (sum - found.scores[class]).abs() < 1e-9 * found.scores[class].abs().max(1.0)
                );
            }
        }
    }
}

#[test]
fn a_voice_that_lies_elsewhere_is_recognised_by_a_baseline_and_by_its_own_recordings() {
    let (classifier, training_data) = trained();
    let members = of_speaker(&training_data, "a", "2");
    // Through another microphone: every feature shifted.
    let moved: Vec<Prepared> = members
        .iter()
        .map(|&at| {
            let prepared = &training_data.bands[0].clean[at];
            Prepared {
                features: prepared.features.iter().map(|x| x + 1.5).collect(),
                ..prepared.clone()
            }
        })
        .collect();
    let truth = |at: usize| training_data.rows[members[at]].label.clone().unwrap();
    let right = |ground: &Ground| {
        let right = |at: &usize| CLASSES[classifier.judge(&moved[*at], ground).class] == truth(*at);
        (0..moved.len()).filter(right).count()
    };
    let calm: Vec<Vec<Prepared>> = (0..3).map(|at| vec![moved[at].clone()]).collect();
    let baseline = classifier.baseline(&calm, "2026-11-26".into());
    let again = Baseline::from_json(&baseline.to_json().unwrap()).unwrap();
    let by_baseline = classifier.calm(&again).unwrap();
    let by_own = classifier.own(&moved.iter().collect::<Vec<_>>());
    let (alone, calm, own) = (right(&Ground::Alone), right(&by_baseline), right(&by_own));
    assert!(
        calm >= 15 && own >= 15 && alone < calm.min(own),
        "{alone} {calm} {own}"
    );
    assert_eq!(
        classifier.judge(&moved[5], &by_baseline).rests_on.basis,
        Basis::CalmClips
    );
    // The narrow band of this speaker is unknown: there an answer rests on the recording alone.
    let narrow = &training_data.bands[1].clean[members[0]];
    assert_eq!(
        classifier.judge(narrow, &by_baseline).rests_on.basis,
        Basis::Alone
    );
    let other = Baseline {
        sets: vec!["eGeMAPSv01a".into()],
        ..baseline
    };
    assert!(
        classifier
            .calm(&other)
            .unwrap_err()
            .to_string()
            .contains("enrol the speaker again")
    );
}

#[test]
fn three_recordings_are_too_few_to_know_a_voice_and_an_empty_batch_is_none() {
    let (classifier, training_data) = trained();
    let clean = &training_data.bands[0].clean;
    let few = classifier.own(&[&clean[0], &clean[6], &clean[12]]);
    assert_eq!(
        classifier.judge(&clean[0], &few).rests_on.basis,
        Basis::Alone
    );
    let empty = classifier.batch(&[]);
    assert_eq!(
        classifier.judge(&clean[0], &empty),
        classifier.judge(&clean[0], &Ground::Alone)
    );
}

#[test]
fn what_is_unlike_training_is_not_answered_but_still_labelled() {
    let (classifier, training_data) = trained();
    let mut odd = training_data.bands[0].clean[0].clone();
    odd.features.iter_mut().for_each(|x| *x += 1000.0);
    let judgement = classifier.judge(&odd, &Ground::Alone);
    assert!(
        judgement
            .outside
            .iter()
            .any(|reason| reason.name() == "columns"),
        "{:?}",
        judgement.outside
    );
    assert!(judgement.abstained.is_some());
    let silent = Prepared {
        facts: RecordingFacts {
            level_db: None,
            ..odd.facts
        },
        ..odd
    };
    assert_eq!(
        classifier
            .judge(&silent, &Ground::Alone)
            .abstained
            .as_deref(),
        Some("it is silent")
    );
}

#[test]
fn a_probability_below_the_threshold_is_not_answered_and_told_only_where_it_may_be() {
    let (mut classifier, training_data) = trained();
    let clean = &training_data.bands[0].clean;
    let all = classifier.own(
        &of_speaker(&training_data, "a", "0")
            .iter()
            .map(|&at| &clean[at])
            .collect::<Vec<_>>(),
    );
    let inside = of_speaker(&training_data, "a", "0")
        .into_iter()
        .map(|at| &clean[at]);
    let inside: Vec<&Prepared> = inside
        .filter(|prepared| classifier.judge(prepared, &all).outside.is_empty())
        .collect();
    let at = |classifier: &mut Classifier, threshold: f64, ground: &Ground| -> Judgement {
        for known in &mut classifier.bands[0].reliability {
            known.threshold = threshold;
        }
        classifier.judge(inside[0], ground)
    };
    assert_eq!(at(&mut classifier, 0.0, &all).abstained, None);
    let doubted = at(&mut classifier, 1.1, &all).abstained.unwrap();
    assert!(doubted.starts_with("no class stands out"), "{doubted}");
    for known in &mut classifier.bands[0].reliability {
        known.percentages = true;
    }
    let doubted = at(&mut classifier, 1.1, &all).abstained.unwrap();
    assert!(
        doubted.starts_with("the highest probability is"),
        "{doubted}"
    );
}

#[test]
fn a_model_comes_back_from_its_file_and_is_the_same_at_any_thread_count() {
    let (classifier, training_data) = trained();
    let bytes = classifier.to_bytes().unwrap();
    assert_eq!(bytes, trained_at(3).0.to_bytes().unwrap());
    assert!(bytes.len() < 2 << 20);
    let again = Classifier::from_bytes(&bytes).unwrap();
    assert_eq!(again.to_bytes().unwrap(), bytes);
    assert_eq!(again.clone().with_records().unwrap(), classifier);
    let one = &training_data.bands[0].clean[5];
    let answer = classifier.judge(one, &Ground::Alone);
    assert_eq!(again.judge(one, &Ground::Alone), answer);
    // The former form has card and records in its description.
    let former = redescribed(
        &bytes,
        r#"\"format\":4"#,
        r#"\"format\":3,\"card\":\"A card\""#,
    );
    let former = Classifier::from_bytes(&former).unwrap();
    assert_eq!(former.judge(one, &Ground::Alone), answer);
    assert_eq!(former.card, "A card");
}

#[test]
fn records_that_do_not_fit_are_named_by_those_who_ask_for_them() {
    let (mut classifier, ..) = trained();
    for records in ["[]", "[[]]", "no records"] {
        classifier.unread_records = Some(records.into());
        let bytes = classifier.to_bytes().unwrap();
        let read = Classifier::from_bytes(&bytes).unwrap();
        let error = read.with_records().unwrap_err();
        assert!(error.starts_with("its records "), "{error}");
    }
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
    assert!(refused(b"no model").contains("not a model file"));
    for cut in [0, 7, 8, 100, bytes.len() / 2, bytes.len() - 1] {
        assert!(
            refused(&bytes[..cut]).contains("not a model file, or a damaged one"),
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
        refused(&redescribed(&bytes, r#"\"format\":4"#, r#"\"format\":7"#)).contains("of form 7")
    );
    assert!(
        refused(&redescribed(
            &bytes,
            r#"\"transform\":2"#,
            r#"\"transform\":9"#
        ))
        .contains("rules of version 9")
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
        refused(&redescribed(&bytes, "1.general.bias", "1.general.bios"))
            .contains("1.general.bias is missing")
    );
    assert!(
        refused(&redescribed(
            &bytes,
            "eGeMAPS-ser revision ",
            "eGeMAPS-ser revision 9"
        ))
        .contains("eGeMAPS-ser revision 9")
    );
    let mut not_finite = bytes.clone();
    // The numbers stand before the texts.
    let numbers = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    not_finite[numbers..][..8].copy_from_slice(&f64::NAN.to_le_bytes());
    assert!(refused(&not_finite).contains("no numbers"));
}

fn left_out(threads: usize) -> LeaveOut {
    let training_data = training_data();
    with(&training_data, threads, |run| leave_out(run, &|| ())).unwrap()
}

#[test]
fn settings_chosen_without_a_corpus_do_not_change_with_what_is_in_it() {
    let mut training_data = training_data();
    for row in training_data
        .rows
        .iter_mut()
        .filter(|row| row.corpus == "b")
    {
        let speaker: usize = row.speaker.as_ref().unwrap().parse().unwrap();
        row.corpus = if speaker < 3 { "b" } else { "c" }.into();
    }
    let chosen = |training_data: &TrainingData| {
        let without = |corpus| with(training_data, 2, |run| chosen_without(run, corpus)).unwrap();
        [without("c"), without("a")]
    };
    let [before, with_c] = chosen(&training_data);
    for at in 0..training_data.rows.len() {
        if training_data.rows[at].corpus != "c" {
            continue;
        }
        training_data.rows[at].label = Some(CLASSES[(at * 7) % 3].into());
        for heard in &mut training_data.bands {
            heard.clean[at]
                .features
                .iter_mut()
                .for_each(|x| *x = *x * 3.0 + 1.0);
        }
    }
    let [after, with_other_c] = chosen(&training_data);
    assert_eq!(before, after);
    // Where it is among those that choose, it counts.
    assert_ne!(
        (with_c.general, with_c.relative),
        (with_other_c.general, with_other_c.relative)
    );
}

#[test]
fn leaving_a_corpus_out_scores_every_ground_and_the_card_begins_with_it() {
    let one = left_out(1);
    assert_eq!(
        serde_json::to_string(&one).unwrap(),
        serde_json::to_string(&left_out(3)).unwrap()
    );
    // Three plain systems, the paper's four, five grounds in two bands, four with settings chosen inside, and one emotion; two corpora and their mean.
    assert_eq!(one.entries.len(), 22 * 3);
    let of = |system: System, corpus: Option<&str>| {
        let mut found = one
            .entries
            .iter()
            .filter(|e| e.system == system && e.corpus.as_deref() == corpus);
        found.next().unwrap()
    };
    let alone = System::Ground {
        basis: Basis::Alone,
        band: 0,
    };
    let uar = |corpus| of(alone, corpus).uar.value;
    assert!((uar(None) - (uar(Some("a")) + uar(Some("b"))) / 2.0).abs() < 1e-12);
    let counted = |basis: Basis| {
        of(System::Ground { basis, band: 0 }, Some("a"))
            .confusion
            .as_ref()
            .unwrap()
            .recordings()
    };
    assert_eq!(Basis::ALL.map(counted), [108, 108, 102, 90, 108]);
    assert!(
        one.render()
            .contains("| telephone: the speaker's recordings, unlabelled |")
    );
    let mut csv = Vec::new();
    one.write_csv(&mut csv).unwrap();
    assert_eq!(String::from_utf8(csv).unwrap().lines().count(), 67);

    let (mut classifier, _) = trained();
    let known = |classifier: &Classifier| classifier.bands[0].of(Basis::CalmClips).clone();
    assert!(!known(&classifier).percentages && known(&classifier).right.is_none());
    one.teach(&mut classifier);
    // Percentages and abstention stand where every corpus left out bears them out, and nowhere else.
    for (number, band) in classifier.bands.iter().enumerate() {
        for known in &band.reliability {
            let system = System::Ground {
                basis: known.basis,
                band: number,
            };
            let tests = ["a", "b"].map(|corpus| of(system, Some(corpus)));
            let errors = tests.map(|test| test.answers.unwrap().expected_error);
            let gains =
                tests.map(|test| test.answers.unwrap().uar_of_answered > Some(test.uar.value));
            let near = errors.iter().all(|e| *e <= 0.1);
            assert_eq!(known.percentages, near && gains == [true; 2]);
            assert!(gains == [true; 2] || known.threshold == 0.0);
            let (low, high) = known.right.unwrap();
            assert!(0.0 < low && low <= high && high <= 1.0);
        }
    }
    let card = super::card::card(&classifier, Some(&one));
    for part in [
        "Article 5(1)(f)",
        "On corpora that it was not trained on",
        "## The data",
        "| one recording, nothing else known | a | 108 | 6 |",
        "female speakers",
        "ECE",
        "When it does not answer",
        "Known failures",
        "telephone speech",
    ] {
        assert!(card.contains(part), "{part} is missing:\n{card}");
    }
    assert!(super::card::card(&classifier, None).contains("Not measured for this model"));
}
