//! Stretches that somebody else has marked, with their samples, as the samples come.
//!
//! A stretch longer than [`LONGEST_S`] is cut into turns at its own pauses, so that none is longer than what a model has learnt from, and memory stays small.

use super::listener::Listener;
use super::turn::Turn;

/// Longer stretches are cut, seconds.
pub const LONGEST_S: f64 = 8.0;

/// A stretch that was marked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stretch {
    /// Where it begins, seconds.
    pub start_s: f64,
    /// Where it ends; none for the end of the recording.
    pub end_s: Option<f64>,
    /// Who speaks, where that is known.
    pub speaker: Option<String>,
    /// What else its list says of it: columns and their texts.
    pub others: Vec<(String, String)>,
}

/// Keeps the samples of marked stretches.
#[derive(Debug)]
pub struct MarkedStretches<'a> {
    rate_hz: u32,
    /// In order of their starts.
    to_come: std::iter::Peekable<std::slice::Iter<'a, Stretch>>,
    open: Vec<Open<'a>>,
    position: u64,
}

#[derive(Debug)]
struct Open<'a> {
    stretch: &'a Stretch,
    first: u64,
    end: u64,
    samples: Samples,
}

#[derive(Debug)]
enum Samples {
    Whole(Vec<f32>),
    Cut(Box<Listener>),
}

impl<'a> MarkedStretches<'a> {
    /// For samples at a rate; the stretches in order of their starts.
    pub fn new(rate_hz: u32, stretches: &'a [Stretch]) -> Self {
        Self {
            rate_hz,
            to_come: stretches.iter().peekable(),
            open: Vec::new(),
            position: 0,
        }
    }

    /// Seconds taken in so far.
    pub fn length_s(&self) -> f64 {
        self.position as f64 / f64::from(self.rate_hz)
    }

    /// Takes in samples, and hands over what is complete by then: a stretch with its samples, or a turn within one.
    pub fn push(&mut self, samples: &[f32], mut give: impl FnMut(&'a Stretch, Turn, &[f32])) {
        let (from, to) = (self.position, self.position + samples.len() as u64);
        let at = |seconds: f64| (seconds * f64::from(self.rate_hz)).round().max(0.0) as u64;
        while let Some(stretch) = self.to_come.next_if(|next| at(next.start_s) < to) {
            let cut = stretch
                .end_s
                .is_none_or(|end_s| end_s - stretch.start_s > LONGEST_S);
            self.open.push(Open {
                stretch,
                first: at(stretch.start_s),
                end: stretch.end_s.map_or(u64::MAX, at),
                samples: match cut {
                    true => Samples::Cut(Box::new(Listener::new(self.rate_hz, None))),
                    false => Samples::Whole(Vec::new()),
                },
            });
        }
        for open in &mut self.open {
            let within = |sample: u64| (sample.clamp(from, to) - from) as usize;
            let own = &samples[within(open.first)..within(open.end).max(within(open.first))];
            match &mut open.samples {
                Samples::Whole(held) => held.extend_from_slice(own),
                Samples::Cut(listener) => listener.push(own, |spoken| {
                    give(
                        open.stretch,
                        shifted(spoken.turn, open.stretch),
                        spoken.samples,
                    );
                }),
            }
        }
        self.position = to;
        self.close(|open| open.end <= to, &mut give);
    }

    /// Ends the recording: what reaches beyond it ends here.
    pub fn finish(&mut self, mut give: impl FnMut(&'a Stretch, Turn, &[f32])) {
        self.close(|_| true, &mut give);
    }

    fn close(
        &mut self,
        done: impl Fn(&Open<'_>) -> bool,
        give: &mut impl FnMut(&'a Stretch, Turn, &[f32]),
    ) {
        let length_s = self.length_s();
        for mut open in self.open.extract_if(.., |open| done(open)) {
            let stretch = open.stretch;
            match &mut open.samples {
                Samples::Whole(held) => {
                    let turn = Turn {
                        start_s: stretch.start_s,
                        end_s: stretch.end_s.unwrap_or(length_s).min(length_s),
                    };
                    if !held.is_empty() {
                        give(stretch, turn, held);
                    }
                }
                Samples::Cut(listener) => listener.finish(|spoken| {
                    give(stretch, shifted(spoken.turn, stretch), spoken.samples);
                }),
            }
        }
    }
}

/// A turn of a stretch in the time of the recording; to the nanosecond, so that decimals stay short.
fn shifted(turn: Turn, stretch: &Stretch) -> Turn {
    let at = |seconds: f64| ((seconds + stretch.start_s) * 1e9).round() / 1e9;
    Turn {
        start_s: at(turn.start_s),
        end_s: at(turn.end_s),
    }
}

#[test]
fn sums_of_decimals_stay_decimals() {
    let stretch = Stretch {
        start_s: 3.1,
        ..Stretch::default()
    };
    let turn = Turn {
        start_s: 2.26,
        end_s: 4.19,
    };
    let found = shifted(turn, &stretch);
    assert_eq!((found.start_s, found.end_s), (5.36, 7.29));
}

#[test]
fn stretches_may_overlap_and_reach_beyond_the_end() {
    let samples: Vec<f32> = (0..10_000).map(|i| i as f32).collect();
    let stretch = |start_s, end_s| Stretch {
        start_s,
        end_s,
        ..Stretch::default()
    };
    let stretches = [
        stretch(0.5, Some(2.0)),
        stretch(1.0, Some(1.5)),
        stretch(9.0, Some(12.0)),
        stretch(11.0, Some(12.0)),
    ];
    for block in [1, 333, 10_000] {
        let mut marked = MarkedStretches::new(1000, &stretches);
        let mut found = Vec::new();
        for block in samples.chunks(block) {
            marked.push(block, |_, turn, own| found.push((turn, own.to_vec())));
        }
        marked.finish(|_, turn, own| found.push((turn, own.to_vec())));
        found.sort_by(|a, b| a.0.start_s.total_cmp(&b.0.start_s));
        let spans: Vec<(f64, f64)> = found.iter().map(|(t, _)| (t.start_s, t.end_s)).collect();
        assert_eq!(spans, [(0.5, 2.0), (1.0, 1.5), (9.0, 10.0)]);
        assert_eq!(found[0].1, samples[500..2000]);
        assert_eq!(found[2].1, samples[9000..]);
    }
}
