//! Calls that are performed once under a key.

use std::sync::Arc;

use countersign::ledger::{CallRecord, CallState, IdempotencyKey, Resolution, Scope};
use countersign::{Client, Error, Outcome, Result};

use crate::args::Global;
use crate::paste::quoted;
use crate::state::{Store, missing};

/// A call that is performed once under a key, if one was given.
pub(crate) struct Once {
    client: Client,
    key: Option<(IdempotencyKey, Scope, Arc<dyn Store>)>,
}

impl Once {
    /// # Errors
    /// Fails if there is a key, but no database that remembers it.
    pub(crate) fn new(global: &Global, client: &Client, key: Option<IdempotencyKey>) -> Result<Self> {
        let Some(key) = key else { return Ok(Self { client: client.clone(), key: None }) };
        let store = global.store.get().cloned().ok_or_else(missing)?;
        let scope = Scope::of_account(client.account());
        Ok(Self { client: client.with_key(key.clone()), key: Some((key, scope, store)) })
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Whether a call under the key was made before, or may have been.
    pub(crate) async fn is_begun(&self) -> Result<bool> {
        let Some((key, scope, store)) = &self.key else { return Ok(false) };
        let is_free = |record: &CallRecord| {
            record.state == CallState::Claimed || record.found == Some(Resolution::DidNotHappen)
        };
        Ok(store.find(scope, key).await?.is_some_and(|record| !is_free(&record)))
    }

    /// Adds to an unknown outcome how to record what is found at the vendor.
    pub(crate) fn explain(&self, error: Error) -> Error {
        let Some((key, ..)) = self.key.as_ref().filter(|_| error.outcome() == Outcome::Unknown) else {
            return error;
        };
        let hint = format!(
            "check at the vendor whether it took effect, then: `countersign calls resolve {} --happened` (or \
             --did-not-happen)",
            quoted(key.as_str())
        );
        error.with_hint(hint)
    }
}
