//! What an explanation tells of many recordings: distributions per class and group, and how far they can be trusted.

use serde::{Deserialize, Serialize};

/// Contributions of a model's features to its targets, over the true positives of each class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// What contributions are relative to, in words.
    pub reference: String,
    /// The rule: `rescale` or `reveal-cancel`.
    pub rule: String,
    /// The targets: latent dimensions, then decision values of the classes.
    pub targets: Vec<String>,
    /// How many of the targets are latent dimensions.
    #[serde(default)]
    pub latent_targets: usize,
    /// The largest residual of completeness, |Σ contributions − Δ| / max(1, |Δ|).
    pub completeness: f64,
    /// The groups of columns.
    pub groups: Vec<String>,
    /// One per class, group and target, in this order.
    pub distributions: Vec<Distribution>,
    /// Rank correlations of group contributions between runs.
    #[serde(default)]
    pub stability: Vec<Stability>,
    /// Contributions to the targets, of each explained recording.
    #[serde(default)]
    pub recordings: Vec<Contribution>,
}

/// Contributions of a group to a target over the recordings of a class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// The class.
    pub class: String,
    /// The group.
    pub group: String,
    /// The target.
    pub target: String,
    /// Recordings.
    pub n: usize,
    /// Mean.
    pub mean: f64,
    /// Mean of the magnitudes.
    #[serde(default)]
    pub mean_abs: f64,
    /// Quantiles 5, 25, 50, 75 and 95 %.
    pub quantiles: [f64; 5],
    /// The density: value and height, for a violin.
    pub density: Vec<[f64; 2]>,
}

/// How alike group contributions are when something is done again otherwise.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stability {
    /// What was varied: `seeds`, `references`, `folds`, or `random weights`, under which they should not be alike.
    pub kind: String,
    /// Mean Spearman correlation between the runs.
    pub spearman: f64,
    /// The lowest of the pairs.
    #[serde(default)]
    pub lowest: f64,
    /// Runs.
    #[serde(default)]
    pub runs: usize,
}

/// What each group contributed to one target of one recording.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Contribution {
    /// Its number in the table.
    pub row: usize,
    /// The target.
    pub target: String,
    /// Group by group.
    pub contributions: Vec<f64>,
}

impl Explanation {
    /// The groups by the strength of their contributions to the latent dimensions for a class, strongest first: mean magnitudes, each dimension
    /// counted as a share of its own sum.
    pub fn strongest(&self, class: &str) -> Option<Vec<String>> {
        let mut strengths: Vec<(f64, &String)> =
            self.groups.iter().map(|group| (0.0, group)).collect();
        for target in self.targets.iter().take(self.latent_targets) {
            let of = self
                .distributions
                .iter()
                .filter(|d| d.class == class && d.target == *target && d.n > 0);
            let of: Vec<&Distribution> = of.collect();
            let sum: f64 = of.iter().map(|d| d.mean_abs).sum();
            for distribution in of.iter().filter(|_| sum > 0.0) {
                if let Some(strength) = strengths
                    .iter_mut()
                    .find(|(_, group)| **group == distribution.group)
                {
                    strength.0 += distribution.mean_abs / sum;
                }
            }
        }
        strengths.sort_by(|a, b| b.0.total_cmp(&a.0));
        let strongest = strengths.first()?.0;
        (strongest > 0.0).then(|| {
            strengths
                .into_iter()
                .map(|(_, group)| group.clone())
                .collect()
        })
    }
}

#[test]
fn the_strongest_group_is_so_over_all_latent_dimensions() {
    let distribution = |group: &str, target: &str, mean_abs| Distribution {
        class: "angry".into(),
        group: group.into(),
        target: target.into(),
        n: 3,
        mean_abs,
        ..Distribution::default()
    };
    let explanation = Explanation {
        targets: ["1", "2", "angry"].map(String::from).to_vec(),
        latent_targets: 2,
        groups: ["Pitch", "Loudness"].map(String::from).to_vec(),
        // Pitch has .8 of the first dimension and .3 of the second; what it has of a decision value does not count.
        distributions: vec![
            distribution("Pitch", "1", 80.0),
            distribution("Loudness", "1", 20.0),
            distribution("Pitch", "2", 0.3),
            distribution("Loudness", "2", 0.7),
            distribution("Loudness", "angry", 1e9),
        ],
        ..Explanation::default()
    };
    assert_eq!(
        explanation.strongest("angry").unwrap(),
        ["Pitch", "Loudness"]
    );
    assert_eq!(explanation.strongest("sad"), None);
}
