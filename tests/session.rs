//! Long recordings: turns, timelines, speakers by channel, segments that somebody marked, the page.

#![cfg(feature = "models")]

mod talk;

use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use talk::{clip, json, marks, output, ser, session, spoken, write};

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
fn a_list_of_speakers_is_heeded_when_answers_go_to_a_file_and_voices_reach_over_recordings() {
    let folder = tempfile::tempdir().unwrap();
    let clips = folder.path().join("clips");
    std::fs::create_dir(&clips).unwrap();
    let mut list = "file,speaker\n".to_owned();
    for (number, name) in ["03a02Wc", "13a02Ta", "14a01Na"]
        .iter()
        .cycle()
        .take(6)
        .enumerate()
    {
        write(&clips.join(format!("{number}.wav")), &clip(name), 1);
        list += &format!("clips/{number}.wav,anna\n");
    }
    let who = folder.path().join("who.csv");
    std::fs::write(&who, &list).unwrap();
    let asked = |more: &[&str]| {
        let mut command = ser();
        command.arg("classify").arg(&clips).arg("--speakers");
        output(command.arg(&who).args(more))
    };
    let printed: Vec<Vec<String>> = csv_lines(&asked(&["--csv"]));
    let out = folder.path().join("out.csv");
    asked(&["-o", out.to_str().unwrap()]);
    let written = csv_lines(&std::fs::read_to_string(&out).unwrap());
    let column = |table: &[Vec<String>], name: &str| -> Vec<String> {
        let at = table[0].iter().position(|found| found == name).unwrap();
        table[1..].iter().map(|row| row[at].clone()).collect()
    };
    assert_eq!(column(&written, "speaker"), ["anna"; 6]);
    assert_eq!(column(&printed, "rests_on"), ["own-recordings"; 6]);
    for name in ["guess", "latent_1", "latent_2", "rests_on"] {
        assert_eq!(column(&written, name), column(&printed, name), "{name}");
    }
    // Times in the list are the segments.
    list = format!(
        "file,speaker,start,end\n{0},anna,0,0.7\n{0},ben,0.7,1.4\n",
        "clips/0.wav"
    );
    std::fs::write(&who, &list).unwrap();
    let refused = asked(&["-o", out.to_str().unwrap()]);
    assert!(refused.contains("0.wav"), "{refused}");
    let written = csv_lines(&std::fs::read_to_string(&out).unwrap());
    assert_eq!(column(&written, "speaker")[..3], ["anna", "ben", ""]);
    assert_eq!(column(&written, "end")[..2], ["0.7", "1.4"]);
}

fn csv_lines(text: &str) -> Vec<Vec<String>> {
    text.lines()
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

#[test]
fn turns_that_were_found_are_read_back_and_are_nobodys() {
    let (folder, path) = session();
    let mut first: Option<Value> = None;
    for extension in ["csv", "json", "TextGrid", "eaf", "vtt", "rttm", "txt"] {
        let list = folder.path().join(format!("turns.{extension}"));
        output(ser().arg("segment").arg(&path).arg("-o").arg(&list));
        let mut command = ser();
        command.arg("classify").arg(&path).arg("--json");
        let text = output(command.arg("--segments").arg(&list));
        let mut found: Value = serde_json::from_str(&text).unwrap();
        for turn in found["turns"].as_array_mut().unwrap() {
            assert_eq!(turn["speaker"], Value::Null, "{extension}");
            assert_eq!(turn["rests_on"]["basis"], "alone", "{extension}");
            for field in ["start", "end"] {
                turn[field] = (turn[field].as_f64().unwrap() * 1000.0).round().into();
            }
            // Tables pass on what else they hold.
            turn.as_object_mut().unwrap().remove("given");
        }
        let first = first.get_or_insert_with(|| found.clone());
        assert_eq!(&found["turns"], &first["turns"], "{extension}");
    }
    let missing = folder.path().join("missing.wav");
    let out = folder.path().join("missing.TextGrid");
    let mut command = ser();
    command.arg("segment").arg(&missing).arg("-o").arg(&out);
    let failed = command.output().unwrap();
    assert_eq!(failed.status.code(), Some(1));
    assert!(!out.exists());
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
