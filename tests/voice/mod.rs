//! Voices with planted truth: what the analysis should find is what they were made from.
//!
//! Two kinds. [`steady`] adds up harmonics whose levels follow from a source of −6 dB per octave and a vocal tract of resonances with
//! poles in the *s*-plane, up to 9.5 kHz as a tube has them: exact at any sample rate. [`cycles`] adds up one response per cycle, so that
//! each cycle has its own length and strength.

#![allow(dead_code, reason = "each test crate uses some of it")]

use std::f64::consts::TAU;

/// Formants in Hz with their bandwidths.
pub type Vowel = [(f64, f64); 5];

/// Vowels from close to open, front to back.
pub const VOWELS: [Vowel; 6] = [
    [
        (270.0, 50.0),
        (2290.0, 80.0),
        (3010.0, 120.0),
        (3700.0, 150.0),
        (4500.0, 200.0),
    ],
    [
        (300.0, 60.0),
        (800.0, 80.0),
        (2300.0, 120.0),
        (3400.0, 150.0),
        (4300.0, 200.0),
    ],
    [
        (400.0, 60.0),
        (750.0, 80.0),
        (2400.0, 120.0),
        (3400.0, 150.0),
        (4400.0, 200.0),
    ],
    [
        (500.0, 60.0),
        (1500.0, 80.0),
        (2500.0, 120.0),
        (3500.0, 150.0),
        (4500.0, 200.0),
    ],
    [
        (700.0, 80.0),
        (1200.0, 90.0),
        (2600.0, 120.0),
        (3500.0, 150.0),
        (4400.0, 200.0),
    ],
    [
        (850.0, 80.0),
        (1600.0, 90.0),
        (2700.0, 120.0),
        (3700.0, 150.0),
        (4500.0, 200.0),
    ],
];

/// Formants above 5 kHz, the same for all vowels.
const HIGHER: [(f64, f64); 5] = [
    (5500.0, 250.0),
    (6500.0, 300.0),
    (7500.0, 350.0),
    (8500.0, 400.0),
    (9500.0, 450.0),
];

/// Gain and phase of a vocal tract at a frequency.
pub fn tract(vowel: &Vowel, hz: f64) -> (f64, f64) {
    let (mut gain, mut phase) = (1.0, 0.0);
    for (centre, bandwidth) in vowel.iter().chain(&HIGHER) {
        let half = bandwidth / 2.0;
        // |p|²/((s − p)(s − p*)) with p = −π·B + j2π·F, everything in units of 2π Hz.
        let square = half * half + centre * centre;
        let (re, im) = (square - hz * hz, 2.0 * half * hz);
        gain *= square / re.hypot(im);
        phase -= im.atan2(re);
    }
    (gain, phase)
}

/// A steady vowel of `seconds`, its harmonics below `highest_hz`, at a root mean square of 0.1.
pub fn steady(vowel: &Vowel, f0_hz: f64, seconds: f64, rate: u32, highest_hz: f64) -> Vec<f32> {
    let partials: Vec<(f64, f64, f64)> = (1..)
        .map(|h| f64::from(h) * f0_hz)
        .take_while(|&hz| hz < highest_hz)
        .map(|hz| {
            let (gain, phase) = tract(vowel, hz);
            (hz, gain * f0_hz / hz, phase)
        })
        .collect();
    let power: f64 = partials.iter().map(|p| p.1 * p.1 / 2.0).sum();
    let scale = 0.1 / power.sqrt();
    (0..(seconds * f64::from(rate)) as usize)
        .map(|n| {
            let t = n as f64 / f64::from(rate);
            let x: f64 = partials
                .iter()
                .map(|&(hz, gain, phase)| gain * (TAU * hz * t + phase).cos())
                .sum();
            (scale * x) as f32
        })
        .collect()
}

/// A steady vowel of Rosenberg's glottal pulses (type C, opening for 40 % and closing for 16 % of the cycle), differentiated by the radiation: A. E. Rosenberg
/// (1971), "Effect of glottal pulse shape on the quality of natural vowels", JASA 49, 583–590. At a root mean square of 0.1.
pub fn glottal(vowel: &Vowel, f0_hz: f64, seconds: f64, rate: u32, highest_hz: f64) -> Vec<f32> {
    const POINTS: usize = 2048;
    let flow = |n: usize| {
        let t = (n % POINTS) as f64 / POINTS as f64;
        if t < 0.4 {
            0.5 - 0.5 * (TAU / 2.0 * t / 0.4).cos()
        } else if t < 0.56 {
            (TAU / 4.0 * (t - 0.4) / 0.16).cos()
        } else {
            0.0
        }
    };
    let partials: Vec<(f64, f64, f64)> = (1..)
        .map(|h| (h, h as f64 * f0_hz))
        .take_while(|&(_, hz)| hz < highest_hz)
        .map(|(h, hz): (usize, f64)| {
            let (mut re, mut im) = (0.0, 0.0);
            for n in 0..POINTS {
                let change = flow(n + 1) - flow(n);
                let (sin, cos) = (TAU * (h * n % POINTS) as f64 / POINTS as f64).sin_cos();
                re += change * cos;
                im -= change * sin;
            }
            let (gain, phase) = tract(vowel, hz);
            (hz, gain * re.hypot(im), phase + im.atan2(re))
        })
        .collect();
    let power: f64 = partials.iter().map(|p| p.1 * p.1 / 2.0).sum();
    let scale = 0.1 / power.sqrt();
    (0..(seconds * f64::from(rate)) as usize)
        .map(|n| {
            let t = n as f64 / f64::from(rate);
            let partial =
                |&(hz, gain, phase): &(f64, f64, f64)| gain * (TAU * hz * t + phase).cos();
            (scale * partials.iter().map(partial).sum::<f64>()) as f32
        })
        .collect()
}

/// White noise at a root mean square of 1, normally distributed in good approximation (the sum of twelve).
pub fn white(length: usize, seed: u64) -> Vec<f64> {
    let mut random = Random(seed);
    (0..length)
        .map(|_| (0..12).map(|_| random.unit()).sum::<f64>() - 6.0)
        .collect()
}

/// A whispered vowel: white noise through the resonances, one after the other, at a root mean square of 0.1.
pub fn whisper(vowel: &Vowel, seconds: f64, rate: u32, seed: u64) -> Vec<f32> {
    let mut samples = white((seconds * f64::from(rate)) as usize, seed);
    for &(hz, bandwidth) in vowel {
        // D. H. Klatt (1980), "Software for a cascade/parallel formant synthesizer", JASA 67, 971–995; with an open glottis bandwidths are some four times
        // as large (D. H. Klatt, L. C. Klatt (1990), JASA 87, 820–857).
        let radius = (-2.0 * TAU * bandwidth / f64::from(rate)).exp();
        let (b, c) = (
            2.0 * radius * (TAU * hz / f64::from(rate)).cos(),
            -radius * radius,
        );
        let (mut before, mut last) = (0.0, 0.0);
        for sample in &mut samples {
            let now = (1.0 - b - c) * *sample + b * last + c * before;
            (before, last) = (last, now);
            *sample = now;
        }
    }
    let power: f64 = samples.iter().map(|x| x * x).sum::<f64>() / samples.len() as f64;
    samples
        .iter()
        .map(|x| (0.1 * x / power.sqrt()) as f32)
        .collect()
}

/// One response of the vocal tract per cycle: lengths in seconds, strengths as factors.
pub fn cycles(vowel: &Vowel, cycles: &[(f64, f64)], rate: u32) -> Vec<f32> {
    let rate = f64::from(rate);
    let seconds: f64 = cycles.iter().map(|c| c.0).sum();
    let mut samples = vec![0.0_f64; (seconds * rate) as usize];
    let mut onset = 0.0;
    for &(length, strength) in cycles {
        let first = (onset * rate).ceil() as usize;
        let last = ((onset + 0.040) * rate) as usize;
        for (n, sample) in samples.iter_mut().enumerate().take(last).skip(first) {
            let t = n as f64 / rate - onset;
            for (i, &(hz, bandwidth)) in vowel.iter().take(4).enumerate() {
                let level = strength / (i + 1) as f64;
                let decay = (-std::f64::consts::PI * bandwidth * t).exp();
                // A soft onset, so that a shift by a part of a sample is no step.
                let rise = 1.0 - (-t * 2000.0).exp();
                *sample += level * decay * rise * (TAU * hz * t).sin();
            }
        }
        onset += length;
    }
    let loudest = samples.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    samples.iter().map(|x| (0.5 * x / loudest) as f32).collect()
}

/// Noise between 100 Hz and 5 kHz at a root mean square of 1: lines at random phases, 4/`seconds` apart.
pub fn noise(seconds: f64, rate: u32, seed: u64) -> Vec<f32> {
    let mut random = Random(seed);
    let lines = ((100.0 * seconds) as usize..(5000.0 * seconds) as usize).step_by(4);
    let count = lines.len() as f64;
    let length = (seconds * f64::from(rate)) as usize;
    let mut samples = vec![0.0_f64; length];
    for k in lines {
        // A rotating pointer per line: exact to 1e-12 over a second, and quicker than cosines.
        let (mut im, mut re) = (TAU * random.unit()).sin_cos();
        let (turn_im, turn_re) = (TAU * k as f64 / (seconds * f64::from(rate))).sin_cos();
        for sample in &mut samples {
            *sample += re;
            (re, im) = (re * turn_re - im * turn_im, re * turn_im + im * turn_re);
        }
    }
    let scale = (2.0 / count).sqrt();
    samples.iter().map(|x| (scale * x) as f32).collect()
}

/// D. E. Knuth's linear congruence, its upper bits.
pub struct Random(pub u64);

impl Random {
    /// Uniform in 0 … 1.
    pub fn unit(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in −1 … 1.
    pub fn around_zero(&mut self) -> f64 {
        2.0 * self.unit() - 1.0
    }
}
