//! How well speech is found: F1 of 10 ms hops over clips with known pauses, in quiet and in four backgrounds.
//!
//! Constants of the detector were chosen on every third speaker (`SER_TUNED=1` scores those); what is asserted is measured on the others. With `SER_SCENES` naming a folder the
//! scenes stay there as WAV files with their truth, for other detectors: `tests/detectors.py` scores WebRTC's on them.

mod scene;

use std::path::{Path, PathBuf};

use scene::background::{babble, car, music, pink};
use scene::{Chance, Clip, Scene, close_gaps, corpora, f1, hops, lines, write_wav};
use ser::segment::activity::Activity;
use ser::segment::turn::Segmenter;

/// Length of a scene, seconds.
const LENGTH_S: f64 = 240.0;

/// Every third speaker of a corpus was tuned on.
fn clips(corpus: &str, tuned: bool, every: usize) -> Vec<Clip> {
    let lines = lines(&corpora().join(corpus));
    let mut speakers: Vec<&str> = lines.iter().map(|line| line.speaker.as_str()).collect();
    speakers.sort_unstable();
    speakers.dedup();
    let is_tuned = |speaker: &str| speakers.iter().position(|s| *s == speaker).unwrap() % 3 == 0;
    lines
        .iter()
        .filter(|line| is_tuned(&line.speaker) == tuned)
        .step_by(every)
        .filter_map(|line| Clip::read(&line.file))
        .collect()
}

fn scenes(tuned: bool) -> Vec<(String, Scene)> {
    let mut chance = Chance::new(if tuned { 1 } else { 2 });
    let mut spoken = clips("emodb", tuned, 2);
    spoken.extend(clips("ravdess", tuned, 3));
    let others = clips("crema-d", tuned, 7);
    let scene = Scene::of(&spoken, LENGTH_S, &mut chance);
    let count = scene.samples.len();
    let floor = pink(count, &mut chance);
    // A quiet room rather than digital silence.
    let clean = scene.with(&floor, 60.0);
    let mut found = vec![("clean".to_owned(), clean.clone())];
    let backgrounds = [
        ("pink", pink(count, &mut chance)),
        ("car", car(count, &mut chance)),
        ("babble", babble(&others, count, &mut chance)),
        ("music", music(count, &mut chance)),
    ];
    for (name, background) in &backgrounds {
        for snr_db in [30, 20, 10] {
            found.push((
                format!("{name}-{snr_db}"),
                clean.with(background, f64::from(snr_db)),
            ));
        }
    }
    found
}

/// F1 of the detector, gaps below 0.3 s closed, and of the turns that are made of it.
fn scored(scene: &Scene) -> (Vec<bool>, f64, f64) {
    let mut found = Vec::new();
    let mut activity = Activity::new(scene::RATE_HZ);
    activity.push(&scene.samples, |hop| found.push(hop.speech));
    activity.finish(|hop| found.push(hop.speech));
    assert_eq!(found.len(), scene.speech.len());
    close_gaps(&mut found, 30);
    let mut segmenter = Segmenter::new(scene::RATE_HZ);
    let mut turns = Vec::new();
    segmenter.push(&scene.samples, |turn| {
        turns.push((turn.start_s, turn.end_s))
    });
    segmenter.finish(|turn| turns.push((turn.start_s, turn.end_s)));
    let turns = hops(turns, scene.speech.len());
    let of_turns = f1(&turns, &scene.speech);
    let of_hops = f1(&found, &scene.speech);
    (found, of_hops, of_turns)
}

fn keep(folder: &Path, name: &str, scene: &Scene, found: &[bool]) {
    std::fs::create_dir_all(folder).unwrap();
    write_wav(&folder.join(format!("{name}.wav")), &scene.samples);
    for (hops, extension) in [(scene.speech.as_slice(), "truth"), (found, "found")] {
        let text: String = hops.iter().map(|&x| if x { '1' } else { '0' }).collect();
        std::fs::write(folder.join(format!("{name}.{extension}")), text).unwrap();
    }
}

#[test]
#[ignore = "needs the corpora: SER_SHARED=DIR"]
fn speech_of_speakers_not_tuned_on_is_found_in_quiet_and_noise() {
    let folder = std::env::var_os("SER_SCENES").map(PathBuf::from);
    let tuned = std::env::var_os("SER_TUNED").is_some();
    let mut short = Vec::new();
    for (name, scene) in scenes(tuned) {
        let least = match name.rsplit_once('-').map(|(_, snr)| snr) {
            None => 0.97,
            Some("30" | "20") => 0.93,
            Some(_) => 0.85,
        };
        let (hops, found, turns) = scored(&scene);
        if let Some(folder) = &folder {
            keep(folder, &name, &scene, &hops);
        }
        println!("{name:<10} F1 {found:.3}, at least {least}; of turns {turns:.3}");
        if found < least {
            short.push(name);
        }
    }
    assert!(short.is_empty(), "{short:?}");
}
