//! The calls that reached the vendors' routes.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::vendors::Vendor;

/// How many calls are kept; older ones are forgotten.
const KEPT: usize = 10_000;

/// One call to a vendor's route. Bodies and headers are not kept: they hold secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CallSeen {
    /// The world's time.
    pub at: Timestamp,
    /// Whose route it was.
    pub vendor: Vendor,
    /// HTTP method.
    pub method: String,
    /// Path as it came, still percent-encoded.
    pub path: String,
    /// Query as it came.
    pub query: Option<String>,
    /// Status of the answer; none if the connection was dropped.
    pub status: Option<u16>,
}

#[derive(Default)]
pub(crate) struct Calls(VecDeque<CallSeen>);

impl Calls {
    pub(crate) fn add(&mut self, call: CallSeen) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(call);
    }

    pub(crate) fn list(&self) -> Vec<CallSeen> {
        self.0.iter().cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
