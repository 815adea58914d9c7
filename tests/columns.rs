//! Which columns a table has: some by name or group, and the time of each frame.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ser_tables::input_table::InputTable;

const CLIP: &str = "tests/golden/end-to-end/emodb_12a02Ac.flac";

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ser"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

fn ser(arguments: &[&str]) -> String {
    let output = run(arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// Numbers of a column of a table that a name finds.
fn column(path: &Path, name: &str) -> Vec<f64> {
    let input = InputTable::open(path).unwrap();
    let at = input.names().iter().position(|other| other == name);
    let at = at.unwrap_or_else(|| panic!("{name} is not in {:?}", input.names()));
    input
        .rows()
        .map(|row| row.unwrap().cells[at].number().unwrap().unwrap())
        .collect()
}

#[test]
fn every_format_has_the_time_of_each_frame_beside_its_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| -> PathBuf { folder.path().join(name) };
    for (edge, name, later) in [
        ("--frame-times", "frameTime", 0.0),
        ("--frame-times=centre", "frameCentre", 0.01),
    ] {
        let written = |file: &str| {
            let file = path(file);
            let (clip, out) = (CLIP, file.to_str().unwrap());
            ser(&["extract", clip, "--level", "lld", edge, "-q", "-o", out]);
            file
        };
        let table = written("t.csv");
        let (starts, times) = (column(&table, "start"), column(&table, name));
        assert!(starts.len() > 100);
        for (start, time) in starts.iter().zip(&times) {
            assert!((time - start - later).abs() < 1e-9, "{start} {time}");
        }
        assert_eq!(column(&written("t.parquet"), name), times);
        // The matrix has features alone; its rows are described beside it.
        written("t.npy");
        assert_eq!(column(&path("t.rows.csv"), name), times);
        let names = std::fs::read_to_string(path("t.columns.txt")).unwrap();
        assert_eq!(names.lines().count(), 25);

        let lines = std::fs::read_to_string(written("t.jsonl")).unwrap();
        let of_lines: Vec<f64> = lines
            .lines()
            .map(|line| {
                let row: serde_json::Value = serde_json::from_str(line).unwrap();
                row[name].as_f64().unwrap()
            })
            .collect();
        assert_eq!(of_lines, times);
        let arff = std::fs::read_to_string(written("t.arff")).unwrap();
        let attributes: Vec<&str> = arff
            .lines()
            .filter(|l| l.starts_with("@attribute"))
            .collect();
        assert_eq!(attributes.len(), 4 + 25);
        assert_eq!(attributes[3], format!("@attribute {name} numeric"));
        let data = arff.split("@data\n").nth(1).unwrap();
        let of_data: Vec<f64> = data
            .lines()
            .map(|line| line.split(',').nth(3).unwrap().parse().unwrap())
            .collect();
        assert_eq!(of_data, times);
    }
}

/// The same columns otherwise, whichever way the table comes about: from one run, from shards, with some of the columns, on standard output.
#[test]
fn a_column_of_times_changes_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let lld = ["extract", CLIP, "--level", "lld", "--columns", "pitch"];
    let plain = ser(&lld);
    let timed = ser(&[&lld[..], &["--frame-times"]].concat());
    let without: String = timed
        .lines()
        .map(|line| {
            let mut fields: Vec<&str> = line.split(',').collect();
            assert!(fields[1] == fields[3] || fields[3] == "frameTime");
            fields.remove(3);
            fields.join(",") + "\n"
        })
        .collect();
    assert_eq!(without, plain);
    let (shard, merged) = (path("s.ser"), path("m.csv"));
    ser(&[
        "extract", CLIP, "--level", "lld", "--shard", "1/1", "-o", &shard,
    ]);
    ser(&[
        "merge",
        &merged,
        &shard,
        "--columns",
        "pitch",
        "--frame-times",
    ]);
    assert_eq!(std::fs::read_to_string(&merged).unwrap(), timed);
    // A part of a recording has the recording's time.
    let list = path("list.csv");
    std::fs::write(&list, format!("file,start,end\n{CLIP},0.5,1\n")).unwrap();
    let part = ser(&[
        "extract",
        "--segments",
        &list,
        "--level",
        "lld",
        "--frame-times=centre",
    ]);
    let first = part.lines().nth(1).unwrap();
    assert_eq!(first.split(',').nth(3), Some("0.51"));
    let last = part.lines().last().unwrap();
    let fields: Vec<f64> = last
        .split(',')
        .skip(1)
        .take(3)
        .map(|x| x.parse().unwrap())
        .collect();
    assert_eq!(fields[1], 1.0, "the last row ends with its part");
    assert!((fields[2] - fields[0] - 0.01).abs() < 1e-9, "{last}");
}

#[test]
fn times_of_frames_are_refused_where_there_are_no_frames_or_no_room() {
    for (arguments, words) in [
        (&["extract", CLIP, "--frame-times"][..], "--level lld"),
        (
            &[
                "extract",
                CLIP,
                "--level",
                "lld",
                "--frame-times=centre",
                "--format",
                "smile-csv",
            ],
            "smile-csv",
        ),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(errors.contains(words), "{errors}");
    }
    // Its own column is the same time.
    let smile = ser(&[
        "extract",
        CLIP,
        "--level",
        "lld",
        "--frame-times",
        "--format",
        "smile-csv",
    ]);
    assert!(smile.starts_with("name;frameTime;Loudness_sma3;"));
}

#[cfg(feature = "models")]
#[test]
fn of_the_features_that_a_model_sees_some_are_written_by_name_or_group() {
    let clip = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/speech/03a02Wc.flac");
    let embedded = |arguments: &[&str]| -> String {
        let clip = clip.to_str().unwrap();
        ser(&[&["embed", clip, "--model", "dae", "-q"], arguments].concat())
    };
    let all = embedded(&["--what", "features"]);
    let some = embedded(&["--what", "features", "--columns", "jitter*,pitch"]);
    let table = |text: &str| -> Vec<Vec<String>> {
        let rows = text
            .lines()
            .map(|line| line.split(',').map(String::from).collect());
        rows.collect()
    };
    let (all, some) = (table(&all), table(&some));
    assert!((10..20).contains(&some[0].len()), "{:?}", some[0]);
    for (name, value) in some[0].iter().zip(&some[1]) {
        let at = all[0].iter().position(|other| other == name).unwrap();
        assert_eq!(*value, all[1][at], "{name}");
    }
    let refused = run(&["embed", clip.to_str().unwrap(), "--columns", "pitch"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--what features"));
}
