//! Shows the progress of a run.

use std::fmt::Write;

use countersign::redact::escape_control;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::report::note;

/// A progress bar on the terminal; nothing if stderr is not a terminal.
#[derive(Debug)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// For this many lines. `quiet` if something else writes to the same terminal.
    pub(super) fn new(lines: usize, quiet: bool) -> Self {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(lines as u64), target);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len}  {rate}  {eta} left  {msg}") {
            bar.set_style(style.with_key("rate", rate));
        }
        Self(bar)
    }

    pub(super) fn step(&self) {
        self.0.inc(1);
    }

    /// Shows what the run waits for; an empty text if nothing.
    pub(super) fn say(&self, text: &str) {
        self.0.set_message(escape_control(text).into_owned());
    }

    /// Writes a line to stderr, above the bar if there is one.
    pub(super) fn tell(&self, text: &str) {
        self.0.suspend(|| note(text));
    }

    pub(super) fn end(&self) {
        self.0.finish_and_clear();
    }
}

/// Lines per second, or per minute if slow.
fn rate(state: &ProgressState, out: &mut dyn Write) {
    let per_second = state.per_sec();
    let (rate, unit) = if per_second < 1.0 { (per_second * 60.0, "min") } else { (per_second, "s") };
    // Only a formatter that fails could fail here.
    let _ = write!(out, "{rate:.1}/{unit}");
}
