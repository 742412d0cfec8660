//! Checks results against the scenario's expectation.

use countersign_core::{
    AccessCodeChanged, Error, MailExpectation, NoMail, RecipientId, RecipientStatus, Recipients, Resent,
    Retry as Said, SigningView, Timestamp, Unlocking,
};

use super::expect::{Expect, ExpectChanged, ExpectError, ExpectRecipient, ExpectResent, ExpectView, Retry};
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
                self.changed(changed, wanted, wrong);
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
            let mut must = |what: &str, wanted: Option<String>, is: String, who: &str| {
                if wanted.as_ref().is_some_and(|wanted| *wanted != is) {
                    wrong.push(format!("{who}: {what} is {is}, expected {}", wanted.unwrap_or_default()));
                }
            };
            let who = wanted.who.as_str();
            must("status", wanted.status.clone(), row.status.to_string(), who);
            let unknown = matches!(row.status, RecipientStatus::Other(_));
            must(
                "whether the status is unknown",
                wanted.unknown_status.then(|| "true".to_owned()),
                unknown.to_string(),
                who,
            );
            must(
                "turn",
                wanted.in_turn.map(|turn| format!("{:?}", Some(turn))),
                format!("{:?}", row.in_turn),
                who,
            );
            must("access code", wanted.access_code.clone(), row.access_code.to_string(), who);
            must("role", wanted.role.clone(), row.role.to_string(), who);
            must("name", wanted.name.clone(), row.name.clone().unwrap_or_default(), who);
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

    fn resent(&self, resent: &Resent, rows: &[ExpectResent], wrong: &mut Vec<String>) {
        if resent.to.len() != rows.len() {
            wrong.push(format!("the reply contains {} recipients, expected {}", resent.to.len(), rows.len()));
        }
        for (one, wanted) in resent.to.iter().zip(rows) {
            self.is(&one.recipient, &wanted.who, wrong);
            mail(&wanted.who, &one.mail, &wanted.mail, wrong);
            unlocking(&wanted.who, one.unlocking, &wanted.unlocking, wrong);
        }
    }

    fn changed(&self, changed: &AccessCodeChanged, wanted: &ExpectChanged, wrong: &mut Vec<String>) {
        self.is(&changed.recipient, &wanted.who, wrong);
        mail(&wanted.who, &changed.mail, &wanted.mail, wrong);
        unlocking(&wanted.who, changed.unlocking, &wanted.unlocking, wrong);
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

fn mail(who: &str, is: &MailExpectation, wanted: &str, wrong: &mut Vec<String>) {
    let word = match is {
        MailExpectation::Expected => "expected".to_owned(),
        MailExpectation::Partly(not_by, why) => format!("expected, but not by {not_by}: {}", why.as_str()),
        MailExpectation::NotExpected(NoMail::Refused(kind)) => format!("refused:{kind}"),
        MailExpectation::NotExpected(why) => why.as_str().to_owned(),
        _ => "unknown".to_owned(),
    };
    if word != wanted {
        wrong.push(format!("{who}: mail is {word}, expected {wanted}"));
    }
}

fn unlocking(who: &str, is: Unlocking, wanted: &str, wrong: &mut Vec<String>) {
    if is.as_str() != wanted {
        wrong.push(format!("{who}: unlocking is {is}, expected {wanted}"));
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
