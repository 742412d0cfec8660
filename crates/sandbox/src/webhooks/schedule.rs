//! When a vendor tries again, and how long it waits for an answer. `rules/webhooks.rs` has the evidence.

use std::time::Duration;

use crate::vendors::Vendor;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// BoldSign: after 1, 15 and 45 minutes, 1, 8 and 24 hours.
const BOLDSIGN: [i64; 6] = [MINUTE, 15 * MINUTE, 45 * MINUTE, HOUR, 8 * HOUR, DAY];

/// DocuSign: ten times, a day apart.
const DOCUSIGN_RETRIES: usize = 10;

/// Seconds from a failed attempt to the next; `None` when that was the last.
pub(super) fn after_failures(vendor: Vendor, failures: usize) -> Option<i64> {
    match vendor {
        Vendor::Boldsign => BOLDSIGN.get(failures.checked_sub(1)?).copied(),
        Vendor::Docusign => (1..=DOCUSIGN_RETRIES).contains(&failures).then_some(DAY),
    }
}

/// How long the receiver may take to answer, in real time.
pub(super) fn patience(vendor: Vendor) -> Duration {
    Duration::from_secs(match vendor {
        Vendor::Boldsign => 10,
        Vendor::Docusign => 100,
    })
}
