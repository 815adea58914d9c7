//! Numbers as text.

use std::fmt;

/// The shortest decimal text that reads back to the same value; `NaN` for a missing one.
///
/// Very small and very large numbers have an exponent, as `1e-7`.
pub fn shortest<T: fmt::Display + fmt::LowerExp + Copy + Into<f64>>(value: T) -> String {
    let magnitude = value.into().abs();
    if magnitude != 0.0 && magnitude.is_finite() && !(1e-4..1e16).contains(&magnitude) {
        format!("{value:e}")
    } else {
        value.to_string()
    }
}

/// A number with its noun: "1 recording", "2 recordings".
pub fn counted(number: usize, noun: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{s}")
}

/// A number with so many decimals; what rounds to nothing has no sign.
///
/// ```
/// assert_eq!(ser_tables::fixed(-0.001, 2), "0.00");
/// ```
pub fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.bytes().all(|byte| matches!(byte, b'0' | b'.')) => rest.to_string(),
        _ => text,
    }
}

/// A number with its sign and so many decimals; what rounds to nothing has a plus.
pub fn signed(value: f64, decimals: usize) -> String {
    let text = fixed(value, decimals);
    match text.starts_with('-') || value.is_nan() {
        true => text,
        false => format!("+{text}"),
    }
}

#[test]
fn nothing_has_no_minus() {
    for value in [-0.0, -0.004, 0.0, 0.004] {
        assert_eq!(
            [fixed(value, 2), fixed(value, 0), signed(value, 2)],
            ["0.00", "0", "+0.00"]
        );
    }
    assert_eq!(fixed(-0.5, 1), "-0.5");
    assert_eq!(fixed(-20.0, 0), "-20");
    assert_eq!(
        [-0.25, 0.25, f64::NAN].map(|value| signed(value, 2)),
        ["-0.25", "+0.25", "NaN"]
    );
}

#[test]
fn one_is_no_plural() {
    let told = [0, 1, 2].map(|number| counted(number, "file"));
    assert_eq!(told, ["0 files", "1 file", "2 files"]);
}

#[test]
fn text_reads_back_to_the_same_bits() {
    for value in [
        0.0_f32,
        -201.0,
        0.1,
        1.033_966e-3,
        1e-7,
        3.4e38,
        1e-45,
        12_345_679.0,
        36.000_004,
    ] {
        assert_eq!(
            shortest(value).parse::<f32>().unwrap().to_bits(),
            value.to_bits()
        );
    }
    assert_eq!(
        [shortest(1e-7_f32), shortest(0.5_f32), shortest(2.0_f64)],
        ["1e-7", "0.5", "2"]
    );
    assert_eq!(shortest(f32::NAN), "NaN");
}
