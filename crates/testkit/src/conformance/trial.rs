//! Runs one scenario at one vendor on one backend.

use std::sync::Arc;

use countersign_core::{
    AccessCode, Call, ChangeAccessCode, Context, Descriptor, EnvelopeId, Error, ListRecipients, Recipients,
    ResendRecipient, SecretString, SigningLink,
};

use super::backend::Stage;
use super::check::Judge;
use super::listen::Listener;
use super::request::{NEW_CODE, Reply, call, features, recipient, reference_by, send};
use super::scenario::Scenario;
use super::snapshot::{leaks, readings, shown};
use super::step::Step;
use super::story::By;
use super::vendor::VendorFile;
use super::wire::Wire;

/// The result of a trial.
#[derive(Debug)]
pub(crate) struct Played {
    /// Requests, and the reply or error.
    pub(crate) shown: String,
    /// The problems; empty if there are none.
    pub(crate) wrong: Vec<String>,
}

/// Runs a scenario that has been set up; `is_exact` if no time passes in it but that of its steps. An `Err` is a trial
/// that could not be completed.
pub(crate) async fn play(
    scenario: &Scenario,
    vendor: &VendorFile,
    stage: &mut Stage,
    listener: &Listener,
    is_exact: bool,
) -> Result<Played, String> {
    let mut known = None;
    for step in &scenario.story.before {
        happen(scenario, stage, step, &mut known, None).await?;
    }
    if known.is_none() {
        known = list(stage).await;
    }
    let call = call(scenario, &stage.envelope, || recipient(scenario, known.as_ref()))?;
    let before = stage.events.mails(0).await?;
    let provider = Arc::clone(&stage.provider);
    let wire = Wire::new(Arc::clone(&stage.transport), scenario, vendor)?;
    let transport: Arc<dyn countersign_core::Transport> = Arc::clone(&wire) as _;
    let cx =
        Context::new(scenario.call, transport, Arc::clone(&stage.clock)).with_call(Arc::new(call.clone()));
    let at = cx.now();
    let result = send(&call, provider.as_ref(), &cx).await;

    let exchanges = wire.seen();
    let offered = offered(provider.descriptor(), &call);
    let mails = match before {
        Some(before) => {
            let wanted = before.len() + if offered.is_ok() { scenario.story.expect.mails.len() } else { 0 };
            stage.events.mails(wanted).await?.map(|mails| since(&before, mails))
        }
        None => None,
    };
    let mut wrong = match offered {
        Ok(()) => {
            let mut wrong = Judge { scenario, known: known.as_ref(), at, is_exact }.judge(&result);
            wrong.extend(wire.unmet());
            wrong.extend(mails.as_ref().and_then(|mails| mailed(scenario, mails)));
            wrong
        }
        Err(unsupported) => must_refuse(&unsupported, &result, exchanges.len()),
    };
    let mut secrets = secrets(scenario, stage, &result);
    secrets.extend(exchanges.iter().flat_map(|exchange| exchange.credentials.iter().cloned()));
    let shown = shown(scenario, &exchanges, &result, &secrets, &stage.places, at);
    if wrong.is_empty() && result.is_ok() {
        let link = result.as_ref().ok().and_then(Reply::link);
        for step in &scenario.story.after {
            if let Err(problem) = happen(scenario, stage, step, &mut known, link).await {
                wrong.push(problem);
            }
        }
    }
    let mut texts = readings(&result);
    texts.push(("the snapshot", shown.clone()));
    texts.push(("the Debug of the provider", format!("{provider:#?}")));
    texts.push(("the Debug of the context", format!("{cx:#?}")));
    texts.push(("the Debug of the request", format!("{call:#?}")));
    texts.push(("the log", listener.since(0)));
    wrong.extend(leaks(&texts, &secrets));
    wrong.extend(stage.tape.as_ref().and_then(|tape| tape.finish().err()));
    Ok(Played { shown, wrong })
}

fn offered(vendor: &Descriptor, call: &Call) -> Result<(), Error> {
    features(call).into_iter().try_for_each(|feature| vendor.facts.offers(feature))
}

/// The adapter itself rejects what the vendor does not support, before anything is sent.
fn must_refuse(unsupported: &Error, result: &Result<Reply, Error>, sent: usize) -> Vec<String> {
    let mut wrong = Vec::new();
    match result {
        Ok(_) => wrong.push("the capabilities exclude this, but it succeeded".to_owned()),
        Err(error) if error.kind() != unsupported.kind() => {
            wrong.push(format!("the capabilities exclude this, but the error is: {error}"));
        }
        Err(_) => {}
    }
    if sent > 0 {
        wrong.push(format!("the capabilities exclude this, but {sent} requests were sent"));
    }
    wrong
}

/// The mails that are not among the earlier ones.
fn since(before: &[String], mut mails: Vec<String>) -> Vec<String> {
    for earlier in before {
        if let Some(at) = mails.iter().position(|mail| mail == earlier) {
            mails.swap_remove(at);
        }
    }
    mails
}

fn mailed(scenario: &Scenario, mails: &[String]) -> Option<String> {
    let (mut is, mut wanted) = (mails.to_vec(), scenario.story.expect.mails.clone());
    is.sort();
    wanted.sort();
    let names = |keys: &[String]| if keys.is_empty() { "no one".to_owned() } else { keys.join(", ") };
    (is != wanted).then(|| format!("mailed: {}, expected {}", names(&is), names(&wanted)))
}

/// Credentials, codes and the link.
fn secrets(scenario: &Scenario, stage: &Stage, result: &Result<Reply, Error>) -> Vec<SecretString> {
    let mut secrets = stage.secrets.clone();
    let codes = scenario.story.people.iter().filter_map(|person| person.access_code.clone());
    let given = scenario.story.before.iter().filter_map(|step| match step {
        Step::ChangesCode { code, .. } => Some(code.clone()),
        Step::TypesCode { code, .. } => code.clone(),
        _ => None,
    });
    let set = scenario.story.call.code.clone().unwrap_or_else(|| NEW_CODE.to_owned());
    secrets.extend(codes.chain(given).chain([set]).map(SecretString::from));
    if let Some(link) = result.as_ref().ok().and_then(Reply::link) {
        secrets.push(link.expose().to_owned().into());
        let end = link.expose().rsplit(['/', '=']).next().unwrap_or_default();
        if end.len() >= 16 {
            secrets.push(end.to_owned().into());
        }
    }
    secrets
}

/// The current list, or nothing if it is not available.
async fn list(stage: &Stage) -> Option<Recipients> {
    let request = ListRecipients::new(EnvelopeId::new(stage.envelope.as_str()).ok()?);
    match apart(stage, request.into()).await {
        Ok(Reply::Listed(list)) => Some(list),
        _ => None,
    }
}

/// A call other than that of the scenario.
async fn apart(stage: &Stage, call: Call) -> Result<Reply, Error> {
    let call = Arc::new(call);
    let cx = Context::new(call.operation(), Arc::clone(&stage.transport), Arc::clone(&stage.clock))
        .with_call(Arc::clone(&call));
    send(&call, stage.provider.as_ref(), &cx).await
}

/// One step: calls of the application are made here, the backend performs all other events.
async fn happen(
    scenario: &Scenario,
    stage: &mut Stage,
    step: &Step,
    known: &mut Option<Recipients>,
    link: Option<&SigningLink>,
) -> Result<(), String> {
    let failed = |error: &dyn std::fmt::Display| format!("the step {} failed: {error}", step.label());
    let envelope = EnvelopeId::new(stage.envelope.as_str()).map_err(|error| failed(&error))?;
    let to = |who: &str| {
        let person = scenario.person(who).ok_or_else(|| format!("no recipient has the key `{who}`"))?;
        reference_by(person, if person.email.is_empty() { By::Phone } else { By::EmailAndOrder })
    };
    match step {
        Step::Lists => {
            *known = list(stage).await;
            known.as_ref().map(|_| ()).ok_or_else(|| failed(&"the list was not available"))
        }
        Step::Resends { who } => {
            let request = ResendRecipient::new(envelope, to(who)?);
            apart(stage, request.into()).await.map(drop).map_err(|error| failed(&error))
        }
        Step::ChangesCode { who, code, notify } => {
            let code = AccessCode::new(code.as_str()).map_err(|error| failed(&error))?;
            let request = ChangeAccessCode::new(envelope, to(who)?, code).with_notify(*notify);
            apart(stage, request.into()).await.map(drop).map_err(|error| failed(&error))
        }
        Step::OpensLink { then, .. } => match stage.events.happen(step, link).await {
            Ok(Some(what)) if what != *then => {
                Err(format!("opening the link gave {what:?}, expected {then:?}"))
            }
            Ok(_) => Ok(()),
            Err(problem) => Err(failed(&problem)),
        },
        _ => stage.events.happen(step, link).await.map(drop).map_err(|problem| failed(&problem)),
    }
}
