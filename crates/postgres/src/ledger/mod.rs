//! Calls under a key.

mod statements;

use std::time::Duration;

use async_trait::async_trait;
use countersign_core::store::{
    Ask, CallRecord, Claim, Completed, Cursor, Ending, Finding, IdempotencyKey, InFlight, Ledger,
    LedgerLease, Resolution, Resolved, Scope, StoredError, UnresolvedCall,
};
use countersign_core::webhook::FencingToken;
use countersign_core::{Effect, Result};
use countersign_vault::SealedCall;

use self::statements::read;
use crate::database::{Typed, column, millis};
use crate::error::unavailable;
use crate::store::{Inner, Postgres};

/// How often a claim is tried again whose row vanished, or could be taken over, while it was read.
const ATTEMPTS: usize = 50;

impl Inner {
    /// Runs a statement of a lease's holder; whether it changed something.
    async fn held(&self, sql: &str, lease: &LedgerLease, more: &[&dyn Typed]) -> Result<bool> {
        let (scope, key) = (lease.scope.as_str(), lease.key.as_str());
        let token = lease.fencing_token.0;
        let mut values: Vec<&dyn Typed> = vec![&scope, &key, &token];
        values.extend(more);
        Ok(self.database.of(scope).row(sql, &values).await?.is_some())
    }

    async fn find_call(&self, scope: &Scope, key: &IdempotencyKey, free: bool) -> Result<Option<SealedCall>> {
        let scope = scope.as_str();
        let row = self.database.of(scope).row(statements::FIND, &[&scope, &key.as_str(), &free]).await?;
        row.as_ref().map(read).transpose()
    }

    async fn end_unknown(&self, lease: &LedgerLease, error: Option<&StoredError>) -> Result<bool> {
        let sealed = match error {
            Some(error) => {
                let sealer = self.sealer("call", lease.scope.as_str(), lease.key.as_str()).await?;
                Some(sealer.seal("error", &error.to_bytes())?)
            }
            None => None,
        };
        self.held(statements::UNKNOWN, lease, &[&sealed]).await
    }

    async fn release_call(&self, lease: &LedgerLease) -> Result<()> {
        self.held(statements::RELEASE, lease, &[]).await.map(|_| ())
    }
}

fn in_flight(accepted: bool) -> InFlight {
    if accepted { InFlight::Accepted } else { InFlight::Overtaken }
}

#[async_trait]
impl Ledger for Postgres {
    async fn claim(&self, ask: &Ask<'_>) -> Result<Claim> {
        self.tidy();
        let store = &*self.0;
        let (scope, key) = (ask.scope.as_str(), ask.key.as_str());
        let fingerprint_key = store.keys.fingerprint(&store.database, scope).await?;
        let fingerprint = ask.request.fingerprint(fingerprint_key.bytes());
        let sealed = match &ask.about.recipient {
            Some(recipient) => {
                Some(store.sealer("call", scope, key).await?.seal("recipient", recipient.as_bytes())?)
            }
            None => None,
        };
        let operation = ask.about.operation.as_str();
        let values: [&dyn Typed; 10] = [
            &scope,
            &key,
            &millis(ask.lease),
            &fingerprint.as_bytes().as_slice(),
            &operation,
            &ask.about.vendor,
            &ask.about.account,
            &ask.about.envelope,
            &sealed,
            &Effect::SetsState.rank(),
        ];
        for _ in 0..ATTEMPTS {
            if let Some(row) = store.database.of(scope).row(statements::CLAIM, &values).await? {
                let token = FencingToken(column(&row, "fencing_token")?);
                let earlier: Option<i16> = column(&row, "earlier_effect")?;
                let lease = LedgerLease::new(ask, token, earlier.map(Effect::from_rank));
                return Ok(Claim::Acquired(lease));
            }
            if let Some(found) = store.find_call(ask.scope, ask.key, false).await?
                && let Some(answer) = found.answer(store.seal_key(scope).await?, &fingerprint)?
            {
                return Ok(answer);
            }
        }
        Err(unavailable("the key changes too often; nothing was sent"))
    }

    async fn mark_in_flight(&self, lease: &LedgerLease, effect: Effect) -> Result<InFlight> {
        let (effect, length) = (effect.rank(), millis(lease.length));
        self.0.held(statements::MARK, lease, &[&effect, &length]).await.map(in_flight)
    }

    async fn renew(&self, lease: &LedgerLease, by: Duration) -> Result<InFlight> {
        self.0.held(statements::RENEW, lease, &[&millis(by)]).await.map(in_flight)
    }

    async fn complete(&self, lease: &LedgerLease, ending: &Ending) -> Result<Completed> {
        let store = &*self.0;
        let kept = match ending {
            Ending::Reply { reply, keep } => {
                let sealer = store.sealer("call", lease.scope.as_str(), lease.key.as_str()).await?;
                let sealed = sealer.seal("reply", &reply.to_bytes())?;
                let keep = millis((*keep).min(store.keep));
                store.held(statements::COMPLETE, lease, &[&sealed, &keep]).await?
            }
            Ending::Unknown(error) => store.end_unknown(lease, Some(error)).await?,
            _ => return Err(unavailable("this version does not know how the call ended")),
        };
        Ok(if kept { Completed::Kept } else { Completed::Overtaken })
    }

    async fn release(&self, lease: &LedgerLease) -> Result<()> {
        self.0.release_call(lease).await
    }

    fn abandon(&self, lease: LedgerLease, possible_effect: bool) {
        self.later(move |store| async move {
            match possible_effect {
                true => store.end_unknown(&lease, None).await.map(|_| ()),
                false => store.release_call(&lease).await,
            }
        });
    }

    async fn resolve(&self, finding: &Finding<'_>) -> Result<Resolved> {
        let (store, Finding { scope, key, found, by, note }) = (&*self.0, *finding);
        let (scope_text, key_text) = (scope.as_str(), key.as_str());
        let sealed = store.sealer("call", scope_text, key_text).await?.seal("note", note.as_bytes())?;
        let keep = match found {
            Resolution::Happened => millis(store.keep).max(1),
            Resolution::DidNotHappen => 0,
        };
        let values: [&dyn Typed; 5] = [&scope_text, &key_text, &by, &sealed, &keep];
        if store.database.of(scope_text).row(statements::RESOLVE, &values).await?.is_some() {
            return Ok(Resolved::Changed);
        }
        let call = store.find_call(scope, key, false).await?;
        let left = call.map(|call| call.running_for()).transpose()?.flatten();
        Ok(left.map_or(Resolved::NotUnknown, |for_| Resolved::StillRunning { for_ }))
    }

    async fn unresolved(
        &self,
        scope: Option<&Scope>,
        after: Option<&Cursor>,
        most: u32,
    ) -> Result<Vec<UnresolvedCall>> {
        let store = &*self.0;
        let scope = scope.map(Scope::as_str);
        let (after_scope, after_key) =
            (after.map(|cursor| cursor.scope.as_str()), after.map(|cursor| cursor.key.as_str()));
        let values: [&dyn Typed; 4] = [&scope, &after_scope, &after_key, &i64::from(most)];
        let mut calls = Vec::new();
        for row in store.database.of(scope).rows(statements::UNRESOLVED, &values).await? {
            let call = read(&row)?;
            calls.push(call.unresolved(store.seal_key(&call.scope).await?)?);
        }
        Ok(calls)
    }

    async fn find(&self, scope: &Scope, key: &IdempotencyKey) -> Result<Option<CallRecord>> {
        match self.0.find_call(scope, key, true).await? {
            Some(call) => call.record(self.0.seal_key(&call.scope).await?).map(Some),
            None => Ok(None),
        }
    }
}
