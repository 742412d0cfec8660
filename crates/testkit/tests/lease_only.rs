//! The race model finds what is wrong with a ledger that has leases but no mark before sending.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use countersign_core::store::{
    Ask, CallRecord, Claim, Completed, Cursor, Ending, Finding, IdempotencyKey, InFlight, Ledger,
    LedgerLease, Resolved, Scope, StoredReply, UnresolvedCall,
};
use countersign_core::{Effect, FencingToken, Result, Timestamp};
use countersign_testkit::stores::race::race;
use tokio::time::Instant;

/// A process that finds a lease that has ended takes over.
#[derive(Debug, Default)]
struct LeaseOnly(Mutex<HashMap<String, Row>>);

#[derive(Debug)]
enum Row {
    Until(Instant),
    Done(StoredReply),
}

#[async_trait]
impl Ledger for LeaseOnly {
    async fn claim(&self, ask: &Ask<'_>) -> Result<Claim> {
        let now = Instant::now();
        let mut rows = self.0.lock().unwrap();
        match rows.get(ask.key.as_str()) {
            Some(Row::Done(reply)) => return Ok(Claim::Recorded(reply.clone())),
            Some(Row::Until(end)) if *end > now => {
                return Ok(Claim::Running { since: Timestamp::UNIX_EPOCH, retry_in: *end - now });
            }
            _ => {}
        }
        rows.insert(ask.key.to_string(), Row::Until(now + ask.lease));
        Ok(Claim::Acquired(LedgerLease::new(ask, FencingToken(0), None)))
    }

    async fn mark_in_flight(&self, _lease: &LedgerLease, _effect: Effect) -> Result<InFlight> {
        Ok(InFlight::Accepted)
    }

    async fn renew(&self, _lease: &LedgerLease, _by: Duration) -> Result<InFlight> {
        Ok(InFlight::Accepted)
    }

    async fn complete(&self, lease: &LedgerLease, ending: &Ending) -> Result<Completed> {
        let Ending::Reply { reply, .. } = ending else { panic!("{ending:?}") };
        self.0.lock().unwrap().insert(lease.key.to_string(), Row::Done(reply.clone()));
        Ok(Completed::Kept)
    }

    async fn release(&self, _lease: &LedgerLease) -> Result<()> {
        Ok(())
    }

    fn abandon(&self, _lease: LedgerLease, _possible_effect: bool) {}

    async fn resolve(&self, _finding: &Finding<'_>) -> Result<Resolved> {
        Ok(Resolved::NotUnknown)
    }

    async fn unresolved(
        &self,
        _scope: Option<&Scope>,
        _after: Option<&Cursor>,
        _most: u32,
    ) -> Result<Vec<UnresolvedCall>> {
        Ok(Vec::new())
    }

    async fn find(&self, _scope: &Scope, _key: &IdempotencyKey) -> Result<Option<CallRecord>> {
        Ok(None)
    }
}

#[tokio::test(start_paused = true)]
async fn a_ledger_that_only_has_leases_sends_many_calls_twice() {
    for seed in 1..4 {
        let tally = race(&[Arc::new(LeaseOnly::default())], seed).await;
        assert!(tally.doubled > 10, "seed {seed}: {} of {} keys", tally.doubled, tally.keys);
    }
}
