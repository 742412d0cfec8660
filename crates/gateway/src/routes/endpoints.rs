//! Endpoints of tenants, to which events go out.

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use countersign::{Error, ErrorKind, Timestamp};

use crate::directory::Endpoint;
use crate::events::Event;
use crate::extract::{Body, Caller, EndpointsRead, EndpointsWrite, Needs, in_path};
use crate::gateway::Gateway;
use crate::outgoing::{Message, check_url};
use crate::problem::Problem;
use crate::wire::endpoints::{
    DeliveryList, EndpointChange, EndpointCreated, EndpointList, EndpointShown, EndpointTested, NewEndpoint,
    NewReplay, Replayed, SecretCreated, includes_people, types,
};

/// The most deliveries in a list.
const DELIVERIES: u32 = 100;

/// The tenant's endpoint that the path names.
pub(super) struct OwnEndpoint<N> {
    caller: Caller<N>,
    endpoint: Endpoint,
}

impl<N: Needs> FromRequestParts<Gateway> for OwnEndpoint<N> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Problem> {
        let caller = Caller::<N>::from_request_parts(parts, gateway).await?;
        let id = in_path(parts, gateway, "endpoint").await?;
        let endpoint = gateway.directory().endpoint(&caller.tenant, &id).await?;
        Ok(Self { caller, endpoint: endpoint.ok_or_else(endpoint_not_found)? })
    }
}

fn endpoint_not_found() -> Problem {
    Problem::not_found("endpoint", "see GET /v1/endpoints")
}

/// Lists the endpoints.
#[utoipa::path(
    get, path = "/v1/endpoints", operation_id = "listEndpoints", tag = "endpoints",
    responses((status = 200, description = "All endpoints", body = EndpointList),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn list_endpoints(
    State(gateway): State<Gateway>,
    caller: Caller<EndpointsRead>,
) -> Result<Json<EndpointList>, Problem> {
    let all = gateway.directory().endpoints(&caller.tenant).await?;
    Ok(Json(EndpointList { data: all.into_iter().map(EndpointShown::from).collect() }))
}

/// Adds an endpoint. Events that happen from now on are sent to it as Standard Webhooks, signed with its secret.
#[utoipa::path(
    post, path = "/v1/endpoints", operation_id = "createEndpoint", tag = "endpoints",
    request_body = NewEndpoint,
    responses((status = 201, description = "The endpoint and its secret", body = EndpointCreated),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn create_endpoint(
    State(gateway): State<Gateway>,
    caller: Caller<EndpointsWrite>,
    Body(body): Body<NewEndpoint>,
) -> Result<(StatusCode, Json<EndpointCreated>), Problem> {
    let url = check_url(&body.url, gateway.sender().private())?;
    let people = includes_people(&body.include)?;
    let endpoint = Endpoint::new(url.into(), types(body.types)?, people, gateway.clock().now())?;
    if !gateway.directory().add_endpoint(&caller.tenant, &endpoint).await? {
        let (detail, hint) = ("the tenant has as many endpoints as it may", "delete one that is not used");
        return Err(Problem::new(StatusCode::CONFLICT, "too_many_endpoints", detail, hint));
    }
    Ok((StatusCode::CREATED, Json(endpoint.into())))
}

/// An endpoint.
#[utoipa::path(
    get, path = "/v1/endpoints/{endpoint}", operation_id = "getEndpoint", tag = "endpoints",
    params(("endpoint" = String, Path, description = "Its id")),
    responses((status = 200, description = "The endpoint", body = EndpointShown),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn get_endpoint(at: OwnEndpoint<EndpointsRead>) -> Json<EndpointShown> {
    Json(at.endpoint.into())
}

/// Changes an endpoint, or switches it off or on.
#[utoipa::path(
    patch, path = "/v1/endpoints/{endpoint}", operation_id = "changeEndpoint", tag = "endpoints",
    params(("endpoint" = String, Path, description = "Its id")),
    request_body = EndpointChange,
    responses((status = 200, description = "The endpoint", body = EndpointShown),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn change_endpoint(
    State(gateway): State<Gateway>,
    at: OwnEndpoint<EndpointsWrite>,
    Body(body): Body<EndpointChange>,
) -> Result<Json<EndpointShown>, Problem> {
    let url = body.url.map(|url| check_url(&url, gateway.sender().private())).transpose()?;
    let people = body.include.map(|words| includes_people(&words)).transpose()?;
    let types = body.types.map(types).transpose()?;
    let change = |endpoint: &mut Endpoint| {
        endpoint.url = url.map_or_else(|| std::mem::take(&mut endpoint.url), String::from);
        endpoint.types = types.unwrap_or_else(|| std::mem::take(&mut endpoint.types));
        endpoint.people = people.unwrap_or(endpoint.people);
        if let Some(enabled) = body.enabled {
            endpoint.switch(enabled);
        }
        Ok(())
    };
    let changed = gateway.directory().change_endpoint(&at.caller.tenant, &at.endpoint.id, change).await?;
    let (endpoint, ()) = changed.ok_or_else(endpoint_not_found)?;
    Ok(Json(endpoint.into()))
}

/// Deletes an endpoint with its deliveries.
#[utoipa::path(
    delete, path = "/v1/endpoints/{endpoint}", operation_id = "deleteEndpoint", tag = "endpoints",
    params(("endpoint" = String, Path, description = "Its id")),
    responses((status = 204, description = "It is deleted"),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn delete_endpoint(
    State(gateway): State<Gateway>,
    at: OwnEndpoint<EndpointsWrite>,
) -> Result<StatusCode, Problem> {
    gateway.directory().delete_endpoint(&at.caller.tenant, &at.endpoint.id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives an endpoint a new secret. Messages have a signature by the former one as well, for a day.
#[utoipa::path(
    post, path = "/v1/endpoints/{endpoint}/secrets", operation_id = "rotateEndpointSecret", tag = "endpoints",
    params(("endpoint" = String, Path, description = "Its id")),
    responses((status = 201, description = "The secret", body = SecretCreated),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn rotate_secret(
    State(gateway): State<Gateway>,
    at: OwnEndpoint<EndpointsWrite>,
) -> Result<(StatusCode, Json<SecretCreated>), Problem> {
    let now = gateway.clock().now();
    let rotate = |endpoint: &mut Endpoint| endpoint.rotate(now);
    let changed = gateway.directory().change_endpoint(&at.caller.tenant, &at.endpoint.id, rotate).await?;
    let (endpoint, until) = changed.ok_or_else(endpoint_not_found)?;
    Ok((StatusCode::CREATED, Json(SecretCreated::new(&endpoint, until))))
}

/// Sends a message of the type `endpoint.test` now, once, and says how it was received.
#[utoipa::path(
    post, path = "/v1/endpoints/{endpoint}/tests", operation_id = "testEndpoint", tag = "endpoints",
    params(("endpoint" = String, Path, description = "Its id")),
    responses((status = 200, description = "How it was received", body = EndpointTested),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn test_endpoint(
    State(gateway): State<Gateway>,
    at: OwnEndpoint<EndpointsWrite>,
) -> Result<Json<EndpointTested>, Problem> {
    let now = gateway.clock().now();
    let mut event = Event::of_gateway("endpoint.test");
    event.shown.id = format!("evt_{}", uuid::Uuid::now_v7().simple());
    (event.shown.received_at, event.shown.endpoint) = (now.to_string(), Some(at.endpoint.id.clone()));
    let id = event.shown.id.clone();
    let body = event.message(at.endpoint.people);
    let secrets = at.endpoint.secrets(now);
    let message = Message { id: &id, body: &body, secrets: &secrets, now };
    Ok(Json(gateway.sender().send(&at.endpoint.url, &message).await?.into()))
}

/// The newest deliveries to an endpoint, for 7 days.
#[utoipa::path(
    get, path = "/v1/endpoints/{endpoint}/deliveries", operation_id = "listDeliveries", tag = "endpoints",
    params(("endpoint" = String, Path, description = "Its id")),
    responses((status = 200, description = "At most 100", body = DeliveryList),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn list_deliveries(
    State(gateway): State<Gateway>,
    at: OwnEndpoint<EndpointsRead>,
) -> Result<Json<DeliveryList>, Problem> {
    let rows = gateway.directory().deliveries(&at.caller.tenant, &at.endpoint.id, DELIVERIES).await?;
    Ok(Json(DeliveryList { data: rows.into_iter().map(Into::into).collect() }))
}

/// Delivers the events since a time once more, each with its former id.
#[utoipa::path(
    post, path = "/v1/endpoints/{endpoint}/replays", operation_id = "replayEvents", tag = "endpoints",
    params(("endpoint" = String, Path, description = "Its id")),
    request_body = NewReplay,
    responses((status = 202, description = "How many", body = Replayed),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn replay_events(
    State(gateway): State<Gateway>,
    at: OwnEndpoint<EndpointsWrite>,
    Body(body): Body<NewReplay>,
) -> Result<(StatusCode, Json<Replayed>), Problem> {
    let since: Timestamp = body.since.parse().map_err(|_| {
        Error::new(ErrorKind::InvalidRequest, "`since` is not a time")
            .with_hint("write it as 2026-11-29T12:00:00Z")
    })?;
    let now = gateway.clock().now();
    let directory = gateway.directory().by_key(&at.caller.key);
    let events = directory.replay(&at.caller.tenant, &at.endpoint.id, since, now).await?;
    gateway.wake();
    Ok((StatusCode::ACCEPTED, Json(Replayed { events })))
}
