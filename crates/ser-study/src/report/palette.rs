//! Colours, marks and dashes: each class, model and set can be told without colour too.
//!
//! The colours are those of Okabe and Ito, which people with any of the usual colour deficiencies tell apart; shape and dash carry the same
//! distinction in greyscale. Their yellow is left out (it vanishes on white).
//!
//! M. Okabe, K. Ito (2008), "Color Universal Design", <https://jfly.uni-koeln.de/color/>.

use std::fmt::Write;

use super::canvas::{INK, number};

/// How something looks wherever it is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Look {
    pub colour: &'static str,
    pub mark: Mark,
    pub dash: &'static str,
}

/// The shape of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Circle,
    Square,
    Up,
    Diamond,
    Down,
    Cross,
}

const GREY: &str = "#808080";
const ORANGE: &str = "#E69F00";
const SKY: &str = "#56B4E9";
const GREEN: &str = "#009E73";
const BLUE: &str = "#0072B2";
const VERMILION: &str = "#D55E00";
const PURPLE: &str = "#CC79A7";

const fn look(colour: &'static str, mark: Mark, dash: &'static str) -> Look {
    Look { colour, mark, dash }
}

/// The paper's classes keep their looks in every figure.
const CLASSES: [(&str, Look); 4] = [
    ("neutral", look(GREY, Mark::Circle, "")),
    ("sad", look(BLUE, Mark::Down, "4 1.5")),
    ("happy", look(ORANGE, Mark::Up, "1.2 1.2")),
    ("angry", look(VERMILION, Mark::Square, "5 1.2 1.2 1.2")),
];

/// For all other classes, in their order.
const OTHERS: [Look; 5] = [
    look(GREEN, Mark::Diamond, "6 2"),
    look(PURPLE, Mark::Cross, "2 1"),
    look(SKY, Mark::Circle, "3 3"),
    look(INK, Mark::Up, "1 2"),
    look(GREEN, Mark::Square, "8 2 2 2"),
];

/// The look of class `index` of `classes`.
pub(crate) fn class(classes: &[String], index: usize) -> Look {
    let known = |name: &str| CLASSES.iter().find(|(class, _)| *class == name);
    match known(&classes[index]) {
        Some((_, look)) => *look,
        None => {
            let before = classes[..index].iter().filter(|c| known(c).is_none());
            OTHERS[before.count() % OTHERS.len()]
        }
    }
}

/// The look of a representation.
pub(crate) fn model(name: &str) -> Look {
    match name {
        "raw" => look(INK, Mark::Circle, ""),
        "pca" => look(GREEN, Mark::Square, "4 1.5"),
        "uae" => look(SKY, Mark::Up, "1.2 1.2"),
        "dae" => look(PURPLE, Mark::Diamond, "5 1.2 1.2 1.2"),
        _ => look(GREY, Mark::Cross, ""),
    }
}

/// The look of the set at `index`.
pub(crate) fn set(index: usize) -> Look {
    const SETS: [Look; 6] = [
        look(INK, Mark::Circle, ""),
        look(GREEN, Mark::Square, ""),
        look(SKY, Mark::Up, ""),
        look(PURPLE, Mark::Diamond, ""),
        look(GREY, Mark::Down, ""),
        look(VERMILION, Mark::Cross, ""),
    ];
    SETS[index % SETS.len()]
}

/// The path of a mark of area π r² about (x, y), so that no shape looks heavier than another.
pub(crate) fn mark(mark: Mark, x: f64, y: f64, r: f64) -> String {
    let mut d = String::new();
    let n = number;
    let _ = match mark {
        Mark::Circle => write!(
            d,
            "M{} {}a{r} {r} 0 1 0 {w} 0a{r} {r} 0 1 0 -{w} 0",
            n(x - r),
            n(y),
            r = n(r),
            w = n(2.0 * r)
        ),
        Mark::Square => {
            let side = r * 1.772;
            let (x, y, s) = (n(x - side / 2.0), n(y - side / 2.0), n(side));
            write!(d, "M{x} {y}h{s}v{s}h-{s}z")
        }
        Mark::Up | Mark::Down => {
            let side = r * 2.694;
            let height = side * 0.866 * if mark == Mark::Up { 1.0 } else { -1.0 };
            let (left, base) = (n(x - side / 2.0), n(y + height / 3.0));
            let (half, side) = (n(side / 2.0), n(side));
            write!(d, "M{left} {base}h{side}l-{half} {}z", n(-height))
        }
        Mark::Diamond => {
            let h = r * 1.253;
            let (top, h) = (n(y - h), n(h));
            write!(d, "M{} {top}l{h} {h}l-{h} {h}l-{h} -{h}z", n(x))
        }
        Mark::Cross => {
            let (a, b) = (r * 1.3, r * 0.45);
            let (e, f) = (n(a - b), n(2.0 * b));
            write!(
                d,
                "M{} {}h{f}v{e}h{e}v{f}h-{e}v{e}h-{f}v-{e}h-{e}v-{f}h{e}z",
                n(x - b),
                n(y - a)
            )
        }
    };
    d
}

/// A shade between white (0) and the darkest blue (1), of even steps in lightness.
pub(crate) fn shade(share: f64) -> String {
    let t = share.clamp(0.0, 1.0);
    // White to #0072B2 is even in lightness to within 3 %, and so is grey.
    let mix = |to: f64| (255.0 + (to - 255.0) * t).round() as u8;
    format!("#{:02x}{:02x}{:02x}", mix(0.0), mix(94.0), mix(158.0))
}

/// The ink that is read on [`shade`]: whichever of black and white has more contrast, at least 4 : 1.
pub(crate) fn on_shade(share: f64) -> &'static str {
    if share > 0.75 { "#fefefe" } else { "#101010" }
}

#[test]
fn classes_of_one_plan_look_different_with_and_without_colour() {
    let classes: Vec<String> = ["neutral", "sad", "happy", "angry", "fear", "disgust"]
        .map(String::from)
        .to_vec();
    let looks: Vec<Look> = (0..6).map(|i| class(&classes, i)).collect();
    for (i, a) in looks.iter().enumerate() {
        for b in &looks[..i] {
            assert!(a.colour != b.colour && a.mark != b.mark && a.dash != b.dash);
        }
    }
}
