//! What has changed between two lists of recordings, as a run that goes on finds it.

use std::collections::HashMap;

use super::analysed_parts::{Parts, Segment};
use super::plan::Task;
use ser_tables::counted;

/// In which recordings two lists differ, in words with an example each.
pub(super) fn differ(then: &[Task], now: &[Task]) -> Option<String> {
    let same = |(a, b): (&Task, &Task)| {
        (&a.input.name, &a.label, a.stamp) == (&b.input.name, &b.label, b.stamp)
            && segments_of(a) == segments_of(b)
    };
    if then.len() == now.len() && then.iter().zip(now).all(same) {
        return None;
    }
    fn by_name(tasks: &[Task]) -> HashMap<&str, &Task> {
        tasks
            .iter()
            .map(|task| (task.input.name.as_str(), task))
            .collect()
    }
    let (old, new) = (by_name(then), by_name(now));
    let changed: Vec<&str> = now
        .iter()
        .filter(|task| {
            old.get(task.input.name.as_str())
                .is_some_and(|o| !same((o, task)))
        })
        .map(|task| task.input.name.as_str())
        .collect();
    let absent = |tasks: &[Task], from: &HashMap<&str, &Task>| -> Vec<String> {
        let absent = tasks
            .iter()
            .filter(|task| !from.contains_key(task.input.name.as_str()));
        absent.map(|task| task.input.name.clone()).collect()
    };
    let mut parts = Vec::new();
    let mut say = |count: usize, what: &str, first: Option<&str>| {
        if let Some(first) = first {
            parts.push(format!(
                "{} {what}, the first {first:?}",
                counted(count, "recording")
            ));
        }
    };
    say(changed.len(), "changed", changed.first().copied());
    let missing = absent(then, &new);
    say(
        missing.len(),
        "missing",
        missing.first().map(String::as_str),
    );
    let added = absent(now, &old);
    say(added.len(), "new", added.first().map(String::as_str));
    if parts.is_empty() {
        parts.push("the recordings come in another order or number".to_owned());
    }
    Some(parts.join("; "))
}

fn segments_of(task: &Task) -> &[Segment] {
    match &task.parts {
        Parts::Segments(segments) => segments,
        _ => &[],
    }
}
