//! The offset of a recording taken off while its samples arrive.
//!
//! ```text
//! y_n = x_n − x_{n−1} + ρ·y_{n−1},   ρ = exp(−2π · 10 Hz / rate)
//! ```
//!
//! A zero at 0 Hz and a pole beside it: 3 dB down at 10 Hz, 0.03 dB at 120 Hz. Before the first sample the recording counts as constant, so
//! a mere offset gives silence from the first sample on. State in `f64`.

/// Corner frequency in Hz.
const CORNER_HZ: f64 = 10.0;

/// The filter's memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offset {
    pole: f64,
    /// Last input and output.
    last: Option<(f64, f64)>,
}

impl Offset {
    /// Plans for one rate.
    pub fn new(rate_hz: u32) -> Self {
        Self {
            pole: libm::exp(-std::f64::consts::TAU * CORNER_HZ / f64::from(rate_hz)),
            last: None,
        }
    }

    /// Appends the samples without their offset to `out`.
    pub fn process(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        let Some(&first) = samples.first() else {
            return;
        };
        let (mut x, mut y) = self.last.unwrap_or((f64::from(first), 0.0));
        out.extend(samples.iter().map(|&sample| {
            let now = f64::from(sample);
            y = now - x + self.pole * y;
            x = now;
            y as f32
        }));
        self.last = Some((x, y));
    }

    /// Forgets the recording.
    pub fn reset(&mut self) {
        self.last = None;
    }
}

#[test]
fn an_offset_is_silence_and_a_voice_is_left_alone() {
    let mut offset = Offset::new(16_000);
    let mut out = Vec::new();
    offset.process(&[0.25; 100], &mut out);
    assert_eq!(out, [0.0; 100]);
    offset.reset();
    out.clear();
    let sine = |n: usize| (std::f32::consts::TAU * 120.0 * n as f32 / 16_000.0).sin();
    let samples: Vec<f32> = (0..16_000).map(|n| 0.5 + sine(n)).collect();
    samples
        .chunks(77)
        .for_each(|block| offset.process(block, &mut out));
    let power = |x: &[f32]| x.iter().map(|x| x * x).sum::<f32>() / x.len() as f32;
    assert!((power(&out[8000..]) / 0.5 - 1.0).abs() < 0.01);
}
