//! `countersign plan`.

use std::path::Path;

use countersign::{ChangeAccessCode, Client, Error, ErrorKind, Plan, Plannable, Recipients, Result};

use super::operations;
use crate::args::{Global, PlanArgs, PlanCommand, PlanForm};
use crate::context;
use crate::report::Report;
use crate::{codes, exit};

pub(super) async fn run(global: &Global, args: PlanArgs) -> Result<Report> {
    let list = args.list.as_deref().map(read).transpose()?;
    let plan = match args.what {
        PlanCommand::Recipients(args) => {
            one_envelope(args.bulk.from.is_some())?;
            let mut envelope = context::named(args.envelope, "envelope")?;
            let client = context::at(global, &mut envelope)?;
            plan(&client, &operations::recipients_request(envelope, args.envelope_status), list).await
        }
        PlanCommand::View(args) => {
            let mut request = operations::view_request(*args)?;
            let client = context::at(global, &mut request.envelope)?;
            plan(&client, &request, list).await
        }
        PlanCommand::Resend(args) => {
            one_envelope(args.bulk.from.is_some())?;
            let mut request = operations::resend_request(args)?;
            let client = context::at(global, &mut request.envelope)?;
            plan(&client, &request, list).await
        }
        PlanCommand::AccessCode(args) => {
            one_envelope(args.bulk.from.is_some())?;
            let mut envelope = context::named(args.envelope, "envelope")?;
            let recipient = context::named(args.recipient, "recipient")?;
            let client = context::at(global, &mut envelope)?;
            let (code, _) = codes::take(&args.code)?;
            let mut request = ChangeAccessCode::new(envelope, recipient, code).with_notify(args.notify);
            if let Some(sender) = args.on_behalf_of {
                request = request.with_on_behalf_of(sender);
            }
            plan(&client, &request, list).await
        }
    }?;
    let report = Report::new(String::new(), &plan);
    let text = match args.form {
        PlanForm::Text => plan.to_string(),
        PlanForm::Curl => plan.curl(),
        PlanForm::Json => report.document.clone(),
    };
    let code = plan.refusal.as_ref().map_or(exit::OK, exit::code);
    Ok(Report { text, ..report }.with_code(code))
}

async fn plan<R: Plannable>(client: &Client, request: &R, list: Option<Recipients>) -> Result<Plan> {
    match list {
        Some(list) => client.plan_offline(request, list).await,
        None => client.plan(request).await,
    }
}

fn one_envelope(many: bool) -> Result<()> {
    if many {
        return Err(Error::new(
            ErrorKind::InvalidRequest,
            "a plan is for one envelope, not for a file of them",
        )
        .with_hint("name one envelope in place of --from"));
    }
    Ok(())
}

/// A list as `countersign recipients --json` prints it. The error tells the place, not what stands there.
fn read(file: &Path) -> Result<Recipients> {
    let bad = |problem: String| {
        Error::new(ErrorKind::InvalidRequest, format!("the list of recipients {} {problem}", file.display()))
            .with_hint("make it with `countersign recipients ENVELOPE --json > FILE`")
    };
    let text =
        std::fs::read_to_string(file).map_err(|error| bad(format!("cannot be read ({})", error.kind())))?;
    serde_json::from_str(&text).map_err(|error| {
        bad(format!("is not such a list (line {}, column {})", error.line(), error.column()))
    })
}
