//! The resampler against an independent one: rubato's, which works by Fourier transforms of overlapping blocks.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler as _, WindowFunction};
use ser_audio::Resampler;

/// Sines below nine tenths of the lower Nyquist frequency, for four seconds.
fn chord(from: u32, to: u32) -> Vec<f32> {
    let nyquist = f64::from(from.min(to)) / 2.0;
    let sines = [0.013, 0.11, 0.37, 0.62, 0.89].map(|share| share * nyquist / f64::from(from));
    (0..4 * from)
        .map(|n| {
            let sum: f64 = sines
                .iter()
                .map(|cycles| (std::f64::consts::TAU * cycles * f64::from(n)).sin())
                .sum();
            (0.15 * sum) as f32
        })
        .collect()
}

fn ours(input: &[f32], from: u32, to: u32) -> Vec<f32> {
    let mut output = Vec::new();
    let mut resampler = Resampler::new(from, to).unwrap();
    resampler.push(input, &mut output);
    resampler.finish(&mut output);
    output
}

/// rubato's output without its delay.
fn rubato(input: &[f32], from: u32, to: u32, block: usize) -> Vec<f32> {
    let window = WindowFunction::BlackmanHarris2;
    let (from, to) = (from as usize, to as usize);
    let mut fft = Fft::<f32>::new_custom(from, to, block, 1, 1, window, FixedSync::Both).unwrap();
    let delay = fft.output_delay();
    let length = fft.input_frames_next();
    let mut output = Vec::new();
    for part in input.chunks_exact(length) {
        let mut room = vec![0.0; fft.output_frames_max()];
        let frames = room.len();
        let input = InterleavedSlice::new(part, 1, length).unwrap();
        let mut target = InterleavedSlice::new_mut(&mut room, 1, frames).unwrap();
        let (_, made) = fft.process_into_buffer(&input, &mut target, None).unwrap();
        output.extend_from_slice(&room[..made]);
    }
    output.split_off(delay)
}

#[test]
fn away_from_the_ends_both_agree_to_a_hundred_decibels() {
    for (from, to) in [
        (44_100, 16_000),
        (48_000, 16_000),
        (16_000, 48_000),
        (11_025, 16_000),
    ] {
        let input = chord(from, to);
        let (ours, theirs) = (ours(&input, from, to), rubato(&input, from, to, 4 * 1764));
        let inner = theirs.len() / 4..theirs.len() / 2;
        let energy: f64 = inner.clone().map(|n| f64::from(theirs[n]).powi(2)).sum();
        let difference: f64 = inner
            .clone()
            .map(|n| (f64::from(ours[n]) - f64::from(theirs[n])).powi(2))
            .sum();
        let decibels = 10.0 * (difference / energy).log10();
        assert!(
            inner.len() > 1000 && decibels < -100.0,
            "{from} to {to} Hz: {decibels} dB"
        );
    }
}
