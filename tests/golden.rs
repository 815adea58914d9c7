//! From recordings to features, against openSMILE 3.0.2 (Python package 2.6.0).
//!
//! `tests/golden/end-to-end/make.py` made the clips and the expected tables; its README says what each clip is for. The reference
//! converts what it reads to 16 bit and takes the first channel, so the stereo, 24-bit and float clips are built
//! such that their mono mean *is* a 16-bit signal, and were measured as that.
//!
//! On x86-64 GNU/Linux every value has the reference's bits. Elsewhere the platform's `f64` functions may differ in their last
//! bit; hence a tolerance of 10⁻⁶ of the column's scale.

use std::path::{Path, PathBuf};

use ser::audio;
use ser::extract::{ExtractionSettings, extract_file};
use ser::{FeatureSet, Features, Level};

/// Of a column's scale.
const TOLERANCE: f32 = 1e-6;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/end-to-end")
}

struct Expected {
    file: String,
    span: (f64, f64),
    values: Vec<f32>,
}

fn expected_functionals(set: FeatureSet) -> (Vec<String>, Vec<Expected>) {
    let path = folder().join(format!("functionals_{set}.csv"));
    let mut reader = csv::Reader::from_path(path).unwrap();
    let names = reader
        .headers()
        .unwrap()
        .iter()
        .skip(3)
        .map(str::to_owned)
        .collect();
    let rows = reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            Expected {
                file: record[0].rsplit('/').next().unwrap().to_owned(),
                span: (record[1].parse().unwrap(), record[2].parse().unwrap()),
                values: record.iter().skip(3).map(|v| v.parse().unwrap()).collect(),
            }
        })
        .collect();
    (names, rows)
}

/// A two-dimensional little-endian `f32` array as numpy writes it: its width and values.
fn npy(path: &Path) -> (usize, Vec<f32>) {
    let bytes = std::fs::read(path).unwrap();
    assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
    let header_length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = std::str::from_utf8(&bytes[10..10 + header_length]).unwrap();
    assert!(
        header.contains("'<f4'") && header.contains("'fortran_order': False"),
        "{header}"
    );
    let shape = header.split('(').nth(1).unwrap().split(')').next().unwrap();
    let width = shape.split(',').nth(1).unwrap().trim().parse().unwrap();
    let (values, _) = bytes[10 + header_length..].as_chunks::<4>();
    (
        width,
        values.iter().map(|&b| f32::from_le_bytes(b)).collect(),
    )
}

fn extract(file: &str, set: FeatureSet, level: Level) -> Features {
    let settings = ExtractionSettings {
        set,
        level,
        audio: audio::DecodingSettings::default(),
    };
    extract_file(folder().join(file), &settings).unwrap_or_else(|e| panic!("{file}: {e}"))
}

/// Compares rows of `width` values, column by column on the column's own scale.
fn assert_close(what: &str, names: &[String], ours: &[f32], want: &[f32], scales: &[f32]) {
    assert_eq!(ours.len(), want.len(), "values of {what}");
    let width = names.len();
    for (i, (a, b)) in ours.iter().zip(want).enumerate() {
        let column = i % width;
        let error = (a - b).abs();
        assert!(
            error <= TOLERANCE * scales[column],
            "{what}, row {}, {}: {a} instead of {b}",
            i / width,
            names[column]
        );
    }
}

fn scales(width: usize, values: &[f32]) -> Vec<f32> {
    (0..width)
        .map(|c| {
            values
                .iter()
                .skip(c)
                .step_by(width)
                .fold(0.0_f32, |scale, v| scale.max(v.abs()))
        })
        .collect()
}

#[test]
fn functionals_of_all_sets_are_the_references() {
    for set in FeatureSet::PUBLISHED {
        let (names, expected) = expected_functionals(set);
        assert!(expected.len() >= 16);
        let all: Vec<f32> = expected
            .iter()
            .flat_map(|e| e.values.iter().copied())
            .collect();
        let scales = scales(names.len(), &all);
        for e in &expected {
            let features = extract(&e.file, set, Level::Functionals);
            assert!(features.names().eq(names.iter().map(String::as_str)));
            let row = features.rows().next().unwrap();
            assert!((row.start_s - e.span.0).abs() < 1e-9 && (row.end_s - e.span.1).abs() < 1e-6);
            assert_close(&e.file, &names, row.values, &e.values, &scales);
        }
    }
}

#[test]
fn descriptors_are_the_references() {
    for (set, fewest) in [(FeatureSet::EGeMapsV02, 16), (FeatureSet::EGeMapsV01a, 6)] {
        let mut compared = 0;
        for e in expected_functionals(set).1 {
            let stem = e.file.rsplit_once('.').unwrap().0;
            let path = folder().join(format!("lld_{set}/{stem}.npy"));
            if !path.exists() {
                continue;
            }
            let features = extract(&e.file, set, Level::Descriptors);
            let names: Vec<String> = features.names().map(str::to_owned).collect();
            let (width, want) = npy(&path);
            assert_eq!(width, names.len());
            assert_close(
                &e.file,
                &names,
                features.values(),
                &want,
                &scales(width, &want),
            );
            compared += 1;
        }
        assert!(compared >= fewest, "{compared} clips of {set}");
    }
}

#[test]
fn rows_of_descriptors_have_the_times_of_their_frames() {
    let features = extract(
        "speech_en_11025.flac",
        FeatureSet::EGeMapsV02,
        Level::Descriptors,
    );
    let rows: Vec<_> = features.rows().collect();
    assert!((rows[1].start_s - 110.0 / 11025.0).abs() < 1e-12);
    assert!((rows[1].end_s - (110.0 + 221.0) / 11025.0).abs() < 1e-12);
    let functionals = extract(
        "speech_en_11025.flac",
        FeatureSet::EGeMapsV02,
        Level::Functionals,
    );
    assert_eq!(
        rows.last().unwrap().end_s,
        functionals.rows().next().unwrap().end_s
    );
}

/// A whole corpus against a table of the reference:
///
/// ```text
/// python3 -m venv .oracle && .oracle/bin/pip install opensmile==2.6.0
/// .oracle/bin/python tests/oracle/oracle.py EMODB/wav -o oracle.csv
/// SER_CORPUS=EMODB/wav SER_ORACLE=oracle.csv \
///     cargo test --release --test golden -- --ignored
/// ```
#[test]
#[ignore = "needs a corpus and the reference's table of it; the command stands above"]
fn a_whole_corpus_is_the_references() {
    let corpus =
        PathBuf::from(std::env::var("SER_CORPUS").expect("SER_CORPUS: folder of recordings"));
    let oracle = std::env::var("SER_ORACLE").expect("SER_ORACLE: table of oracle.py");
    let mut reader = csv::Reader::from_path(oracle).unwrap();
    let names: Vec<String> = reader
        .headers()
        .unwrap()
        .iter()
        .skip(3)
        .map(str::to_owned)
        .collect();
    let (mut cells, mut beyond) = (0_usize, 0_usize);
    for record in reader.records() {
        let record = record.unwrap();
        let want: Vec<f32> = record.iter().skip(3).map(|v| v.parse().unwrap()).collect();
        let base = record[0].rsplit('/').next().unwrap();
        let features = extract_file(corpus.join(base), &ExtractionSettings::default()).unwrap();
        for ((name, a), b) in names.iter().zip(features.values()).zip(&want) {
            let error = (a - b).abs() / b.abs().max(1e-12);
            cells += 1;
            beyond += usize::from(error > 1e-6 && (a - b).abs() > 1e-9);
            assert!(
                error <= 1e-4 || (a - b).abs() < 1e-7,
                "{base}, {name}: {a} instead of {b}"
            );
        }
    }
    assert!(
        beyond * 1000 <= cells,
        "{beyond} of {cells} cells are off by more than 1e-6"
    );
}
