//! An hour of two voices whose truth is known: are the turns found, what are the answers worth, how long does it take, how much memory?
//!
//! Two speakers of RAVDESS, none of whose recordings the bundled model has learnt from, talk by turns: their clips in random order, over and over, with
//! pauses of 0.4 to 2 s, in a room 40 dB below them. Answered are the turns that are found, by themselves and as one batch, and those of the truth (RTTM),
//! relative to each speaker's others. `SER_SHARED=DIR cargo test --release --test hour -- --ignored --nocapture`; with `SER_HOUR` naming a
//! folder, `hour.wav`, its truth as RTTM and csv, and the answers stay there.

#![cfg(all(feature = "models", target_os = "linux"))]

mod scene;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use scene::background::pink;
use scene::{Chance, Clip, HOP, Line, Scene, corpora, f1, hops, lines, write_wav};
use serde_json::Value;

/// A stretch that was spoken.
struct Truth {
    start_s: f64,
    end_s: f64,
    speaker: String,
    label: String,
}

/// The model's class of a common emotion.
fn class_of(emotion: &str) -> Option<&'static str> {
    match emotion {
        "anger" => Some("angry"),
        "happiness" => Some("happy"),
        "neutral" => Some("neutral"),
        "sadness" => Some("sad"),
        _ => None,
    }
}

/// Clips of two speakers by turns until `length_s`.
fn conversation(speakers: [&str; 2], length_s: f64) -> (Scene, Vec<Truth>) {
    let mut chance = Chance::new(3);
    let all = lines(&corpora().join("ravdess"));
    let of = |speaker: &str| -> Vec<(Line, Clip)> {
        all.iter()
            .filter(|line| line.speaker == speaker && class_of(&line.label).is_some())
            .filter_map(|line| Some((line.clone(), Clip::read(&line.file)?)))
            .collect()
    };
    let clips = speakers.map(of);
    assert!(clips.iter().all(|clips| clips.len() > 10));
    let (mut scene, mut truth) = (Scene::default(), Vec::new());
    let mut next = 0;
    while scene.speech.len() < (length_s * 100.0) as usize {
        let (line, clip) = &clips[next][chance.below(clips[next].len())];
        let pause = (chance.between(0.4, 2.0) * 100.0) as usize;
        scene.samples.extend(std::iter::repeat_n(0.0, pause * HOP));
        scene.speech.extend(std::iter::repeat_n(false, pause));
        let first = clip.speech.iter().position(|&x| x).unwrap_or(0);
        let last = clip.speech.iter().rposition(|&x| x).unwrap_or(0) + 1;
        let at = |hop: usize| (scene.speech.len() + hop) as f64 / 100.0;
        truth.push(Truth {
            start_s: at(first),
            end_s: at(last),
            speaker: line.speaker.clone(),
            label: class_of(&line.label).unwrap_or_default().to_owned(),
        });
        scene.samples.extend(&clip.samples);
        scene.speech.extend(&clip.speech);
        // Now and then somebody goes on.
        next = if chance.unit() < 0.7 { 1 - next } else { next };
    }
    let room = pink(scene.samples.len(), &mut chance);
    (scene.with(&room, 40.0), truth)
}

/// Time that the program takes on one core, and the most memory that it held, MiB.
fn measured(arguments: &[&str]) -> (f64, f64) {
    let begun = Instant::now();
    let mut child = Command::new("taskset")
        .args(["-c", "0"])
        .arg(assert_cmd::cargo::cargo_bin("ser"))
        .args(arguments)
        .stdout(Stdio::null())
        .spawn()
        .expect("taskset starts");
    let mut most = 0.0_f64;
    let mut user_s = 0.0;
    while child.try_wait().unwrap().is_none() {
        let folder = PathBuf::from(format!("/proc/{}", child.id()));
        let status = std::fs::read_to_string(folder.join("status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        most = most.max(kib.unwrap_or(0.0) / 1024.0);
        // User and system time in hundredths of a second, fields 14 and 15 of proc(5).
        let stat = std::fs::read_to_string(folder.join("stat")).unwrap_or_default();
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap()
            .split_whitespace()
            .collect();
        if let (Some(user), Some(system)) = (fields.get(11), fields.get(12)) {
            let ticks = |x: &str| x.parse::<f64>().unwrap_or(0.0) / 100.0;
            user_s = ticks(user) + ticks(system);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(child.wait().unwrap().success());
    println!("  {:.1} s on the clock", begun.elapsed().as_secs_f64());
    (user_s, most)
}

/// Mean recall of the guesses for turns, each with the label of the stretch that it overlaps most with; and the share of right ones among those answered.
fn scored(session: &Value, truth: &[Truth]) -> (f64, f64, f64) {
    let mut per_class = std::collections::BTreeMap::<&str, (f64, f64)>::new();
    let (mut answered, mut right, mut all) = (0.0, 0.0, 0.0);
    for turn in session["turns"].as_array().unwrap() {
        let (start, end) = (
            turn["start"].as_f64().unwrap(),
            turn["end"].as_f64().unwrap(),
        );
        let overlap = |t: &Truth| t.end_s.min(end) - t.start_s.max(start);
        let most = truth
            .iter()
            .max_by(|a, b| overlap(a).total_cmp(&overlap(b)));
        let Some(most) = most.filter(|t| overlap(t) > 0.0) else {
            continue;
        };
        let hit = f64::from(turn["label"].as_str() == Some(most.label.as_str()));
        let class = per_class.entry(&most.label).or_default();
        class.0 += hit;
        class.1 += 1.0;
        all += 1.0;
        if turn["abstained"].is_null() {
            answered += 1.0;
            right += hit;
        }
    }
    let recalls: f64 = per_class.values().map(|(hits, count)| hits / count).sum();
    (
        recalls / per_class.len() as f64,
        answered / all,
        right / answered,
    )
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
#[ignore = "needs the corpora, and takes a minute: SER_SHARED=DIR"]
fn an_hour_of_two_voices_is_answered_within_a_minute_and_little_memory() {
    let kept = std::env::var_os("SER_HOUR").map(PathBuf::from);
    let temporary = tempfile::tempdir().unwrap();
    let folder = kept.as_deref().unwrap_or(temporary.path());
    std::fs::create_dir_all(folder).unwrap();
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (scene, truth) = conversation(["03", "04"], 3600.0);
    write_wav(Path::new(&file("hour.wav")), &scene.samples);
    let rttm: String = truth
        .iter()
        .map(|t| {
            let length = t.end_s - t.start_s;
            format!(
                "SPEAKER hour 1 {:.3} {length:.3} <NA> <NA> {} <NA> <NA>\n",
                t.start_s, t.speaker
            )
        })
        .collect();
    std::fs::write(file("truth.rttm"), rttm).unwrap();
    let table: String = truth
        .iter()
        .map(|t| {
            format!(
                "hour.wav,{},{},{},{}\n",
                t.start_s, t.end_s, t.speaker, t.label
            )
        })
        .collect();
    std::fs::write(
        file("truth.csv"),
        "file,start,end,speaker,label\n".to_owned() + &table,
    )
    .unwrap();

    let wav = file("hour.wav");
    let rttm = file("truth.rttm");
    for (name, more) in [
        ("turns", vec![]),
        ("adapted", vec!["--adapt"]),
        ("segments", vec!["--segments", &rttm]),
    ] {
        let out = file(&format!("{name}.json"));
        let mut arguments = vec!["classify", &wav, "-o", &out, "--threads", "1", "--quiet"];
        arguments.extend(more);
        let (seconds, mib) = measured(&arguments);
        let session = read(Path::new(&out));
        let turns = session["turns"].as_array().unwrap();
        let spans = turns.iter().map(|turn| {
            (
                turn["start"].as_f64().unwrap(),
                turn["end"].as_f64().unwrap(),
            )
        });
        let found = f1(&hops(spans, scene.speech.len()), &scene.speech);
        let (uar, answered, right) = scored(&session, &truth);
        println!(
            "{name}: {} turns of {}, F1 {found:.3}, UAR {uar:.3}, answered {answered:.2} of which right {right:.2}, {seconds:.1} s of one core, {mib:.0} MiB",
            turns.len(),
            truth.len()
        );
        assert!(found >= 0.93, "{found}");
        assert!(uar >= 0.35, "{uar}: hardly better than chance");
        assert!(seconds < 60.0, "{seconds}");
        assert!(mib < 200.0, "{mib}");
    }
}
