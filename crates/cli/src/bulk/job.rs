//! What is done for each line.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use countersign::durable::RecordFile;
use countersign::{
    AccessCode, ChangeAccessCode, Client, Email, Error, ErrorKind, ListRecipients, MailExpectation,
    Recipients, ResendRecipient, Result,
};
use serde::Serialize;

use super::drain::{self, Awaited};
use super::ending::Ended;
use super::journal::Standing;
use super::lines::{CodeColumn, Line, Needs};
use super::sheet::Sheet;
use crate::args::BulkArgs;
use crate::private::cannot;
use crate::render::json;

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

/// Where a command writes what must not stand in the results file.
#[derive(Debug)]
pub(super) enum Beside {
    Nothing,
    Codes(Sheet),
    Lists(RecordFile),
    /// Who is awaited on the envelopes that are open, by the line.
    Awaited(Mutex<BTreeMap<u64, Vec<Awaited>>>),
}

/// A list of recipients in the file for them.
#[derive(Serialize)]
struct Listed<'l> {
    line: u64,
    account: &'l str,
    envelope: &'l str,
    list: &'l Recipients,
}

/// What is told of a line that was done.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// In the results file.
    pub(super) results: Option<serde_json::Value>,
    /// In the file of lists.
    list: Option<String>,
}

/// What the results file tells of a mail or a list.
#[derive(Serialize)]
struct Mailed<'r> {
    mail: &'r MailExpectation,
    unlocking: countersign::Unlocking,
}

#[derive(Serialize)]
struct Counted<'r> {
    recipients: usize,
    statuses: BTreeMap<&'r str, usize>,
    /// Of the one whom the line names.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'r str>,
}

impl Beside {
    /// What to say of a file that is damaged.
    pub(super) fn warning(&self) -> Option<String> {
        match self {
            Beside::Codes(sheet) => sheet.warning(),
            _ => None,
        }
    }
}

impl Job {
    /// The command's name, which the results file carries.
    pub(super) fn command(&self) -> &'static str {
        match self {
            Job::Resend { .. } => "resend",
            Job::AccessCode { .. } => "access-code",
            Job::Recipients => "recipients",
            Job::Drain => "drain",
        }
    }

    /// Whether the vendor changes or sends something, so that an intent is written first.
    pub(super) fn changes(&self) -> bool {
        !matches!(self, Job::Recipients | Job::Drain)
    }

    /// What each line has to have.
    pub(super) fn needs(&self, allow_duplicates: bool) -> Needs {
        let code = match self {
            Job::AccessCode { generate: Some(_), .. } => CodeColumn::Unwanted,
            Job::AccessCode { .. } => CodeColumn::Needed,
            _ => CodeColumn::PassedOver,
        };
        Needs { recipient: self.changes(), code, each_once: self.changes() && !allow_duplicates }
    }

    /// Whether a line is to be done, after what an earlier run found. What may have happened is not repeated unless that
    /// is asked for; a look at what was not over is always repeated.
    pub(super) fn is_due(&self, standing: &Standing, args: &BulkArgs) -> bool {
        match standing {
            Standing::Ended(ending) if matches!(self, Job::Drain) => {
                !ending.told_as::<drain::Found>().is_some_and(|found| found.state.is_over())
            }
            Standing::NotBegun => true,
            // Looking at a line once more does no harm.
            Standing::Begun => !self.changes() || args.retry_unknown,
            Standing::Ended(ending) => match ending.outcome {
                Ended::Done => false,
                Ended::Unknown => args.retry_unknown,
                Ended::NoEffect | Ended::Refused => ending.retry || args.retry_refused,
            },
        }
    }

    /// The code for a line: its own, or one that is made and written down.
    pub(super) fn code(&self, line: &Line, beside: &Beside) -> Result<Option<AccessCode>> {
        match beside {
            Beside::Codes(sheet) => sheet.code(line.number, &line.key).map(Some),
            _ => Ok(line.code.clone()),
        }
    }

    /// Does one line, and says what is told of it.
    pub(super) async fn run(
        &self,
        client: &Client,
        line: &Line,
        code: Option<&AccessCode>,
        beside: &Beside,
    ) -> Result<Told> {
        let missing = |what| Error::new(ErrorKind::InvalidRequest, format!("the line has no {what}"));
        let envelope = line.envelope.clone();
        let recipient = || line.recipient.clone().ok_or_else(|| missing("recipient"));
        match self {
            Job::Resend { message, allow_muted, on_behalf_of } => {
                let mut request = ResendRecipient::new(envelope, recipient()?).allow_muted(*allow_muted);
                request.message.clone_from(message);
                request.on_behalf_of.clone_from(on_behalf_of);
                let reply = client.resend_recipient(&request).await?;
                let told = reply.to.first().map(|one| Mailed { mail: &one.mail, unlocking: one.unlocking });
                Ok(Told { results: told.and_then(|told| serde_json::to_value(told).ok()), list: None })
            }
            Job::AccessCode { notify, on_behalf_of, .. } => {
                let code = code.cloned().ok_or_else(|| missing("code"))?;
                let mut request = ChangeAccessCode::new(envelope, recipient()?, code).with_notify(*notify);
                request.on_behalf_of.clone_from(on_behalf_of);
                let reply = client.change_access_code(&request).await?;
                let mailed = Mailed { mail: &reply.mail, unlocking: reply.unlocking };
                Ok(Told { results: serde_json::to_value(mailed).ok(), list: None })
            }
            Job::Drain => {
                let (found, awaited) = drain::look(client, envelope).await?;
                if let Beside::Awaited(all) = beside {
                    all.lock().unwrap_or_else(PoisonError::into_inner).insert(line.number, awaited);
                }
                Ok(Told { results: serde_json::to_value(found).ok(), list: None })
            }
            Job::Recipients => {
                let list = client.list_recipients(&ListRecipients::new(envelope)).await?;
                let named = line.recipient.as_ref().map(|named| named.find(&list)).transpose()?;
                let listed = matches!(beside, Beside::Lists(_)).then(|| {
                    let Line { number, key, .. } = line;
                    json::line(&Listed {
                        line: *number,
                        account: &key.account,
                        envelope: key.envelope.as_str(),
                        list: &list,
                    })
                });
                let mut statuses = BTreeMap::new();
                for one in &list.recipients {
                    *statuses.entry(one.status.as_str()).or_default() += 1;
                }
                let status = named.map(|one| one.status.as_str());
                let counted = Counted { recipients: list.recipients.len(), statuses, status };
                Ok(Told { results: serde_json::to_value(counted).ok(), list: listed })
            }
        }
    }

    /// Writes a list into the file for lists. Before that the line has not ended.
    pub(super) fn keep(&self, told: &Told, beside: &Beside) -> Result<()> {
        let (Beside::Lists(lists), Some(list)) = (beside, &told.list) else { return Ok(()) };
        lists.append(list.as_bytes()).map_err(|error| cannot("written", lists.path(), &error))
    }

    /// Says in the file of codes whether the code was set. An unknown outcome stays unknown there as well.
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
