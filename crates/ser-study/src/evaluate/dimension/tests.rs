use super::*;
use ser_models::model::random::Random;
use ser_tables::labelled::LabelledRow;

/// Corpora of six speakers with ten recordings each, whose number is a sum of two features with noise; each corpus's features are shifted.
fn table(shifts: &[f64]) -> Labelled {
    let mut random = Random::new(1, "dimension");
    let mut table = Labelled {
        columns: ["a", "b", "c"].map(String::from).to_vec(),
        ..Labelled::default()
    };
    for (corpus, shift) in shifts.iter().enumerate() {
        for take in 0..60 {
            let x: Vec<f64> = (0..3).map(|_| random.normal()).collect();
            table.rows.push(LabelledRow {
                file: format!("{corpus}-{take}.wav"),
                corpus: format!("corpus {corpus}"),
                speaker: Some((take / 10).to_string()),
                target: Some(3.0 + x[0] + x[1] + 0.5 * random.normal()),
                ..LabelledRow::default()
            });
            table.values.extend(x.iter().map(|x| (x + shift) as f32));
        }
    }
    table
}

fn plan(penalties: &[f64]) -> Plan {
    Plan {
        target: Some("arousal".into()),
        train: "corpus 0".into(),
        transfer: vec!["*".into()],
        folds: 3,
        penalties: penalties.to_vec(),
        ..Plan::default()
    }
}

#[test]
fn a_number_that_features_carry_is_predicted_and_the_mean_is_chance() {
    let found = evaluate(&table(&[0.0, 0.0]), &plan(&[1.0]), 2, &|| ()).unwrap();
    for set in &found.experiments[0].scores {
        let ccc = set.ccc.as_ref().unwrap();
        assert!(
            ccc.value > 0.85 && ccc.interval.unwrap().low > 0.7,
            "{set:?}"
        );
        assert!(set.pearson.as_ref().unwrap().value >= ccc.value);
        let (rmse, of_mean) = (
            set.rmse.as_ref().unwrap(),
            set.rmse_of_mean.as_ref().unwrap(),
        );
        assert!(rmse.value < 0.7 && of_mean.value > 1.2);
        assert!((set.recordings, set.speakers) == (60, 6) && set.single.is_none());
    }
    let text = found.render();
    assert!(
        text.contains("arousal of corpus 0") && text.contains("corpus 1 (60)"),
        "{text}"
    );
    // Noise instead of the numbers: nothing is predicted, and the interval says so.
    let mut noise = table(&[0.0, 0.0]);
    let mut random = Random::new(2, "noise");
    noise
        .rows
        .iter_mut()
        .for_each(|row| row.target = Some(random.normal()));
    let found = evaluate(&noise, &plan(&[1.0]), 1, &|| ()).unwrap();
    let ccc = found.experiments[0].scores[0].ccc.unwrap();
    assert!(
        ccc.value.abs() < 0.3 && ccc.interval.unwrap().low < 0.05,
        "{ccc:?}"
    );
}

#[test]
fn a_shifted_corpus_needs_its_own_statistics_and_the_result_says_what_one_recording_reaches() {
    let plan = Plan {
        normalisations: vec![Statistics::Corpus],
        ..plan(&[1.0])
    };
    let found = evaluate(&table(&[0.0, 5.0]), &plan, 1, &|| ()).unwrap();
    let other = &found.experiments[0].scores[1];
    assert!(
        other.ccc.unwrap().value > 0.8 && other.single.unwrap().value < 0.3,
        "{other:?}"
    );
    assert!(
        found
            .render()
            .contains("`ser classify` of a single recording")
    );
}

#[test]
fn the_penalty_is_chosen_inside_the_fold_and_does_not_change_with_what_is_tested() {
    let clean = table(&[0.0]);
    let chosen = |table: &Labelled| {
        let plan = Plan {
            transfer: Vec::new(),
            ..plan(&[1e-3, 1.0, 1e6])
        };
        let found = evaluate(table, &plan, 2, &|| ()).unwrap();
        let folds = found.experiments[0].folds.iter();
        folds.filter_map(|fold| fold.penalty).collect::<Vec<f64>>()
    };
    let before = chosen(&clean);
    assert!(before.iter().all(|penalty| *penalty < 1e6), "{before:?}");
    let rows = of_corpus(&clean, "corpus 0");
    let (_, tests) = folds(
        &clean,
        &rows,
        Protocol::SpeakerIndependent,
        3,
        1,
        &mut Vec::new(),
    )
    .unwrap();
    let mut planted = clean.clone();
    for &row in &tests[0] {
        planted.rows[row].target = Some(-1e3 * row as f64);
        for column in 0..3 {
            planted.values[3 * row + column] = 1e3;
        }
    }
    assert_eq!(chosen(&planted)[0], before[0]);
}

#[test]
fn an_interval_holds_nineteen_of_twenty_numbers_of_speakers_left_out() {
    // Ten times sixty recordings of sixty speakers, as one corpus.
    let mut table = table(&[0.0; 10]);
    for (number, row) in table.rows.iter_mut().enumerate() {
        row.corpus = "corpus 0".into();
        row.speaker = Some((number / 10).to_string());
    }
    let (train, fresh): (Vec<usize>, Vec<usize>) = (0..600).partition(|row| *row < 400);
    let plan = plan(&[1.0]);
    let recipe = recipe(&plan, Representation::Raw, Statistics::Train);
    let pipeline = recipe
        .fit_numbers((&table, &train), "arousal", 1, &mut |_| {})
        .unwrap();
    let learnt = teach((&table, &train), (&plan, &recipe, &pipeline), 1, 1, None).unwrap();
    let spread = learnt.trust.spread[0];
    assert!(
        spread.ccc.0 > 0.8 && (0.6..1.8).contains(&spread.half_width),
        "{spread:?}"
    );
    let held = fresh
        .iter()
        .zip(pipeline.values(&table, &fresh))
        .filter(|(row, value)| {
            (table.rows[**row].target.unwrap() - value).abs() <= spread.half_width
        });
    // 190 of 200, give or take three standard deviations.
    assert!((180..=200).contains(&held.count()));
    let card = card("mine", &pipeline, &Default::default(), Some(&learnt));
    assert!(
        card.contains("Predicts: arousal") && card.contains("| all | 400 | 40 |"),
        "{card}"
    );
}

#[test]
fn the_latents_of_an_autoencoder_can_carry_the_number() {
    let mut plan = Plan {
        transfer: Vec::new(),
        models: vec![Representation::Uae],
        ..plan(&[0.1, 10.0])
    };
    plan.autoencoder.hidden = vec![8];
    plan.autoencoder.latent = 3;
    plan.autoencoder.epochs = 150;
    plan.autoencoder.batch = 8;
    let found = evaluate(&table(&[0.0]), &plan, 2, &|| ()).unwrap();
    let ccc = found.experiments[0].scores[0].ccc.unwrap();
    assert!(ccc.value > 0.5, "{ccc:?}");
}
