//! Webhooks of vendors come in; callers read them as events, in one vocabulary and in one order.

use std::time::Duration;

use axum::Json;
use axum::body::HttpBody as _;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Path, Query, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use countersign::provider::SignatureReach;
use countersign::webhook::{Notification, NotificationKey, Webhook, WebhookRefusal, WebhookRefused};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::clients::is_of_another_account;
use crate::events::{Event, EventShown};
use crate::extract::{Caller, EventsRead, EventsText, in_path};
use crate::gateway::{Gateway, account_not_found};
use crate::problem::Problem;
use crate::told::Told;

/// The most events on a page.
const PAGE: u32 = 100;

/// The largest webhook of which there may be one for each connection; of larger ones, only some are taken at once.
const SMALL: u64 = 64 * 1024;

/// How long a webhook may take to arrive, with waiting until it is taken.
const BODY_TIME: Duration = Duration::from_secs(10);

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
    let at = gateway.directory().addressed(&id).await?.ok_or_else(account_not_found)?;
    let account = &at.account;
    let webhook = gateway.clients().webhook(account, at.settings.clone())?;
    let (parts, body) = request.into_parts();
    let is_large = body.size_hint().upper().is_none_or(|size| size > SMALL);
    let body = async {
        let permit = if is_large { gateway.large_webhook().await } else { None };
        axum::body::to_bytes(body, Webhook::BODY_LIMIT).await.map(|body| (body, permit))
    };
    let Ok(body) = tokio::time::timeout(BODY_TIME, body).await else {
        let (detail, hint) = ("the body did not arrive in time", "send it within 10 s");
        return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "body_slow", detail, hint));
    };
    let (body, _permit) = body.map_err(|_| webhook_refused(&webhook.too_large()))?;
    let now = gateway.clock().now();
    let query = parts.uri.query().unwrap_or_default();
    let told: Vec<(NotificationKey, Told)> = match webhook.receive(query, &parts.headers, &body) {
        // None if the vendor checks whether the address answers.
        Ok(received) => {
            let told = received.notifications();
            if told.iter().any(|told| is_of_another_account(&at.settings, told)) {
                let (detail, hint) =
                    ("the webhook is about another account of the vendor", "give the vendor its own address");
                return Err(Problem::new(StatusCode::FORBIDDEN, "webhook_refused", detail, hint));
            }
            let reach = reach(&account.vendor);
            let one = |one: Notification| (one.key.clone(), Told::new(&account.id, one, reach, now));
            told.into_iter().map(one).collect()
        }
        // The vendor would send the same again and again, and the tenant can see it.
        Err(refused) if refused.reason == WebhookRefusal::Unreadable => {
            let key =
                NotificationKey::derived(&account.vendor, &["unreadable", &String::from_utf8_lossy(&body)]);
            vec![(key, Told::unreadable(&account.id, &account.vendor, &body, now))]
        }
        Err(refused) => return Err(webhook_refused(&refused)),
    };
    for (key, told) in told {
        let place = [at.tenant.as_str(), &account.id, key.as_str()];
        gateway.directory().keep_report(place, &at.key, &told).await?;
    }
    gateway.wake();
    Ok(StatusCode::OK)
}

fn webhook_refused(refused: &WebhookRefused) -> Problem {
    let status = StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::UNAUTHORIZED);
    let hint = match status {
        StatusCode::PAYLOAD_TOO_LARGE => {
            "configure the vendor to send no documents: webhooks have up to 4 MiB"
        }
        _ => refused.hint(),
    };
    Problem::new(status, "webhook_refused", refused.message.clone(), hint)
}

/// What the vendor's signature covers; nothing, if that is not known.
fn reach(vendor: &str) -> SignatureReach {
    let vendor = countersign::vendors().iter().find(|one| one.name == vendor);
    let facts = vendor.and_then(|vendor| vendor.facts.webhook.as_ref());
    facts.map_or(SignatureReach::SharedSecret, |facts| facts.covers)
}

/// The text of a webhook that could not be read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookText {
    /// Its first 32 KiB. The vendor signed it, but it has no known form, so nothing else was taken from it.
    text: String,
}

/// The text of a webhook that could not be read: of an event with the `vendor_event` `unreadable`
#[utoipa::path(
    get, path = "/v1/events/{event}/text", operation_id = "getWebhookText", tag = "events",
    params(("event" = String, Path, description = "Its id")),
    responses((status = 200, description = "The text", body = WebhookText),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn get_webhook_text(
    State(gateway): State<Gateway>,
    at: OwnEvent,
) -> Result<Json<WebhookText>, Problem> {
    let text = gateway.directory().webhook_text(&at.tenant, &at.event).await?;
    let hint = "only events with `unreadable` have one; an erasure in their account takes it";
    let text = text.ok_or_else(|| Problem::not_found("text", hint))?;
    Ok(Json(WebhookText { text }))
}

/// The event that the path names, if the key may see it.
pub(super) struct OwnEvent {
    tenant: String,
    event: String,
}

impl FromRequestParts<Gateway> for OwnEvent {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Problem> {
        let caller = Caller::<EventsText>::from_request_parts(parts, gateway).await?;
        let id = in_path(parts, gateway, "event").await?;
        let event = gateway.directory().event_with_id(&caller.tenant, &id).await?;
        if event.is_none_or(|event| !may_see(&caller, &event)) {
            return Err(Problem::not_found("event", "see GET /v1/events"));
        }
        Ok(Self { tenant: caller.tenant, event: id })
    }
}

fn may_see<N>(caller: &Caller<N>, event: &Event) -> bool {
    caller.accounts.is_none() || event.shown.account.as_deref().is_some_and(|account| caller.may_use(account))
}

/// Lists what happened, as vendors reported it by webhooks and as the gateway noticed it, for 30 days.
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
    let next = rows.last().map(|event| event.shown.id.clone()).or(query.after);
    let own = rows.into_iter().filter(|event| may_see(&caller, event));
    let data: Vec<EventShown> = own.map(|event| event.shown).collect();
    Ok(Json(EventList { data, next }))
}
