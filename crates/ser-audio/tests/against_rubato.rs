//! The resampler against an independent one: rubato's, which reads between the samples of a long filter.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{
    Async, FixedAsync, Resampler as _, SincInterpolationParameters, SincInterpolationType,
    WindowFunction,
};
use ser_audio::Resampler;

/// Sines below nine tenths of the lower Nyquist frequency, for four seconds, heard `later` by a share of a sample.
fn chord(from: u32, to: u32, later: f64) -> Vec<f32> {
    let nyquist = f64::from(from.min(to)) / 2.0;
    let sines = [0.013, 0.11, 0.37, 0.62, 0.89].map(|share| share * nyquist / f64::from(from));
    (0..4 * from)
        .map(|n| {
            let sum: f64 = sines
                .iter()
                .map(|cycles| (std::f64::consts::TAU * cycles * (f64::from(n) + later)).sin())
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

/// Half the taps of rubato's filter: a whole number of samples at both rates of every pair below, so that its delay is one too.
const HALF: usize = 1764;

/// Output samples of every pair below stand at a multiple of this share of an input sample.
const PLACES: usize = 1920;

/// rubato's output without its delay.
fn rubato(input: &[f32], from: u32, to: u32) -> Vec<f64> {
    let input: Vec<f64> = input.iter().map(|&x| x.into()).collect();
    let ratio = f64::from(to) / f64::from(from);
    let mut filter = SincInterpolationParameters::new(2 * HALF, WindowFunction::BlackmanHarris2);
    // As many places between two samples as are needed: what is interpolated is where they were rounded.
    (filter.oversampling_factor, filter.interpolation) = (PLACES, SincInterpolationType::Linear);
    let block = input.len() / 8;
    let mut sinc =
        Async::<f64>::new_sinc(ratio, 1.0, &filter, block, 1, FixedAsync::Input).unwrap();
    let mut output = Vec::new();
    for part in input.chunks_exact(block) {
        let mut room = vec![0.0; sinc.output_frames_max()];
        let frames = room.len();
        let input = InterleavedSlice::new(part, 1, block).unwrap();
        let mut target = InterleavedSlice::new_mut(&mut room, 1, frames).unwrap();
        let (_, made) = sinc.process_into_buffer(&input, &mut target, None).unwrap();
        output.extend_from_slice(&room[..made]);
    }
    // Its first output stands one step behind the first input.
    output.split_off(HALF * to as usize / from as usize - 1)
}

#[test]
fn away_from_the_ends_both_agree_to_a_hundred_decibels() {
    for (from, to) in [
        (44_100, 16_000),
        (48_000, 16_000),
        (16_000, 48_000),
        (11_025, 16_000),
    ] {
        let ours = ours(&chord(from, to, 0.0), from, to);
        // The middle of its filter stands one place beside the middle.
        let theirs = rubato(&chord(from, to, -1.0 / PLACES as f64), from, to);
        let inner = theirs.len() / 4..theirs.len() / 2;
        let energy: f64 = inner.clone().map(|n| theirs[n].powi(2)).sum();
        let difference: f64 = inner
            .clone()
            .map(|n| (f64::from(ours[n]) - theirs[n]).powi(2))
            .sum();
        let decibels = 10.0 * (difference / energy).log10();
        assert!(
            inner.len() > 1000 && decibels < -100.0,
            "{from} to {to} Hz: {decibels} dB"
        );
    }
}
