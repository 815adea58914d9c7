//! `ser corpus`, as a user meets it; and the real corpora against their answer sheets.
//!
//! The ignored tests need the corpora of the project's shared folder, and the audformat package:
//!
//! ```text
//! SER_SHARED=FOLDER_WITH_CORPORA SER_PYTHON=venv/bin/python cargo test --release --test corpus -- --ignored
//! ```

mod tree;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;
use tree::{Tree, wav, wav_of};

fn ser() -> Command {
    let mut command = Command::cargo_bin("ser").unwrap();
    // Neither the user's folders nor their descriptions.
    command
        .env_remove("SER_CORPORA")
        .env("XDG_CONFIG_HOME", "/nowhere")
        .env("HOME", "/nowhere");
    command
}

fn corpus(arguments: &[&str]) -> (String, String, i32) {
    let output = ser().arg("corpus").args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        text(output.stdout),
        text(output.stderr),
        output.status.code().unwrap(),
    )
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn table(path: PathBuf) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

/// The description in README, as it stands there.
fn readme_description() -> &'static str {
    let text = include_str!("../README.md");
    let start = text.find("```toml\n").unwrap() + "```toml\n".len();
    &text[start..start + text[start..].find("```").unwrap()]
}

#[test]
fn the_corpus_of_the_readme_is_added_with_at_most_ten_lines() {
    let description = readme_description();
    assert!(description.lines().count() <= 10);
    let mut tree = Tree::new();
    let emotions = [
        "anger",
        "fear",
        "happiness",
        "neutral",
        "sadness",
        "surprised",
    ];
    let content = wav(16_000, 1, 160, 200.0);
    for i in 0..4481 {
        let speaker = ["AB0", "CD0"][i % 2];
        tree.file(
            &format!("voices/{speaker}_{}_{i}.wav", emotions[i % 6]),
            &content,
        );
    }
    let file = tree.file("voices.toml", description);
    let root = tree.root().join("voices");
    let (out, err, code) = corpus(&[
        "check",
        "voices",
        "--corpora",
        path(&file),
        "--root",
        path(&root),
    ]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("all 4481 recordings"), "{out}");
    assert!(out.contains("CD0      f"), "{out}");
}

#[test]
fn mistakes_are_answered_in_one_line_with_a_remedy() {
    let tree = Tree::new();
    let empty = path(tree.root());
    for (arguments, answer) in [
        (
            vec!["check", "emo"],
            "ser: no corpus is called \"emo\"; did you mean emodb?",
        ),
        (
            vec!["check", "savee"],
            "ser: savee: no folder given; say --root savee=DIR",
        ),
        (
            vec!["check", "savee", "--root", "/no/such"],
            "ser: /no/such: No such file or directory",
        ),
        (
            vec!["audit", "savee", "--root", empty],
            "ser: savee: no recording of it is in",
        ),
        (
            vec!["audit", "savee", "--root", empty, "--labels", "five"],
            "ser: no label map is called \"five\"; there are common, four, four-excited, native",
        ),
        (
            vec!["list", "--corpora", "/no/such.toml"],
            "ser: /no/such.toml: No such file or directory",
        ),
    ] {
        let (_, err, code) = corpus(&arguments);
        assert_eq!(code, 1, "{arguments:?}");
        assert!(err.starts_with(answer), "{arguments:?}: {err}");
        assert_eq!(err.trim_end().lines().count(), 1, "{err}");
    }
}

/// A small corpus of two speakers with every defect that audit knows.
fn defective() -> Tree {
    let mut tree = Tree::new();
    let tone = |hz: f64| {
        move |i: usize| (6000.0 * (i as f64 * std::f64::consts::TAU * hz / 16_000.0).sin()) as i16
    };
    let noise = |seed: u64, length: usize| {
        let mut state = seed;
        (0..length).map(move |_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            ((state >> 48) as i16) / 4
        })
    };
    for (i, name) in ["DC/a01", "DC/a02", "DC/n01", "JE/a01", "JE/n01", "JE/n02"]
        .iter()
        .enumerate()
    {
        tree.file(
            &format!("{name}.wav"),
            wav_of(44_100, 1, noise(i as u64 + 1, 44_100)),
        );
    }
    let same = wav_of(44_100, 1, noise(50, 44_100));
    tree.file("DC/h01.wav", &same);
    tree.file(
        "DC/h02.wav",
        wav_of(44_100, 1, [0; 500].into_iter().chain(noise(50, 44_100))),
    );
    tree.file("DC/d01.wav", wav_of(44_100, 2, noise(60, 44_100)));
    tree.file("DC/f01.wav", wav_of(44_100, 1, noise(60, 44_100)));
    tree.file(
        "JE/sa01.wav",
        wav_of(44_100, 1, std::iter::repeat_n(0, 44_100)),
    );
    tree.file("JE/sa02.wav", wav_of(44_100, 1, noise(61, 2000)));
    tree.file("JE/sa03.wav", wav_of(44_100, 1, noise(62, 44_100 * 8)));
    tree.file("JE/su01.wav", wav_of(16_000, 1, noise(63, 16_000)));
    tree.file(
        "JE/su02.wav",
        wav_of(
            44_100,
            1,
            (0..44_100).map(|i| tone(100.0)(i).clamp(-4000, 4000) * 5 / 2),
        ),
    );
    tree.file(
        "JE/su03.wav",
        wav_of(44_100, 1, (0..44_100).map(tone(400.0))),
    );
    let cut = wav_of(44_100, 1, noise(64, 44_100));
    tree.file("JE/su04.wav", &cut[..cut.len() / 2]);
    tree.file(
        "JE/su05.wav",
        "this is text, not audio; and long enough to be looked at",
    );
    tree
}

#[test]
fn audit_finds_each_defect_and_nothing_in_the_sound_recordings() {
    let tree = defective();
    let (out, err, code) = corpus(&["audit", "savee", "--json", "--root", path(tree.root())]);
    assert_eq!((code, err.as_str()), (1, ""));
    let found: Value = serde_json::from_str(&out).unwrap();
    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for finding in found["findings"].as_array().unwrap() {
        if finding["weight"] == "note" {
            continue;
        }
        assert!(!finding["remedy"].as_str().unwrap().is_empty());
        let files = finding["files"].as_array().unwrap().iter();
        let files = files.map(|file| file["path"].as_str().unwrap().to_string());
        kinds
            .entry(finding["kind"].as_str().unwrap().into())
            .or_default()
            .extend(files);
    }
    let kinds: Vec<String> = kinds
        .iter()
        .map(|(kind, files)| format!("{kind}: {}", files.join(" ")))
        .collect();
    insta::assert_snapshot!(kinds.join("\n"), @r"
    balance: 
    bandwidth: JE/su02.wav JE/su03.wav
    clipped: JE/su02.wav
    contradiction: DC/d01.wav DC/f01.wav
    cut off: JE/su04.wav
    duplicate: DC/h01.wav DC/h02.wav
    long: JE/sa03.wav
    mixed rates: JE/su01.wav
    resampled: JE/su01.wav
    short: JE/sa02.wav
    silent: JE/sa01.wav
    unreadable: JE/su05.wav
    ");
}

/// Leaving out what most recordings are like would discard the corpus.
#[test]
fn what_most_recordings_are_like_is_what_the_corpus_is_like() {
    let flat = |seed: u64| {
        let mut state = seed;
        (0..44_100).map(move |_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (((state >> 48) as i16) / 4).clamp(-2000, 2000) * 5
        })
    };
    let mut tree = Tree::new();
    for (i, name) in ["DC/a01", "DC/a02", "JE/n01"].iter().enumerate() {
        let samples = flat(i as u64 + 1);
        tree.file(&format!("{name}.wav"), wav_of(44_100, 1, samples));
    }
    let (out, _, code) = corpus(&["audit", "savee", "--root", path(tree.root())]);
    assert_eq!(code, 1, "{out}");
    let told = "clipped: most recordings (3 of 3) have flat tops of the wave: that is what this corpus is like";
    assert!(out.contains(told), "{out}");
    assert!(!out.contains("leave them out"), "{out}");
}

#[test]
fn audit_is_the_same_at_any_number_of_threads() {
    let tree = defective();
    let at = |threads: &str| {
        corpus(&[
            "audit",
            "savee",
            "--root",
            path(tree.root()),
            "--threads",
            threads,
        ])
        .0
    };
    let one = at("1");
    assert!(
        one.contains(
            "defect · savee · contradiction: the same recording is labelled disgust and fear"
        ),
        "{one}"
    );
    assert_eq!(one, at("5"));
}

#[test]
fn the_same_sound_in_two_corpora_is_told() {
    let mut tree = Tree::new();
    let content = wav(16_000, 1, 16_000, 200.0);
    tree.file("savee/DC/a01.wav", &content);
    tree.file("emodb/03a01Wa.wav", &content);
    let (out, _, _) = corpus(&["audit", "savee", "emodb", "--root", path(tree.root())]);
    assert!(
        out.contains("shared: the same recording is in savee and emodb"),
        "{out}"
    );
}

/// Emo-DB with four recordings of half a second: harmonics, so that features have something to hold on to.
fn small_emodb() -> Tree {
    let mut tree = Tree::new();
    for (i, name) in ["03a01Wa", "03a01Na", "08a02Ta", "08a02Fb"]
        .iter()
        .enumerate()
    {
        let hz = 110.0 + 30.0 * i as f64;
        let sample = move |t: usize| {
            let phase = (t as f64 * hz / 16_000.0).fract();
            ((phase - 0.5) * 12_000.0) as i16
        };
        tree.file(
            &format!("emodb/wav/{name}.wav"),
            wav_of(16_000, 1, (0..8000).map(sample)),
        );
    }
    tree
}

#[test]
fn prepare_writes_the_table_and_a_second_run_does_only_what_changed() {
    let mut tree = small_emodb();
    let out = tree.root().join("out");
    let shelf = path(tree.root()).to_string();
    let run = |extra: &[&str]| {
        let mut arguments = vec![
            "prepare",
            "emodb",
            "-o",
            path(&out),
            "--root",
            &shelf,
            "--json",
            "--labels",
            "four",
        ];
        arguments.extend(extra);
        let (text, err, code) = corpus(&arguments);
        assert_eq!((code, err.as_str()), (0, ""));
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let audio = [
        "--audio",
        "wav",
        "--rate",
        "16000",
        "--level",
        "-26",
        "--features",
    ];
    let first = run(&audio);
    assert_eq!(
        (&first["made"], &first["unchanged"]),
        (&4.into(), &0.into())
    );
    let rows = table(out.join("manifest.csv"));
    assert_eq!(rows.len(), 4);
    assert_eq!(
        (
            rows[0]["source"].as_str(),
            rows[0]["label"].as_str(),
            rows[0]["native_label"].as_str()
        ),
        ("wav/03a01Na.wav", "neutral", "neutral")
    );
    assert_eq!(
        (
            rows[0]["speaker"].as_str(),
            rows[0]["gender"].as_str(),
            rows[0]["duration"].as_str()
        ),
        ("03", "m", "0.5")
    );
    assert!(out.join("manifest.parquet").metadata().unwrap().len() > 1000);
    assert!(out.join("db.yaml").exists());

    // Features of the prepared audio are those that extract finds in it.
    let prepared = std::fs::read_to_string(out.join("features.csv")).unwrap();
    let extracted = ser()
        .current_dir(&out)
        .args(["extract", &rows[0]["file"]])
        .output()
        .unwrap();
    let extracted = String::from_utf8(extracted.stdout).unwrap();
    assert_eq!(prepared.lines().nth(1), extracted.lines().nth(1));
    assert_eq!(prepared.lines().next(), extracted.lines().next());

    let manifest = std::fs::read(out.join("manifest.csv")).unwrap();
    let second = run(&audio);
    assert_eq!(
        (&second["made"], &second["unchanged"]),
        (&0.into(), &4.into())
    );
    assert_eq!(std::fs::read(out.join("manifest.csv")).unwrap(), manifest);
    assert_eq!(
        std::fs::read_to_string(out.join("features.csv")).unwrap(),
        prepared
    );

    // A changed recording, a deleted result, another plan.
    tree.file("emodb/wav/08a02Fb.wav", wav(16_000, 1, 9000, 200.0));
    std::fs::remove_file(out.join("audio/emodb/wav/03a01Na.wav")).unwrap();
    let third = run(&audio);
    assert_eq!(
        (&third["made"], &third["unchanged"]),
        (&2.into(), &2.into())
    );
    assert_eq!(run(&["--features"])["made"], 4);
    let left: Vec<_> = std::fs::read_dir(&out)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .filter(|name| name.to_string_lossy().ends_with(".part"))
        .collect();
    assert!(left.is_empty());
}

#[test]
fn sixteen_bit_audio_is_copied_sample_by_sample_unless_a_level_is_asked_for() {
    let tree = small_emodb();
    let out = tree.root().join("out");
    for format in ["wav", "flac"] {
        let (_, err, code) = corpus(&[
            "prepare",
            "emodb",
            "-o",
            path(&out),
            "--root",
            path(tree.root()),
            "--audio",
            format,
        ]);
        assert_eq!((code, err.as_str()), (0, ""));
    }
    let samples = |path: PathBuf| -> Vec<i16> {
        hound::WavReader::open(path)
            .unwrap()
            .samples()
            .map(Result::unwrap)
            .collect()
    };
    let original = samples(tree.root().join("emodb/wav/03a01Wa.wav"));
    assert_eq!(samples(out.join("audio/emodb/wav/03a01Wa.wav")), original);
    let mut recording = ser::audio::Recording::open(
        &out.join("audio/emodb/wav/03a01Wa.flac"),
        &Default::default(),
    )
    .unwrap();
    let mut decoded = Vec::new();
    while let Some(block) = recording.next_block().unwrap() {
        decoded.extend(block.iter().map(|sample| (sample * 32767.0).round() as i16));
    }
    assert_eq!(decoded, original);
}

#[test]
fn a_broken_recording_does_not_stop_the_others() {
    let mut tree = small_emodb();
    tree.file(
        "emodb/wav/16b10Tb.wav",
        "no audio at all, but a text of some length",
    );
    let out = tree.root().join("out");
    let (text, err, code) = corpus(&[
        "prepare",
        "emodb",
        "-o",
        path(&out),
        "--root",
        path(tree.root()),
    ]);
    assert_eq!(code, 1);
    assert!(
        err.starts_with("ser: emodb: wav/16b10Tb.wav: is a text, not a recording"),
        "{err}"
    );
    assert!(
        text.contains("4 made, 0 unchanged since the last run, 1 failed"),
        "{text}"
    );
    assert_eq!(table(out.join("manifest.csv")).len(), 4);
}

/// IEMOCAP with the published numbers of turns of each label and speaker.
fn whole_iemocap() -> Tree {
    let labels = [
        ("neu", 1708),
        ("ang", 1103),
        ("sad", 1084),
        ("hap", 595),
        ("exc", 1041),
        ("fru", 1849),
        ("fea", 40),
        ("dis", 2),
        ("oth", 3),
        ("sur", 107),
        ("xxx", 2507),
    ];
    let mut labels: Vec<&str> = labels
        .iter()
        .flat_map(|&(label, count)| std::iter::repeat_n(label, count))
        .collect();
    let turns = [
        (873, 946),
        (859, 952),
        (1048, 1088),
        (987, 1116),
        (1033, 1137),
    ];
    let mut tree = Tree::new();
    for (session, (women, men)) in turns.into_iter().enumerate() {
        let session = session + 1;
        let mut documents: BTreeMap<String, String> = BTreeMap::new();
        for (gender, count) in [('F', women), ('M', men)] {
            for i in 0..count {
                let dialog = format!("Ses0{session}{}_impro0{}", ["F", "M"][i % 2], i / 2 % 7 + 1);
                let turn = format!("{dialog}_{gender}{:03}", i / 14);
                let label = labels.pop().unwrap();
                let document = documents.entry(dialog.clone()).or_insert_with(|| {
                    "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n".into()
                });
                *document += &format!(
                    "[6.2901 - 8.2357]\t{turn}\t{label}\t[2.5000, 2.5000, 2.5000]\nC-E2:\tNeutral;\t()\nA-E3:\tval 3; act 2; dom  ;\t()\n\n"
                );
                tree.wav(&format!(
                    "IEMOCAP_full_release/Session{session}/sentences/wav/{dialog}/{turn}.wav"
                ));
            }
        }
        for (dialog, document) in documents {
            tree.file(
                &format!("IEMOCAP_full_release/Session{session}/dialog/EmoEvaluation/{dialog}.txt"),
                document,
            );
        }
    }
    assert!(labels.is_empty());
    tree
}

#[test]
fn the_whole_of_iemocap_has_5531_turns_in_four_excited() {
    let tree = whole_iemocap();
    let root = path(tree.root());
    let (text, err, code) = corpus(&["check", "iemocap", "--root", root]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(text.contains("all 10039 recordings"), "{text}");
    assert!(
        !text.contains("part\n") && !text.contains("more than published"),
        "{text}"
    );
    let out = tree.root().join("out");
    let (text, _, code) = corpus(&[
        "prepare",
        "iemocap",
        "--labels",
        "four-excited",
        "-o",
        path(&out),
        "--root",
        root,
    ]);
    assert_eq!(code, 0);
    assert!(
        text.contains("iemocap: 5531 recordings (angry 1103, happy 1636, neutral 1708, sad 1084)"),
        "{text}"
    );
    assert_eq!(table(out.join("manifest.csv")).len(), 5531);
}

fn shared() -> PathBuf {
    std::env::var_os("SER_SHARED")
        .map_or_else(|| "shared".into(), PathBuf::from)
        .join("corpora")
}

#[test]
#[ignore = "needs the shared corpora: SER_SHARED=DIR"]
fn labels_speakers_genders_and_texts_are_those_of_the_manifests() {
    for (name, count) in [("emodb", 437), ("crema-d", 3227), ("ravdess", 576)] {
        let sheet = table(shared().join(name).join("manifest.csv"));
        assert_eq!(sheet.len(), count);
        let catalogue = ser::corpus::Catalogue::built_in();
        let scan =
            ser::corpus::scan(catalogue.corpus(name).unwrap(), &shared().join(name)).unwrap();
        let entries: BTreeMap<&str, &ser::corpus::Entry> = scan
            .entries
            .iter()
            .map(|entry| (entry.path.as_str(), entry))
            .collect();
        assert_eq!(entries.len(), count);
        for row in sheet {
            let entry = entries[row["file"].as_str()];
            let told = [
                entry.speaker.as_deref(),
                entry.gender.map(|gender| gender.letter()),
                entry.common.as_deref(),
                entry.text.as_deref(),
            ];
            assert_eq!(
                told.map(Option::unwrap),
                ["speaker", "gender", "label", "text"].map(|column| row[column].as_str()),
                "{}",
                row["file"]
            );
        }
        assert!(scan.notes.is_empty(), "{:?}", scan.notes);
        assert_eq!(scan.aside(ser::corpus::AsideKind::Unexplained).count(), 0);
    }
}

#[test]
#[ignore = "needs the shared corpora: SER_SHARED=DIR"]
fn audit_finds_the_known_defects_of_the_shared_corpora_and_no_others() {
    let (out, _, _) = corpus(&[
        "audit",
        "emodb",
        "crema-d",
        "ravdess",
        "--quiet",
        "--root",
        path(&shared()),
    ]);
    let graver: Vec<&str> = out
        .lines()
        .filter(|line| line.starts_with("defect") || line.starts_with("warning"))
        .collect();
    insta::assert_snapshot!(graver.join("\n"), @r"
    defect · crema-d · contradiction: the same recording is labelled happiness and neutral
    warning · crema-d · resampled: 3227 of 3227 recordings have 11025 Hz, the corpus was published at 16000 Hz: this copy was resampled, and holds nothing above 5512 Hz
    warning · ravdess · resampled: 576 of 576 recordings have 16000 Hz, the corpus was published at 48000 Hz: this copy was resampled, and holds nothing above 8000 Hz
    warning · ravdess · duplicate: the same recording is there 2 times (happiness)
    ");
    assert!(out.contains("AudioWAV/1006_TIE_HAP_XX.flac: happiness"));
    assert!(out.contains("AudioWAV/1040_ITH_SAD_X.flac: used as 1040_ITH_SAD_XX"));
    assert!(out.contains("Actor_07/03-01-03-01-02-01-07.flac: happiness"));
    let (out, _, code) = corpus(&[
        "audit",
        "ravdess",
        "--quiet",
        "--root",
        &format!("ravdess={}", path(&shared().join("ravdess-48k"))),
    ]);
    assert_eq!(code, 0, "{out}");
}

#[test]
#[ignore = "needs Python with audformat: SER_PYTHON=python"]
fn audformat_loads_what_prepare_wrote() {
    let python = std::env::var("SER_PYTHON").unwrap_or_else(|_| "python3".into());
    let mut tree = small_emodb();
    tree.wav("savee/DC/a01.wav");
    let out = tree.root().join("out");
    for extra in [&["--audio", "flac"][..], &[]] {
        let mut arguments = vec![
            "prepare",
            "emodb",
            "savee",
            "-o",
            path(&out),
            "--root",
            path(tree.root()),
        ];
        arguments.extend(extra);
        assert_eq!(corpus(&arguments).2, 0);
        let script = "import sys, os, audformat, pandas
folder = sys.argv[1]
db = audformat.Database.load(folder)
table = db['files'].get()
manifest = pandas.read_parquet(os.path.join(folder, 'manifest.parquet'))
assert list(table.index) == list(manifest.file), 'files'
assert list(table.emotion) == list(manifest.label) == ['neutral', 'anger', 'happiness', 'sadness', 'anger'], list(table.emotion)
assert list(db['files']['speaker'].get(map='gender')) == ['male', 'male', 'female', 'female', 'male']
assert list(db['files']['speaker'].get(map='age'))[:4] == [31, 31, 34, 34]
assert abs(table.duration.dt.total_seconds().values - manifest.duration.values).max() < 1e-8
assert all(os.path.exists(os.path.join(folder, file)) for file in db.files)
print('loaded', len(table))";
        let output = std::process::Command::new(&python)
            .args(["-c", script, path(&out)])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        assert!(text.contains("loaded 5"), "{text}");
    }
}
