//! Endpoints, to which events go out.

use countersign::{Error, ErrorKind, Result, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::directory::{Delivery, Endpoint};
use crate::events::is_type;
use crate::outgoing::Attempt;

/// Where events go out to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewEndpoint {
    /// With https.
    #[schema(example = "https://app.example.com/hooks/signing")]
    pub(crate) url: String,
    /// The types of the events; without it, all.
    #[serde(default)]
    #[schema(example = json!(["recipient.signed", "envelope.completed"]))]
    pub(crate) types: Vec<String>,
    /// `people` for names, addresses and free text; without it, messages have ids and words only.
    #[serde(default)]
    #[schema(example = json!(["people"]))]
    pub(crate) include: Vec<String>,
}

/// What to change; the rest stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndpointChange {
    #[serde(default)]
    pub(crate) url: Option<String>,
    #[serde(default)]
    pub(crate) types: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) include: Option<Vec<String>>,
    /// Events that happen while it is off are not delivered later: see `replays`.
    #[serde(default)]
    pub(crate) enabled: Option<bool>,
}

/// From when on to deliver once more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewReplay {
    /// A time of RFC 3339; events are kept for 30 days.
    #[schema(example = "2026-11-29T12:00:00Z")]
    pub(crate) since: String,
}

/// An endpoint. Its secret is never shown again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EndpointShown {
    #[schema(example = "end_0193a5c0b1f27d3e8a4b6c5d7e8f9a0b")]
    id: String,
    url: String,
    /// Empty for all.
    types: Vec<String>,
    include: Vec<String>,
    enabled: bool,
    /// Why the gateway switched it off.
    disabled_because: Option<String>,
    /// Since when it accepts nothing.
    failing_since: Option<String>,
    created_at: String,
}

/// A new endpoint.
#[derive(Serialize, ToSchema)]
pub(crate) struct EndpointCreated {
    endpoint: EndpointShown,
    /// What signs its messages. It is shown only here.
    #[schema(example = "whsec_…")]
    secret: String,
}

/// A new secret.
#[derive(Serialize, ToSchema)]
pub(crate) struct SecretCreated {
    /// What signs the endpoint's messages from now on. It is shown only here.
    #[schema(example = "whsec_…")]
    secret: String,
    /// Until when messages also have a signature by the former secret.
    former_until: String,
}

/// The endpoints, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EndpointList {
    pub(crate) data: Vec<EndpointShown>,
}

/// How a test message was received.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EndpointTested {
    accepted: bool,
    /// What the endpoint answered, if it did.
    status: Option<u16>,
    /// Why it counts as not accepted.
    error: Option<String>,
}

/// How many events are delivered once more.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Replayed {
    pub(crate) events: u64,
}

/// The newest deliveries, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryList {
    pub(crate) data: Vec<DeliveryShown>,
}

/// The delivery of an event to an endpoint.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryShown {
    event: String,
    #[serde(rename = "type")]
    event_type: String,
    /// `waiting`, `delivered`, or `failed` after the last attempt.
    #[schema(example = "delivered")]
    state: String,
    attempts: i64,
    /// When the next attempt is due.
    next_at: Option<String>,
    last_at: Option<String>,
    /// What the endpoint answered last, if it did.
    last_status: Option<i64>,
    last_error: Option<String>,
}

impl From<Endpoint> for EndpointShown {
    fn from(one: Endpoint) -> Self {
        let include = if one.people { vec!["people".to_owned()] } else { Vec::new() };
        Self {
            include,
            id: one.id,
            url: one.url,
            types: one.types,
            enabled: one.enabled,
            disabled_because: one.off_why,
            failing_since: one.failing_since.map(|at| at.to_string()),
            created_at: one.created_at.to_string(),
        }
    }
}

impl From<Endpoint> for EndpointCreated {
    fn from(one: Endpoint) -> Self {
        Self { secret: one.newest_secret().to_string(), endpoint: one.into() }
    }
}

impl SecretCreated {
    pub(crate) fn new(one: &Endpoint, former_until: Timestamp) -> Self {
        Self { secret: one.newest_secret().to_string(), former_until: former_until.to_string() }
    }
}

impl From<Attempt> for EndpointTested {
    fn from(attempt: Attempt) -> Self {
        match attempt {
            Attempt::Accepted(status) => Self { accepted: true, status: Some(status), error: None },
            Attempt::Gone => {
                Self { accepted: false, status: Some(410), error: Some("it answered 410".to_owned()) }
            }
            Attempt::Failed { status, why, .. } => Self { accepted: false, status, error: Some(why) },
        }
    }
}

impl From<Delivery> for DeliveryShown {
    fn from(one: Delivery) -> Self {
        Self {
            next_at: (one.state == "waiting").then(|| one.due_at.to_string()),
            event: one.event,
            event_type: one.event_type,
            state: one.state,
            attempts: one.attempts,
            last_at: one.tried_at.map(|at| at.to_string()),
            last_status: one.status,
            last_error: one.error,
        }
    }
}

/// The types, if all of them are known.
///
/// # Errors
/// `InvalidRequest`.
pub(crate) fn types(words: Vec<String>) -> Result<Vec<String>> {
    if words.iter().all(|word| is_type(word)) {
        return Ok(words);
    }
    Err(Error::new(ErrorKind::InvalidRequest, "`types` has a word that is no type of an event")
        .with_hint("give types such as recipient.signed, or omit it for all"))
}

/// Whether messages have names and addresses.
///
/// # Errors
/// `InvalidRequest` for anything but `people`.
pub(crate) fn includes_people(words: &[String]) -> Result<bool> {
    if words.iter().all(|word| word == "people") {
        return Ok(!words.is_empty());
    }
    Err(Error::new(ErrorKind::InvalidRequest, "`include` has an unknown word")
        .with_hint("give people, or omit it"))
}
