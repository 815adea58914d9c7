//! The paper's eight claims, judged by the numbers at hand.
//!
//! Each verdict follows a rule that stands beside it. "≈" and "best" are judged by means; where the intervals of the scores compared overlap, the evidence
//! shows it. Numbers are those of the plan's first protocol, normalisation and seed, as the paper's are.
//!
//! S. Das, N. N. Lønfeldt, A. K. Pagsberg, L. H. Clemmensen (2021), "Towards interpretable and transferable speech emotion recognition".

use super::design::{initials, triads};
use super::render::told;
use super::result::{Claim, Experiment, Verdict};
use super::study::Study;
use ser_models::score::interval::Score;

/// Scores nearer than this count as equal: two points of UAR.
const ALIKE: f64 = 0.02;

/// Languages count as another if they differ from that of the training corpus; corpora without one are left out.
struct Evidence<'a> {
    study: &'a Study,
    experiments: &'a [Experiment],
}

/// Whether a claim holds, with the numbers; none where they do not say.
type Judged = Option<(bool, String)>;

/// All claims.
pub fn claims(study: &Study, experiments: &[Experiment]) -> Vec<Claim> {
    let evidence = Evidence { study, experiments };
    let judged = [
        (
            "on training and validation rows the raw features beat every 2-D representation",
            evidence.raw_is_best(),
        ),
        (
            "there, PCA and UAE are alike, and DAE is not above them",
            evidence.pca_like_uae(),
        ),
        (
            "under transfer, UAE and DAE lose least",
            evidence.autoencoders_lose_least(),
        ),
        (
            "scores fall for other languages",
            evidence.other_languages(),
        ),
        (
            "N-S-A is the best triad and S-H-A the worst",
            evidence.triads(),
        ),
        (
            "anger is found best and happiness worst",
            evidence.anger_best(),
        ),
        (
            "a latent dimension follows activation",
            evidence.activation(),
        ),
        (
            "anger's strongest groups are loudness, flux and slope; sadness's are formants, jitter, shimmer and HNR",
            evidence.groups(),
        ),
    ];
    let claim = |(number, (claim, judged)): (usize, (&str, Judged))| {
        let (verdict, evidence) = match judged {
            Some((true, evidence)) => (Verdict::Holds, evidence),
            Some((false, evidence)) => (Verdict::Fails, evidence),
            None => (Verdict::Untold, missing(number + 1).into()),
        };
        Claim {
            number: number + 1,
            claim: claim.into(),
            verdict,
            evidence,
        }
    };
    judged.into_iter().enumerate().map(claim).collect()
}

/// What a claim takes that is not there.
fn missing(number: usize) -> &'static str {
    match number {
        1 | 2 => "it takes raw, pca, uae and dae",
        3 => "it takes raw, pca, uae and dae, and a transfer corpus",
        4 => "it takes transfer corpora of the same language as the training corpus and of others",
        5 => "it takes triads = true with neutral, sad, happy and angry, and dae",
        6 => "it takes dae with happy and angry",
        7 => "no corpus here has activation labels",
        _ => "it takes an explanation of dae with sad and angry",
    }
}

impl Evidence<'_> {
    /// The experiment of all classes with a representation.
    fn of(&self, model: &str) -> Option<&Experiment> {
        self.experiments
            .iter()
            .find(|e| e.model == model && e.classes == self.study.plan.classes)
    }

    fn uar(&self, model: &str, set: &str) -> Option<Score> {
        Some(self.of(model)?.scores_of(set)?.uar)
    }

    /// (1) Raw's mean is the highest on both sets.
    fn raw_is_best(&self) -> Judged {
        let mut holds = true;
        let mut evidence = Vec::new();
        for set in ["train", "valid"] {
            let raw = self.uar("raw", set)?;
            let others =
                ["pca", "uae", "dae"].map(|model| self.uar(model, set).map(|score| (model, score)));
            let others: Vec<(&str, Score)> = others.into_iter().collect::<Option<_>>()?;
            holds &= others.iter().all(|(_, score)| raw.value > score.value);
            let listed: Vec<String> = others
                .iter()
                .map(|(model, score)| format!("{model} {}", told(score)))
                .collect();
            evidence.push(format!(
                "{set}: raw {} against {}",
                told(&raw),
                listed.join(", ")
            ));
        }
        Some((holds, evidence.join("; ")))
    }

    /// (2) PCA and UAE within two points, DAE at most two points above either, on both sets.
    fn pca_like_uae(&self) -> Judged {
        let mut holds = true;
        let mut evidence = Vec::new();
        for set in ["train", "valid"] {
            let (pca, uae, dae) = (
                self.uar("pca", set)?,
                self.uar("uae", set)?,
                self.uar("dae", set)?,
            );
            holds &= (pca.value - uae.value).abs() <= ALIKE
                && dae.value <= pca.value.min(uae.value) + ALIKE;
            evidence.push(format!(
                "{set}: pca {}, uae {}, dae {}",
                told(&pca),
                told(&uae),
                told(&dae)
            ));
        }
        Some((
            holds,
            format!("{} (alike: within {ALIKE})", evidence.join("; ")),
        ))
    }

    /// (3) The fall from validation to the mean of the transfer corpora is smaller for UAE and DAE than for raw and PCA.
    fn autoencoders_lose_least(&self) -> Judged {
        let corpora = &self.study.plan.transfer;
        if corpora.is_empty() {
            return None;
        }
        let fall = |model| {
            let transfer: Option<f64> = corpora
                .iter()
                .map(|corpus| self.uar(model, corpus).map(|score| score.value))
                .sum();
            Some((
                self.uar(model, "valid")?.value,
                transfer? / corpora.len() as f64,
            ))
        };
        let all = ["raw", "pca", "uae", "dae"].map(|model| fall(model).map(|fall| (model, fall)));
        let all: Vec<(&str, (f64, f64))> = all.into_iter().collect::<Option<_>>()?;
        let lost = |k: usize| all[k].1.0 - all[k].1.1;
        let holds = lost(2).max(lost(3)) < lost(0).min(lost(1));
        let listed = all.iter().map(|(model, (valid, transfer))| {
            format!(
                "{model} {valid:.3} → {transfer:.3} ({:+.3})",
                transfer - valid
            )
        });
        Some((
            holds,
            format!(
                "validation → mean of transfer: {}",
                listed.collect::<Vec<_>>().join(", ")
            ),
        ))
    }

    /// (4) The mean over representations is lower for every corpus of another language than for every one of the same language.
    fn other_languages(&self) -> Judged {
        let language = |corpus: &str| self.study.languages.get(corpus).cloned();
        let own = language(&self.study.plan.train)?;
        let (mut same, mut other, mut evidence) = (Vec::new(), Vec::new(), Vec::new());
        for corpus in &self.study.plan.transfer {
            let spoken = language(corpus)?;
            let scores: Vec<f64> = self
                .study
                .plan
                .models
                .iter()
                .filter_map(|model| self.uar(model.name(), corpus))
                .map(|score| score.value)
                .collect();
            let mean = scores.iter().sum::<f64>() / scores.len().max(1) as f64;
            evidence.push(format!("{corpus} ({spoken}) {mean:.3}"));
            if spoken == own {
                same.push(mean)
            } else {
                other.push(mean)
            }
        }
        let lowest = same.iter().copied().reduce(f64::min)?;
        let highest = other.iter().copied().reduce(f64::max)?;
        Some((
            highest < lowest,
            format!(
                "trained on {own}; mean over representations: {}",
                evidence.join(", ")
            ),
        ))
    }

    /// (5) Of the DAE's validation means.
    fn triads(&self) -> Judged {
        let all = triads(&self.study.plan.classes);
        let score = |classes: &Vec<String>| {
            let experiment = self
                .experiments
                .iter()
                .find(|e| e.model == "dae" && e.classes == *classes)?;
            Some((initials(classes), experiment.scores_of("valid")?.uar))
        };
        let mut scores: Vec<(String, Score)> = all.iter().map(score).collect::<Option<_>>()?;
        scores.sort_by(|a, b| b.1.value.total_cmp(&a.1.value));
        let (best, worst) = (&scores.first()?.0, &scores.last()?.0);
        // The same three letters in whatever order the plan has them.
        let is = |name: &str, letters: &str| {
            name.len() == letters.len() && letters.chars().all(|c| name.contains(c))
        };
        let listed: Vec<String> = scores
            .iter()
            .map(|(name, score)| format!("{name} {}", told(score)))
            .collect();
        Some((
            is(best, "N-S-A") && is(worst, "S-H-A"),
            format!("dae, validation: {}", listed.join(", ")),
        ))
    }

    /// (6) Of the DAE's recalls on validation rows.
    fn anger_best(&self) -> Judged {
        let experiment = self.of("dae")?;
        let recall = &experiment.scores_of("valid")?.recall;
        let place = |class: &str| experiment.classes.iter().position(|name| name == class);
        let (angry, happy) = (recall[place("angry")?].value, recall[place("happy")?].value);
        let best = recall.iter().all(|score| score.value <= angry);
        let worst = recall.iter().all(|score| score.value >= happy);
        let listed: Vec<String> = experiment
            .classes
            .iter()
            .zip(recall)
            .map(|(class, score)| format!("{class} {}", told(score)))
            .collect();
        Some((
            best && worst,
            format!("dae, recall on validation: {}", listed.join(", ")),
        ))
    }

    /// (7) Some latent dimension of the DAE correlates with activation with |ρ| ≥ 0.5 on validation rows.
    fn activation(&self) -> Judged {
        let latent = self.of("dae")?.latent.as_ref()?;
        let with = latent
            .correlation
            .iter()
            .filter(|c| c.set == "valid" && c.with == "activation");
        let found: Vec<(usize, f64)> = with.filter_map(|c| Some((c.dimension, c.rho?))).collect();
        let strongest = found.iter().map(|(_, rho)| rho.abs()).reduce(f64::max)?;
        let listed: Vec<String> = found
            .iter()
            .map(|(dimension, rho)| format!("dimension {} ρ = {rho:.2}", dimension + 1))
            .collect();
        Some((
            strongest >= 0.5,
            format!("dae, validation, Spearman: {}", listed.join(", ")),
        ))
    }

    /// (8) Two of anger's three strongest groups are of its list, and two of sadness's four are of its list, by mean |attribution| to the latent dimensions.
    fn groups(&self) -> Judged {
        let explanation = self.of("dae")?.explanation.as_ref()?;
        let (angry, sad) = (
            explanation.strongest("angry")?,
            explanation.strongest("sad")?,
        );
        let hits = |ranked: &[String], first: usize, list: &[&str]| {
            let named =
                |group: &&String| list.iter().any(|name| group.to_lowercase().contains(name));
            ranked.iter().take(first).filter(named).count()
        };
        let anger = hits(&angry, 3, &["loudness", "flux", "slope"]);
        let sadness = hits(&sad, 4, &["formant", "jitter", "shimmer", "hnr"]);
        let listed = |ranked: &[String], first: usize| {
            ranked
                .iter()
                .take(first)
                .cloned()
                .collect::<Vec<_>>()
                .join(", ")
        };
        Some((
            anger >= 2 && sadness >= 2,
            format!(
                "dae, strongest groups of anger: {}; of sadness: {}",
                listed(&angry, 3),
                listed(&sad, 4)
            ),
        ))
    }
}
