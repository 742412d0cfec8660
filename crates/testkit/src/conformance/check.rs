//! Checks results against the scenario's expectation.

use countersign_core::{
    Error, MailExpectation, NoMail, RecipientId, RecipientStatus, Recipients, Resent, Retry as Said,
    SigningView, Timestamp, Unlocking,
};

use super::expect::{Expect, ExpectError, ExpectRecipient, ExpectResult, ExpectView, Retry};
use super::request::{Reply, row_of};
use super::scenario::Scenario;

/// Everything that a reply is checked against.
pub(crate) struct Judge<'t> {
    pub(crate) scenario: &'t Scenario,
    /// The list before the call, if one was available: maps ids to recipients.
    pub(crate) known: Option<&'t Recipients>,
    /// When the call was made.
    pub(crate) at: Timestamp,
    /// Whether no time passes but that of the scenario's steps.
    pub(crate) is_exact: bool,
}

/// Seconds that a real envelope may be older than its scenario says.
const SLACK: i64 = 120;

impl Judge<'_> {
    /// The problems; empty if everything is correct.
    pub(crate) fn judge(&self, result: &Result<Reply, Error>) -> Vec<String> {
        let expect = &self.scenario.story.expect;
        let mut wrong = Vec::new();
        match (result, &expect.error) {
            (Err(error), Some(wanted)) => failure(error, wanted, &mut wrong),
            (Err(error), None) => {
                wrong.push(format!("expected a reply, but it failed: {} ({error})", said(error)));
            }
            (Ok(_), Some(wanted)) => {
                wrong.push(format!("expected {} with {:?}, but it succeeded", wanted.kind, wanted.outcome));
            }
            (Ok(reply), None) => self.reply(reply, expect, &mut wrong),
        }
        wrong
    }

    fn reply(&self, reply: &Reply, expect: &Expect, wrong: &mut Vec<String>) {
        match (reply, expect) {
            (Reply::Listed(list), Expect { recipients: Some(rows), .. }) => self.list(list, rows, wrong),
            (Reply::Viewed(view), Expect { view: Some(wanted), .. }) => self.view(view, wanted, wrong),
            (Reply::Resent(resent), Expect { resent: Some(rows), .. }) => self.resent(resent, rows, wrong),
            (Reply::Changed(changed), Expect { changed: Some(wanted), .. }) => {
                self.result(&changed.recipient, (&changed.mail, changed.unlocking), wanted, wrong);
            }
            _ => wrong.push("the expectation does not apply to this reply".to_owned()),
        }
    }

    fn list(&self, list: &Recipients, rows: &[ExpectRecipient], wrong: &mut Vec<String>) {
        let place = |row: &ExpectRecipient| {
            let found = row_of(self.scenario.person(&row.who)?, list)?;
            list.recipients.iter().position(|one| one.id == found.id)
        };
        let places: Vec<Option<usize>> = rows.iter().map(place).collect();
        let in_order: Vec<Option<usize>> = (0..list.recipients.len()).map(Some).collect();
        if places != in_order {
            let said: Vec<String> = list.recipients.iter().map(|row| row.id.to_string()).collect();
            let wanted: Vec<&str> = rows.iter().map(|row| row.who.as_str()).collect();
            wrong.push(format!(
                "expected in this order: {}; the list has: {}",
                wanted.join(", "),
                said.join(", ")
            ));
            return;
        }
        for (row, wanted) in list.recipients.iter().zip(rows) {
            let is_unknown = matches!(row.status, RecipientStatus::Other(_));
            let unknown = wanted.unknown_status.then(|| "true".to_owned());
            let turn = wanted.in_turn.map(|turn| format!("{:?}", Some(turn)));
            for (what, wanted_word, is) in [
                ("status", wanted.status.clone(), row.status.to_string()),
                ("whether the status is unknown", unknown, is_unknown.to_string()),
                ("turn", turn, format!("{:?}", row.in_turn)),
                ("access code", wanted.access_code.clone(), row.access_code.to_string()),
                ("role", wanted.role.clone(), row.role.to_string()),
                ("name", wanted.name.clone(), row.name.clone().unwrap_or_default()),
            ] {
                if let Some(word) = wanted_word.filter(|word| *word != is) {
                    wrong.push(format!("{}: {what} is {is}, expected {word}", wanted.who));
                }
            }
        }
    }

    fn view(&self, view: &SigningView, wanted: &ExpectView, wrong: &mut Vec<String>) {
        self.is(&view.recipient, &wanted.who, wrong);
        if let Some(seconds) = wanted.lives_seconds {
            let lives = view.expires_at.map(|end| end.as_second() - self.at.as_second());
            let missing = lives.map(|lives| i64::try_from(seconds).unwrap_or(i64::MAX) - lives);
            let slack = if self.is_exact { 0 } else { SLACK };
            if !missing.is_some_and(|missing| (0..=slack).contains(&missing)) {
                wrong.push(format!("the link lives {lives:?} seconds, expected {seconds}"));
            }
        }
        if wanted.single_use.is_some() && view.single_use != wanted.single_use {
            wrong.push(format!("single use is {:?}, expected {:?}", view.single_use, wanted.single_use));
        }
    }

    fn resent(&self, resent: &Resent, rows: &[ExpectResult], wrong: &mut Vec<String>) {
        if resent.to.len() != rows.len() {
            wrong.push(format!("the reply contains {} recipients, expected {}", resent.to.len(), rows.len()));
        }
        for (one, wanted) in resent.to.iter().zip(rows) {
            self.result(&one.recipient, (&one.mail, one.unlocking), wanted, wrong);
        }
    }

    fn result(
        &self,
        id: &RecipientId,
        (mail, unlocking): (&MailExpectation, Unlocking),
        wanted: &ExpectResult,
        wrong: &mut Vec<String>,
    ) {
        self.is(id, &wanted.who, wrong);
        let mail = match mail {
            MailExpectation::Expected => "expected".to_owned(),
            MailExpectation::Partly(not_by, why) => {
                format!("expected, but not by {not_by}: {}", why.as_str())
            }
            MailExpectation::NotExpected(NoMail::Refused(kind)) => format!("refused:{kind}"),
            MailExpectation::NotExpected(why) => why.as_str().to_owned(),
            _ => "unknown".to_owned(),
        };
        if mail != wanted.mail {
            wrong.push(format!("{}: mail is {mail}, expected {}", wanted.who, wanted.mail));
        }
        if unlocking.as_str() != wanted.unlocking {
            wrong.push(format!("{}: unlocking is {unlocking}, expected {}", wanted.who, wanted.unlocking));
        }
    }

    /// Whether an id of a reply belongs to a recipient.
    fn is(&self, id: &RecipientId, who: &str, wrong: &mut Vec<String>) {
        let row = self.scenario.person(who).zip(self.known).and_then(|(person, list)| row_of(person, list));
        match row {
            Some(row) if row.id == *id => {}
            Some(row) => {
                wrong.push(format!("the reply is about id:{id}, expected {who}, who is id:{}", row.id));
            }
            None => {
                wrong.push(format!(
                    "the list before the call does not have {who}, so id:{id} cannot be checked"
                ));
            }
        }
    }
}

fn failure(error: &Error, wanted: &ExpectError, wrong: &mut Vec<String>) {
    let (retry, wait) = match error.retry() {
        Said::Never => (Retry::Never, None),
        Said::After(wait) => (Retry::Later, wait.map(|wait| wait.as_secs())),
    };
    if (error.kind(), error.outcome(), retry) != (wanted.kind, wanted.outcome, wanted.retry) {
        wrong.push(format!(
            "expected {} with {:?}, again {:?}; it is {}: {error}",
            wanted.kind,
            wanted.outcome,
            wanted.retry,
            said(error)
        ));
    }
    if wanted.wait_seconds.is_some() && wait != wanted.wait_seconds {
        wrong.push(format!("it says to wait {wait:?} seconds, expected {:?}", wanted.wait_seconds));
    }
    for field in &wanted.details {
        if !error.details().iter().any(|detail| detail.field == field.as_str()) {
            let fields: Vec<&str> = error.details().iter().map(|detail| detail.field.as_ref()).collect();
            wrong.push(format!("the details do not name `{field}`, but: {}", fields.join(", ")));
        }
    }
}

fn said(error: &Error) -> String {
    format!("{} with {:?}, again {:?}", error.kind(), error.outcome(), error.retry())
}
