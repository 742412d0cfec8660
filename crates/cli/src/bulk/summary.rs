//! The summary of all lines, as text and as JSON.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use countersign::{Error, ErrorKind, Outcome, Timestamp};
use serde::Serialize;

use super::drain::Awaited;
use super::ending::Ended;
use super::journal::Standing;
use super::rows::Key;
use crate::exit;
use crate::render::error;
use crate::render::table::{self, BAD, GOOD, WARN, paint};
use crate::report::Report;

/// The most line numbers in the readable output; the JSON output has all.
const SHOWN: usize = 6;

#[derive(Debug, Serialize)]
pub(super) struct Summary {
    #[serde(flatten)]
    about: About,
    /// All lines of the file.
    lines: usize,
    done: usize,
    /// How many of them were done in an earlier run.
    done_before: usize,
    not_begun: usize,
    /// The lines that are not done, by kind.
    problems: Vec<Group>,
    #[serde(flatten)]
    end: End,
}

/// What every summary begins with.
#[derive(Debug, Serialize)]
pub(super) struct About {
    pub(super) command: &'static str,
    /// Of a drain, which is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<String>,
    pub(super) file: String,
    pub(super) results: String,
}

/// What every summary ends with.
#[derive(Debug, Serialize)]
pub(super) struct End {
    /// Accounts whose work stopped, and why.
    pub(super) stopped: Vec<Stopped>,
    pub(super) interrupted: bool,
    /// Damaged parts of the recording files.
    pub(super) warnings: Vec<String>,
    /// The local problem that prevented further work.
    pub(super) error: Option<Error>,
}

#[derive(Debug, Serialize)]
struct Group {
    outcome: Ended,
    /// `null` for lines that an earlier run started but did not end.
    kind: Option<String>,
    /// Whether the same command retries them.
    retry: bool,
    exit_code: u8,
    next: String,
    lines: Vec<u64>,
}

#[derive(Debug, Serialize)]
pub(super) struct Stopped {
    account: String,
    kind: ErrorKind,
    message: String,
    /// When to continue, if the vendor reported it.
    resume_at: Option<Timestamp>,
    /// The account's remaining lines.
    hint: String,
}

/// One line without its code, which is kept no longer than the work on it takes, and what is known of it.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) number: u64,
    pub(super) key: Arc<Key>,
    pub(super) standing: Standing,
    /// Whether that comes from an earlier run.
    pub(super) before: bool,
    /// The recipients that its envelope waits for, if this run is a drain.
    pub(super) awaited: Vec<Awaited>,
}

/// The state at the end of a run.
pub(super) struct Found {
    pub(super) about: About,
    pub(super) lines: Vec<Place>,
    pub(super) end: End,
}

impl End {
    /// The report of a summary; `code` counts if the run came to its end.
    pub(super) fn report(&self, text: String, summary: &impl Serialize, code: u8) -> Report {
        let code = match &self.error {
            Some(error) => exit::code(error),
            None if self.interrupted => exit::INTERRUPTED,
            None => code,
        };
        let notes = self.error.as_ref().map(error::text).unwrap_or_default();
        Report::new(text, summary).with_code(code).with_notes(notes)
    }
}

impl Summary {
    pub(super) fn of(found: Found) -> Self {
        let mut groups: BTreeMap<(Ended, Option<String>, bool), Vec<u64>> = BTreeMap::new();
        let (mut done, mut done_before, mut not_begun) = (0, 0, 0);
        let lines = found.lines.len();
        for Place { number, standing, before, .. } in found.lines {
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
            about: found.about,
            lines,
            done,
            done_before,
            not_begun,
            problems: groups.into_iter().map(|(group, lines)| Group::of(group, lines)).collect(),
            end: found.end,
        }
    }

    pub(super) fn report(&self) -> Report {
        // The highest one that applies: unknown outcomes first, then unfinished lines, by group.
        let groups = self.problems.iter().map(|group| group.exit_code).max();
        let code = groups.unwrap_or(if self.not_begun > 0 { exit::UNEXPECTED } else { exit::OK });
        self.end.report(self.text(), self, code)
    }

    fn text(&self) -> String {
        let mut text = format!("{} of {} lines done", self.done, self.lines);
        if self.done_before > 0 {
            text.push_str(&format!(", {} in an earlier run", self.done_before));
        }
        let all = self.done == self.lines;
        text = format!("{}\n", if all { paint(GOOD, &text) } else { paint(BAD, &text) });
        if self.not_begun > 0 {
            let why = if self.end.interrupted { "; stopped on request" } else { "" };
            text.push_str(&format!("{} not begun{why}\n", self.not_begun));
        }
        text.extend(self.end.stopped.iter().map(Stopped::text));
        if !self.problems.is_empty() {
            text.push_str(&format!("\n{}\n", self.table()));
        }
        text.extend(self.end.warnings.iter().map(|warning| warned(warning)));
        text.push_str(&format!("results: {}\n", table::safe(&self.about.results)));
        if all && self.done_before == self.lines {
            text.push_str("nothing was left to do; to repeat all lines, give another file with --results\n");
        } else if !all {
            text.push_str("run the same command again to continue\n");
        }
        text
    }

    fn table(&self) -> String {
        let row = |group: &Group| {
            let mut which: Vec<String> = group.lines.iter().take(SHOWN).map(ToString::to_string).collect();
            if group.lines.len() > SHOWN {
                which.push("…".to_owned());
            }
            let kind = table::safe(group.kind.as_deref().unwrap_or("not ended"));
            let count = group.lines.len().to_string();
            [group.outcome.as_str(), &kind, &count, &which.join(", "), &group.next].map(str::to_owned)
        };
        let headings = ["outcome", "kind", "lines", "which", "next"];
        table::text(table::width(), headings, self.problems.iter().map(row))
    }
}

pub(super) fn warned(warning: &str) -> String {
    format!("{}\n", paint(WARN, &table::safe(warning)))
}

impl Group {
    fn of((outcome, kind, retry): (Ended, Option<String>, bool), lines: Vec<u64>) -> Self {
        let known = kind.as_deref().and_then(|kind| kind.parse::<ErrorKind>().ok());
        let refused = exit::of(known.unwrap_or(ErrorKind::Unexpected), Outcome::Refused);
        let (exit_code, next) = match outcome {
            Ended::Unknown => (
                exit::UNKNOWN,
                "may have taken effect: check at the vendor; --retry-unknown retries them".to_owned(),
            ),
            _ if retry => (refused, "the same command retries them".to_owned()),
            _ => {
                let remedy = known.map_or("see the results file", ErrorKind::remedy);
                (refused, format!("{remedy}; then --retry-refused"))
            }
        };
        Self { outcome, kind, retry, exit_code, next, lines }
    }
}

impl Stopped {
    pub(super) fn of(account: &str, error: &Error, wait: Option<Duration>) -> Self {
        Self {
            account: account.to_owned(),
            kind: error.kind(),
            message: error.message().to_owned(),
            resume_at: wait.and_then(|wait| Timestamp::now().checked_add(wait).ok()),
            hint: error.hint().to_owned(),
        }
    }

    pub(super) fn text(&self) -> String {
        let until =
            self.resume_at.map(|at| format!("; continue after {}", at.strftime("%Y-%m-%d %H:%M:%S UTC")));
        let (account, kind) = (table::safe(&self.account), self.kind.short());
        let line = format!("{account}: stopped, {kind}{}", until.unwrap_or_default());
        let (message, hint) = (table::safe(&self.message), table::safe(&self.hint));
        format!("{}\n  {message}\n  next: {hint}\n", paint(WARN, &line))
    }
}
