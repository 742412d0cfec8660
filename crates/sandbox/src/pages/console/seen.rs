//! The pages of API calls and rules, and the page to which a signer returns from a link created in the console.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::calls::CallSeen;
use crate::handle::World;
use crate::render::{count, page, time, word};
use crate::rules::{Rule, rules};
use crate::vendors::Query;
use crate::world::Vendor;

/// Older calls are in the control API.
const SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "console/calls.html")]
struct Calls {
    now: String,
    here: &'static str,
    total: String,
    calls: Vec<Call>,
}

struct Call {
    at: String,
    vendor: &'static str,
    what: String,
    status: String,
}

pub(super) async fn calls(State(world): State<World>) -> Response {
    let seen = world.calls();
    let total = count(seen.len(), "call");
    let call = |call: &CallSeen| Call {
        at: time(call.at),
        vendor: call.vendor.name(),
        what: match &call.query {
            Some(query) => format!("{} {}?{query}", call.method, call.path),
            None => format!("{} {}", call.method, call.path),
        },
        status: call.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string()),
    };
    let calls = seen.iter().rev().take(SHOWN).map(call).collect();
    page(StatusCode::OK, &Calls { now: time(world.now()), here: "calls", total, calls })
}

#[derive(Template)]
#[template(path = "console/rules.html")]
struct RulesPage {
    now: String,
    here: &'static str,
    rules: Vec<Row>,
}

struct Row {
    vendor: &'static str,
    what: &'static str,
    evidence: String,
    source: &'static str,
}

pub(super) async fn all_rules(State(world): State<World>) -> Response {
    let row = |rule: &'static Rule| Row {
        vendor: rule.vendor.map_or("every vendor", Vendor::name),
        what: &rule.what,
        evidence: word(rule.evidence),
        source: &rule.source,
    };
    let rules = rules().map(row).collect();
    page(StatusCode::OK, &RulesPage { now: time(world.now()), here: "rules", rules })
}

#[derive(Template)]
#[template(path = "console/returned.html")]
struct Returned {
    now: String,
    here: &'static str,
    query: String,
    event: Option<String>,
    envelope: Option<String>,
}

pub(super) async fn returned(State(world): State<World>, RawQuery(query): RawQuery) -> Response {
    let read = Query::parse(query.as_deref());
    let get = |name: &str| read.get(name).map(str::to_owned);
    let template = Returned {
        now: time(world.now()),
        here: "",
        event: get("event"),
        envelope: get("documentId").filter(|id| world.envelope(id).is_some()),
        query: query.unwrap_or_default(),
    };
    page(StatusCode::OK, &template)
}
