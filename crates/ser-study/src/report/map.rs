//! What the interactive map knows: recordings, their places and predictions, in columns.
//!
//! Numbers are rounded to what a screen shows (places to a thousandth of the span, probabilities to percent), and the parts have budgets, so that the page
//! stays below 5 MB. What did not fit is said on the page.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Value, json};

use crate::evaluate::result::{Evaluation, Experiment, Prediction};

use super::audio::{Audio, Sources};
use super::contour::{Contours, Packed, pack};
use super::figure::selection::{first_seed, model_name, preparation, set_title};
use super::palette;
use ser_tables::counted;

/// How many bytes the parts of a page may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    pub points: usize,
    pub contours: usize,
    pub attributions: usize,
    pub figures: usize,
}

impl Budget {
    /// For a page of 5 MB with a few thousand recordings.
    pub const FULL: Budget = Budget {
        points: 1_000_000,
        contours: 1_100_000,
        attributions: 400_000,
        figures: 900_000,
    };

    /// A share of it.
    pub fn of(share: f64) -> Budget {
        let part = |bytes: usize| (bytes as f64 * share) as usize;
        Budget {
            points: part(Budget::FULL.points),
            contours: part(Budget::FULL.contours),
            attributions: part(Budget::FULL.attributions),
            figures: part(Budget::FULL.figures),
        }
    }
}

/// Points of a contour: at most, and at least.
const CONTOUR_POINTS: (usize, usize) = (80, 20);

/// The map's data, and what had to be left out.
pub(crate) struct Map {
    pub data: Value,
    pub left_out: Vec<String>,
}

/// A class as the page draws it.
#[derive(Serialize)]
struct Class<'a> {
    name: &'a str,
    colour: &'static str,
    symbol: &'static str,
}

/// Plotly's name of a mark.
fn symbol(mark: palette::Mark) -> &'static str {
    use palette::Mark;
    match mark {
        Mark::Circle => "circle",
        Mark::Square => "square",
        Mark::Up => "triangle-up",
        Mark::Down => "triangle-down",
        Mark::Diamond => "diamond",
        Mark::Cross => "cross",
    }
}

/// The data of the map.
pub(crate) fn map(
    evaluation: &Evaluation,
    audio: &Audio,
    contours: &[Contours],
    budget: Budget,
) -> Map {
    let mut left_out = Vec::new();
    let class = |(i, name): (usize, &'_ String)| {
        let look = palette::class(&evaluation.classes, i);
        json!(Class {
            name,
            colour: look.colour,
            symbol: symbol(look.mark)
        })
    };
    let classes: Vec<Value> = evaluation.classes.iter().enumerate().map(class).collect();
    let (experiments, shown) = experiments(evaluation, budget.points, &mut left_out);
    let mut sources = Sources::new(audio);
    // Only recordings that are on the map can be played.
    let urls: Vec<Option<String>> = evaluation
        .rows
        .iter()
        .zip(shown)
        .map(|(row, shown)| {
            if shown {
                sources.url(Path::new(&row.file))
            } else {
                None
            }
        })
        .collect();
    let data = json!({
        "classes": classes,
        "rows": rows(evaluation),
        "urls": if urls.iter().any(Option::is_some) { json!(urls) } else { Value::Null },
        "experiments": experiments,
        "attributions": attributions(evaluation, budget.attributions, &mut left_out),
        "contours": packed(contours, budget.contours, &mut left_out),
    });
    Map { data, left_out }
}

/// The recordings in columns; what all file names begin with is said once.
fn rows(evaluation: &Evaluation) -> Value {
    let files: Vec<&str> = evaluation.rows.iter().map(|r| r.file.as_str()).collect();
    let folder = shared_folder(&files);
    let mut names: Vec<&str> = Vec::new();
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &evaluation.rows {
        for name in [
            Some(row.corpus.as_str()),
            row.speaker.as_deref(),
            row.gender.as_deref(),
            row.label.as_deref(),
        ] {
            let name = name.unwrap_or("");
            if !numbers.contains_key(name) {
                numbers.insert(name, names.len());
                names.push(name);
            }
        }
    }
    let column = |of: &dyn Fn(usize) -> Option<String>| -> Vec<usize> {
        (0..evaluation.rows.len())
            .map(|i| numbers[of(i).unwrap_or_default().as_str()])
            .collect()
    };
    let rows = &evaluation.rows;
    json!({
        "folder": folder,
        "file": files.iter().map(|f| &f[folder.len()..]).collect::<Vec<_>>(),
        "names": names,
        "corpus": column(&|i| Some(rows[i].corpus.clone())),
        "speaker": column(&|i| rows[i].speaker.clone()),
        "gender": column(&|i| rows[i].gender.clone()),
        "label": column(&|i| rows[i].label.clone()),
        // Segments of longer recordings are told apart by their times.
        "start": rows.iter().map(|r| r.start.filter(|s| *s > 0.0)).collect::<Vec<_>>(),
        "end": rows.iter().map(|r| r.end.filter(|_| r.start.is_some_and(|s| s > 0.0))).collect::<Vec<_>>(),
    })
}

/// What all names begin with, up to a slash.
fn shared_folder(files: &[&str]) -> String {
    let Some(first) = files.first() else {
        return String::new();
    };
    let mut length = first.rfind(['/', '\\']).map_or(0, |at| at + 1);
    for file in files {
        while !file.starts_with(&first[..length]) {
            length = first[..length.saturating_sub(1)]
                .rfind(['/', '\\'])
                .map_or(0, |at| at + 1);
        }
    }
    first[..length].to_string()
}

/// The experiments with a latent space, and which rows they show.
fn experiments(
    evaluation: &Evaluation,
    budget: usize,
    left_out: &mut Vec<String>,
) -> (Vec<Value>, Vec<bool>) {
    let mut shown = vec![false; evaluation.rows.len()];
    let mut list = Vec::new();
    let mut used = 0;
    // The paper's representation first: it is the one that the page opens with.
    let mut order: Vec<&Experiment> = first_seed(evaluation).collect();
    order.sort_by_key(|e| {
        let all = e.classes.len() == evaluation.classes.len();
        (
            !all,
            ["dae", "uae", "pca"].iter().position(|m| *m == e.model),
        )
    });
    for experiment in order {
        let on_map: Vec<&Prediction> = on_map(evaluation, experiment).collect();
        if on_map.is_empty() {
            continue;
        }
        let value = points(evaluation, experiment, &on_map);
        let size = value.to_string().len();
        if used + size > budget {
            left_out.push(format!("the map of {}", name(evaluation, experiment)));
            continue;
        }
        used += size;
        on_map.iter().for_each(|p| shown[p.row] = true);
        list.push(value);
    }
    (list, shown)
}

/// Predictions of the first fold with a place in the plane: all other folds have other axes.
fn on_map<'a>(
    evaluation: &'a Evaluation,
    experiment: &'a Experiment,
) -> impl Iterator<Item = &'a Prediction> {
    let placed = |p: &&Prediction| p.latent.as_ref().is_some_and(|l| l.len() == 2);
    let known = |p: &&Prediction| p.fold == 0 && p.row < evaluation.rows.len();
    experiment.recordings.iter().filter(known).filter(placed)
}

fn name(evaluation: &Evaluation, experiment: &Experiment) -> String {
    let mut name = format!(
        "{}, {}",
        model_name(&experiment.model),
        preparation(evaluation, experiment)
    );
    if experiment.classes.len() != evaluation.classes.len() {
        name += &format!(", {}", experiment.classes.join("-"));
    }
    name
}

fn points(evaluation: &Evaluation, experiment: &Experiment, on_map: &[&Prediction]) -> Value {
    let class = |p: &Prediction| experiment.classes.iter().position(|c| *c == p.predicted);
    let percents = |p: &Prediction| -> Option<Vec<u8>> {
        let percent = |v: &f32| (100.0 * v).round().clamp(0.0, 100.0) as u8;
        Some(p.probabilities.as_ref()?.iter().map(percent).collect())
    };
    let sets: Vec<&str> = experiment.scores.iter().map(|s| s.set.as_str()).collect();
    // What the model said that had not learnt from the recording.
    let mut held_out: BTreeMap<usize, &Prediction> = BTreeMap::new();
    for p in experiment.recordings.iter().filter(|p| p.set == "valid") {
        held_out.insert(p.row, p);
    }
    let held: Vec<Option<&Prediction>> = on_map
        .iter()
        .filter(|p| p.set == "train")
        .map(|p| held_out.get(&p.row).copied())
        .collect();
    let held = json!({
        "fold": packed_bytes(held.iter().map(|p| Some(p.as_ref()?.fold))),
        "predicted": packed_bytes(held.iter().map(|p| class(p.as_ref()?))),
        "percent": all_percents(held.iter().map(|p| match p {
            Some(p) => percents(p),
            None => Some(vec![0; experiment.classes.len()]),
        })),
    });
    let place = |k: usize| -> Vec<f64> {
        let values = on_map
            .iter()
            .map(|p| p.latent.as_ref().map_or(0.0, |l| f64::from(l[k])));
        rounded(values.collect())
    };
    // Of all recordings, class by class, if there are any.
    let percent = all_percents(on_map.iter().map(|p| percents(p)));
    json!({
        "name": name(evaluation, experiment),
        "model": experiment.model,
        "classes": experiment.classes,
        "sets": sets.iter().map(|s| set_title(evaluation, s)).collect::<Vec<_>>(),
        "row": on_map.iter().map(|p| p.row).collect::<Vec<_>>(),
        "set": packed_bytes(on_map.iter().map(|p| sets.iter().position(|s| *s == p.set))),
        "trained": sets.iter().position(|s| *s == "train"),
        "x": place(0),
        "y": place(1),
        "predicted": packed_bytes(on_map.iter().map(|p| class(p))),
        "percent": percent,
        "held": held,
    })
}

/// Small numbers, a byte each, as base64; 255 for none.
fn packed_bytes(numbers: impl Iterator<Item = Option<usize>>) -> String {
    let bytes = numbers.map(|n| n.and_then(|n| u8::try_from(n).ok()).unwrap_or(u8::MAX));
    STANDARD.encode(bytes.collect::<Vec<u8>>())
}

/// Percents of all, class by class; none if one of them has none.
fn all_percents(percents: impl Iterator<Item = Option<Vec<u8>>>) -> Option<String> {
    let all = percents.collect::<Option<Vec<_>>>()?;
    Some(STANDARD.encode(all.concat()))
}

/// Rounded to at least a thousandth of their span, which is finer than a screen.
fn rounded(values: Vec<f64>) -> Vec<f64> {
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let decimals = (1000.0 / (high - low)).log10().ceil();
    let unit = if decimals.is_finite() {
        10f64.powf(decimals)
    } else {
        1.0
    };
    values.iter().map(|v| (v * unit).round() / unit).collect()
}

/// Contributions of single recordings, in thousandths of the largest one of the experiment.
fn attributions(evaluation: &Evaluation, budget: usize, left_out: &mut Vec<String>) -> Vec<Value> {
    let mut list = Vec::new();
    let mut used = 0;
    for experiment in first_seed(evaluation) {
        let Some(explanation) = experiment
            .explanation
            .as_ref()
            .filter(|e| !e.recordings.is_empty())
        else {
            continue;
        };
        let targets: Vec<String> = explanation
            .targets
            .iter()
            .enumerate()
            .map(|(i, name)| {
                if i < explanation.latent_targets {
                    name.clone()
                } else {
                    format!("decision for {name}")
                }
            })
            .collect();
        let all = explanation.recordings.iter().flat_map(|r| &r.contributions);
        let unit = all.fold(0.0f64, |a, v| a.max(v.abs())) / 1000.0;
        let mut kept = Vec::new();
        for r in &explanation.recordings {
            let target = explanation.targets.iter().position(|t| *t == r.target);
            let thousandth = |v: &f64| {
                if unit > 0.0 {
                    (v / unit).round() as i64
                } else {
                    0
                }
            };
            let value = json!([
                r.row,
                target,
                r.contributions.iter().map(thousandth).collect::<Vec<_>>()
            ]);
            used += value.to_string().len() + 1;
            if used > budget {
                left_out.push(format!(
                    "contributions to {} of {} recordings and targets",
                    name(evaluation, experiment),
                    explanation.recordings.len() - kept.len()
                ));
                break;
            }
            kept.push(value);
        }
        list.push(json!({
            "name": name(evaluation, experiment),
            "groups": explanation.groups,
            "targets": targets,
            "unit": unit,
            "recordings": kept,
        }));
    }
    list
}

/// Contours of as many points as there is room for.
fn packed(contours: &[Contours], budget: usize, left_out: &mut Vec<String>) -> Packed {
    /// Letters of base64 for a point of five bytes, and for what a recording has besides.
    const POINT: f64 = 5.0 * 4.0 / 3.0;
    const HEAD: f64 = 24.0;
    let (most, least) = CONTOUR_POINTS;
    let room = budget as f64 / contours.len().max(1) as f64;
    let points = ((room - HEAD) / POINT).floor().max(0.0) as usize;
    if points >= least {
        return pack(contours, points.min(most));
    }
    let fit = ((budget as f64 / (HEAD + least as f64 * POINT)) as usize).min(contours.len());
    left_out.push(format!(
        "contours of {}",
        counted(contours.len() - fit, "recording")
    ));
    pack(&contours[..fit], least)
}

#[test]
fn the_shared_folder_ends_at_a_slash() {
    assert_eq!(shared_folder(&["/a/bc/x", "/a/bd/y"]), "/a/");
    assert_eq!(shared_folder(&["x", "y"]), "");
    assert_eq!(shared_folder(&[]), "");
}
