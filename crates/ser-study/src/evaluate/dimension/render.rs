//! The scores of a dimension as text for a terminal, and as csv.

use std::fmt::Write;

use super::{Evaluation, Experiment, FoldFacts};
use crate::evaluate::render::told;
use ser_models::score::interval::Score;
use ser_tables::aligned;

impl Evaluation {
    /// The result for a terminal.
    pub fn render(&self) -> String {
        let mut text = String::new();
        for warning in &self.warnings {
            let _ = writeln!(text, "note: {warning}");
        }
        let _ = writeln!(
            text,
            "{} of {}: concordance correlation coefficient (CCC), Pearson's r and root mean square error with 95 % intervals by a bootstrap over speakers; the mean of the training rows has CCC 0",
            self.target, self.train
        );
        for experiment in &self.experiments {
            render(&mut text, experiment);
        }
        text
    }

    /// One line per experiment, set and score, as csv.
    ///
    /// # Errors
    /// What the target says.
    pub fn write_csv(&self, target: &mut dyn std::io::Write) -> Result<(), csv::Error> {
        let mut writer = csv::Writer::from_writer(target);
        let head = "target,protocol,mixes_speakers,model,normalisation,seed,set,score,value,low,high,interval,recordings,speakers";
        writer.write_record(head.split(','))?;
        for experiment in &self.experiments {
            for set in &experiment.scores {
                let scores = [
                    ("ccc", &set.ccc),
                    ("pearson", &set.pearson),
                    ("rmse", &set.rmse),
                    ("rmse_of_mean", &set.rmse_of_mean),
                    ("ccc_single", &set.single),
                ];
                for (name, score) in scores {
                    let Some(score) = score else { continue };
                    let end = |end: Option<f64>| end.map(|x| x.to_string()).unwrap_or_default();
                    writer.write_record([
                        self.target.clone(),
                        experiment.protocol.clone(),
                        experiment.mixes_speakers.to_string(),
                        experiment.model.clone(),
                        experiment.normalisation.clone(),
                        experiment.seed.to_string(),
                        set.set.clone(),
                        name.to_string(),
                        score.value.to_string(),
                        end(score.interval.map(|interval| interval.low)),
                        end(score.interval.map(|interval| interval.high)),
                        score.method.to_string(),
                        set.recordings.to_string(),
                        set.speakers.to_string(),
                    ])?;
                }
            }
        }
        writer.flush()?;
        Ok(())
    }
}

fn render(text: &mut String, experiment: &Experiment) {
    let _ = writeln!(
        text,
        "\n{} · {} · normalisation {} · seed {}",
        experiment.model, experiment.protocol, experiment.normalisation, experiment.seed
    );
    let mut rows = vec![
        ["", "CCC", "r", "RMSE", "RMSE of the mean"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for set in &experiment.scores {
        let one = |score: &Option<Score>| score.as_ref().map_or("–".into(), told);
        let scores = [&set.ccc, &set.pearson, &set.rmse, &set.rmse_of_mean].map(one);
        let name = format!("{} ({})", set.set, set.recordings);
        rows.push([vec![name], scores.to_vec()].concat());
        if let Some(single) = &set.single {
            let remark = "`ser classify` of a single recording".to_owned();
            rows.push(vec![String::new(), told(single), remark]);
        }
    }
    text.push_str(&aligned(&rows));
    let chosen: Vec<String> = experiment.folds.iter().map(setting).collect();
    let name = match experiment.folds.iter().any(|fold| fold.price.is_some()) {
        true => "C",
        false => "penalty",
    };
    let _ = writeln!(text, "  {name} by fold: {}", chosen.join(", "));
}

/// The settings of a fold, in a word or two.
fn setting(fold: &FoldFacts) -> String {
    let setting = fold.price.or(fold.penalty).unwrap_or_default();
    match &fold.chosen_autoencoder {
        None => setting.to_string(),
        Some(network) => format!("{setting} ({})", crate::evaluate::choice::told(network)),
    }
}
