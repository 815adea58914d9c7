//! The transfer matrix: trained on each corpus, tested on each other, without and with alignment.

use crate::evaluate::result::{Evaluation, Transfer};
use crate::report::axis::{Frame, LABEL, TICK, TITLE, edge};
use crate::report::canvas::{Anchor, Canvas, Paint, Text, Width};
use crate::report::font;
use crate::report::palette::shade;

use super::accuracy::once;
use super::cell::{Cell, Matrix, draw as draw_cells};
use super::selection::{model_name, thousands};
use super::{Figure, Table, cell};

/// The matrix of a representation and an alignment.
struct Panel<'a> {
    model: &'a str,
    alignment: &'a str,
    entries: Vec<&'a Transfer>,
}

/// The transfer matrix, if corpora were tested against each other.
pub(crate) fn figure(evaluation: &Evaluation) -> Option<Figure> {
    let panels = data(evaluation);
    let first = evaluation.matrix.first()?;
    let sheet = |width| draw(evaluation, &panels, width);
    Some(Figure {
        name: "fig5-transfer".into(),
        title: "From corpus to corpus".into(),
        caption: format!(
            "Unweighted average recall in percent, of models trained on one corpus (rows) and tested on another (columns), with 95 % intervals ({}). \
             Guessing is {:.0} %. Alignment uses recordings of the tested corpus without their labels. n: recordings tested. On the diagonal, if \
             there: folds with speakers apart.",
            first
                .uar
                .method
                .to_string()
                .trim_start_matches("95 % interval, "),
            100.0 * first.chance
        ),
        table: table(evaluation),
        single: sheet(Width::Single),
        double: sheet(Width::Double),
    })
}

fn data(evaluation: &Evaluation) -> Vec<Panel<'_>> {
    let mut panels: Vec<Panel<'_>> = Vec::new();
    for entry in &evaluation.matrix {
        let same = |p: &Panel<'_>| p.model == entry.model && p.alignment == entry.alignment;
        match panels.iter_mut().find(|p| same(p)) {
            Some(panel) => panel.entries.push(entry),
            None => panels.push(Panel {
                model: &entry.model,
                alignment: &entry.alignment,
                entries: vec![entry],
            }),
        }
    }
    let models = once(evaluation.matrix.iter().map(|t| t.model.as_str()));
    panels.sort_by_key(|p| models.iter().position(|m| *m == p.model));
    panels
}

fn table(evaluation: &Evaluation) -> Table {
    let row = |t: &Transfer| {
        vec![
            t.train.clone(),
            t.test.clone(),
            t.model.clone(),
            t.alignment.clone(),
            cell(Some(t.uar.value)),
            cell(t.uar.interval.map(|i| i.low)),
            cell(t.uar.interval.map(|i| i.high)),
            t.recordings.to_string(),
            t.speakers.to_string(),
            cell(Some(t.chance)),
        ]
    };
    Table {
        header: vec![
            "train",
            "test",
            "model",
            "alignment",
            "uar",
            "uar_low",
            "uar_high",
            "recordings",
            "speakers",
            "chance",
        ],
        rows: evaluation.matrix.iter().map(row).collect(),
    }
}

/// What an alignment is called below a panel's name.
fn alignment_name(alignment: &str) -> String {
    match alignment {
        "none" | "" => "not aligned".into(),
        "standardise" => "standardised by itself".into(),
        "coral" => "aligned by CORAL".into(),
        other => format!("aligned by {other}"),
    }
}

fn draw(evaluation: &Evaluation, panels: &[Panel<'_>], width: Width) -> String {
    let mut canvas = Canvas::new(width);
    let trains = once(evaluation.matrix.iter().map(|t| t.train.as_str()));
    let tests = once(evaluation.matrix.iter().map(|t| t.test.as_str()));
    let alignments = once(panels.iter().map(|p| p.alignment)).len();
    let columns = width.choose(1, alignments.clamp(1, if tests.len() > 4 { 2 } else { 3 }));
    let slot = canvas.width() / columns as f64;
    let names = trains
        .iter()
        .map(|t| font::width(t, LABEL, false))
        .fold(0.0, f64::max);
    let names = names.min(slot * 0.3) + 16.0;
    // Dark is the best score of all panels; white is guessing.
    let chance = evaluation
        .matrix
        .iter()
        .map(|t| t.chance)
        .fold(1.0, f64::min);
    let best = evaluation
        .matrix
        .iter()
        .map(|t| t.uar.value)
        .fold(chance + 0.1, f64::max);
    let mut top = 4.0 + scale(&mut canvas, chance, best);
    for (index, panel) in panels.iter().enumerate() {
        let left = slot * (index % columns) as f64;
        let letter = char::from(b'a' + (index % 26) as u8);
        let title = format!("({letter}) {}", model_name(panel.model));
        canvas.text(
            left + 4.0,
            top + TITLE,
            &title,
            Text::new(TITLE, Anchor::Start).bold(),
        );
        let under = alignment_name(panel.alignment);
        canvas.text(
            left + 4.0,
            top + 2.3 * TITLE,
            &under,
            Text::new(LABEL, Anchor::Start),
        );
        let frame = Frame {
            x: left + names,
            y: top + 2.3 * TITLE + 3.0 * LABEL + 6.0,
            width: slot - names - 6.0,
            height: 30.0 * trains.len() as f64,
        };
        let x = frame.x + frame.width / 2.0;
        let look = Text::new(LABEL, Anchor::Middle);
        canvas.text(x, frame.y - LABEL - 5.0, "tested on", look);
        let y = frame.y + frame.height / 2.0;
        canvas.text(left + 9.0, y, "trained on", look.upward());
        draw_cells(
            &mut canvas,
            frame,
            &matrix(panel, &trains, &tests, (chance, best)),
        );
        if index % columns + 1 == columns || index + 1 == panels.len() {
            top = frame.bottom() + 14.0;
        }
    }
    canvas.finish(top - 6.0, "Transfer matrix")
}

/// The scale of shades.
fn scale(canvas: &mut Canvas, chance: f64, best: f64) -> f64 {
    const STEPS: usize = 40;
    let (x, width) = (4.0 + font::width("UAR / %", LABEL, false) + 22.0, 90.0);
    canvas.text(4.0, 4.0 + LABEL, "UAR / %", Text::new(LABEL, Anchor::Start));
    for i in 0..STEPS {
        let step = width / STEPS as f64;
        let colour = shade(i as f64 / (STEPS - 1) as f64);
        // A little wider than its step, so that no seam shows.
        canvas.rectangle(
            x + step * i as f64,
            4.5,
            step + 0.3,
            7.0,
            Paint::fill(&colour),
        );
    }
    canvas.rectangle(x, 4.5, width, 7.0, edge());
    let low = format!("{:.0}", 100.0 * chance);
    let high = format!("{:.0}", 100.0 * best);
    canvas.text(x - 3.0, 4.0 + LABEL, &low, Text::new(TICK, Anchor::End));
    canvas.text(
        x + width + 3.0,
        4.0 + LABEL,
        &high,
        Text::new(TICK, Anchor::Start),
    );
    LABEL + 14.0
}

fn matrix(panel: &Panel<'_>, trains: &[&str], tests: &[&str], (low, high): (f64, f64)) -> Matrix {
    let of = |train: &&str, test: &&str| {
        let entry = panel
            .entries
            .iter()
            .find(|e| e.train == *train && e.test == *test)?;
        let percent = |v: f64| format!("{:.0}", 100.0 * v);
        let ends = |i: ser_models::score::interval::Interval| {
            format!("{}–{}", percent(i.low), percent(i.high))
        };
        let mut lines = vec![percent(entry.uar.value)];
        lines.extend(entry.uar.interval.map(ends));
        lines.push(format!("n {}", thousands(entry.recordings)));
        Some(Cell {
            share: ((entry.uar.value - low) / (high - low)).clamp(0.0, 1.0),
            lines,
        })
    };
    Matrix {
        rows: trains.iter().map(|t| t.to_string()).collect(),
        columns: tests.iter().map(|t| t.to_string()).collect(),
        cells: trains
            .iter()
            .map(|a| tests.iter().map(|b| of(a, b)).collect())
            .collect(),
    }
}
