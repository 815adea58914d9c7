//! Entries sorted into lines, one per speaker, in which no two overlap.

use super::{Entry, Timeline};

/// A line of entries.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tier<'a> {
    /// The speaker, or the name for entries without one; a second line of the same speaker has a number.
    pub name: String,
    /// In order; none begins before the one before has ended.
    pub entries: Vec<&'a Entry>,
}

impl Tier<'_> {
    /// Whether any entry has a probability.
    pub fn has_probabilities(&self) -> bool {
        self.entries.iter().any(|entry| entry.probability.is_some())
    }
}

/// The lines of a timeline, in the order in which their speakers first speak; one empty line where there is no entry.
pub(super) fn tiers<'a>(timeline: &Timeline<'a>) -> Vec<Tier<'a>> {
    let mut tiers: Vec<(&str, Tier<'a>)> = Vec::new();
    for entry in timeline.entries {
        let speaker = entry.speaker.as_deref().unwrap_or(timeline.tier);
        let free = |tier: &Tier<'_>| {
            tier.entries
                .last()
                .is_none_or(|last| last.end_s <= entry.start_s)
        };
        let own = |(name, tier): &&mut (&str, Tier<'a>)| *name == speaker && free(tier);
        match tiers.iter_mut().find(own) {
            Some((_, tier)) => tier.entries.push(entry),
            None => {
                let number = 1 + tiers.iter().filter(|(name, _)| *name == speaker).count();
                let name = match number {
                    1 => speaker.to_owned(),
                    _ => format!("{speaker} ({number})"),
                };
                let entries = vec![entry];
                tiers.push((speaker, Tier { name, entries }));
            }
        }
    }
    if tiers.is_empty() {
        let name = timeline.tier.to_owned();
        let entries = Vec::new();
        return vec![Tier { name, entries }];
    }
    tiers.into_iter().map(|(_, tier)| tier).collect()
}

#[test]
fn a_speaker_who_overlaps_with_himself_gets_a_second_line() {
    let entry = |start_s, end_s, speaker: &str| Entry {
        start_s,
        end_s,
        speaker: Some(speaker.into()),
        ..Entry::default()
    };
    let entries = [
        entry(0.0, 2.0, "a"),
        entry(1.0, 3.0, "b"),
        entry(1.5, 4.0, "a"),
        entry(2.0, 3.0, "a"),
    ];
    let timeline = Timeline {
        name: "x",
        length_s: 4.0,
        tier: "turns",
        entries: &entries,
    };
    let found = tiers(&timeline);
    let names: Vec<(&str, usize)> = found
        .iter()
        .map(|tier| (tier.name.as_str(), tier.entries.len()))
        .collect();
    assert_eq!(names, [("a", 2), ("b", 1), ("a (2)", 1)]);
}
