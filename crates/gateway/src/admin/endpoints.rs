//! Endpoints of tenants: how they fail, and the button that delivers events once more.

use std::time::Duration;

use askama::Template;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Redirect, Response};
use countersign::Timestamp;
use serde::Deserialize;

use super::page::{Admin, Failure, Frame, page, time};
use crate::directory::{Delivery, Directory, Endpoint};

/// How many deliveries are looked at.
const RECENT: u32 = 100;

/// How long before an endpoint began to fail something may have happened that it did not get.
const BEFORE: Duration = Duration::from_secs(60 * 60);

#[derive(Template)]
#[template(path = "admin/endpoint.html")]
struct EndpointPage {
    frame: Frame,
    endpoint: EndpointRow,
    is_off: bool,
    failures: Vec<FailureRow>,
    token: String,
    /// From when on events are proposed to be delivered again.
    since: String,
    replayed: Option<u64>,
}

pub(super) struct EndpointRow {
    pub(super) id: String,
    /// Without the path, which may be a secret of the receiver.
    pub(super) host: String,
    pub(super) state: String,
    pub(super) failure: String,
}

struct FailureRow {
    at: String,
    error: String,
    delivery: Delivery,
}

/// After a replay.
#[derive(Deserialize)]
pub(super) struct EndpointQuery {
    replayed: Option<u64>,
}

/// From when on.
#[derive(Deserialize)]
pub(super) struct Replay {
    token: String,
    since: String,
}

impl EndpointRow {
    fn new(endpoint: Endpoint, failures: &[FailureRow]) -> Self {
        let state = match (endpoint.enabled, endpoint.failing_since) {
            (false, _) => {
                format!("off: {}", endpoint.off_why.as_deref().unwrap_or("the tenant switched it off"))
            }
            (true, Some(since)) => format!("failing since {}", time(since)),
            (true, None) => "on".to_owned(),
        };
        let failure = failures.first().map(|last| format!("{} ({})", last.error, last.at));
        let url = endpoint.url.parse::<Uri>().ok();
        let host = url.as_ref().and_then(Uri::host).unwrap_or_default().to_owned();
        Self { id: endpoint.id, host, state, failure: failure.unwrap_or_else(|| "none".to_owned()) }
    }
}

/// The newest deliveries that failed, or that failed until now.
async fn failures(directory: &Directory, tenant: &str, endpoint: &str) -> Result<Vec<FailureRow>, Failure> {
    let deliveries = directory.deliveries(tenant, endpoint, RECENT).await?;
    let failed = deliveries.into_iter().filter_map(|delivery| {
        Some(FailureRow { at: time(delivery.tried_at?), error: delivery.error.clone()?, delivery })
    });
    Ok(failed.collect())
}

pub(super) async fn of_tenant(directory: &Directory, tenant: &str) -> Result<Vec<EndpointRow>, Failure> {
    let mut rows = Vec::new();
    for endpoint in directory.endpoints(tenant).await? {
        let failures = failures(directory, tenant, &endpoint.id).await?;
        rows.push(EndpointRow::new(endpoint, &failures));
    }
    Ok(rows)
}

pub(super) async fn show(
    State(admin): State<Admin>,
    Path((tenant, id)): Path<(String, String)>,
    Query(query): Query<EndpointQuery>,
) -> Result<Response, Failure> {
    let endpoint = find(&admin, &tenant, &id).await?;
    let failures = failures(admin.gateway.directory(), &tenant, &id).await?;
    let since = endpoint.failing_since.unwrap_or_else(|| admin.gateway.clock().now()).checked_sub(BEFORE);
    let shown = EndpointPage {
        frame: Frame::new("Endpoint", "/accounts"),
        is_off: !endpoint.enabled,
        endpoint: EndpointRow::new(endpoint, &failures),
        failures,
        token: admin.form_token.to_string(),
        since: since.unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        replayed: query.replayed,
    };
    Ok(page(StatusCode::OK, &shown))
}

pub(super) async fn replay(
    State(admin): State<Admin>,
    Path((tenant, id)): Path<(String, String)>,
    form: Result<Form<Replay>, FormRejection>,
) -> Result<Response, Failure> {
    let Form(replay) =
        form.map_err(|_| Failure::again("The form is incomplete. Go back, and give a time."))?;
    admin.check_token(&replay.token)?;
    let since: Timestamp =
        replay.since.trim().parse().map_err(|_| {
            Failure::again("That is not a time. Go back, and write it as 2026-11-29T12:00:00Z.")
        })?;
    find(&admin, &tenant, &id).await?;
    let now = admin.gateway.clock().now();
    let count = admin.gateway.directory().replay(&tenant, &id, since, now).await?;
    admin.gateway.wake();
    Ok(Redirect::to(&format!("/accounts/{tenant}/endpoints/{id}?replayed={count}")).into_response())
}

async fn find(admin: &Admin, tenant: &str, id: &str) -> Result<Endpoint, Failure> {
    let found = admin.gateway.directory().endpoint(tenant, id).await?;
    found.ok_or_else(|| Failure::missing("endpoint"))
}
