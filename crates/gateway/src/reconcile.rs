//! Calls with an unknown outcome: their tenants get an event, and what the vendor's own evidence proves is recorded.
//!
//! Evidence proves that a mail was sent, never that none was.

use std::time::Duration;

use countersign::ledger::{CallAbout, CallRecord, Finding, Resolution, Resolved, Scope, UnresolvedCall};
use countersign::{
    EnvelopeId, ListRecipients, Operation, RecipientId, RecipientRef, Recipients, Result, Timestamp,
};

use crate::directory::{Looked, word};
use crate::events::{Event, EventShown};
use crate::gateway::Gateway;
use crate::hold::is_of_hold;

/// How far the clocks of the vendor and of the database may differ.
const CLOCKS: Duration = Duration::from_secs(2 * 60);

/// How long after the mark of a call its mail may go out.
const WINDOW: Duration = Duration::from_secs(10 * 60);

/// The longest time that a caller can give a call.
const LONGEST_CALL: Duration = Duration::from_secs(300);

/// How long evidence is looked for, and the shortest pause between two looks. The pauses grow with the call's age.
const LOOK_FOR: Duration = Duration::from_secs(60 * 60);
const LOOK_AGAIN: Duration = Duration::from_secs(5 * 60);

/// The most unknown calls in one look at the ledger.
const PAGE: u32 = 100;

/// What records the outcome, in place of a person.
const BY: &str = "reconciler";

/// What is noted about calls that the operator has freed.
const STATED: &str = "stated for all calls that were held";

impl Gateway {
    /// Tells tenants about their calls with an unknown outcome, and settles those for which the vendor has evidence;
    /// returns how many. [`serve`](crate::serve) does it every minute.
    ///
    /// # Errors
    /// `Unavailable` if the ledger does not answer.
    pub async fn reconcile(&self) -> Result<usize> {
        let (mut settled, mut after) = (0, None);
        loop {
            let calls = self.ledger().unresolved(None, after.as_ref(), PAGE).await?;
            for of_tenant in calls.chunk_by(|one, next| one.scope == next.scope) {
                let Some(first) = of_tenant.first() else { continue };
                let looked = self.directory().looked(first.scope.as_str(), of_tenant).await?;
                for call in of_tenant {
                    match self.look_at(call, looked.get(call.key.as_str())).await {
                        Ok(is_settled) => settled += usize::from(is_settled),
                        Err(error) => tracing::warn!(%error, "an unknown call cannot be looked at"),
                    }
                }
            }
            match calls.last() {
                Some(last) if calls.len() == PAGE as usize => after = Some(last.cursor()),
                _ => return Ok(settled),
            }
        }
    }

    /// Of a call about which all was done before, nothing is read or written here.
    async fn look_at(&self, call: &UnresolvedCall, looked: Option<&Looked>) -> Result<bool> {
        let tenant = call.scope.as_str();
        let id = match looked {
            Some(looked) => looked.id.clone(),
            None => self.directory().call_id(tenant, &call.key).await?,
        };
        if looked.and_then(|looked| looked.told_since) != Some(call.since) {
            self.tell((tenant, "call.unknown", &id), &call.about, call.since, None).await?;
            self.directory().note_told(tenant, &id, call.since).await?;
        }
        let age = self.clock().now().duration_since(call.since).unsigned_abs();
        let pause = LOOK_AGAIN.max(age / 2);
        // Another call may have begun long before its mark, and its mail may go out long after it.
        let from = call.since.checked_sub(CLOCKS + WINDOW + LONGEST_CALL).unwrap_or(call.since);
        // A mail after a held call's mark is not of it: it was not sent.
        let is_held = call.error.as_ref().is_some_and(is_of_hold);
        if !self.reconciles()
            || is_held
            || age > LOOK_FOR
            || looked.is_some_and(|looked| looked.ago <= pause)
            || !self.directory().may_look(tenant, &id, pause, from).await?
        {
            return Ok(false);
        }
        let Some(note) = self.evidence(tenant, call, from).await? else { return Ok(false) };
        self.settle(call, &id, Resolution::Happened, (BY, &note)).await
    }

    /// Records a finding about an unknown call, and tells its tenant; whether the call was unknown still.
    pub(crate) async fn settle(
        &self,
        call: &UnresolvedCall,
        id: &str,
        found: Resolution,
        (by, note): (&str, &str),
    ) -> Result<bool> {
        self.directory().by(by).begin_resolution(call.scope.as_str(), id, found).await?;
        let resolved =
            self.ledger().resolve(&Finding { scope: &call.scope, key: &call.key, found, by, note }).await?;
        if !matches!(resolved, Resolved::Changed) {
            return Ok(false);
        }
        if let Some(record) = self.ledger().find(&call.scope, &call.key).await? {
            self.tell_of_resolution(call.scope.as_str(), id, &record).await?;
        }
        Ok(true)
    }

    /// Records the operator's statement that none of the calls of this tenant, or of all, that were held in the last
    /// hold had been made before. Their keys are free again; returns how many.
    ///
    /// # Errors
    /// `InvalidRequest` if there is no such tenant.
    pub async fn free_held(&self, tenant: Option<&str>) -> Result<usize> {
        let mut freed = 0;
        for (tenant, began) in self.directory().last_holds(tenant).await? {
            let scope = Scope::of_account(Some(&tenant));
            let mut after = None;
            loop {
                let calls = self.ledger().unresolved(Some(&scope), after.as_ref(), PAGE).await?;
                for call in &calls {
                    // One of an earlier hold may have been found free and sent after the backup.
                    if call.since >= began && call.error.as_ref().is_some_and(is_of_hold) {
                        let id = self.directory().call_id(&tenant, &call.key).await?;
                        let found = (self.directory().who(), STATED);
                        let is_new = self.settle(call, &id, Resolution::DidNotHappen, found).await?;
                        freed += usize::from(is_new);
                    }
                }
                match calls.last() {
                    Some(last) if calls.len() == PAGE as usize => after = Some(last.cursor()),
                    _ => break,
                }
            }
        }
        Ok(freed)
    }

    /// Tells the tenant that a call was resolved, and records who did it, once. The ledger has it as well: who and
    /// what, in the transaction of the change.
    pub(crate) async fn tell_of_resolution(&self, tenant: &str, id: &str, record: &CallRecord) -> Result<()> {
        let audited = record.resolved_by.as_deref().map(|by| (by, record.found.map_or("happened", word)));
        self.tell((tenant, "call.resolved", id), &record.about, record.since, audited).await
    }

    /// Writes an event about a call, once for each time that it was made. `audited` is who resolved it, and how.
    async fn tell(
        &self,
        (tenant, word, id): (&str, &str, &str),
        about: &CallAbout,
        since: Timestamp,
        audited: Option<(&str, &str)>,
    ) -> Result<()> {
        let mut event = Event::of_gateway(word);
        event.shown.call = Some(id.to_owned());
        event.shown.account.clone_from(&about.account);
        event.shown.vendor = Some(about.vendor.clone());
        event.shown.envelope = Some(about.envelope.clone());
        let once = format!("{word}:{id}:{}", since.as_microsecond());
        let directory = audited.map_or_else(|| self.directory().clone(), |(by, _)| self.directory().by(by));
        let entry = audited.map(|(_, found)| [word, id, found]);
        if directory.add_event(tenant, &once, event, entry, self.clock().now()).await? {
            self.wake();
        }
        Ok(())
    }

    /// What proves that the mail of a call was sent: no other call since `from` can have sent it.
    async fn evidence(&self, tenant: &str, call: &UnresolvedCall, from: Timestamp) -> Result<Option<String>> {
        let about = &call.about;
        let (Some(account), Some(recipient)) = (&about.account, &about.recipient) else { return Ok(None) };
        let (Ok(envelope), Ok(recipient)) =
            (EnvelopeId::new(about.envelope.as_str()), recipient.parse::<RecipientRef>())
        else {
            return Ok(None);
        };
        if about.operation != Operation::ResendRecipient || self.has_other_call(tenant, call, from).await? {
            return Ok(None);
        }
        let Some(row) = self.directory().account(tenant, account).await? else { return Ok(None) };
        let Ok(client) = self.client(tenant, &row).await else { return Ok(None) };
        let list = client.list_recipients(&ListRecipients::new(envelope.clone())).await?;
        let Ok(found) = recipient.find(&list) else { return Ok(None) };
        let events = self.directory().events_of_envelope(tenant, account, envelope.as_str()).await?;
        let known = self.directory().known(tenant, account, envelope.as_str()).await?;
        let known = known.and_then(|known| known.recipients(Timestamp::MIN)).map(|(list, _)| list);
        let events: Vec<EventShown> = events.into_iter().map(|event| event.shown).collect();
        Ok(proof(&found.id, call.since, &list, known.as_ref(), &events))
    }

    /// Whether another call may have sent a mail of this envelope at that time.
    async fn has_other_call(&self, tenant: &str, call: &UnresolvedCall, from: Timestamp) -> Result<bool> {
        let Some(keys) = self.directory().calls_since(tenant, from).await? else { return Ok(true) };
        let is_same = |about: &CallAbout| {
            about.envelope.eq_ignore_ascii_case(&call.about.envelope)
                && about.account == call.about.account
                && !matches!(about.operation, Operation::ListRecipients | Operation::CreateView)
        };
        let is_then = |record: &CallRecord| record.running_for.is_some() || record.since >= from;
        for key in keys.iter().filter(|key| **key != call.key) {
            let record = self.ledger().find(&call.scope, key).await?;
            if record.is_some_and(|record| is_same(&record.about) && is_then(&record)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Times of the vendor prove a mail if it can be no earlier one: it is later than the mark by more than clocks differ,
/// or it is later than the mark and than what the vendor reported of an earlier mail.
fn proof(
    recipient: &RecipientId,
    mark: Timestamp,
    list: &Recipients,
    known: Option<&Recipients>,
    events: &[EventShown],
) -> Option<String> {
    let sent_in = |list: &Recipients| list.get(recipient).and_then(|one| one.sent_at);
    let is_about = |event: &&EventShown| event.recipient.as_deref().is_none_or(|id| id == recipient.as_str());
    let at = |event: &EventShown| event.at.as_ref().and_then(|at| at.parse::<Timestamp>().ok());
    let told = |words: &'static [&str]| {
        events.iter().filter(is_about).filter(|event| words.contains(&event.event.as_str())).filter_map(at)
    };
    let earlier = told(&["envelope.sent", "recipient.notified"]).chain(known.and_then(sent_in));
    let earlier: Vec<Timestamp> = earlier.collect();
    let is_proof = |at: &Timestamp| {
        let after = at.duration_since(mark);
        let is_in_time = after.is_positive() && after.unsigned_abs() <= WINDOW;
        // By the vendor's clock alone.
        let is_second = |first: &Timestamp| at.duration_since(*first).unsigned_abs() > CLOCKS && first < at;
        is_in_time && (after.unsigned_abs() > CLOCKS || earlier.iter().any(is_second))
    };
    if let Some(at) = sent_in(list).filter(is_proof) {
        return Some(format!("the vendor's list has a message of {at}, the call left at {mark}"));
    }
    let resent = told(&["recipient.reminded", "envelope.resent"]).find(is_proof);
    resent.map(|at| format!("the vendor reported a message of {at}, the call left at {mark}"))
}

#[cfg(test)]
mod tests {
    use countersign::{Recipient, Role};

    use super::*;

    const MARK: &str = "2026-11-29T12:00:00Z";

    fn list(sent_at: Option<&str>) -> Recipients {
        let mut one = Recipient::new(RecipientId::new("1").unwrap(), Role::Signer);
        one.sent_at = sent_at.map(|at| at.parse().unwrap());
        Recipients::new(vec![one], None, None)
    }

    fn event(event: &str, recipient: Option<&str>, at: &str) -> EventShown {
        let (event, recipient) = (event.to_owned(), recipient.map(str::to_owned));
        EventShown { event, recipient, at: Some(at.to_owned()), ..EventShown::default() }
    }

    fn proves(sent_at: Option<&str>, known: Option<&str>, events: &[EventShown]) -> bool {
        let known = known.map(|at| list(Some(at)));
        let id = RecipientId::new("1").unwrap();
        proof(&id, MARK.parse().unwrap(), &list(sent_at), known.as_ref(), events).is_some()
    }

    #[test]
    fn only_a_message_that_can_be_no_earlier_one_proves_the_call() {
        // The vendor's clock may be ahead, so this can be the mail with which the envelope was sent.
        let soon = Some("2026-11-29T12:00:05Z");
        assert!(!proves(soon, None, &[]));
        assert!(proves(soon, Some("2026-11-28T12:00:00Z"), &[]), "a second message");
        assert!(!proves(soon, Some("2026-11-29T11:59:00Z"), &[]), "perhaps the same");
        assert!(!proves(soon, soon, &[]));
        assert!(proves(soon, None, &[event("envelope.sent", None, "2026-11-28T12:00:00Z")]));
        assert!(!proves(soon, None, &[event("recipient.notified", Some("2"), "2026-11-28T12:00:00Z")]));
        assert!(proves(Some("2026-11-29T12:02:01Z"), None, &[]), "later than clocks differ");
        assert!(!proves(Some("2026-11-29T12:10:01Z"), None, &[]), "too late for the call");
        assert!(!proves(Some("2026-11-29T11:59:59Z"), Some("2026-11-28T12:00:00Z"), &[]));
        assert!(!proves(None, None, &[]));
    }

    #[test]
    fn a_report_of_a_second_message_proves_the_call_as_well() {
        let sent = event("envelope.sent", None, "2026-11-28T12:00:00Z");
        let reminded = |who| event("recipient.reminded", Some(who), "2026-11-29T12:00:05Z");
        assert!(proves(None, None, &[reminded("1"), sent.clone()]));
        assert!(!proves(None, None, &[reminded("2"), sent]));
        assert!(!proves(None, None, &[reminded("1")]), "it may have been before the mark");
    }
}
