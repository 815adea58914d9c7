//! Axes: from numbers to places, round ticks, and their labels.

use super::canvas::{Anchor, Canvas, INK, Paint, Text};
use ser_tables::fixed;

/// Size of the numbers at ticks, in points.
pub(crate) const TICK: f64 = 6.0;

/// Size of all other text, in points.
pub(crate) const LABEL: f64 = 7.0;

/// Size of a panel's name, in points.
pub(crate) const TITLE: f64 = 7.5;

/// A rectangle of the sheet in which data are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Frame {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Frame {
    /// Its right edge.
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    /// Its lower edge.
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }
}

/// A range of numbers with ticks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    pub low: f64,
    pub high: f64,
    pub ticks: Vec<f64>,
    decimals: usize,
}

impl Axis {
    /// A range that holds `low` to `high`, ending on ticks, with about `count` of them.
    pub fn round(low: f64, high: f64, count: usize) -> Self {
        let step = step(low, high, count);
        let axis = Axis::new(
            (low / step).floor() * step,
            (high / step).ceil() * step,
            count,
        );
        Axis { ..axis }
    }

    /// `low` to `high` exactly, with about `count` round ticks inside.
    pub fn new(low: f64, high: f64, count: usize) -> Self {
        let (low, high) = if low.is_finite() && high.is_finite() && high > low {
            (low, high)
        } else {
            (0.0, 1.0)
        };
        let step = step(low, high, count);
        let first = (low / step - 1e-9).ceil() as i64;
        let last = (high / step + 1e-9).floor() as i64;
        Axis {
            low,
            high,
            ticks: (first..=last).map(|i| i as f64 * step).collect(),
            decimals: (-step.log10().floor()).max(0.0) as usize,
        }
    }

    /// Where `value` is between `from` (the low end) and `to`.
    pub fn at(&self, value: f64, from: f64, to: f64) -> f64 {
        from + (value - self.low) / (self.high - self.low) * (to - from)
    }

    /// A tick's text, with a true minus sign.
    pub fn text(&self, value: f64) -> String {
        fixed(value, self.decimals).replace('-', "−")
    }

    /// Draws it below `frame`, named `name`; `grid` draws hairlines through the frame.
    pub fn below(&self, canvas: &mut Canvas, frame: Frame, name: &str, grid: bool) {
        for &tick in &self.ticks {
            let x = self.at(tick, frame.x, frame.right());
            if grid {
                canvas.line((x, frame.y), (x, frame.bottom()), hairline());
            }
            canvas.line((x, frame.bottom()), (x, frame.bottom() + 2.5), edge());
            let look = Text::new(TICK, Anchor::Middle);
            canvas.text(x, frame.bottom() + 3.5 + TICK, &self.text(tick), look);
        }
        if !name.is_empty() {
            let middle = frame.x + frame.width / 2.0;
            let y = frame.bottom() + 6.0 + TICK + LABEL;
            canvas.text(middle, y, name, Text::new(LABEL, Anchor::Middle));
        }
    }

    /// Draws it left of `frame`; without `name` the ticks have no numbers either.
    pub fn left(&self, canvas: &mut Canvas, frame: Frame, name: &str, grid: bool) {
        let mut widest: f64 = 0.0;
        for &tick in &self.ticks {
            let y = self.at(tick, frame.bottom(), frame.y);
            if grid {
                canvas.line((frame.x, y), (frame.right(), y), hairline());
            }
            canvas.line((frame.x - 2.5, y), (frame.x, y), edge());
            if !name.is_empty() {
                let text = self.text(tick);
                widest = widest.max(super::font::width(&text, TICK, false));
                let look = Text::new(TICK, Anchor::End);
                canvas.text(frame.x - 4.0, y + TICK * 0.35, &text, look);
            }
        }
        if !name.is_empty() {
            let (x, y) = (frame.x - 8.0 - widest, frame.y + frame.height / 2.0);
            canvas.text(x, y, name, Text::new(LABEL, Anchor::Middle).upward());
        }
    }
}

/// The line of axes and frames.
pub(crate) fn edge() -> Paint<'static> {
    Paint::line(INK, 0.5)
}

/// The line of grids.
pub(crate) fn hairline() -> Paint<'static> {
    Paint::line(INK, 0.4).opacity(0.14)
}

/// 1, 2 or 5 times a power of ten, so that about `count` steps cover the range.
fn step(low: f64, high: f64, count: usize) -> f64 {
    let raw = ((high - low) / count.max(1) as f64).abs();
    if !(raw.is_finite() && raw > 0.0) {
        return 1.0;
    }
    let power = 10f64.powf(raw.log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .find(|f| f * power >= raw * 0.7)
        .unwrap_or(10.0);
    factor * power
}

#[test]
fn ticks_are_round_and_inside() {
    let axis = Axis::new(-1.3, 2.2, 4);
    assert_eq!(axis.ticks, [-1.0, 0.0, 1.0, 2.0]);
    assert_eq!(axis.text(-1.0), "−1");
    let axis = Axis::round(0.21, 0.78, 5);
    assert_eq!((axis.low, axis.high), (0.2, 0.8));
    assert_eq!(axis.text(0.2), "0.2");
}

#[test]
fn a_range_without_extent_still_has_an_axis() {
    let axis = Axis::new(3.0, 3.0, 4);
    assert!(axis.high > axis.low && !axis.ticks.is_empty());
}
