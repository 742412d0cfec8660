//! Webhooks of vendors come in; callers read them as events, in one vocabulary and in one order.

use std::time::Duration;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use countersign::Timestamp;
use countersign::webhook::{Notification, Webhook};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use zeroize::Zeroizing;

use crate::clients::is_of_another_account;
use crate::extract::{Caller, EventsRead};
use crate::gateway::{Gateway, account_not_found};
use crate::problem::Problem;

/// The most events on a page.
const PAGE: u32 = 100;

/// How long a webhook may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(10);

/// What a vendor reported. It proves only what it contains: ask for the recipients before an important decision.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct EventShown {
    #[serde(default)]
    #[schema(example = "evt_0193a5c0b1f27d3e8a4b6c5d7e8f9a0b")]
    id: String,
    /// `envelope_completed`, `recipient_signed`, …, or a word of the vendor.
    #[serde(rename = "type")]
    #[schema(example = "recipient_signed")]
    event: String,
    /// The id of the account.
    account: String,
    vendor: String,
    /// The event in the vendor's word.
    vendor_event: String,
    /// When it happened, if the vendor says so.
    at: Option<String>,
    /// When the gateway got it.
    received_at: String,
    /// The vendor's id of the envelope.
    envelope: Option<String>,
    /// The status of the envelope after the event, if that is known.
    envelope_status: Option<String>,
    /// The id of the recipient that the event is about, as in a list of recipients.
    recipient: Option<String>,
    /// The status of the recipient after the event, if that is known.
    recipient_status: Option<String>,
    /// Why it was declined, voided or failed, in the user's or the vendor's words.
    reason: Option<String>,
}

/// A page of events, in the order in which they arrived. Vendors send late and out of order: compare `at`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventList {
    data: Vec<EventShown>,
    /// For `after`: of the last event on this page, or as it was given.
    next: Option<String>,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventQuery {
    /// The id of the last event that is known.
    #[serde(default)]
    after: Option<String>,
    /// How many at most.
    #[serde(default)]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

impl EventShown {
    fn new(account: &str, told: Notification) -> Self {
        let (recipient, recipient_status) = match told.recipient {
            Some(one) => {
                (Some(one.id.as_str().to_owned()), one.status.map(|status| status.as_str().to_owned()))
            }
            None => (None, None),
        };
        Self {
            id: String::new(),
            event: told.event.as_str().to_owned(),
            account: account.to_owned(),
            vendor: told.vendor.to_owned(),
            vendor_event: told.vendor_event,
            at: told.at.map(|at| at.to_string()),
            received_at: Timestamp::now().to_string(),
            envelope: told.envelope.map(|id| id.as_str().to_owned()),
            envelope_status: told.envelope_status.map(|status| status.as_str().to_owned()),
            recipient,
            recipient_status,
            reason: told.reason,
        }
    }
}

/// Takes a webhook of an account: give this address to the vendor. It is kept before it is answered.
#[utoipa::path(
    post, path = "/hooks/{account}", operation_id = "receiveWebhook", tag = "events", security(()),
    params(("account" = String, Path, description = "The account's id")),
    request_body(content = String, description = "As the vendor sends and signs it", content_type = "application/json"),
    responses((status = 200, description = "It is kept"),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn receive_webhook(
    State(gateway): State<Gateway>,
    Path(id): Path<String>,
    request: Request,
) -> Result<StatusCode, Problem> {
    let found = gateway.directory().account_of_anyone(&id).await?;
    let (tenant, account) = found.ok_or_else(account_not_found)?;
    let settings = gateway.directory().settings(&tenant, &account.id).await?.ok_or_else(account_not_found)?;
    let webhook = gateway.clients().webhook(&account, settings.clone())?;
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, Webhook::BODY_LIMIT);
    let Ok(body) = tokio::time::timeout(BODY_TIME, body).await else {
        let (detail, hint) = ("the body did not arrive in time", "send it within 10 s");
        return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "body_slow", detail, hint));
    };
    let query = parts.uri.query().unwrap_or_default();
    let received =
        body.map_err(|_| webhook.too_large()).and_then(|body| webhook.receive(query, &parts.headers, &body));
    let received = received.map_err(|refused| {
        let status = StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::UNAUTHORIZED);
        let hint = match status {
            StatusCode::PAYLOAD_TOO_LARGE => {
                "configure the vendor to send no documents: webhooks have up to 4 MiB"
            }
            _ => refused.hint(),
        };
        Problem::new(status, "webhook_refused", refused.message, hint)
    })?;
    // None if the vendor checks whether the address answers.
    let told = received.notifications();
    if told.iter().any(|told| is_of_another_account(&settings, told)) {
        let (detail, hint) =
            ("the webhook is about another account of the vendor", "give the vendor its own address");
        return Err(Problem::new(StatusCode::FORBIDDEN, "webhook_refused", detail, hint));
    }
    for told in told {
        let key = told.key.clone();
        let event = EventShown::new(&account.id, told);
        // Only texts, which can always be written.
        let plain = Zeroizing::new(serde_json::to_vec(&event).unwrap_or_default());
        gateway.directory().add_event(&tenant, &account.id, key.as_str(), plain).await?;
    }
    Ok(StatusCode::OK)
}

/// Lists what vendors reported by webhooks, for 30 days.
#[utoipa::path(
    get, path = "/v1/events", operation_id = "listEvents", tag = "events", params(EventQuery),
    responses((status = 200, description = "A page", body = EventList),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn list_events(
    State(gateway): State<Gateway>,
    caller: Caller<EventsRead>,
    query: Result<Query<EventQuery>, QueryRejection>,
) -> Result<Json<EventList>, Problem> {
    let bad = |detail: &str, hint: &str| Problem::new(StatusCode::BAD_REQUEST, "query_invalid", detail, hint);
    let query = query.map_err(|_| bad("the query is invalid", "give after and limit at most"))?.0;
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=PAGE).contains(&limit) {
        return Err(bad("the limit is invalid", "give 1 to 100"));
    }
    let rows = gateway.directory().events(&caller.tenant, query.after.as_deref(), limit).await?;
    let rows =
        rows.ok_or_else(|| bad("there is no event with the id in `after`", "begin again without it"))?;
    let mut data = Vec::with_capacity(rows.len());
    for (id, plain) in rows {
        let read = serde_json::from_slice::<EventShown>(&plain);
        let event = read.map_err(|_| {
            countersign::Error::new(countersign::ErrorKind::Unexpected, "an event of the database is damaged")
        })?;
        data.push(EventShown { id, ..event });
    }
    let next = data.last().map(|event| event.id.clone()).or(query.after);
    Ok(Json(EventList { data, next }))
}
