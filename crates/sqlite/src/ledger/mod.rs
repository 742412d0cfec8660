//! Calls under a key.

mod record;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use countersign_core::store::{
    Ask, CallRecord, CallState, Claim, Completed, Cursor, Ending, Finding, IdempotencyKey, InFlight, Ledger,
    LedgerLease, Resolution, Resolved, Scope, UnresolvedCall,
};
use countersign_core::webhook::FencingToken;
use countersign_core::{Effect, Result};
use countersign_vault::DataKey;

use self::record::{Asked, find, unresolved};
use crate::error::unavailable;
use crate::store::Sqlite;
use crate::writer::Work;

/// Changes nothing if the key was taken over, resolved or freed.
const MARK: &str = "update call set state = 'in_flight', effect = max(effect, ?4), \
    marked_at = coalesce(marked_at, ?5), lease_until = ?6 \
    where scope = ?1 and key = ?2 and fencing_token = ?3 and state in ('claimed', 'in_flight')";

const RENEW: &str = "update call set lease_until = ?4 \
    where scope = ?1 and key = ?2 and fencing_token = ?3 and state in ('claimed', 'in_flight')";

/// Also for the holder whose answer to an earlier attempt was lost.
const COMPLETE: &str = "update call set state = 'completed', reply = ?4, error = null, ended_at = ?5, expires_at = ?6 \
    where scope = ?1 and key = ?2 and fencing_token = ?3 and state in ('claimed', 'in_flight', 'completed')";

const UNKNOWN: &str = "update call set lease_until = ?4, error = coalesce(?5, error) \
    where scope = ?1 and key = ?2 and fencing_token = ?3 and state = 'in_flight'";

/// A call that was never marked had no effect.
const RELEASE_CLAIMED: &str =
    "delete from call where scope = ?1 and key = ?2 and fencing_token = ?3 and state = 'claimed'";

const RELEASE: &str = "delete from call \
    where scope = ?1 and key = ?2 and fencing_token = ?3 and state in ('claimed', 'in_flight')";

/// The key of a call that did not happen is free at once.
const RESOLVE: &str = "update call set state = 'resolved', ended_at = ?3, expires_at = ?4, resolved_by = ?5, note = ?6 \
    where scope = ?1 and key = ?2";

/// The row that a lease holds, as values of a statement.
struct Held {
    scope: String,
    key: String,
    token: i64,
}

impl Held {
    fn by(lease: &LedgerLease) -> Self {
        Self {
            scope: lease.scope.as_str().to_owned(),
            key: lease.key.as_str().to_owned(),
            token: lease.fencing_token.0,
        }
    }

    /// The call ended, and may have had the effects that were marked. Returns whether it held the key.
    fn end_unknown(&self, work: &Work<'_>, error: Option<&[u8]>) -> Result<bool> {
        let sealer = work.sealer("call", &self.scope, &self.key)?;
        let error = error.map(|error| sealer.seal("error", error)).transpose()?;
        let held = (&self.scope, &self.key, self.token, work.now, error);
        Ok(work.change(UNKNOWN, held)? == 1
            || work.change(RELEASE_CLAIMED, (&self.scope, &self.key, self.token))? == 1)
    }

    fn release(&self, work: &Work<'_>) -> Result<()> {
        work.change(RELEASE, (&self.scope, &self.key, self.token)).map(|_| ())
    }
}

fn in_flight(changed: usize) -> InFlight {
    if changed == 1 { InFlight::Accepted } else { InFlight::Overtaken }
}

impl Sqlite {
    /// The key of a scope's fingerprints.
    async fn fingerprint_key(&self, scope: &Scope) -> Result<Arc<DataKey>> {
        let text = scope.as_str().to_owned();
        match self.fingerprint_keys.get(&text) {
            Some(key) => Ok(key),
            None => {
                let key = self.writer.run(move |work| work.fingerprint_key(&text)).await?;
                Ok(self.fingerprint_keys.put(scope.as_str(), key))
            }
        }
    }
}

#[async_trait]
impl Ledger for Sqlite {
    async fn claim(&self, ask: &Ask<'_>) -> Result<Claim> {
        let key = self.fingerprint_key(ask.scope).await?;
        let asked = Asked {
            scope: ask.scope.clone(),
            key: ask.key.clone(),
            fingerprint: ask.request.fingerprint(key.bytes()),
            lease: ask.lease,
            about: ask.about.clone(),
        };
        self.writer.run(move |work| claim(work, &asked)).await
    }

    async fn mark_in_flight(&self, lease: &LedgerLease, effect: Effect) -> Result<InFlight> {
        let (held, length) = (Held::by(lease), lease.length);
        let mark = move |work: &Work<'_>| {
            let values = (&held.scope, &held.key, held.token, effect.rank(), work.now, work.after(length));
            work.change(MARK, values).map(in_flight)
        };
        self.writer.run(mark).await
    }

    async fn renew(&self, lease: &LedgerLease, by: Duration) -> Result<InFlight> {
        let held = Held::by(lease);
        let renew = move |work: &Work<'_>| {
            work.change(RENEW, (&held.scope, &held.key, held.token, work.after(by))).map(in_flight)
        };
        self.writer.run(renew).await
    }

    async fn complete(&self, lease: &LedgerLease, ending: &Ending) -> Result<Completed> {
        let held = Held::by(lease);
        let kept = match ending {
            Ending::Reply { reply, keep } => {
                let (reply, keep) = (reply.to_bytes(), self.keep.min(*keep));
                let complete = move |work: &Work<'_>| {
                    let sealed = work.sealer("call", &held.scope, &held.key)?.seal("reply", &reply)?;
                    let expires = work.after(keep);
                    let values = (&held.scope, &held.key, held.token, sealed, work.now, expires);
                    Ok(work.change(COMPLETE, values)? == 1)
                };
                self.writer.run(complete).await?
            }
            Ending::Unknown(error) => {
                let error = error.to_bytes();
                self.writer.run(move |work| held.end_unknown(work, Some(&error))).await?
            }
            _ => return Err(unavailable("this version does not know how the call ended")),
        };
        Ok(if kept { Completed::Kept } else { Completed::Overtaken })
    }

    async fn release(&self, lease: &LedgerLease) -> Result<()> {
        let held = Held::by(lease);
        self.writer.run(move |work| held.release(work)).await
    }

    fn abandon(&self, lease: LedgerLease, possible_effect: bool) {
        let held = Held::by(&lease);
        self.writer.later(move |work| match possible_effect {
            true => held.end_unknown(work, None).map(|_| ()),
            false => held.release(work),
        });
    }

    async fn resolve(&self, finding: &Finding<'_>) -> Result<Resolved> {
        let Finding { scope, key, found, by, note } = *finding;
        let (scope, key, by, note) = (scope.clone(), key.clone(), by.to_owned(), note.to_owned());
        let keep = self.keep;
        let resolve = move |work: &Work<'_>| {
            let Some(call) = find(work, &scope, &key, false)? else { return Ok(Resolved::NotUnknown) };
            if let Some(for_) = call.running_for()? {
                return Ok(Resolved::StillRunning { for_ });
            }
            if call.state()? != CallState::InFlight {
                return Ok(Resolved::NotUnknown);
            }
            let (scope, key) = (scope.as_str(), key.as_str());
            let note = work.sealer("call", scope, key)?.seal("note", note.as_bytes())?;
            let expires = match found {
                Resolution::Happened => work.after(keep.max(Duration::from_micros(1))),
                Resolution::DidNotHappen => work.now,
            };
            work.change(RESOLVE, (scope, key, work.now, expires, &by, note))?;
            Ok(Resolved::Changed)
        };
        self.writer.run(resolve).await
    }

    async fn unresolved(
        &self,
        scope: Option<&Scope>,
        after: Option<&Cursor>,
        most: u32,
    ) -> Result<Vec<UnresolvedCall>> {
        let (scope, after) = (scope.cloned(), after.cloned());
        let list = move |work: &Work<'_>| {
            let calls = unresolved(work, scope.as_ref(), after.as_ref(), most)?;
            calls.iter().map(|call| call.unresolved(work.seal_key(&call.scope)?)).collect()
        };
        self.writer.run(list).await
    }

    async fn find(&self, scope: &Scope, key: &IdempotencyKey) -> Result<Option<CallRecord>> {
        let (scope, key) = (scope.clone(), key.clone());
        let find = move |work: &Work<'_>| {
            let call = find(work, &scope, &key, true)?;
            call.map(|call| call.record(work.seal_key(&call.scope)?)).transpose()
        };
        self.writer.run(find).await
    }
}

/// Reads and changes in one transaction, so nothing comes between.
fn claim(work: &Work<'_>, asked: &Asked) -> Result<Claim> {
    let found = find(work, &asked.scope, &asked.key, false)?;
    let earlier = match &found {
        Some(call) => match call.answer(work.seal_key(&call.scope)?, &asked.fingerprint)? {
            Some(answer) => return Ok(answer),
            None => call.marked_effect(),
        },
        None => None,
    };
    let token = work.next_number()?;
    match earlier {
        Some(_) => asked.take_over(work, token)?,
        None => asked.insert(work, token)?,
    }
    Ok(Claim::Acquired(LedgerLease {
        scope: asked.scope.clone(),
        key: asked.key.clone(),
        fencing_token: FencingToken(token),
        length: asked.lease,
        earlier_effect: earlier,
    }))
}
