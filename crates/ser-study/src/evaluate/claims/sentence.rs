//! The paper's sentences that say something of data, word for word, and what has to hold for each.
//!
//! Words of degree need a number, which is ours: *similar* is within two points, *much* is more than five points, *well classified* is more than
//! half of a class, *misclassified* less than half. The scores are unweighted average recalls, the paper's "unweighted classification accuracy".
//!
//! S. Das, N. N. Lønfeldt, A. K. Pagsberg, L. H. Clemmensen (2021), "Towards interpretable and transferable speech emotion recognition".

/// Within which scores are similar.
pub const SIMILAR: f64 = 0.02;
/// By more than which a score is much lower.
pub const MUCH: f64 = 0.05;
/// Of a class found where it is classified well, not found where it is misclassified.
pub const HALF: f64 = 0.5;
/// Below which a silhouette shows no structure: L. Kaufman, P. J. Rousseeuw (1990), "Finding groups in data", Wiley, table 4 of chapter 2.
pub const NO_STRUCTURE: f64 = 0.25;
/// Of a class's recordings at least so many in each of two clusters that it is spread over.
pub const SPREAD: f64 = 0.25;
/// A rank correlation from which on a dimension follows activation.
pub const FOLLOWS: f64 = 0.5;
/// Of the spread of class means at most so much that no turn explains, where clusters are similar.
pub const UNLIKE: f64 = 0.25;

/// A sentence of the paper.
#[derive(Clone, Copy, Debug)]
pub struct Sentence {
    /// Where it stands.
    pub place: &'static str,
    /// Its words.
    pub words: &'static str,
    /// What has to hold.
    pub test: &'static str,
    /// The report's figure.
    pub figure: &'static str,
    /// What it is tested by.
    pub by: By,
}

/// What a sentence is tested by: a method of the evidence each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is explained by its sentence")]
pub enum By {
    Over55,
    MuchLower,
    PcaLikeUae,
    DaeLowest,
    LowerOnTransfer,
    LowestAbroad,
    LargestAbroad,
    OtherWorks,
    BestTriad,
    WorstTriad,
    TriadsLikeAtHome,
    TriadsLowerAbroad,
    HappyMissed,
    AngerFound,
    SadOfTwoTriads,
    AngerApart,
    NeutralAndSadJoint,
    HappyOverBoth,
    MarginalOfActivation,
    FollowsActivation,
    CloudsAlike,
    TurnedAbroad,
    TurnExplains,
    NeutralFlat,
    AngerUnique,
    SadUnique,
    SadLikeHappy,
    HappyHardest,
    HappyLikeNeutral,
    AngerHighest,
}

const fn sentence(
    place: &'static str,
    words: &'static str,
    test: &'static str,
    figure: &'static str,
    by: By,
) -> Sentence {
    Sentence {
        place,
        words,
        test,
        figure,
        by,
    }
}

const PERFORMANCE: &str = "3, Classification Performance";
const TRIADS: &str = "3, Analysing Emotions in Triads";
const ATTRIBUTION: &str = "3, Feature Attribution for Emotion Clustering";

/// All sentences, in the paper's order. "German and French" are corpora of another language than the training corpus, "English" those of its own.
pub const SENTENCES: [Sentence; 30] = [
    sentence(
        "Abstract",
        "achieve an average classification accuracy of over 55% for four-class emotion classification",
        "the mean of UAE and DAE on validation is above 55 %",
        "fig2-scores",
        By::Over55,
    ),
    sentence(
        PERFORMANCE,
        "for the training and validation data sets, the performance of UAE and DAE is much lower than the accuracy of the reference SVC without any dimensionality reduction",
        "on both sets the 88 features score more than five points above UAE and above DAE",
        "fig2-scores",
        By::MuchLower,
    ),
    sentence(
        PERFORMANCE,
        "PCA and UAE have similar performances",
        "on both sets they differ by less than two points either way",
        "fig2-scores",
        By::PcaLikeUae,
    ),
    sentence(
        PERFORMANCE,
        "the results from the DAE are the lowest on these data sets",
        "on both sets the 88 features, PCA and UAE each score above DAE",
        "fig2-scores",
        By::DaeLowest,
    ),
    sentence(
        PERFORMANCE,
        "The classification accuracy reduces over the transfer data sets",
        "the mean of the representations is higher on validation than on each transfer corpus",
        "fig2-scores",
        By::LowerOnTransfer,
    ),
    sentence(
        PERFORMANCE,
        "specifically for the German and French data sets",
        "the mean of the representations is lower on each corpus of another language than on each of the same language",
        "fig2-scores",
        By::LowestAbroad,
    ),
    sentence(
        PERFORMANCE,
        "they [UAE and DAE] show the largest classification accuracy in these cases",
        "on each corpus of another language UAE and DAE each score above the 88 features and above PCA",
        "fig2-scores",
        By::LargestAbroad,
    ),
    sentence(
        PERFORMANCE,
        "we obtain an accuracy that is close to the results presented in existing works [12, 16, 19, 20, 22]",
        "",
        "",
        By::OtherWorks,
    ),
    sentence(
        TRIADS,
        "the best results are obtained for the N-S-A triad",
        "DAE, validation: N-S-A scores above each other triad",
        "fig3-triads",
        By::BestTriad,
    ),
    sentence(
        TRIADS,
        "the worst results are obtained for the S-H-A triad",
        "DAE, validation: each other triad scores above S-H-A",
        "fig3-triads",
        By::WorstTriad,
    ),
    sentence(
        TRIADS,
        "results are similar for the English data sets",
        "DAE, mean of the triads: validation and each corpus of the same language differ by less than two points either way",
        "fig3-triads",
        By::TriadsLikeAtHome,
    ),
    sentence(
        TRIADS,
        "but the accuracy reduces for German and French",
        "DAE, mean of the triads: validation and each corpus of the same language score above each of another language",
        "fig3-triads",
        By::TriadsLowerAbroad,
    ),
    sentence(
        TRIADS,
        "the emotion happy (H) is generally misclassified in all combinations",
        "DAE: less than half of the happy recordings are recognised, in each triad with happy, on validation and each transfer corpus",
        "fig3-triads",
        By::HappyMissed,
    ),
    sentence(
        TRIADS,
        "anger (A) is consistently classified with high accuracy over all combinations and data sets",
        "DAE: more than half of the angry recordings are recognised, in each triad with angry, on validation and each transfer corpus",
        "fig3-triads",
        By::AngerFound,
    ),
    sentence(
        TRIADS,
        "unlike for N-S-H, sad (S) is classified accurately for S-H-A over the English data sets",
        "DAE, validation and each corpus of the same language: more than half of the sad recordings are recognised in S-H-A, less than half in N-S-H",
        "fig3-triads",
        By::SadOfTwoTriads,
    ),
    sentence(
        TRIADS,
        "the samples representing anger form a separate cluster over all the data sets",
        "DAE: the mean silhouette of the angry recordings is above 0 on training, validation and each transfer corpus",
        "fig4-latent-dae",
        By::AngerApart,
    ),
    sentence(
        TRIADS,
        "samples representing neutral and sad overlap and form a joint cluster in the latent space",
        "DAE, each set: silhouettes of neutral against sad are below .25 (no structure), and above 0 of both as one cluster against angry",
        "fig4-latent-dae",
        By::NeutralAndSadJoint,
    ),
    sentence(
        TRIADS,
        "the happy samples are spread over both of these clusters",
        "DAE, each set: of the happy recordings more than a quarter lie nearer to the angry ones, and more than a quarter to the neutral and sad ones",
        "fig4-latent-dae",
        By::HappyOverBoth,
    ),
    sentence(
        TRIADS,
        "the marginal distribution of the classes for the activation variable in Fig. 4 (a) resembles the marginal distribution of Dim 1",
        "DAE, validation: the classes' distributions along the latent dimension that follows activation on training rows overlap more with those of activation than with those of valence (ranks in tenths)",
        "fig4-latent-dae",
        By::MarginalOfActivation,
    ),
    sentence(
        TRIADS,
        "the DAE learns to cluster the samples in terms of their activation",
        "DAE, validation: the latent dimension that follows activation on training rows has a rank correlation with it above .5",
        "fig4-latent-dae",
        By::FollowsActivation,
    ),
    sentence(
        TRIADS,
        "the latent clusters of the training, validation and transfer data sets are similar",
        "DAE: the best rotation and scaling of the training rows' class means leaves less than a quarter of the spread of those of validation and each transfer corpus",
        "fig4-latent-dae",
        By::CloudsAlike,
    ),
    sentence(
        TRIADS,
        "the orientation of the distributions are rotated for the German and French data sets relative to the English data sets",
        "DAE: each corpus of another language is rotated against the training rows by a larger angle than validation and each corpus of the same language",
        "fig4-latent-dae",
        By::TurnedAbroad,
    ),
    sentence(
        TRIADS,
        "This explains the observed reduction in the classification accuracy over the German and French data sets",
        "DAE, transfer matrix: rotating the cloud of each corpus of another language back raises its score",
        "fig5-transfer-dae",
        By::TurnExplains,
    ),
    sentence(
        ATTRIBUTION,
        "The attribution scores of the neutral class is similar over all features",
        "DAE: mean contributions to the latent dimensions vary less over the groups for neutral than for each other class, and by more than with random weights",
        "fig4-attribution-latent-dae",
        By::NeutralFlat,
    ),
    sentence(
        ATTRIBUTION,
        "the features with high attribution scores are unique to this emotion class [anger], specifically features related to loudness, spectral flux and spectral slope",
        "DAE: loudness, spectral flux and slope contribute more to anger than its other groups do, more than to each other class, and by more than with random weights",
        "fig4-attribution-latent-dae",
        By::AngerUnique,
    ),
    sentence(
        ATTRIBUTION,
        "the formants (F1, F2, F3), jitter, shimmer and harmonic-to-noise-ratio (HNR) have a relatively high feature attribution and are unique to sad",
        "DAE: formants, jitter, shimmer and HNR contribute more to sadness than its other groups do, more than to each other class, and by more than with random weights",
        "fig4-attribution-latent-dae",
        By::SadUnique,
    ),
    sentence(
        ATTRIBUTION,
        "classes sad and happy seem to generally share features with high attribution scores",
        "DAE: the strengths of the groups for sad and happy are rank correlated, more than those of sad and angry, and more than with random weights",
        "fig4-attribution-latent-dae",
        By::SadLikeHappy,
    ),
    sentence(
        ATTRIBUTION,
        "samples representative of the emotion class happy are particularly difficult to cluster and classify",
        "DAE, validation: happy has a lower recall and a lower silhouette than each other class",
        "fig3b-confusion-dae",
        By::HappyHardest,
    ),
    sentence(
        ATTRIBUTION,
        "the feature attribution scores in Fig 4(j) [happy] that are very similar to the scores of the neutral class",
        "DAE: mean contributions of happy are nearer to those of neutral than sad's and angry's are, and by more than with random weights",
        "fig4-attribution-latent-dae",
        By::HappyLikeNeutral,
    ),
    sentence(
        "Conclusion",
        "the highest feature attribution scores are obtained for the class anger",
        "DAE: the strongest group of anger contributes more than the strongest of each other class, and by more than with random weights",
        "fig4-attribution-latent-dae",
        By::AngerHighest,
    ),
];

#[test]
fn each_sentence_has_a_test_of_its_own_but_the_one_about_other_works() {
    let mut by: Vec<By> = SENTENCES.iter().map(|s| s.by).collect();
    by.dedup();
    assert_eq!(by.len(), SENTENCES.len());
    for sentence in SENTENCES {
        let untested = sentence.by == By::OtherWorks;
        assert_eq!(sentence.test.is_empty(), untested, "{}", sentence.words);
        assert_eq!(sentence.figure.is_empty(), untested, "{}", sentence.words);
    }
}
