//! Tenants: their accounts with what this replica knows of the allowance, their endpoints, and who changed what.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use countersign::budget::Window;

use super::endpoints::{self, EndpointRow};
use super::page::{Admin, Failure, Frame, page, time};
use crate::directory::{AuditEntry, Tenant};

/// How many entries of the audit are shown.
const AUDIT: u32 = 50;

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
    tenant: String,
    endpoints: Vec<EndpointRow>,
    audit: Vec<AuditRow>,
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
        let windows = report.iter().flat_map(|report| [report.limit, report.burst]).flatten().map(allowance);
        let routes = report.iter().flat_map(|report| &report.routes);
        let routes = routes.map(|route| format!("{}: {}", route.name, allowance(route.window)));
        let told: Vec<String> = windows.chain(routes).collect();
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
    let endpoints = endpoints::of_tenant(directory, &tenant.id).await?;
    let audit = directory.audit(&tenant.id, i64::MAX, AUDIT).await?;
    let audit = audit.into_iter().map(|entry| AuditRow { at: time(entry.at), entry }).collect();
    let frame = Frame::new(format!("Accounts of {}", tenant.name), "/accounts");
    Ok(page(StatusCode::OK, &AccountsPage { frame, accounts, tenant: tenant.id, endpoints, audit }))
}

/// A limit, as the vendor told it.
fn allowance(window: Window) -> String {
    let number = |number: Option<u64>| number.map_or_else(|| "?".to_owned(), |number| number.to_string());
    let reset = window.reset_at.map(|at| format!(" until {}", time(at))).unwrap_or_default();
    format!("{} of {} left{reset}", number(window.remaining), number(window.limit))
}
