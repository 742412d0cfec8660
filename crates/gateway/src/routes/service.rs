//! What vendors support, and whether the gateway works.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use countersign::provider::Descriptor;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::extract::Caller;
use crate::gateway::Gateway;
use crate::problem::Problem;

/// The vendors.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VendorList {
    data: Vec<VendorShown>,
}

/// A vendor and what it supports.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VendorShown {
    /// The short name, for `vendor` in accounts.
    name: String,
    title: String,
    features: Vec<FeatureShown>,
}

/// A feature.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FeatureShown {
    #[schema(example = "create_view")]
    feature: String,
    /// `native`; `emulated`, with more than one call; or `impossible`.
    #[schema(example = "native")]
    support: String,
    /// Conditions and limits; may be empty.
    conditions: String,
    /// What the row rests on: `recorded`, `documented`, `observed`, or `guessed`.
    #[schema(example = "documented")]
    evidence: String,
}

/// The stable word of a value that the library writes as one.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

impl From<&&'static Descriptor> for VendorShown {
    fn from(vendor: &&'static Descriptor) -> Self {
        let features = vendor.facts.capabilities.iter().map(|row| FeatureShown {
            feature: word(&row.feature),
            support: word(&row.support),
            conditions: row.conditions.clone(),
            evidence: word(&row.evidence),
        });
        Self { name: vendor.name.to_owned(), title: vendor.facts.title.clone(), features: features.collect() }
    }
}

/// Lists the vendors and what they support.
#[utoipa::path(
    get, path = "/v1/vendors", operation_id = "listVendors", tag = "service",
    responses((status = 200, description = "All vendors", body = VendorList),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn list_vendors(_caller: Caller<()>) -> Json<VendorList> {
    Json(VendorList { data: countersign::vendors().iter().map(VendorShown::from).collect() })
}

/// Whether the process answers.
#[utoipa::path(
    get, path = "/livez", operation_id = "live", tag = "service", security(()),
    responses((status = 204, description = "It does")),
)]
pub(super) async fn live() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Whether the database takes changes within a second, its clock agrees, and the gateway is not stopping.
#[utoipa::path(
    get, path = "/readyz", operation_id = "ready", tag = "service", security(()),
    responses((status = 204, description = "It does"),
        (status = "default", description = "Why not", body = Problem, content_type = "application/problem+json")),
)]
pub(super) async fn ready(State(gateway): State<Gateway>) -> Result<StatusCode, Problem> {
    let not_ready = |detail: &str| {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Problem::new(status, "not_ready", detail, "send requests to another replica").repeat_after(1)
    };
    if gateway.is_stopping() {
        return Err(not_ready("the gateway is stopping"));
    }
    match gateway.probe().failure().await {
        None => Ok(StatusCode::NO_CONTENT),
        Some(reason) => Err(not_ready(&reason)),
    }
}
