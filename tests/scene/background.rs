//! Backgrounds: pink noise, the inside of a car, babble of eight voices, music.

use super::{Chance, Clip, RATE_HZ};

/// White noise of unit variance, uniform.
fn white(chance: &mut Chance) -> f64 {
    (chance.unit() - 0.5) * 12_f64.sqrt()
}

/// Pink noise: three one-pole filters on white noise (P. Kellet's economy filter, within 0.5 dB of 1/f).
pub fn pink(count: usize, chance: &mut Chance) -> Vec<f32> {
    let mut b = [0.0_f64; 3];
    (0..count)
        .map(|_| {
            let white = white(chance);
            b[0] = 0.99765 * b[0] + white * 0.099_046_0;
            b[1] = 0.963 * b[1] + white * 0.296_516_4;
            b[2] = 0.57 * b[2] + white * 1.052_691_3;
            (b[0] + b[1] + b[2] + white * 0.1848) as f32
        })
        .collect()
}

/// A car: noise that falls by 12 dB an octave above 100 Hz with a floor of pink noise 25 dB below, and an engine of 35 Hz with its harmonics; both swell.
pub fn car(count: usize, chance: &mut Chance) -> Vec<f32> {
    let pole = (-std::f64::consts::TAU * 100.0 / f64::from(RATE_HZ)).exp();
    let (mut one, mut two) = (0.0, 0.0);
    let road = pink(count, chance);
    let mut phase = 0.0;
    let mut found: Vec<f64> = Vec::with_capacity(count);
    for i in 0..count {
        let t = i as f64 / f64::from(RATE_HZ);
        one = pole * one + (1.0 - pole) * white(chance);
        two = pole * two + (1.0 - pole) * one;
        let swell = 1.0 + 0.3 * (std::f64::consts::TAU * 0.11 * t).sin();
        phase += std::f64::consts::TAU * 35.0 * (1.0 + 0.1 * (0.3 * t).sin()) / f64::from(RATE_HZ);
        let engine: f64 = (1..=6)
            .map(|k| (phase * f64::from(k)).sin() / f64::from(k))
            .sum();
        found.push(swell * (two * 30.0 + 0.5 * engine));
    }
    let rms = (found.iter().map(|x| x * x).sum::<f64>() / count as f64).sqrt();
    let road_rms = (road.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / count as f64).sqrt();
    let share = 10_f64.powf(-25.0 / 20.0) * rms / road_rms;
    found
        .iter()
        .zip(road)
        .map(|(x, road)| (x + share * f64::from(road)) as f32)
        .collect()
}

/// Eight voices at once, each one clip after the other.
pub fn babble(clips: &[Clip], count: usize, chance: &mut Chance) -> Vec<f32> {
    let mut sum = vec![0.0; count];
    for _ in 0..8 {
        let mut at = 0;
        while at < count {
            let clip = &clips[chance.below(clips.len())];
            let rest = &mut sum[at..];
            rest.iter_mut()
                .zip(&clip.samples)
                .for_each(|(sum, x)| *sum += x);
            at += clip.samples.len();
        }
    }
    sum
}

/// Music: chords of three voices with six harmonics each, plucked twice a second, a melody above them, and a drum of noise on each beat.
pub fn music(count: usize, chance: &mut Chance) -> Vec<f32> {
    let rate = f64::from(RATE_HZ);
    let beat = RATE_HZ as usize / 2;
    let chords = [[0, 4, 7], [9, 12, 16], [5, 9, 12], [7, 11, 14]];
    let mut sum = vec![0.0_f32; count];
    let mut note = |start: usize, semitones: i32, gain: f64, decay_s: f64| {
        let hz = 130.8 * 2_f64.powf(f64::from(semitones) / 12.0);
        let samples = ((4.0 * decay_s * rate) as usize).min(count.saturating_sub(start));
        for i in 0..samples {
            let t = i as f64 / rate;
            let envelope = (t / 0.01).min(1.0) * (-t / decay_s).exp();
            let tone: f64 = (1..=6)
                .map(|k| (std::f64::consts::TAU * hz * f64::from(k) * t).sin() / f64::from(k * k))
                .sum();
            sum[start + i] += (gain * envelope * tone) as f32;
        }
    };
    for (number, start) in (0..count).step_by(beat).enumerate() {
        for semitones in chords[number / 4 % 4] {
            note(start, semitones, 0.5, 0.6);
        }
        let scale = [0, 2, 4, 5, 7, 9, 11];
        note(start, 12 + scale[chance.below(7)], 0.6, 0.3);
        note(start + beat / 2, 12 + scale[chance.below(7)], 0.4, 0.3);
    }
    for start in (0..count).step_by(beat) {
        for i in 0..(beat / 4).min(count - start) {
            let t = i as f64 / rate;
            sum[start + i] += (0.7 * (-t / 0.03).exp() * white(chance)) as f32;
        }
    }
    sum
}
