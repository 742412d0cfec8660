//! `countersign plan`.

use std::path::Path;

use countersign::plan::{Plan, Plannable};
use countersign::provider::read_text;
use countersign::{Client, ListRecipients, Recipients, Result};

use super::operations;
use super::unlock::{self, Way};
use crate::args::{Global, PlanArgs, PlanCommand, PlanForm};
use crate::context::{self, invalid};
use crate::exit;
use crate::report::Report;

pub(super) async fn run(global: &Global, args: PlanArgs) -> Result<Report> {
    let list = args.list.as_deref().map(read).transpose()?;
    one_call(&args.what)?;
    let plan = match args.what {
        PlanCommand::Recipients(args) => {
            let mut envelope = context::named(args.envelope, "envelope")?;
            let client = context::at(global, &mut envelope).await?;
            plan(&client, &operations::recipients_request(envelope, args.envelope_status), list).await
        }
        PlanCommand::View(args) => {
            let mut request = operations::view_request(*args)?;
            let client = context::at(global, &mut request.envelope).await?;
            plan(&client, &request, list).await
        }
        PlanCommand::Resend(args) => {
            let mut request = operations::resend_request(args)?;
            let client = context::at(global, &mut request.envelope).await?;
            plan(&client, &request, list).await
        }
        PlanCommand::AccessCode(mut args) => {
            let mut envelope = context::named(args.envelope.take(), "envelope")?;
            let client = context::at(global, &mut envelope).await?;
            let (request, _) = operations::code_request(&client, envelope, args)?;
            plan(&client, &request, list).await
        }
        PlanCommand::Unlock(mut args) => {
            let client = context::at(global, &mut args.envelope).await?;
            let code = unlock::code(&client, &args)?;
            let list = match list {
                Some(list) => list,
                None => client.list_recipients(&ListRecipients::new(args.envelope.clone())).await?,
            };
            let plan = match unlock::way(&client, args, code, &list, false)? {
                Way::NotLocked(recipient) => return Ok(unlock::not_locked(recipient)),
                Way::Resend(request) => client.plan_offline(&request, list).await,
                Way::NewCode(request, _) => client.plan_offline(&request, list).await,
            };
            plan.map(|mut plan| {
                // The command reads the list first; the call may read it again.
                plan.reads += 1;
                plan
            })
        }
    }?;
    let report = Report::new(String::new(), &plan);
    let text = match args.form {
        PlanForm::Text => plan.to_string(),
        PlanForm::Curl => plan.curl(),
        PlanForm::Json => report.document.clone(),
    };
    let code = plan.refusal.as_ref().map_or(exit::OK, exit::code);
    let verbatim = args.form != PlanForm::Text;
    Ok(Report { text, verbatim, ..report }.with_code(code))
}

async fn plan<R: Plannable>(client: &Client, request: &R, list: Option<Recipients>) -> Result<Plan> {
    match list {
        Some(list) => client.plan_offline(request, list).await,
        None => client.plan(request).await,
    }
}

/// A plan is neither for a file of envelopes nor for a call under a key.
fn one_call(command: &PlanCommand) -> Result<()> {
    let (many, keyed) = match command {
        PlanCommand::Recipients(args) => (args.bulk.from.is_some(), false),
        PlanCommand::View(args) => (false, args.key.is_some()),
        PlanCommand::Resend(args) => (args.bulk.from.is_some(), args.key.is_some()),
        PlanCommand::AccessCode(args) => (args.bulk.from.is_some(), args.key.is_some()),
        PlanCommand::Unlock(args) => (false, args.key.is_some()),
    };
    match (many, keyed) {
        (true, _) => Err(invalid(
            "a plan is for one envelope, not for a file of them",
            "give one envelope instead of --from",
        )),
        (false, true) => Err(invalid("a plan makes no call, so a key has no meaning", "omit --key")),
        (false, false) => Ok(()),
    }
}

/// More than any list of recipients.
const LONGEST: u64 = 16 * 1024 * 1024;

/// A list as printed by `countersign recipients --json`. The error shows the position, not the content.
fn read(file: &Path) -> Result<Recipients> {
    let bad = |problem: String| {
        let hint = "create it with `countersign recipients ENVELOPE --json > FILE`";
        invalid(format!("the list of recipients {} {problem}", file.display()), hint)
    };
    let text = read_text(file, LONGEST).map_err(|problem| bad(problem.to_string()))?;
    serde_json::from_str(&text).map_err(|error| {
        bad(format!("is not a list of recipients (line {}, column {})", error.line(), error.column()))
    })
}
