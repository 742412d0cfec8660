//! A row of the table of calls, read and opened.

use std::time::Duration;

use countersign_core::store::{
    CallAbout, CallRecord, CallState, Claim, Fingerprint, IdempotencyKey, Resolution, Scope, StoredError,
    StoredReply, UnresolvedCall,
};
use countersign_core::{Effect, Error, ErrorKind, Operation, Result, Timestamp};
use tokio_postgres::Row;

use crate::database::column;
use crate::seal::Sealer;
use crate::store::Inner;

/// A row, still sealed.
pub(super) struct Record {
    row: Row,
    pub(super) scope: Scope,
    pub(super) key: IdempotencyKey,
    pub(super) state: CallState,
    /// The time until the lease ends; `None` if it has ended.
    pub(super) lease_left: Option<Duration>,
}

impl Record {
    pub(super) fn read(row: Row) -> Result<Self> {
        let state: &str = column(&row, "state")?;
        let state = CallState::ALL.iter().copied().find(|known| known.as_str() == state);
        let left: i64 = column(&row, "lease_left")?;
        Ok(Self {
            scope: Scope::new(column::<String>(&row, "scope")?).map_err(|_| damaged())?,
            key: IdempotencyKey::new(column::<String>(&row, "key")?).map_err(|_| damaged())?,
            state: state.ok_or_else(damaged)?,
            lease_left: u64::try_from(left).ok().filter(|left| *left > 0).map(Duration::from_millis),
            row,
        })
    }

    /// Whether a call holds the key, or did until its lease ended.
    pub(super) fn is_running(&self) -> bool {
        matches!(self.state, CallState::Claimed | CallState::InFlight)
    }

    fn sealed(&self, name: &str) -> Result<Option<&[u8]>> {
        column(&self.row, name)
    }

    fn time(&self, name: &str) -> Result<Timestamp> {
        column::<Option<Timestamp>>(&self.row, name)?.ok_or_else(damaged)
    }

    async fn sealer<'a>(&'a self, store: &Inner) -> Result<Sealer<'a>> {
        store.sealer("call", self.scope.as_str(), self.key.as_str()).await
    }

    fn error(&self, sealer: &Sealer<'_>) -> Result<Option<StoredError>> {
        let open = |sealed| Ok(StoredError::from_bytes(&sealer.open("error", sealed)?)?);
        self.sealed("error")?.map(open).transpose()
    }

    fn about(&self, sealer: &Sealer<'_>) -> Result<CallAbout> {
        let operation: &str = column(&self.row, "operation")?;
        let operation = Operation::ALL.iter().copied().find(|known| known.as_str() == operation);
        let (vendor, envelope) =
            (column::<String>(&self.row, "vendor")?, column::<String>(&self.row, "envelope")?);
        Ok(CallAbout::new(operation.ok_or_else(damaged)?, vendor, envelope)
            .with_account(column(&self.row, "account")?)
            .with_recipient(sealer.open_text("recipient", self.sealed("recipient")?)?))
    }

    fn effect(&self) -> Result<Effect> {
        column(&self.row, "effect").map(Effect::from_rank)
    }

    /// The answer to a claim with this fingerprint that was not granted; `None` if it should be tried again, because
    /// the row allows it by now.
    pub(super) async fn answer(self, store: &Inner, asked: &Fingerprint) -> Result<Option<Claim>> {
        if self.state == CallState::Claimed && self.lease_left.is_none() {
            return Ok(None);
        }
        if column::<&[u8]>(&self.row, "fingerprint")? != asked.as_bytes() {
            return Ok(Some(Claim::OtherRequest));
        }
        Ok(Some(match (self.state, self.lease_left) {
            (CallState::Claimed | CallState::InFlight, Some(retry_in)) => {
                Claim::Running { since: self.time("claimed_at")?, retry_in }
            }
            (CallState::Completed, _) => {
                let sealed = self.sealed("reply")?.ok_or_else(damaged)?;
                let plain = self.sealer(store).await?.open("reply", sealed)?;
                Claim::Recorded(StoredReply::from_bytes(&plain)?)
            }
            (CallState::Resolved, _) => Claim::Done,
            (CallState::InFlight, None) if self.effect()?.rank() <= Effect::SetsState.rank() => {
                return Ok(None);
            }
            _ => Claim::Unknown(self.error(&self.sealer(store).await?)?),
        }))
    }

    pub(super) async fn unresolved(self, store: &Inner) -> Result<UnresolvedCall> {
        let (since, effect) = (self.time("marked_at")?, self.effect()?);
        let sealer = self.sealer(store).await?;
        let (about, error) = (self.about(&sealer)?, self.error(&sealer)?);
        Ok(UnresolvedCall::new(self.scope.clone(), self.key.clone(), since, effect, about, error))
    }

    pub(super) async fn opened(self, store: &Inner) -> Result<CallRecord> {
        let since = self.time(match self.state {
            CallState::Claimed => "claimed_at",
            CallState::InFlight => "marked_at",
            _ => "ended_at",
        })?;
        let sealer = self.sealer(store).await?;
        let about = self.about(&sealer)?;
        let mut record = CallRecord::new(self.scope.clone(), self.key.clone(), self.state, since, about);
        let marked: Option<Timestamp> = column(&self.row, "marked_at")?;
        record.effect = marked.map(|_| self.effect()).transpose()?;
        record.running_for = self.lease_left.filter(|_| self.is_running());
        record.error = self.error(&sealer)?;
        if self.state == CallState::Resolved {
            record.found = Some(match column::<Option<bool>>(&self.row, "is_free")? {
                Some(true) => Resolution::DidNotHappen,
                _ => Resolution::Happened,
            });
        }
        record.resolved_by = column(&self.row, "resolved_by")?;
        record.note = sealer.open_text("note", self.sealed("note")?)?;
        Ok(record)
    }
}

fn damaged() -> Error {
    Error::new(
        ErrorKind::Unexpected,
        "a row of the table `call` was written by another version, or is damaged",
    )
}
