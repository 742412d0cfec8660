//! Refuses what cannot be said to this vendor, before anything is sent.

use countersign_core::{Result, check_features};

use super::call_context::Shared;
use crate::calls::Call;

/// Checks the features of a request against what the vendor can do. The values in it were checked when they were
/// made.
pub(super) fn check<C: Call>(account: &Shared, request: &C) -> Result<()> {
    check_features(account.provider.descriptor().capabilities, &request.features())
}
