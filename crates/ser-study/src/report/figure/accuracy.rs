//! Figure 2: scores with 95 % intervals of each representation on each data set.

use crate::evaluate::result::{Evaluation, Experiment};
use crate::report::axis::{Axis, Frame, LABEL, TICK, TITLE, edge};
use crate::report::canvas::{Anchor, Canvas, INK, Paint, Text, Width};
use crate::report::palette::{Look, Mark, mark, model};
use ser_models::score::interval::Score;

use super::legend::{Sign, chance, legend};
use super::selection::{
    groups_with_all_classes, model_name, preparation, scores, set_name, thousands,
};
use super::{Figure, Table, cell};

/// Height of a panel's data, in points.
const HEIGHT: f64 = 120.0;

/// A score of a representation on a set.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    panel: usize,
    preparation: String,
    model: String,
    set: String,
    uar: Score,
    accuracy: Score,
    /// Standard deviations of UAR and accuracy over seeds.
    sd: Option<(f64, f64)>,
    recordings: usize,
    speakers: usize,
    chance: f64,
}

/// Figure 2, if there are scores.
pub(crate) fn figure(evaluation: &Evaluation) -> Option<Figure> {
    let points = data(evaluation);
    if points.is_empty() {
        return None;
    }
    let chance = 100.0 * points[0].chance;
    Some(Figure {
        name: "fig2-scores".into(),
        title: "Scores of each representation on each data set".into(),
        caption: format!(
            "Unweighted average recall (left) and accuracy (right) of a linear support vector classifier on the 88 features and on \
             two-dimensional representations of them; {} classes{}. Bars are 95 % intervals ({}); those over folds are the paper's own, which show \
             how much the folds' models differ, not how other speakers would score. Dashed line: chance, {chance:.0} %. n: recordings, sp.: speakers.",
            evaluation.classes.len(),
            match evaluation.over_seeds.first() {
                Some(over) => format!("; means over {} seeds", over.seeds.len()),
                None => String::new(),
            },
            methods(&points),
        ),
        table: table(&points),
        single: draw(evaluation, &points, Width::Single),
        double: draw(evaluation, &points, Width::Double),
    })
}

/// The methods of the intervals, each once.
fn methods(points: &[Point]) -> String {
    let mut names: Vec<String> = Vec::new();
    for point in points {
        let name = point.uar.method.to_string();
        let name = name.trim_start_matches("95 % interval, ").to_string();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join("; or ")
}

pub(crate) fn data(evaluation: &Evaluation) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    let mut panel = 0;
    for group in groups_with_all_classes(evaluation) {
        let of_group: Vec<Point> = group
            .iter()
            .flat_map(|experiment| of_experiment(evaluation, experiment, panel))
            .collect();
        let bars: Vec<Point> = group
            .iter()
            .flat_map(|experiment| bars(experiment, &of_group, panel + 1))
            .collect();
        panel += if bars.is_empty() { 1 } else { 2 };
        points.extend(of_group);
        points.extend(bars);
    }
    points
}

fn of_experiment(evaluation: &Evaluation, experiment: &Experiment, panel: usize) -> Vec<Point> {
    let point = |scores: &crate::evaluate::result::SetScores| Point {
        panel,
        preparation: preparation(evaluation, experiment),
        model: experiment.model.clone(),
        set: scores.set.clone(),
        uar: scores.uar,
        accuracy: scores.accuracy,
        sd: scores
            .over_seeds
            .map(|spread| (spread.uar, spread.accuracy)),
        recordings: scores.recordings,
        speakers: scores.speakers,
        chance: scores.chance,
    };
    scores(evaluation, experiment).iter().map(point).collect()
}

/// The paper's own bars of the first seed, where they were made.
fn bars(experiment: &Experiment, points: &[Point], panel: usize) -> Vec<Point> {
    let of_set = |scores: &crate::evaluate::result::SetScores| {
        let bars = scores.bars?;
        let point = points
            .iter()
            .find(|p| p.set == scores.set && p.model == experiment.model)?;
        Some(Point {
            panel,
            preparation: format!("the paper's own bars, over folds, seed {}", experiment.seed),
            uar: bars.uar,
            accuracy: bars.accuracy,
            sd: None,
            ..point.clone()
        })
    };
    experiment.scores.iter().filter_map(of_set).collect()
}

fn table(points: &[Point]) -> Table {
    let row = |p: &Point| {
        let ends = |s: &Score| [s.interval.map(|i| i.low), s.interval.map(|i| i.high)].map(cell);
        let [uar_low, uar_high] = ends(&p.uar);
        let [accuracy_low, accuracy_high] = ends(&p.accuracy);
        vec![
            p.preparation.clone(),
            p.model.clone(),
            p.set.clone(),
            cell(Some(p.uar.value)),
            uar_low,
            uar_high,
            cell(Some(p.accuracy.value)),
            accuracy_low,
            accuracy_high,
            p.recordings.to_string(),
            p.speakers.to_string(),
            cell(Some(p.chance)),
            cell(p.sd.map(|sd| sd.0)),
            cell(p.sd.map(|sd| sd.1)),
            p.uar.method.to_string(),
        ]
    };
    Table {
        header: vec![
            "protocol",
            "model",
            "set",
            "uar",
            "uar_low",
            "uar_high",
            "accuracy",
            "accuracy_low",
            "accuracy_high",
            "recordings",
            "speakers",
            "chance",
            "uar_sd_of_seeds",
            "accuracy_sd_of_seeds",
            "interval",
        ],
        rows: points.iter().map(row).collect(),
    }
}

/// The names in their order, each once.
pub(crate) fn once<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut list: Vec<&str> = Vec::new();
    for name in names {
        if !list.contains(&name) {
            list.push(name);
        }
    }
    list
}

/// Values and interval ends of all scores, in percent: what an axis must hold.
pub(crate) fn percent_axis<'a>(scores: impl Iterator<Item = &'a Score>, chance: f64) -> Axis {
    let (mut low, mut high) = (chance, chance);
    for score in scores {
        let ends = score.interval.map_or([score.value; 2], |i| [i.low, i.high]);
        low = low.min(ends[0]).min(score.value);
        high = high.max(ends[1]).max(score.value);
    }
    Axis::round(
        (100.0 * low - 2.0).max(0.0),
        (100.0 * high + 1.0).min(100.0),
        6,
    )
}

fn draw(evaluation: &Evaluation, points: &[Point], width: Width) -> String {
    let mut canvas = Canvas::new(width);
    let models = once(points.iter().map(|p| p.model.as_str()));
    let mut entries: Vec<(Sign, Look, String)> = models
        .iter()
        .map(|m| (Sign::Mark, model(m), model_name(m)))
        .collect();
    let plain = Look {
        colour: INK,
        mark: Mark::Circle,
        dash: "",
    };
    entries.push((Sign::Chance, plain, "chance".into()));
    let room = canvas.width() - 8.0;
    let mut top = 4.0 + legend(&mut canvas, (4.0, 4.0), room, &entries) + 4.0;
    let scores = points.iter().flat_map(|p| [&p.uar, &p.accuracy]);
    let axis = percent_axis(scores, points[0].chance);
    let columns = width.choose(1, 2);
    let cell_width = canvas.width() / columns as f64;
    let panels = points.last().map_or(0, |p| p.panel + 1);
    let mut letter = b'a';
    for panel in 0..panels {
        let of: Vec<&Point> = points.iter().filter(|p| p.panel == panel).collect();
        for measure in 0..2 {
            let column = if columns == 2 { measure } else { 0 };
            let left = column as f64 * cell_width;
            let head = format!("({}) {}", letter as char, of[0].preparation);
            let lines = crate::report::font::lines(&head, TITLE, (cell_width - 12.0) * 0.92);
            for (i, line) in lines.iter().enumerate() {
                let y = top + TITLE * (1.0 + 1.2 * i as f64);
                canvas.text(left + 4.0, y, line, Text::new(TITLE, Anchor::Start).bold());
            }
            let frame = Frame {
                x: left + 30.0,
                y: top + TITLE * (1.2 * lines.len() as f64) + 6.0,
                width: cell_width - 36.0,
                height: HEIGHT,
            };
            let name = if measure == 0 {
                "UAR / %"
            } else {
                "accuracy / %"
            };
            let score: fn(&Point) -> Score = if measure == 0 {
                |p| p.uar
            } else {
                |p| p.accuracy
            };
            axis.left(&mut canvas, frame, name, true);
            plot(&mut canvas, frame, &axis, &of, score, &models);
            names(&mut canvas, evaluation, frame, &of);
            letter += 1;
            if column + 1 == columns {
                top = frame.bottom() + 4.0 * TICK + 12.0;
            }
        }
    }
    canvas.finish(top, "Scores of each representation on each data set")
}

/// Points with their intervals, those of a set side by side.
fn plot(
    canvas: &mut Canvas,
    frame: Frame,
    axis: &Axis,
    points: &[&Point],
    score: fn(&Point) -> Score,
    models: &[&str],
) {
    let sets = once(points.iter().map(|p| p.set.as_str()));
    let y = |value: f64| axis.at(100.0 * value, frame.bottom(), frame.y);
    let level = y(points[0].chance);
    canvas.line((frame.x, level), (frame.right(), level), chance());
    let slot = frame.width / sets.len() as f64;
    for (i, _) in sets.iter().enumerate().skip(1) {
        let x = frame.x + slot * i as f64;
        canvas.line(
            (x, frame.y),
            (x, frame.bottom()),
            crate::report::axis::hairline(),
        );
    }
    for point in points {
        let set = sets.iter().position(|s| *s == point.set).unwrap_or(0);
        let at = models.iter().position(|m| *m == point.model).unwrap_or(0);
        let step = (slot / (models.len() as f64 + 1.0)).min(11.0);
        let shift = (at as f64 - (models.len() as f64 - 1.0) / 2.0) * step;
        let x = frame.x + slot * (set as f64 + 0.5) + shift;
        whisker(
            canvas,
            (x, y(score(point).value)),
            score(point),
            y,
            model(&point.model),
        );
    }
    canvas.rectangle(frame.x, frame.y, frame.width, frame.height, edge());
}

/// A mark with its interval.
pub(crate) fn whisker(
    canvas: &mut Canvas,
    (x, at): (f64, f64),
    score: Score,
    y: impl Fn(f64) -> f64,
    look: Look,
) {
    if let Some(interval) = score.interval {
        let (low, high) = (y(interval.low), y(interval.high));
        let paint = Paint::line(look.colour, 0.9);
        canvas.line((x, low), (x, high), paint);
        canvas.line((x - 1.8, low), (x + 1.8, low), paint);
        canvas.line((x - 1.8, high), (x + 1.8, high), paint);
    }
    canvas.path(&mark(look.mark, x, at, 2.2), Paint::fill(look.colour));
}

/// Below each set: its name, what it is there, recordings and speakers.
fn names(canvas: &mut Canvas, evaluation: &Evaluation, frame: Frame, points: &[&Point]) {
    let sets = once(points.iter().map(|p| p.set.as_str()));
    let slot = frame.width / sets.len() as f64;
    for (i, set) in sets.iter().enumerate() {
        let x = frame.x + slot * (i as f64 + 0.5);
        let Some(point) = points.iter().find(|p| p.set == *set) else {
            continue;
        };
        let (corpus, what) = set_name(evaluation, set);
        let n = format!("n = {}", thousands(point.recordings));
        let speakers = match point.speakers {
            0 => String::new(),
            s => format!("{s} sp."),
        };
        let fitted = crate::report::font::fit(&corpus, LABEL, slot - 2.0);
        let y = frame.bottom() + 3.0;
        canvas.text(x, y + LABEL, &fitted, Text::new(LABEL, Anchor::Middle));
        for (line, text) in [what.to_string(), n, speakers].iter().enumerate() {
            let y = y + LABEL + (TICK + 0.8) * (line as f64 + 1.0);
            canvas.text(x, y, text, Text::new(TICK, Anchor::Middle));
        }
    }
}
