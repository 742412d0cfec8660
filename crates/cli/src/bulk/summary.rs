//! What all lines came to, for people and for programs.

use std::collections::BTreeMap;
use std::path::Path;

use countersign::{Error, ErrorKind, Outcome, Timestamp};
use serde::Serialize;

use super::ending::Ended;
use super::journal::Standing;
use super::pool::{Closed, Interrupted};
use crate::exit;
use crate::render::error;
use crate::render::table::{self, BAD, GOOD, WARN, paint};
use crate::report::Report;

/// So many numbers of lines are shown to people; programs get all.
const SHOWN: usize = 6;

#[derive(Debug, Serialize)]
pub(super) struct Summary {
    command: &'static str,
    file: String,
    results: String,
    /// All lines of the file.
    lines: usize,
    done: usize,
    /// How many of them an earlier run did.
    done_before: usize,
    not_begun: usize,
    /// Those that are not done, by kind.
    problems: Vec<Group>,
    /// Accounts whose work stopped, and why.
    stopped: Vec<Stopped>,
    interrupted: bool,
    /// What is damaged in the files that record the work.
    warnings: Vec<String>,
    /// What kept this machine from going on.
    error: Option<Error>,
}

#[derive(Debug, Serialize)]
struct Group {
    outcome: Ended,
    /// `null` for lines that an earlier run began and did not end.
    kind: Option<String>,
    /// Whether the same command does them again.
    retry: bool,
    exit_code: u8,
    next: String,
    lines: Vec<u64>,
}

#[derive(Debug, Serialize)]
pub(super) struct Stopped {
    account: String,
    kind: ErrorKind,
    /// What stood in the way.
    message: String,
    /// From when on it makes sense to go on, where the vendor said so.
    resume_at: Option<Timestamp>,
    /// Of the account's lines.
    hint: String,
}

/// What a run knows at its end.
pub(super) struct Found<'f> {
    pub(super) command: &'static str,
    pub(super) file: &'f Path,
    pub(super) results: &'f Path,
    /// The number of each line, and what is known of it.
    pub(super) lines: Vec<(u64, Standing, bool)>,
    pub(super) closed: Vec<(String, Closed)>,
    pub(super) interrupted: Interrupted,
    pub(super) warnings: Vec<String>,
    pub(super) error: Option<Error>,
}

impl Summary {
    pub(super) fn of(found: Found<'_>) -> Self {
        let mut groups: BTreeMap<(Ended, Option<String>, bool), Vec<u64>> = BTreeMap::new();
        let (mut done, mut done_before, mut not_begun) = (0, 0, 0);
        let lines = found.lines.len();
        for (number, standing, before) in found.lines {
            let group = match standing {
                Standing::NotBegun => {
                    not_begun += 1;
                    continue;
                }
                Standing::Begun => (Ended::Unknown, None, false),
                Standing::Ended(ending) if ending.outcome == Ended::Done => {
                    done += 1;
                    done_before += usize::from(before);
                    continue;
                }
                Standing::Ended(ending) => (ending.outcome, ending.kind, ending.retry),
            };
            groups.entry(group).or_default().push(number);
        }
        Self {
            command: found.command,
            file: found.file.display().to_string(),
            results: found.results.display().to_string(),
            lines,
            done,
            done_before,
            not_begun,
            problems: groups.into_iter().map(|(group, lines)| Group::of(group, lines)).collect(),
            stopped: found
                .closed
                .into_iter()
                .map(|(account, closed)| Stopped::of(account, &closed))
                .collect(),
            interrupted: found.interrupted != Interrupted::No,
            warnings: found.warnings,
            error: found.error,
        }
    }

    pub(super) fn report(&self) -> Report {
        let mut report = Report::new(self.text(), self).with_code(self.code());
        if let Some(failure) = &self.error {
            report = report.with_notes(error::text(failure));
        }
        report
    }

    /// The highest that fits: what may have happened first, then what is not done, by group.
    fn code(&self) -> u8 {
        if let Some(error) = &self.error {
            return exit::code(error);
        }
        if self.interrupted {
            return exit::INTERRUPTED;
        }
        let groups = self.problems.iter().map(|group| group.exit_code).max();
        groups.unwrap_or(if self.not_begun > 0 { exit::UNEXPECTED } else { exit::OK })
    }

    fn text(&self) -> String {
        let mut text = format!("{} of {} lines done", self.done, self.lines);
        if self.done_before > 0 {
            text.push_str(&format!(", {} of them in an earlier run", self.done_before));
        }
        let all = self.done == self.lines;
        text = format!("{}\n", if all { paint(GOOD, &text) } else { paint(BAD, &text) });
        if self.not_begun > 0 {
            text.push_str(&format!(
                "{} not begun{}\n",
                self.not_begun,
                if self.interrupted { ": stopped on request" } else { "" }
            ));
        }
        text.extend(self.stopped.iter().map(Stopped::text));
        if !self.problems.is_empty() {
            text.push_str(&format!("\n{}\n", self.table()));
        }
        text.extend(self.warnings.iter().map(|warning| warned(warning)));
        text.push_str(&format!("results: {}\n", table::safe(&self.results)));
        if all && self.done_before == self.lines {
            text.push_str(
                "nothing was left to do; to do it all once more, name another file with --results\n",
            );
        } else if !all {
            text.push_str("the same command goes on where this one ended\n");
        }
        text
    }

    fn table(&self) -> String {
        let mut shown = table::plain(table::width(), ["outcome", "kind", "lines", "which", "next"]);
        for group in &self.problems {
            let mut which: Vec<String> = group.lines.iter().take(SHOWN).map(ToString::to_string).collect();
            if group.lines.len() > SHOWN {
                which.push("…".to_owned());
            }
            let kind = group.kind.as_deref().unwrap_or("not ended");
            shown.add_row([
                group.outcome.as_str().to_owned(),
                table::safe(kind).into_owned(),
                group.lines.len().to_string(),
                which.join(", "),
                group.next.clone(),
            ]);
        }
        table::text(&shown)
    }
}

/// For people.
pub(super) fn warned(warning: &str) -> String {
    format!("{}\n", paint(WARN, &table::safe(warning)))
}

impl Group {
    fn of((outcome, kind, retry): (Ended, Option<String>, bool), lines: Vec<u64>) -> Self {
        let known = kind.as_deref().and_then(|kind| kind.parse::<ErrorKind>().ok());
        let of = |outcome| exit::of(known.unwrap_or(ErrorKind::Unexpected), outcome);
        let (exit_code, next) = match outcome {
            Ended::Unknown => (
                exit::UNKNOWN,
                "it may have happened: look at the vendor; --retry-unknown does them again".to_owned(),
            ),
            _ if retry => (of(Outcome::Refused), "the same command does them again".to_owned()),
            _ => {
                let remedy = known.map_or("see the results file", ErrorKind::remedy);
                (of(Outcome::Refused), format!("{remedy}; then --retry-refused"))
            }
        };
        Self { outcome, kind, retry, exit_code, next, lines }
    }
}

impl Stopped {
    pub(super) fn of(account: String, closed: &Closed) -> Self {
        let wait = closed.wait.and_then(|wait| Timestamp::now().checked_add(wait).ok());
        Self {
            account,
            kind: closed.error.kind(),
            message: closed.error.message().to_owned(),
            resume_at: wait,
            hint: closed.error.hint().to_owned(),
        }
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        let until =
            self.resume_at.map(|at| format!("; go on after {}", at.strftime("%Y-%m-%d %H:%M:%S UTC")));
        let (account, kind) = (table::safe(&self.account), self.kind.short());
        let line = format!("{account}: stopped, {kind}{}", until.unwrap_or_default());
        let (message, hint) = (table::safe(&self.message), table::safe(&self.hint));
        format!("{}\n  {message}\n  next: {hint}\n", paint(WARN, &line))
    }
}
