//! Figure 4 a–f: recordings in the latent space by class, with the density of each dimension along both axes.
//!
//! All sets are shown in the space of one model, the first fold's: another fold's network has other axes, and points of both in one picture would
//! mean nothing. Where a corpus is rated for valence and activation, the same picture of those comes first.

use crate::evaluate::result::{Evaluation, Experiment, Prediction};
use crate::report::axis::{Axis, Frame, LABEL, TITLE, edge};
use crate::report::canvas::{Anchor, Canvas, Paint, Text, Width, polygon, tenth};
use crate::report::font;
use crate::report::palette::{Look, Mark, class, mark};
use ser_models::explain::marginal::{Bandwidth, density};
use ser_tables::statistic::quantile;

use super::accuracy::once;
use super::legend::{Sign, legend};
use super::selection::{groups_with_all_classes, model_name, preparation, set_title, thousands};
use super::{Figure, Table, cell};

/// Points are drawn in so many turns over the classes, so that no class lies on top of all others.
const TURNS: usize = 12;

/// The points of a panel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Panel {
    pub title: String,
    /// Names of the two dimensions.
    pub names: [&'static str; 2],
    /// Row of the evaluation, class, place.
    pub points: Vec<(usize, usize, [f64; 2])>,
    /// Ranges of the two dimensions.
    pub axes: [Axis; 2],
}

/// One figure per two-dimensional representation of the first preparation.
pub(crate) fn figures(evaluation: &Evaluation) -> Vec<Figure> {
    let groups = groups_with_all_classes(evaluation);
    let mut shown: Vec<&Experiment> = groups.first().cloned().unwrap_or_default();
    shown.retain(|e| !points_in_plane(e, |_| true).is_empty());
    // The paper's representation first.
    shown.sort_by_key(|e| ["dae", "uae", "pca"].iter().position(|m| *m == e.model));
    let figure = |e: &&Experiment| {
        let panels = data(evaluation, e);
        Figure {
            name: format!("fig4-latent-{}", e.model),
            title: format!("Recordings in the latent space, {}", model_name(&e.model)),
            caption: format!(
                "Each point is a recording; curves are the density of each class along that axis (Gaussian kernel, Silverman's bandwidth, equal areas). \
                 {}; all sets are placed by the first fold's model. Latent dimensions have no unit.{}",
                preparation(evaluation, e),
                beyond(&panels),
            ),
            table: table(evaluation, &panels),
            single: draw(evaluation, &panels, Width::Single),
            double: draw(evaluation, &panels, Width::Double),
        }
    };
    shown.iter().map(figure).collect()
}

/// The first fold's predictions that have a place in the plane.
fn points_in_plane(
    experiment: &Experiment,
    of: impl Fn(&Prediction) -> bool,
) -> Vec<(usize, [f64; 2])> {
    let placed = |p: &Prediction| match p.latent.as_deref() {
        Some(&[x, y]) => Some((p.row, [f64::from(x), f64::from(y)])),
        _ => None,
    };
    let first = experiment
        .recordings
        .iter()
        .filter(|p| p.fold == 0 && of(p));
    first.filter_map(placed).collect()
}

pub(crate) fn data(evaluation: &Evaluation, experiment: &Experiment) -> Vec<Panel> {
    let class_of = |row: usize| {
        let label = evaluation.rows.get(row)?.label.as_ref()?;
        evaluation.classes.iter().position(|c| c == label)
    };
    let all = points_in_plane(experiment, |_| true);
    let axes = [0, 1].map(|k| axis_without_extremes(all.iter().map(|(_, p)| p[k])));
    let mut panels: Vec<Panel> = rated(evaluation, class_of).into_iter().collect();
    for set in once(experiment.scores.iter().map(|s| s.set.as_str())) {
        let points: Vec<_> = points_in_plane(experiment, |p| p.set == set)
            .into_iter()
            .filter_map(|(row, place)| Some((row, class_of(row)?, place)))
            .collect();
        if !points.is_empty() {
            panels.push(Panel {
                title: set_title(evaluation, set),
                names: ["latent dimension 1", "latent dimension 2"],
                points,
                axes: axes.clone(),
            });
        }
    }
    panels
}

/// Valence and activation, if any recording is rated.
fn rated(evaluation: &Evaluation, class_of: impl Fn(usize) -> Option<usize>) -> Option<Panel> {
    let rows = evaluation.rows.iter().enumerate();
    let points: Vec<_> = rows
        .filter_map(|(i, row)| Some((i, class_of(i)?, [row.activation?, row.valence?])))
        .collect();
    let corpus = &evaluation.rows[points.first()?.0].corpus;
    let axes = [0, 1].map(|k| {
        let values = || points.iter().map(|p| p.2[k]);
        let low = values().fold(f64::INFINITY, f64::min);
        let high = values().fold(f64::NEG_INFINITY, f64::max);
        let margin = 0.06 * (high - low);
        Axis::new(low - margin, high + margin, 4)
    });
    Some(Panel {
        title: format!("{corpus}, ratings"),
        names: ["activation, as rated", "valence, as rated"],
        points,
        axes,
    })
}

/// A range that holds all but the farthest 0.5 % at either end, and some room.
fn axis_without_extremes(values: impl Iterator<Item = f64>) -> Axis {
    let mut sorted: Vec<f64> = values.filter(|v| v.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = (quantile(&sorted, 0.005), quantile(&sorted, 0.995));
    let margin = 0.08 * (high - low);
    let far = |v: Option<&f64>| v.copied().unwrap_or(0.0);
    Axis::new(
        (low - margin).max(far(sorted.first()) - margin * 0.5),
        (high + margin).min(far(sorted.last()) + margin * 0.5),
        4,
    )
}

/// Points outside the axes are drawn at the edge; how many.
fn beyond(panels: &[Panel]) -> String {
    let out = |p: &Panel| {
        let outside = |k: usize, v: f64| v < p.axes[k].low || v > p.axes[k].high;
        let points = p.points.iter();
        points
            .filter(|(_, _, v)| outside(0, v[0]) || outside(1, v[1]))
            .count()
    };
    match panels.iter().map(out).sum::<usize>() {
        0 => String::new(),
        1 => " One recording lies beyond the axes and is drawn at their edge.".into(),
        n => format!(" {n} recordings lie beyond the axes and are drawn at their edge."),
    }
}

fn table(evaluation: &Evaluation, panels: &[Panel]) -> Table {
    let mut rows = Vec::new();
    for panel in panels {
        for &(row, class, place) in &panel.points {
            let recording = &evaluation.rows[row];
            rows.push(vec![
                panel.title.clone(),
                recording.file.clone(),
                recording.speaker.clone().unwrap_or_default(),
                evaluation.classes[class].clone(),
                cell(Some(place[0])),
                cell(Some(place[1])),
            ]);
        }
    }
    Table {
        header: vec!["panel", "file", "speaker", "class", "x", "y"],
        rows,
    }
}

fn draw(evaluation: &Evaluation, panels: &[Panel], width: Width) -> String {
    let mut canvas = Canvas::new(width);
    let classes = &evaluation.classes;
    let entries: Vec<(Sign, Look, String)> = classes
        .iter()
        .enumerate()
        .map(|(i, name)| (Sign::MarkedLine, class(classes, i), name.clone()))
        .collect();
    let room = canvas.width() - 8.0;
    let mut top = 8.0 + legend(&mut canvas, (4.0, 4.0), room, &entries);
    // Four panels in one line rather than one of them below alone.
    let columns = width.choose(2, if panels.len() == 4 { 4 } else { 3 });
    let slot = canvas.width() / columns as f64;
    let marginal = if slot < 150.0 { 15.0 } else { 22.0 };
    let last = panels.len().saturating_sub(1);
    for (index, panel) in panels.iter().enumerate() {
        let left = slot * (index % columns) as f64;
        let letter = char::from(b'a' + (index % 26) as u8);
        let title = font::fit(
            &format!("({letter}) {}", panel.title),
            TITLE,
            (slot - 5.0) * 0.93,
        );
        canvas.text(
            left + 4.0,
            top + TITLE,
            &title,
            Text::new(TITLE, Anchor::Start).bold(),
        );
        let n = format!("n = {}", thousands(panel.points.len()));
        canvas.text(
            left + 4.0,
            top + 2.3 * TITLE,
            &n,
            Text::new(LABEL, Anchor::Start),
        );
        let side = slot - 29.0 - marginal - 4.0;
        let frame = Frame {
            x: left + 29.0,
            y: top + 2.3 * TITLE + 4.0 + marginal,
            width: side,
            height: side,
        };
        scatter(&mut canvas, frame, classes, panel);
        densities(&mut canvas, frame, marginal, classes, panel);
        panel.axes[0].below(&mut canvas, frame, panel.names[0], false);
        panel.axes[1].left(&mut canvas, frame, panel.names[1], false);
        canvas.rectangle(frame.x, frame.y, frame.width, frame.height, edge());
        if index % columns + 1 == columns || index == last {
            top = frame.bottom() + LABEL * 2.0 + 16.0;
        }
    }
    canvas.finish(top - 4.0, "Recordings in the latent space")
}

fn scatter(canvas: &mut Canvas, frame: Frame, classes: &[String], panel: &Panel) {
    let size = (22.0 / (panel.points.len() as f64).sqrt()).clamp(0.75, 1.5);
    for turn in 0..TURNS {
        for number in 0..classes.len() {
            let look = class(classes, number);
            let ((left, up), shape) = shape(look.mark, size);
            let mut d = String::new();
            let points = panel.points.iter().enumerate();
            for (_, (_, _, place)) in points.filter(|(i, p)| i % TURNS == turn && p.1 == number) {
                let [x, y] = place;
                let x = panel.axes[0].at(*x, frame.x, frame.right());
                let y = panel.axes[1].at(*y, frame.bottom(), frame.y);
                let x = x.clamp(frame.x + size, frame.right() - size);
                let y = y.clamp(frame.y + size, frame.bottom() - size);
                let tenths = |v: f64| (v * 10.0).round() as i64;
                let (x, y) = (tenths(x + left), tenths(y + up));
                d += &format!("M{}{}{shape}", tenth(x, true), tenth(y, false));
            }
            if d.is_empty() {
                continue;
            }
            if look.mark == Mark::Circle {
                canvas.dots(&d, look.colour, 2.0 * size, 0.62);
            } else {
                canvas.path(&d, Paint::fill(look.colour).opacity(0.62));
            }
        }
    }
}

/// Where the path of a small mark begins, from its middle, and its steps, the same for all points; a circle is a dot.
fn shape(of: Mark, size: f64) -> ((f64, f64), String) {
    if of == Mark::Circle {
        return ((0.0, 0.0), "h0".into());
    }
    let path = mark(of, 0.0, 0.0, size);
    let steps = path
        .find(|c: char| c.is_ascii_lowercase())
        .unwrap_or(path.len());
    let mut start = path[1..steps].split(' ').map(|v| v.parse().unwrap_or(0.0));
    let begin = (start.next().unwrap_or(0.0), start.next().unwrap_or(0.0));
    (begin, path[steps..].replace("0.", ".").replace(" -", "-"))
}

/// Above the frame the densities of the first dimension, right of it those of the second.
fn densities(canvas: &mut Canvas, frame: Frame, room: f64, classes: &[String], panel: &Panel) {
    const STEPS: usize = 72;
    for (k, axis) in panel.axes.iter().enumerate() {
        let step = (axis.high - axis.low) / (STEPS - 1) as f64;
        let grid: Vec<f64> = (0..STEPS).map(|i| axis.low + step * i as f64).collect();
        let of_class = |class: usize| {
            let points = panel.points.iter().filter(|p| p.1 == class);
            let values: Vec<f64> = points.map(|p| p.2[k]).collect();
            let found = density(&values, &grid, Bandwidth::Robust);
            found.map_or(vec![0.0; STEPS], |found| found.density)
        };
        let curves: Vec<Vec<f64>> = (0..classes.len()).map(of_class).collect();
        let highest = curves.iter().flatten().fold(0.0, |a: f64, &b| a.max(b));
        if highest <= 0.0 {
            continue;
        }
        for (number, curve) in curves.iter().enumerate() {
            let points = grid.iter().zip(curve).map(|(&v, &f)| {
                let away = f / highest * (room - 2.0);
                if k == 0 {
                    (axis.at(v, frame.x, frame.right()), frame.y - away)
                } else {
                    (frame.right() + away, axis.at(v, frame.bottom(), frame.y))
                }
            });
            let look = class(classes, number);
            let paint = Paint::line(look.colour, 0.9).dash(look.dash);
            canvas.path(&polygon(points, false), paint);
        }
    }
}
