//! SVG becomes PNG, with the bundled font only: the same bytes on every machine.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use super::Error;
use super::font::{BOLD, REGULAR};

/// Pixels per inch of print.
pub const PRINT_DPI: f64 = 300.0;

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(REGULAR.to_vec());
    fonts.load_font_data(BOLD.to_vec());
    fonts.set_sans_serif_family("Arimo");
    Arc::new(fonts)
});

/// The PNG of an SVG made here, `width_mm` wide in print at `dpi`; the resolution stands in the file.
pub fn png(svg: &str, width_mm: f64, dpi: f64) -> Result<Vec<u8>, Error> {
    let options = Options {
        font_family: "Arimo".to_string(),
        fontdb: FONTS.clone(),
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options).map_err(|e| Error::Picture(e.to_string()))?;
    let size = tree.size();
    let width = (width_mm / 25.4 * dpi).round().max(1.0);
    let scale = width / f64::from(size.width());
    let height = (f64::from(size.height()) * scale).round().max(1.0);
    let mut pixels = Pixmap::new(width as u32, height as u32)
        .ok_or_else(|| Error::Picture(format!("{width} × {height} pixels are too many")))?;
    let scale = scale as f32;
    resvg::render(
        &tree,
        Transform::from_scale(scale, scale),
        &mut pixels.as_mut(),
    );
    let plain = pixels
        .encode_png()
        .map_err(|e| Error::Picture(e.to_string()))?;
    Ok(with_resolution(plain, dpi))
}

/// Puts a `pHYs` chunk after the header: programs then place the picture at its printed size.
fn with_resolution(png: Vec<u8>, dpi: f64) -> Vec<u8> {
    /// Signature and IHDR chunk.
    const HEAD: usize = 8 + 25;
    let per_metre = ((dpi / 0.0254).round() as u32).to_be_bytes();
    let mut chunk = b"pHYs".to_vec();
    chunk.extend(per_metre);
    chunk.extend(per_metre);
    chunk.push(1);
    let mut with = png[..HEAD].to_vec();
    with.extend(9u32.to_be_bytes());
    with.extend(&chunk);
    with.extend(crc32fast::hash(&chunk).to_be_bytes());
    with.extend(&png[HEAD..]);
    with
}

/// The size of a drawing and the box of each of its texts.
#[cfg(test)]
pub(crate) fn text_boxes(svg: &str) -> ((f32, f32), Vec<resvg::tiny_skia::Rect>) {
    let options = Options {
        font_family: "Arimo".to_string(),
        fontdb: FONTS.clone(),
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options).unwrap();
    // usvg sizes in pixels of 96 per inch, its boxes stand in the same after the view box's transform.
    let size = (tree.size().width(), tree.size().height());
    fn collect(group: &resvg::usvg::Group, boxes: &mut Vec<resvg::tiny_skia::Rect>) {
        for node in group.children() {
            match node {
                resvg::usvg::Node::Group(group) => collect(group, boxes),
                resvg::usvg::Node::Text(_) => boxes.push(node.abs_bounding_box()),
                _ => {}
            }
        }
    }
    let mut boxes = Vec::new();
    collect(tree.root(), &mut boxes);
    (size, boxes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::canvas::{Anchor, Canvas, Text, Width};
    use crate::report::font;

    #[test]
    fn a_text_is_as_wide_as_the_layout_believes() {
        for (text, bold) in [
            ("Spectral slope (0-500 Hz) UV", false),
            ("Held out, CREMA-D", true),
        ] {
            let mut canvas = Canvas::new(Width::Double);
            let look = Text::new(20.0, Anchor::Start);
            canvas.text(10.0, 30.0, text, if bold { look.bold() } else { look });
            let (size, boxes) = text_boxes(&canvas.finish(40.0, ""));
            let drawn = f64::from(boxes[0].width()) * Width::Double.points() / f64::from(size.0);
            let told = font::width(text, 20.0, bold);
            assert!(
                (drawn - told).abs() < 3.0,
                "{text}: {drawn} drawn, {told} told"
            );
        }
    }

    #[test]
    fn the_png_says_its_resolution() {
        let svg = Canvas::new(Width::Single).finish(100.0, "empty");
        let png = png(&svg, 85.0, PRINT_DPI).unwrap();
        assert_eq!(&png[37..41], b"pHYs");
        assert_eq!(u32::from_be_bytes(png[41..45].try_into().unwrap()), 11811);
        // 85 mm at 300 dpi.
        assert_eq!(u32::from_be_bytes(png[16..20].try_into().unwrap()), 1004);
    }
}
