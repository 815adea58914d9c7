//! Several files under one name: copies, damaged copies, or a contradiction.
//!
//! ```text
//! the same bytes, or the same samples          copies: the outermost is used
//! one is damaged, cut off or part of another   the whole one is used
//! anything else                                a contradiction: none is used, for a name does not say which was meant
//! ```
//!
//! Parallel trees are common: a microphone beside a laryngograph, clean speech beside augmented, 16 kHz beside 48 kHz. Samples are compared only where
//! bytes differ.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use super::walk::Found;
use ser_audio::{DecodingSettings, Recording};
use ser_tables::counted;

/// What becomes of one of several files with one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is used.
    Used,
    /// It holds what the file with this number holds.
    CopyOf(usize),
    /// It is damaged, or a part of the file with this number.
    Worse(usize, String),
    /// It holds something else than the file with this number; neither is used.
    Contradicts(usize),
}

/// Compares files that are called alike, the outermost first: a verdict for each.
pub(crate) fn compare(files: &[&Found]) -> Vec<Verdict> {
    let mut verdicts = vec![Verdict::Used; files.len()];
    // One file of each content.
    let mut different: Vec<usize> = Vec::new();
    for at in 0..files.len() {
        match different
            .iter()
            .find(|&&other| same_bytes(files[other], files[at]))
        {
            Some(&other) => verdicts[at] = Verdict::CopyOf(other),
            None => different.push(at),
        }
    }
    if different.len() > 1 {
        let sounds: Vec<Sound> = different
            .iter()
            .map(|&at| Sound::of(&files[at].disk))
            .collect();
        // The best: whole before damaged, then longer; the outermost of equals.
        let rank = |i: &usize| (sounds[*i].flaw.is_none(), sounds[*i].samples.len());
        let mut best = 0;
        for i in 1..different.len() {
            if rank(&i) > rank(&best) {
                best = i;
            }
        }
        let mut contradicted = None;
        for (i, sound) in sounds.iter().enumerate().filter(|(i, _)| *i != best) {
            let of = different[best];
            let is_part = sounds[best].begins_with(sound);
            verdicts[different[i]] = if is_part && sound.samples.len() == sounds[best].samples.len()
            {
                Verdict::CopyOf(of)
            } else if let Some(flaw) = &sound.flaw {
                Verdict::Worse(of, flaw.clone())
            } else if is_part {
                Verdict::Worse(of, "holds only its beginning".into())
            } else {
                contradicted.get_or_insert(different[i]);
                Verdict::Contradicts(of)
            };
        }
        if let Some(other) = contradicted {
            verdicts[different[best]] = Verdict::Contradicts(other);
        }
    }
    // A copy fares as its original does.
    for at in 0..files.len() {
        if let Verdict::CopyOf(of) = verdicts[at]
            && let Verdict::Contradicts(_) | Verdict::Worse(..) = &verdicts[of]
        {
            verdicts[at] = verdicts[of].clone();
        }
    }
    verdicts
}

fn same_bytes(a: &Found, b: &Found) -> bool {
    let open =
        |found: &Found| File::open(&found.disk).map(|file| BufReader::with_capacity(1 << 16, file));
    a.bytes == b.bytes
        && match (open(a), open(b)) {
            (Ok(a), Ok(b)) => same_content(a, b).unwrap_or(false),
            _ => false,
        }
}

fn same_content(mut a: impl Read, mut b: impl Read) -> std::io::Result<bool> {
    let (mut left, mut right) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        let read = fill(&mut a, &mut left)?;
        if fill(&mut b, &mut right)? != read || left[..read] != right[..read] {
            return Ok(false);
        }
        if read == 0 {
            return Ok(true);
        }
    }
}

/// Reads until the buffer is full or nothing comes.
fn fill(from: &mut impl Read, mut buffer: &mut [u8]) -> std::io::Result<usize> {
    let most = buffer.len() as u64;
    std::io::copy(&mut from.take(most), &mut buffer).map(|filled| filled as usize)
}

/// Samples that are compared: a minute at 192 kHz.
const COMPARED: usize = 60 * 192_000;

/// Shorter than one frame of analysis, nothing can be said in it; seconds.
const SHORTEST_S: f64 = 0.06;

/// What is heard in a file, as far as it is compared, and what is wrong with it.
#[derive(Default)]
struct Sound {
    rate: u32,
    samples: Vec<f32>,
    flaw: Option<String>,
}

impl Sound {
    fn of(path: &Path) -> Sound {
        let mut sound = Sound::default();
        let mut read = || -> Result<(), ser_audio::Error> {
            let mut recording = Recording::open(path, &DecodingSettings::default())?;
            sound.rate = recording.rate();
            while let Some(block) = recording.next_block()? {
                sound.samples.extend_from_slice(block);
                if sound.samples.len() >= COMPARED {
                    return Ok(());
                }
            }
            if recording.truncated() {
                sound.flaw = Some("ends before its header says".into());
            }
            Ok(())
        };
        if let Err(error) = read() {
            sound.flaw = Some(error.to_string());
        }
        let least = SHORTEST_S * f64::from(sound.rate);
        if sound.flaw.is_none() && (sound.samples.len() as f64) < least.max(1.0) {
            sound.flaw = Some(format!(
                "holds only {}",
                counted(sound.samples.len(), "sample")
            ));
        }
        sound
    }

    /// Whether another holds its beginning, or all of it.
    fn begins_with(&self, other: &Sound) -> bool {
        self.rate == other.rate && self.samples.starts_with(&other.samples)
    }
}
