//! Figure 1: the autoencoder with the classifier on its latent dimensions, in the sizes of the plan.
//!
//! ```text
//! x (+ noise, DAE) ─ hidden ─ hidden ─ latent ─ hidden ─ hidden ─ x̂        loss: mean squared error of x̂ against x
//!                                       └─ linear SVC ─ class
//! ```

use crate::evaluate::result::Evaluation;
use crate::report::axis::{LABEL, TICK, TITLE, hairline};
use crate::report::canvas::{Anchor, Canvas, INK, Paint, Text, Width, polygon};
use crate::report::palette::shade;

use super::{Figure, Table};
use ser_models::model::autoencoder::Activation;

/// Height of the widest layer, in points.
const TALL: f64 = 96.0;

/// A layer: its name, its units, and what follows it.
struct Layer {
    name: String,
    units: usize,
    shade: f64,
}

/// Figure 1, if an autoencoder was evaluated.
pub(crate) fn figure(evaluation: &Evaluation) -> Option<Figure> {
    let is_network = |model: &str| model == "uae" || model == "dae";
    let networks = evaluation
        .experiments
        .iter()
        .filter(|e| is_network(&e.model));
    networks.into_iter().next()?;
    let layers = layers(evaluation);
    let autoencoder = &evaluation.plan.autoencoder;
    let row = |layer: &Layer| vec![layer.name.clone(), layer.units.to_string()];
    Some(Figure {
        name: "fig1-architecture".into(),
        title: "The autoencoder and the classifier on its latent dimensions".into(),
        caption: format!(
            "Fully connected layers with their number of units. Hidden layers use {}; the latent dimensions and the output are linear. The UAE's input is x, the DAE's is x plus \
             Gaussian noise of standard deviation {}, redrawn for each batch; both are trained to reproduce x. {} epochs in batches of {}, Adam, learning rate {}. The classifier is \
             fitted to the latent dimensions afterwards.",
            activation_name(autoencoder.activation),
            autoencoder.noise,
            autoencoder.epochs,
            autoencoder.batch,
            autoencoder.learning_rate
        ),
        table: Table {
            header: vec!["layer", "units"],
            rows: layers.iter().map(row).collect(),
        },
        single: draw(evaluation, &layers, Width::Single),
        double: draw(evaluation, &layers, Width::Double),
    })
}

/// The activation as papers write it.
fn activation_name(activation: Activation) -> &'static str {
    match activation {
        Activation::Relu => "ReLU",
        Activation::Tanh => "tanh",
        Activation::Elu => "ELU",
        Activation::Gelu => "GELU",
    }
}

fn layers(evaluation: &Evaluation) -> Vec<Layer> {
    let autoencoder = &evaluation.plan.autoencoder;
    let layer = |name: &str, units: usize, shade: f64| Layer {
        name: name.into(),
        units,
        shade,
    };
    let mut layers = vec![layer("input", evaluation.features, 0.15)];
    layers.extend(
        autoencoder
            .hidden
            .iter()
            .map(|&units| layer("hidden", units, 0.35)),
    );
    layers.push(layer("latent", autoencoder.latent, 0.95));
    layers.extend(
        autoencoder
            .hidden
            .iter()
            .rev()
            .map(|&units| layer("hidden", units, 0.35)),
    );
    layers.push(layer("output", evaluation.features, 0.15));
    layers
}

fn draw(evaluation: &Evaluation, layers: &[Layer], width: Width) -> String {
    let mut canvas = Canvas::new(width);
    let slot = (canvas.width() - 8.0) / layers.len() as f64;
    let most = layers
        .iter()
        .map(|layer| layer.units)
        .max()
        .unwrap_or(1)
        .max(1);
    // Heights by the square root, so that two units beside 88 are still seen.
    let height = |units: usize| (TALL * (units as f64 / most as f64).sqrt()).max(8.0);
    let (top, bar) = (2.0 * LABEL + 12.0, (slot * 0.34).min(16.0));
    let middle = top + TALL / 2.0;
    let x = |index: usize| 4.0 + slot * (index as f64 + 0.5);
    for (index, pair) in layers.windows(2).enumerate() {
        let (left, right) = (x(index) + bar / 2.0, x(index + 1) - bar / 2.0);
        let (a, b) = (height(pair[0].units) / 2.0, height(pair[1].units) / 2.0);
        let outline = [
            (left, middle - a),
            (right, middle - b),
            (right, middle + b),
            (left, middle + a),
        ];
        let path = polygon(outline.into_iter(), true);
        canvas.path(&path, Paint::fill(&shade(0.08)).outline("#b0b0b0", 0.4));
    }
    for (index, layer) in layers.iter().enumerate() {
        let tall = height(layer.units);
        let colour = shade(layer.shade);
        let paint = Paint::fill(&colour).outline(INK, 0.5);
        canvas.rectangle(x(index) - bar / 2.0, middle - tall / 2.0, bar, tall, paint);
        let below = top + TALL + LABEL + 3.0;
        canvas.text(
            x(index),
            below,
            &layer.name,
            Text::new(TICK, Anchor::Middle),
        );
        let units = Text::new(LABEL, Anchor::Middle).bold();
        canvas.text(
            x(index),
            below + LABEL + 1.5,
            &layer.units.to_string(),
            units,
        );
    }
    let latent = layers
        .iter()
        .position(|layer| layer.name == "latent")
        .unwrap_or(0);
    for (from, to, name) in [
        (0, latent, "encoder"),
        (latent, layers.len() - 1, "decoder"),
    ] {
        let (left, right) = (x(from) + 3.0, x(to) - 3.0);
        let y = top - 5.0;
        canvas.line((left, y), (right, y), hairline());
        let place = (left + right) / 2.0;
        canvas.text(
            place,
            y - 3.0,
            name,
            Text::new(LABEL, Anchor::Middle).bold(),
        );
    }
    let base = top + TALL + 2.0 * LABEL + 9.0;
    let box_top = base + 13.0;
    let (text, classes) = (
        "linear support vector classifier".to_string(),
        evaluation.classes.join(", "),
    );
    let wide = [&text, &classes]
        .map(|text| crate::report::font::width(text, TITLE, false))
        .into_iter()
        .fold(0.0, f64::max)
        + 16.0;
    let wide = wide.min(canvas.width() - 8.0);
    canvas.line(
        (x(latent), base),
        (x(latent), box_top),
        Paint::line(INK, 0.8),
    );
    canvas.path(
        &polygon(
            [
                (x(latent) - 2.0, box_top - 4.0),
                (x(latent) + 2.0, box_top - 4.0),
                (x(latent), box_top),
            ]
            .into_iter(),
            true,
        ),
        Paint::fill(INK),
    );
    let tall = 2.0 * LABEL + 9.0;
    let paint = Paint::line(INK, 0.5);
    canvas.rectangle(x(latent) - wide / 2.0, box_top, wide, tall, paint);
    let line = |canvas: &mut Canvas, number: f64, text: &str| {
        let text = crate::report::font::fit(text, LABEL, wide - 6.0);
        let y = box_top + (LABEL + 2.0) * number + 1.0;
        canvas.text(x(latent), y, &text, Text::new(LABEL, Anchor::Middle));
    };
    line(&mut canvas, 1.0, &text);
    line(&mut canvas, 2.0, &classes);
    canvas.finish(box_top + tall + 4.0, "The autoencoder")
}
