//! Damaged models and plans end in a model, a plan or an error: what targets `model` and `plan` of `fuzz` look for, without coverage to guide it. Many more:
//! `SER_MUTATIONS=1000000 cargo test --release -p ser --test model_mutations`.
//!
//! The models of tests/models/small are of 60 made-up rows with three columns a, b, c, two labels and six speakers: `ser train own.csv --labels anger,neutral
//! --no-validation`, with `--model pca`, with `--svc liblinear`, and with `--target a` in place of the labels.

#![cfg(feature = "models")]

mod mutate;

use std::path::Path;

use ser_models::classify::Classifier;
use ser_models::model::file::Saved;
use ser_study::evaluate::plan::Plan;

fn files(folder: &str, extension: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

#[test]
fn damaged_models_are_read_or_refused() {
    let models = files("tests/models/small", "safetensors");
    assert!(models.len() >= 3);
    let mut seen = 0;
    mutate::each(20_000, 3, &models, |_, bytes| {
        if let Ok(saved) = Saved::from_bytes(bytes) {
            let again = saved.to_bytes().unwrap();
            assert!(Saved::from_bytes(&again).is_ok());
            seen += 1;
        }
        if let Ok(classifier) = Classifier::from_bytes(bytes) {
            let again = classifier.to_bytes().unwrap();
            assert!(Classifier::from_bytes(&again).is_ok());
        }
    });
    println!("{seen} were models still");
    assert!(seen > 0);
}

#[test]
fn damaged_plans_are_read_or_refused() {
    let mut plans = files("assets/plans", "toml");
    let every = Plan::default();
    plans.push(toml::to_string(&every).unwrap().into_bytes());
    let mut seen = 0;
    mutate::each(20_000, 4, &plans, |_, bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return;
        };
        if let Ok(plan) = Plan::parse(text)
            && plan.check().is_ok()
        {
            assert!(plan.folds <= 1_000_000 && plan.resamples <= 1_000_000);
            let again = Plan::parse(&toml::to_string(&plan).unwrap()).unwrap();
            assert!(again == plan && again.check().is_ok());
            seen += 1;
        }
    });
    println!("{seen} were plans still");
    assert!(seen > 0);
}
