//! What is known of an account's budget, for people and programs.

use countersign_core::Timestamp;
use serde::Serialize;

/// What is known of an account's rate budget. As JSON: the same members always, `null` where nothing is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BudgetReport {
    /// The account's limit over the vendor's long window (an hour at both vendors). `None` until an answer told it,
    /// or when the window it told of is over.
    pub limit: Option<Window>,
    /// The limit on bursts (30 seconds at DocuSign), as the last answer told it.
    pub burst: Option<Window>,
    /// Requests under way now.
    pub in_flight: usize,
    /// Requests that wait for others, or for something to be left.
    pub waiting: usize,
    /// How many may be under way at the same time.
    pub max_in_flight: usize,
}

/// One limit, as the vendor told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Window {
    /// How many calls the window allows.
    pub limit: Option<u64>,
    /// How many are left of them.
    pub remaining: Option<u64>,
    /// When the window begins anew, where the vendor tells.
    pub reset_at: Option<Timestamp>,
}
