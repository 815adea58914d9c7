//! Disturbed copies of recordings: the same speech through another microphone, in another room, with other noise.
//!
//! ```text
//! equaliser      gain(f) = tilt · octaves + bends at 60, 125 … 8000 Hz       tilt N(0, 2) dB per octave, bends N(0, 2.4) dB, nine times in ten
//! reverberation  h = δ + g n(t) e^(−6.9 t/T),  n white, T 0.1 … 0.3 s        one time in two
//! level          active speech level of the front end
//! noise          white, pink or speech-shaped, 10 … 40 dB below the speech    eight times in ten
//! ```
//!
//! A copy depends on seed, copy number and the recording's corpus and file name alone: not on its place in a list, the folder or the threads.

use serde::{Deserialize, Serialize};

use super::front_end::FrontEnd;
use super::spectral::{convolved, filtered};
use super::telephone::telephoned;
use crate::model::random::Random;

/// How strongly copies are disturbed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disturbance {
    /// Standard deviation that the equaliser's tilt (a third of it) and bends (0.4 of it) are made of, dB.
    pub equaliser_db: f64,
    /// Longest reverberation time, seconds; the shortest is 0.1.
    pub reverberation_s: f64,
    /// Least and greatest distance of noise to the speech, dB.
    pub noise_db: (f64, f64),
}

impl Default for Disturbance {
    fn default() -> Disturbance {
        Disturbance {
            equaliser_db: 6.0,
            reverberation_s: 0.3,
            noise_db: (10.0, 40.0),
        }
    }
}

/// What a copy goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// Equaliser, room and noise.
    Room,
    /// A coder at a low rate that keeps the band.
    Coder,
    /// A telephone.
    Telephone,
    /// A telephone in a room.
    RoomTelephone,
}

/// Frequencies of the equaliser, Hz.
const ANCHORS_HZ: [f64; 8] = [60.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0];

impl Disturbance {
    /// A disturbed copy of samples from [`FrontEnd::base`].
    pub fn copy(&self, base: &[f32], front_end: &FrontEnd, random: &mut Random) -> Vec<f32> {
        let rate = f64::from(front_end.settings().rate_hz);
        let [equalised, reverberant, noisy] = [0.9, 0.5, 0.8].map(|often| random.uniform() < often);
        let mut samples: Vec<f64> = base.iter().map(|&x| f64::from(x)).collect();
        if equalised {
            let gain = self.gain(random);
            samples = filtered(&samples, |hertz| gain(hertz * rate));
        }
        if reverberant {
            samples = convolved(&samples, &self.room(rate, random));
        }
        let mut copy: Vec<f32> = samples.iter().map(|&x| x as f32).collect();
        front_end.level(&mut copy);
        if noisy {
            let (low, high) = self.noise_db;
            let below = low + (high - low) * random.uniform();
            let noise = noise(copy.len(), rate, random);
            let amplitude = 10_f64.powf((front_end.settings().level_db - below) / 20.0);
            copy.iter_mut()
                .zip(noise)
                .for_each(|(x, n)| *x += (amplitude * n) as f32);
        }
        copy
    }

    /// A copy of samples from [`FrontEnd::base`] through a channel.
    pub fn through(
        &self,
        channel: Channel,
        base: &[f32],
        front_end: &FrontEnd,
        random: &mut Random,
    ) -> Vec<f32> {
        let rate = f64::from(front_end.settings().rate_hz);
        let wide = channel == Channel::Coder;
        let mut copy = match channel {
            Channel::Room => return self.copy(base, front_end, random),
            Channel::RoomTelephone => {
                telephoned(&self.copy(base, front_end, random), rate, wide, random)
            }
            Channel::Coder | Channel::Telephone => telephoned(base, rate, wide, random),
        };
        front_end.level(&mut copy);
        copy
    }

    /// The equaliser: from Hz to a factor.
    fn gain(&self, random: &mut Random) -> impl Fn(f64) -> f64 + use<> {
        let octaves = ANCHORS_HZ.map(f64::log2);
        let middle = octaves.iter().sum::<f64>() / octaves.len() as f64;
        let tilt = random.normal() * self.equaliser_db / 3.0;
        let gains_db = octaves
            .map(|octave| tilt * (octave - middle) + random.normal() * self.equaliser_db * 0.4);
        move |hertz| {
            let octave = hertz.max(30.0).log2().clamp(octaves[0], octaves[7]);
            let above = octaves
                .partition_point(|&anchor| anchor < octave)
                .clamp(1, 7);
            let share = (octave - octaves[above - 1]) / (octaves[above] - octaves[above - 1]);
            10_f64.powf(
                (gains_db[above - 1] + share * (gains_db[above] - gains_db[above - 1])) / 20.0,
            )
        }
    }

    /// The impulse response of a room.
    fn room(&self, rate: f64, random: &mut Random) -> Vec<f64> {
        let seconds = 0.1 + (self.reverberation_s - 0.1) * random.uniform();
        let length = ((rate * seconds) as usize).max(1);
        // Fourteen samples of the tail carry about its energy: the gain is that of the tail to the direct sound.
        let gain = (0.1 + 0.3 * random.uniform()) / (length as f64 / 14.0).sqrt();
        let mut response: Vec<f64> = (0..length)
            .map(|i| gain * random.normal() * (-6.9 * i as f64 / length as f64).exp())
            .collect();
        response[0] = 1.0;
        response
    }
}

/// Noise of variance 1 and a random colour.
fn noise(length: usize, rate: f64, random: &mut Random) -> Vec<f64> {
    let colour = random.below(3);
    let white: Vec<f64> = (0..length).map(|_| random.normal()).collect();
    let coloured = match colour {
        0 => white,
        1 => filtered(&white, |share| 1.0 / (share * rate).max(50.0).sqrt()),
        _ => filtered(&white, |share| {
            let hertz = share * rate;
            hertz / (hertz + 100.0) / (1.0 + (hertz / 500.0).powi(2)).sqrt()
        }),
    };
    let power = coloured.iter().map(|x| x * x).sum::<f64>() / length.max(1) as f64;
    let scale = if power > 0.0 {
        power.sqrt().recip()
    } else {
        0.0
    };
    coloured.iter().map(|x| x * scale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::front_end::FrontEndSettings;
    use crate::classify::spectral::spectrally;
    use ser_features::level::speech_level;

    fn front_end() -> FrontEnd {
        FrontEnd::new(&FrontEndSettings::default()).unwrap()
    }

    fn speech() -> Vec<f32> {
        let sample =
            |i: usize| 0.1 * (i as f32 * 0.13).sin() * if (i / 4000) % 3 == 2 { 0.0 } else { 1.0 };
        (0..30_000).map(sample).collect()
    }

    #[test]
    fn a_copy_repeats_and_another_differs() {
        let copy = |number| {
            Disturbance::default().copy(
                &speech(),
                &front_end(),
                &mut Random::numbered(1, "x", number),
            )
        };
        assert_eq!(copy(0), copy(0));
        assert_ne!(copy(0), copy(1));
    }

    #[test]
    fn a_copy_has_the_length_and_about_the_level_of_the_front_end() {
        for number in 0..20 {
            let copy = Disturbance::default().copy(
                &speech(),
                &front_end(),
                &mut Random::numbered(2, "x", number),
            );
            assert_eq!(copy.len(), 30_000);
            // The loudest noise adds 0.4 dB and fills the pauses.
            let level = speech_level(&copy, 11_025).unwrap().level_db;
            assert!((level + 26.0).abs() < 1.5, "{level}");
        }
    }

    #[test]
    fn no_disturbance_is_the_recording_at_its_level() {
        let none = Disturbance {
            equaliser_db: 0.0,
            reverberation_s: 0.1,
            noise_db: (200.0, 200.0),
        };
        // A draw without reverberation.
        let number = (0..)
            .find(|&number| {
                let mut random = Random::numbered(1, "x", number);
                random.uniform();
                random.uniform() >= 0.5
            })
            .unwrap();
        let copy = none.copy(
            &speech(),
            &front_end(),
            &mut Random::numbered(1, "x", number),
        );
        let mut expected = speech();
        front_end().level(&mut expected);
        assert!(
            copy.iter()
                .zip(&expected)
                .all(|(a, b)| (a - b).abs() < 1e-4)
        );
    }

    #[test]
    fn convolution_is_the_sum_of_its_definition() {
        let (x, h) = ([1.0, 2.0, 0.0, -1.0], [1.0, 0.5, 0.25]);
        let out = convolved(&x, &h);
        let expected = [1.0, 2.5, 1.25, -0.5];
        assert!(
            out.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12),
            "{out:?}"
        );
    }

    #[test]
    fn speech_noise_falls_above_500_hz() {
        let mut random = Random::new(1, "noise");
        let band = |noise: &[f64], low: f64, high: f64| -> f64 {
            let mut power = 0.0;
            spectrally(noise.to_vec(), |lines| {
                let at = |hertz: f64| (hertz / 8000.0 * noise.len() as f64) as usize;
                power = lines[at(low)..at(high)]
                    .iter()
                    .map(|line| line.norm_sqr())
                    .sum::<f64>()
                    / (high - low);
            });
            power
        };
        // Draw until all colours were seen: white is flat, pink and speech fall.
        let falls: Vec<f64> = (0..30)
            .map(|_| {
                let n = noise(16_000, 8000.0, &mut random);
                10.0 * (band(&n, 400.0, 500.0) / band(&n, 3200.0, 4000.0)).log10()
            })
            .collect();
        let near = |db: f64| falls.iter().any(|fall| (fall - db).abs() < 1.5);
        // (3600 / 450) is 9 dB for pink; 1 + (f/500)² makes 15 dB of it for speech.
        assert!(near(0.0) && near(9.0) && near(14.0), "{falls:?}");
    }
}
