//! The paper's figures, from the result of an evaluation.
//!
//! Each figure is made in two steps: its data (a table, which is also written beside it as csv), then the drawing of exactly that.

mod accuracy;
mod architecture;
mod attribution;
mod cell;
mod confusion;
mod latent_space;
mod legend;
pub(crate) mod selection;
mod transfer;
mod triad;

use crate::evaluate::result::Evaluation;
use ser_tables::fixed;

use super::Error;
use super::canvas::Width;
use super::raster;

/// A figure: words, numbers and drawings.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The file's name without extension, such as `fig2-scores`.
    pub name: String,
    /// What it shows, in a few words.
    pub title: String,
    /// What is to be known to read it: intervals, lines, numbers of recordings.
    pub caption: String,
    /// Its numbers.
    pub table: Table,
    single: String,
    double: String,
}

impl Figure {
    /// The drawing as SVG.
    pub fn svg(&self, width: Width) -> &str {
        width.choose(&self.single, &self.double)
    }

    /// The drawing as PNG for print.
    pub fn png(&self, width: Width) -> Result<Vec<u8>, Error> {
        raster::png(self.svg(width), f64::from(width.mm()), raster::PRINT_DPI)
    }
}

/// Numbers with names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Names of the columns.
    pub header: Vec<&'static str>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// As csv.
    pub fn csv(&self) -> Result<Vec<u8>, Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let wrong = |e: csv::Error| Error::Picture(e.to_string());
        writer.write_record(&self.header).map_err(wrong)?;
        for row in &self.rows {
            writer.write_record(row).map_err(wrong)?;
        }
        writer
            .into_inner()
            .map_err(|e| Error::Picture(e.to_string()))
    }
}

/// A number in a table: four decimals, empty where there is none.
pub(crate) fn cell(value: Option<f64>) -> String {
    value.map_or_else(String::new, |v| fixed(v, 4))
}

/// All figures that the result has data for, in the paper's order.
pub fn all(evaluation: &Evaluation) -> Vec<Figure> {
    let mut figures = Vec::new();
    figures.extend(architecture::figure(evaluation));
    figures.extend(accuracy::figure(evaluation));
    figures.extend(confusion::figures(evaluation));
    figures.extend(triad::figure(evaluation));
    figures.extend(latent_space::figures(evaluation));
    figures.extend(attribution::figures(evaluation));
    figures.extend(transfer::figures(evaluation));
    figures
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::raster::text_boxes;

    fn evaluation() -> Evaluation {
        serde_json::from_str(include_str!("../../../../../tests/report/small.json")).unwrap()
    }

    #[test]
    fn no_text_is_cut_and_none_lies_on_another_in_either_width() {
        let figures = all(&evaluation());
        assert_eq!(figures.len(), 14);
        for figure in &figures {
            for width in [Width::Single, Width::Double] {
                let (size, boxes) = text_boxes(figure.svg(width));
                assert!(!boxes.is_empty());
                for (i, a) in boxes.iter().enumerate() {
                    let inside = a.left() >= 0.0 && a.top() >= 0.0;
                    let inside = inside && a.right() <= size.0 && a.bottom() <= size.1;
                    assert!(inside, "{} at {width:?}: {a:?} of {size:?}", figure.name);
                    for b in &boxes[..i] {
                        // Boxes reach from the highest to the lowest letter of the font: a fifth of a line may be shared.
                        let across = a.right().min(b.right()) - a.left().max(b.left());
                        let down = a.bottom().min(b.bottom()) - a.top().max(b.top());
                        let clear = across <= 0.5 || down <= 0.2 * a.height().min(b.height());
                        assert!(clear, "{} at {width:?}: {a:?} on {b:?}", figure.name);
                    }
                }
            }
        }
    }

    #[test]
    fn the_same_result_gives_the_same_bytes() {
        let (a, b) = (all(&evaluation()), all(&evaluation()));
        for (a, b) in a.iter().zip(&b) {
            assert_eq!(a.svg(Width::Double), b.svg(Width::Double));
            assert_eq!(a.table, b.table);
        }
    }

    #[test]
    fn a_result_without_anything_has_no_figures() {
        let mut empty = evaluation();
        empty.experiments.clear();
        empty.matrix.clear();
        assert!(all(&empty).is_empty());
    }

    #[test]
    fn the_ratings_come_first_where_there_are_any() {
        let mut evaluation = evaluation();
        let panels = |e: &Evaluation| {
            let latent = latent_space::figures(e).remove(0);
            let names = latent.table.rows.iter().map(|r| r[0].clone());
            names.fold(Vec::new(), |mut list: Vec<String>, name| {
                if !list.contains(&name) {
                    list.push(name);
                }
                list
            })
        };
        let sets = ["first, trained on", "first, held out", "second, transfer"];
        assert_eq!(panels(&evaluation)[0], "first, ratings");
        assert_eq!(panels(&evaluation)[1..], sets);
        evaluation.rows.iter_mut().for_each(|r| r.valence = None);
        assert_eq!(panels(&evaluation), sets);
    }
}
