//! The work for each line.

use std::collections::BTreeMap;

use countersign::durable::RecordFile;
use countersign::provider as vendor;
use countersign::provider::Descriptor;
use countersign::provider::Facts;
use countersign::{
    AccessCode, ChangeAccessCode, Client, Email, ListRecipients, MailExpectation, Recipients,
    ResendRecipient, ResentTo, Result,
};
use serde::Serialize;

use super::drain::{self, Awaited};
use super::ending::{DRAIN, Ended};
use super::journal::Standing;
use super::rows::Line;
use super::sheet::Sheet;
use crate::args::BulkArgs;
use crate::codes;
use crate::context::named;
use crate::private::append;

/// One of the operations, with the options that are the same for all lines.
#[derive(Debug)]
pub(crate) enum Job {
    Resend {
        message: Option<String>,
        allow_muted: bool,
        on_behalf_of: Option<Email>,
    },
    AccessCode {
        notify: bool,
        on_behalf_of: Option<Email>,
        generate: Option<u8>,
    },
    Recipients,
    /// Whether an envelope is still open.
    Drain,
}

/// Where a command writes data that must not be in the results file.
#[derive(Debug)]
pub(super) enum Beside {
    Nothing,
    Codes(Sheet),
    Lists(RecordFile),
}

/// A list of recipients in the lists file.
#[derive(Serialize)]
struct Listed<'l> {
    line: u64,
    account: &'l str,
    envelope: &'l str,
    list: &'l Recipients,
}

/// The details of a line that was done.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// For the results file.
    pub(super) results: Option<serde_json::Value>,
    /// For the lists file.
    list: Option<Recipients>,
    /// The recipients that an open envelope waits for. They may be addresses, so no file has them.
    pub(super) awaited: Vec<Awaited>,
}

impl Told {
    fn of(results: &impl Serialize) -> Self {
        Self { results: serde_json::to_value(results).ok(), ..Self::default() }
    }
}

/// The details of a mail or a list, for the results file.
#[derive(Serialize)]
struct Mailed<'r> {
    mail: &'r MailExpectation,
    unlocking: countersign::Unlocking,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    code_in_mail: bool,
}

#[derive(Serialize)]
struct Counted<'r> {
    recipients: usize,
    statuses: BTreeMap<&'r str, usize>,
    /// The status of the recipient that the line names.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'r str>,
}

impl Job {
    /// The name of the command, as stored in the results file.
    pub(super) fn command(&self) -> &'static str {
        match self {
            Job::Resend { .. } => "resend",
            Job::AccessCode { .. } => "access-code",
            Job::Recipients => "recipients",
            Job::Drain => DRAIN,
        }
    }

    /// Whether the command changes or sends something, so that an intent is written first.
    pub(super) fn changes(&self) -> bool {
        !matches!(self, Job::Recipients | Job::Drain)
    }

    /// Whether a line has to be done, given the result of an earlier run. An unknown outcome is retried only on
    /// request; an envelope that had not ended is always checked again.
    pub(super) fn is_due(&self, standing: &Standing, args: &BulkArgs) -> bool {
        match standing {
            Standing::Ended(ending) if matches!(self, Job::Drain) => {
                !ending.told_as::<drain::Found>().is_some_and(|found| found.state.is_over())
            }
            Standing::NotBegun => true,
            // Checking a line again is harmless.
            Standing::Begun => !self.changes() || args.retry_unknown,
            Standing::Ended(ending) => match ending.outcome {
                Ended::Done => false,
                Ended::Unknown => args.retry_unknown,
                Ended::NoEffect | Ended::Refused => ending.retry || args.retry_refused,
            },
        }
    }

    /// Whether the vendor supports what a line requests, according to its facts.
    ///
    /// # Errors
    /// Fails if it does not, with what to use instead.
    pub(super) fn allowed(&self, vendor: &'static Descriptor, line: &Line) -> Result<()> {
        match self {
            Job::Resend { .. } => vendor::check(vendor, &self.resend(line)?).map(drop),
            Job::AccessCode { generate, .. } => {
                let made = generate.map(|length| codes::make(length, &vendor.facts)).transpose()?;
                let code = made.or_else(|| line.code.clone());
                vendor::check(vendor, &self.change(line, code.as_ref())?).map(drop)
            }
            Job::Recipients | Job::Drain => {
                vendor::check(vendor, &ListRecipients::new(line.key.envelope.clone())).map(drop)
            }
        }
    }

    /// The code for a line: its own, or a generated one that is written down first.
    pub(super) fn code(&self, facts: &Facts, line: &Line, beside: &Beside) -> Result<Option<AccessCode>> {
        match beside {
            Beside::Codes(sheet) => sheet.code(facts, line.number, &line.key).map(Some),
            _ => Ok(line.code.clone()),
        }
    }

    fn resend(&self, line: &Line) -> Result<ResendRecipient> {
        let mut request =
            ResendRecipient::new(line.key.envelope.clone(), named(line.recipient.clone(), "recipient")?);
        if let Job::Resend { message, allow_muted, on_behalf_of } = self {
            request = request.allow_muted(*allow_muted);
            request.message.clone_from(message);
            request.on_behalf_of.clone_from(on_behalf_of);
        }
        Ok(request)
    }

    fn change(&self, line: &Line, code: Option<&AccessCode>) -> Result<ChangeAccessCode> {
        let recipient = named(line.recipient.clone(), "recipient")?;
        let mut request =
            ChangeAccessCode::new(line.key.envelope.clone(), recipient, named(code.cloned(), "code")?);
        if let Job::AccessCode { notify, on_behalf_of, .. } = self {
            request = request.with_notify(*notify);
            request.on_behalf_of.clone_from(on_behalf_of);
        }
        Ok(request)
    }

    pub(super) async fn run(&self, client: &Client, line: &Line, code: Option<&AccessCode>) -> Result<Told> {
        let list = ListRecipients::new(line.key.envelope.clone());
        match self {
            Job::Resend { .. } => {
                let reply = client.resend_recipient(&self.resend(line)?).await?;
                let mailed = |one: &ResentTo| {
                    let (unlocking, code_in_mail) = (one.unlocking, one.code_in_mail);
                    Told::of(&Mailed { mail: &one.mail, unlocking, code_in_mail })
                };
                Ok(reply.to.first().map(mailed).unwrap_or_default())
            }
            Job::AccessCode { .. } => {
                let reply = client.change_access_code(&self.change(line, code)?).await?;
                let (unlocking, code_in_mail) = (reply.unlocking, reply.code_in_mail);
                Ok(Told::of(&Mailed { mail: &reply.mail, unlocking, code_in_mail }))
            }
            Job::Drain => {
                let (found, awaited) = drain::look(client, list.with_envelope_status()).await?;
                Ok(Told { awaited, ..Told::of(&found) })
            }
            Job::Recipients => {
                let list = client.list_recipients(&list).await?;
                let of_line = line.recipient.as_ref().map(|named| named.find(&list)).transpose()?;
                let mut statuses = BTreeMap::new();
                for one in &list.recipients {
                    *statuses.entry(one.status.as_str()).or_default() += 1;
                }
                let status = of_line.map(|one| one.status.as_str());
                let told = Told::of(&Counted { recipients: list.recipients.len(), statuses, status });
                Ok(Told { list: Some(list), ..told })
            }
        }
    }

    /// Writes a list into the lists file, before the line counts as done.
    pub(super) fn keep(&self, line: &Line, told: &Told, beside: &Beside) -> Result<()> {
        let (Beside::Lists(lists), Some(list)) = (beside, &told.list) else { return Ok(()) };
        let (account, envelope) = (line.key.account.as_str(), line.key.envelope.as_str());
        append(lists, &Listed { line: line.number, account, envelope, list })
    }

    /// Records in the codes file whether the code was set. An unknown outcome stays unknown there as well.
    pub(super) fn settle(
        &self,
        line: &Line,
        code: Option<&AccessCode>,
        ended: Ended,
        beside: &Beside,
    ) -> Result<()> {
        let (Beside::Codes(sheet), Some(code)) = (beside, code) else { return Ok(()) };
        sheet.settle(line.number, &line.key, code, ended)
    }
}
