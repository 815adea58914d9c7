//! Runs that are killed, resumed, divided and joined: always the bytes of the undisturbed run.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

const CLIPS: &str = "tests/golden/end-to-end";

fn ser(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ser"));
    command
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// Runs to the end; standard error.
fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = ser(arguments).output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn journal(output: &Path) -> PathBuf {
    PathBuf::from(format!("{}.ser-journal", output.display()))
}

/// Starts a run, kills it after some time, and says whether it was still going.
fn killed(arguments: &[&str], after: Duration) -> bool {
    let mut child: Child = ser(arguments).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(after);
    let going = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    going
}

/// Kills a run when its journal is there and has grown by so many bytes; false if it was faster.
fn killed_when_grown(arguments: &[&str], journal: &Path, growth: u64) -> bool {
    let length = || std::fs::metadata(journal).map(|metadata| metadata.len());
    let before = length().unwrap_or(0);
    let mut child: Child = ser(arguments).stderr(Stdio::null()).spawn().unwrap();
    while !length().is_ok_and(|length| length >= before + growth) {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let going = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    going && journal.exists()
}

/// A folder with a bad file and `copies` links to each golden clip.
fn corpus(copies: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bad.wav"), "no sound").unwrap();
    for entry in std::fs::read_dir(CLIPS).unwrap() {
        let clip = std::path::absolute(entry.unwrap().path()).unwrap();
        let name = clip.file_name().unwrap().to_str().unwrap();
        if !name.ends_with(".flac") && !name.ends_with(".wav") {
            continue;
        }
        for i in 0..copies {
            let copy = folder.path().join(format!("{i:05}-{name}"));
            #[cfg(unix)]
            std::os::unix::fs::symlink(&clip, copy).unwrap();
            #[cfg(not(unix))]
            std::fs::copy(&clip, copy).unwrap();
        }
    }
    folder
}

#[test]
fn a_killed_run_is_resumed_to_the_same_bytes_in_every_format() {
    let corpus = corpus(5);
    let out = tempfile::tempdir().unwrap();
    let whole = out.path().join("whole.csv");
    assert_eq!(
        run(&["extract", text(corpus.path()), "-o", text(&whole)]).0,
        Some(1)
    );
    let output = out.path().join("table.csv");
    let start = ["extract", text(corpus.path()), "-o", text(&output)];
    // Killed as soon as there is a journal, and then when it has grown.
    for growth in [0, 1, 100_000] {
        let resume = [&start[..], &["--resume"]].concat();
        if !killed_when_grown(&resume, &journal(&output), growth) {
            break;
        }
        assert!(!output.exists());
        let (code, stderr) = run(&start);
        assert_eq!(code, Some(1));
        assert!(
            stderr.contains("an earlier run stopped before its end: go on with --resume"),
            "{stderr}"
        );
    }
    // Whatever format it was begun for, it may end in another.
    let (code, stderr) = run(&[&start[..], &["--resume"]].concat());
    assert_eq!(code, Some(1), "{stderr}");
    assert!(output.exists(), "{stderr}");
    assert_eq!(
        std::fs::read(&output).unwrap(),
        std::fs::read(&whole).unwrap()
    );
    assert!(!journal(&output).exists());
}

/// A journal that breaks off at any byte is what a kill, a full disk or a power cut leaves.
#[test]
fn a_journal_torn_at_any_place_is_gone_on_with() {
    let out = tempfile::tempdir().unwrap();
    let clips = [
        format!("{CLIPS}/cut60ms_16000.flac"),
        format!("{CLIPS}/cut65ms_16000.flac"),
        "tests/golden.rs".to_owned(),
        format!("{CLIPS}/cut90ms_16000.flac"),
    ];
    let shard = out.path().join("all.ser");
    let whole = out.path().join("whole.csv");
    let mut arguments = vec!["extract", "--quiet"];
    arguments.extend(clips.iter().map(String::as_str));
    run(&[&arguments[..], &["-o", text(&whole)]].concat());
    run(&[&arguments[..], &["-o", text(&shard), "--shard", "1/1"]].concat());
    let complete = std::fs::read(&shard).unwrap();
    let expected = std::fs::read(&whole).unwrap();
    let output = out.path().join("table.csv");
    let resume = [&arguments[..], &["-o", text(&output), "--resume"]].concat();
    let mut resumed = 0;
    for cut in (0..=complete.len()).step_by(97) {
        std::fs::write(journal(&output), &complete[..cut]).unwrap();
        let (code, stderr) = run(&resume);
        resumed += 1;
        assert_eq!(code, Some(1), "{stderr}");
        assert_eq!(std::fs::read(&output).unwrap(), expected);
        assert!(!journal(&output).exists());
        std::fs::remove_file(&output).unwrap();
    }
    assert!(resumed > 10);
}

#[test]
fn changed_settings_and_changed_recordings_are_named() {
    let corpus = tempfile::tempdir().unwrap();
    for name in ["a.flac", "b.flac"] {
        std::fs::copy(
            format!("{CLIPS}/cut60ms_16000.flac"),
            corpus.path().join(name),
        )
        .unwrap();
    }
    let out = tempfile::tempdir().unwrap();
    let (shard, output) = (out.path().join("x.ser"), out.path().join("x.csv"));
    run(&[
        "extract",
        text(corpus.path()),
        "-o",
        text(&shard),
        "--shard",
        "1/1",
    ]);
    let resume = |more: &[&str]| {
        std::fs::copy(&shard, journal(&output)).unwrap();
        run(&[
            &[
                "extract",
                text(corpus.path()),
                "-o",
                text(&output),
                "--resume",
            ],
            more,
        ]
        .concat())
    };
    let (code, stderr) = resume(&["--set", "GeMAPSv01b", "--rate", "8000"]);
    assert_eq!(code, Some(1));
    assert!(
        stderr.contains(
            "(set: eGeMAPSv02 then, GeMAPSv01b now; rate: each recording's own then, 8000 now)"
        ),
        "{stderr}"
    );
    std::fs::copy(
        format!("{CLIPS}/cut90ms_16000.flac"),
        corpus.path().join("a.flac"),
    )
    .unwrap();
    let (_, stderr) = resume(&[]);
    assert!(
        stderr.contains("(1 recording changed, the first \"a.flac\")"),
        "{stderr}"
    );
    std::fs::rename(corpus.path().join("a.flac"), corpus.path().join("c.flac")).unwrap();
    let (_, stderr) = resume(&[]);
    assert!(
        stderr.contains(
            "1 recording missing, the first \"a.flac\"; 1 recording new, the first \"c.flac\""
        ),
        "{stderr}"
    );
    assert!(
        stderr.trim_end().ends_with("or begin anew with --restart"),
        "{stderr}"
    );
}

#[test]
fn shards_join_to_the_whole_and_nothing_else_does() {
    let out = tempfile::tempdir().unwrap();
    let path = |name: &str| out.path().join(name).to_str().unwrap().to_owned();
    const FORMATS: [&str; 5] = ["csv", "jsonl", "arff", "npy", "parquet"];
    for extension in FORMATS {
        let whole = path(&format!("whole.{extension}"));
        run(&["extract", CLIPS, "-q", "--set", "GeMAPSv01b", "-o", &whole]);
    }
    for shard in ["1/3", "2/3", "3/3"] {
        let file = path(&format!("{}.ser", &shard[..1]));
        let (code, stderr) = run(&[
            "extract",
            CLIPS,
            "-q",
            "--set",
            "GeMAPSv01b",
            "-o",
            &file,
            "--shard",
            shard,
        ]);
        assert_eq!(code, Some(0), "{stderr}");
    }
    let (one, two, three) = (path("1.ser"), path("2.ser"), path("3.ser"));
    for extension in FORMATS {
        let merged = path(&format!("merged.{extension}"));
        assert_eq!(run(&["merge", &merged, &three, &one, &two]).0, Some(0));
        let whole = std::fs::read(path(&format!("whole.{extension}"))).unwrap();
        assert!(
            whole == std::fs::read(merged).unwrap(),
            "{extension} differs"
        );
    }
    let merged = path("x.csv");
    let complaint = |shards: &[&str]| run(&[&["merge", &merged], shards].concat()).1;
    assert!(complaint(&[&one, &three]).contains("missing shards: 2/3"));
    assert!(complaint(&[&one, &two, &two, &three]).contains("are the same shard"));
    let other = path("other.ser");
    run(&["extract", CLIPS, "-q", "-o", &other, "--shard", "2/3"]);
    assert!(
        complaint(&[&one, &other, &three])
            .contains("computed with other settings (set: GeMAPSv01b in ")
    );
    let torn = std::fs::read(&two).unwrap();
    std::fs::write(&two, &torn[..torn.len() - 40]).unwrap();
    assert!(complaint(&[&one, &two, &three]).contains("2.ser: is not complete"));
    assert!(!Path::new(&merged).exists());
    // A complete shard is not computed again.
    let (code, stderr) = run(&[
        "extract",
        CLIPS,
        "--set",
        "GeMAPSv01b",
        "-o",
        &one,
        "--shard",
        "1/3",
        "--resume",
    ]);
    assert_eq!(
        (code, stderr.contains("is complete already")),
        (Some(0), true),
        "{stderr}"
    );
}

#[cfg(unix)]
#[test]
fn an_interrupt_prints_the_command_to_go_on_with() {
    let corpus = corpus(40);
    let out = tempfile::tempdir().unwrap();
    let output = out.path().join("my table.csv");
    let arguments = [
        "extract",
        text(corpus.path()),
        "-o",
        text(&output),
        "--level",
        "lld",
    ];
    let mut child = ser(&arguments).stderr(Stdio::piped()).spawn().unwrap();
    while !journal(&output).exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
        std::thread::sleep(Duration::from_millis(1));
    }
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    let Output { status, stderr, .. } = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("what is finished is safe in"), "{stderr}");
    let command = stderr.lines().last().unwrap();
    assert!(
        command.ends_with("/my table.csv' --level lld --resume"),
        "{stderr}"
    );
    assert!(journal(&output).exists() && !output.exists());
}

#[test]
fn failures_are_listed_for_programs() {
    let corpus = tempfile::tempdir().unwrap();
    std::fs::write(corpus.path().join("a,b.wav"), "text").unwrap();
    std::fs::copy(
        format!("{CLIPS}/cut60ms_16000.flac"),
        corpus.path().join("c.flac"),
    )
    .unwrap();
    let out = tempfile::tempdir().unwrap();
    let (table, list) = (out.path().join("t.csv"), out.path().join("f.csv"));
    let (code, _) = run(&[
        "extract",
        text(corpus.path()),
        "-o",
        text(&table),
        "--failures",
        text(&list),
    ]);
    assert_eq!(code, Some(1));
    let text = std::fs::read_to_string(list).unwrap();
    assert_eq!(
        text,
        "file,start,end,kind,message\n\"a,b.wav\",,,not-audio,\"is a text, not a recording; remove it from the list of inputs\"\n"
    );
}

/// Twenty kills at random moments, at 1 to 3 threads; minutes. `cargo test --release --test long_run -- --ignored`
#[test]
#[ignore = "takes minutes"]
fn twenty_kills_at_random_moments() {
    let corpus = corpus(20);
    let out = tempfile::tempdir().unwrap();
    let whole = out.path().join("whole.parquet");
    run(&[
        "extract",
        text(corpus.path()),
        "-q",
        "-o",
        text(&whole),
        "--level",
        "lld",
    ]);
    let output = out.path().join("table.parquet");
    let mut random = 12_345_u64;
    let (mut kills, mut i) = (0, 0);
    while kills < 20 {
        i += 1;
        assert!(i < 200, "too fast to be killed");
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let threads = (1 + i % 3).to_string();
        let resume = [
            "extract",
            text(corpus.path()),
            "-q",
            "-o",
            text(&output),
            "--level",
            "lld",
            "--threads",
            &threads,
            "--resume",
        ];
        if killed(&resume, Duration::from_millis(random >> 33 & 0x7ff)) {
            kills += 1;
            continue;
        }
        assert_eq!(
            std::fs::read(&output).unwrap(),
            std::fs::read(&whole).unwrap()
        );
        std::fs::remove_file(&output).unwrap();
    }
}
