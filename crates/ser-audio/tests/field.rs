//! Recordings as the field has them: made here from one signal, and read back sample for sample, or refused by name.

use std::io::Cursor;

use ser_audio::{DecodingSettings, Error, Recording, Warning};

/// 1.9 s at 16 kHz: a voice-like sum of three tones, in 16 bits.
fn base() -> Vec<i16> {
    let tone = |n: usize, hz: f64| (n as f64 / 16_000.0 * hz * std::f64::consts::TAU).sin();
    (0..30_400)
        .map(|n| {
            (6000.0 * tone(n, 120.0) + 3000.0 * tone(n, 480.0) + 900.0 * tone(n, 2500.0)) as i16
        })
        .collect()
}

fn little(samples: &[i16]) -> Vec<u8> {
    samples.iter().flat_map(|n| n.to_le_bytes()).collect()
}

fn big(samples: &[i16]) -> Vec<u8> {
    samples.iter().flat_map(|n| n.to_be_bytes()).collect()
}

fn scaled(samples: &[i16]) -> Vec<f32> {
    samples.iter().map(|&n| f32::from(n) / 32767.0).collect()
}

fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&name[..], &(content.len() as u32).to_le_bytes(), content].concat()
}

fn fmt(tag: u16, channels: u16, bits: u16) -> Vec<u8> {
    let frame = channels * bits / 8;
    let mut content = [tag.to_le_bytes(), channels.to_le_bytes()].concat();
    content.extend(16_000_u32.to_le_bytes());
    content.extend((16_000 * u32::from(frame)).to_le_bytes());
    content.extend([frame.to_le_bytes(), bits.to_le_bytes()].concat());
    chunk(b"fmt ", &content)
}

fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    let content = chunks.concat();
    let length = (4 + content.len() as u32).to_le_bytes();
    [b"RIFF", &length[..], b"WAVE", &content].concat()
}

fn read(bytes: Vec<u8>) -> Result<(Vec<f32>, Vec<Warning>), Error> {
    let mut recording =
        Recording::from_reader(Box::new(Cursor::new(bytes)), &DecodingSettings::default())?;
    let mut samples = Vec::new();
    while let Some(block) = recording.next_block()? {
        samples.extend_from_slice(block);
    }
    Ok((samples, recording.warnings()))
}

#[track_caller]
fn gives(bytes: Vec<u8>, samples: &[f32], warnings: &[Warning]) {
    let (heard, said) = read(bytes).unwrap();
    assert!(
        heard == samples,
        "{} samples of {}",
        heard.len(),
        samples.len()
    );
    assert_eq!(said, warnings);
}

#[test]
fn two_data_chunks() {
    let (x, d) = (base(), little(&base()));
    let two = [
        fmt(1, 1, 16),
        chunk(b"data", &d[..20_000]),
        chunk(b"data", &d[20_000..]),
    ];
    gives(riff(&two), &scaled(&x), &[Warning::SeveralData]);
    let apart = [
        fmt(1, 1, 16),
        chunk(b"data", &d[..20_000]),
        chunk(b"LIST", b"INFO"),
        chunk(b"data", &d[20_000..]),
    ];
    gives(riff(&apart), &scaled(&x), &[Warning::SeveralData]);
}

#[test]
fn two_files_joined_end_to_end() {
    let x = base();
    let one = riff(&[fmt(1, 1, 16), chunk(b"data", &little(&x))]);
    gives(
        [&one[..], &one].concat(),
        &scaled(&[&x[..], &x].concat()),
        &[Warning::Joined],
    );
    let other = riff(&[fmt(1, 2, 16), chunk(b"data", &little(&x))]);
    let bytes = other.len() as u64;
    gives(
        [one, other].concat(),
        &scaled(&x),
        &[Warning::LeftOut { bytes }],
    );
}

#[test]
fn odd_chunk_without_its_padding() {
    let (x, d) = (base(), little(&base()));
    for text in [&b"INFOx"[..], b"INFOxyz", b"INFO "] {
        let file = riff(&[fmt(1, 1, 16), chunk(b"LIST", text), chunk(b"data", &d)]);
        gives(file, &scaled(&x), &[]);
    }
    let lost = riff(&[
        fmt(1, 1, 16),
        vec![1, 2, 3, 250, 5, 6, 7],
        chunk(b"data", &d),
    ]);
    gives(lost, &scaled(&x), &[]);
}

#[test]
fn extensible_without_its_extension() {
    let file = riff(&[fmt(0xfffe, 1, 16), chunk(b"data", &little(&base()))]);
    gives(file, &scaled(&base()), &[Warning::NoExtension { bits: 16 }]);
}

#[test]
fn floats_tagged_as_integers() {
    let x: Vec<f32> = base().iter().map(|&n| f32::from(n) / 32768.0).collect();
    let silence = vec![0.0; 40_000];
    for x in [x.clone(), [silence, x].concat()] {
        let data: Vec<u8> = x.iter().flat_map(|v| v.to_le_bytes()).collect();
        let file = riff(&[fmt(1, 1, 32), chunk(b"data", &data)]);
        gives(file, &x, &[Warning::FloatTaggedAsInteger]);
    }
}

#[test]
fn integers_of_32_bits_stay_integers_at_any_level() {
    for shift in [0, 4, 8, 12, 16] {
        let x: Vec<i32> = base()
            .iter()
            .map(|&n| (i32::from(n) << 16 | 0x1234) >> shift)
            .collect();
        let data: Vec<u8> = x.iter().flat_map(|v| v.to_le_bytes()).collect();
        let expected: Vec<f32> = x.iter().map(|&v| v as f32 / i32::MAX as f32).collect();
        gives(
            riff(&[fmt(1, 1, 32), chunk(b"data", &data)]),
            &expected,
            &[],
        );
    }
}

#[test]
fn big_endian() {
    let x = base();
    let mut file = b"RIFX\0\0\0\0WAVEfmt ".to_vec();
    file.extend([
        0, 0, 0, 16, 0, 1, 0, 1, 0, 0, 0x3e, 0x80, 0, 0, 0x7d, 0, 0, 2, 0, 16,
    ]);
    file.extend(b"data");
    file.extend((2 * x.len() as u32).to_be_bytes());
    file.extend(big(&x));
    let length = (file.len() as u32 - 8).to_be_bytes();
    file[4..8].copy_from_slice(&length);
    gives(file, &scaled(&x), &[]);
}

#[test]
fn sphere() {
    let x = base();
    let head = format!(
        "NIST_1A\n   1024\nsample_count -i {}\nsample_rate -i 16000\nchannel_count -i 1\nsample_n_bytes -i 2\n\
         sample_byte_format -s2 01\nsample_coding -s3 pcm\nend_head\n",
        x.len()
    );
    let mut file = head.into_bytes();
    file.resize(1024, b' ');
    file.extend(little(&x));
    gives(file, &scaled(&x), &[]);
}

#[test]
fn pointers_and_web_pages_are_called_what_they_are() {
    let said = |bytes: &[u8]| read(bytes.to_vec()).unwrap_err().to_string();
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0000\nsize 60788\n";
    assert!(said(pointer).contains("Git LFS pointer") && said(pointer).contains("git lfs pull"));
    assert!(said(b"<!DOCTYPE html><html>").contains("web page"));
    assert!(said(b"https://example.org/a.wav\n").contains("URL"));
}

#[test]
fn cut_off_and_of_unknown_length() {
    let (x, d) = (base(), little(&base()));
    let file = riff(&[fmt(1, 1, 16), chunk(b"data", &d)]);
    let samples = scaled(&x[..(15_001 - 44) / 2]);
    gives(file[..15_001].to_vec(), &samples, &[Warning::EndsEarly]);
    let mut open = file;
    open[4..8].fill(0);
    open[40..44].fill(0);
    gives(open, &scaled(&x), &[]);
}

#[test]
fn implausible_signals() {
    let loud: Vec<u8> = base()
        .iter()
        .flat_map(|&n| f32::from(n).to_le_bytes())
        .collect();
    let (_, said) = read(riff(&[fmt(3, 1, 32), chunk(b"data", &loud)])).unwrap();
    assert!(
        matches!(said[..], [Warning::BeyondFullScale { peak }] if peak > 5000.0),
        "{said:?}"
    );
    let stereo = |right: fn(i16) -> i16| {
        let frames: Vec<i16> = base().iter().flat_map(|&n| [n, right(n)]).collect();
        read(riff(&[fmt(1, 2, 16), chunk(b"data", &little(&frames))]))
            .unwrap()
            .1
    };
    assert!(matches!(stereo(|n| -n)[..], [Warning::Cancelled { .. }]));
    assert_eq!(stereo(|n| n / 2), []);
    assert_eq!(stereo(|_| 0), []);
}

/// ADPCM of sox, whose last block is filled up with 250 samples: those are left out, and so is a second `data` chunk, with a word.
#[test]
fn adpcm_ends_where_its_fact_chunk_says() {
    let one = std::fs::read("../../tests/signal/sweep-ima.wav").unwrap();
    let (whole, said) = read(one.clone()).unwrap();
    assert_eq!((whole.len(), said), (4800, vec![]));
    let fact = one.windows(4).position(|name| name == b"fact").unwrap() + 8;
    let with_fact = |samples: u32| {
        let mut file = one.clone();
        file[fact..fact + 4].copy_from_slice(&samples.to_le_bytes());
        read(file).unwrap().0.len()
    };
    let full = with_fact(0);
    assert!(full > 4800);
    // Not believed beyond the blocks, nor where more than the last block would be lost.
    assert_eq!([100_000, 300].map(with_fact), [full, full]);
    let data = one.windows(4).position(|name| name == b"data").unwrap();
    let (_, said) = read([&one[..], &one[data..]].concat()).unwrap();
    let bytes = (one.len() - data) as u64;
    assert_eq!(said, [Warning::LeftOut { bytes }]);
}

/// 140 minutes of silence in a file that takes no room: read block by block, refused as a whole.
#[test]
fn a_recording_as_a_whole_has_a_limit() {
    let mut head = riff(&[fmt(1, 1, 8), chunk(b"data", &[])]);
    let at = head.len() - 4;
    head[at..].fill(0xff);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &head).unwrap();
    file.as_file().set_len((1 << 27) + 50_000).unwrap();
    let mut recording = Recording::open(file.path(), &DecodingSettings::default()).unwrap();
    let error = recording.read_to_end().unwrap_err();
    assert!(
        error.to_string().starts_with("is longer than 140 min"),
        "{error}"
    );
    assert!(recording.next_block().unwrap().is_none());
}

/// A recorder or a copy that is at work.
#[test]
fn a_file_that_is_still_being_written_is_named() {
    use std::io::Write;
    let samples = base();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("growing.wav");
    let mut bytes = riff(&[fmt(1, 1, 16), chunk(b"data", &little(&samples))]);
    bytes[4..8].fill(0xff);
    bytes[40..44].fill(0xff);
    std::fs::write(&path, &bytes).unwrap();
    let open = || Recording::open(&path, &DecodingSettings::default()).unwrap();
    let ended = |mut recording: Recording| {
        while recording.next_block().unwrap().is_some() {}
        recording.warnings()
    };
    assert_eq!(ended(open()), []);
    let mut reading = open();
    assert!(reading.next_block().unwrap().is_some());
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .unwrap();
    file.write_all(&little(&samples)).unwrap();
    assert_eq!(ended(reading), [Warning::Changed]);
    // One that shrinks.
    let mut reading = open();
    assert!(reading.next_block().unwrap().is_some());
    file.set_len(1000).unwrap();
    assert!(ended(reading).contains(&Warning::Changed));
}
