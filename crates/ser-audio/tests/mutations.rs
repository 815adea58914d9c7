//! Damaged recordings of every format end in samples or in an error. Many more: `SER_MUTATIONS=1000000 cargo test --release -p ser-audio --test mutations`.

#[path = "../../../tests/mutate/mod.rs"]
mod mutate;

use std::io::Cursor;
use std::path::Path;

use ser_audio::{DecodingSettings, Recording};

/// The recordings of tests/signal, and the plain formats around the same samples.
fn files() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/signal");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension != "md"))
        .collect();
    paths.sort();
    assert!(paths.len() > 10);
    let mut files: Vec<Vec<u8>> = paths
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    let samples: Vec<i16> = (0..1000)
        .map(|n: i32| (n * 577 % 20_000 - 10_000) as i16)
        .collect();
    let little: Vec<u8> = samples.iter().flat_map(|n| n.to_le_bytes()).collect();
    let big: Vec<u8> = samples.iter().flat_map(|n| n.to_be_bytes()).collect();
    let wave = |tag: u16, bits: u16, block: u16| {
        let words = [tag, 1, 16_000, 0, 32_000, 0, block, bits]
            .map(u16::to_le_bytes)
            .concat();
        let length = (little.len() as u32).to_le_bytes();
        [
            b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0",
            &words[..],
            b"LIST\x04\0\0\0INFOdata",
            &length[..],
            &little,
        ]
        .concat()
    };
    files.extend([
        wave(1, 16, 2),
        wave(1, 8, 1),
        wave(1, 24, 3),
        wave(3, 32, 4),
        wave(7, 8, 1),
        wave(0x31, 0, 65),
        wave(0xfffe, 16, 2),
    ]);
    files.push([b"RIFX\0\0\0\0WAVEfmt \0\0\0\x10\0\x01\0\x01\0\0\x3e\x80\0\0\x7d\0\0\x02\0\x10data\0\0\x07\xd0", &big[..]].concat());
    files.push(
        [
            b".snd\0\0\0\x18\xff\xff\xff\xff\0\0\0\x03\0\0\x3e\x80\0\0\0\x01",
            &big[..],
        ]
        .concat(),
    );
    let mut sphere = b"NIST_1A\n   1024\nsample_count -i 1000\nsample_rate -i 16000\nchannel_count -i 1\nsample_n_bytes -i 2\nsample_byte_format -s2 01\nend_head\n".to_vec();
    sphere.resize(1024, b' ');
    files.push([sphere, little].concat());
    files
}

#[test]
fn damaged_recordings_end_in_samples_or_an_error() {
    ser_audio::hush_decoder_panics();
    mutate::each(4000, 1, &files(), |chance, bytes| {
        let settings = DecodingSettings {
            channel: [None, None, Some(1)][chance.below(3)],
            rate: [None, None, Some(16_000), Some(8_000)][chance.below(4)],
        };
        let source = Box::new(Cursor::new(bytes.to_vec()));
        let Ok(mut recording) = Recording::from_reader(source, &settings) else {
            return;
        };
        let mut heard = 0;
        while let Ok(Some(block)) = recording.next_block() {
            assert!(block.iter().all(|sample| sample.is_finite()));
            heard += block.len();
            // A few bytes may stand for hours of silence.
            if heard > 1 << 24 {
                break;
            }
        }
        for warning in recording.warnings() {
            assert!(!warning.to_string().contains('\n'));
        }
    });
}
