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

/// The matrix of an alignment.
struct Panel<'a> {
    alignment: &'a str,
    entries: Vec<&'a Transfer>,
}

/// What the diagonal is of.
const HELD_OUT: &str = "speakers held out";

/// The transfer matrix of each representation, if corpora were tested against each other.
pub(crate) fn figures(evaluation: &Evaluation) -> Vec<Figure> {
    let models = once(evaluation.matrix.iter().map(|t| t.model.as_str()));
    models
        .into_iter()
        .filter_map(|model| figure(evaluation, model))
        .collect()
}

fn figure(evaluation: &Evaluation, model: &str) -> Option<Figure> {
    let entries: Vec<&Transfer> = transfers_of_model(evaluation, model).collect();
    let first = entries.first()?;
    let panels = data(&entries);
    let sheet = |width| draw(&entries, &panels, width);
    let diagonal = match entries.iter().any(|entry| entry.alignment == HELD_OUT) {
        true => " On the diagonal: cross-validation within the corpus, speakers held out.",
        false => "",
    };
    Some(Figure {
        name: format!("fig5-transfer-{model}"),
        title: format!("Transfer between corpora, {}", model_name(model)),
        caption: format!(
            "Unweighted average recall, in percent, of models trained on one corpus (rows) and tested on another (columns), with 95 % intervals ({}); \
             chance is {:.0} %; seed {}. Alignment uses the test corpus's recordings without their labels. n: recordings tested.{diagonal}",
            first
                .uar
                .method
                .to_string()
                .trim_start_matches("95 % interval, "),
            100.0 * first.chance,
            evaluation.plan.seeds[0],
        ),
        table: table(&entries),
        single: sheet(Width::Single),
        double: sheet(Width::Double),
    })
}

fn transfers_of_model<'a>(
    evaluation: &'a Evaluation,
    model: &'a str,
) -> impl Iterator<Item = &'a Transfer> {
    evaluation.matrix.iter().filter(move |t| t.model == model)
}

/// A panel per alignment; what corpora do for themselves is in each of them, so that the loss abroad can be read off a row.
fn data<'a>(entries: &[&'a Transfer]) -> Vec<Panel<'a>> {
    let held_out = |entry: &&&Transfer| entry.alignment == HELD_OUT;
    let alignments = once(
        entries
            .iter()
            .filter(|entry| !held_out(entry))
            .map(|entry| entry.alignment.as_str()),
    );
    let panel = |alignment| Panel {
        alignment,
        entries: entries
            .iter()
            .filter(|entry| held_out(entry) || entry.alignment == alignment)
            .copied()
            .collect(),
    };
    alignments.into_iter().map(panel).collect()
}

fn table(entries: &[&Transfer]) -> Table {
    let row = |t: &&Transfer| {
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
        rows: entries.iter().map(row).collect(),
    }
}

/// What a panel is called.
fn alignment_name(alignment: &str) -> String {
    match alignment {
        "none" | "" => "not aligned".into(),
        "standardise" => "standardised by its own statistics".into(),
        "coral" => "aligned by CORAL".into(),
        other => format!("aligned by {other}"),
    }
}

fn draw(entries: &[&Transfer], panels: &[Panel<'_>], width: Width) -> String {
    let mut canvas = Canvas::new(width);
    let trains = once(entries.iter().map(|t| t.train.as_str()));
    let tests = once(entries.iter().map(|t| t.test.as_str()));
    let columns = width.choose(1, panels.len().clamp(1, 2));
    let slot = canvas.width() / columns as f64;
    let names = trains
        .iter()
        .map(|t| font::width(t, LABEL, false))
        .fold(0.0, f64::max);
    let names = names.min(slot * 0.3) + 16.0;
    // Dark is the best score of all panels; white is chance.
    let chance = entries.iter().map(|t| t.chance).fold(1.0, f64::min);
    let best = entries
        .iter()
        .map(|t| t.uar.value)
        .fold(chance + 0.1, f64::max);
    let mut top = 4.0 + scale(&mut canvas, chance, best);
    for (index, panel) in panels.iter().enumerate() {
        let left = slot * (index % columns) as f64;
        let letter = char::from(b'a' + (index % 26) as u8);
        let title = format!("({letter}) {}", alignment_name(panel.alignment));
        canvas.text(
            left + 4.0,
            top + TITLE,
            &title,
            Text::new(TITLE, Anchor::Start).bold(),
        );
        let frame = Frame {
            x: left + names,
            y: top + TITLE + 3.0 * LABEL + 6.0,
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
