//! Tenants: their accounts with what this replica knows of the allowance, their endpoints, and who changed what.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use countersign::budget::Window;

use super::page::{Admin, Failure, Frame, page, time};
use crate::directory::{AuditEntry, Directory, Tenant};

/// How many entries of the audit, and how many deliveries of an endpoint, are looked at.
const AUDIT: u32 = 50;
const RECENT: u32 = 100;

#[derive(Template)]
#[template(path = "admin/tenants.html")]
struct TenantsPage {
    frame: Frame,
    tenants: Vec<Tenant>,
}

#[derive(Template)]
#[template(path = "admin/accounts.html")]
struct AccountsPage {
    frame: Frame,
    accounts: Vec<Account>,
    endpoints: Vec<EndpointRow>,
    audit: Vec<AuditRow>,
}

struct EndpointRow {
    id: String,
    /// Without the path, which may be a secret of the receiver.
    host: String,
    state: String,
    failure: String,
}

struct AuditRow {
    at: String,
    entry: AuditEntry,
}

struct Account {
    name: String,
    id: String,
    vendor: String,
    allowance: String,
    requests: String,
}

pub(super) async fn tenants(State(admin): State<Admin>) -> Result<Response, Failure> {
    let tenants = admin.gateway.directory().tenants().await?;
    Ok(page(StatusCode::OK, &TenantsPage { frame: Frame::new("Accounts", "/accounts"), tenants }))
}

pub(super) async fn of_tenant(
    State(admin): State<Admin>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let directory = admin.gateway.directory();
    let tenants = directory.tenants().await?;
    let tenant =
        tenants.into_iter().find(|tenant| tenant.id == id).ok_or_else(|| Failure::missing("tenant"))?;
    let mut accounts = Vec::new();
    for account in directory.accounts(&tenant.id).await? {
        let report = admin.gateway.clients().get(&account).map(|client| client.budget());
        let windows = report.as_ref().map(|report| [report.limit, report.burst]);
        let told: Vec<String> = windows.into_iter().flatten().flatten().map(allowance).collect();
        accounts.push(Account {
            name: account.name,
            id: account.id,
            vendor: account.vendor,
            allowance: if told.is_empty() { "not known here yet".to_owned() } else { told.join("; ") },
            requests: report.map_or_else(
                || "none".to_owned(),
                |report| format!("{} running, {} waiting", report.in_flight, report.waiting),
            ),
        });
    }
    let endpoints = endpoints(directory, &tenant.id).await?;
    let audit = directory.audit(&tenant.id, i64::MAX, AUDIT).await?;
    let audit = audit.into_iter().map(|entry| AuditRow { at: time(entry.at), entry }).collect();
    let frame = Frame::new(format!("Accounts of {}", tenant.name), "/accounts");
    Ok(page(StatusCode::OK, &AccountsPage { frame, accounts, endpoints, audit }))
}

async fn endpoints(directory: &Directory, tenant: &str) -> Result<Vec<EndpointRow>, Failure> {
    let mut rows = Vec::new();
    for endpoint in directory.endpoints(tenant).await? {
        let state = match (endpoint.enabled, endpoint.failing_since) {
            (false, _) => {
                format!("off: {}", endpoint.off_why.as_deref().unwrap_or("the tenant switched it off"))
            }
            (true, Some(since)) => format!("failing since {}", time(since)),
            (true, None) => "on".to_owned(),
        };
        let failed = directory.deliveries(tenant, &endpoint.id, RECENT).await?;
        let failed = failed.into_iter().find_map(|one| Some((one.tried_at?, one.error?)));
        let failure =
            failed.map_or_else(|| "none".to_owned(), |(at, error)| format!("{error} ({})", time(at)));
        let url = endpoint.url.parse::<Uri>().ok();
        let host = url.as_ref().and_then(Uri::host).unwrap_or_default().to_owned();
        rows.push(EndpointRow { id: endpoint.id, host, state, failure });
    }
    Ok(rows)
}

/// A limit, as the vendor told it.
fn allowance(window: Window) -> String {
    let number = |number: Option<u64>| number.map_or_else(|| "?".to_owned(), |number| number.to_string());
    let reset = window.reset_at.map(|at| format!(" until {}", time(at))).unwrap_or_default();
    format!("{} of {} left{reset}", number(window.remaining), number(window.limit))
}
