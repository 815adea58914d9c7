//! Opus beside the reference decoder: what is decoded here of speech at bitrates from 8 to 128 kbit/s, frames from 2.5 to 60 ms, mono and stereo, is what
//! libopus decodes.
//!
//! Ignored, since it needs `opusenc` and `opusdec` (Debian: opus-tools): `cargo test --release --test opus reference -- --ignored --nocapture`.
//!
//! The test vectors of RFC 8251 are 12 files of packets and what the reference decoder makes of each, as stereo and with `m` in its name:
//!
//! ```text
//! curl -O https://opus-codec.org/docs/opus_testvectors-rfc8251.tar.gz && tar xf opus_testvectors-rfc8251.tar.gz
//! OPUS_VECTORS=opus_newvectors cargo test --release --test opus vectors -- --ignored --nocapture
//! ```

mod talk;
mod vectors;

use std::path::Path;
use std::process::Command;

use ser::audio::{DecodingSettings, Recording};
use talk::{clip, write};

fn run(program: &str, arguments: &[&str]) {
    let done = Command::new(program).args(arguments).output();
    let done = done.unwrap_or_else(|error| panic!("{program}: {error}"));
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{program}: {errors}");
}

fn samples(path: &Path) -> Vec<f32> {
    let mut recording = Recording::open(path, &DecodingSettings::default()).unwrap();
    assert_eq!(recording.rate(), 48_000, "{}", path.display());
    recording.read_to_end().unwrap()
}

/// Signal over difference, dB.
fn agreement_db(theirs: &[f32], ours: &[f32]) -> f64 {
    let power = |of: &mut dyn Iterator<Item = f64>| of.map(|x| x * x).sum::<f64>();
    let signal = power(&mut theirs.iter().map(|&x| f64::from(x)));
    let both = theirs.iter().zip(ours);
    let difference = power(&mut both.map(|(&a, &b)| f64::from(a) - f64::from(b)));
    10.0 * (signal / difference).log10()
}

#[test]
#[ignore = "needs opus-tools"]
fn opus_is_decoded_as_by_the_reference_decoder() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (one, other) = (clip("03a02Wc"), clip("08a04Ff"));
    let stereo = one.iter().zip(&other).flat_map(|(&a, &b)| [a, b]);
    write(&path("1.wav"), &[one.clone(), other.clone()].concat(), 1);
    write(&path("2.wav"), &stereo.collect::<Vec<_>>(), 2);
    let mut worst = f64::INFINITY;
    for channels in ["1", "2"] {
        for (bitrate, frame) in [
            ("8", "60"),
            ("8", "20"),
            ("12", "40"),
            ("16", "20"),
            ("24", "20"),
            ("32", "10"),
            ("32", "60"),
            ("48", "20"),
            ("64", "5"),
            ("64", "20"),
            ("96", "2.5"),
            ("128", "10"),
        ] {
            let wav = path(&format!("{channels}.wav"));
            let (opus, decoded) = (path("x.opus"), path("x.wav"));
            let name = |path: &Path| path.to_str().unwrap().to_owned();
            let (wav, to, back) = (name(&wav), name(&opus), name(&decoded));
            let how = ["--quiet", "--bitrate", bitrate, "--framesize", frame];
            run("opusenc", &[&how[..], &[&wav, &to]].concat());
            run(
                "opusdec",
                &["--quiet", "--float", "--rate", "48000", &to, &back],
            );
            let (theirs, ours) = (samples(&decoded), samples(&opus));
            assert_eq!(theirs.len(), ours.len(), "{channels} × {bitrate}, {frame}");
            let db = agreement_db(&theirs, &ours);
            println!("{channels} channels, {bitrate} kbit/s, {frame} ms: {db:.0} dB");
            let steps = |samples: &[f32]| samples.iter().copied().map(step).collect::<Vec<_>>();
            let quality = vectors::quality(&steps(&theirs), &steps(&ours), 1);
            assert!(quality > 99.0, "{quality}: by the rule of RFC 6716");
            worst = worst.min(db);
        }
    }
    println!("least {worst:.1} dB");
    // A step of 24 bits lies 144 dB below full scale.
    assert!(worst > 120.0, "{worst}");
}

/// A sample in whole steps of 16 bits, as `opus_demo` writes it.
fn step(sample: f32) -> f32 {
    (sample * 32_768.0)
        .round_ties_even()
        .clamp(-32_768.0, 32_767.0)
}

/// What is decoded of a file in such steps, `channels` interleaved.
fn decoded(path: &Path, channels: usize) -> Vec<f32> {
    let of = |channel: usize| {
        let settings = DecodingSettings {
            channel: Some(channel),
            ..DecodingSettings::default()
        };
        let mut recording = Recording::open(path, &settings).unwrap();
        recording.read_to_end().unwrap()
    };
    let planes: Vec<Vec<f32>> = (0..channels).map(of).collect();
    let places = 0..planes[0].len() * channels;
    places
        .map(|n| step(planes[n % channels][n / channels]))
        .collect()
}

/// Samples of a `.dec` file.
fn little_endian(bytes: &[u8]) -> Vec<f32> {
    let samples = bytes.chunks_exact(2);
    samples
        .map(|x| f32::from(i16::from_le_bytes([x[0], x[1]])))
        .collect()
}

#[test]
#[ignore = "needs the test vectors: OPUS_VECTORS=DIR"]
fn the_test_vectors_of_rfc_8251_are_decoded_as_opus_compare_demands() {
    let folder = std::env::var_os("OPUS_VECTORS").expect("OPUS_VECTORS=DIR");
    let folder = Path::new(&folder);
    let temporary = tempfile::tempdir().unwrap();
    let stream = temporary.path().join("x.opus");
    for number in 1..=12 {
        let read = |name: String| std::fs::read(folder.join(&name)).expect(&name);
        let packets = vectors::packets(&read(format!("testvector{number:02}.bit")));
        for channels in [2, 1] {
            std::fs::write(&stream, vectors::ogg(&packets, channels as u8)).unwrap();
            let ours = decoded(&stream, channels);
            // One of the two references is enough.
            let qualities = ["", "m"].map(|which| {
                let both = little_endian(&read(format!("testvector{number:02}{which}.dec")));
                let reference = match channels {
                    1 => both.chunks_exact(2).map(|x| (x[0] + x[1]) / 2.0).collect(),
                    _ => both,
                };
                vectors::quality(&reference, &ours, channels)
            });
            println!("testvector{number:02}, {channels} channels: {qualities:.1?} %");
            assert!(qualities.iter().any(|&quality| quality >= 0.0));
        }
    }
}

#[test]
fn a_vector_goes_through_ogg_and_is_judged() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/signal/sweep.opus");
    let ogg = std::fs::read(&file).unwrap();
    let packets = vectors::unpacked(&ogg);
    assert_eq!(vectors::packets(&vectors::bit(&packets)), packets);
    let folder = tempfile::tempdir().unwrap();
    let stream = folder.path().join("x.opus");
    std::fs::write(&stream, vectors::ogg(&packets, 1)).unwrap();
    let (whole, cut) = (decoded(&stream, 1), decoded(&file, 1));
    // The file leaves out what its head says, and what is behind its end.
    let skip = usize::from(u16::from_le_bytes([ogg[28 + 10], ogg[28 + 11]]));
    assert_eq!(whole[skip..skip + cut.len()], cut);
    assert_eq!(vectors::quality(&whole, &whole, 1), 100.0);
    // What `opus_compare x.dec y.raw` of libopus (in the crate audiopus_sys 0.2.2) says of these, x.dec having all samples twice: "Opus quality metric:
    // 76.3 % (internal weighted error is 0.059523)" of an error of a step in every other sample, "Internal weighted error is 205.163580" without every
    // third sample.
    let with = |heard: fn(usize, f32) -> f32| -> f64 {
        let heard = whole.iter().enumerate().map(|(n, &x)| heard(n, x));
        vectors::quality(&whole, &heard.collect::<Vec<_>>(), 1)
    };
    let percent = |error: f64| 100.0 * (1.0 - 0.5 * error.ln_1p() / 1.13_f64.ln());
    let quiet = with(|n, x| x + (n % 2) as f32);
    assert!((quiet - percent(0.059_523)).abs() < 0.01, "{quiet}");
    let loud = with(|n, x| if n % 3 == 0 { 0.0 } else { x });
    assert!((loud - percent(205.163_58)).abs() < 0.01, "{loud}");
}

/// Decodes packets through Ogg; the number of samples until an error or the end, all of them finite.
fn hear(packets: &[Vec<u8>], channels: u8) -> usize {
    let reader = Box::new(std::io::Cursor::new(vectors::ogg(packets, channels)));
    let Ok(mut recording) = Recording::from_reader(reader, &DecodingSettings::default()) else {
        return 0;
    };
    let mut heard = 0;
    while let Ok(Some(block)) = recording.next_block() {
        assert!(block.iter().all(|x| x.is_finite()));
        heard += block.len();
    }
    heard
}

/// Damaged packets in an undamaged container: a fuzzer's Ogg pages fail their checksum before the decoder sees them. Here even a panic that the
/// guard around decoders would turn into an error fails. `OPUS_MUTATIONS=N` asks for more than 500 streams.
#[test]
fn damaged_packets_give_finite_samples_and_no_panic() {
    static PANICS: std::sync::Mutex<Vec<String>> = std::sync::Mutex::new(Vec::new());
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        // Those of tests are no decoder's.
        let here = |at: &std::panic::Location<'_>| at.file().starts_with("tests");
        if !info.location().is_some_and(here) {
            PANICS.lock().unwrap().push(info.to_string());
        }
        before(info);
    }));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/signal/sweep.opus");
    let good = vectors::unpacked(&std::fs::read(file).unwrap());
    let streams = std::env::var("OPUS_MUTATIONS").map_or(500, |n| n.parse().unwrap());
    // Knuth's linear congruential generator (MMIX), its upper bits.
    let mut state = 5_u64;
    let mut below = move |end: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005);
        state = state.wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % end
    };
    let (mut packets, mut samples) = (0, 0);
    for _ in 0..streams {
        let stream: Vec<Vec<u8>> = (0..1 + below(8))
            .map(|_| {
                let mut packet = good[below(good.len())].clone();
                match below(4) {
                    // Another mode, bandwidth, length of frames or number of channels.
                    0 => packet[0] = below(256) as u8,
                    1 => packet.truncate(1 + below(packet.len())),
                    2 => packet.extend((0..below(600)).map(|_| below(256) as u8)),
                    _ => packet.iter_mut().for_each(|byte| *byte = below(256) as u8),
                }
                for _ in 0..below(4) {
                    let at = below(packet.len());
                    packet[at] = below(256) as u8;
                }
                // A packet of several frames whose number is missing has no length.
                if packet.len() < 2 {
                    packet.push(1);
                }
                packet
            })
            .collect();
        packets += stream.len();
        samples += hear(&stream, 1 + below(2) as u8);
    }
    println!("{packets} packets in {streams} streams, {samples} samples");
    assert!(samples > 0);
    let panics = std::mem::take(&mut *PANICS.lock().unwrap());
    assert!(panics.is_empty(), "{panics:#?}");
}
