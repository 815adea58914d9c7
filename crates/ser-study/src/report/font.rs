//! The font of the figures, and how wide a text set in it is.
//!
//! Arimo has the widths of Arial and (but for a few signs) Helvetica: a figure laid out here stays laid out in a program that has only those, while
//! its letters remain letters that an editor can change. The PNG is drawn with the bundled file and needs no font on the machine.
//!
//! Arimo by S. Matteson, SIL Open Font License 1.1 (`assets/report/OFL-Arimo.txt`).

/// Arimo Regular.
pub(crate) static REGULAR: &[u8] = include_bytes!("../../../../assets/report/Arimo-Regular.ttf");

/// Arimo Bold.
pub(crate) static BOLD: &[u8] = include_bytes!("../../../../assets/report/Arimo-Bold.ttf");

/// The family as SVG and CSS name it.
pub(crate) const FAMILY: &str = "Arimo, Arial, Helvetica, 'Liberation Sans', sans-serif";

/// Units of an em.
const EM: f64 = 2048.0;

/// Advances of U+0020–U+007E, `hmtx` of Arimo Regular 1.33.
#[rustfmt::skip]
const ADVANCES: [u16; 95] = [
    569, 569, 727, 1139, 1139, 1821, 1366, 391, 682, 682, 797, 1196, 569, 682, 569, 569, 1139, 1139, 1139, 1139, 1139, 1139, 1139, 1139, 1139, 1139, 569, 569,
    1196, 1196, 1196, 1139, 2079, 1366, 1366, 1479, 1479, 1366, 1251, 1593, 1479, 569, 1024, 1366, 1139, 1706, 1479, 1593, 1366, 1593, 1479, 1366, 1251, 1479,
    1366, 1933, 1366, 1366, 1251, 569, 569, 569, 961, 1139, 682, 1139, 1139, 1024, 1139, 1139, 569, 1139, 1139, 455, 455, 1024, 455, 1706, 1139, 1139, 1139,
    1139, 682, 1024, 569, 1139, 1024, 1479, 1024, 1024, 1024, 684, 532, 684, 1196,
];

/// The same of Arimo Bold 1.33.
#[rustfmt::skip]
const ADVANCES_BOLD: [u16; 95] = [
    569, 682, 971, 1139, 1139, 1821, 1479, 487, 682, 682, 797, 1196, 569, 682, 569, 569, 1139, 1139, 1139, 1139, 1139, 1139, 1139, 1139, 1139, 1139, 682, 682,
    1196, 1196, 1196, 1251, 1997, 1479, 1479, 1479, 1479, 1366, 1251, 1593, 1479, 569, 1139, 1479, 1251, 1706, 1479, 1593, 1366, 1593, 1479, 1366, 1251, 1479,
    1366, 1933, 1366, 1366, 1251, 682, 569, 682, 1196, 1139, 682, 1139, 1251, 1139, 1251, 1139, 682, 1251, 1251, 569, 569, 1139, 569, 1821, 1251, 1251, 1251,
    1251, 797, 1139, 682, 1251, 1139, 1593, 1139, 1139, 1024, 797, 573, 797, 1196,
];

/// The width of `text` at `size`, in the unit of `size`. A letter beyond ASCII counts as the widest of lower-case Latin but m and w.
pub(crate) fn width(text: &str, size: f64, bold: bool) -> f64 {
    let advances = if bold { &ADVANCES_BOLD } else { &ADVANCES };
    let units: u32 = text
        .chars()
        .map(|c| match u32::from(c).checked_sub(32) {
            Some(at) if at < 95 => u32::from(advances[at as usize]),
            _ if c == '—' || c == '→' => 2048,
            _ => 1251,
        })
        .sum();
    f64::from(units) * size / EM
}

/// `text`, shortened with … until it is at most `room` wide.
pub(crate) fn fit(text: &str, size: f64, room: f64) -> String {
    if width(text, size, false) <= room {
        return text.to_string();
    }
    let mut letters: Vec<char> = text.chars().collect();
    while letters.pop().is_some() {
        let short: String = letters.iter().collect::<String>().trim_end().to_string() + "…";
        if width(&short, size, false) <= room {
            return short;
        }
    }
    String::new()
}

/// `text` in lines of at most `room`, broken at spaces.
pub(crate) fn lines(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size, false) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_string()),
        }
    }
    lines
}

#[test]
fn a_text_that_does_not_fit_ends_in_an_ellipsis_and_fits_then() {
    let short = fit("Spectral slope 500–1500 Hz UV", 7.0, 60.0);
    assert!(short.ends_with('…') && width(&short, 7.0, false) <= 60.0);
    assert_eq!(fit("HNR", 7.0, 60.0), "HNR");
}

#[test]
fn lines_keep_every_word() {
    let text = "one two three four five six";
    let lines = lines(text, 7.0, 40.0);
    assert!(lines.len() > 1 && lines.iter().all(|line| width(line, 7.0, false) <= 40.0));
    assert_eq!(lines.join(" "), text);
}
