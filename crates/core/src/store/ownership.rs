//! Finds the account that owns an envelope, without asking a vendor.

use std::fmt;

use async_trait::async_trait;

use crate::error::Result;
use crate::model::EnvelopeId;
use crate::store::Scope;

/// Finds the account that owns an envelope, usually in the application's own table of envelopes.
///
/// An error stops the call. It does not count as "not known", because a failed lookup must not send the call to
/// another account. The scope is that of the router: a store that several tenants share answers for that tenant
/// only. It uses [`EnvelopeId::common`] in its key, because ids that differ only in letter case can be equal.
#[async_trait]
pub trait Ownership: fmt::Debug + Send + Sync + 'static {
    /// The name of the account that owns the envelope; `None` if it is not known here, so that the next source is
    /// asked.
    async fn owner(&self, scope: &Scope, envelope: &EnvelopeId) -> Result<Option<String>>;

    /// The router has found by asking that this account owns the envelope. A source with a table stores it, unless
    /// the envelope has an owner already.
    async fn found(&self, scope: &Scope, envelope: &EnvelopeId, account: &str) -> Result<Found> {
        let _ = (scope, envelope, account);
        Ok(Found::Kept)
    }
}

/// The result of [`Ownership::found`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The account is the recorded owner now, or the source keeps no record.
    Kept,
    /// Nothing changed: another account, with this name, is the recorded owner.
    OwnedBy(String),
}
