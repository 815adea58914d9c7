//! The legend: what each mark or line stands for.

use crate::report::axis::LABEL;
use crate::report::canvas::{Anchor, Canvas, INK, Paint, Text};
use crate::report::font;
use crate::report::palette::{Look, mark};

/// How an entry's sign is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// A mark.
    Mark,
    /// A mark with a line in its dashes.
    MarkedLine,
    /// A dashed line: chance.
    Chance,
    /// A square of colour.
    Patch,
}

/// Draws entries in lines of `room` from (x, y) and gives the height used.
pub(crate) fn legend(
    canvas: &mut Canvas,
    (x, y): (f64, f64),
    room: f64,
    entries: &[(Sign, Look, String)],
) -> f64 {
    const LINE: f64 = LABEL + 4.0;
    let (mut left, mut top) = (x, y);
    for (sign, look, name) in entries {
        let signed = if matches!(sign, Sign::MarkedLine | Sign::Chance) {
            16.0
        } else {
            7.0
        };
        let width = signed + 3.5 + font::width(name, LABEL, false);
        if left > x && left + width > x + room {
            (left, top) = (x, top + LINE);
        }
        let (middle, centre) = (left + signed / 2.0, top + LABEL * 0.65);
        draw(canvas, *sign, *look, (middle, centre), signed);
        let text = Text::new(LABEL, Anchor::Start);
        canvas.text(left + signed + 3.5, top + LABEL, name, text);
        left += width + 11.0;
    }
    top + LINE - y
}

fn draw(canvas: &mut Canvas, sign: Sign, look: Look, (x, y): (f64, f64), width: f64) {
    let ends = ((x - width / 2.0, y), (x + width / 2.0, y));
    match sign {
        Sign::Mark => canvas.path(&mark(look.mark, x, y, 2.4), Paint::fill(look.colour)),
        Sign::MarkedLine => {
            canvas.line(
                ends.0,
                ends.1,
                Paint::line(look.colour, 1.0).dash(look.dash),
            );
            canvas.path(&mark(look.mark, x, y, 2.2), Paint::fill(look.colour));
        }
        Sign::Chance => canvas.line(ends.0, ends.1, chance()),
        Sign::Patch => canvas.rectangle(
            x - 3.0,
            y - 3.0,
            6.0,
            6.0,
            Paint::fill(look.colour).opacity(0.75),
        ),
    }
}

/// The line of chance.
pub(crate) fn chance() -> Paint<'static> {
    Paint::line(INK, 0.7).dash("3 2")
}
