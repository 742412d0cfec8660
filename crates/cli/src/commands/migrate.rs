//! `countersign migrate`.

use std::path::Path;

use countersign::migrate::{self, CallUse, Calls, EnvelopeUse, TEMPLATE, Verdict};
use countersign::provider::{Descriptor, EnvelopeStage, read_text_from};
use countersign::webhook::WebhookEvent;
use countersign::{Config, Error, ErrorKind, Operation, Result, vendors};
use serde_json::json;

use crate::args::{CheckArgs, Global, MigrateCommand};
use crate::context::invalid;
use crate::exit;
use crate::private::{self, name};
use crate::render::{migration, table};
use crate::report::Report;

/// More than any list of calls; a longer file is a wrong one.
const LARGEST: u64 = 1 << 20;

pub(super) fn run(global: &Global, command: &MigrateCommand) -> Result<Report> {
    match command {
        MigrateCommand::Check(args) => check(global, args),
        MigrateCommand::Template => Ok(Report::new(TEMPLATE, &json!({ "template": TEMPLATE })).verbatim()),
    }
}

fn check(global: &Global, args: &CheckArgs) -> Result<Report> {
    let from = vendor(global, args.from.as_deref(), args.account_from.as_deref())?;
    let to = vendor(global, args.to.as_deref(), args.account_to.as_deref())?;
    let calls = match (&args.calls, &args.cassettes) {
        (Some(file), _) => read(file)?,
        (None, Some(folder)) => Calls::recorded(folder, from)?,
        (None, None) => everything(from),
    };
    let report = migrate::check(from, to, &calls)?;
    let code = match report.verdict {
        Verdict::Same => exit::OK,
        Verdict::Impossible => exit::IMPOSSIBLE,
        _ => exit::DIFFERS,
    };
    let shown = if args.markdown {
        Report::new(migration::markdown(&report), &report).verbatim()
    } else {
        Report::new(migration::text(&report, table::width()), &report)
    };
    Ok(shown.with_code(code))
}

/// The given vendor, or the one of an account. The account's credentials are not read.
fn vendor(global: &Global, name: Option<&str>, account: Option<&str>) -> Result<&'static Descriptor> {
    let Some(name) = name else { return Ok(Config::load(global.config())?.account(account)?.vendor()) };
    let found = vendors().iter().find(|vendor| vendor.name.eq_ignore_ascii_case(name));
    found.copied().ok_or_else(|| Error::new(ErrorKind::InvalidRequest, "no vendor is named"))
}

fn read(file: &Path) -> Result<Calls> {
    let text = private::read(file, LARGEST).and_then(|bytes| read_text_from(bytes.as_slice(), LARGEST));
    let text = text.map_err(|problem| {
        let hint = "give a file of calls; `countersign migrate template` prints one";
        invalid(format!("{} {problem}", name(file)), hint)
    })?;
    Calls::read(&text, &name(file))
}

/// Each operation with nothing relied on, and every envelope feature of the application's current vendor: features
/// that are not available now cannot get lost.
fn everything(from: &Descriptor) -> Calls {
    let operations = Operation::ALL.iter().copied().filter(|operation| *operation != Operation::SignIn);
    let rows = &from.facts.mappings.envelope;
    let parts = rows.iter().filter(|row| row.coverage.is_there()).map(|row| row.what).collect();
    let (stages, events) = (EnvelopeStage::ALL.to_vec(), WebhookEvent::NAMED.to_vec());
    let envelope = EnvelopeUse { name: None, uses: parts, stages, events };
    Calls { calls: operations.map(CallUse::new).collect(), envelopes: vec![envelope] }
}
