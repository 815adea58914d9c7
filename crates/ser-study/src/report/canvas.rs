//! A sheet in points on which figures are drawn, written as SVG.
//!
//! The figures are written as SVG here and not through plotters: violins, marginal densities and matrices of cells would be drawn by
//! hand there too, and text would be placed without knowing its width. One unit is one point (1/72 inch), so that a line of 0.5 is a hairline in
//! print whatever the figure's width. Coordinates have two decimals: the same data give the same bytes.

use std::fmt::Write;

use super::font::FAMILY;

/// Colour of text and lines. The page draws it in its own ink.
pub(crate) const INK: &str = "#000";

/// Colour of the paper. The page leaves it out.
pub(crate) const PAPER: &str = "#fff";

/// Points per millimetre.
const POINTS_PER_MM: f64 = 72.0 / 25.4;

/// How wide a figure is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// One column, 85 mm.
    Single,
    /// The page, 180 mm.
    Double,
}

impl Width {
    /// In millimetres.
    pub fn mm(self) -> u32 {
        match self {
            Width::Single => 85,
            Width::Double => 180,
        }
    }

    /// In points.
    pub(crate) fn points(self) -> f64 {
        f64::from(self.mm()) * POINTS_PER_MM
    }

    /// `double` on a page's width, `single` in a column.
    pub(crate) fn choose<T>(self, single: T, double: T) -> T {
        match self {
            Width::Single => single,
            Width::Double => double,
        }
    }
}

/// Which end of a text its point is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text {
    pub size: f64,
    pub anchor: Anchor,
    pub bold: bool,
    /// Read from below, turned by a quarter.
    pub upward: bool,
    pub colour: &'static str,
}

impl Text {
    /// Upright ink of `size` points.
    pub fn new(size: f64, anchor: Anchor) -> Self {
        Text {
            size,
            anchor,
            bold: false,
            upward: false,
            colour: INK,
        }
    }

    /// The same in bold.
    pub fn bold(self) -> Self {
        Text { bold: true, ..self }
    }

    /// The same turned by a quarter.
    pub fn upward(self) -> Self {
        Text {
            upward: true,
            ..self
        }
    }

    /// The same in another colour.
    pub fn colour(self, colour: &'static str) -> Self {
        Text { colour, ..self }
    }
}

/// How a shape looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint<'a> {
    pub fill: &'a str,
    pub stroke: &'a str,
    pub width: f64,
    pub dash: &'a str,
    pub opacity: f64,
}

impl<'a> Paint<'a> {
    /// A line.
    pub fn line(stroke: &'a str, width: f64) -> Self {
        Paint {
            fill: "none",
            stroke,
            width,
            dash: "",
            opacity: 1.0,
        }
    }

    /// A filled shape.
    pub fn fill(fill: &'a str) -> Self {
        Paint {
            fill,
            ..Paint::line("none", 0.0)
        }
    }

    /// The same with dashes.
    pub fn dash(self, dash: &'a str) -> Self {
        Paint { dash, ..self }
    }

    /// The same, seen through.
    pub fn opacity(self, opacity: f64) -> Self {
        Paint { opacity, ..self }
    }

    /// The same with an outline.
    pub fn outline(self, stroke: &'a str, width: f64) -> Self {
        Paint {
            stroke,
            width,
            ..self
        }
    }

    fn attributes(&self) -> String {
        let mut text = format!(" fill=\"{}\"", self.fill);
        if self.stroke != "none" {
            let _ = write!(
                text,
                " stroke=\"{}\" stroke-width=\"{}\"",
                self.stroke,
                number(self.width)
            );
        }
        if !self.dash.is_empty() {
            let _ = write!(text, " stroke-dasharray=\"{}\"", self.dash);
        }
        if self.opacity < 1.0 {
            let _ = write!(text, " opacity=\"{}\"", number(self.opacity));
        }
        text
    }
}

/// A sheet.
#[derive(Clone, Debug)]
pub(crate) struct Canvas {
    width: f64,
    body: String,
}

impl Canvas {
    /// An empty sheet of this width; its height is said at the end.
    pub fn new(width: Width) -> Self {
        Canvas {
            width: width.points(),
            body: String::new(),
        }
    }

    /// Its width in points.
    pub fn width(&self) -> f64 {
        self.width
    }

    /// Writes `text` with its baseline at (x, y).
    pub fn text(&mut self, x: f64, y: f64, text: &str, look: Text) {
        let anchor = match look.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let bold = if look.bold {
            " font-weight=\"bold\""
        } else {
            ""
        };
        let (x, y) = (number(x), number(y));
        let place = if look.upward {
            format!("transform=\"translate({x} {y}) rotate(-90)\"")
        } else {
            format!("x=\"{x}\" y=\"{y}\"")
        };
        let _ = writeln!(
            self.body,
            "<text {place} font-size=\"{}\"{anchor}{bold} fill=\"{}\">{}</text>",
            number(look.size),
            look.colour,
            escape(text)
        );
    }

    /// Draws a straight line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), paint: Paint<'_>) {
        let _ = writeln!(
            self.body,
            "<path d=\"M{} {}L{} {}\"{}/>",
            number(from.0),
            number(from.1),
            number(to.0),
            number(to.1),
            paint.attributes()
        );
    }

    /// Draws a rectangle.
    pub fn rectangle(&mut self, x: f64, y: f64, width: f64, height: f64, paint: Paint<'_>) {
        let _ = writeln!(
            self.body,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{}/>",
            number(x),
            number(y),
            number(width),
            number(height),
            paint.attributes()
        );
    }

    /// Draws a path.
    pub fn path(&mut self, d: &str, paint: Paint<'_>) {
        let _ = writeln!(self.body, "<path d=\"{d}\"{}/>", paint.attributes());
    }

    /// Draws dots of `size` points across at the ends of a path's moves.
    pub fn dots(&mut self, d: &str, colour: &str, size: f64, opacity: f64) {
        let size = number(size);
        let _ = writeln!(
            self.body,
            "<path d=\"{d}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{size}\" stroke-linecap=\"round\" opacity=\"{}\"/>",
            number(opacity)
        );
    }

    /// The SVG, `height` points high, named for those who cannot see it.
    pub fn finish(self, height: f64, name: &str) -> String {
        let (width, tall) = (number(self.width), number(height));
        let (width_mm, height_mm) = (
            number(self.width / POINTS_PER_MM),
            number(height / POINTS_PER_MM),
        );
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width_mm}mm\" height=\"{height_mm}mm\" viewBox=\"0 0 {width} {tall}\" \
             font-family=\"{FAMILY}\">\n<title>{}</title>\n<rect width=\"{width}\" height=\"{tall}\" fill=\"{PAPER}\"/>\n{}</svg>\n",
            escape(name),
            self.body
        )
    }
}

/// A path through points, closed if `closed`, in tenths of a point and relative steps: half the bytes, and finer than any printer.
pub(crate) fn polygon(points: impl Iterator<Item = (f64, f64)>, closed: bool) -> String {
    let tenths = |v: f64| {
        if v.is_finite() {
            (v * 10.0).round() as i64
        } else {
            0
        }
    };
    let mut d = String::new();
    let mut last = None;
    for (x, y) in points.map(|(x, y)| (tenths(x), tenths(y))) {
        match last {
            None => d += &format!("M{}{}l", tenth(x, true), tenth(y, false)),
            Some(same) if same == (x, y) => continue,
            Some((a, b)) => {
                d += &tenth(x - a, d.ends_with('l'));
                d += &tenth(y - b, false);
            }
        }
        last = Some((x, y));
    }
    let mut d = d.trim_end_matches('l').to_string();
    if closed && !d.is_empty() {
        d.push('z');
    }
    d
}

/// A number of tenths as short as SVG allows, parted from the one before unless it is the first.
pub(crate) fn tenth(tenths: i64, first: bool) -> String {
    let (whole, rest) = (tenths.abs() / 10, tenths.abs() % 10);
    let sign = match (tenths < 0, first) {
        (true, _) => "-",
        (false, true) => "",
        (false, false) => " ",
    };
    match (whole, rest) {
        (whole, 0) => format!("{sign}{whole}"),
        (0, rest) => format!("{sign}.{rest}"),
        (whole, rest) => format!("{sign}{whole}.{rest}"),
    }
}

/// With at most two decimals; what is no number becomes 0, so that a picture remains one.
pub(crate) fn number(value: f64) -> String {
    if !value.is_finite() {
        return "0".to_string();
    }
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" || text.is_empty() {
        "0".to_string()
    } else {
        text.to_string()
    }
}

/// Text for XML and HTML, also inside quotes. Signs that XML forbids are left out.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if c.is_control() && !matches!(c, '\n' | '\t') => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[test]
fn numbers_are_short_and_always_numbers() {
    let all = [1.0, 0.126, -0.001, 100.0, f64::NAN, -2.5].map(number);
    assert_eq!(all, ["1", "0.13", "0", "100", "0", "-2.5"]);
}

#[test]
fn a_polygon_steps_in_tenths_without_drifting() {
    let points = [(1.04, 2.0), (1.12, 2.0), (1.14, 2.03), (0.5, 3.26)];
    assert_eq!(polygon(points.into_iter(), true), "M1 2l.1 0-.6 1.3z");
    assert_eq!(polygon(std::iter::empty(), true), "");
}

#[test]
fn a_name_with_tags_and_quotes_stays_text() {
    assert_eq!(
        escape("</script><b a=\"'\">&\u{0}"),
        "&lt;/script&gt;&lt;b a=&quot;&#39;&quot;&gt;&amp;"
    );
}
