//! One long recording on several threads: whoever reads it cuts stretches off, helpers analyse them, and what comes back is joined in order.
//!
//! Reading, path search and the search for periods stay with the reader, who also takes stretches of its own while it waits, so two threads are
//! busy throughout. Few stretches are under way at a time, whatever the length of the recording.

use ser_features::feature::{Analyst, Extractor, Stretch};
use ser_parallel::Helpers;

/// Stretches under way per thread.
const AHEAD: usize = 3;

/// The reader's side.
#[derive(Debug)]
pub(super) struct Team {
    analyst: Analyst,
    threads: usize,
    helpers: Helpers<Stretch>,
    has_begun: bool,
}

impl Team {
    /// A team of the reader and `others`, who begin with the first whole stretch: short recordings are no work for two.
    pub fn new(analyst: Analyst, others: usize) -> Self {
        Self {
            analyst,
            threads: others,
            helpers: Helpers::new(Vec::<Analyst>::new(), |analyst, stretch| {
                analyst.work(stretch)
            }),
            has_begun: false,
        }
    }

    /// Takes in a block for `extractor`.
    ///
    /// # Errors
    /// As [`Extractor::push`].
    pub fn push(
        &mut self,
        extractor: &mut Extractor,
        samples: &[f32],
    ) -> Result<(), ser_features::Error> {
        for stretch in extractor.cut(samples)? {
            if !std::mem::replace(&mut self.has_begun, true) {
                let analysts = vec![self.analyst.clone(); self.threads];
                self.helpers = Helpers::new(analysts, Analyst::work);
            }
            self.helpers.give(stretch);
        }
        while let Some(stretch) = self.helpers.take_done() {
            self.join(extractor, stretch);
        }
        while self.helpers.under_way() > AHEAD * (self.threads + 1) {
            self.join_next(extractor);
        }
        Ok(())
    }

    /// Ends the recording; `extractor` then can finish it.
    pub fn end(&mut self, extractor: &mut Extractor) {
        let rest = extractor.cut_rest();
        rest.into_iter().for_each(|s| self.helpers.give(s));
        while self.join_next(extractor) {}
        let rest = extractor.decide_rest();
        rest.into_iter().for_each(|s| self.helpers.give(s));
        while self.join_next(extractor) {}
    }

    /// Joins a stretch that is done, and does one if there is none; false where none is under way.
    fn join_next(&mut self, extractor: &mut Extractor) -> bool {
        let analyst = &mut self.analyst;
        let next = self.helpers.take(|stretch| analyst.work(stretch));
        next.map(|stretch| self.join(extractor, stretch)).is_some()
    }

    fn join(&mut self, extractor: &mut Extractor, stretch: Stretch) {
        for again in extractor.join(stretch) {
            self.helpers.give(again);
        }
    }
}
