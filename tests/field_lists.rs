//! Lists, tables and corpora as the field has them: each input is made here, and what it must give stands beside it.
//!
//! Kinds that people report as broken in public trackers of speech tools; the recordings are in `field_audio.rs`.

#[path = "tree/mod.rs"]
mod tree;

use std::path::{Path, PathBuf};
use std::process::Command;

use tree::{Tree, ser, wav, wav_of};

fn utf16(text: &str) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    bytes
}

/// A folder with one recording of 0.6 s, `call.wav`.
fn with_call() -> Tree {
    let mut tree = Tree::new();
    tree.file("call.wav", wav(16_000, 1, 9600, 150.0));
    tree
}

/// The columns after the name: where the row is from, and its features.
fn values(table: &str) -> Vec<String> {
    let rows = table.lines().skip(1);
    rows.map(|row| row.split_once(',').unwrap().1.to_owned())
        .collect()
}

const TEXTGRID: &str = "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0\nxmax = 0.6\ntiers? <exists>\nsize = 2\nitem []:\n    item [1]:\n        class = \"IntervalTier\"\n        name = \"turns\"\n        xmin = 0\n        xmax = 0.6\n        intervals: size = 3\n        intervals [1]:\n            xmin = 0\n            xmax = 0.1\n            text = \"\"\n        intervals [2]:\n            xmin = 0.1\n            xmax = 0.4\n            text = \"l\u{e4}rm\"\n        intervals [3]:\n            xmin = 0.4\n            xmax = 0.6\n            text = \"\"\n    item [2]:\n        class = \"TextTier\"\n        name = \"bells\"\n        xmin = 0\n        xmax = 0.6\n        points: size = 0\n";

#[test]
fn one_segment_is_the_same_segment_in_every_form() {
    let mut tree = with_call();
    tree.file("plain.csv", "file,start,end\ncall.wav,0.1,0.4\n");
    let (table, error, code) = ser(tree.root(), &["extract", "--segments", "plain.csv"]);
    assert_eq!((code, error.as_str()), (0, ""));
    let expected = values(&table);
    assert!(expected[0].starts_with("0.1,0.4,"), "{expected:?}");
    let short = "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n0\n0.6\n<exists>\n1\n\"IntervalTier\"\n\"turns\"\n0\n0.6\n3\n0\n0.1\n\"\"\n0.1\n0.4\n\"x\"\n0.4\n0.6\n\"\"\n";
    let eaf = "<?xml version=\"1.0\"?>\n<ANNOTATION_DOCUMENT><HEADER><MEDIA_DESCRIPTOR MEDIA_URL=\"file:///home/me/call.wav\"/></HEADER><TIME_ORDER><TIME_SLOT TIME_SLOT_ID=\"a\" TIME_VALUE=\"100\"/><TIME_SLOT TIME_SLOT_ID=\"b\" TIME_VALUE=\"400\"/></TIME_ORDER><TIER TIER_ID=\"x\"><ANNOTATION><ALIGNABLE_ANNOTATION TIME_SLOT_REF1=\"a\" TIME_SLOT_REF2=\"b\"><ANNOTATION_VALUE>y</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER></ANNOTATION_DOCUMENT>";
    for (name, bytes) in [
        (
            "bom.csv",
            b"\xef\xbb\xbffile;start;end\ncall.wav;0.1;0.4\n".to_vec(),
        ),
        (
            "comma.csv",
            b"file;start;end\r\ncall.wav;0,1;0,4\r\n".to_vec(),
        ),
        (
            "tabs.tsv",
            b"end\tstart\tspeaker\tfilename\n0.4\t0.1\tA\tcall.wav\n".to_vec(),
        ),
        (
            "quoted.csv",
            b"\"path\",\"begin\",\"duration\"\n\"./call.wav\",\"0.1\",\"0.3\"\n".to_vec(),
        ),
        (
            "windows.csv",
            b"wav,onset,offset\n.\\call.wav,0.1,0.4\n".to_vec(),
        ),
        (
            "clock.csv",
            b"file,start,end\ncall.wav,00:00:00.1,00:00:00.400\n".to_vec(),
        ),
        (
            "pandas.csv",
            b",file,start,end\n0,call.wav,0 days 00:00:00.100000,0 days 00:00:00.400000\n".to_vec(),
        ),
        (
            "units.csv",
            b"file,start,end\ncall.wav,100ms,0.4s\n".to_vec(),
        ),
        (
            "iso.csv",
            b"file,start,end\ncall.wav,PT0.1S,PT0.4S\n".to_vec(),
        ),
        (
            "ms.csv",
            b"file,start_ms,end_ms\ncall.wav,100,400\n".to_vec(),
        ),
        ("none.csv", b"call.wav,0.1,0.4\n".to_vec()),
        (
            "utf16.csv",
            utf16("file\tstart\tend\r\ncall.wav\t0,1\t0,4\r\n"),
        ),
        ("r.txt", b"file start end\n1 call.wav 0.1 0.4\n".to_vec()),
        (
            "turns.rttm",
            b"SPEAKER call 1 0.10 0.30 <NA> <NA> A <NA> <NA>\n".to_vec(),
        ),
        ("long.TextGrid", TEXTGRID.into()),
        ("utf16.TextGrid", utf16(TEXTGRID)),
        ("short.TextGrid", short.into()),
        ("x.eaf", eaf.into()),
        (
            "x.vtt",
            b"WEBVTT\n\n00:00.100 --> 00:00.400\n<v Ann>no\n".to_vec(),
        ),
        (
            "x.srt",
            b"1\r\n00:00:00,100 --> 00:00:00,400\r\nno\r\n".to_vec(),
        ),
        (
            "newline.csv",
            b"file,note,start,end\ncall.wav,\"two\nlines\",0.1,0.4\n".to_vec(),
        ),
        ("mixed.csv", b"file;start;end\ncall.wav;0,1;0.4\n".to_vec()),
        (
            "old-mac.csv",
            b"file,start,end\rcall.wav,0.1,0.4\r".to_vec(),
        ),
        (
            "excel.csv",
            b"sep=;\nfile;start;end\ncall.wav;0,1;0,4\n".to_vec(),
        ),
        (
            "signs.csv",
            b"file,start,end\ncall.wav,+1e-1,4E-1\n".to_vec(),
        ),
        ("uem.csv", b"call.wav 1 0.1 0.4\n".to_vec()),
        ("labels.txt", b"0.100000\t0.400000\tno\n".to_vec()),
    ] {
        tree.file(name, bytes);
        let names_none = !name.ends_with("csv")
            && !name.ends_with("tsv")
            && !["r.txt", "turns.rttm", "x.eaf"].contains(&name);
        let mut arguments = vec!["extract", "--segments", name];
        if names_none {
            arguments.push("call.wav");
        }
        let (table, error, code) = ser(tree.root(), &arguments);
        assert_eq!((code, error.as_str()), (0, ""), "{name}");
        assert_eq!(values(&table), expected, "{name}");
    }
    // Of its own name, where none is given.
    tree.file("call.TextGrid", TEXTGRID);
    let (table, _, code) = ser(
        tree.root(),
        &["extract", "--segments", "call.TextGrid", "--tier", "turns"],
    );
    assert_eq!((code, values(&table)), (0, expected));
    let (_, error, code) = ser(
        tree.root(),
        &["extract", "--segments", "call.TextGrid", "--tier", "words"],
    );
    assert_eq!(code, 1);
    assert!(
        error.contains("has no tier \"words\"; it has \"turns\""),
        "{error}"
    );
}

#[test]
fn a_bad_row_fails_by_line_and_name_and_the_good_one_has_its_row() {
    let mut tree = with_call();
    tree.file(
        "list.csv",
        "file,start,end\ncall.wav,-1,0.3\ncall.wav,0.1,0.4\ncall.wav,0.3,0.2\ncall.wav,0.1\nnone.wav,0,1\ncall.wav,5,6\n",
    );
    let (table, error, code) = ser(tree.root(), &["extract", "--segments", "list.csv"]);
    assert_eq!(code, 1);
    assert_eq!(values(&table).len(), 1, "{table}");
    for told in [
        "line 2: call.wav: -1 s is before the recording begins",
        "line 4: call.wav: ends at 0.2 s, before it starts at 0.3 s",
        "line 5: has 2 fields where the first line has 3",
        "none.wav",
    ] {
        assert!(error.contains(told), "{told}: {error}");
    }
    let list = ["--failures", "f.csv"];
    for more in [&["-o", "t.csv"][..], &[]] {
        let arguments = [&["extract", "--segments", "list.csv"], &list[..], more].concat();
        assert_eq!(ser(tree.root(), &arguments).2, 1);
        let failures = std::fs::read_to_string(tree.root().join("f.csv")).unwrap();
        assert!(
            failures.contains("list.csv,,,unreadable,line 2: call.wav: -1 s"),
            "{failures}"
        );
    }
}

#[test]
fn a_filewise_table_names_whole_recordings() {
    let mut tree = with_call();
    tree.file("files.csv", "file,emotion\ncall.wav,sad\n");
    let (table, _, code) = ser(tree.root(), &["extract", "--segments", "files.csv"]);
    let (whole, _, _) = ser(tree.root(), &["extract", "call.wav"]);
    assert_eq!((code, values(&table)), (0, values(&whole)));
}

#[test]
fn the_first_name_of_a_list_is_found_whatever_stands_before_it() {
    let mut tree = with_call();
    let (expected, ..) = ser(tree.root(), &["extract", "call.wav"]);
    for (name, bytes) in [
        ("bom.txt", b"\xef\xbb\xbfcall.wav\r\n".to_vec()),
        ("utf16.txt", utf16("call.wav\r\n")),
        ("quoted.txt", b"\"call.wav\"\n".to_vec()),
        ("table.csv", b"label;filename\nsad;call.wav\n".to_vec()),
    ] {
        tree.file(name, bytes);
        let (table, error, code) = ser(tree.root(), &["extract", "--list", name]);
        assert_eq!((code, error.as_str()), (0, ""), "{name}");
        assert_eq!(values(&table), values(&expected), "{name}");
    }
}

#[test]
fn labels_are_those_of_the_recording_or_of_its_segment() {
    let mut tree = with_call();
    tree.file(
        "labels.csv",
        "\u{feff}Emotion;Path\r\nw\u{fc}tend;C:\\data\\call.flac\r\n",
    );
    let (table, error, code) = ser(
        tree.root(),
        &["extract", "call.wav", "--labels", "labels.csv"],
    );
    assert_eq!((code, error.as_str()), (0, ""));
    assert!(table.trim_end().ends_with(",w\u{fc}tend"), "{table}");
    tree.file(
        "parts.csv",
        "file,start,end,emotion\ncall.wav,0.1,0.3,sad\ncall.wav,0.3,0.5,angry\ncall.wav,0.2,0.6,\n",
    );
    let arguments = [
        "extract",
        "--segments",
        "parts.csv",
        "--labels",
        "parts.csv",
    ];
    let (table, _, code) = ser(tree.root(), &arguments);
    assert_eq!(code, 0);
    let labels: Vec<&str> = table
        .lines()
        .map(|line| line.rsplit(',').next().unwrap())
        .collect();
    assert_eq!(labels, ["label", "sad", "angry", ""]);
    tree.file("call.TextGrid", TEXTGRID);
    let arguments = [
        "extract",
        "--segments",
        "call.TextGrid",
        "--labels",
        "call.TextGrid",
        "--tier",
        "turns",
    ];
    let (table, error, code) = ser(tree.root(), &arguments);
    assert_eq!((code, error.as_str()), (0, ""));
    assert!(table.trim_end().ends_with(",l\u{e4}rm"), "{table}");
}

/// Emo-DB with three recordings, each of its own tone.
fn emodb(tree: &mut Tree, folder: &str, hz: f64) {
    for (i, name) in ["03a01Na", "08a02Fa", "10a04Wb"].into_iter().enumerate() {
        let content = wav(16_000, 1, 8000, hz + 10.0 * i as f64);
        tree.file(&format!("{folder}/{name}.wav"), content);
    }
}

fn prepared_sources(out: &Path) -> Vec<String> {
    let mut table = csv::Reader::from_path(out.join("manifest.csv")).unwrap();
    let sources = table.records().map(|row| row.unwrap()[2].to_owned());
    sources.collect()
}

#[test]
fn the_microphone_is_prepared_and_not_the_laryngograph() {
    let mut tree = Tree::new();
    emodb(&mut tree, "db/laryngo", 300.0);
    emodb(&mut tree, "db/wav", 200.0);
    let (text, error, code) = ser(
        tree.root(),
        &["corpus", "prepare", "emodb", "--root", "db", "-o", "out"],
    );
    assert_eq!((code, error.as_str()), (0, ""), "{text}");
    let sources = prepared_sources(&tree.root().join("out"));
    assert_eq!(sources.len(), 3);
    assert!(
        sources.iter().all(|source| source.starts_with("wav/")),
        "{sources:?}"
    );
}

#[test]
fn two_trees_of_one_name_and_two_contents_are_named_and_neither_is_taken() {
    let mut tree = Tree::new();
    emodb(&mut tree, "db/aug_noise", 300.0);
    emodb(&mut tree, "db/clean", 200.0);
    tree.file("db/clean/16b10Tb.wav", wav(16_000, 1, 8000, 99.0));
    let prepare = |root: &str, out: &str| {
        ser(
            tree.root(),
            &["corpus", "prepare", "emodb", "--root", root, "-o", out],
        )
    };
    let (text, error, code) = prepare("db", "out");
    assert_eq!(code, 1, "{text}");
    assert!(
        error.contains("another of the same name holds something else: 6 files"),
        "{error}"
    );
    assert_eq!(
        prepared_sources(&tree.root().join("out")),
        ["clean/16b10Tb.wav"]
    );
    let (_, error, code) = prepare("db/clean", "clean-out");
    assert_eq!((code, error.as_str()), (0, ""));
    let (text, _, code) = ser(tree.root(), &["corpus", "check", "emodb", "--root", "db"]);
    assert_eq!(code, 1);
    assert!(text.contains("6 contradiction: not used"), "{text}");
}

#[test]
fn a_copy_that_reads_beats_one_that_does_not() {
    let mut tree = Tree::new();
    let whole = wav(16_000, 1, 8000, 200.0);
    tree.file(
        "db/03a01Na.wav",
        wav_of(16_000, 1, (0..16).map(|i| i * 500)),
    );
    tree.file("db/start/03a01Na.wav", wav(16_000, 1, 1600, 200.0));
    tree.file("db/a/03a01Na.wav", &whole[..whole.len() / 2]);
    tree.file("db/b/03a01Na.wav", &whole);
    let (text, _, _) = ser(tree.root(), &["corpus", "check", "emodb", "--root", "db"]);
    assert!(
        text.contains("03a01Na.wav: ") && text.contains("b/03a01Na.wav is used"),
        "{text}"
    );
    let (_, error, _) = ser(
        tree.root(),
        &["corpus", "prepare", "emodb", "--root", "db", "-o", "out"],
    );
    assert_eq!(
        prepared_sources(&tree.root().join("out"))
            .last()
            .map(String::as_str),
        Some("b/03a01Na.wav"),
        "{error}"
    );
}

#[test]
fn a_bare_root_holds_all_that_is_in_it() {
    let mut tree = Tree::new();
    tree.wav("nested/03a01Na.wav");
    tree.wav("nested/wav/08a02Fa.wav");
    tree.wav("nested/emodb/10a04Wb.wav");
    let found =
        |arguments: &[&str]| ser(tree.root(), &[&["corpus", "check"], arguments].concat()).0;
    let text = found(&["emodb", "--root", "nested"]);
    assert!(text.contains("3 of 535 recordings"), "{text}");
    let mut tree = Tree::new();
    tree.wav("clone/AudioWAV/1001_IEO_ANG_LO.wav");
    tree.file(
        "clone/VideoDemographics.csv",
        "ActorID,Age,Sex\n1001,51,Male\n",
    );
    tree.wav("IEMOCAP_full_release/Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav");
    tree.file(
        "IEMOCAP_full_release/Session1/dialog/EmoEvaluation/Ses01F_impro01.txt",
        "[6.2901 - 8.2357]\tSes01F_impro01_F000\tneu\t[2.5000, 2.5000, 2.5000]\n",
    );
    let found =
        |arguments: &[&str]| ser(tree.root(), &[&["corpus", "check"], arguments].concat()).0;
    let text = found(&["crema-d", "--root", "clone"]);
    assert!(
        text.contains("1 document read") && !text.contains("no document"),
        "{text}"
    );
    let text = found(&["iemocap", "--root", "IEMOCAP_full_release/Session1"]);
    assert!(text.contains("1 of 10039 recordings"), "{text}");
}

#[test]
fn known_misnames_and_compressed_copies_do_not_keep_a_corpus_from_passing() {
    let mut tree = Tree::new();
    tree.wav("tess/OAF_neutral/OA_bite_neutral.wav");
    tree.wav("tess/OAF_neutral/OAF_back_neutral.wav");
    let (text, _, code) = ser(tree.root(), &["corpus", "check", "tess", "--root", "tess"]);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("2 of 2800 recordings") && text.contains("OAF_bite_neutral"),
        "{text}"
    );
    let mut tree = Tree::new();
    tree.file("c/AudioMP3/1001_IEO_ANG_LO.mp3", "ID3");
    let (text, _, code) = ser(tree.root(), &["corpus", "check", "crema-d", "--root", "c"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("1 of 7442 recordings"), "{text}");
}

#[test]
fn transcripts_of_esd_may_be_separated_by_blanks() {
    let mut tree = Tree::new();
    tree.wav("esd/0011/Sad/0011_001051.wav");
    tree.wav("esd/0012/Happy/0012_000701.wav");
    tree.file(
        "esd/0011/0011.txt",
        "0011_001051 \"The nine, the eggs, I keep. Sad\n",
    );
    tree.file(
        "esd/0012/0012.txt",
        "0012_000701\tI said, so, what, now\tHappy\n",
    );
    let (_, error, code) = ser(
        tree.root(),
        &["corpus", "prepare", "esd", "--root", "esd", "-o", "out"],
    );
    assert_eq!((code, error.as_str()), (0, ""));
    let manifest = std::fs::read_to_string(tree.root().join("out/manifest.csv")).unwrap();
    assert!(
        manifest.contains("\"\"\"The nine, the eggs, I keep.\""),
        "{manifest}"
    );
    assert!(manifest.contains("\"I said, so, what, now\""), "{manifest}");
}

#[test]
fn a_corpus_cannot_write_outside_of_the_output() {
    let mut tree = Tree::new();
    tree.wav("voices/a.wav");
    tree.file(
        "evil.toml",
        "[corpus.\"../../../escape\"]\ntitle = 'X'\nname = '^(?P<emotion>.)$'\nlabels = { a = 'anger' }\n",
    );
    let (_, error, code) = ser(
        tree.root(),
        &[
            "corpus",
            "prepare",
            "../../../escape",
            "--corpora",
            "evil.toml",
            "--root",
            "voices",
            "-o",
            "deep/er/out",
            "--audio",
            "wav",
        ],
    );
    assert_eq!(code, 1);
    assert!(
        error.contains(
            "evil.toml: ../../../escape: name of the corpus: a corpus is called by letters"
        ),
        "{error}"
    );
    assert!(!tree.root().join("escape").exists() && !tree.root().join("deep").exists());
}

#[test]
fn a_set_of_one_rate_gets_it_in_prepare_as_in_extract() {
    let mut tree = Tree::new();
    tree.file("s/DC/a01.wav", wav(44_100, 1, 22_050, 200.0));
    let arguments = [
        "corpus",
        "prepare",
        "savee",
        "--root",
        "s",
        "-o",
        "out",
        "--features=eGeMAPS-ser",
    ];
    let (text, error, code) = ser(tree.root(), &arguments);
    assert_eq!((code, error.as_str()), (0, ""), "{text}");
    let prepared = std::fs::read_to_string(tree.root().join("out/features.csv")).unwrap();
    let (extracted, ..) = ser(
        tree.root(),
        &["extract", "s/DC/a01.wav", "--set", "eGeMAPS-ser"],
    );
    assert_eq!(values(&prepared), values(&extracted));
    let (_, error, code) = ser(tree.root(), &[&arguments[..], &["--audio", "wav"]].concat());
    assert_eq!(code, 1);
    assert!(error.contains("say --rate 16000 as well"), "{error}");
}

#[test]
fn nothing_heard_is_no_less_than_nothing() {
    let mut tree = Tree::new();
    for name in ["03a01Na", "08a02Fa", "10a04Wb"] {
        tree.file(&format!("db/{name}.wav"), "no sound\n");
    }
    let (text, error, _) = ser(tree.root(), &["corpus", "audit", "emodb", "--root", "db"]);
    assert!(text.contains(" 0.00 hours"), "{text}{error}");
    assert!(!text.contains("-0.0"), "{text}");
    let (json, ..) = ser(
        tree.root(),
        &["corpus", "audit", "emodb", "--root", "db", "--json"],
    );
    assert!(!json.contains("-0.0"), "{json}");
}

#[test]
fn a_hundred_thousand_columns_are_no_reason_to_wait() {
    let mut tree = Tree::new();
    tree.file("a.wav", wav(16_000, 1, 16_000, 150.0));
    let names: String = (0..100_000).map(|i| format!(",c{i}")).collect();
    let cells = ",1".repeat(100_000);
    tree.file(
        "wide.csv",
        format!("file,start,end{names}\na.wav,0.1,0.4{cells}\n"),
    );
    let begun = std::time::Instant::now();
    let (table, error, code) = ser(tree.root(), &["extract", "--segments", "wide.csv"]);
    assert_eq!((code, error.as_str(), table.lines().count()), (0, "", 2));
    #[cfg(feature = "models")]
    {
        let arguments = [
            "train",
            "wide.csv",
            "--set",
            "eGeMAPSv02",
            "-o",
            "m.safetensors",
        ];
        let (_, error, code) = ser(tree.root(), &arguments);
        assert_eq!(code, 1);
        assert!(error.contains("its column \"c0\" is not"), "{error}");
        assert_eq!(error.lines().count(), 1);
    }
    let seconds = begun.elapsed().as_secs();
    assert!(seconds < 30, "{seconds} s");
}

/// Ends at once, without a chance to tidy up, as a power cut or the kernel's memory guard would.
#[test]
fn prepare_that_is_killed_keeps_what_it_made() {
    const FILES: usize = 400;
    let mut tree = Tree::new();
    for i in 0..FILES {
        let name = format!(
            "db/{:02}a{:02}{}{}.wav",
            [3, 8, 9, 10][i % 4],
            [1, 2, 4, 5, 7][i / 4 % 5],
            ["W", "N", "T", "F"][i / 20 % 4],
            (b'a' + (i / 80) as u8) as char
        );
        tree.file(&name, wav(16_000, 1, 16_000, 100.0 + i as f64));
    }
    let arguments = [
        "corpus",
        "prepare",
        "emodb",
        "--root",
        "db",
        "--audio",
        "flac",
        "--features",
        "--threads",
        "2",
        "--quiet",
        "--json",
        "-o",
    ];
    let (text, error, code) = ser(tree.root(), &[&arguments[..], &["whole"]].concat());
    assert_eq!((code, error.as_str()), (0, ""));
    assert!(text.contains(&format!("\"made\": {FILES}")), "{text}");
    let remembered = |out: &Path| {
        let memory = std::fs::read_to_string(out.join(".ser-memory.jsonl")).unwrap_or_default();
        // Whole lines, but for the one with the plan.
        memory.matches('\n').count().saturating_sub(1)
    };
    let out = tree.root().join("out");
    let mut kept = 0;
    for moment in 0..20 {
        let mut child = Command::new(env!("CARGO_BIN_EXE_ser"))
            .args(arguments)
            .arg("out")
            .current_dir(tree.root())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(10 + 7 * moment));
        child.kill().unwrap();
        child.wait().unwrap();
        let now = remembered(&out);
        assert!(now >= kept, "moment {moment}: {now} after {kept}");
        kept = now;
    }
    let (text, error, code) = ser(tree.root(), &[&arguments[..], &["out"]].concat());
    assert_eq!((code, error.as_str()), (0, ""));
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    let unchanged = report["unchanged"].as_u64().unwrap() as usize;
    assert_eq!(report["made"].as_u64().unwrap() as usize + unchanged, FILES);
    assert!(unchanged + 1 >= kept, "{unchanged} of {kept}");
    assert!(kept > 0, "no run got anywhere");
    let all = |folder: &str| -> Vec<(PathBuf, Vec<u8>)> {
        let root = tree.root().join(folder);
        let mut files: Vec<(PathBuf, Vec<u8>)> = walkdir::WalkDir::new(&root)
            .into_iter()
            .flatten()
            .filter(|entry| entry.file_type().is_file())
            .filter(|entry| !entry.file_name().to_string_lossy().contains("ser-memory"))
            .map(|entry| {
                let name = entry.path().strip_prefix(&root).unwrap().to_owned();
                (name, std::fs::read(entry.path()).unwrap())
            })
            .collect();
        files.sort();
        files
    };
    let (ours, theirs) = (all("out"), all("whole"));
    let names = |files: &[(PathBuf, Vec<u8>)]| {
        files
            .iter()
            .map(|(name, _)| name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&ours), names(&theirs));
    assert!(ours == theirs, "the bytes differ");
}

#[cfg(feature = "models")]
mod models {
    use super::*;

    /// Four labels, eight speakers; the features are noise.
    fn noise(header: &str, separator: &str, more: impl Fn(usize) -> String) -> String {
        let names: Vec<&str> =
            ser::feature::names(ser::FeatureSet::GeMapsV01b, ser::Level::Functionals);
        let mut state = 1_u64;
        let mut number = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let number = format!("{:.3}", (state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5);
            match separator {
                ";" => number.replace('.', ","),
                _ => number,
            }
        };
        let mut text = format!("{header}{separator}{}\n", names.join(separator));
        for row in 0..96 {
            let numbers: Vec<String> = names.iter().map(|_| number()).collect();
            text += &format!("{}{separator}{}\n", more(row), numbers.join(separator));
        }
        text
    }

    fn label(row: usize) -> &'static str {
        ["neutral", "sad", "happy", "angry"][row / 24]
    }

    fn train(tree: &Tree, table: &str, more: &[&str]) -> (String, String, i32) {
        let arguments = [
            "train",
            table,
            "--set",
            "GeMAPSv01b",
            "--no-validation",
            "--quiet",
            "-o",
            "m.safetensors",
        ];
        ser(tree.root(), &[&arguments[..], more].concat())
    }

    #[test]
    fn the_row_numbers_of_pandas_teach_a_model_nothing() {
        let mut tree = Tree::new();
        // Sorted by label, so that a row number would tell it.
        let plain = noise("file,speaker,label", ",", |row| {
            format!("{row}.wav,{},{}", row % 8, label(row))
        });
        let indexed = noise(",Unnamed: 0,file,speaker,label", ",", |row| {
            format!("{row},{row},{row}.wav,{},{}", row % 8, label(row))
        });
        tree.file("plain/t.csv", plain);
        tree.file("indexed/t.csv", indexed);
        let uar = |name: &str| {
            let arguments = [
                "evaluate",
                name,
                "--set",
                "GeMAPSv01b",
                "--folds",
                "4",
                "--quiet",
                "-o",
                "r.json",
            ];
            let (_, error, code) = ser(tree.root(), &arguments);
            assert_eq!(code, 0, "{error}");
            let text = std::fs::read_to_string(tree.root().join("r.json")).unwrap();
            let result: serde_json::Value = serde_json::from_str(&text).unwrap();
            (result["experiments"].to_string(), error)
        };
        let (expected, silent) = uar("plain/t.csv");
        let (found, error) = uar("indexed/t.csv");
        assert_eq!(silent, "");
        assert!(
            error.contains("its column \"Unnamed: 0\" is a row number"),
            "{error}"
        );
        assert!(expected.contains("uar"), "{expected}");
        assert!(found == expected, "the row numbers changed the scores");
    }

    #[test]
    fn any_other_column_is_refused_by_name_or_left_out() {
        let mut tree = Tree::new();
        let text = noise("file,id,label", ",", |row| {
            format!("{row}.wav,{row},{}", label(row))
        });
        tree.file("t.csv", text);
        let (_, error, code) = train(&tree, "t.csv", &[]);
        assert_eq!(code, 1);
        assert!(
            error.contains("\"id\"") && error.contains("--ignore id"),
            "{error}"
        );
        let (_, error, code) = train(&tree, "t.csv", &["--ignore", "id"]);
        assert_eq!((code, error.as_str()), (0, ""));
    }

    #[test]
    fn tables_of_python_and_of_spreadsheets_are_learnt_from() {
        let mut tree = Tree::new();
        let zero = "0 days 00:00:00,0 days 00:00:01.898187500";
        let python = noise("file,start,end,emotion", ",", |row| {
            format!("{row}.wav,{zero},{}", label(row))
        });
        tree.file("python.csv", python);
        let sheet = noise("\u{feff}filename;emotion", ";", |row| {
            format!("{row}.wav;{}", label(row))
        });
        tree.file("sheet.csv", sheet);
        for table in ["python.csv", "sheet.csv"] {
            let (_, error, code) = train(&tree, table, &[]);
            assert_eq!((code, error.as_str()), (0, ""), "{table}");
        }
    }

    #[test]
    fn a_table_of_one_class_is_answered_with_its_labels_and_the_map() {
        let mut tree = Tree::new();
        let words = ["neutral", "sadness", "happiness", "anger"];
        let text = noise("file,corpus,label", ",", |row| {
            format!("{row}.wav,crema-d,{}", words[row / 24])
        });
        tree.file("t.csv", text);
        let (_, error, code) = train(&tree, "t.csv", &[]);
        assert_eq!(code, 1);
        for told in ["only neutral", "anger 24", "--labels four"] {
            assert!(error.contains(told), "{told}: {error}");
        }
        assert_eq!(error.trim_end().lines().count(), 1, "{error}");
        for name in ["cremad", "CREMA-D", "crema-d"] {
            let (_, error, code) = train(&tree, "t.csv", &["--labels", "four", "--train", name]);
            assert_eq!((code, error.as_str()), (0, ""), "{name}");
        }
        let (_, error, code) = train(&tree, "t.csv", &["--labels", "four", "--train", "emodb"]);
        assert_eq!(code, 1);
        assert!(
            error.contains("no corpus \"emodb\" in the tables; they contain crema-d"),
            "{error}"
        );
    }

    #[test]
    fn rows_that_are_missing_doubled_or_no_numbers_are_counted() {
        let mut tree = Tree::new();
        let mut text = noise("file,label", ",", |row| {
            format!("{}.wav,{}", row % 95, label(row))
        });
        text = text.replacen("0.wav,neutral,", "0.wav,neutral,NaN,", 1);
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        // The value that was moved to the end.
        lines[1] = lines[1].rsplit_once(',').unwrap().0.to_owned();
        tree.file("t.csv", lines.join("\n"));
        let (_, error, code) = train(&tree, "t.csv", &[]);
        assert_eq!(code, 0, "{error}");
        assert!(
            error.contains("1 of 96 rows are of the same recording"),
            "{error}"
        );
        assert!(error.contains("1 of 96 rows are left out"), "{error}");
        lines[5] += "x";
        tree.file("t.csv", lines.join("\n\n"));
        let (_, error, code) = train(&tree, "t.csv", &[]);
        assert_eq!(code, 1);
        assert!(
            error.contains("t.csv: line 11: ") && error.contains("is not a number"),
            "{error}"
        );
    }

    /// The same in Parquet, which says itself of which set it is.
    #[test]
    fn rows_that_are_doubled_in_parquet_are_counted() {
        let mut tree = Tree::new();
        tree.file("call.wav", wav(16_000, 1, 32_000, 150.0));
        let row = |i: usize| {
            let start = i as f64 * 0.1;
            let label = ["neutral", "sad", "happy", "angry"][i % 4];
            format!("call.wav,{start:.1},{:.1},{label}\n", start + 0.4)
        };
        let rows: String = (0..16).map(row).collect();
        tree.file(
            "list.csv",
            format!("file,start,end,label\n{rows}{}{}", row(3), row(5)),
        );
        let arguments = [
            "extract",
            "--segments",
            "list.csv",
            "--labels",
            "list.csv",
            "-o",
            "t.parquet",
        ];
        let (_, error, code) = ser(tree.root(), &arguments);
        assert_eq!((code, error.as_str()), (0, ""));
        let arguments = [
            "train",
            "t.parquet",
            "--no-validation",
            "--quiet",
            "-o",
            "m.safetensors",
        ];
        let (_, error, code) = ser(tree.root(), &arguments);
        assert_eq!(code, 0, "{error}");
        assert!(
            error.contains("2 of 18 rows are of the same recording and stretch"),
            "{error}"
        );
    }
}
