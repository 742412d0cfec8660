//! `countersign accounts`.

use std::io::IsTerminal;

use countersign::budget::{RouteWindow, Window};
use countersign::{Access, Account, Error, Result};
use serde::Serialize;

use crate::args::Global;
use crate::context;
use crate::exit;
use crate::render::error;
use crate::render::table::{self, BAD, GOOD, moment, paint, safe};
use crate::report::{Report, note};

#[derive(Serialize)]
struct Accounts {
    file: Option<String>,
    accounts: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    vendor: &'static str,
    default: bool,
    /// Whether the configuration is complete; checked without the network.
    configured: bool,
    /// The signed-in user; only with `--check`.
    access: Option<Access>,
    /// The account's remaining calls, as the sign-in answer reported them; only with `--check`.
    budget: Option<Budget>,
    error: Option<Error>,
}

/// The vendor's long window (an hour) and its burst window, if reported; or the groups of routes that are used
/// up: this process called nothing but the check, so that it does not know what is left of others.
#[derive(Serialize)]
struct Budget {
    limit: Option<Window>,
    burst: Option<Window>,
    routes: Vec<RouteWindow>,
}

pub(super) async fn run(global: &Global, check: bool) -> Result<Report> {
    let config = context::configuration(global).await?;
    // Without any account there is nothing to list, and the error says what to do.
    if config.accounts().next().is_none() {
        config.account(None)?;
    }
    let only = global.account();
    if only.is_some() {
        config.account(only)?;
    }
    let mut rows = Vec::new();
    for account in config.accounts().filter(|account| only.is_none_or(|only| only == account.name())) {
        let default = config.default_account() == Some(account.name());
        rows.push(row(global, account, default, check).await);
    }
    let code = rows.iter().find_map(|row| row.error.as_ref().map(exit::code)).unwrap_or(exit::OK);
    let found = Accounts { file: config.file().map(|file| file.display().to_string()), accounts: rows };
    let notes: String = found.accounts.iter().filter_map(problem).collect();
    Ok(Report::new(text(&found, check), &found).with_notes(notes).with_code(code))
}

async fn row(global: &Global, account: &Account, default: bool, check: bool) -> Row {
    let client = context::client_of(global, account);
    let configured = client.is_ok();
    let mut budget = None;
    let access = match client {
        Ok(client) if check => {
            if std::io::stderr().is_terminal() {
                note(&format!("signing in: {} ({})\n", account.name(), account.vendor().name));
            }
            let access = client.check_access().await;
            let known = client.budget();
            let is_used_up = |route: &RouteWindow| route.window.remaining == Some(0);
            let routes = known.routes.into_iter().filter(is_used_up).collect();
            budget = Some(Budget { limit: known.limit, burst: known.burst, routes });
            access.map(Some)
        }
        Ok(_) => Ok(None),
        Err(error) => Err(error),
    };
    let (access, error) = access.map_or_else(|error| (None, Some(error)), |access| (access, None));
    let (name, vendor) = (account.name().to_owned(), account.vendor().name);
    Row { name, vendor, default, configured, access, budget, error }
}

fn problem(row: &Row) -> Option<String> {
    row.error.as_ref().map(|error| format!("\n{}:\n{}", safe(&row.name), error::text(error)))
}

fn text(found: &Accounts, check: bool) -> String {
    let headings = ["account", "vendor", "default", "configuration", "signed in"];
    let columns = if check { headings.len() } else { headings.len() - 1 };
    let cells = |row: &Row| {
        let default = if row.default { "yes" } else { "" };
        let configured = if row.configured { "complete" } else { "NOT COMPLETE" };
        let signed_in = if row.access.is_some() { "yes" } else { "NO" };
        let cells = [&safe(&row.name), row.vendor, default, configured, signed_in].map(str::to_owned);
        cells.into_iter().take(columns)
    };
    let rows = found.accounts.iter().map(cells);
    let mut text = table::text(table::width(), headings.into_iter().take(columns), rows);
    let mut below = Vec::new();
    for (row, access) in found.accounts.iter().filter_map(|row| Some((row, row.access.as_ref()?))) {
        below.push(format!("{}: signed in {}", safe(&row.name), whom(access)));
    }
    for (row, budget) in found.accounts.iter().filter_map(|row| Some((row, row.budget.as_ref()?))) {
        let windows = [(budget.limit, "calls"), (budget.burst, "burst calls")];
        let left = windows.into_iter().filter_map(|(window, what)| remaining(window?, what));
        let routes = budget.routes.iter();
        let routes = routes.filter_map(|route| remaining(route.window, &format!("calls of {}", route.name)));
        below.extend(left.chain(routes).map(|left| format!("{}: {left}", safe(&row.name))));
    }
    if let Some(file) = &found.file {
        below.push(format!("from {file} and COUNTERSIGN_ variables"));
    }
    let bad = found.accounts.iter().filter(|row| row.error.is_some()).count();
    let all = found.accounts.len();
    match (bad, check) {
        (0, true) if all == 1 => below.push(paint(GOOD, "the account is signed in")),
        (0, true) => below.push(paint(GOOD, &format!("{all} accounts signed in"))),
        (0, false) => {}
        (1, _) => below.push(paint(BAD, "1 account has a problem")),
        _ => below.push(paint(BAD, &format!("{bad} accounts have a problem"))),
    }
    if !below.is_empty() {
        text.push_str(&format!("\n{}\n", below.join("\n")));
    }
    text
}

/// The remaining calls of a window. Some vendors do not report the total.
fn remaining(window: Window, what: &str) -> Option<String> {
    let remaining = window.remaining?;
    let of = window.limit.map(|limit| format!(" of {limit}")).unwrap_or_default();
    let until = window.reset_at.map(|at| format!(" until {}", moment(at))).unwrap_or_default();
    Some(format!("{remaining}{of} {what} left{until}"))
}

/// The user and the host; vendors report different details.
pub(super) fn whom(access: &Access) -> String {
    let user = access.user.as_deref().map(|user| format!("as {} ", safe(user)));
    let account = access.account.as_deref().map(|account| format!("with account {} ", safe(account)));
    format!("{}{}at {}", user.unwrap_or_default(), account.unwrap_or_default(), safe(&access.base_url))
}
