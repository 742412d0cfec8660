//! All facts about a vendor, loaded once from its `vendor.toml`.

use std::collections::BTreeMap;
use std::time::Duration;

use http::Method;
use serde::{Deserialize, Deserializer, Serialize};

use super::behavior::Behavior;
use super::limit::RouteLimit;
use super::mapping::{CallCount, Mappings};
use super::rate::Rate;
use super::refusals::Refusals;
use super::value::duration;
use super::words::{Check, Checked, WordTables, Words, rows};

use crate::model::{AccessCodeState, Recipient, ReturnOutcome};
use crate::redact::Names;
use crate::vendor::conduct::{Evidence, Feature, RecipientField, Support};

/// A vendor as data: the contents of an adapter's `vendor.toml`.
///
/// Loaded at first use (`facts: LazyLock::new(|| Facts::load("adapters/acme/vendor.toml",
/// include_str!("../vendor.toml")))` in the descriptor), never during a call. Each fact is stated once, with its
/// evidence.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Facts {
    /// The full name with the version of the API.
    pub title: String,
    /// The live service against which the adapter was last tested, and when; `None` if never.
    pub verified_live: Option<String>,
    /// The names of its members, fields and headers whose values are secret, personal or belong to an application.
    #[serde(skip)]
    pub names: Names,
    pub(super) secret_members: Vec<String>,
    pub(super) personal_members: Vec<String>,
    pub(super) free_members: Vec<String>,
    /// Names for sources that several rows share; the rows have them written out.
    #[serde(rename = "sources")]
    _sources: BTreeMap<String, String>,
    /// The vendor's environments or regions.
    #[serde(rename = "host")]
    pub hosts: Vec<Host>,
    /// The domains that a sign-in may name as the API's location; a token is sent nowhere else.
    pub api_domains: Vec<String>,
    /// The headers that report rate limits.
    pub rate: Option<Rate>,
    /// Its behavior.
    #[serde(rename = "facts")]
    pub behavior: Behavior,
    /// What it supports, one row per feature, in the order of [`Feature::ALL`].
    #[serde(deserialize_with = "capabilities")]
    pub capabilities: Vec<Capability>,
    /// Maps its refusals to kinds.
    #[serde(rename = "refusal")]
    pub refusals: Refusals,
    /// Its words.
    pub words: WordTables,
    /// How a returning browser reports the outcome of a visit.
    pub returns: ReturnSpec,
    /// The tables for `migrate check`.
    #[serde(rename = "mapping")]
    pub mappings: Mappings,
    /// The number of HTTP calls of each operation.
    pub calls: Vec<CallCount>,
    /// The limits of groups of routes; empty for a vendor that counts all calls of an account together.
    #[serde(rename = "limit")]
    pub limits: Vec<RouteLimit>,
    /// Its webhooks; `None` if it sends none, or the adapter does not support them.
    pub webhook: Option<WebhookFacts>,
}

/// One row of a vendor's capabilities.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Capability {
    /// The feature.
    pub feature: Feature,
    /// How it is supported.
    pub support: Support,
    /// Conditions and limits; empty if there are none.
    #[serde(default)]
    pub conditions: String,
    /// Impossible, and nothing is needed in its place: an application leaves it out.
    #[serde(default, skip_serializing)]
    pub unneeded: bool,
    /// The evidence for the row.
    pub evidence: Evidence,
    /// The source.
    #[serde(skip_serializing)]
    pub source: String,
}

impl Check for Capability {
    fn check(&self) -> Result<(), String> {
        match self.unneeded && self.support != Support::Impossible {
            true => Err(format!("`{}` is there, so it cannot be `unneeded`", self.feature)),
            false => Ok(()),
        }
    }
}

fn capabilities<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Capability>, D::Error> {
    Ok(rows(from)?.into_iter().map(|Checked(row)| row).collect())
}

/// An environment or region of a vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Host {
    /// The value used in a configuration.
    pub name: String,
    /// The base URL of the API; `None` if it is known only after sign-in.
    pub api: Option<String>,
    /// The host of the token endpoint.
    pub auth: Option<String>,
    /// The evidence for the hosts.
    pub evidence: Evidence,
    /// The source.
    pub source: String,
    /// A remark. May be empty.
    #[serde(default)]
    pub note: String,
}

/// How a vendor reports the outcome of a visit to a returning browser.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ReturnSpec {
    /// The query parameter of the return URL with the outcome.
    pub outcome_parameter: Option<String>,
    /// The query parameter of the return URL with the envelope's id.
    pub envelope_parameter: Option<String>,
    /// The values of that parameter, and of the messages that the signing page posts to the page that frames it.
    pub words: Words<ReturnWord>,
}

/// One outcome value of a vendor.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ReturnWord {
    /// Its meaning; `None` if no neutral outcome fits, so that it is kept as [`ReturnOutcome::Other`].
    pub outcome: Option<ReturnOutcome>,
    /// Whether the visit goes on: the page reports this and stays.
    #[serde(default)]
    pub goes_on: bool,
    /// What happened, in our words.
    pub meaning: String,
    /// The source of the fact.
    pub source: String,
}

impl Check for ReturnWord {
    fn check(&self) -> Result<(), String> {
        match &self.outcome {
            Some(_) if self.goes_on => Err("an outcome ends the visit: it does not go on".to_owned()),
            outcome => outcome.as_ref().map_or(Ok(()), Check::check),
        }
    }
}

/// Facts about a vendor's webhooks.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WebhookFacts {
    /// How to set up webhooks at the vendor, in a few readable lines.
    pub guide: String,
    /// The maximum age of a webhook, by the timestamp that the vendor signs.
    #[serde(deserialize_with = "duration")]
    pub max_age: Duration,
    /// The vendor's time limit for an answer.
    #[serde(deserialize_with = "duration")]
    pub answer_within: Duration,
    /// What the signature covers. It has no default: a vendor that signs less must not be believed more.
    pub covers: SignatureReach,
    /// The evidence for the times.
    pub evidence: Evidence,
    /// The source.
    pub source: String,
}

/// What the signature of a webhook covers. Statuses are taken only from a covered body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureReach {
    /// The whole body.
    Body,
    /// The kind of event and its time, not the rest of the body.
    Event,
    /// Nothing: the sender shows the secret itself, so that the body may have been changed on the way.
    SharedSecret,
}

impl Facts {
    /// The row of a feature.
    pub fn capability(&self, feature: Feature) -> Option<&Capability> {
        self.capabilities.iter().find(|row| row.feature == feature)
    }

    /// Whether the vendor's list of recipients can contain this.
    pub fn lists(&self, field: RecipientField) -> bool {
        self.mappings.field.iter().any(|row| row.what == field && row.coverage.is_there())
    }

    /// Whether wrong access codes may keep the recipient out: the list shows it, or it cannot and there is a code.
    pub fn may_be_locked(&self, recipient: &Recipient) -> bool {
        let has_code = recipient.access_code == AccessCodeState::Required && !recipient.status.is_done();
        recipient.is_locked() || (has_code && !self.lists(RecipientField::AccessCodeFailed))
    }

    /// The group of routes whose limit a request counts towards.
    pub(crate) fn limit_of(&self, method: &Method, path: &str) -> Option<&RouteLimit> {
        self.limits.iter().find(|limit| limit.covers(method, path))
    }

    /// Finds an environment or region by its configuration value.
    pub fn host(&self, name: &str) -> Option<&Host> {
        self.hosts.iter().find(|host| host.name.eq_ignore_ascii_case(name.trim()))
    }

    /// What is missing before a migration can be judged, as `table.word`. Empty for complete facts.
    pub fn gaps(&self) -> Vec<String> {
        use crate::model::Operation;
        let mut gaps: Vec<String> =
            self.behavior.missing().into_iter().map(|name| format!("facts.{name}")).collect();
        if self.behavior.calls_per_hour.is_none() && self.limits.is_empty() {
            gaps.push("facts.calls_per_hour".to_owned());
        }
        gaps.extend(self.mappings.missing());
        let operations = Operation::ALL.iter().copied().filter(|operation| *operation != Operation::SignIn);
        for operation in operations {
            if !self.calls.iter().any(|row| row.operation == operation && row.option.is_none()) {
                gaps.push(format!("calls.{operation}"));
            }
        }
        gaps
    }
}

/// Why a `vendor.toml` cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
#[non_exhaustive]
pub struct FactsError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The problem.
    pub message: String,
}
