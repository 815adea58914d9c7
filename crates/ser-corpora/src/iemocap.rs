//! IEMOCAP's two kinds of documents, one of each per dialog.
//!
//! ```text
//! [6.2901 - 8.2357]→Ses01F_impro01_F000→neu→[2.5000, 2.5000, 2.5000]     the vote: label, valence, activation, dominance
//! C-E2:→Neutral;→()                                                      one line per rater: categories …
//! A-E3:→val 3; act 2; dom  2;→()                                         … and attributes
//! C-F1:→Neutral; Anger;→()                                               the actors judged themselves (F, M); it does not count
//! ```
//!
//! The vote is taken as it stands in the summary line, which leaves self-reports out. What the raters said is kept word for word, so that
//! other votes can be counted. Some 36 lines have no value after `dom`; the summary has its mean all the same.
//!
//! Busso et al. (2008), "IEMOCAP: Interactive emotional dyadic motion capture database", Language Resources and Evaluation 42, 335-359.

use std::sync::LazyLock;

use regex::Regex;

use super::fact::{Facts, MetadataRow};

/// What [`evaluation`] gives.
pub(crate) const EVALUATION_FACTS: &[&str] = &[
    "emotion",
    "valence",
    "activation",
    "dominance",
    "dialog_start",
    "dialog_end",
    "raters",
    "agreement",
    "attributes",
    "self_report",
];
/// What [`transcription`] gives.
pub(crate) const TRANSCRIPTION_FACTS: &[&str] = &["transcript"];

static SUMMARY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\[(?P<dialog_start>\d+\.\d+) - (?P<dialog_end>\d+\.\d+)\]\t(?P<file>\w+)\t(?P<emotion>[a-z]{3})\t\[(?P<valence>\d\.\d+), (?P<activation>\d\.\d+), (?P<dominance>\d\.\d+)\]\s*$",
    )
});
static CATEGORY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^C-(?P<rater>[EFM]\d):\t(?P<labels>(?:[^;]+;\s*)+)\((?P<comment>.*)\)\s*$")
});
static ATTRIBUTE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^A-(?P<rater>[EFM]\d):\tval\s+(?P<val>\d?);\s*act\s+(?P<act>\d?);\s*dom\s*(?P<dom>\d?);\s*\((?P<comment>.*)\)\s*$",
    )
});
static TRANSCRIPT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?P<file>Ses0[1-5][FM]_\w+) \[(?P<start>\d+\.\d+)-(?P<end>\d+\.\d+)\]:\s?(?P<transcript>.*)$",
    )
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern written here, tried by the tests")
}

/// The turns of one label file, and the lines that were not understood.
pub(crate) fn evaluation(text: &str, path: &str) -> (Vec<MetadataRow>, Vec<String>) {
    let mut rows: Vec<MetadataRow> = Vec::new();
    let mut notes = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim_end();
        if let Some(found) = SUMMARY.captures(line) {
            let facts = EVALUATION_FACTS[..6]
                .iter()
                .map(|&fact| (fact.to_string(), found[fact].to_string()))
                .collect();
            let key = Facts::from([("file".to_string(), found["file"].to_string())]);
            rows.push(MetadataRow { key, facts });
        } else if line.starts_with('[') {
            notes.push(format!("{path}: line {} is not understood: {line}", at + 1));
        } else if let Some(row) = rows.last_mut() {
            if let Some(found) = CATEGORY.captures(line) {
                let labels: Vec<String> = found["labels"]
                    .split(';')
                    .map(|label| label.trim().to_lowercase())
                    .collect();
                let labels: Vec<&str> = labels
                    .iter()
                    .map(String::as_str)
                    .filter(|label| !label.is_empty())
                    .collect();
                let rater = &found["rater"];
                let fact = if rater.starts_with('E') {
                    "raters"
                } else {
                    "self_report"
                };
                note(
                    &mut row.facts,
                    fact,
                    &format!("{rater}:{}", labels.join("+")),
                );
                agree(&mut row.facts);
            } else if let Some(found) = ATTRIBUTE.captures(line) {
                let given = |name: &str| {
                    Some(&found[name])
                        .filter(|digit| !digit.is_empty())
                        .unwrap_or("-")
                        .to_string()
                };
                let said = format!(
                    "{}:{}/{}/{}",
                    &found["rater"],
                    given("val"),
                    given("act"),
                    given("dom")
                );
                note(&mut row.facts, "attributes", &said);
            } else if line.starts_with("C-") || line.starts_with("A-") {
                notes.push(format!("{path}: line {} is not understood: {line}", at + 1));
            }
        }
    }
    (rows, notes)
}

/// Percent of the raters so far who named the label, alone or among others; the vote's codes are the first letters of the categories.
fn agree(facts: &mut Facts) {
    let (Some(raters), Some(vote)) = (facts.get("raters"), facts.get("emotion")) else {
        return;
    };
    let named = |rater: &str| {
        let categories = rater
            .split_once(':')
            .map_or("", |(_, categories)| categories);
        let mut categories = categories.split('+');
        categories.any(|category| category.starts_with(vote.as_str()))
    };
    let all: Vec<bool> = raters
        .split(' ')
        .filter(|rater| rater.contains(':'))
        .map(named)
        .collect();
    let share = all.iter().filter(|named| **named).count() as f64 / all.len() as f64;
    // What nobody voted for (xxx, "no agreement") is no label to agree with.
    if vote != "xxx" {
        let percent = (1000.0 * share).round() / 10.0;
        facts.insert("agreement".into(), percent.to_string());
    }
}

fn note(facts: &mut Facts, fact: &str, words: &str) {
    let so_far = facts.entry(fact.to_string()).or_default();
    if !so_far.is_empty() {
        so_far.push(' ');
    }
    so_far.push_str(words);
}

/// The words of one transcription. Remarks, and turns without audio (`…_MXX0`), match no recording or no pattern.
pub(crate) fn transcription(text: &str) -> Vec<MetadataRow> {
    let row = |line: &str| {
        let found = TRANSCRIPT.captures(line.trim_end())?;
        let fact = |name: &str| (name.to_string(), found[name].trim().to_string());
        Some(MetadataRow {
            key: Facts::from([fact("file")]),
            facts: Facts::from([fact("transcript")]),
        })
    };
    text.lines().filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: &str = "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n\
        [6.2901 - 8.2357]\tSes01F_impro01_F000\tneu\t[2.5000, 2.5000, 2.5000]\n\
        C-E2:\tNeutral;\t()\nC-E3:\tNeutral; Anger;\t(so, so)\nC-F1:\tAnger;\t()\n\
        A-E3:\tval 3; act 2; dom  2;\t()\nA-E4:\tval 2; act 3; dom  ;\t(guarded, tense, ready)\n\n\
        [10.0100 - 11.3925]\tSes01F_impro01_F001\txxx\t[2.5000, 2.5000, 2.5000]\n";

    #[test]
    fn the_vote_is_the_summary_lines_and_self_reports_stand_apart() {
        let (rows, notes) = evaluation(BLOCK, "x.txt");
        assert_eq!(notes, [""; 0]);
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].key["file"], "Ses01F_impro01_F000");
        assert_eq!(rows[0].facts["emotion"], "neu");
        assert_eq!(rows[0].facts["raters"], "E2:neutral E3:neutral+anger");
        assert_eq!(rows[0].facts["agreement"], "100");
        assert!(!rows[1].facts.contains_key("agreement"));
        assert_eq!(rows[0].facts["self_report"], "F1:anger");
        assert_eq!(rows[0].facts["attributes"], "E3:3/2/2 E4:2/3/-");
        assert_eq!(rows[1].facts["emotion"], "xxx");
    }

    #[test]
    fn a_line_that_is_not_understood_is_told_and_not_dropped() {
        let (rows, notes) = evaluation("[1 - 2] Ses01F_impro01_F000 neu\n", "x.txt");
        assert!(rows.is_empty());
        assert_eq!(
            notes,
            ["x.txt: line 1 is not understood: [1 - 2] Ses01F_impro01_F000 neu"]
        );
    }

    #[test]
    fn remarks_in_a_transcription_are_no_turns() {
        let rows = transcription(
            "Ses01F_impro01_F000 [006.2901-008.2357]: Excuse me.\nM: [BREATHING]\nSes01F_impro01_MXX0 [001.0000-002.0000]: Hm.\n",
        );
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].facts["transcript"], "Excuse me.");
    }
}
