//! Tables as other programs read them, and the lists that `ser extract` takes.

use std::path::Path;
use std::process::{Command, Output};

const CLIP: &str = "tests/golden/end-to-end/emodb_12a02Ac.flac";

fn ser(arguments: &[&str]) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_ser"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn segments_are_read_from_both_kinds_of_time_and_named_in_errors() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.csv");
    std::fs::write(
        &list,
        "file,start,end,emotion\nemodb_12a02Ac.flac,0 days 00:00:00.500000,0 days 00:00:01,x\nemodb_12a02Ac.flac,0.5,1.0,y\nemodb_12a02Ac.flac,0.25,,z\n",
    )
    .unwrap();
    let table = ser(&[
        "extract",
        "tests/golden/end-to-end",
        "--segments",
        text(&list),
    ]);
    let rows: Vec<&str> = table.lines().skip(1).collect();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0], rows[1]);
    assert!(rows[0].starts_with("emodb_12a02Ac.flac,0.5,1,"));
    assert!(rows[2].starts_with("emodb_12a02Ac.flac,0.25,"));
}

#[test]
fn a_table_of_this_program_is_a_list_of_segments() {
    let folder = tempfile::tempdir().unwrap();
    let windows = folder.path().join("windows.parquet");
    ser(&[
        "extract",
        CLIP,
        "--window",
        "500ms",
        "--hop",
        "250ms",
        "-o",
        text(&windows),
    ]);
    let direct = ser(&["extract", CLIP, "--window", "500ms", "--hop", "250ms"]);
    let listed = ser(&["extract", "--segments", text(&windows)]);
    assert!(direct.lines().count() > 2);
    assert_eq!(listed, direct);
}

#[test]
fn recordings_are_listed_in_a_file_and_labelled() {
    let folder = tempfile::tempdir().unwrap();
    let (list, labels) = (
        folder.path().join("list.txt"),
        folder.path().join("labels.csv"),
    );
    std::fs::write(
        &list,
        format!("{CLIP}\n\ntests/golden/end-to-end/cut60ms_16000.flac\n"),
    )
    .unwrap();
    std::fs::write(
        &labels,
        "file,label\nemodb_12a02Ac.flac,very sad\nnobody.wav,anger\n",
    )
    .unwrap();
    let arguments = [
        "extract",
        "--list",
        text(&list),
        "--labels",
        text(&labels),
        "--format",
    ];
    let csv = ser(&[&arguments[..], &["csv"]].concat());
    let ends: Vec<&str> = csv
        .lines()
        .map(|line| line.rsplit(',').next().unwrap())
        .collect();
    assert_eq!(ends, ["label", "very sad", ""]);
    let arff = ser(&[&arguments[..], &["arff"]].concat());
    assert!(arff.contains("\n@attribute class {anger,'very sad'}\n@data\n"));
    assert!(arff.ends_with(",?\n"));
}

#[test]
fn arguments_that_make_no_sense_have_exit_code_two() {
    for arguments in [
        &["extract", CLIP, "-o", "x.wav"][..],
        &["extract", CLIP, "--format", "npy"],
        &["extract", CLIP, "--window", "2s", "--hop", "1ms"],
        &[
            "extract", CLIP, "--window", "2s", "--hop", "500ms", "--level", "lld",
        ],
        &["extract", CLIP, "--shard", "3/2", "-o", "x.ser"],
        &["extract", CLIP, "--shard", "1/2", "-o", "x.csv"],
        &["extract", CLIP, "--resume"],
        &["extract", CLIP, "--set", "eGeMAPSv9"],
        &["features", "--level", "rows"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_ser"))
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn every_set_has_its_columns_at_both_levels() {
    for (set, functionals, descriptors) in [
        ("eGeMAPSv02", 88, 25),
        ("eGeMAPSv01b", 88, 23),
        ("egemapsv01a", 88, 23),
        ("GeMAPSv01b", 62, 18),
        ("GeMAPSv01a", 62, 18),
        ("eGeMAPS-ser", 88, 25),
        ("eGeMAPS-ser+", 113, 35),
    ] {
        for (level, columns) in [("functionals", functionals), ("lld", descriptors)] {
            let table = ser(&["extract", CLIP, "--set", set, "--level", level]);
            assert_eq!(
                table.lines().next().unwrap().split(',').count(),
                3 + columns
            );
            let listed = ser(&["features", "--set", set, "--level", level, "--json"]);
            let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
            let names: Vec<&str> = listed
                .as_array()
                .unwrap()
                .iter()
                .map(|c| c["name"].as_str().unwrap())
                .collect();
            assert_eq!(
                names,
                table
                    .lines()
                    .next()
                    .unwrap()
                    .split(',')
                    .skip(3)
                    .collect::<Vec<_>>()
            );
        }
    }
}

/// pandas, pyarrow, numpy and scipy read every table with every bit:
/// `python3 -m venv .readers && .readers/bin/pip install pandas pyarrow scipy`, then
/// `PYTHON=.readers/bin/python cargo test --test tables -- --ignored`
#[test]
#[ignore = "needs Python with pandas, pyarrow and scipy"]
fn other_programs_read_every_table() {
    let folder = tempfile::tempdir().unwrap();
    let labels = folder.path().join("labels.csv");
    std::fs::write(
        &labels,
        "file,label\nemodb_12a02Ac.flac,very sad\nemodb_03a02Wc.flac,anger\n",
    )
    .unwrap();
    for (extension, format) in [
        ("csv", "csv"),
        ("parquet", "parquet"),
        ("arff", "arff"),
        ("jsonl", "jsonl"),
        ("npy", "npy"),
        ("smile", "smile-csv"),
    ] {
        let table = folder.path().join(format!("t.{extension}"));
        ser(&[
            "extract",
            "tests/golden/end-to-end",
            "--labels",
            text(&labels),
            "-q",
            "--format",
            format,
            "-o",
            text(&table),
        ]);
    }
    let python = std::env::var("PYTHON").unwrap_or("python3".into());
    let script = std::path::absolute("tests/readers.py").unwrap();
    let output = Command::new(python)
        .arg(script)
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The values of chosen columns are those of the whole table, whichever way they are written.
#[test]
fn chosen_columns_are_those_of_the_whole_table() {
    let folder = tempfile::tempdir().unwrap();
    let whole = ser(&["extract", CLIP]);
    let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
    let lines: Vec<Vec<String>> = whole.lines().map(cells).collect();
    let wanted = "jitter*,F0semitoneFrom27.5Hz_sma3nz_amean,equivalent sound level";
    let kept = |name: &String| {
        name.starts_with("jitter")
            || ["file", "start", "end", "equivalentSoundLevel_dBp"].contains(&name.as_str())
            || name == "F0semitoneFrom27.5Hz_sma3nz_amean"
    };
    let places: Vec<usize> = (0..lines[0].len())
        .filter(|&i| kept(&lines[0][i]))
        .collect();
    assert_eq!(places.len(), 3 + 4);
    let expected: Vec<String> = lines
        .iter()
        .map(|line| {
            places
                .iter()
                .map(|&i| line[i].as_str())
                .collect::<Vec<_>>()
                .join(",")
        })
        .collect();
    let expected = expected.join("\n") + "\n";
    assert_eq!(ser(&["extract", CLIP, "--columns", wanted]), expected);
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (table, shard, matrix) = (path("t.csv"), path("s.ser"), path("m.npy"));
    ser(&["extract", CLIP, "--columns", wanted, "-o", &table]);
    assert_eq!(std::fs::read_to_string(&table).unwrap(), expected);
    ser(&["extract", CLIP, "-o", &shard, "--shard", "1/1"]);
    ser(&["merge", &table, &shard, "--columns", wanted]);
    assert_eq!(std::fs::read_to_string(&table).unwrap(), expected);
    ser(&["merge", &matrix, &shard, "--columns", wanted]);
    let names = std::fs::read_to_string(path("m.columns.txt")).unwrap();
    assert_eq!(names.lines().count(), 4);
    assert_eq!(std::fs::read(&matrix).unwrap().len(), 128 + 4 * 4);
    let json = ser(&["extract", CLIP, "--columns", "HNR", "--format", "jsonl"]);
    assert_eq!(json.matches("HNR").count(), 2);
}

#[test]
fn a_table_of_recordings_is_extracted_row_by_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for name in ["a.flac", "b.flac"] {
        std::fs::copy(CLIP, path(name)).unwrap();
    }
    let (whole, again) = (path("whole.parquet"), path("again.parquet"));
    let (a, b) = (path("a.flac"), path("b.flac"));
    let windows = ["--window", "500ms", "--hop", "250ms"];
    let inputs = [text(&a), text(&b)];
    ser(&[&["extract"], &inputs[..], &windows, &["-o", text(&whole)]].concat());
    // Its columns file, start and end are a table of recordings.
    let csv = ser(&["extract", "--table", text(&whole)]);
    let expected = ser(&[&["extract"], &inputs[..], &windows].concat());
    assert_eq!(csv, expected);
    ser(&["extract", "--table", text(&whole), "-o", text(&again)]);
    let columns = ["--columns", "loudness"];
    let few = ser(&[&["extract", "--table", text(&again)], &columns[..]].concat());
    assert_eq!(few.lines().count(), csv.lines().count());

    // A recording that is gone costs its own rows only.
    std::fs::remove_file(&a).unwrap();
    let failures = path("failures.csv");
    let output = Command::new(env!("CARGO_BIN_EXE_ser"))
        .args(["extract", "--table", text(&whole), "-o"])
        .args([path("rest.csv"), "--failures".into(), failures.clone()])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let rest = std::fs::read_to_string(path("rest.csv")).unwrap();
    assert_eq!(rest.lines().count(), 1 + (csv.lines().count() - 1) / 2);
    let failures = std::fs::read_to_string(failures).unwrap();
    assert!(failures.contains(",unreadable,"), "{failures}");

    let no_table = Command::new(env!("CARGO_BIN_EXE_ser"))
        .args(["extract", "--table", CLIP])
        .output()
        .unwrap();
    assert_eq!(no_table.status.code(), Some(1));
    let told = String::from_utf8_lossy(&no_table.stderr);
    assert!(told.contains("is not read as Parquet"), "{told}");
}
