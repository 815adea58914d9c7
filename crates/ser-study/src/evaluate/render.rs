//! An evaluation as text: for the terminal, and as a csv table.

use std::fmt::Write;

use super::choice::Choice;
use super::result::{Claim, Effect, Evaluation, Experiment, OverSeeds, Role, SetScores};
use ser_models::score::interval::Score;
use ser_tables::{aligned, counted, fixed};

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
        for block in self.experiments.chunk_by(|a, b| head(a) == head(b)) {
            let mut rows = vec![set_names(&block[0].scores)];
            for experiment in block {
                rows.push(row(
                    &experiment.model,
                    experiment.scores.iter().map(|of| told(&of.uar)),
                ));
                rows.extend(single(&experiment.scores));
                rows.extend(choices(experiment));
            }
            let _ = write!(text, "\n{}\n{}", head(&block[0]), aligned(&rows));
        }
    }

    fn render_over_seeds(&self, text: &mut String) {
        let head = |group: &OverSeeds| {
            format!(
                "{} · normalisation {} · outliers {} · SVC {} · mean of {} seeds ± standard deviation over seeds · chance {:.2}",
                group.name,
                group.normalisation,
                self.plan.outliers.name(),
                self.plan.solver(),
                group.seeds.len(),
                1.0 / group.classes.len() as f64
            )
        };
        for block in self.over_seeds.chunk_by(|a, b| head(a) == head(b)) {
            let mut rows = vec![set_names(&block[0].scores)];
            for group in block {
                rows.push(row(&group.model, group.scores.iter().map(told_over_seeds)));
                rows.extend(single(&group.scores));
            }
            let _ = write!(text, "\n{}\n{}", head(&block[0]), aligned(&rows));
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
        let rows = self.ceilings.iter().map(|ceiling| {
            let recordings = counted(ceiling.recordings, "recording");
            row(
                &ceiling.corpus,
                [format!("{} ({recordings})", told(&ceiling.uar))],
            )
        });
        text.push_str(&aligned(&rows.collect::<Vec<_>>()));
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
        let rows = self.parts.iter().filter_map(|parts| {
            let worst = parts.parts.iter().find(|part| part.part == parts.worst)?;
            let gap = parts.gap.as_ref().map_or(String::new(), |gap| {
                format!("; {} below the best group", told(gap))
            });
            let score = format!("{} {}{gap}", parts.worst, told(&worst.uar));
            Some(row(
                &parts.set,
                [parts.model.clone(), format!("by {}", parts.by), score],
            ))
        });
        text.push_str(&aligned(&rows.collect::<Vec<_>>()));
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
        let names = [
            "tested on",
            "model",
            "alignment",
            "UAR",
            "recordings, speakers",
        ];
        let mut rows = vec![row("trained on", names.map(str::to_owned))];
        rows.extend(self.matrix.iter().map(|entry| {
            let counts = format!("{}, {}", entry.recordings, entry.speakers);
            row(
                &entry.train,
                [
                    entry.test.clone(),
                    entry.model.clone(),
                    entry.alignment.clone(),
                    told(&entry.uar),
                    counts,
                ],
            )
        }));
        text.push_str(&aligned(&rows));
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

/// A row of a table, with its name in front.
fn row(name: &str, cells: impl IntoIterator<Item = String>) -> Vec<String> {
    std::iter::once(name.to_owned()).chain(cells).collect()
}

/// The settings that each fold chose, where the plan has candidates.
fn choices(experiment: &Experiment) -> Option<Vec<String>> {
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
    let any = chosen.iter().any(|chosen| !chosen.is_empty());
    any.then(|| row("", [format!("chosen by fold: {}", chosen.join("; "))]))
}

/// What the same models reach one recording at a time, where a score rests on more than that.
fn single(scores: &[SetScores]) -> Option<Vec<String>> {
    let singles = scores.iter().map(|scores| &scores.single);
    if singles.clone().all(Option::is_none) {
        return None;
    }
    let told = singles.map(|single| single.as_ref().map_or("–".into(), told));
    let remark = "`ser classify` of a single recording".to_string();
    Some(row("", told.chain([remark])))
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

fn set_names(scores: &[SetScores]) -> Vec<String> {
    let names = scores
        .iter()
        .map(|scores| format!("{} ({})", scores.set, scores.recordings));
    row("", names)
}

/// The mean of some seeds with their standard deviation and interval.
fn told_over_seeds(scores: &SetScores) -> String {
    let spread = scores.over_seeds.map_or(0.0, |spread| spread.uar);
    let ends = scores.uar.interval.map_or(String::new(), |interval| {
        format!(" [{:.3}, {:.3}]", interval.low, interval.high)
    });
    format!("{:.3} ± {spread:.3}{ends}", scores.uar.value)
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
