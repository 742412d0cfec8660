//! Calls whose outcome is unknown, and what the operator found at the vendor.

use std::collections::HashMap;

use askama::Template;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use countersign::ledger::{Cursor, IdempotencyKey, Scope};
use serde::Deserialize;

use super::page::{Admin, Failure, Frame, page};
use crate::routes::calls::{self, CallShown, NewResolution};

/// The most calls on a page.
const PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "admin/calls.html")]
struct CallsPage {
    frame: Frame,
    calls: Vec<Listed>,
    /// The query of the next page.
    next: Option<String>,
    is_resolved: bool,
}

struct Listed {
    tenant: String,
    tenant_name: String,
    call: CallShown,
}

#[derive(Template)]
#[template(path = "admin/call.html")]
struct CallPage {
    frame: Frame,
    tenant_name: String,
    call: CallShown,
    token: String,
}

/// Which page of the list.
#[derive(Deserialize)]
pub(super) struct ListQuery {
    /// Behind this call: tenant and id.
    tenant: Option<String>,
    after: Option<String>,
    /// After a finding was recorded.
    resolved: Option<String>,
}

/// A finding.
#[derive(Deserialize)]
pub(super) struct Finding {
    token: String,
    found: String,
    #[serde(default)]
    note: String,
}

pub(super) async fn list(
    State(admin): State<Admin>,
    Query(query): Query<ListQuery>,
) -> Result<Response, Failure> {
    let directory = admin.gateway.directory();
    let after = match (&query.tenant, &query.after) {
        (Some(tenant), Some(id)) => {
            Some(Cursor { scope: scope(tenant), key: key(&admin, tenant, id).await? })
        }
        _ => None,
    };
    let found = admin.gateway.ledger().unresolved(None, after.as_ref(), PAGE).await?;
    let is_full = found.len() == PAGE as usize;
    let names: HashMap<String, String> =
        directory.tenants().await?.into_iter().map(|tenant| (tenant.id, tenant.name)).collect();
    let mut calls = Vec::new();
    for call in found {
        let tenant = call.scope.as_str().to_owned();
        // Of a tenant that was deleted meanwhile, and another program's in the same store, there is nothing to show.
        let Some(name) = names.get(&tenant) else { continue };
        let id = directory.call_id(&tenant, &call.key).await?;
        calls.push(Listed { tenant, tenant_name: name.clone(), call: CallShown::unresolved(id, call) });
    }
    let last = calls.last().filter(|_| is_full);
    let next = last.map(|last| format!("/calls?tenant={}&after={}", last.tenant, last.call.id));
    let frame = Frame::new("Unknown calls", "/calls");
    Ok(page(StatusCode::OK, &CallsPage { frame, calls, next, is_resolved: query.resolved.is_some() }))
}

pub(super) async fn show(
    State(admin): State<Admin>,
    Path((tenant, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let key = key(&admin, &tenant, &id).await?;
    let record = admin.gateway.ledger().find(&scope(&tenant), &key).await?;
    let tenants = admin.gateway.directory().tenants().await?;
    let name = tenants.into_iter().find(|known| known.id == tenant).map(|known| known.name);
    let page_of_call = CallPage {
        frame: Frame::new("Call", "/calls"),
        tenant_name: name.ok_or_else(|| Failure::missing("tenant"))?,
        call: CallShown::recorded(id, &key, record),
        token: admin.form_token.to_string(),
    };
    Ok(page(StatusCode::OK, &page_of_call))
}

pub(super) async fn resolve(
    State(admin): State<Admin>,
    Path((tenant, id)): Path<(String, String)>,
    form: Result<Form<Finding>, FormRejection>,
) -> Result<Response, Failure> {
    let Form(finding) =
        form.map_err(|_| Failure::again("The form is incomplete. Go back, and choose what you found."))?;
    admin.check_token(&finding.token)?;
    let happened = match finding.found.as_str() {
        "happened" => true,
        "did_not_happen" => false,
        _ => return Err(Failure::again("Go back, and choose what you found.")),
    };
    let key = key(&admin, &tenant, &id).await?;
    let found = NewResolution { happened, note: finding.note };
    calls::resolve(&admin.gateway, admin.gateway.directory(), &scope(&tenant), (id, &key), &found).await?;
    Ok(Redirect::to("/calls?resolved=yes").into_response())
}

fn scope(tenant: &str) -> Scope {
    Scope::of_account(Some(tenant))
}

async fn key(admin: &Admin, tenant: &str, id: &str) -> Result<IdempotencyKey, Failure> {
    admin.gateway.directory().call_key(tenant, id).await?.ok_or_else(|| Failure::missing("call"))
}
