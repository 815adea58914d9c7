//! The matrix alone, for numpy: `X.npy` (`float32`, one line per row, format 1.0) with its names beside it.
//!
//! `X.columns.txt` has one column name per line, and `X.rows.csv` says which recording and stretch (and label) each line of the
//! matrix is, which a matrix without failed recordings cannot say itself.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::{FrameTime, LABEL, Schema, TableWriter, shortest};
use ser_features::feature::Row;

/// Bytes of the header, the number of rows included: it is written twice, the second time knowing that number.
const HEADER: usize = 128;

/// Writes a table as a matrix and two lists of names.
pub struct NpyWriter {
    matrix: BufWriter<File>,
    rows: csv::Writer<File>,
    frame_time: Option<FrameTime>,
    labelled: bool,
    width: usize,
    count: usize,
}

/// Where the names of columns and rows of the matrix `path` stand.
pub fn beside(path: &Path) -> [PathBuf; 2] {
    [
        path.with_extension("columns.txt"),
        path.with_extension("rows.csv"),
    ]
}

impl NpyWriter {
    /// Starts a matrix; the list of columns is written at once.
    ///
    /// # Errors
    /// What the targets say.
    pub fn new(matrix: File, mut columns: File, rows: File, schema: &Schema) -> io::Result<Self> {
        let features = schema.features();
        let names: String = features.iter().map(|c| c.name.to_owned() + "\n").collect();
        columns.write_all(names.as_bytes())?;
        let labelled = schema.classes.is_some();
        let mut rows = csv::Writer::from_writer(rows);
        rows.write_record(schema.identity_names().chain(labelled.then_some(LABEL)))?;
        let mut matrix = BufWriter::new(matrix);
        matrix.write_all(&[0; HEADER])?;
        Ok(Self {
            matrix,
            rows,
            frame_time: schema.frame_time,
            labelled,
            width: features.len(),
            count: 0,
        })
    }
}

impl TableWriter for NpyWriter {
    fn write(&mut self, file: &str, label: Option<&str>, row: &Row<'_>) -> io::Result<()> {
        let (start, end) = (shortest(row.start_s), shortest(row.end_s));
        let label = self.labelled.then_some(label.unwrap_or_default());
        let time = self.frame_time.map(|time| shortest(time.of(row)));
        let times = [start, end].into_iter().chain(time);
        let times: Vec<String> = times.collect();
        let fields = [file].into_iter().chain(times.iter().map(String::as_str));
        self.rows.write_record(fields.chain(label))?;
        for value in row.values {
            self.matrix.write_all(&value.to_le_bytes())?;
        }
        self.count += 1;
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.rows.flush()?;
        self.matrix.flush()?;
        let file = self.matrix.get_mut();
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&header("<f4", self.count, self.width))
    }
}

/// What stands before the numbers of a matrix, row by row, whose type NumPy calls `kind`: `<f4`, `<f8`.
pub fn header(kind: &str, rows: usize, columns: usize) -> [u8; HEADER] {
    const PREAMBLE: &[u8] = b"\x93NUMPY\x01\x00";
    let length = HEADER - PREAMBLE.len() - 2;
    let text =
        format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    let text = format!("{text:<width$}\n", width = length - 1);
    let mut header = [b' '; HEADER];
    header[..8].copy_from_slice(PREAMBLE);
    header[8..10].copy_from_slice(&(length as u16).to_le_bytes());
    header[10..].copy_from_slice(text.as_bytes());
    header
}

#[test]
fn every_bit_comes_back_and_rows_are_named() {
    use super::example;
    let folder = tempfile::tempdir().unwrap();
    let matrix = folder.path().join("x.npy");
    let [columns, rows] = beside(&matrix);
    let create = |path: &Path| File::create(path).unwrap();
    let (a, b, c) = (create(&matrix), create(&columns), create(&rows));
    example::write(&mut NpyWriter::new(a, b, c, &example::schema()).unwrap());

    let bytes = std::fs::read(&matrix).unwrap();
    let head = String::from_utf8_lossy(&bytes[10..HEADER]);
    assert!(head.starts_with("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 62), }"));
    assert!(head.ends_with('\n'));
    let numbers: Vec<f32> = bytes[HEADER..]
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect();
    assert!(example::same_bits(&numbers[..62], &example::values()));
    assert_eq!(numbers.len(), 3 * 62);
    assert_eq!(
        std::fs::read_to_string(columns).unwrap().lines().count(),
        62
    );
    assert!(
        std::fs::read_to_string(rows)
            .unwrap()
            .ends_with("c.wav,0.25,1.5,anger\n")
    );
}
