//! Files as accidents change them: bytes set, bits flipped, lengths made extreme, stretches cut out, doubled or taken from another file. Not guided by
//! coverage, as the targets of `fuzz` are; the same seed gives the same files.

use std::time::{Duration, Instant};

/// Steele, Lea and Flood (2014), SplitMix64.
pub struct Chance(pub u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 if that is 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// A place, half of the time near the start, where headers are.
    fn place(&mut self, length: usize) -> usize {
        let end = if self.below(2) == 0 {
            length.min(256)
        } else {
            length
        };
        self.below(end)
    }
}

/// A file with one to six changes.
pub fn mutated(chance: &mut Chance, files: &[Vec<u8>]) -> Vec<u8> {
    const EXTREMES: [u32; 8] = [0, 1, 0x7f, 0xff, 0x7fff, 0x7fff_ffff, 0x8000_0000, u32::MAX];
    let mut bytes = files[chance.below(files.len())].clone();
    for _ in 0..=chance.below(6) {
        let at = chance.place(bytes.len());
        let end = (at + 1 + chance.below(64)).min(bytes.len());
        let stretch = bytes.get(at..end).unwrap_or_default().to_vec();
        match chance.below(8) {
            0 | 1 => bytes
                .iter_mut()
                .skip(at)
                .take(1)
                .for_each(|b| *b = chance.next() as u8),
            2 => bytes
                .iter_mut()
                .skip(at)
                .take(1)
                .for_each(|b| *b ^= 1 << chance.below(8)),
            3 | 4 => {
                let extreme = EXTREMES[chance.below(EXTREMES.len())];
                let word = if chance.below(2) == 0 {
                    extreme.to_le_bytes()
                } else {
                    extreme.to_be_bytes()
                };
                let width = [1, 2, 4, 4][chance.below(4)];
                let word = if chance.below(2) == 0 {
                    &word[..width]
                } else {
                    &word[4 - width..]
                };
                bytes
                    .iter_mut()
                    .skip(at)
                    .zip(word)
                    .for_each(|(b, new)| *b = *new);
            }
            5 => drop(bytes.drain(at..end.max(at))),
            6 => drop(bytes.splice(at..at, stretch)),
            _ => {
                let other = &files[chance.below(files.len())];
                let from = chance.place(other.len());
                let taken = other.iter().skip(from).take(stretch.len()).copied();
                drop(bytes.splice(at..end.max(at), taken.collect::<Vec<_>>()));
            }
        }
    }
    bytes
}

/// Tries so many mutated files, or as many as SER_MUTATIONS says.
pub fn each(
    most: usize,
    seed: u64,
    files: &[Vec<u8>],
    mut try_one: impl FnMut(&mut Chance, &[u8]),
) {
    let asked = std::env::var("SER_MUTATIONS").ok();
    let count = asked.and_then(|n| n.parse().ok()).unwrap_or(most);
    let mut chance = Chance(seed);
    for number in 0..count {
        let bytes = mutated(&mut chance, files);
        let start = Instant::now();
        try_one(&mut chance, &bytes);
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "mutation {number} of seed {seed} takes long"
        );
    }
    println!("{count} mutations");
}
