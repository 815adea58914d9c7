//! Figure 3: three classes at a time, scores and confusion matrices.

use crate::evaluate::result::{Evaluation, Experiment};
use crate::report::axis::{Axis, Frame, LABEL, TITLE, edge, hairline};
use crate::report::canvas::{Anchor, Canvas, INK, Text, Width};
use crate::report::palette::{Look, Mark, set as set_look};
use ser_models::score::interval::Score;

use super::accuracy::{once, percent_axis, whisker};
use super::confusion::{Panel, grid, panels, table as confusion_table};
use super::legend::{Sign, chance, legend};
use super::selection::{
    first_seed, initials, like, model_name, preparation, scores, scores_of, set_title,
};
use super::{Figure, Table, cell};

/// Height of a panel's data, in points.
const HEIGHT: f64 = 105.0;

/// Experiments of three classes of more, of the first preparation, in groups of one model each.
fn triads(evaluation: &Evaluation) -> Vec<Vec<&Experiment>> {
    let few = |e: &&Experiment| e.classes.len() == 3 && evaluation.classes.len() > 3;
    let mut groups: Vec<Vec<&Experiment>> = Vec::new();
    let mut first = None;
    for experiment in first_seed(evaluation).filter(few) {
        if !like(first.get_or_insert(experiment), experiment) {
            continue;
        }
        match groups.iter_mut().find(|g| g[0].model == experiment.model) {
            Some(group) => group.push(experiment),
            None => groups.push(vec![experiment]),
        }
    }
    groups
}

/// N-S-H of neutral, sad, happy.
fn name(experiment: &Experiment) -> String {
    initials(&experiment.classes).join("-")
}

/// Figure 3, if triads were evaluated.
pub(crate) fn figure(evaluation: &Evaluation) -> Option<Figure> {
    let groups = triads(evaluation);
    let firsts: Vec<&Experiment> = groups.iter().map(|g| g[0]).collect();
    let shown = super::selection::preferred(&firsts, &["dae", "uae", "pca", "raw"])
        .or(firsts.first().copied())?;
    let matrices: Vec<Panel> = groups
        .iter()
        .filter(|g| g[0].model == shown.model)
        .flatten()
        .flat_map(|e| {
            let named = |p: Panel| Panel {
                subtitle: format!("{}, {}", name(e), p.subtitle),
                ..p
            };
            panels(evaluation, e).into_iter().map(named)
        })
        .collect();
    let mut table = triad_scores(evaluation, &groups);
    // Both tables in one file: scores first, the cells after them.
    for row in confusion_table(&matrices).rows {
        table.rows.push(vec![
            String::new(),
            row[1].clone(),
            row[0].clone(),
            row[5].clone(),
            String::new(),
            String::new(),
            row[2].clone(),
            row[3].clone(),
            row[4].clone(),
        ]);
    }
    let sheet = |width| draw(evaluation, &groups, &matrices, width);
    Some(Figure {
        name: "fig3-triads".into(),
        title: "Scores on triads of emotions".into(),
        caption: format!(
            "Unweighted average recall for each combination of three classes, named by their initials. Bars: {}. {}. Dashed line: chance, \
             33 %. Confusion matrices: {}, in percent of the true class, with the number of recordings; seed {}.",
            scores(evaluation, shown)
                .first()
                .map_or(String::new(), |s| s.uar.method.to_string()),
            preparation(evaluation, shown),
            model_name(&shown.model),
            shown.seed,
        ),
        table,
        single: sheet(Width::Single),
        double: sheet(Width::Double),
    })
}

fn triad_scores(evaluation: &Evaluation, groups: &[Vec<&Experiment>]) -> Table {
    let mut rows = Vec::new();
    for experiment in groups.iter().flatten() {
        for scores in scores(evaluation, experiment) {
            let interval = scores.uar.interval;
            rows.push(vec![
                name(experiment),
                experiment.model.clone(),
                scores.set.clone(),
                cell(Some(scores.uar.value)),
                cell(interval.map(|i| i.low)),
                cell(interval.map(|i| i.high)),
                String::new(),
                String::new(),
                scores.recordings.to_string(),
            ]);
        }
    }
    Table {
        header: vec![
            "triad",
            "model",
            "set",
            "value",
            "low",
            "high",
            "true",
            "predicted",
            "recordings",
        ],
        rows,
    }
}

fn draw(
    evaluation: &Evaluation,
    groups: &[Vec<&Experiment>],
    matrices: &[Panel],
    width: Width,
) -> String {
    let mut canvas = Canvas::new(width);
    let all = groups.iter().flatten();
    let sets = once(
        all.clone()
            .flat_map(|e| scores(evaluation, e).iter().map(|s| s.set.as_str())),
    );
    let mut entries: Vec<(Sign, Look, String)> = sets
        .iter()
        .enumerate()
        .map(|(i, s)| (Sign::Mark, set_look(i), set_title(evaluation, s)))
        .collect();
    let plain = Look {
        colour: INK,
        mark: Mark::Circle,
        dash: "",
    };
    entries.push((Sign::Chance, plain, "chance".into()));
    let room = canvas.width() - 8.0;
    let mut top = 8.0 + legend(&mut canvas, (4.0, 4.0), room, &entries);
    let values = all.flat_map(|e| scores(evaluation, e).iter().map(|s| &s.uar));
    let axis = percent_axis(values, 1.0 / 3.0);
    let columns = width.choose(1, 2).min(groups.len());
    let slot = canvas.width() / columns as f64;
    for (index, group) in groups.iter().enumerate() {
        let left = slot * (index % columns) as f64;
        let title = format!(
            "({}) {}",
            char::from(b'a' + index as u8),
            model_name(&group[0].model)
        );
        canvas.text(
            left + 4.0,
            top + TITLE,
            &title,
            Text::new(TITLE, Anchor::Start).bold(),
        );
        let frame = Frame {
            x: left + 30.0,
            y: top + TITLE + 7.0,
            width: slot - 36.0,
            height: HEIGHT,
        };
        axis.left(&mut canvas, frame, "UAR / %", true);
        plot(&mut canvas, evaluation, (frame, &axis), group, &sets);
        if index % columns + 1 == columns || index + 1 == groups.len() {
            top = frame.bottom() + LABEL + 14.0;
        }
    }
    let per_row = matrices.len() / groups[0].len().max(1);
    let columns = per_row.clamp(1, width.choose(3, 4));
    let letter = b'a' + groups.len() as u8;
    let bottom = grid(&mut canvas, top, matrices, columns, letter);
    canvas.finish(bottom, "Scores on triads of emotions")
}

fn plot(
    canvas: &mut Canvas,
    evaluation: &Evaluation,
    (frame, axis): (Frame, &Axis),
    group: &[&Experiment],
    sets: &[&str],
) {
    let y = |value: f64| axis.at(100.0 * value, frame.bottom(), frame.y);
    let level = y(1.0 / 3.0);
    canvas.line((frame.x, level), (frame.right(), level), chance());
    let slot = frame.width / group.len() as f64;
    let step = (slot / (sets.len() as f64 + 1.0)).min(11.0);
    for (i, experiment) in group.iter().enumerate() {
        let middle = frame.x + slot * (i as f64 + 0.5);
        if i > 0 {
            let x = frame.x + slot * i as f64;
            canvas.line((x, frame.y), (x, frame.bottom()), hairline());
        }
        let text = Text::new(LABEL, Anchor::Middle);
        canvas.text(
            middle,
            frame.bottom() + LABEL + 3.0,
            &name(experiment),
            text,
        );
        for (at, set) in sets.iter().enumerate() {
            let Some(scores) = scores_of(evaluation, experiment, set) else {
                continue;
            };
            let x = middle + (at as f64 - (sets.len() as f64 - 1.0) / 2.0) * step;
            let score: Score = scores.uar;
            whisker(canvas, (x, y(score.value)), score, y, set_look(at));
        }
    }
    canvas.rectangle(frame.x, frame.y, frame.width, frame.height, edge());
}
