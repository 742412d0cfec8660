//! Finds the account that owns an envelope by asking each of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use countersign_core::locked;
use countersign_core::{Detail, EnvelopeId, Error, ErrorKind, ListRecipients, Result, Retry, escape_control};
use tokio::sync::OnceCell;
use tokio::task::JoinSet;

use crate::client::Client;

/// The maximum number of cached envelopes; beyond that, some are removed and asked for again.
const MOST: usize = 100_000;

type Slot = Arc<OnceCell<String>>;

/// The results so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    slots: Mutex<HashMap<EnvelopeId, Slot>>,
}

impl Found {
    /// The owner, asked for if it is not known. Simultaneous callers for the same envelope wait for one answer.
    /// Only a certain owner is cached.
    pub(super) async fn owner(
        &self,
        accounts: &[(String, Client)],
        envelope: &EnvelopeId,
    ) -> Result<(String, bool)> {
        let slot = self.slot(envelope);
        let mut asked = false;
        let owner = slot
            .get_or_try_init(|| {
                asked = true;
                ask(accounts, envelope)
            })
            .await?;
        Ok((owner.clone(), asked))
    }

    fn slot(&self, envelope: &EnvelopeId) -> Slot {
        let mut slots = locked(&self.slots);
        if slots.len() >= MOST && !slots.contains_key(envelope) {
            let some: Vec<EnvelopeId> = slots.keys().take(MOST / 10).cloned().collect();
            some.iter().for_each(|id| drop(slots.remove(id)));
        }
        Arc::clone(slots.entry(envelope.clone()).or_default())
    }
}

/// Asks all accounts at once. The one that shows the envelope is the owner; the others only matter if none does.
async fn ask(accounts: &[(String, Client)], envelope: &EnvelopeId) -> Result<String> {
    let mut asking = JoinSet::new();
    for (name, client) in accounts {
        let (name, client, envelope) = (name.clone(), client.clone(), envelope.clone());
        asking.spawn(async move {
            // It shows the envelope, its vendor explicitly says that there is none, or it is not known.
            let is_here = match client.list_recipients(&ListRecipients::new(envelope)).await {
                Ok(_) => Ok(true),
                Err(error) if error.kind() == ErrorKind::EnvelopeNotFound => Ok(false),
                Err(error) => Err(error),
            };
            (name, is_here)
        });
    }
    let (mut here, mut not_here, mut unsure) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(answer) = asking.join_next().await {
        match answer {
            Ok((name, Ok(true))) => here.push(name),
            Ok((name, Ok(false))) => not_here.push(name),
            Ok((name, Err(error))) => unsure.push((name, error)),
            Err(error) => {
                let message = "asking an account was interrupted";
                return Err(Error::new(ErrorKind::Unexpected, message).with_source(error));
            }
        }
    }
    here.sort();
    not_here.sort();
    unsure.sort_by(|(a, _), (b, _)| a.cmp(b));
    match (here.as_slice(), unsure.as_slice()) {
        ([one], _) => Ok(one.clone()),
        ([_, ..], _) => Err(Error::new(ErrorKind::InvalidRequest, "several accounts show the envelope")
            .with_details(here.iter().map(|name| told(name, "shows it")).collect())
            .with_hint(NAME_IT)),
        ([], []) => Err(Error::new(ErrorKind::EnvelopeNotFound, "none of the accounts has the envelope")
            .with_details(not_here.iter().map(|name| told(name, "does not have it")).collect())),
        ([], _) => Err(nobody_is_sure(&not_here, unsure)),
    }
}

fn told(account: &str, said: impl Into<String>) -> Detail {
    Detail::new(format!("account {}", escape_control(account)), None, Some(said.into()))
}

const NAME_IT: &str = "give the account with the envelope: `account:envelope`";

/// Has the kind of the first account without a clear answer; may be repeated if any of those may be. Never "not
/// found", because no vendor said so.
fn nobody_is_sure(not_here: &[String], unsure: Vec<(String, Error)>) -> Error {
    let retry = unsure.iter().map(|(_, error)| error.retry()).find(|retry| *retry != Retry::Never);
    let mut details: Vec<Detail> = not_here.iter().map(|name| told(name, "does not have it")).collect();
    details.extend(
        unsure.iter().map(|(name, error)| told(name, format!("cannot tell ({})", error.kind().short()))),
    );
    let accounts: Vec<&str> = unsure.iter().map(|(name, _)| name.as_str()).collect();
    let message = format!(
        "no account is known to have the envelope, and these did not give a clear answer: {}",
        accounts.join(", ")
    );
    let first = unsure.first().map_or(ErrorKind::Unexpected, |(_, error)| error.kind());
    let error = Error::new(first, message).with_details(details).with_hint(NAME_IT);
    let outcome = error.outcome();
    let error = error.with_outcome(outcome, retry.unwrap_or(Retry::Never));
    match unsure.into_iter().next() {
        Some((_, first)) => error.with_source(first),
        None => error,
    }
}
