//! Signals changed line by line of their spectrum: filters of any gain, and convolution.
//!
//! ```text
//! filtered    y = F⁻¹ (g(f) F x)
//! convolved   y = F⁻¹ (F h · F x), both padded with zeros so that nothing comes round
//! ```

use realfft::RealFftPlanner;
use realfft::num_complex::Complex;

/// A spectrum's line.
type Line = Complex<f64>;

/// Samples with each line of their spectrum multiplied; the gain is asked with the frequency in shares of the rate.
pub(super) fn filtered(samples: &[f64], gain: impl Fn(f64) -> f64) -> Vec<f64> {
    let length = samples.len();
    if length == 0 {
        return Vec::new();
    }
    spectrally(samples.to_vec(), |lines| {
        for (number, line) in lines.iter_mut().enumerate() {
            *line *= gain(number as f64 / length as f64);
        }
    })
}

/// Samples convolved with a response, as long as they were.
pub(super) fn convolved(samples: &[f64], response: &[f64]) -> Vec<f64> {
    let length = (samples.len() + response.len()).next_power_of_two();
    let padded = |signal: &[f64]| {
        let mut padded = signal.to_vec();
        padded.resize(length, 0.0);
        padded
    };
    let mut of_response: Vec<Line> = Vec::new();
    spectrally(padded(response), |lines| of_response = lines.to_vec());
    let mut out = spectrally(padded(samples), |lines| {
        lines
            .iter_mut()
            .zip(&of_response)
            .for_each(|(line, h)| *line *= h)
    });
    out.truncate(samples.len());
    out
}

/// A signal after something was done to its spectrum.
fn spectrally(mut signal: Vec<f64>, change: impl FnOnce(&mut [Line])) -> Vec<f64> {
    let length = signal.len();
    let mut planner = RealFftPlanner::<f64>::new();
    let forward = planner.plan_fft_forward(length);
    let mut lines = forward.make_output_vec();
    forward
        .process(&mut signal, &mut lines)
        .expect("the buffers are the plan's own");
    change(&mut lines);
    // The first line, and the last of an even length, are real; products of rounded numbers may not be, to the last bit.
    lines[0].im = 0.0;
    if length.is_multiple_of(2) {
        lines[length / 2].im = 0.0;
    }
    planner
        .plan_fft_inverse(length)
        .process(&mut lines, &mut signal)
        .expect("the buffers are the plan's own");
    signal.iter_mut().for_each(|x| *x /= length as f64);
    signal
}
