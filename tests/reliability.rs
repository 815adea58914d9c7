//! Bad inputs and what each gets: one test per row of the table in docs/reliability.md.
//!
//! Each file is given to the binary together with a good one, which must be analysed whatever becomes of the bad one.

use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use tempfile::TempDir;

const GOOD: &str = "tests/golden/end-to-end/cut60ms_16000.flac";

fn ser() -> Command {
    let mut command = Command::cargo_bin("ser").unwrap();
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// What became of one bad file.
struct Outcome {
    code: Option<i32>,
    stderr: String,
    /// Rows of the bad file: its name and its values.
    rows: Vec<(String, Vec<f32>)>,
}

/// Extracts a folder with a good recording and `name`, which holds `bytes`.
fn extract(name: &str, bytes: &[u8]) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), bytes).unwrap();
    extract_folder(&folder)
}

fn extract_folder(folder: &TempDir) -> Outcome {
    std::fs::copy(GOOD, folder.path().join("good.flac")).unwrap();
    let output = ser().arg("extract").arg(folder.path()).output().unwrap();
    outcome(&output)
}

fn outcome(output: &Output) -> Outcome {
    let mut table = csv::Reader::from_reader(output.stdout.as_slice());
    let rows: Vec<(String, Vec<f32>)> = table
        .records()
        .map(|row| {
            let row = row.unwrap();
            let values = row.iter().skip(3).map(|v| v.parse().unwrap()).collect();
            (row[0].to_owned(), values)
        })
        .collect();
    assert!(
        rows.iter()
            .any(|(name, _)| name.ends_with("good.flac") || name.ends_with("60ms_16000.flac"))
    );
    Outcome {
        code: output.status.code(),
        stderr: String::from_utf8(output.stderr.clone()).unwrap(),
        rows: rows
            .into_iter()
            .filter(|(name, _)| !name.ends_with("good.flac"))
            .collect(),
    }
}

impl Outcome {
    /// It has no row, one line names it and says why, and the exit code is 1.
    fn is_refused(&self, name: &str, reason: &str) {
        assert_eq!(self.code, Some(1), "{}", self.stderr);
        assert!(self.rows.is_empty());
        let line = self.stderr.lines().next().unwrap();
        assert!(line.starts_with(&format!("ser: {name}: ")), "{line}");
        assert!(line.contains(reason), "{line}");
        assert_eq!(self.stderr.lines().count(), 2, "{}", self.stderr);
    }

    /// It has a row of finite values.
    fn is_analysed(&self, name: &str) -> &[f32] {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        let (found, values) = &self.rows[0];
        assert_eq!((found.as_str(), self.rows.len()), (name, 1));
        assert!(values.iter().all(|v| v.is_finite()), "{values:?}");
        values
    }
}

/// A WAV file of floats.
fn wave(rate: u32, channels: u16, samples: &[f32]) -> Vec<u8> {
    let data = samples.len() as u32 * 4;
    let mut bytes = Vec::new();
    bytes.extend(b"RIFF");
    bytes.extend((36 + data).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    bytes.extend(3_u16.to_le_bytes());
    bytes.extend(channels.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate.wrapping_mul(4).wrapping_mul(channels.into())).to_le_bytes());
    bytes.extend((4 * channels).to_le_bytes());
    bytes.extend(32_u16.to_le_bytes());
    bytes.extend(b"data");
    bytes.extend(data.to_le_bytes());
    samples.iter().for_each(|s| bytes.extend(s.to_le_bytes()));
    bytes
}

fn tone(rate: u32, seconds: f32) -> Vec<f32> {
    let length = (rate as f32 * seconds) as usize;
    (0..length)
        .map(|n| (n as f32 / rate as f32 * 150.0).fract() - 0.5)
        .collect()
}

fn signal(name: &str) -> Vec<u8> {
    std::fs::read(Path::new("tests/signal").join(name)).unwrap()
}

fn value(row: &[f32], column: &str) -> f32 {
    let names = ser::extract::extract_file(GOOD, &Default::default()).unwrap();
    row[names.names().position(|name| name == column).unwrap()]
}

#[test]
fn zero_bytes() {
    extract("x.wav", b"").is_refused("x.wav", "is empty (0 bytes)");
}

#[test]
fn truncated_header() {
    extract("x.wav", &wave(16_000, 1, &[0.0])[..30]).is_refused("x.wav", "header");
    extract("x.flac", &signal("sweep.flac")[..20]).is_refused("x.flac", "header");
}

#[test]
fn truncated_data_is_analysed_as_far_as_it_goes_and_said_so() {
    let whole = wave(16_000, 1, &tone(16_000, 1.0));
    let outcome = extract("x.wav", &whole[..40_000]);
    outcome.is_analysed("x.wav");
    assert!(
        outcome
            .stderr
            .starts_with("ser: x.wav: ends before its header says"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn wrong_extension() {
    extract("x.wav", &signal("sweep.mp3")).is_analysed("x.wav");
    extract("x.xyz", &signal("sweep.flac")).is_analysed("x.xyz");
}

#[test]
fn text_file() {
    extract("x.wav", b"file,label\na.wav,anger\n")
        .is_refused("x.wav", "is a text, not a recording");
}

#[test]
fn image() {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01";
    extract("x.mp3", png).is_refused("x.mp3", "is a PNG image, not a recording");
}

#[test]
fn codec_without_decoder_is_named_with_the_remedy() {
    let reason =
        "holds AMR audio, which is not decoded here; convert it, e.g. ffmpeg -i in.amr out.wav";
    extract("x.amr", b"#!AMR\n").is_refused("x.amr", reason);
}

#[test]
fn opus_is_analysed_in_ogg_and_webm() {
    extract("x.opus", &signal("sweep.opus")).is_analysed("x.opus");
    extract("x.webm", &signal("sweep.webm")).is_analysed("x.webm");
}

#[test]
fn sample_rate_of_zero_or_absurd() {
    extract("x.wav", &wave(0, 1, &[0.0; 2000])).is_refused("x.wav", "sample rate is 0 Hz");
    for rate in [1, 3_999, 192_001, u32::MAX] {
        extract("x.wav", &wave(rate, 1, &[0.0; 2000]))
            .is_refused("x.wav", "outside 4000 … 192000 Hz");
    }
}

#[test]
fn one_channel_and_sixty_four_and_more() {
    let mono = tone(16_000, 0.2);
    let many: Vec<f32> = mono.iter().flat_map(|&s| [s; 64]).collect();
    let one = extract("x.wav", &wave(16_000, 1, &mono));
    let all = extract("x.wav", &wave(16_000, 64, &many));
    let pitch = |outcome: &Outcome| {
        value(
            outcome.is_analysed("x.wav"),
            "F0semitoneFrom27.5Hz_sma3nz_amean",
        )
    };
    assert!((pitch(&one) - pitch(&all)).abs() < 1e-3);
    extract("x.wav", &wave(16_000, 65, &many))
        .is_refused("x.wav", "has 65 channels, and 1 to 64 are read");
    extract("x.wav", &wave(16_000, 0, &many))
        .is_refused("x.wav", "has a header that cannot be used");
}

#[test]
fn not_a_number_and_infinite() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut samples = tone(16_000, 0.5);
        samples[4000] = bad;
        extract("x.wav", &wave(16_000, 1, &samples))
            .is_refused("x.wav", "not a finite number at 0.250000 s");
    }
}

#[test]
fn samples_far_beyond_full_scale() {
    for loud in [4e9, 1e10, 1e19, 3e38_f32] {
        let samples: Vec<f32> = tone(16_000, 0.3).iter().map(|s| s * loud).collect();
        let outcome = extract("x.wav", &wave(16_000, 1, &samples));
        match loud > 5e9 {
            true => outcome.is_refused("x.wav", "far beyond full scale"),
            false => drop(outcome.is_analysed("x.wav").to_vec()),
        }
    }
}

#[test]
fn shorter_than_a_frame() {
    extract("x.wav", &wave(16_000, 1, &[0.1; 959])).is_refused("x.wav", "too short: 0.0599 s");
    extract("x.wav", &wave(16_000, 1, &[])).is_refused("x.wav", "too short: 0.0000 s");
    extract("x.wav", &wave(16_000, 1, &[0.1; 960])).is_analysed("x.wav");
}

#[test]
fn silence() {
    let outcome = extract("x.wav", &wave(16_000, 1, &[0.0; 16_000]));
    let row = outcome.is_analysed("x.wav");
    assert_eq!(value(row, "equivalentSoundLevel_dBp"), -120.0);
    assert_eq!(value(row, "F0semitoneFrom27.5Hz_sma3nz_amean"), 0.0);
    assert_eq!(value(row, "F1amplitudeLogRelF0_sma3nz_amean"), -201.0);
}

#[test]
fn full_scale_square_and_direct_current() {
    let square: Vec<f32> = (0..16_000)
        .map(|n| if n / 53 % 2 == 0 { 1.0 } else { -1.0 })
        .collect();
    extract("x.wav", &wave(16_000, 1, &square)).is_analysed("x.wav");
    extract("x.wav", &wave(16_000, 1, &[0.7; 16_000])).is_analysed("x.wav");
    extract("x.wav", &wave(16_000, 1, &[-1.0; 16_000])).is_analysed("x.wav");
}

#[test]
fn the_lowest_and_the_highest_rate() {
    for rate in [4_000, 192_000] {
        extract("x.wav", &wave(rate, 1, &tone(rate, 0.5))).is_analysed("x.wav");
    }
}

#[cfg(unix)]
#[test]
fn a_name_that_is_not_utf_8() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    let name = std::ffi::OsStr::from_bytes(b"a\xff.wav");
    std::fs::write(
        folder.path().join(name),
        wave(16_000, 1, &tone(16_000, 0.1)),
    )
    .unwrap();
    extract_folder(&folder).is_analysed("a\\xFF.wav");
}

#[test]
fn a_name_with_everything_is_quoted_in_every_format() {
    let name = "a b, 'c'; \"d\"\n%{e}.wav";
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join(name),
        wave(16_000, 1, &tone(16_000, 0.1)),
    )
    .unwrap();
    extract_folder(&folder).is_analysed(name);
    let written = |format: &str| {
        let output = ser()
            .arg("extract")
            .arg(folder.path())
            .args(["--format", format])
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(written("csv").contains("\n\"a b, 'c'; \"\"d\"\"\n%{e}.wav\",0,0.1,"));
    assert!(
        written("jsonl").contains(r#"{"file":"a b, 'c'; \"d\"\n%{e}.wav","start":0,"end":0.1,"#)
    );
    assert!(written("arff").contains(r#"'a b, \'c\'; \"d\"\n\%{e}.wav',0,0.1,"#));
    assert!(written("smile-csv").contains(r#"'a b, \'c\'; "d"\n%{e}.wav';0.000000;"#));
    // A complaint about such a file is still one line.
    std::fs::write(folder.path().join(name), b"text").unwrap();
    let outcome = extract_folder(&folder);
    assert!(
        outcome
            .stderr
            .starts_with("ser: a b, 'c'; \"d\"\\n%{e}.wav: is a text"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_folder_named_like_a_recording_is_searched() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("x.wav")).unwrap();
    std::fs::write(
        folder.path().join("x.wav/y.wav"),
        wave(16_000, 1, &tone(16_000, 0.1)),
    )
    .unwrap();
    extract_folder(&folder).is_analysed("x.wav/y.wav");
}

#[cfg(unix)]
#[test]
fn what_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.wav");
    std::fs::write(&path, wave(16_000, 1, &tone(16_000, 0.1))).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(&path).is_ok() {
        // The superuser reads everything; for it a file that is gone must do.
        std::fs::remove_file(&path).unwrap();
        let output = ser().args(["extract", GOOD]).arg(&path).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(
            stderr.contains("x.wav: cannot be read: No such file"),
            "{stderr}"
        );
        return;
    }
    extract_folder(&folder).is_refused("x.wav", "cannot be read: Permission denied");
}

#[cfg(unix)]
#[test]
fn a_loop_of_links_does_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("again")).unwrap();
    std::os::unix::fs::symlink("self.wav", folder.path().join("self.wav")).unwrap();
    let outcome = extract_folder(&folder);
    assert!(outcome.rows.is_empty());
    assert!(outcome.stderr.contains("self.wav"), "{}", outcome.stderr);
}

#[test]
fn a_recording_named_twice_is_taken_once() {
    let output = ser().args(["extract", GOOD, GOOD]).output().unwrap();
    let outcome = outcome(&output);
    assert_eq!((outcome.code, outcome.rows.len()), (Some(0), 1));
    assert!(
        outcome.stderr.contains("1 named twice and taken once"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn an_empty_folder() {
    let folder = tempfile::tempdir().unwrap();
    let output = ser().arg("extract").arg(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with("ser: no recordings in "), "{stderr}");
    assert!(
        stderr.ends_with(": name a folder that holds audio, or files\n"),
        "{stderr}"
    );
}

#[test]
fn output_inside_the_input_folder() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(GOOD, folder.path().join("a.flac")).unwrap();
    let table = folder.path().join("table.csv");
    let extract = || {
        ser()
            .arg("extract")
            .arg(folder.path())
            .arg("-o")
            .arg(&table)
            .assert()
            .success();
        std::fs::read_to_string(&table).unwrap()
    };
    let first = extract();
    assert_eq!(first.lines().count(), 2);
    assert_eq!(extract(), first);
    let left: Vec<PathBuf> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    // The recording, the table, and what says whose numbers the table holds.
    assert_eq!(left.len(), 3, "{left:?}");
}

#[test]
fn a_target_that_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    for (target, reason) in [
        ("no/such/folder.csv", "check that its folder exists"),
        ("", "it is a folder"),
    ] {
        let output = ser()
            .args(["extract", GOOD, "-o"])
            .arg(folder.path().join(target))
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(
            stderr.contains("cannot write") && stderr.contains(reason),
            "{stderr}"
        );
        assert_eq!(stderr.lines().count(), 1);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk() {
    let output = ser()
        .args(["extract", GOOD, "--format", "csv"])
        .stdout_to("/dev/full");
    assert!(
        output.contains("cannot write to standard output: No space left"),
        "{output}"
    );
}

/// Runs with standard output into a file; gives standard error.
#[cfg(target_os = "linux")]
trait StdoutTo {
    fn stdout_to(&mut self, path: &str) -> String;
}

#[cfg(target_os = "linux")]
impl StdoutTo for Command {
    fn stdout_to(&mut self, path: &str) -> String {
        let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
        let mut command = std::process::Command::new(self.get_program());
        command
            .args(self.get_args())
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdout(file);
        String::from_utf8(command.output().unwrap().stderr).unwrap()
    }
}

fn run(arguments: &[&str]) -> Output {
    ser().args(arguments).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn quiet_hides_no_word_about_a_recording_and_the_list_has_it_too() {
    let folder = tempfile::tempdir().unwrap();
    let whole = wave(16_000, 1, &tone(16_000, 0.5));
    let (short, list) = (folder.path().join("x.wav"), folder.path().join("f.csv"));
    std::fs::write(&short, &whole[..whole.len() - 16_000]).unwrap();
    let (short, list) = (short.to_str().unwrap(), list.to_str().unwrap());
    let output = run(&["extract", "--quiet", short, "--failures", list]);
    let line = "ends before its header says; what there is was analysed";
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stderr(&output), format!("ser: {short}: {line}\n"));
    let listed = std::fs::read_to_string(list).unwrap();
    assert_eq!(
        listed,
        format!("file,start,end,kind,message\n{short},,0.25,truncated,{line}\n")
    );
    // By way of a journal as well.
    let table = format!("{short}.csv");
    run(&["extract", "-q", short, "--failures", list, "-o", &table]);
    assert_eq!(std::fs::read_to_string(list).unwrap(), listed);
}

#[test]
fn small_wishes_of_a_first_hour() {
    let output = run(&["extract", GOOD, "-o", "-"]);
    assert_eq!(output.stdout, run(&["extract", GOOD]).stdout);
    assert!(!Path::new("-").exists());
    let speech = "assets/speech/03a02Wc.flac";
    let half = run(&["extract", speech, "--window", "1s"]);
    let told = run(&["extract", speech, "--window", "1s", "--hop", "500ms"]);
    assert!(half.status.success() && half.stdout == told.stdout);
    let smile = run(&[
        "extract",
        "-C",
        "eGeMAPSv02.conf",
        "-I",
        "a.wav",
        "-O",
        "a.csv",
    ]);
    assert_eq!(smile.status.code(), Some(2));
    assert!(stderr(&smile).contains("ser extract in.wav --set eGeMAPSv02 -o out.csv"));
}

#[test]
fn a_pipe_is_read_as_the_file_it_was() {
    let bytes = wave(16_000, 1, &tone(16_000, 0.5));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.wav");
    std::fs::write(&path, &bytes).unwrap();
    let of_file = run(&["extract", path.to_str().unwrap()]).stdout;
    let of_file = String::from_utf8(of_file).unwrap();
    let piped = |arguments: &[&str], bytes: &[u8]| {
        let output = ser()
            .args(["extract", "-", "--name", path.to_str().unwrap()])
            .args(arguments)
            .write_stdin(bytes)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(piped(&[], &bytes), of_file);
    assert_eq!(piped(&["--raw", "f32le:16000:1"], &bytes[44..]), of_file);
    let nothing = ser()
        .args(["extract", "-"])
        .write_stdin("")
        .output()
        .unwrap();
    assert_eq!(nothing.status.code(), Some(1));
    assert!(stderr(&nothing).contains("standard input is empty"));
}

#[test]
fn names_that_steer_a_terminal_are_written_out_by_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let name = "a\u{1b}[31m\u{202e}b";
    let good = folder.path().join(format!("{name}.wav"));
    let bad = folder.path().join(format!("{name}.mp3"));
    let table = folder.path().join(format!("{name}.csv"));
    std::fs::write(&good, wave(16_000, 1, &tone(16_000, 1.0))).unwrap();
    std::fs::write(&bad, "text").unwrap();
    std::fs::write(&table, format!("{name}\n1\n")).unwrap();
    let [good, bad, table] = [&good, &bad, &table].map(|path| path.to_str().unwrap());
    let out = folder.path().join("x.json");
    for arguments in [
        &["extract", bad][..],
        &["extract", table, "--segments", table],
        &["extract", "--list", &format!("{name}.txt")],
        #[cfg(feature = "models")]
        &["classify", good, bad],
        #[cfg(feature = "models")]
        &["classify", good, "--explain"],
        #[cfg(feature = "models")]
        &["embed", bad],
        #[cfg(feature = "models")]
        &["evaluate", table, "-o", out.to_str().unwrap()],
        #[cfg(feature = "models")]
        &["report", &format!("{table}.json"), "-o", "x.html"],
        #[cfg(feature = "models")]
        &["explain", &format!("{table}.safetensors"), table],
    ] {
        let output = run(arguments);
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(
            !said.contains(['\u{1b}', '\u{202e}']),
            "{arguments:?}: {said}"
        );
        assert!(
            said.contains("\\u{1b}[31m\\u{202e}b"),
            "{arguments:?}: {said}"
        );
    }
}

#[test]
fn formulas_in_names_are_quoted_on_request() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(GOOD, folder.path().join("=1+1.flac")).unwrap();
    let folder = folder.path().to_str().unwrap();
    let first = |arguments: &[&str]| {
        let text = String::from_utf8(run(arguments).stdout).unwrap();
        text.lines().nth(1).unwrap().to_owned()
    };
    assert!(first(&["extract", folder]).starts_with("=1+1.flac,"));
    assert!(first(&["extract", folder, "--safe-csv"]).starts_with("'=1+1.flac,"));
    #[cfg(feature = "models")]
    for more in [&["--csv"][..], &["-o", "-"]] {
        let arguments = [&["classify", folder, "--safe-csv"], more].concat();
        assert!(first(&arguments).starts_with("'=1+1.flac,"), "{more:?}");
    }
}

#[test]
fn an_output_never_replaces_its_input() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (recording, table, list) = (path("a.flac"), path("t.csv"), path("l.txt"));
    std::fs::copy(GOOD, &recording).unwrap();
    std::fs::write(&table, "file,label,x\na,b,1\n").unwrap();
    std::fs::write(&list, format!("{recording}\n")).unwrap();
    let before = [&recording, &table, &list].map(|path| std::fs::read(path).unwrap());
    for arguments in [
        &["extract", &recording, "-o", &recording, "--format", "csv"][..],
        &["extract", &recording, "--failures", &recording],
        &["extract", "--list", &list, "-o", &list, "--format", "csv"],
        &["extract", &recording, "--labels", &table, "-o", &table],
        &[
            "extract",
            &recording,
            "-o",
            &path("n.csv"),
            "--failures",
            &path("n.csv"),
        ],
        &["merge", &table, &table],
        #[cfg(feature = "models")]
        &["evaluate", &table, "-o", &table],
        #[cfg(feature = "models")]
        &[
            "evaluate",
            &table,
            "-o",
            &path("r.json"),
            "--csv",
            &path("r.json"),
        ],
        #[cfg(feature = "models")]
        &["train", &table, "-o", &table],
        #[cfg(feature = "models")]
        &[
            "train",
            &table,
            "-o",
            &path("m.safetensors"),
            "--card",
            &table,
        ],
        #[cfg(feature = "models")]
        &["embed", &recording, "-o", &recording],
        #[cfg(feature = "models")]
        &["report", &recording, "-o", &recording],
    ] {
        let output = run(arguments);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?}: {}",
            stderr(&output)
        );
    }
    let after = [&recording, &table, &list].map(|path| std::fs::read(path).unwrap());
    assert!(before == after);
}

#[cfg(unix)]
#[test]
fn an_output_that_another_process_writes_is_left_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let lock = folder.path().join(".t.csv.ser-lock");
    std::fs::write(&lock, "4711").unwrap();
    let held = std::fs::File::open(&lock).unwrap();
    held.lock().unwrap();
    let table = folder.path().join("t.csv");
    for more in ["--quiet", "--resume", "--restart"] {
        let output = run(&["extract", GOOD, more, "-o", table.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1));
        assert!(
            stderr(&output).contains("t.csv: process 4711 is writing it"),
            "{}",
            stderr(&output)
        );
    }
    drop(held);
    let output = run(&["extract", GOOD, "-o", table.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(!lock.exists());
}

#[test]
fn a_description_of_somebody_else_beside_the_table_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (table, beside) = (path("t.csv"), path("t.csv.json"));
    std::fs::write(&beside, "{\"mine\": 1}").unwrap();
    let output = run(&["extract", GOOD, "-o", &table]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("t.csv.json: is of another kind"));
    assert_eq!(std::fs::read_to_string(&beside).unwrap(), "{\"mine\": 1}");
    std::fs::remove_file(&beside).unwrap();
    // Its own is, as often as one likes.
    for _ in 0..2 {
        assert_eq!(run(&["extract", GOOD, "-o", &table]).status.code(), Some(0));
    }
}

#[test]
fn more_threads_than_there_can_be_are_no_reason_to_fail() {
    let output = run(&[
        "extract",
        "assets/speech",
        "--threads",
        "1000000",
        "--quiet",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let one = run(&["extract", "assets/speech", "--threads", "1", "--quiet"]);
    assert!(output.stdout == one.stdout);
}

#[test]
fn a_part_behind_the_end_is_called_that() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("l.csv");
    std::fs::write(
        &list,
        format!("file,start,end\n{GOOD},0,0.06\n{GOOD},5,6\n"),
    )
    .unwrap();
    let output = run(&["extract", "--segments", list.to_str().unwrap(), "--quiet"]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(
        said.contains("begins behind the end of the recording, which is 0.060 s long"),
        "{said}"
    );
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 2);
}

/// What needs pipes and signals.
#[cfg(unix)]
mod unix {
    use super::*;
    use std::io::Read;
    use std::process::{Child, Command as Process, Stdio};

    fn start(arguments: &[&str]) -> Child {
        Process::new(env!("CARGO_BIN_EXE_ser"))
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    fn signal(child: &Child, name: &str) {
        let id = child.id().to_string();
        Process::new("kill").args([name, &id]).status().unwrap();
    }

    fn fifo(folder: &TempDir, name: &str) -> String {
        let path = folder.path().join(name);
        assert!(
            Process::new("mkfifo")
                .arg(&path)
                .status()
                .unwrap()
                .success()
        );
        path.to_str().unwrap().to_owned()
    }

    #[test]
    fn pipes_and_devices_are_no_recordings() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = fifo(&folder, "x.wav");
        for (path, what) in [(pipe.as_str(), "a named pipe"), ("/dev/zero", "a device")] {
            let output = run(&["extract", path]);
            assert_eq!(output.status.code(), Some(1));
            let told = format!("ser: {path}: is {what}, not a file; `-` reads standard input\n");
            assert_eq!(
                stderr(&output),
                told + "ser: 0 recordings, 1 failed (named above); 0.0 s of audio in 0.0 s, 0 × real time\n"
            );
        }
    }

    /// The program under strace, which sees the calls of the system or lets them fail; none where it is missing or may not be used.
    #[cfg(target_os = "linux")]
    fn traced(of_strace: &[&str], arguments: &[&str]) -> Option<(Output, String)> {
        let log = tempfile::NamedTempFile::new().unwrap();
        let run = Process::new("strace")
            .args(["-f", "-y", "-o", log.path().to_str().unwrap()])
            .args(of_strace)
            .arg(env!("CARGO_BIN_EXE_ser"))
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output();
        let calls = std::fs::read_to_string(log.path()).unwrap();
        run.ok()
            .filter(|_| calls.contains("+++ exited with"))
            .map(|output| (output, calls))
    }

    /// Whatever moment the power fails at, there is the whole table, or the journal to go on with.
    #[test]
    #[cfg(target_os = "linux")]
    fn the_table_is_on_the_disk_before_its_journal_goes() {
        let folder = tempfile::tempdir().unwrap();
        let table = folder.path().join("t.csv");
        let calls = "trace=fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat";
        let arguments = [
            "extract",
            "assets/speech",
            "-o",
            table.to_str().unwrap(),
            "--quiet",
        ];
        let Some((output, calls)) = traced(&["-e", calls], &arguments) else {
            return;
        };
        assert!(output.status.success(), "{}", stderr(&output));
        let lines: Vec<&str> = calls.lines().collect();
        let of = |call: &str, name: &str| {
            let found = |line: &&str| line.contains(call) && line.contains(name);
            let at = lines.iter().position(found);
            at.unwrap_or_else(|| panic!("no {call} of {name}: {calls}"))
        };
        let target = table.display().to_string();
        let renamed = of("rename", &format!("\"{target}\""));
        let part = lines[renamed].split('"').nth(1).unwrap();
        let written = of("fsync", &format!("<{part}>"));
        let entered = renamed
            + lines[renamed..]
                .iter()
                .position(|line| {
                    line.contains("fsync")
                        && line.contains(&format!("<{}>", folder.path().display()))
                })
                .unwrap();
        let gone = of("unlink", &format!("\"{target}.ser-journal\""));
        assert!(
            written < renamed && renamed < entered && entered < gone,
            "{calls}"
        );
    }

    /// A disk or a server that fails in the middle of a recording costs its row, and no other.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_read_that_fails_costs_the_recording_and_no_other() {
        let one = "assets/speech/03a02Wc.flac";
        for from in ["1+", "2+", "3+"] {
            let inject = format!("inject=read:error=EIO:when={from}");
            let of_strace = ["-e", "trace=read", "-e", &inject, "-P", one];
            let arguments = ["extract", "assets/speech", "--quiet", "--threads", "1"];
            let Some((output, _)) = traced(&of_strace, &arguments) else {
                return;
            };
            assert_eq!(output.status.code(), Some(1), "{from}");
            let said = stderr(&output);
            let said: String = said
                .split_inclusive('\n')
                .filter(|line| !line.starts_with("strace:"))
                .collect();
            assert_eq!(said.lines().count(), 1, "{from}: {said}");
            assert!(
                said.starts_with("ser: 03a02Wc.flac: ") && said.contains("Input/output error"),
                "{from}: {said}"
            );
            assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 4);
        }
    }

    /// With hardly any file to be opened, the output and its journal can still be and no recording beside them; all that fail say so.
    #[test]
    #[cfg(target_os = "linux")]
    fn too_many_open_files_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let mut named = 0;
        for limit in 4..10 {
            let run = format!(
                "ulimit -n {limit}; exec {} extract assets/speech --quiet --threads 1 -o {}",
                env!("CARGO_BIN_EXE_ser"),
                folder.path().join(format!("{limit}.csv")).display()
            );
            let output = Process::new("sh")
                .args(["-c", &run])
                .current_dir(env!("CARGO_MANIFEST_DIR"))
                .output()
                .unwrap();
            let said = stderr(&output);
            if !said.contains("ser: ") {
                // All went well, or the system could not even start it.
                continue;
            }
            for line in said.lines() {
                let recording = line.contains("cannot be opened: too many files are open");
                let output = line.contains("Too many open files");
                assert!(recording || output, "{limit}: {line}");
                named += usize::from(recording);
            }
        }
        assert!(named > 0);
    }

    /// Ten minutes in windows: each analyser that is kept too long would hold its part of it.
    #[test]
    #[cfg(target_os = "linux")]
    fn windows_over_ten_minutes_take_no_more_memory_than_two_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let wav = path("x.wav");
        let mut state = 1_u32;
        let noise = (0..600 * 16_000).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32 * 0.2 - 0.1
        });
        std::fs::write(&wav, wave(16_000, 1, &noise.collect::<Vec<_>>())).unwrap();
        let table = path("x.csv");
        let mut child = start(&[
            "extract", &wav, "--window", "2s", "--hop", "0.5s", "-o", &table, "--quiet",
        ]);
        let mut most_kib = 0_u64;
        while child.try_wait().unwrap().is_none() {
            let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
            let peak = status.unwrap_or_default();
            let peak = peak.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = peak.and_then(|rest| rest.trim().strip_suffix("kB")?.trim().parse().ok());
            most_kib = most_kib.max(kib.unwrap_or(0));
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        assert!(child.wait().unwrap().success());
        let rows = std::fs::read_to_string(&table).unwrap().lines().count();
        assert_eq!(rows, 1 + 1197);
        assert!((1..64 << 10).contains(&most_kib), "{most_kib} KiB");
    }

    /// The command waits for a line that never comes; that it waits is known when the pipe can be opened at this end.
    #[test]
    fn a_signal_ends_every_command_with_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = fifo(&folder, "x.csv");
        for (arguments, name) in [
            (&["extract", "--list", &pipe][..], "-INT"),
            (&["extract", "--list", &pipe], "-TERM"),
            (&["corpus", "--corpora", &pipe, "list"], "-TERM"),
            #[cfg(feature = "models")]
            (&["train", &pipe, "-o", "no.safetensors"], "-INT"),
            #[cfg(feature = "models")]
            (&["evaluate", &pipe], "-TERM"),
        ] {
            let child = start(arguments);
            let _end = std::fs::OpenOptions::new().write(true).open(&pipe).unwrap();
            signal(&child, name);
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(130), "{arguments:?}");
            assert_eq!(stderr(&output), "ser: interrupted\n");
        }
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1);
    }

    /// Nobody reads its output, so the run stands; the first signal only asks it to stop.
    #[test]
    fn a_second_signal_ends_what_stands() {
        let mut child = start(&["extract", "assets/speech", "--level", "lld", "--quiet"]);
        let mut byte = [0];
        child
            .stdout
            .as_mut()
            .unwrap()
            .read_exact(&mut byte)
            .unwrap();
        let mut signals = 0;
        while child.try_wait().unwrap().is_none() {
            signal(&child, "-INT");
            signals += 1;
            assert!(signals < 2000);
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert_eq!(child.wait().unwrap().code(), Some(130));
    }

    #[test]
    fn a_reader_that_leaves_early_is_no_error() {
        for arguments in [
            &["features"][..],
            &["extract", "assets/speech", "--level", "lld", "--quiet"],
            &["corpus", "list"],
            #[cfg(feature = "models")]
            &["classify", "assets/speech", "--csv", "--quiet"],
        ] {
            let mut child = start(arguments);
            drop(child.stdout.take());
            let output = child.wait_with_output().unwrap();
            assert_eq!(
                (output.status.code(), stderr(&output).as_str()),
                (Some(0), ""),
                "{arguments:?}"
            );
        }
    }

    /// Without an end, a device would fill the memory and a pipe the disk.
    #[test]
    fn endless_inputs_are_refused_by_their_beginning() {
        for arguments in [
            #[cfg(feature = "models")]
            &["classify", "--model", "/dev/zero", super::GOOD][..],
            #[cfg(feature = "models")]
            &["report", "/dev/zero", "-o", "no.html"],
            &["corpus", "--corpora", "/dev/zero", "list"],
        ] {
            let output = run(arguments);
            assert_eq!(
                output.status.code(),
                Some(1),
                "{arguments:?}: {}",
                stderr(&output)
            );
        }
        let mut child = Process::new(env!("CARGO_BIN_EXE_ser"))
            .args(["extract", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        let endless = std::thread::spawn(move || {
            use std::io::Write;
            while input.write_all(b"yes\n").is_ok() {}
        });
        let output = child.wait_with_output().unwrap();
        endless.join().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains("standard input is a text, not a recording"));
    }
}
