//! The format of `vendor.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::behavior::Behavior;
use super::facts::{Host, WebhookFacts};
use super::limit::RouteLimit;
use super::mapping::CallCount;
use super::rate::Rate;
use super::refusals::Rule;
use crate::vendor::capability::{Evidence, Support};

/// Words under a heading, each with its position.
pub(super) type Table<T> = BTreeMap<Spanned<String>, T>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) title: String,
    pub(super) verified_live: Option<String>,
    #[serde(default)]
    pub(super) secret_members: Vec<String>,
    #[serde(default)]
    pub(super) personal_members: Vec<String>,
    #[serde(default)]
    pub(super) free_members: Vec<String>,
    #[serde(default)]
    pub(super) api_domains: Vec<String>,
    /// Names for sources that several rows share.
    #[serde(default)]
    pub(super) sources: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) host: Vec<Spanned<Host>>,
    pub(super) rate: Option<Spanned<Rate>>,
    pub(super) facts: Option<Spanned<Behavior>>,
    #[serde(default)]
    pub(super) capabilities: Table<CapabilityRow>,
    #[serde(default)]
    pub(super) refusal: Vec<Spanned<Rule>>,
    #[serde(default)]
    pub(super) words: WordRows,
    #[serde(default)]
    pub(super) returns: ReturnRows,
    #[serde(default)]
    pub(super) mapping: MappingRows,
    #[serde(default)]
    pub(super) calls: Vec<CallCount>,
    #[serde(default)]
    pub(super) limit: Vec<Spanned<RouteLimit>>,
    pub(super) webhook: Option<Spanned<WebhookFacts>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CapabilityRow {
    pub(super) support: Support,
    #[serde(default)]
    pub(super) conditions: String,
    #[serde(default)]
    pub(super) unneeded: bool,
    pub(super) evidence: Evidence,
    pub(super) source: Spanned<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct WordRows {
    pub(super) recipient_status: Table<Spanned<String>>,
    pub(super) role: Table<Spanned<String>>,
    pub(super) envelope_status: Table<Spanned<String>>,
    pub(super) event: Table<Spanned<String>>,
    pub(super) history: Table<Spanned<String>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ReturnRows {
    pub(super) outcome_parameter: Option<String>,
    pub(super) envelope_parameter: Option<String>,
    pub(super) words: Table<ReturnRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReturnRow {
    pub(super) outcome: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) goes_on: bool,
    pub(super) meaning: String,
    pub(super) source: Spanned<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct MappingRows {
    pub(super) reference: Table<MappingRow>,
    pub(super) field: Table<MappingRow>,
    pub(super) status: Table<MappingRow>,
    pub(super) envelope: Table<MappingRow>,
    pub(super) stage: Table<MappingRow>,
    pub(super) event: Table<MappingRow>,
    pub(super) error: Table<Table<ErrorRow>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MappingRow {
    pub(super) r#as: Option<String>,
    pub(super) but: Option<String>,
    pub(super) no: Option<String>,
    #[serde(default)]
    pub(super) unneeded: bool,
    pub(super) note: Option<String>,
    pub(super) evidence: Evidence,
    pub(super) source: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ErrorRow {
    pub(super) when: Option<String>,
    pub(super) evidence: Evidence,
}
