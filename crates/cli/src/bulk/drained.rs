//! The result of draining an account: which envelopes are still open, and whether the account can be closed.

use std::collections::BTreeMap;

use countersign::{EnvelopeId, ErrorKind, Outcome, Timestamp};
use serde::Serialize;

use super::drain::{self, Awaited, State};
use super::ending::Ending;
use super::journal::Standing;
use super::summary::{About, End, Found, Place, Stopped, warned};
use crate::exit;
use crate::render::table::{self, BAD, GOOD, counted, paint};
use crate::report::Report;

/// The most envelopes in the readable output; the JSON output has all.
const SHOWN: usize = 50;

#[derive(Debug, Serialize)]
pub(super) struct Drained {
    #[serde(flatten)]
    about: About,
    envelopes: usize,
    open: usize,
    not_sent: usize,
    done: usize,
    closed: usize,
    /// In doubt: the vendor gives the same answer if the account may not see the envelope.
    not_found: usize,
    /// Envelopes that could not be checked, or whose list does not show their state.
    unknown: usize,
    not_begun: usize,
    /// For the envelopes in this file: whether all are done or closed.
    can_be_closed: bool,
    /// When the last open envelope expires, if the vendor's lists include the expiry of each.
    can_be_closed_at: Option<Timestamp>,
    /// The envelopes that keep the account from being closed.
    waiting_for: Vec<Waiting>,
    #[serde(flatten)]
    end: End,
}

/// One envelope that has not ended.
#[derive(Debug, Serialize)]
struct Waiting {
    line: u64,
    envelope: EnvelopeId,
    /// `null` for one that could not be checked.
    state: Option<State>,
    /// The kind of the error that prevented the check.
    kind: Option<String>,
    /// When it expires, if the vendor's list includes it.
    expires_at: Option<Timestamp>,
    awaited: Vec<Awaited>,
}

/// Known only if it is known for each envelope.
fn last_end(waiting: &[Waiting]) -> Option<Timestamp> {
    let ends: Option<Vec<Timestamp>> = waiting.iter().map(|one| one.expires_at).collect();
    ends?.into_iter().max()
}

impl Drained {
    pub(super) fn of(found: Found) -> Self {
        let envelopes = found.lines.len();
        let mut counts: BTreeMap<State, usize> = BTreeMap::new();
        let (mut unknown, mut not_begun) = (0, 0);
        let mut waiting_for = Vec::new();
        for Place { number, key, standing, awaited, .. } in found.lines {
            let ending = if let Standing::Ended(ending) = standing { Some(ending) } else { None };
            let told = ending.as_ref().and_then(Ending::told_as::<drain::Found>);
            match (&told, &ending) {
                (Some(told), _) => *counts.entry(told.state).or_default() += 1,
                (None, Some(_)) => unknown += 1,
                (None, None) => not_begun += 1,
            }
            let state = told.as_ref().map(|told| told.state);
            if state.is_some_and(State::is_over) {
                continue;
            }
            let expires_at = told.and_then(|told| told.expires_at);
            let (kind, envelope) = (ending.and_then(|ending| ending.kind), key.envelope.clone());
            waiting_for.push(Waiting { line: number, envelope, state, kind, expires_at, awaited });
        }
        let count = |state| counts.get(&state).copied().unwrap_or(0);
        Self {
            about: found.about,
            envelopes,
            open: count(State::Open),
            not_sent: count(State::NotSent),
            done: count(State::Done),
            closed: count(State::Closed),
            not_found: count(State::NotFound),
            unknown: unknown + count(State::Unclear),
            not_begun,
            can_be_closed: waiting_for.is_empty(),
            can_be_closed_at: last_end(&waiting_for),
            waiting_for,
            end: found.end,
        }
    }

    pub(super) fn report(&self) -> Report {
        // 0 only if the account can be closed; otherwise the highest one that applies.
        let code = |one: &Waiting| match (&one.kind, one.state) {
            (Some(kind), _) => exit::of(kind.parse().unwrap_or(ErrorKind::Unexpected), Outcome::NoEffect),
            (None, Some(_)) => exit::ENVELOPE,
            (None, None) => exit::UNEXPECTED,
        };
        self.end.report(self.text(), self, self.waiting_for.iter().map(code).max().unwrap_or(exit::OK))
    }

    fn text(&self) -> String {
        let parts = [
            (self.open, "open"),
            (self.not_sent, "not sent yet"),
            (self.done, "done"),
            (self.closed, "closed"),
            (self.not_found, "not found"),
            (self.unknown, "unknown"),
            (self.not_begun, "not checked"),
        ];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        let account = table::safe(self.about.account.as_deref().unwrap_or_default());
        let envelopes = counted(self.envelopes, "envelope");
        let mut text = format!("{account}: {envelopes}, {}\n", parts.join(", "));
        text.push_str(&if self.can_be_closed {
            paint(GOOD, "all envelopes in this list have ended; the account can be closed").to_string()
        } else {
            paint(BAD, "the account cannot be closed until these have ended:").to_string()
        });
        text.push('\n');
        text.extend(self.end.stopped.iter().map(Stopped::text));
        if !self.waiting_for.is_empty() {
            text.push_str(&format!("\n{}\n", self.table()));
        }
        if self.waiting_for.len() > SHOWN {
            text.push_str(&format!("and {} more; --json shows all\n", self.waiting_for.len() - SHOWN));
        }
        match self.can_be_closed_at {
            Some(at) => text.push_str(&format!("the last of them expires at {at}\n")),
            None if !self.can_be_closed => text.push_str(
                "it is not known when all of them will have expired: the vendor's lists do not include every \
                 expiry date\n",
            ),
            None => {}
        }
        if self.not_found == self.envelopes {
            text.push_str(
                "none of the envelopes was found: the account, its environment or its base URL is \
                           probably wrong\n",
            );
        } else if self.not_found > 0 {
            text.push_str(
                "an envelope that was not found may still be open, but not visible to this account or \
                           user: check its id and who sent it\n",
            );
        }
        text.extend(self.end.warnings.iter().map(|warning| warned(warning)));
        text.push_str(&format!("results: {}\n", table::safe(&self.about.results)));
        if !self.can_be_closed {
            text.push_str("run the same command again to check those that had not ended\n");
        }
        text
    }

    fn table(&self) -> String {
        let row = |one: &Waiting| {
            let state = match (one.state, &one.kind) {
                (Some(state), _) => state.as_str().to_owned(),
                (None, Some(kind)) => format!("unknown: {}", table::safe(&kind.replace('_', " "))),
                (None, None) => "not checked".to_owned(),
            };
            let awaited: Vec<String> = one
                .awaited
                .iter()
                .map(|one| format!("id:{} ({})", table::safe(&one.recipient), table::safe(&one.status)))
                .collect();
            let envelope = table::safe(one.envelope.as_str()).into_owned();
            [one.line.to_string(), envelope, state, awaited.join(", ")]
        };
        let rows = self.waiting_for.iter().take(SHOWN).map(row);
        table::text(table::width(), ["line", "envelope", "state", "waits for"], rows)
    }
}
