//! An evaluation as text: for the terminal, and as a csv table.

use std::fmt::Write;

use super::choice::Choice;
use super::result::{Claim, Effect, Evaluation, Experiment, Role, SetScores};
use ser_models::score::interval::Score;
use ser_tables::{counted, fixed};

impl Evaluation {
    /// The whole result for a terminal.
    pub fn render(&self) -> String {
        let mut text = String::new();
        self.render_head(&mut text);
        if self.over_seeds.is_empty() {
            self.render_experiments(&mut text);
        } else {
            self.render_over_seeds(&mut text);
        }
        self.render_ceilings(&mut text);
        self.render_parts(&mut text);
        self.render_matrix(&mut text);
        self.render_claims(&mut text);
        text
    }

    fn render_experiments(&self, text: &mut String) {
        let mut headed = None;
        for experiment in &self.experiments {
            let head = head(experiment);
            if headed.as_ref() != Some(&head) {
                let _ = write!(text, "\n{head}\n{}", set_names(&experiment.scores));
                headed = Some(head);
            }
            let scores: Vec<String> = experiment
                .scores
                .iter()
                .map(|scores| format!("{:<24}", told(&scores.uar)))
                .collect();
            let _ = writeln!(
                text,
                "  {:<6}{}",
                experiment.model,
                scores.join(" ").trim_end()
            );
            render_single(text, &experiment.scores, 24);
            render_choices(text, experiment);
        }
    }

    fn render_over_seeds(&self, text: &mut String) {
        let mut headed = None;
        for group in &self.over_seeds {
            let head = format!(
                "{} · normalisation {} · outliers {} · SVC {} · mean of {} seeds ± standard deviation over seeds · chance {:.2}",
                group.name,
                group.normalisation,
                self.plan.outliers.name(),
                self.plan.solver(),
                group.seeds.len(),
                1.0 / group.classes.len() as f64
            );
            if headed.as_ref() != Some(&head) {
                let _ = write!(text, "\n{head}\n{}", set_names(&group.scores));
                headed = Some(head);
            }
            let told = |scores: &SetScores| {
                let spread = scores.over_seeds.map_or(0.0, |spread| spread.uar);
                let ends = scores.uar.interval.map_or(String::new(), |interval| {
                    format!(" [{:.3}, {:.3}]", interval.low, interval.high)
                });
                format!(
                    "{:<28}",
                    format!("{:.3} ± {spread:.3}{ends}", scores.uar.value)
                )
            };
            let scores: Vec<String> = group.scores.iter().map(told).collect();
            let _ = writeln!(text, "  {:<6}{}", group.model, scores.join(" ").trim_end());
            render_single(text, &group.scores, 28);
        }
    }

    fn render_head(&self, text: &mut String) {
        if !self.plan.title.is_empty() {
            let _ = writeln!(text, "{}", self.plan.title);
        }
        for corpus in &self.corpora {
            let role = match corpus.role {
                Role::Train => "training",
                Role::Transfer => "transfer",
            };
            let classes: Vec<String> = corpus
                .per_class
                .iter()
                .map(|class| format!("{} {}", class.class, class.rows))
                .collect();
            let removed = match corpus.removed {
                0 => String::new(),
                n => format!("; {n} removed as outliers"),
            };
            let speakers = match corpus.speakers {
                0 => "speakers unknown".into(),
                n => counted(n, "speaker"),
            };
            let _ = writeln!(
                text,
                "{role:<9} {}: {}, {speakers} ({}){removed}",
                corpus.name,
                counted(corpus.rows, "recording"),
                classes.join(", ")
            );
        }
        for warning in &self.warnings {
            let _ = writeln!(text, "note: {warning}");
        }
        let _ = writeln!(
            text,
            "\nUnweighted average recall with its 95 % interval, {}",
            match self.over_seeds.is_empty() {
                true => "a bootstrap over speakers",
                false => "a bootstrap over speakers and seeds",
            }
        );
    }

    fn render_ceilings(&self, text: &mut String) {
        if self.ceilings.is_empty() {
            return;
        }
        let _ = writeln!(
            text,
            "\nThe corpora's own listeners: unweighted average recall of one of them, a ceiling for the models"
        );
        for ceiling in &self.ceilings {
            let _ = writeln!(
                text,
                "  {:<12}{} ({})",
                ceiling.corpus,
                told(&ceiling.uar),
                counted(ceiling.recordings, "recording")
            );
        }
    }

    fn render_parts(&self, text: &mut String) {
        let Some(first) = self.parts.first() else {
            return;
        };
        let _ = writeln!(
            text,
            "\nBy gender and speaker ({}, seed {}): the group with the lowest score",
            first.experiment, self.plan.seeds[0]
        );
        for parts in &self.parts {
            let Some(worst) = parts.parts.iter().find(|part| part.part == parts.worst) else {
                continue;
            };
            let gap = parts.gap.as_ref().map_or(String::new(), |gap| {
                format!("; {} below the best group", told(gap))
            });
            let _ = writeln!(
                text,
                "  {:<12}{:<6}by {:<8} {} {}{gap}",
                parts.set,
                parts.model,
                parts.by,
                parts.worst,
                told(&worst.uar)
            );
        }
    }

    fn render_matrix(&self, text: &mut String) {
        let Some(first) = self.matrix.first() else {
            return;
        };
        let _ = writeln!(
            text,
            "\nTransfer matrix: trained on one corpus, tested on another, chance {:.2}; bootstrap over speakers",
            first.chance
        );
        let _ = writeln!(
            text,
            "  {:<12}{:<12}{:<7}{:<16}{:<20} recordings, speakers",
            "trained on", "tested on", "model", "alignment", "UAR"
        );
        for entry in &self.matrix {
            let _ = writeln!(
                text,
                "  {:<12}{:<12}{:<7}{:<16}{:<20} {}, {}",
                entry.train,
                entry.test,
                entry.model,
                entry.alignment,
                told(&entry.uar),
                entry.recordings,
                entry.speakers
            );
        }
    }

    fn render_claims(&self, text: &mut String) {
        if self.claims.is_empty() {
            return;
        }
        let _ = writeln!(
            text,
            "\nThe paper's sentences, each tested over speakers and seeds; p is Holm-corrected for their number"
        );
        for claim in &self.claims {
            let _ = writeln!(text, "  {}. \"{}\"", claim.number, claim.sentence);
            let _ = writeln!(text, "     {}{}", claim.verdict.name(), claim.strength());
            let _ = writeln!(text, "     {}", claim.evidence);
        }
    }

    /// One line per experiment and set, as csv.
    ///
    /// # Errors
    /// What the target says.
    pub fn write_csv(&self, target: &mut dyn std::io::Write) -> Result<(), csv::Error> {
        let mut writer = csv::Writer::from_writer(target);
        let head = "experiment,protocol,mixes_speakers,classes,model,solver,normalisation,outliers,seed,set,score,value,low,high,interval,recordings,speakers,chance";
        writer.write_record(head.split(','))?;
        for experiment in &self.experiments {
            for set in &experiment.scores {
                let recalls = experiment
                    .classes
                    .iter()
                    .zip(&set.recall)
                    .map(|(class, score)| (format!("recall of {class}"), score));
                let named = [
                    ("uar", &set.uar),
                    ("accuracy", &set.accuracy),
                    ("macro_f1", &set.macro_f1),
                ];
                let single = set.single.iter();
                let single = single.map(|score| ("uar_single".to_string(), score));
                let all = named
                    .map(|(name, score)| (name.to_string(), score))
                    .into_iter()
                    .chain(single)
                    .chain(recalls);
                for (name, score) in all {
                    let mut record: Vec<String> = vec![
                        experiment.name.clone(),
                        experiment.protocol.clone(),
                        experiment.mixes_speakers.to_string(),
                        experiment.classes.join("-"),
                        experiment.model.clone(),
                        experiment.solver.clone(),
                        experiment.normalisation.clone(),
                        experiment.outliers.clone(),
                        experiment.seed.to_string(),
                        set.set.clone(),
                        name,
                    ];
                    record.extend(numbers(score));
                    record.extend([
                        set.recordings.to_string(),
                        set.speakers.to_string(),
                        set.chance.to_string(),
                    ]);
                    writer.write_record(&record)?;
                }
            }
        }
        for entry in &self.matrix {
            let mut record: Vec<String> = vec![
                format!("transfer matrix: {}", entry.train),
                entry.alignment.clone(),
                "false".into(),
                self.classes.join("-"),
                entry.model.clone(),
                self.plan.solver().into(),
                entry.alignment.clone(),
                self.plan.outliers.name().into(),
                self.plan.seeds[0].to_string(),
                entry.test.clone(),
                "uar".into(),
            ];
            record.extend(numbers(&entry.uar));
            record.extend([
                entry.recordings.to_string(),
                entry.speakers.to_string(),
                entry.chance.to_string(),
            ]);
            writer.write_record(&record)?;
        }
        writer.flush()?;
        Ok(())
    }
}

impl Claim {
    /// The weakest comparison of a claim with its p value, as in ": UAE − DAE 1.2 [0.4, 2.1], should be > 0.0; p = 0.020; point estimates agree in 9 of 10 seeds"; empty where
    /// it was not tested.
    pub fn strength(&self) -> String {
        let (Some(effect), Some(p)) = (&self.effect, self.p_holm) else {
            return String::new();
        };
        let p = match p < 0.001 {
            true => "p < 0.001".to_string(),
            false => format!("p = {p:.3}"),
        };
        let seeds = match self.seeds {
            Some((held, seeds)) if seeds > 1 => {
                format!("; point estimates agree in {held} of {seeds} seeds")
            }
            _ => String::new(),
        };
        format!(": {}; {p}{seeds}", effect.told())
    }
}

impl Effect {
    /// The number with its interval and the bound that it has to pass.
    pub fn told(&self) -> String {
        let (factor, decimals) = match self.unit.as_str() {
            "points" => (100.0, 1),
            "degrees" => (1.0, 0),
            _ => (1.0, 2),
        };
        let one = |x: f64| fixed(factor * x, decimals).replace('-', "−");
        let interval = self.interval.map_or(String::new(), |interval| {
            format!(" [{}, {}]", one(interval.low), one(interval.high))
        });
        let size = self.standardised.map_or(String::new(), |d| {
            let d = fixed(d, 2).replace('-', "−");
            format!(", d = {d} over {} speakers", self.speakers)
        });
        format!(
            "{} {}{interval}, should be {} {}{size}",
            self.of,
            one(self.value),
            self.side.sign(),
            one(self.bound)
        )
    }
}

/// Value, interval and its method as csv fields.
fn numbers(score: &Score) -> [String; 4] {
    let end = |end: Option<f64>| end.map(|x| x.to_string()).unwrap_or_default();
    [
        score.value.to_string(),
        end(score.interval.as_ref().map(|interval| interval.low)),
        end(score.interval.as_ref().map(|interval| interval.high)),
        score.method.to_string(),
    ]
}

/// The settings that each fold chose, where the plan has candidates.
fn render_choices(text: &mut String, experiment: &Experiment) {
    let chosen: Vec<String> = experiment
        .folds
        .iter()
        .map(|fold| {
            let choice = Choice {
                c: fold.chosen_c,
                autoencoder: fold.chosen_autoencoder.clone(),
            };
            choice.to_string()
        })
        .collect();
    if chosen.iter().any(|chosen| !chosen.is_empty()) {
        let _ = writeln!(text, "        chosen by fold: {}", chosen.join("; "));
    }
}

/// What the same models reach one recording at a time, where a score rests on more than that.
fn render_single(text: &mut String, scores: &[SetScores], width: usize) {
    let singles = scores.iter().map(|scores| &scores.single);
    if singles.clone().all(Option::is_none) {
        return;
    }
    let told: Vec<String> = singles
        .map(|single| format!("{:<width$}", single.as_ref().map_or("–".into(), told)))
        .collect();
    let _ = writeln!(
        text,
        "  {:<6}{}  `ser classify` of a single recording",
        "",
        told.join(" ").trim_end()
    );
}

/// What experiments of a block have in common.
fn head(experiment: &Experiment) -> String {
    format!(
        "{} · normalisation {} · outliers {} · SVC {} · seed {} · chance {:.2}",
        experiment.name,
        experiment.normalisation,
        experiment.outliers,
        experiment.solver,
        experiment.seed,
        1.0 / experiment.classes.len() as f64
    )
}

fn set_names(scores: &[SetScores]) -> String {
    let width = match scores.first().is_some_and(|s| s.over_seeds.is_some()) {
        true => 28,
        false => 24,
    };
    let names = scores.iter().map(|scores| {
        format!(
            "{:<width$}",
            format!("{} ({})", scores.set, scores.recordings)
        )
    });
    format!(
        "  {:<6}{}\n",
        "",
        names.collect::<Vec<_>>().join(" ").trim_end()
    )
}

/// A score with its interval.
pub(crate) fn told(score: &Score) -> String {
    match &score.interval {
        Some(interval) => format!(
            "{} [{}, {}]",
            fixed(score.value, 3),
            fixed(interval.low, 3),
            fixed(interval.high, 3)
        ),
        None => fixed(score.value, 3),
    }
}
