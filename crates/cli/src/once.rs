//! Calls that are performed once under a key.

use countersign::ledger::{CallOptions, ClientWith, IdempotencyKey};
use countersign::{Client, Error, Outcome, Result};

use crate::args::Global;
use crate::paste::quoted;
use crate::state::missing;

/// A call that is performed once under a key, if one was given.
pub(crate) struct Once {
    client: ClientWith,
    key: Option<IdempotencyKey>,
}

impl Once {
    /// # Errors
    /// Fails if there is a key, but no database that remembers it.
    pub(crate) fn new(global: &Global, client: &Client, key: Option<IdempotencyKey>) -> Result<Self> {
        if key.is_some() && global.store.get().is_none() {
            return Err(missing());
        }
        let options = key.clone().map(|key| CallOptions::new().with_key(key)).unwrap_or_default();
        Ok(Self { client: client.with(options), key })
    }

    /// The client for the call.
    pub(crate) fn client(&self) -> &ClientWith {
        &self.client
    }

    /// Adds to an unknown outcome how to record what is found at the vendor.
    pub(crate) fn explain(&self, error: Error) -> Error {
        let Some(key) = self.key.as_ref().filter(|_| error.outcome() == Outcome::Unknown) else {
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
