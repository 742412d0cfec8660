//! Shows the progress of a run, and receives the request to stop it.

use std::fmt::Write;

use countersign::Result;
use countersign::redact::escape_control;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::context::unexpected;
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

    /// Counts one line as ended.
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

    /// Removes the bar.
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

/// Receives Ctrl-C, or the stop signal of a service manager, from the moment it is created.
#[derive(Debug)]
pub(super) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    /// # Errors
    /// Fails if the system does not allow it.
    pub(super) fn listen() -> Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let failed = |error| unexpected("cannot listen for signals", error);
            let interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
            let terminate = signal(SignalKind::terminate()).map_err(failed)?;
            Ok(Self { interrupt, terminate })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Returns when a signal has arrived.
    pub(super) async fn next(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
