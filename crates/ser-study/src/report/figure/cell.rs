//! Matrices of shaded cells with numbers inside: confusion matrices and the transfer matrix.

use crate::report::axis::{Frame, LABEL, TICK, edge};
use crate::report::canvas::{Anchor, Canvas, Paint, Text};
use crate::report::font;
use crate::report::palette::{on_shade, shade};

/// One cell: how dark, and its lines of text, the first of them larger.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cell {
    pub share: f64,
    pub lines: Vec<String>,
}

/// A matrix with the names of its rows and columns.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Matrix {
    pub rows: Vec<String>,
    pub columns: Vec<String>,
    /// Row after row; none where there is nothing to show.
    pub cells: Vec<Vec<Option<Cell>>>,
}

/// Draws the cells in `frame`, names of rows left of it and of columns above.
pub(crate) fn draw(canvas: &mut Canvas, frame: Frame, matrix: &Matrix) {
    let (rows, columns) = (matrix.rows.len().max(1), matrix.columns.len().max(1));
    let (width, height) = (frame.width / columns as f64, frame.height / rows as f64);
    for (i, name) in matrix.rows.iter().enumerate() {
        let y = frame.y + height * (i as f64 + 0.5) + LABEL * 0.35;
        canvas.text(frame.x - 3.5, y, name, Text::new(LABEL, Anchor::End));
    }
    for (j, name) in matrix.columns.iter().enumerate() {
        let x = frame.x + width * (j as f64 + 0.5);
        let name = font::fit(name, LABEL, width - 1.0);
        canvas.text(x, frame.y - 3.0, &name, Text::new(LABEL, Anchor::Middle));
    }
    for (i, row) in matrix.cells.iter().enumerate() {
        for (j, cell) in row.iter().enumerate() {
            let (x, y) = (frame.x + width * j as f64, frame.y + height * i as f64);
            match cell {
                Some(cell) => fill(canvas, (x, y), (width, height), cell),
                None => canvas.text(
                    x + width / 2.0,
                    y + height / 2.0 + LABEL * 0.35,
                    "–",
                    Text::new(LABEL, Anchor::Middle),
                ),
            }
        }
    }
    canvas.rectangle(frame.x, frame.y, frame.width, frame.height, edge());
}

fn fill(canvas: &mut Canvas, (x, y): (f64, f64), (width, height): (f64, f64), cell: &Cell) {
    let colour = shade(cell.share);
    let paint = Paint::fill(&colour).outline("#fefefe", 0.4);
    canvas.rectangle(x, y, width, height, paint);
    let ink = on_shade(cell.share);
    let lines = cell.lines.len() as f64;
    let size = |line: usize| if line == 0 { LABEL } else { TICK - 0.5 };
    let tall = LABEL + (lines - 1.0) * (TICK + 0.4);
    let mut baseline = y + (height - tall) / 2.0 + LABEL * 0.8;
    for (i, text) in cell.lines.iter().enumerate() {
        // A count that does not fit its cell is left out rather than cut: it is in the table.
        if i == 0 || font::width(text, size(i), false) <= width - 1.0 {
            let look = Text::new(size(i), Anchor::Middle).colour(ink);
            canvas.text(x + width / 2.0, baseline, text, look);
        }
        baseline += TICK + 0.4;
    }
}
