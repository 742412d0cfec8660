//! `countersign calls`.

use countersign::ledger::{
    CallAbout, CallRecord, Finding, IdempotencyKey, Ledger, Resolution, Resolved, Scope, StoredError,
    UnresolvedCall,
};
use countersign::{Config, Error, ErrorKind, Outcome, Result, Retry, Timestamp};
use serde::Serialize;

use crate::args::{CallArgs, CallsCommand, Global, ListCallsArgs, ResolveArgs};
use crate::context::invalid;
use crate::paste::quoted;
use crate::render::table::{self, moment, safe, safe_or_dash};
use crate::report::Report;
use crate::state::Place;

#[derive(Serialize)]
struct Listed<'c> {
    calls: Vec<Row<'c>>,
    /// For `--after`, if there may be more.
    next: Option<String>,
}

#[derive(Serialize)]
struct Row<'c> {
    key: &'c str,
    scope: &'c str,
    since: Timestamp,
    effect: &'static str,
    #[serde(flatten)]
    about: About<'c>,
    error: Option<&'c Error>,
}

#[derive(Serialize)]
struct About<'c> {
    operation: &'static str,
    vendor: &'c str,
    account: Option<&'c str>,
    envelope: &'c str,
    recipient: Option<&'c str>,
}

#[derive(Serialize)]
struct Shown<'c> {
    key: &'c str,
    scope: &'c str,
    state: &'static str,
    /// Whether it is to be resolved.
    unknown: bool,
    since: Timestamp,
    /// At most for how long it is still running.
    running_seconds: Option<u64>,
    effect: Option<&'static str>,
    #[serde(flatten)]
    about: About<'c>,
    error: Option<&'c Error>,
    /// What was found, if it is resolved.
    found: Option<&'static str>,
    resolved_by: Option<&'c str>,
    note: Option<&'c str>,
}

#[derive(Serialize)]
struct Found<'k> {
    key: &'k str,
    scope: &'k str,
    happened: bool,
}

impl<'c> About<'c> {
    fn of(about: &'c CallAbout) -> Self {
        let CallAbout { operation, vendor, account, envelope, recipient, .. } = about;
        let (account, recipient) = (account.as_deref(), recipient.as_deref());
        Self { operation: operation.as_str(), vendor, account, envelope, recipient }
    }
}

pub(super) async fn run(global: &Global, command: CallsCommand) -> Result<Report> {
    let config = Config::load(global.config())?;
    let ledger = Place::required(&config)?.open().await?;
    match command {
        CallsCommand::List(args) => list(global, &config, &*ledger, args).await,
        CallsCommand::Show(args) => {
            let scope = scope_of(global, &config, &args)?;
            show(&*ledger, &scope, &args.key).await
        }
        CallsCommand::Resolve(args) => {
            let scope = scope_of(global, &config, &args.call)?;
            resolve(&*ledger, &scope, args).await
        }
    }
}

/// The scope of a key: the given one, or that of the selected account.
fn scope_of(global: &Global, config: &Config, args: &CallArgs) -> Result<Scope> {
    match &args.scope {
        Some(scope) => Ok(scope.clone()),
        None => Ok(Scope::of_account(Some(config.account(global.account())?.name()))),
    }
}

async fn list(global: &Global, config: &Config, ledger: &dyn Ledger, args: ListCallsArgs) -> Result<Report> {
    let scope = match (args.scope, global.account()) {
        (Some(scope), _) => Some(scope),
        (None, Some(name)) => Some(Scope::of_account(Some(config.account(Some(name))?.name()))),
        (None, None) => None,
    };
    let calls = ledger.unresolved(scope.as_ref(), args.after.as_ref(), args.limit).await?;
    let is_full = u32::try_from(calls.len()).is_ok_and(|count| count == args.limit);
    let next = calls.last().filter(|_| is_full).map(|call| call.cursor().to_string());
    let headings = ["key", "scope", "operation", "envelope", "recipient", "since", "error"];
    let text = match calls.is_empty() {
        true => "no call has an unknown outcome\n".to_owned(),
        false => table::text(table::width(), headings, calls.iter().map(cells)),
    };
    let notes = match (&next, calls.is_empty()) {
        (Some(next), _) => format!("there may be more: add --after {}\n", quoted(next)),
        (None, false) => "check each at the vendor, then run `countersign calls resolve KEY`\n".to_owned(),
        (None, true) => String::new(),
    };
    let rows = calls.iter().map(|call| Row {
        key: call.key.as_str(),
        scope: call.scope.as_str(),
        since: call.since,
        effect: call.effect.as_str(),
        about: About::of(&call.about),
        error: call.error.as_ref().map(StoredError::error),
    });
    Ok(Report::new(text, &Listed { calls: rows.collect(), next }).with_notes(notes))
}

fn cells(call: &UnresolvedCall) -> Vec<String> {
    vec![
        safe(call.key.as_str()).into_owned(),
        safe(call.scope.as_str()).into_owned(),
        call.about.operation.as_str().to_owned(),
        safe(&call.about.envelope).into_owned(),
        safe_or_dash(call.about.recipient.as_deref()),
        moment(call.since),
        call.error.as_ref().map_or("-", |error| error.error().kind().as_str()).to_owned(),
    ]
}

async fn show(ledger: &dyn Ledger, scope: &Scope, key: &IdempotencyKey) -> Result<Report> {
    let Some(record) = ledger.find(scope, key).await? else {
        let message = format!("there is no call under this key in the scope `{scope}`");
        return Err(invalid(
            message,
            "choose the account with --account; replies are forgotten after a day, and calls without effect at once",
        ));
    };
    let shown = Shown {
        key: record.key.as_str(),
        scope: record.scope.as_str(),
        state: record.state.as_str(),
        unknown: record.is_unknown(),
        since: record.since,
        running_seconds: record.running_for.map(|left| left.as_secs().saturating_add(1)),
        effect: record.effect.map(countersign::provider::Effect::as_str),
        about: About::of(&record.about),
        error: record.error.as_ref().map(StoredError::error),
        found: record.found.map(|found| match found {
            Resolution::Happened => "happened",
            Resolution::DidNotHappen => "did_not_happen",
        }),
        resolved_by: record.resolved_by.as_deref(),
        note: record.note.as_deref(),
    };
    Ok(Report::new(told(&record, &shown), &shown))
}

fn told(record: &CallRecord, shown: &Shown<'_>) -> String {
    let state = match (shown.unknown, shown.running_seconds) {
        (true, _) => "the outcome is unknown".to_owned(),
        (false, Some(seconds)) => format!("running, for at most {seconds} s more"),
        (false, None) => shown.state.replace('_', " "),
    };
    let About { operation, vendor, account, envelope, recipient } = shown.about;
    let at = match account {
        Some(account) => format!("{} ({})", safe(vendor), safe(account)),
        None => safe(vendor).into_owned(),
    };
    let mut lines = vec![
        ("key", safe(shown.key).into_owned()),
        ("scope", safe(shown.scope).into_owned()),
        ("state", format!("{state}, since {}", moment(shown.since))),
        ("operation", format!("{operation} at {at}")),
        ("envelope", safe(envelope).into_owned()),
    ];
    lines.extend(recipient.map(|recipient| ("recipient", safe(recipient).into_owned())));
    lines.extend(shown.effect.map(|effect| ("effect", effect.replace('_', " "))));
    lines.extend(shown.error.map(|error| ("error", safe(error.message()).into_owned())));
    lines.extend(record.found.map(|found| match found {
        Resolution::Happened => ("found", "it happened; calls under the key are refused".to_owned()),
        Resolution::DidNotHappen => ("found", "it did not happen; the key is free".to_owned()),
    }));
    lines.extend(shown.resolved_by.map(|by| ("resolved by", safe(by).into_owned())));
    lines.extend(shown.note.filter(|note| !note.is_empty()).map(|note| ("note", safe(note).into_owned())));
    if record.is_unknown() {
        let command = format!("countersign calls resolve {}", quoted(shown.key));
        lines.push(("next", format!("check at the vendor, then `{command} --happened` or --did-not-happen")));
    }
    lines.into_iter().map(|(name, value)| format!("{name:<12}{value}\n")).collect()
}

async fn resolve(ledger: &dyn Ledger, scope: &Scope, args: ResolveArgs) -> Result<Report> {
    let found = if args.happened { Resolution::Happened } else { Resolution::DidNotHappen };
    let key = &args.call.key;
    match ledger.resolve(&Finding { scope, key, found, by: &args.by, note: &args.note }).await? {
        Resolved::Changed => {
            let text = if args.happened {
                "recorded as done; calls under this key are refused from now on\n"
            } else {
                "recorded as not done; the call can be made again under the same key\n"
            };
            let document = Found { key: key.as_str(), scope: scope.as_str(), happened: args.happened };
            Ok(Report::new(text, &document))
        }
        Resolved::StillRunning { for_ } => {
            let seconds = for_.as_secs().saturating_add(1);
            let message =
                format!("the call may still be running, for at most {seconds} s; nothing was recorded");
            Err(Error::new(ErrorKind::Unavailable, message)
                .with_outcome(Outcome::NoEffect, Retry::After(Some(for_)))
                .with_hint("wait, then repeat the command"))
        }
        _ => {
            let message = format!("no call under this key in the scope `{scope}` has an unknown outcome");
            Err(invalid(message, "see `countersign calls list`, and choose the account with --account"))
        }
    }
}
