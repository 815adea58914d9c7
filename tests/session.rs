//! Long recordings: turns, timelines, speakers by channel, and a live stream that answers as the file does.

#![cfg(feature = "models")]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const RATE: u32 = 16_000;

fn ser() -> Command {
    Command::new(assert_cmd::cargo::cargo_bin("ser"))
}

/// A clip of the bundled speech as 16-bit samples.
fn clip(name: &str) -> Vec<i16> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("assets/speech/{name}.flac"));
    let settings = ser::audio::Settings {
        rate: Some(RATE),
        ..Default::default()
    };
    let mut recording = ser::audio::Recording::open(&path, &settings).unwrap();
    let mut samples = Vec::new();
    while let Some(block) = recording.next_block().unwrap() {
        samples.extend(block.iter().map(|x| (x * 32_768.0) as i16));
    }
    samples
}

/// Clips with pauses of 0.7 s between them, the speaker by turns one and the other.
fn spoken() -> Vec<(Vec<i16>, usize)> {
    let names = ["03a02Wc", "08a04Ff", "13a02Ta", "14a01Na"];
    let clips = names.iter().map(|name| clip(name)).collect::<Vec<_>>();
    (0..8).map(|i| (clips[i % 4].clone(), i % 2)).collect()
}

fn mono() -> Vec<i16> {
    let pause = vec![0; 11_200];
    let parts = spoken().into_iter();
    parts
        .flat_map(|(clip, _)| [pause.clone(), clip].concat())
        .collect()
}

fn write(path: &Path, samples: &[i16], channels: u16) {
    let spec = hound::WavSpec {
        channels,
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    samples
        .iter()
        .for_each(|&x| writer.write_sample(x).unwrap());
    writer.finalize().unwrap();
}

fn session() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("session.wav");
    write(&path, &mono(), 1);
    (folder, path)
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&output(ser().arg("classify").arg(path).arg("--json"))).unwrap()
}

#[test]
fn a_long_recording_is_answered_turn_by_turn_with_shares_and_no_label_of_its_own() {
    let (_folder, path) = session();
    let text = output(ser().arg("classify").arg(&path));
    assert!(text.contains("shares of answered speech"), "{text}");
    assert!(!text.contains("learnt from 0.5"), "{text}");
    let found = json(&path);
    let turns = found["turns"].as_array().unwrap();
    assert!((6..=12).contains(&turns.len()), "{}", turns.len());
    assert!(found.get("label").is_none());
    let all = &found["summary"]["all"];
    let sum: f64 = all["classes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|class| class["share"].as_f64().unwrap())
        .sum();
    assert!((sum - 1.0).abs() < 1e-9, "{sum}");
    let speech: f64 = turns
        .iter()
        .map(|turn| turn["end"].as_f64().unwrap() - turn["start"].as_f64().unwrap())
        .sum();
    assert!((speech - all["speech_s"].as_f64().unwrap()).abs() < 1e-6);
}

#[test]
fn a_short_recording_stays_whole_and_gets_the_same_answer_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clip.wav");
    write(&path, &clip("03a02Wc"), 1);
    let alone = &json(&path)[0];
    let out = folder.path().join("clip.json");
    output(ser().arg("classify").arg(&path).arg("-o").arg(&out));
    let found: Value = serde_json::from_str(&std::fs::read_to_string(&out).unwrap()).unwrap();
    assert_eq!(found["turns"].as_array().unwrap().len(), 1);
    assert_eq!(found["turns"][0]["label"], alone["label"]);
}

#[test]
fn every_format_holds_every_turn() {
    let (folder, path) = session();
    let turns = json(&path)["turns"].as_array().unwrap().len();
    let written = |name: &str| {
        let out = folder.path().join(name);
        output(ser().arg("classify").arg(&path).arg("-o").arg(&out));
        std::fs::read_to_string(out).unwrap()
    };
    assert_eq!(written("s.csv").lines().count(), turns + 1);
    assert_eq!(written("s.vtt").matches(" --> ").count(), turns);
    assert_eq!(written("s.rttm").lines().count(), turns);
    assert_eq!(written("s.txt").lines().count(), turns);
    let eaf = written("s.eaf");
    assert_eq!(eaf.matches("<ALIGNABLE_ANNOTATION").count(), turns);
    assert_eq!(
        written("s.TextGrid")
            .matches("class = \"IntervalTier\"")
            .count(),
        1,
        "one speaker, and guesses have no probabilities"
    );
    let refused = ser()
        .args(["classify", "-o", "s.srt"])
        .arg(&path)
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn channels_are_speakers_and_each_has_its_own_turns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("call.wav");
    let mut samples = Vec::new();
    for (clip, speaker) in spoken() {
        let stereo = |x: i16| if speaker == 0 { [x, 0] } else { [0, x] };
        samples.extend(vec![0; 22_400]);
        samples.extend(clip.into_iter().flat_map(stereo));
    }
    write(&path, &samples, 2);
    let text = output(
        ser()
            .args(["classify", "--speakers-by-channel=agent,customer", "--csv"])
            .arg(&path),
    );
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    let of = |name: &str| rows.iter().filter(|row| &row[3] == name).count();
    assert_eq!(of("agent") + of("customer"), rows.len());
    assert!(of("agent") >= 4 && of("customer") >= 4, "{text}");
    // In order of time, the voices by turns.
    let starts: Vec<f64> = rows.iter().map(|row| row[1].parse().unwrap()).collect();
    assert!(starts.is_sorted());
}

/// Lines of `ser listen` for what is written to its standard input in pieces.
fn listened(arguments: &[&str], bytes: &[u8], piece: usize) -> Vec<Value> {
    let mut child = ser()
        .args(["listen", "-"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut to = child.stdin.take().unwrap();
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || {
        for piece in bytes.chunks(piece) {
            to.write_all(piece).unwrap();
        }
    });
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let lines = lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap());
    let lines = lines.collect();
    writer.join().unwrap();
    assert!(child.wait().unwrap().success());
    lines
}

fn events<'a>(lines: &'a [Value], event: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["event"] == event).collect()
}

#[test]
fn live_is_offline_bit_for_bit() {
    let (folder, path) = session();
    let offline = json(&path);
    let offline = offline["turns"].as_array().unwrap();
    let samples = mono();
    let raw: Vec<u8> = samples.iter().flat_map(|x| x.to_le_bytes()).collect();
    let wav = std::fs::read(&path).unwrap();
    let first = listened(&["--raw", "s16le:16000:1", "--hop", "700ms"], &raw, 1001);
    let second = listened(&["--hop", "700ms"], &wav, 4096);
    for lines in [&first, &second] {
        let turns = events(lines, "turn");
        assert_eq!(turns.len(), offline.len());
        for (live, offline) in turns.iter().zip(offline) {
            for field in ["start", "end", "latent"] {
                assert_eq!(live[field], offline[field], "{live}");
            }
            assert_eq!(live["guess"], offline["label"]);
            let mut live: Vec<f64> = numbers(&live["probabilities"]);
            let mut whole: Vec<f64> = numbers(&offline["probabilities"]);
            live.sort_by(f64::total_cmp);
            whole.sort_by(f64::total_cmp);
            assert_eq!(live, whole);
        }
        assert_eq!(events(lines, "summary").len(), 1);
        assert_eq!(lines.last().unwrap()["event"], "summary");
    }
    // A look into a turn is what the file gives of that stretch.
    let looks = events(&first, "within");
    assert!(looks.len() >= 8, "{}", looks.len());
    assert_eq!(looks.len(), events(&second, "within").len());
    for look in looks.iter().step_by(3) {
        let at = |field: &str| (look[field].as_f64().unwrap() * f64::from(RATE)).round() as usize;
        let part = folder.path().join("part.wav");
        write(&part, &samples[at("start")..at("end")], 1);
        let alone = &json(&part)[0];
        assert_eq!(look["latent"], alone["latent"], "{look}");
    }
}

/// Where each of the clips of [`mono`] is spoken, seconds, and by whom.
fn marks() -> Vec<(f64, f64, &'static str)> {
    let mut at = 0.0;
    let mut marks = Vec::new();
    for (clip, speaker) in spoken() {
        let (start, length) = (at + 0.7, clip.len() as f64 / f64::from(RATE));
        at = start + length;
        // Whole milliseconds, so that times come out alike however they are written.
        let whole = |seconds: f64| (1000.0 * seconds).round() / 1000.0;
        marks.push((whole(start), whole(at), ["ann", "bob"][speaker]));
    }
    marks
}

#[test]
fn segments_that_somebody_marked_are_answered_in_any_format_each_relative_to_its_speaker() {
    let (folder, path) = session();
    let (rttm, table) = (
        folder.path().join("who.rttm"),
        folder.path().join("who.csv"),
    );
    let line = |(start, end, who): &(f64, f64, &str)| {
        format!(
            "SPEAKER session 1 {start:.3} {:.3} <NA> <NA> {who} <NA> <NA>\n",
            end - start
        )
    };
    std::fs::write(&rttm, marks().iter().map(line).collect::<String>()).unwrap();
    let row = |(start, end, who): &(f64, f64, &str)| format!("{start:.3};{end:.3};{who}\n");
    let rows: String = marks().iter().map(row).collect();
    std::fs::write(&table, format!("start;end;speaker\n{rows}")).unwrap();
    let of = |list: &Path| -> Value {
        let mut command = ser();
        command
            .arg("classify")
            .arg(&path)
            .arg("--segments")
            .arg(list)
            .arg("--json");
        serde_json::from_str(&output(&mut command)).unwrap()
    };
    let found = of(&rttm);
    assert!(found["turns"] == of(&table)["turns"]);
    let turns = found["turns"].as_array().unwrap();
    assert_eq!(turns.len(), 8);
    for (turn, (start, end, who)) in turns.iter().zip(marks()) {
        let at = |field: &str| turn[field].as_f64().unwrap();
        assert!(
            (at("start") - start).abs() < 1e-3 && (at("end") - end).abs() < 1e-3,
            "{turn}"
        );
        assert_eq!(turn["speaker"], who);
        assert_eq!(turn["rests_on"]["basis"], "own-recordings");
        assert_eq!(turn["rests_on"]["recordings"], 4);
    }
    let mut other = ser();
    let clip = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/speech/03a02Wc.flac");
    let failed = other
        .arg("classify")
        .args([&path, &clip])
        .arg("--segments")
        .arg(&table)
        .output();
    let failed = failed.unwrap();
    assert!(!failed.status.success());
}

#[test]
fn a_live_stream_is_answered_relative_to_a_baseline_as_the_file_is() {
    let (folder, path) = session();
    let calm = folder.path().join("calm.json");
    let clip = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/speech/14a01Na.flac");
    output(ser().arg("enrol").arg(&clip).arg("-o").arg(&calm));
    let mut command = ser();
    command
        .arg("classify")
        .arg(&path)
        .arg("--json")
        .arg("--baseline")
        .arg(&calm);
    let offline: Value = serde_json::from_str(&output(&mut command)).unwrap();
    let offline = offline["turns"].as_array().unwrap();
    let wav = std::fs::read(&path).unwrap();
    let relative = listened(&["--baseline", calm.to_str().unwrap()], &wav, 4096);
    let alone = listened(&[], &wav, 4096);
    let (relative, alone) = (events(&relative, "turn"), events(&alone, "turn"));
    assert_eq!(relative.len(), offline.len());
    for (live, offline) in relative.iter().zip(offline) {
        assert_eq!(live["latent"], offline["latent"]);
        assert_eq!(live["guess"], offline["label"]);
        assert_eq!(sorted(&live["support"]), sorted(&offline["support"]));
    }
    let differ = relative.iter().zip(&alone);
    assert!(
        differ
            .into_iter()
            .any(|(a, b)| sorted(&a["support"]) != sorted(&b["support"]))
    );
}

#[test]
fn of_the_features_that_a_model_sees_some_are_written_by_name_or_group() {
    let clip = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/speech/03a02Wc.flac");
    let embedded = |arguments: &[&str]| -> String {
        output(
            ser()
                .arg("embed")
                .arg(&clip)
                .args(["--model", "dae", "-q"])
                .args(arguments),
        )
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
    let refused = ser()
        .arg("embed")
        .arg(&clip)
        .args(["--columns", "pitch"])
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--what features"));
}

fn sorted(value: &Value) -> Vec<f64> {
    let mut numbers = numbers(value);
    numbers.sort_by(f64::total_cmp);
    numbers
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().filter_map(Value::as_f64).collect(),
        Value::Object(values) => values.values().filter_map(Value::as_f64).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn answers_of_a_live_stream_come_soon_after_they_are_decided() {
    // A stream at its own pace, so that latency is what it would be with a microphone.
    let samples = mono();
    let raw: Vec<u8> = samples.iter().flat_map(|x| x.to_le_bytes()).collect();
    let mut child = ser()
        .args(["listen", "-", "--raw", "s16le:16000:1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut to = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        let begun = std::time::Instant::now();
        for (i, piece) in raw.chunks(640).enumerate() {
            let due = std::time::Duration::from_millis(20 * (i as u64 + 1));
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
            to.write_all(piece).unwrap();
        }
    });
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let lines: Vec<Value> = lines
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
        .collect();
    writer.join().unwrap();
    assert!(child.wait().unwrap().success());
    let mut late: Vec<f64> = events(&lines, "turn")
        .iter()
        .map(|line| {
            let of = |name: &str| line[name].as_f64().unwrap();
            of("latency_ms") - of("hangover_ms")
        })
        .collect();
    late.sort_by(f64::total_cmp);
    println!(
        "beyond the hang-over: median {:.1} ms of {late:.1?}",
        late[late.len() / 2]
    );
    // The goal is 50 ms; a machine that tests in parallel gets more.
    assert!(late[late.len() / 2] < 250.0, "{late:?}");
    assert_eq!(lines.last().unwrap()["overruns"], 0);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_stream_with_its_summary() {
    let samples = mono();
    let raw: Vec<u8> = samples.iter().flat_map(|x| x.to_le_bytes()).collect();
    let mut child = ser()
        .args(["listen", "-", "--raw", "s16le:16000:1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut to = child.stdin.take().unwrap();
    to.write_all(&raw).unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert!(first["event"] == "within" || first["event"] == "turn");
    // The stream stays open.
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    let last = lines.last().unwrap().unwrap();
    let last: Value = serde_json::from_str(&last).unwrap();
    assert_eq!(last["event"], "summary");
    assert!(child.wait().unwrap().success());
    drop(to);
}

#[test]
fn a_file_instead_of_a_stream_is_refused_with_what_to_write() {
    let output = ser().args(["listen", "a.wav"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("ser listen - < a.wav"), "{text}");
}

#[test]
fn the_page_of_a_session_holds_its_turns_and_links_or_leaves_out_its_sound() {
    let (folder, path) = session();
    let turns = json(&path)["turns"].as_array().unwrap().len();
    let page = folder.path().join("session.html");
    let report = |more: &[&str]| {
        output(
            ser()
                .arg("report")
                .arg(&path)
                .arg("-o")
                .arg(&page)
                .args(more),
        );
        std::fs::read_to_string(&page).unwrap()
    };
    let data = |text: &str| -> Value {
        let data = text.split("id=\"data\">").nth(1).unwrap();
        serde_json::from_str(data.split("</script>").next().unwrap()).unwrap()
    };
    let linked = data(&report(&[]));
    assert_eq!(linked["turns"].as_array().unwrap().len(), turns);
    assert_eq!(linked["audio"], "./session.wav");
    let pitch = linked["course"]["pitch"].as_array().unwrap();
    assert!(pitch.iter().any(|hz| hz.as_u64() > Some(80)));
    assert!(data(&report(&["--no-audio"]))["audio"].is_null());
    // The same from a pipe.
    let piped = folder.path().join("piped.html");
    let mut child = ser()
        .args(["report", "-", "--name", "call"])
        .arg("-o")
        .arg(&piped)
        .stdin(Stdio::from(std::fs::File::open(&path).unwrap()))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    assert!(child.wait().unwrap().success());
    let text = std::fs::read_to_string(&piped).unwrap();
    assert!(text.contains("<h1>call</h1>"));
    assert_eq!(data(&text)["turns"], linked["turns"]);
}
