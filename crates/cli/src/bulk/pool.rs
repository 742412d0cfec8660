//! Processes the lines: several at the same time per account, with a pause when the vendor asks for one, until all
//! are done or the user stops the run.

use std::collections::VecDeque;
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use countersign::redact::escape_control;
use countersign::{Client, Error, ErrorKind, Outcome, Retry};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::drain::Awaited;
use super::ending::Ending;
use super::job::{Beside, Job};
use super::journal::{Journal, Standing};
use super::rows::Line;
use super::summary::{Place, Stopped};
use crate::context::unexpected;
use crate::report::note;
use crate::signals::Signals;

/// How often a line can be delayed by the account's limits before the account's work stops.
const ROUNDS: u32 = 5;
/// After this many vendor failures in a row the rest is not tried, because each may leave an unknown outcome.
const IN_A_ROW: u32 = 5;
/// The first pause if the vendor asks for one without a duration; it doubles each time.
const PAUSE: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct Lane {
    pub(super) account: String,
    client: Client,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The index of the line on the board, the line, and how often it was delayed.
    queue: VecDeque<(usize, Line, u32)>,
    pause: Option<Instant>,
    stopped: Option<Stopped>,
    failures: u32,
}

impl Lane {
    pub(super) fn new(account: &str, client: Client) -> Self {
        Self { account: account.to_owned(), client, state: Mutex::default() }
    }

    /// Adds a line, with its index on the board.
    pub(super) fn add(&self, index: usize, line: Line) {
        self.state().queue.push_back((index, line, 0));
    }

    /// Takes why the work stopped, if it did.
    pub(super) fn stopped(&self) -> Option<Stopped> {
        self.state().stopped.take()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The state that the workers share.
#[derive(Debug)]
pub(super) struct Shop {
    pub(super) job: Job,
    pub(super) beside: Beside,
    pub(super) journal: Journal,
    pub(super) progress: ProgressBar,
    pub(super) max_wait: Duration,
    pub(super) board: Mutex<Vec<Place>>,
    /// The local problem that prevents further work.
    pub(super) broken: Mutex<Option<Error>>,
    pub(super) stop: watch::Sender<bool>,
}

/// Processes all queued lines. Returns whether the user stopped the run.
pub(super) async fn work(shop: &Arc<Shop>, lanes: &[Arc<Lane>], each: u8, mut signals: Signals) -> bool {
    let mut workers = JoinSet::new();
    for lane in lanes {
        let waiting = lane.state().queue.len();
        for _ in 0..waiting.min(usize::from(each)) {
            workers.spawn(worker(Arc::clone(shop), Arc::clone(lane)));
        }
    }
    let mut interrupted = false;
    loop {
        tokio::select! {
            ended = workers.join_next() => match ended {
                None => return interrupted,
                Some(Err(error)) if error.is_panic() => shop.fail(unexpected("a worker ended early", error)),
                Some(_) => {}
            },
            () = signals.next() => {
                if interrupted {
                    workers.shutdown().await;
                    return true;
                }
                interrupted = true;
                shop.stop.send_replace(true);
                shop.tell("stopping: finishing the calls in progress; press Ctrl-C again to abandon them\n");
            }
        }
    }
}

async fn worker(shop: Arc<Shop>, lane: Arc<Lane>) {
    let mut stop = shop.stop.subscribe();
    loop {
        loop {
            if *stop.borrow_and_update() || lane.state().stopped.is_some() {
                return;
            }
            let Some(until) = lane.state().pause.filter(|until| *until > Instant::now()) else { break };
            tokio::select! {
                () = tokio::time::sleep_until(until) => shop.progress.set_message(""),
                _ = stop.changed() => {}
            }
        }
        let Some((index, line, round)) = lane.state().queue.pop_front() else { return };
        if let Err(error) = shop.one(&lane, index, line, round).await {
            shop.fail(error);
            return;
        }
    }
}

impl Shop {
    pub(super) fn board(&self) -> MutexGuard<'_, Vec<Place>> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, index: usize, standing: Standing, awaited: Vec<Awaited>) {
        if let Some(place) = self.board().get_mut(index) {
            (place.standing, place.before, place.awaited) = (standing, false, awaited);
        }
    }

    /// Writes a line to stderr, above the bar if there is one.
    fn tell(&self, text: &str) {
        self.progress.suspend(|| note(text));
    }

    /// Something on this machine is wrong: no more lines are started.
    fn fail(&self, error: Error) {
        if !self.stop.send_replace(true) {
            let reason = escape_control(error.message());
            self.tell(&format!("stopping: {reason}; finishing the calls in progress\n"));
        }
        self.broken.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }

    /// Does one line and records it. The error is a local problem that prevents recording.
    async fn one(&self, lane: &Lane, index: usize, line: Line, round: u32) -> Result<(), Error> {
        let code = self.job.code(&lane.client.descriptor().facts, &line, &self.beside)?;
        if self.job.changes() {
            self.journal.intend(line.number, &line.key)?;
            self.set(index, Standing::Begun, Vec::new());
        }
        let mut result = self.job.run(&lane.client, &line, code.as_ref()).await;
        let (ending, awaited) = match &mut result {
            Ok(told) => {
                self.job.keep(&line, told, &self.beside)?;
                (Ending::done(told.results.take()), std::mem::take(&mut told.awaited))
            }
            Err(error) => (Ending::failed(error), Vec::new()),
        };
        let ended = ending.outcome;
        // If the process ends between these two records, the next run records the outcome of the code.
        let recorded = self.journal.end(line.number, &line.key, &ending);
        self.set(index, Standing::Ended(ending), awaited);
        self.job.settle(&line, code.as_ref(), ended, &self.beside)?;
        recorded?;
        let again = match &result {
            Ok(_) => {
                lane.state().failures = 0;
                false
            }
            Err(error) => lane.held_back(error, round, self),
        };
        if again {
            lane.state().queue.push_front((index, line, round + 1));
        } else {
            self.progress.inc(1);
        }
        Ok(())
    }
}

impl Lane {
    /// Decides from a failure how the account continues; `true` if the line is to be retried after a pause.
    fn held_back(&self, error: &Error, round: u32, shop: &Shop) -> bool {
        let close = |wait| {
            self.state().stopped.get_or_insert_with(|| Stopped::of(&self.account, error, wait));
            false
        };
        match (error.kind(), error.outcome(), error.retry()) {
            (ErrorKind::RateLimited, Outcome::NoEffect | Outcome::Refused, Retry::After(told)) => {
                let wait = told.unwrap_or(PAUSE.saturating_mul(1 << round.min(10)));
                if wait > shop.max_wait || round + 1 >= ROUNDS {
                    return close(told);
                }
                let until = Instant::now() + wait;
                let mut state = self.state();
                state.pause = Some(state.pause.map_or(until, |pause| pause.max(until)));
                let account = escape_control(&self.account);
                shop.progress.set_message(format!("{account}: waiting {} s for the vendor", wait.as_secs()));
                true
            }
            // Every further line would fail the same way.
            (ErrorKind::Unauthenticated | ErrorKind::ConsentRequired | ErrorKind::Config, ..) => close(None),
            (ErrorKind::Unavailable | ErrorKind::Timeout, _, retry) => {
                let failures = {
                    let mut state = self.state();
                    state.failures += 1;
                    state.failures
                };
                if failures >= IN_A_ROW {
                    return close(if let Retry::After(wait) = retry { wait } else { None });
                }
                false
            }
            _ => {
                self.state().failures = 0;
                false
            }
        }
    }
}

/// A progress bar on the terminal for this many lines; nothing if stderr is not a terminal, or if it is `quiet`
/// because something else writes to it.
pub(super) fn progress(lines: usize, quiet: bool) -> ProgressBar {
    let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(Some(lines as u64), target);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len}  {rate}  {eta} left  {msg}") {
        bar.set_style(style.with_key("rate", rate));
    }
    bar
}

/// Lines per second, or per minute if slow.
fn rate(state: &ProgressState, out: &mut dyn Write) {
    let per_second = state.per_sec();
    let (rate, unit) = if per_second < 1.0 { (per_second * 60.0, "min") } else { (per_second, "s") };
    // Only a formatter that fails could fail here.
    let _ = write!(out, "{rate:.1}/{unit}");
}
