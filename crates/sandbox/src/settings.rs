//! What can be changed while the sandbox runs.

use serde::{Deserialize, Serialize};

/// Limits and switches. The defaults are the vendors' published figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Settings {
    /// DocuSign: calls per account and clock hour (rules-and-limits page: 3,000).
    pub docusign_hourly_limit: u32,
    /// DocuSign: calls per 30 seconds (resource-limits page: 200 in the demo environment).
    pub docusign_burst_limit: u32,
    /// DocuSign: whether the user has allowed the integration to act for them.
    pub docusign_consent: bool,
    /// DocuSign: seconds for which a token of the JWT grant is good (documented: 3,600).
    pub docusign_token_life_seconds: u32,
    /// DocuSign: seconds for which a token of the authorization code grant is good (documented: 28,800).
    pub docusign_code_token_life_seconds: u32,
    /// BoldSign: seconds for which an OAuth token is good (documented: 3,600).
    pub boldsign_token_life_seconds: u32,
    /// BoldSign: calls per account and clock hour (rate-limit page: 2,000 live, 50 in its own sandbox).
    pub boldsign_hourly_limit: u32,
    /// BoldSign: seconds, by the world's clock, until a sent document exists.
    pub boldsign_creation_delay_seconds: u32,
    /// BoldSign: documents sent from now on are never created; only their 201 is seen.
    pub boldsign_creation_fails: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            docusign_hourly_limit: 3_000,
            docusign_burst_limit: 200,
            docusign_consent: true,
            docusign_token_life_seconds: 3_600,
            docusign_code_token_life_seconds: 28_800,
            boldsign_token_life_seconds: 3_600,
            boldsign_hourly_limit: 2_000,
            boldsign_creation_delay_seconds: 0,
            boldsign_creation_fails: false,
        }
    }
}
