//! Tenants, their keys and accounts, and the ids of calls: the gateway's own tables in the database of the store.

mod accounts;
mod audit;
mod calls;
mod deliveries;
mod endpoints;
mod erase;
mod feed;
mod group;
mod inbox;
mod keys;
mod parts;
mod replicas;
mod returns;
mod sweep;
mod tenants;

use std::sync::Arc;

use countersign_vault::Vault;

use crate::db::Db;

pub use accounts::AccountRow;
pub use audit::AuditEntry;
pub(crate) use audit::word;
pub(crate) use calls::Looked;
pub(crate) use deliveries::{AT_ONCE, Delivery, Due};
pub(crate) use endpoints::Endpoint;
pub(crate) use erase::Erased;
pub use keys::{Caller, KeyLimits, KeyRow};
pub use replicas::Replica;
pub(crate) use returns::{FoundReturn, Return};
pub use tenants::Tenant;

/// The gateway's tables. Clones share the connections.
#[derive(Clone)]
pub struct Directory {
    db: Db,
    vault: Arc<Vault>,
    inbox: Arc<group::Grouped>,
    /// In whose name changes are recorded.
    who: Arc<str>,
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Directory")
    }
}

impl Directory {
    pub(crate) fn new(db: Db, vault: Vault) -> Self {
        Self { db, vault: Arc::new(vault), inbox: Arc::default(), who: "operator".into() }
    }
}
