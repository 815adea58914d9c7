//! A study of made-up voices with the corpora of Das et al. (2021): IEMOCAP, SAVEE, Emo-DB and CaFE as they are distributed, with recordings that
//! nobody spoke. IEMOCAP cannot be passed on; with these the whole of `paper.toml` runs anywhere, at full size or smaller.
//!
//! ```sh
//! cargo run --release --example made_up_study -- made-up/            # 10 039 turns of IEMOCAP and 2116 other recordings, some 290 MB
//! cargo run --release --example made_up_study -- made-up/ 0.05       # a twentieth of IEMOCAP
//! ser corpus prepare iemocap savee emodb cafe --root made-up/ --labels four --features -o made-up/data
//! ser evaluate paper.toml made-up/data --train iemocap --transfer savee,emodb,cafe -o made-up.json
//! ser report made-up.json -o made-up-report/
//! ```
//!
//! Each recording is a vowel-like sound: glottal pulses through a tilted source and four resonances. Activation raises pitch, level and treble, valence
//! the formants; each speaker has a voice, each language its own weights for what activation does. Numbers of such a study say nothing of
//! people; they show that every table, figure and sentence of a study comes out.

#![allow(dead_code, reason = "tests use the library part")]

use std::collections::BTreeMap;
use std::f64::consts::{PI, TAU};
use std::io;
use std::path::Path;

/// IEMOCAP's labels with their numbers of turns, activation and valence.
const TURNS: [(&str, usize, f64, f64); 11] = [
    ("neu", 1708, -0.3, 0.0),
    ("ang", 1103, 0.9, -0.6),
    ("sad", 1084, -0.7, -0.4),
    ("hap", 595, 0.3, 0.6),
    ("exc", 1041, 0.6, 0.7),
    ("fru", 1849, 0.3, -0.5),
    ("fea", 40, 0.4, -0.5),
    ("dis", 2, 0.0, -0.6),
    ("oth", 3, 0.0, 0.0),
    ("sur", 107, 0.5, 0.2),
    ("xxx", 2507, 0.0, 0.0),
];

/// Turns of the women and the men of each session.
const SESSIONS: [(usize, usize); 5] = [
    (873, 946),
    (859, 952),
    (1048, 1088),
    (987, 1116),
    (1033, 1137),
];

/// D. E. Knuth's linear congruence, its upper bits.
struct Random(u64);

impl Random {
    /// Uniform in 0 … 1.
    fn unit(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// About 0, nearly normal, of variance 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

/// What a language's speakers do with activation: octaves of pitch, decibels, treble, and what valence does to the formants.
#[derive(Clone, Copy)]
struct Language {
    pitch: f64,
    level_db: f64,
    treble: f64,
    formants: f64,
}

const ENGLISH: Language = Language {
    pitch: 0.45,
    level_db: 9.0,
    treble: 0.8,
    formants: 0.06,
};
const GERMAN: Language = Language {
    pitch: 0.7,
    level_db: 5.0,
    treble: 0.3,
    formants: -0.08,
};
const FRENCH: Language = Language {
    pitch: 0.2,
    level_db: 12.0,
    treble: 0.4,
    formants: -0.05,
};

/// Somebody who does not exist.
struct Speaker {
    f0_hz: f64,
    /// Length of the vocal tract against 17 cm, inverted.
    size: f64,
    level_db: f64,
    language: Language,
}

impl Speaker {
    fn new(woman: bool, language: Language, random: &mut Random) -> Speaker {
        Speaker {
            f0_hz: if woman { 205.0 } else { 120.0 } * 2.0_f64.powf(0.12 * random.normal()),
            size: if woman { 1.15 } else { 1.0 } * (1.0 + 0.03 * random.normal()),
            level_db: 2.0 * random.normal(),
            language,
        }
    }

    /// A recording: 16 bit samples.
    fn say(&self, activation: f64, valence: f64, rate: u32, random: &mut Random) -> Vec<i16> {
        let hz = f64::from(rate);
        let felt = activation + 0.25 * random.normal();
        let tone = valence + 0.3 * random.normal();
        let voiced = (hz * (0.45 + 0.2 * random.unit() - 0.05 * felt)) as usize;
        let pause = (hz * 0.06) as usize;
        let base = self.f0_hz * 2.0_f64.powf(self.language.pitch * felt + 0.05 * random.normal());
        let treble = 1.0 + self.language.treble * felt + 0.1 * random.normal();
        let shift = self.size * (1.0 + self.language.formants * tone);
        let vowel: Vec<(f64, f64)> = [
            (560.0, 70.0),
            (1480.0, 90.0),
            (2520.0, 130.0),
            (3450.0, 180.0),
        ]
        .map(|(centre, width)| (centre * shift * (1.0 + 0.02 * random.normal()), width))
        .to_vec();
        let mut samples = vec![0.0; voiced + 2 * pause];
        let mut phase = 1.0;
        let (mut low, mut lower) = (0.0, 0.0);
        // The source falls by 6 dB per octave above this.
        let corner = 1.0 - (-TAU * 250.0 * treble.clamp(0.3, 3.0) / hz).exp();
        for (at, sample) in samples.iter_mut().enumerate().skip(pause).take(voiced) {
            let place = (at - pause) as f64 / voiced as f64;
            let melody =
                1.0 + 0.12 * (0.4 + 0.4 * felt.abs()) * (TAU * 1.5 * place).sin() - 0.08 * place;
            phase += base * melody / hz * (1.0 + 0.01 * random.normal());
            let pulse = if phase >= 1.0 {
                phase -= 1.0;
                1.0 + 0.06 * random.normal()
            } else {
                0.0
            };
            let edge = (PI * place).sin().min(0.25) * 4.0;
            low += corner * (pulse * edge - low);
            lower += 0.5 * (low - lower);
            *sample = lower + 0.0008 * random.normal();
        }
        for (centre, width) in vowel {
            // A two-pole resonance.
            let radius = (-PI * width / hz).exp();
            let (a, b) = (2.0 * radius * (TAU * centre / hz).cos(), -radius * radius);
            let (mut one, mut two) = (0.0, 0.0);
            for sample in &mut samples {
                let out = *sample * (1.0 - a - b) + a * one + b * two;
                (two, one) = (one, out);
                *sample = out;
            }
        }
        let power = samples.iter().map(|x| x * x).sum::<f64>() / samples.len() as f64;
        let level = -26.0 + self.level_db + self.language.level_db * felt + random.normal();
        let scale = 10.0_f64.powf(level / 20.0) / power.sqrt().max(1e-12);
        let sample =
            |x: f64| ((scale * x).clamp(-0.99, 0.99) * 32767.0 + 0.6 * random_bit(x)) as i16;
        samples.into_iter().map(sample).collect()
    }
}

/// Half a step up or down by the last bits of a number: the hiss of a recording.
fn random_bit(x: f64) -> f64 {
    if x.to_bits().count_ones().is_multiple_of(2) {
        1.0
    } else {
        -1.0
    }
}

fn write(path: &Path, rate: u32, samples: &[i16]) -> io::Result<()> {
    let header = hound::WavSpec {
        channels: 1,
        sample_rate: rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut writer = hound::WavWriter::create(path, header).map_err(io::Error::other)?;
    for &sample in samples {
        writer.write_sample(sample).map_err(io::Error::other)?;
    }
    writer.finalize().map_err(io::Error::other)
}

/// Makes all four corpora below a folder; IEMOCAP at a share of its turns.
pub fn make(root: &Path, scale: f64) -> io::Result<()> {
    iemocap(root, scale)?;
    savee(root)?;
    emodb(root)?;
    cafe(root)
}

/// The labels of so many turns in the published shares, mixed.
fn labels(count: usize, random: &mut Random) -> Vec<usize> {
    let all: usize = TURNS.iter().map(|turn| turn.1).sum();
    // Each turn takes the label that is furthest behind its share.
    let mut given = [0_usize; TURNS.len()];
    let mut labels: Vec<usize> = (1..=count)
        .map(|so_far| {
            let behind =
                |label: usize| (TURNS[label].1 * so_far) as f64 / all as f64 - given[label] as f64;
            let next = (0..TURNS.len())
                .max_by(|&a, &b| behind(a).total_cmp(&behind(b)))
                .unwrap_or(0);
            given[next] += 1;
            next
        })
        .collect();
    for at in (1..labels.len()).rev() {
        labels.swap(at, (random.unit() * (at + 1) as f64) as usize);
    }
    labels
}

fn iemocap(root: &Path, scale: f64) -> io::Result<()> {
    let mut random = Random(1);
    let count = |turns: usize| ((turns as f64 * scale).round() as usize).max(8);
    let all: usize = SESSIONS.iter().map(|s| count(s.0) + count(s.1)).sum();
    let mut labels = labels(all, &mut random).into_iter();
    let mut of_kind = [0_usize; TURNS.len()];
    for (session, turns) in SESSIONS.iter().enumerate() {
        let base = root.join(format!(
            "IEMOCAP/IEMOCAP_full_release/Session{}",
            session + 1
        ));
        let mut documents: BTreeMap<String, String> = BTreeMap::new();
        for (gender, count) in [('F', count(turns.0)), ('M', count(turns.1))] {
            let speaker = Speaker::new(gender == 'F', ENGLISH, &mut random);
            for at in 0..count {
                let markers = ["F", "M"][at % 2];
                let dialog = format!("Ses0{}{markers}_impro0{}", session + 1, at / 2 % 7 + 1);
                let turn = format!("{dialog}_{gender}{:03}", at / 14);
                let label = labels.next().unwrap_or(0);
                of_kind[label] += 1;
                let (name, _, activation, valence) = TURNS[label];
                let rated = |value: f64, random: &mut Random| {
                    // The mean of two raters, on a scale of five.
                    let heard = 3.0 + 1.4 * value + 0.5 * random.normal();
                    (2.0 * heard).round().clamp(2.0, 10.0) / 2.0
                };
                let (a, v) = (rated(activation, &mut random), rated(valence, &mut random));
                let document = documents.entry(dialog.clone()).or_insert_with(|| {
                    "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n".into()
                });
                *document += &format!(
                    "[6.2901 - 8.2357]\t{turn}\t{name}\t[{v:.4}, {a:.4}, 2.5000]\nC-E2:\tNeutral;\t()\nA-E3:\tval 3; act 2; dom  ;\t()\n\n"
                );
                let samples = speaker.say(activation, valence, 16_000, &mut random);
                let file = base.join(format!("sentences/wav/{dialog}/{turn}.wav"));
                write(&file, 16_000, &samples)?;
            }
        }
        let folder = base.join("dialog/EmoEvaluation");
        std::fs::create_dir_all(&folder)?;
        for (dialog, document) in documents {
            std::fs::write(folder.join(format!("{dialog}.txt")), document)?;
        }
    }
    Ok(())
}

/// Anger, happiness, neutral, sadness and the others, by the letters of a corpus, with activation and valence.
type Emotions<'a> = &'a [(&'a str, f64, f64)];

fn savee(root: &Path) -> io::Result<()> {
    let mut random = Random(2);
    let emotions: Emotions<'_> = &[
        ("a", 0.9, -0.6),
        ("d", 0.1, -0.6),
        ("f", 0.4, -0.5),
        ("h", 0.4, 0.6),
        ("n", -0.3, 0.0),
        ("sa", -0.7, -0.4),
        ("su", 0.5, 0.2),
    ];
    for name in ["DC", "JE", "JK", "KL"] {
        let speaker = Speaker::new(false, ENGLISH, &mut random);
        for &(letter, activation, valence) in emotions {
            for text in 1..=if letter == "n" { 30 } else { 15 } {
                let file = root.join(format!("SAVEE/AudioData/{name}/{letter}{text:02}.wav"));
                let samples = speaker.say(activation, valence, 44_100, &mut random);
                write(&file, 44_100, &samples)?;
            }
        }
    }
    Ok(())
}

fn emodb(root: &Path) -> io::Result<()> {
    let mut random = Random(3);
    let emotions: Emotions<'_> = &[
        ("W", 0.9, -0.6),
        ("L", -0.6, 0.0),
        ("E", 0.1, -0.6),
        ("A", 0.4, -0.5),
        ("F", 0.5, 0.6),
        ("T", -0.7, -0.4),
        ("N", -0.3, 0.0),
    ];
    let texts = [
        "a01", "a02", "a04", "a05", "a07", "b01", "b02", "b03", "b09", "b10",
    ];
    for name in ["03", "08", "09", "10", "11", "12", "13", "14", "15", "16"] {
        let woman = ["08", "09", "13", "14", "16"].contains(&name);
        let speaker = Speaker::new(woman, GERMAN, &mut random);
        for text in texts {
            for &(letter, activation, valence) in emotions {
                let samples = speaker.say(activation, valence, 16_000, &mut random);
                write(
                    &root.join(format!("emodb/{name}{text}{letter}a.wav")),
                    16_000,
                    &samples,
                )?;
            }
        }
    }
    Ok(())
}

fn cafe(root: &Path) -> io::Result<()> {
    let mut random = Random(4);
    let emotions: Emotions<'_> = &[
        ("C", 0.9, -0.6),
        ("D", 0.1, -0.6),
        ("J", 0.4, 0.6),
        ("N", -0.3, 0.0),
        ("P", 0.4, -0.5),
        ("S", 0.5, 0.2),
        ("T", -0.7, -0.4),
    ];
    for name in 1..=12 {
        let speaker = Speaker::new(name % 2 == 0, FRENCH, &mut random);
        for &(letter, activation, valence) in emotions {
            for intensity in 1..=2 {
                // Neutral has one intensity.
                if letter == "N" && intensity == 2 {
                    continue;
                }
                let strength = f64::from(intensity) * 0.4 + 0.4;
                for text in 1..=6 {
                    let samples = speaker.say(strength * activation, valence, 48_000, &mut random);
                    let file = format!("CaFE/CaFE_48k/{name:02}-{letter}-{intensity}-{text}.wav");
                    write(&root.join(file), 48_000, &samples)?;
                }
            }
        }
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(root), scale) = (arguments.next(), arguments.next()) else {
        return Err(io::Error::other(
            "usage: made_up_study FOLDER [SHARE OF IEMOCAP'S TURNS]",
        ));
    };
    let scale = scale.map_or(Ok(1.0), |scale| scale.parse::<f64>());
    let scale = scale.map_err(io::Error::other)?;
    make(Path::new(&root), scale)
}
