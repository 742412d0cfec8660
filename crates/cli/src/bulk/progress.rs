//! How far the work is, for somebody who watches.

use countersign::escape_control;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::report::note;

/// A bar on the terminal; nothing where stderr is none.
#[derive(Debug)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// For so many lines. `quiet` where something else writes to the same terminal.
    pub(super) fn new(lines: usize, quiet: bool) -> Self {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(lines as u64), target);
        if let Ok(style) =
            ProgressStyle::with_template("{bar:30} {pos}/{len}  {per_sec:>8}  {eta} left  {msg}")
        {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// One line has ended.
    pub(super) fn step(&self) {
        self.0.inc(1);
    }

    /// Says what is being waited for; an empty text when nothing is.
    pub(super) fn say(&self, text: &str) {
        self.0.set_message(escape_control(text).into_owned());
    }

    /// Writes a line to stderr, above the bar if there is one.
    pub(super) fn tell(&self, text: &str) {
        self.0.suspend(|| note(text));
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        self.0.finish_and_clear();
    }
}
