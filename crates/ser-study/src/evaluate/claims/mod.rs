//! The paper's sentences, tested by the numbers at hand: each with a verdict, an effect, and a p value over speakers and seeds.
//!
//! The numbers are those of the plan's first protocol and normalisation, as the paper's are, and of all seeds. See [`sentence`] for what has to hold,
//! [`verdict`] for how it is decided.

mod attribution;
mod contribution;
mod evidence;
mod scores;
pub mod sentence;
mod space;
pub mod verdict;

use super::gather::is_papers;
use super::result::{Claim, Verdict};
use evidence::Tested;
pub use evidence::{ClaimInputs, Evidence};
use sentence::{By, SENTENCES, Sentence};
use ser_models::model::Representation;
use verdict::{Judged, holm, judge};

/// Every sentence of the paper; none where the plan has other classes than the paper, or none of its autoencoders.
pub fn claims(given: ClaimInputs<'_>) -> Vec<Claim> {
    let plan = &given.study.plan;
    let network =
        |model: &Representation| matches!(model, Representation::Uae | Representation::Dae);
    if !is_papers(&plan.classes) || !plan.models.iter().any(network) {
        return Vec::new();
    }
    let evidence = Evidence::new(given, attribution::contributions(&given));
    let tested: Vec<(Tested, Option<Judged>)> = SENTENCES
        .iter()
        .map(|sentence| {
            let tested = test(&evidence, sentence.by);
            let judged = tested
                .as_ref()
                .ok()
                .and_then(|found| judge(&found.comparisons));
            (tested, judged)
        })
        .collect();
    let p: Vec<f64> = tested
        .iter()
        .filter_map(|(_, judged)| Some(judged.as_ref()?.p()))
        .collect();
    let mut corrected = holm(&p).into_iter();
    let mut claims = Vec::with_capacity(SENTENCES.len());
    for (number, (sentence, (tested, judged))) in SENTENCES.iter().zip(tested).enumerate() {
        let p_holm = judged.as_ref().and_then(|_| corrected.next());
        claims.push(claim(number, sentence, tested, judged, p_holm));
    }
    claims
}

fn claim(
    number: usize,
    sentence: &Sentence,
    tested: Tested,
    judged: Option<Judged>,
    p_holm: Option<f64>,
) -> Claim {
    let verdict = match (&judged, p_holm) {
        (Some(judged), Some(p)) => judged.verdict(p),
        _ => Verdict::NotTested,
    };
    Claim {
        number: number + 1,
        place: sentence.place.into(),
        sentence: sentence.words.into(),
        test: sentence.test.into(),
        figure: sentence.figure.into(),
        verdict,
        p: judged.as_ref().map(Judged::p),
        p_holm,
        seeds: judged.as_ref().map(|judged| judged.seeds),
        effect: judged.map(|judged| judged.effect),
        evidence: match tested {
            Ok(found) if verdict == Verdict::NotTested => {
                format!(
                    "{}; a number that it takes does not exist here",
                    found.told()
                )
            }
            Ok(found) => found.told(),
            Err(missing) => missing,
        },
    }
}

fn test(evidence: &Evidence<'_>, by: By) -> Tested {
    match by {
        By::Over55 => evidence.over_55(),
        By::MuchLower => evidence.much_lower(),
        By::PcaLikeUae => evidence.pca_like_uae(),
        By::DaeLowest => evidence.dae_lowest(),
        By::LowerOnTransfer => evidence.lower_on_transfer(),
        By::LowestAbroad => evidence.lowest_abroad(),
        By::LargestAbroad => evidence.largest_abroad(),
        By::OtherWorks => Err("those works report other corpora, classes and splits".into()),
        By::BestTriad => evidence.best_triad(),
        By::WorstTriad => evidence.worst_triad(),
        By::TriadsLikeAtHome => evidence.triads_like_at_home(),
        By::TriadsLowerAbroad => evidence.triads_lower_abroad(),
        By::HappyMissed => evidence.happy_missed(),
        By::AngerFound => evidence.anger_found(),
        By::SadOfTwoTriads => evidence.sad_of_two_triads(),
        By::AngerApart => evidence.anger_apart(),
        By::NeutralAndSadJoint => evidence.neutral_and_sad_joint(),
        By::HappyOverBoth => evidence.happy_over_both(),
        By::MarginalOfActivation => evidence.marginal_of_activation(),
        By::FollowsActivation => evidence.follows_activation(),
        By::CloudsAlike => evidence.clouds_alike(),
        By::TurnedAbroad => evidence.turned_abroad(),
        By::TurnExplains => evidence.turn_explains(),
        By::NeutralFlat => evidence.neutral_flat(),
        By::AngerUnique => evidence.anger_unique(),
        By::SadUnique => evidence.sad_unique(),
        By::SadLikeHappy => evidence.sad_like_happy(),
        By::HappyHardest => evidence.happy_hardest(),
        By::HappyLikeNeutral => evidence.happy_like_neutral(),
        By::AngerHighest => evidence.anger_highest(),
    }
}
