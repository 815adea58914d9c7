//! Confusion matrices: what each class was taken for.
//!
//! ```text
//! share of cell (t, p) = recordings of true class t predicted as p / recordings of class t
//! ```

use crate::evaluate::result::{Evaluation, Experiment};
use crate::report::axis::{Frame, LABEL, TICK, TITLE};
use crate::report::canvas::{Anchor, Canvas, Text, Width};
use crate::report::font;
use ser_models::score::metric::Confusion;

use super::accuracy::once;
use super::cell::{Cell, Matrix, draw as draw_cells};
use super::selection::{groups_with_all_classes, initials, model_name, preparation, set_title};
use super::{Figure, Table, cell};

/// Height of a cell, in points.
const CELL: f64 = 21.0;

/// A confusion matrix with its name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Panel {
    pub title: String,
    pub subtitle: String,
    pub classes: Vec<String>,
    /// Counts, true class × predicted.
    pub counts: Vec<Vec<u64>>,
}

/// Confusion matrices of all classes, a figure per representation with a row per protocol and a column per set not trained on: those of the paper's
/// folds, and those of speakers held out, which is what a new speaker would meet.
pub(crate) fn figures(evaluation: &Evaluation) -> Vec<Figure> {
    let groups = groups_with_all_classes(evaluation);
    let models = once(groups.iter().flatten().map(|e| e.model.as_str()));
    models
        .into_iter()
        .filter_map(|model| figure(evaluation, &groups, model))
        .collect()
}

fn figure(evaluation: &Evaluation, groups: &[Vec<&Experiment>], model: &str) -> Option<Figure> {
    let experiments_of_model: Vec<&Experiment> = groups
        .iter()
        .flatten()
        .filter(|e| e.model == model)
        .copied()
        .collect();
    let of_experiment = |experiment: &&Experiment| -> Vec<Panel> {
        let short = match experiment.mixes_speakers {
            true => "speakers mixed",
            false => "speakers held out",
        };
        let named = |panel: Panel| Panel {
            subtitle: match experiments_of_model.len() {
                1 => panel.subtitle,
                _ => format!("{}, {short}", panel.subtitle),
            },
            ..panel
        };
        let panels = panels(evaluation, experiment).into_iter();
        panels.map(named).collect()
    };
    let panels: Vec<Panel> = experiments_of_model
        .iter()
        .flat_map(of_experiment)
        .collect();
    let first = experiments_of_model
        .first()
        .filter(|_| !panels.is_empty())?;
    let columns = first.scores.iter().filter(|s| s.set != "train").count();
    let name = format!("Confusion matrices, {}", model_name(model));
    let sheet = |width: Width| {
        let mut canvas = Canvas::new(width);
        let at_most = width.choose(3, 4);
        let bottom = grid(&mut canvas, 4.0, &panels, columns.clamp(1, at_most), b'a');
        canvas.finish(bottom, &name)
    };
    let protocols: Vec<String> = experiments_of_model
        .iter()
        .map(|experiment| preparation(evaluation, experiment))
        .collect();
    Some(Figure {
        name: format!("fig3b-confusion-{model}"),
        title: name.clone(),
        caption: format!(
            "True class (rows) against predicted class (columns), in percent of the true class; below, the number of recordings. {}. Seed {}. \
             Each held-out recording is counted once; transfer corpora are classified by the first fold's model.",
            protocols.join(" and "),
            first.seed
        ),
        table: table(&panels),
        single: sheet(Width::Single),
        double: sheet(Width::Double),
    })
}

/// The matrices of an experiment: each held-out recording once; transfer sets by the first fold's model.
pub(crate) fn panels(evaluation: &Evaluation, experiment: &Experiment) -> Vec<Panel> {
    let sets = experiment.scores.iter().map(|s| s.set.as_str());
    let panel = |set: &str| {
        let folds = experiment.folds.iter();
        let mut of_folds = folds.filter_map(|f| f.sets.iter().find(|s| s.set == set));
        let mut total = Confusion::new(experiment.classes.len());
        if set == "valid" {
            of_folds.for_each(|s| total += &s.confusion);
        } else {
            total += &of_folds.next()?.confusion;
        }
        Some(Panel {
            title: set_title(evaluation, set),
            subtitle: model_name(&experiment.model),
            classes: experiment.classes.clone(),
            counts: total.rows().map(<[u64]>::to_vec).collect(),
        })
    };
    sets.filter(|s| *s != "train").filter_map(panel).collect()
}

/// Draws matrices in `columns` from `top`, lettered from `letter`, and gives the lower end.
pub(crate) fn grid(
    canvas: &mut Canvas,
    top: f64,
    panels: &[Panel],
    columns: usize,
    letter: u8,
) -> f64 {
    let slot = canvas.width() / columns as f64;
    let side = (slot - 27.0).min(132.0);
    let head = 2.0 * TITLE + LABEL + 7.0;
    let tall = |p: &Panel| CELL * p.classes.len() as f64;
    let mut y = top;
    for (row, of_row) in panels.chunks(columns).enumerate() {
        let height = of_row.iter().map(tall).fold(0.0, f64::max);
        for (column, panel) in of_row.iter().enumerate() {
            let left = slot * column as f64;
            let index = row * columns + column;
            let title = format!("({}) {}", numbered(letter, index), panel.title);
            let title = font::fit(&title, TITLE, (slot - 5.0) * 0.93);
            canvas.text(
                left + 3.0,
                y + TITLE,
                &title,
                Text::new(TITLE, Anchor::Start).bold(),
            );
            let recordings: u64 = panel.counts.iter().flatten().sum();
            let under = format!("{}, n = {recordings}", panel.subtitle);
            let under = font::fit(&under, LABEL, slot - 5.0);
            canvas.text(
                left + 3.0,
                y + 2.2 * TITLE,
                &under,
                Text::new(LABEL, Anchor::Start),
            );
            let frame = Frame {
                x: left + 21.0,
                y: y + head,
                width: side,
                height,
            };
            draw_cells(canvas, frame, &matrix(panel));
            let middle = frame.y + frame.height / 2.0;
            canvas.text(
                left + 7.0,
                middle,
                "true",
                Text::new(TICK, Anchor::Middle).upward(),
            );
            let x = frame.x + frame.width / 2.0;
            canvas.text(
                x,
                frame.bottom() + TICK + 2.0,
                "predicted",
                Text::new(TICK, Anchor::Middle),
            );
        }
        y += head + height + TICK + 9.0;
    }
    y
}

/// a … z, then aa, ab …
fn numbered(letter: u8, index: usize) -> String {
    let at = usize::from(letter - b'a') + index;
    let sign = |n: usize| char::from(b'a' + (n % 26) as u8);
    if at < 26 {
        sign(at).to_string()
    } else {
        format!("{}{}", sign(at / 26 - 1), sign(at))
    }
}

fn matrix(panel: &Panel) -> Matrix {
    let names = initials(&panel.classes);
    let row = |counts: &Vec<u64>| {
        let total: u64 = counts.iter().sum();
        let of = |&count: &u64| {
            (total > 0).then(|| {
                let share = count as f64 / total as f64;
                Cell {
                    share,
                    lines: vec![format!("{:.0}", 100.0 * share), count.to_string()],
                }
            })
        };
        counts.iter().map(of).collect()
    };
    Matrix {
        rows: names.clone(),
        columns: names,
        cells: panel.counts.iter().map(row).collect(),
    }
}

/// One row per cell.
pub(crate) fn table(panels: &[Panel]) -> Table {
    let mut rows = Vec::new();
    for panel in panels {
        for (truth, counts) in panel.counts.iter().enumerate() {
            let total: u64 = counts.iter().sum();
            for (predicted, &count) in counts.iter().enumerate() {
                let share = (total > 0).then(|| count as f64 / total as f64);
                rows.push(vec![
                    panel.title.clone(),
                    panel.subtitle.clone(),
                    panel.classes[truth].clone(),
                    panel.classes[predicted].clone(),
                    count.to_string(),
                    cell(share),
                ]);
            }
        }
    }
    Table {
        header: vec!["set", "model", "true", "predicted", "recordings", "share"],
        rows,
    }
}

#[test]
fn panels_go_on_after_z() {
    assert_eq!(numbered(b'a', 25), "z");
    assert_eq!(numbered(b'a', 26), "aa");
    assert_eq!(numbered(b'c', 1), "d");
}
