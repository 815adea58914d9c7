//! Progress on standard error, where that is a terminal.

use std::fmt::Write;
use std::time::Duration;

use super::output::{complain, shown};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// A bar that counts recordings, and says how many times faster than real time they are analysed.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar for `recordings`; invisible if `quiet`, or if standard error is no terminal.
    pub fn new(recordings: usize, quiet: bool) -> Self {
        let target = if quiet {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let bar = ProgressBar::with_draw_target(Some(recordings as u64), target);
        bar.set_style(style("–"));
        // A bar that nobody sees needs no thread to move it.
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self { bar }
    }

    /// One more recording is done; `audio_s` seconds of audio were analysed so far.
    pub fn advance(&self, audio_s: f64) {
        let elapsed = self.bar.elapsed().as_secs_f64();
        if elapsed > 0.0 && !self.bar.is_hidden() {
            self.bar
                .set_message(format!("{:.0} × real time", audio_s / elapsed));
        }
        self.bar.inc(1);
    }

    /// So many recordings were done by an earlier run.
    pub fn skip(&self, recordings: usize) {
        self.bar.inc(recordings as u64);
        self.bar.reset_eta();
    }

    /// Prints a line without disturbing the bar.
    pub fn line(&self, text: &str) {
        self.bar
            .suspend(|| complain(&shown(text.strip_prefix("ser: ").unwrap_or(text))));
    }

    /// Removes the bar.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

fn style(unknown: &'static str) -> ProgressStyle {
    let remaining = move |state: &ProgressState, text: &mut dyn Write| {
        // The estimate jumps until something is done.
        let written = if state.pos() == 0 {
            write!(text, "{unknown}")
        } else {
            write!(text, "{:#}", indicatif::HumanDuration(state.eta()))
        };
        written.unwrap_or_default();
    };
    ProgressStyle::with_template(
        "{bar:30} {human_pos}/{human_len} recordings, {remaining} left, {msg}",
    )
    .unwrap_or_else(|_| ProgressStyle::default_bar())
    .with_key("remaining", remaining)
}
