//! The account at a vendor: what a client needs, limits and switches, what was issued, and the calls that count.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::code_grant::Grants;
use super::meter::{Meter, Reading, Window};
use crate::world::lock;

/// An account. `O` is what only this vendor has.
pub(crate) struct Account<A, S, O = ()> {
    pub(crate) access: A,
    pub(super) own: O,
    settings: Mutex<S>,
    tokens: Mutex<Grants>,
    /// By what they limit.
    meters: Mutex<HashMap<String, Meter>>,
}

impl<A, S: Default, O> Account<A, S, O> {
    pub(super) fn new(access: A, tokens: Grants, own: O) -> Self {
        let tokens = Mutex::new(tokens);
        Self { access, own, settings: Mutex::default(), tokens, meters: Mutex::default() }
    }

    pub(crate) fn settings(&self) -> MutexGuard<'_, S> {
        lock(&self.settings)
    }

    pub(super) fn tokens(&self) -> MutexGuard<'_, Grants> {
        lock(&self.tokens)
    }

    /// Counts a call of this kind, unless one of the limits forbids it.
    pub(super) fn count<const N: usize>(
        &self,
        kind: &str,
        now: Timestamp,
        limits: [(Window, u32); N],
    ) -> [Reading; N] {
        lock(&self.meters).entry(kind.to_owned()).or_default().count(now, limits)
    }
}

/// What an account of any vendor has.
pub(crate) trait Held: Send + Sync {
    /// What a client needs, as the control API returns it.
    fn access(&self) -> Value;

    /// Revokes every issued token.
    fn revoke_tokens(&self);
}

impl<A: Serialize + Send + Sync, S: Default + Send, O: Send + Sync> Held for Account<A, S, O> {
    fn access(&self) -> Value {
        serde_json::json!(self.access)
    }

    fn revoke_tokens(&self) {
        self.tokens().revoke();
    }
}
