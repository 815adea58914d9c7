//! A day of speech: memory that stays flat, live and from a file.
//!
//! Twenty-four hours of the bundled clips, each louder or softer than the one before and after another pause, as fast as they are taken.
//! `cargo test --release --test day -- --ignored --nocapture`; `SER_DAY_HOURS` asks for another number of hours, `TMPDIR` says where 2.8 GB have room.

#![cfg(all(feature = "models", target_os = "linux"))]

mod talk;

use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use talk::{RATE, clip, ser};

/// What may be added from the second hour to the last, MiB: the allocator's own unrest.
const UNREST: f64 = 4.0;

fn hours() -> usize {
    let asked = std::env::var("SER_DAY_HOURS").ok();
    asked.map_or(24, |hours| hours.parse().unwrap())
}

/// Hands over an hour of speech after the other as bytes, in pieces.
fn speak(hours: usize, mut piece: impl FnMut(&[u8]), mut hour_done: impl FnMut(usize)) {
    let clips = ["03a02Wc", "08a04Ff", "13a02Ta", "14a01Na"].map(clip);
    let mut state = 1_u64;
    let mut below = |end: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005);
        state = state.wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % end
    };
    let mut bytes = Vec::new();
    for hour in 1..=hours {
        let mut samples = 0;
        while samples < 3600 * RATE as usize {
            let pause = (400 + below(1600)) as usize * RATE as usize / 1000;
            let gain = 0.3 + 0.7 * below(1000) as f32 / 1000.0;
            let spoken = &clips[below(4) as usize];
            bytes.clear();
            bytes.resize(2 * pause, 0);
            let louder = |x: &i16| ((f32::from(*x) * gain) as i16).to_le_bytes();
            bytes.extend(spoken.iter().flat_map(louder));
            samples += bytes.len() / 2;
            piece(&bytes);
        }
        hour_done(hour);
    }
}

/// A number of kB in what the system says of a process, as MiB.
fn memory(child: &Child, of: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(of))?;
    Some(line.split_whitespace().next()?.parse::<f64>().ok()? / 1024.0)
}

/// Processor time of a process so far, seconds: user and system, fields 14 and 15 of proc(5), in hundredths.
fn processor_s(child: &Child) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).ok()?;
    let mut fields = stat.rsplit(')').next()?.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / 100.0)
}

#[test]
#[ignore = "hears a day: minutes"]
fn listening_to_a_day_takes_no_more_memory_than_two_hours() {
    let mut child = ser()
        .args(["listen", "-", "--raw", "s16le:16000:1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut to = BufWriter::new(child.stdin.take().unwrap());
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let reader = std::thread::spawn(move || {
        let (mut turns, mut last) = (0, String::new());
        for line in lines.map(Result::unwrap) {
            turns += u64::from(line.starts_with("{\"event\":\"turn\""));
            last = line;
        }
        (turns, serde_json::from_str::<Value>(&last).unwrap())
    });
    let begun = Instant::now();
    let mut held = Vec::new();
    let mut used_s = 0.0;
    speak(
        hours(),
        |bytes| to.write_all(bytes).unwrap(),
        |_| {
            held.push(memory(&child, "VmRSS:").unwrap());
            used_s = processor_s(&child).unwrap();
        },
    );
    drop(to);
    let (turns, end) = reader.join().unwrap();
    assert!(child.wait().unwrap().success());
    let clock_s = begun.elapsed().as_secs_f64();
    println!(
        "listen: {:.2} h, {turns} turns, {used_s:.0} s of processor time, {clock_s:.0} s on the clock, MiB after each hour {held:.1?}",
        end["length_s"].as_f64().unwrap() / 3600.0
    );
    assert_eq!(end["event"], "summary");
    assert_eq!(end["all"]["turns"].as_u64(), Some(turns));
    assert_eq!(end["overruns"], 0, "a stream that does not wait would lose");
    let second = held[1.min(held.len() - 1)];
    assert!(held.iter().all(|&mib| mib < second + UNREST), "{held:?}");
    assert!(held.iter().all(|&mib| mib < 100.0), "{held:?}");
}

#[test]
#[ignore = "hears a day three times: minutes, and 2.8 GB of disk"]
fn a_day_long_file_is_cut_answered_and_drawn_in_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let wav = path("day.wav");
    write_day(Path::new(&wav));
    let (turns, answers, page) = (path("turns.csv"), path("day.json"), path("day.html"));
    for arguments in [
        &["segment", &wav, "-o", &turns][..],
        &["classify", &wav, "-o", &answers, "-q"],
        &["report", &wav, "-o", &page],
    ] {
        let begun = Instant::now();
        let mut child = ser()
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut most, mut used_s) = (0.0_f64, 0.0_f64);
        while child.try_wait().unwrap().is_none() {
            most = most.max(memory(&child, "VmHWM:").unwrap_or(0.0));
            used_s = used_s.max(processor_s(&child).unwrap_or(0.0));
            std::thread::sleep(Duration::from_millis(50));
        }
        let mut said = String::new();
        let told = child.stdout.take().unwrap().read_to_string(&mut said);
        assert!(told.is_ok() && child.wait().unwrap().success(), "{said}");
        println!(
            "{}: {most:.0} MiB at most, {used_s:.0} s of processor time, {:.0} s on the clock",
            arguments[0],
            begun.elapsed().as_secs_f64()
        );
        // Held until the last is there: what was measured of each turn, a kilobyte, and as much while their list grows.
        let cut = std::fs::read_to_string(&turns).unwrap().lines().count();
        let limit = 30.0 + 2.0 * cut as f64 / 1024.0;
        assert!(most < limit, "{}: {most} MiB", arguments[0]);
    }
    let megabytes = |file: &str| Path::new(file).metadata().unwrap().len() as f64 / 1e6;
    println!("the page has {:.1} MB", megabytes(&page));
    assert!(megabytes(&page) < 15.0);
    let lines = std::fs::read_to_string(&turns).unwrap().lines().count();
    assert!(lines > 500 * hours(), "{lines} turns");
}

/// A day as WAV, written as it is spoken.
fn write_day(path: &Path) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    let samples = |bytes: &[u8]| {
        for sample in bytes.chunks_exact(2) {
            let sample = i16::from_le_bytes([sample[0], sample[1]]);
            writer.write_sample(sample).unwrap();
        }
    };
    speak(hours(), samples, |_| {});
    writer.finalize().unwrap();
}
