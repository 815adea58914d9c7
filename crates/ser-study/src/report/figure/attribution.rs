//! Figure 4 g–j: what each group of features contributed, class by class, as violins.
//!
//! One panel per class, one line per group. Of the two latent dimensions the first is drawn upwards from the line and the second downwards; a decision
//! value is drawn to both sides. The stroke spans the middle half of the recordings, the gap in it is the median. Of fewer than ten recordings each is
//! a dot: a curve would invent what lies between them. The panels stand as in the paper: (g) neutral, (h) sad, (i) angry, (j) happy.

use crate::evaluate::result::{Evaluation, Experiment};
use crate::report::axis::{Axis, Frame, LABEL, TICK, TITLE, edge, hairline};
use crate::report::canvas::{Anchor, Canvas, INK, PAPER, Paint, Text, Width, polygon};
use crate::report::font;
use crate::report::palette::{Look, Mark, mark};
use ser_models::explain::{Distribution, Explanation};
use ser_tables::fixed;

use super::legend::{Sign, legend};
use super::selection::{first_seed, model_name};
use super::{Figure, Table, cell};

/// Fewer recordings than these are dots.
const FEW: usize = 10;

/// The paper's order of the panels; other classes follow.
const ORDER: [&str; 4] = ["neutral", "sad", "angry", "happy"];

/// Height of a group's line, in points.
const LINE: f64 = 10.5;

/// The two sides of a violin.
const SIDES: [Look; 2] = [
    Look {
        colour: "#0072B2",
        mark: Mark::Square,
        dash: "",
    },
    Look {
        colour: "#E69F00",
        mark: Mark::Square,
        dash: "",
    },
];

/// For each explained experiment a figure of the latent dimensions and one of the decision values, as far as they are there.
pub(crate) fn figures(evaluation: &Evaluation) -> Vec<Figure> {
    let mut figures = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for experiment in first_seed(evaluation) {
        let Some(explanation) = &experiment.explanation else {
            continue;
        };
        if names.contains(&experiment.model) {
            continue;
        }
        names.push(experiment.model.clone());
        // Latent dimensions come first, decision values after them; raw features have decision values alone.
        let (latent, decisions) = explanation
            .targets
            .split_at(explanation.latent_targets.min(explanation.targets.len()));
        let latent: Vec<&str> = latent.iter().map(String::as_str).take(2).collect();
        if !latent.is_empty() {
            figures.extend(figure(evaluation, experiment, explanation, &latent));
        }
        if !decisions.is_empty() {
            figures.extend(figure(evaluation, experiment, explanation, &[]));
        }
    }
    figures
}

/// The violins of `targets`; of each class's own decision value where there are none.
fn figure(
    evaluation: &Evaluation,
    experiment: &Experiment,
    explanation: &Explanation,
    targets: &[&str],
) -> Option<Figure> {
    let kind = if targets.is_empty() {
        "decision"
    } else {
        "latent"
    };
    let panels = data(evaluation, experiment, explanation, targets);
    if panels.iter().all(|p| p.violins.is_empty()) {
        return None;
    }
    let model = model_name(&experiment.model);
    let what = match targets {
        [] => "to the decision value of the class itself".to_string(),
        [one] => format!("to {}", one.to_lowercase()),
        [one, two, ..] => format!(
            "to the latent space: {} upwards, {} downwards",
            one.to_lowercase(),
            two.to_lowercase()
        ),
    };
    let stability: Vec<String> = explanation
        .stability
        .iter()
        .map(|s| {
            let rho = fixed(s.spearman, 2).replace('-', "−");
            format!("{rho} between {}", s.kind)
        })
        .collect();
    let stability = if stability.is_empty() {
        String::new()
    } else {
        format!(" Rank correlation of the groups: {}.", stability.join(", "))
    };
    let caption = format!(
        "Contributions (DeepLIFT, {} rule) of groups of features {what}, {model}, for the correctly classified recordings of each class. Bar: middle half; \
         gap: median; all violins have the same height; with fewer than {FEW} recordings, each is a dot. Contributions have the unit of the target, which is arbitrary. Reference: {}. Contributions sum to the target's difference from its \
         reference to within {:.0e}.{stability} V: voiced, UV: unvoiced.",
        explanation.rule, explanation.reference, explanation.completeness,
    );
    let sheet = |width| draw(&panels, explanation, targets, width);
    Some(Figure {
        name: format!("fig4-attribution-{kind}-{}", experiment.model),
        title: format!("Contributions of the features, {model}, {kind}"),
        caption,
        table: table(explanation, &panels),
        single: sheet(Width::Single),
        double: sheet(Width::Double),
    })
}

/// A class with its violins.
struct Panel<'a> {
    class: &'a str,
    violins: Vec<Violin<'a>>,
}

/// What a group contributed to a target.
struct Violin<'a> {
    group: usize,
    side: usize,
    of: &'a Distribution,
    /// Of each recording, where there are few.
    values: Vec<f64>,
}

fn data<'a>(
    evaluation: &Evaluation,
    experiment: &'a Experiment,
    explanation: &'a Explanation,
    targets: &[&str],
) -> Vec<Panel<'a>> {
    let values = |d: &Distribution, group: usize| -> Vec<f64> {
        let of_class = |row: usize| {
            let label = evaluation.rows.get(row).and_then(|row| row.label.as_ref());
            label.is_some_and(|label| *label == d.class)
        };
        let recordings = explanation.recordings.iter();
        recordings
            .filter(|r| d.n < FEW && r.target == d.target && of_class(r.row))
            .filter_map(|r| r.contributions.get(group).copied())
            .collect()
    };
    let panel = |class: &'a String| {
        let side = |d: &Distribution| match targets {
            [] => (d.target == *class).then_some(0),
            several => several.iter().position(|t| *t == d.target),
        };
        let violin = |of: &'a Distribution| {
            let group = explanation.groups.iter().position(|g| *g == of.group)?;
            (of.class == *class).then_some(Violin {
                group,
                side: side(of)?,
                of,
                values: values(of, group),
            })
        };
        Panel {
            class,
            violins: explanation
                .distributions
                .iter()
                .filter_map(violin)
                .collect(),
        }
    };
    let mut classes: Vec<&String> = experiment.classes.iter().collect();
    classes.sort_by_key(|class| {
        let known = ORDER.iter().position(|name| name == class);
        known.unwrap_or(ORDER.len())
    });
    classes.into_iter().map(panel).collect()
}

fn table(explanation: &Explanation, panels: &[Panel]) -> Table {
    let mut rows = Vec::new();
    for Violin { group, of: d, .. } in panels.iter().flat_map(|p| &p.violins) {
        let mut row = vec![
            d.class.clone(),
            explanation.groups[*group].clone(),
            d.target.clone(),
            d.n.to_string(),
            cell(Some(d.mean)),
        ];
        row.extend(d.quantiles.iter().map(|&q| cell(Some(q))));
        rows.push(row);
    }
    Table {
        header: vec![
            "class", "group", "target", "n", "mean", "p5", "p25", "p50", "p75", "p95",
        ],
        rows,
    }
}

/// One axis for all panels, so that classes can be compared: it holds 0, the middle nine tenths of each violin, and of its shape what is more than a
/// twentieth of its height.
fn axis(panels: &[Panel], count: usize) -> Axis {
    let (mut low, mut high) = (0.0f64, 0.0f64);
    for violin in panels.iter().flat_map(|p| &p.violins) {
        let density = &violin.of.density;
        let highest = density.iter().map(|p| p[1]).fold(0.0, f64::max);
        let thick = density.iter().filter(|p| p[1] > 0.05 * highest);
        let ends = [violin.of.quantiles[0], violin.of.quantiles[4]];
        for value in thick.map(|p| p[0]).chain(ends) {
            low = low.min(value);
            high = high.max(value);
        }
    }
    let margin = 0.03 * (high - low);
    Axis::new(low - margin, high + margin, count)
}

fn draw(panels: &[Panel], explanation: &Explanation, targets: &[&str], width: Width) -> String {
    let mut canvas = Canvas::new(width);
    let mut top = 5.0;
    if targets.len() > 1 {
        let dimension = |i: usize, side: &str| format!("{}, {side}", targets[i]);
        let entries = [
            (Sign::Patch, SIDES[0], dimension(0, "upwards")),
            (Sign::Patch, SIDES[1], dimension(1, "downwards")),
        ];
        let room = canvas.width() - 8.0;
        top += legend(&mut canvas, (4.0, 4.0), room, &entries);
    }
    let names = explanation.groups.iter();
    let longest = names
        .map(|g| font::width(g, TICK, false))
        .fold(0.0, f64::max);
    let names = longest + 8.0;
    let columns = width.choose(2, panels.len().clamp(1, 4));
    let slot = (canvas.width() - names - 4.0) / columns as f64;
    let axis = axis(panels, 4);
    for (index, panel) in panels.iter().enumerate() {
        let column = index % columns;
        let n = panel.violins.first().map_or(0, |v| v.of.n);
        let letter = char::from(b'g' + (index % 20) as u8);
        let frame = Frame {
            x: names + slot * column as f64,
            y: top + 2.4 * TITLE + 3.0,
            width: slot - 6.0,
            height: LINE * explanation.groups.len() as f64,
        };
        let title = font::fit(
            &format!("({letter}) {}", panel.class),
            TITLE,
            (slot - 6.0) * 0.93,
        );
        canvas.text(
            frame.x,
            top + TITLE,
            &title,
            Text::new(TITLE, Anchor::Start).bold(),
        );
        let n = format!("n = {n}");
        canvas.text(
            frame.x,
            top + 2.3 * TITLE,
            &n,
            Text::new(TICK, Anchor::Start),
        );
        rows(&mut canvas, frame, explanation, column == 0);
        axis.below(&mut canvas, frame, "contribution", true);
        let zero = axis.at(0.0, frame.x, frame.right());
        canvas.line(
            (zero, frame.y),
            (zero, frame.bottom()),
            Paint::line(INK, 0.5),
        );
        for of_group in &panel.violins {
            let middle = frame.y + LINE * (of_group.group as f64 + 0.5);
            let place = (middle, targets.len() > 1);
            if of_group.of.n < FEW && !of_group.values.is_empty() {
                dots(&mut canvas, frame, &axis, place, of_group);
            } else {
                violin(&mut canvas, frame, &axis, place, of_group);
            }
        }
        canvas.rectangle(frame.x, frame.y, frame.width, frame.height, edge());
        if column + 1 == columns || index + 1 == panels.len() {
            top = frame.bottom() + 2.0 * LABEL + 16.0;
        }
    }
    canvas.finish(top - 3.0, "Contributions of the features")
}

/// Lines between the groups, and their names.
fn rows(canvas: &mut Canvas, frame: Frame, explanation: &Explanation, named: bool) {
    for (i, group) in explanation.groups.iter().enumerate() {
        let y = frame.y + LINE * (i as f64 + 0.5);
        canvas.line((frame.x, y), (frame.right(), y), hairline());
        if named {
            let look = Text::new(TICK, Anchor::End);
            canvas.text(frame.x - 4.0, y + TICK * 0.35, group, look);
        }
    }
}

/// Few recordings about `middle`, each a dot; those beyond the axis at its ends.
fn dots(
    canvas: &mut Canvas,
    frame: Frame,
    axis: &Axis,
    (middle, split): (f64, bool),
    violin: &Violin<'_>,
) {
    let look = SIDES[violin.side.min(1)];
    let y = match (split, violin.side) {
        (false, _) => middle,
        (true, 0) => middle - LINE * 0.2,
        (true, _) => middle + LINE * 0.2,
    };
    for value in &violin.values {
        let x = axis.at(*value, frame.x, frame.right());
        let x = x.clamp(frame.x, frame.right());
        let path = mark(Mark::Circle, x, y, 1.1);
        canvas.path(&path, Paint::fill(look.colour).opacity(0.75));
    }
}

/// One violin about `middle`: one-sided where there are two targets.
fn violin(
    canvas: &mut Canvas,
    frame: Frame,
    axis: &Axis,
    (middle, split): (f64, bool),
    Violin { side, of: d, .. }: &Violin<'_>,
) {
    let look = SIDES[*side.min(&1)];
    let x = |v: f64| {
        axis.at(v, frame.x, frame.right())
            .clamp(frame.x, frame.right())
    };
    let inside = d
        .density
        .iter()
        .filter(|p| p[0] >= axis.low && p[0] <= axis.high);
    let inside: Vec<&[f64; 2]> = inside.collect();
    let highest = inside.iter().map(|p| p[1]).fold(0.0, f64::max);
    // Every violin is as high as the others: its shape is the distribution, its size says nothing.
    let away = |f: f64| {
        if highest > 0.0 {
            f / highest * LINE * 0.46
        } else {
            0.0
        }
    };
    // Tails thinner than a hundredth of the middle are no more than a line.
    let inside: Vec<&[f64; 2]> = inside
        .into_iter()
        .filter(|p| p[1] > 0.01 * highest)
        .collect();
    let sign = if *side == 0 { -1.0 } else { 1.0 };
    let outer = inside.iter().map(|p| (x(p[0]), middle + sign * away(p[1])));
    let inner = inside.iter().rev().map(|p| {
        let back = if split { 0.0 } else { -sign * away(p[1]) };
        (x(p[0]), middle + back)
    });
    let outline = polygon(outer.chain(inner), true);
    if inside.len() > 1 {
        canvas.path(&outline, Paint::fill(look.colour).opacity(0.75));
    }
    let [_, low, median, high, _] = d.quantiles;
    let y = if split { middle + sign * 1.3 } else { middle };
    canvas.line((x(low), y), (x(high), y), Paint::line(INK, 1.3));
    let m = x(median);
    canvas.line((m - 0.5, y), (m + 0.5, y), Paint::line(PAPER, 1.3));
}
