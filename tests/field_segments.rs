//! Lists of segments as the field has them: thousands of rows of one recording in any order, labels that alternate, names that lead elsewhere, recordings that
//! are still being written.

#[path = "tree/mod.rs"]
mod tree;

use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use tree::{Tree, ser, wav};

/// Sorted names of all that lies below a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name();
    let path = |entry: walkdir::DirEntry| entry.path().display().to_string();
    entries
        .into_iter()
        .map(|entry| path(entry.unwrap()))
        .collect()
}

/// 4000 stretches of 80 ms, which overlap, in an order that follows no time; with four labels and none.
fn rows() -> Vec<String> {
    let label = |i: usize| ["anger", "", "sadness", "anger", "fear"][i % 5];
    (0..4000_usize)
        .map(|i| (i * 2749) % 4000)
        .map(|i| {
            let start = i as f64 * 0.002;
            format!("call.wav,{start:.3},{:.3},{}", start + 0.08, label(i))
        })
        .collect()
}

#[test]
fn thousands_of_segments_in_any_order_have_the_rows_that_they_have_alone() {
    let mut tree = Tree::new();
    tree.file("call.wav", wav(16_000, 1, 16_000 * 8 + 1400, 150.0));
    let head = "file,start,end,label\n";
    let listed = rows();
    tree.file("list.csv", format!("{head}{}\n", listed.join("\n")));
    let with = |list: &str, more: &[&str]| {
        let arguments = ["extract", "--segments", list, "--labels", list, "--quiet"];
        let (table, error, code) = ser(tree.root(), &[&arguments[..], more].concat());
        assert_eq!(code, 0, "{error}");
        (table, error)
    };
    let (table, error) = with("list.csv", &[]);
    assert_eq!(error, "ser: list.csv: 800 of 4000 segments have no label\n");
    let found: Vec<&str> = table.lines().skip(1).collect();
    assert_eq!(found.len(), 4000);
    // By way of the journal, and of a shard, the same bytes.
    with("list.csv", &["-o", "by-file.csv"]);
    let by_file = std::fs::read_to_string(tree.root().join("by-file.csv")).unwrap();
    assert!(by_file == table, "the journal changes the table");
    with("list.csv", &["-o", "part.ser", "--shard", "1/1"]);
    let (_, error, code) = ser(tree.root(), &["merge", "merged.csv", "part.ser"]);
    assert_eq!(code, 0, "{error}");
    let merged = std::fs::read_to_string(tree.root().join("merged.csv")).unwrap();
    assert!(merged == table, "the shard changes the table");
    // Each row is that of its segment alone, with its own label.
    for at in (0..4000).step_by(397) {
        std::fs::write(
            tree.root().join("one.csv"),
            format!("{head}{}\n", listed[at]),
        )
        .unwrap();
        let label = listed[at].rsplit(',').next().unwrap();
        assert_eq!(found[at].rsplit(',').next(), Some(label), "row {at}");
        if label.is_empty() {
            continue;
        }
        let (alone, _) = with("one.csv", &[]);
        assert_eq!(alone.lines().nth(1), Some(found[at]), "row {at}");
    }
}

#[test]
fn a_recording_is_read_once_however_its_labels_alternate() {
    let mut tree = Tree::new();
    let mut cut = wav(16_000, 1, 16_000, 150.0);
    cut.truncate(24_000);
    tree.file("call.wav", cut);
    tree.file(
        "list.csv",
        "file,start,end,label\ncall.wav,0,0.1,a\ncall.wav,0.1,0.2,b\ncall.wav,0.2,0.3,a\n",
    );
    let arguments = ["extract", "--segments", "list.csv", "--labels", "list.csv"];
    let (table, error, code) = ser(tree.root(), &arguments);
    assert_eq!((code, table.lines().count()), (0, 4));
    assert_eq!(
        error,
        "ser: call.wav: ends before its header says; what there is was analysed\n"
    );
    // A resumed run is of the same labels.
    let arguments = [&arguments[..], &["-o", "t.csv", "--resume", "-q"]].concat();
    let (_, error, code) = ser(tree.root(), &arguments);
    assert_eq!(code, 0, "{error}");
    assert!(std::fs::read_to_string(tree.root().join("t.csv")).unwrap() == table);
}

/// What is read is what a row names, wherever that is; what is written lies where `-o` says.
#[cfg(unix)]
#[test]
fn names_that_lead_elsewhere_are_read_there_and_nothing_is_written_there() {
    let mut tree = Tree::new();
    let outside = tree.file("outside/tone.wav", wav(16_000, 1, 8000, 210.0));
    tree.file("work/tone.wav", wav(16_000, 1, 8000, 120.0));
    std::os::unix::fs::symlink(&outside, tree.root().join("work/link.wav")).unwrap();
    let absolute = outside.display().to_string();
    tree.file(
        "work/list.csv",
        format!(
            "file,start,end\n../outside/tone.wav,0.1,0.4\n{absolute},0.1,0.4\nlink.wav,0.1,0.4\nsub/../tone.wav,0.1,0.4\ntone.wav,0.1,0.4\n"
        ),
    );
    tree.file(
        "work/list.txt",
        format!("../outside/tone.wav\n{absolute}\n"),
    );
    let before = names(tree.root());
    let work = tree.root().join("work");
    let (table, error, code) = ser(&work, &["extract", "--segments", "list.csv"]);
    // There is no folder sub, and so no file: the system decides, not the spelling.
    assert_eq!(code, 1);
    assert_eq!(
        error
            .lines()
            .filter(|line| line.contains("sub/../"))
            .count(),
        1,
        "{error}"
    );
    let rows: Vec<(&str, &str)> = table
        .lines()
        .skip(1)
        .map(|row| row.split_once(',').unwrap())
        .collect();
    let named: Vec<&str> = rows.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        named,
        ["../outside/tone.wav", &absolute, "link.wav", "tone.wav"]
    );
    assert!(rows[0].1 == rows[1].1 && rows[1].1 == rows[2].1);
    assert!(rows[2].1 != rows[3].1);
    let (table, error, code) = ser(&work, &["extract", "--list", "list.txt", "-o", "t.csv"]);
    assert_eq!((code, table.as_str()), (0, ""), "{error}");
    let written = names(tree.root());
    let new: Vec<&String> = written
        .iter()
        .filter(|name| !before.contains(name))
        .collect();
    let at = |name: &str| work.join(name).display().to_string();
    assert_eq!(new, [&at("t.csv"), &at("t.csv.json")]);
}

#[test]
fn a_recording_that_grows_during_the_run_is_named() {
    let mut tree = Tree::new();
    for i in 0..40 {
        tree.file(&format!("{i:02}.wav"), wav(16_000, 1, 32_000, 150.0));
    }
    // A recorder that has not written its length yet.
    let mut growing = wav(16_000, 1, 32_000, 150.0);
    for at in [4..8, 40..44] {
        growing[at].fill(0);
    }
    let growing = tree.file("growing.wav", growing);
    let ended = AtomicBool::new(false);
    let (table, error, code) = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = std::fs::OpenOptions::new()
                .append(true)
                .open(&growing)
                .unwrap();
            while !ended.load(Ordering::Relaxed) {
                file.write_all(&[0; 640]).unwrap();
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
        });
        let result = ser(
            tree.root(),
            &["extract", ".", "--quiet", "--failures", "f.csv"],
        );
        ended.store(true, Ordering::Relaxed);
        result
    });
    assert_eq!((code, table.lines().count()), (0, 42), "{error}");
    let told: Vec<&str> = error.lines().collect();
    assert_eq!(told.len(), 1, "{error}");
    assert!(
        told[0].starts_with("ser: growing.wav: changed while it was read"),
        "{error}"
    );
    let list = std::fs::read_to_string(tree.root().join("f.csv")).unwrap();
    assert!(list.contains("growing.wav,,,changed-while-read,"), "{list}");
}
