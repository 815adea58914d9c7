//! A stream answered turn by turn as it comes.
//!
//! ```text
//! samples ─ listener: turns that end, and every hop the turn so far ─ measured ─ answered ─ given
//! ```
//!
//! It is the program that answers recordings: the same samples of the same stretch give the same bits. Held are the samples of the turn that is going on
//! and sums of those that are over, so memory does not grow with the length of the stream.

use super::Told;
use super::hear::part;
use super::summary::{Shares, Summary};
use crate::segment::listener::{Listener, Spoken};
use ser_models::classify::Error;
use ser_models::classify::Ground;
use ser_models::classify::{Measure, Model};

/// Answers a stream.
#[derive(Debug)]
pub struct Live<'a> {
    model: &'a Model,
    measure: Measure,
    rate_hz: u32,
    listener: Listener,
    always: bool,
    ground: Ground,
    shares: Shares,
}

impl<'a> Live<'a> {
    /// For samples at a rate. With `hop_s`, the turn that is going on is answered for every so many seconds; with `always`, best guesses count as
    /// answers.
    ///
    /// # Errors
    /// A classifier whose front end this program does not have.
    pub fn new(
        model: &'a Model,
        rate_hz: u32,
        hop_s: Option<f64>,
        always: bool,
    ) -> Result<Self, Error> {
        Ok(Self {
            model,
            measure: model.measure()?,
            rate_hz,
            listener: Listener::new(rate_hz, hop_s),
            always,
            ground: Ground::Alone,
            shares: Shares::new(model.classes()),
        })
    }

    /// Answers relative to what is known of the speaker.
    pub fn relative_to(self, ground: Ground) -> Self {
        Self { ground, ..self }
    }

    /// Seconds taken in so far.
    pub fn length_s(&self) -> f64 {
        self.listener.length_s()
    }

    /// Takes in samples, and gives an answer for each turn that ends and each look at one that goes on; true for one that has ended.
    pub fn push(&mut self, samples: &[f32], mut give: impl FnMut(bool, &Told)) {
        let (model, always, rate_hz) = (self.model, self.always, self.rate_hz);
        let (measure, shares, ground) = (&mut self.measure, &mut self.shares, &self.ground);
        self.listener.push(samples, |spoken| {
            let told = told(model, measure, ground, rate_hz, always, spoken);
            if spoken.ended {
                shares.add(&told);
            }
            give(spoken.ended, &told);
        });
    }

    /// Ends the stream.
    pub fn finish(&mut self, mut give: impl FnMut(bool, &Told)) {
        let (model, always, rate_hz) = (self.model, self.always, self.rate_hz);
        let (measure, shares, ground) = (&mut self.measure, &mut self.shares, &self.ground);
        self.listener.finish(|spoken| {
            let told = told(model, measure, ground, rate_hz, always, spoken);
            shares.add(&told);
            give(true, &told);
        });
    }

    /// How the time divides among the answers so far.
    pub fn summary(&self) -> Summary {
        self.shares.summary()
    }
}

fn told(
    model: &Model,
    measure: &mut Measure,
    ground: &Ground,
    rate_hz: u32,
    always: bool,
    spoken: Spoken<'_>,
) -> Told {
    let part = part(measure, spoken.turn, None, spoken.samples, rate_hz);
    Told::of(model, &part, ground, always)
}
