//! Contours for the page: pitch, loudness and formants of a recording, small enough for thousands of them.
//!
//! A contour is thinned to a few dozen points and each value packed into a byte: pitch by quarter tones above 27.5 Hz (0: unvoiced), loudness in
//! 255ths of the recording's loudest frame, formants by 20 Hz (0: none). That is a sketch to look at; the numbers are in `ser extract --level lld`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

/// Lines through the time of one recording, all of one length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contours {
    /// The recording, an index into the evaluation's rows.
    pub row: usize,
    /// Time between values, in seconds.
    pub hop_s: f64,
    /// F0 in Hz; 0 where unvoiced.
    pub pitch_hz: Vec<f32>,
    /// Loudness, as eGeMAPS has it (no unit).
    pub loudness: Vec<f32>,
    /// The first three formants' frequencies in Hz; 0 where there is none.
    pub formants_hz: [Vec<f32>; 3],
}

/// The same for the page, of all recordings.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Packed {
    /// Which recordings.
    row: Vec<usize>,
    /// How many points each has.
    points: Vec<usize>,
    /// Time between a recording's points, in milliseconds.
    hop_ms: Vec<f64>,
    /// Its loudest value.
    loudest: Vec<f64>,
    /// Bytes of pitch, loudness, three formants, one after the other, recording after recording, as base64.
    data: String,
}

/// Packs to at most `points` points each.
pub(crate) fn pack(contours: &[Contours], points: usize) -> Packed {
    let mut packed = Packed::default();
    let mut bytes = Vec::new();
    for contour in contours {
        let frames = contour.pitch_hz.len();
        let every = frames.div_ceil(points.max(1)).max(1);
        let loudest = contour.loudness.iter().copied().fold(0.0, f32::max);
        // The middle frame of a stretch: a mean would smear voiced into unvoiced.
        let mut put = |values: &[f32], byte: &dyn Fn(f32) -> f32| {
            bytes.extend((0..frames).step_by(every).map(|start| {
                let at = (start + every / 2).min(frames - 1);
                match values.get(at).copied() {
                    Some(value) if value > 0.0 => byte(value).round().clamp(1.0, 255.0) as u8,
                    _ => 0,
                }
            }));
        };
        put(&contour.pitch_hz, &|hz| 48.0 * (hz / 27.5).log2());
        put(&contour.loudness, &|v| 255.0 * v / loudest);
        for formant in &contour.formants_hz {
            put(formant, &|hz| hz / 20.0);
        }
        packed.row.push(contour.row);
        packed.points.push(frames.div_ceil(every));
        packed
            .hop_ms
            .push((contour.hop_s * every as f64 * 1e6).round() / 1e3);
        packed
            .loudest
            .push((f64::from(loudest) * 1e3).round() / 1e3);
    }
    packed.data = STANDARD.encode(bytes);
    packed
}

#[test]
fn a_packed_contour_has_few_points_and_keeps_unvoiced_apart() {
    let contours = Contours {
        row: 3,
        hop_s: 0.01,
        pitch_hz: (0..200)
            .map(|i| if i < 100 { 0.0 } else { 220.0 })
            .collect(),
        loudness: vec![0.5; 200],
        formants_hz: [vec![500.0; 200], vec![1500.0; 200], vec![2500.0; 200]],
    };
    let packed = pack(&[contours], 50);
    let bytes = STANDARD.decode(&packed.data).unwrap();
    assert_eq!((bytes.len(), packed.hop_ms[0]), (250, 40.0));
    assert_eq!((bytes[0], bytes[49]), (0, 144));
    assert_eq!((bytes[60], bytes[100]), (255, 25));
}

#[test]
fn an_empty_contour_packs_to_nothing() {
    assert_eq!(pack(&[Contours::default()], 50).data, "");
}
