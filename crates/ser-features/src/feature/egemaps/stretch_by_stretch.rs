//! A recording of the compatible sets is cut into stretches, and what was found of them is put together in order.

use super::analysis::SPECTRAL;
use super::graph::Graph;
use super::stretch::{Analyst, FRAMES, GROUPS, Step, Stretch, Waiting};
use crate::feature::graph::InStretches;
use crate::lanes::LANES;

impl InStretches for Graph {
    fn analyst(&self) -> Analyst {
        Analyst {
            analysis: self.analysis.clone(),
            voice: self.voice.clone(),
            hop: self.geometry.hop,
        }
    }

    fn cut(&mut self, samples: &[f32]) -> Vec<Stretch> {
        self.tape.push(samples);
        let mut stretches = Vec::new();
        let length = (FRAMES - 1) * self.geometry.hop + self.geometry.long.length;
        while self.tape.length() >= self.geometry.first_sample(self.stretches.cut) + length {
            stretches.push(self.cut_off(length));
        }
        self.release();
        stretches
    }

    fn cut_rest(&mut self) -> Vec<Stretch> {
        let mut rest = Vec::new();
        let short = self.geometry.short.length;
        while self.tape.length() >= self.geometry.first_sample(self.stretches.cut) + short {
            rest.push(self.cut_off(usize::MAX));
        }
        rest
    }

    fn join(&mut self, stretch: Stretch) -> Vec<Stretch> {
        self.stretches.early.insert(stretch.first, stretch);
        while let Some(stretch) = self.next_with_voices() {
            self.stretches.next_voices += FRAMES;
            self.append(&stretch);
        }
        while let Some(stretch) = self.stretches.early.remove(&self.stretches.next) {
            self.stretches.next += FRAMES;
            let waiting = stretch.groups.iter();
            let candidates: Vec<_> = waiting
                .flat_map(|waiting| waiting.group.candidates[..waiting.group.long].to_vec())
                .collect();
            self.stretches.undecided.push_back(stretch);
            for candidates in &candidates {
                let (stretches, decided) = (&mut self.stretches, &mut self.decided);
                self.path
                    .push(candidates, |f0_hz| stretches.decide(decided, f0_hz));
            }
        }
        self.decided_stretches()
    }

    fn decide_rest(&mut self) -> Vec<Stretch> {
        self.contours.mark_end_of_input(self.decided);
        let (stretches, decided) = (&mut self.stretches, &mut self.decided);
        self.path.finish(|f0_hz| stretches.decide(decided, f0_hz));
        self.decided_stretches()
    }
}

impl Graph {
    fn cut_off(&mut self, length: usize) -> Stretch {
        let first = self.stretches.cut;
        let before = if first > 0 {
            LANES * self.geometry.hop
        } else {
            0
        };
        let samples = self.tape.from(self.geometry.first_sample(first) - before);
        let length = samples.len().min(length.saturating_add(before));
        self.stretches.cut += FRAMES;
        Stretch {
            first,
            samples: samples[..length].to_vec(),
            step: Step::Samples,
            groups: Vec::with_capacity(GROUPS),
        }
    }

    /// Lets go what no stretch to be cut and no search for periods will ask for.
    fn release(&mut self) {
        let cut = self.stretches.cut.saturating_sub(LANES);
        let first = self.contours.long_frames().min(cut);
        let first = self.geometry.first_sample(first);
        self.tape.release(first.min(self.periods.position()));
    }

    /// The next stretch to be appended, if it is back.
    fn next_with_voices(&mut self) -> Option<Stretch> {
        let next = self.stretches.next_voices;
        let is_back = |stretch: &Stretch| stretch.step == Step::Voices;
        if !self.stretches.early.get(&next).is_some_and(is_back) {
            return None;
        }
        self.stretches.early.remove(&next)
    }

    fn decided_stretches(&mut self) -> Vec<Stretch> {
        let mut decided = Vec::new();
        while let Some(front) = self.stretches.undecided.front_mut()
            && (front.long() == 0 || front.first + front.long() <= self.decided)
        {
            front.step = Step::Pitch;
            decided.extend(self.stretches.undecided.pop_front());
        }
        decided
    }

    fn append(&mut self, stretch: &Stretch) {
        let mut t = stretch.first;
        for Waiting {
            group,
            f0_hz,
            voices,
        } in &stretch.groups
        {
            for (descriptor, values) in SPECTRAL.into_iter().zip(&group.spectral) {
                self.contours.extend(descriptor, &values.0[..group.short]);
            }
            for (f0_hz, voice) in f0_hz.iter().zip(voices.iter().flatten()).take(group.long) {
                self.append_frame(t, *f0_hz, voice);
                t += 1;
            }
        }
        self.release();
    }
}
