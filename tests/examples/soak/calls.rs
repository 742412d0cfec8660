//! What one worker does: an envelope, some calls on it, faults and callers who lose interest in between.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign::{
    AccessCode, ChangeAccessCode, CreateView, EnvelopeId, Error, ListRecipients, MailExpectation, Outcome,
    RecipientRef, ResendRecipient, ReturnUrl,
};
use countersign_sandbox::{DropWhen, Fault, FaultKind, NewEnvelope, NewRecipient};
use fastrand::Rng;

use super::Failure;
use super::accounts::Account;
use super::control::Sandbox;
use super::tally::{Ending, Told};

/// No call may take longer. Far above the limit of one request and all that may be repeated.
const HANGS_AFTER: Duration = Duration::from_secs(30);

const ANNA: &str = "email:anna@example.com";
const CLEO: &str = "email:cleo@example.com";

/// One caller among many.
#[derive(Debug)]
pub(crate) struct Worker {
    account: Account,
    sandbox: Arc<Sandbox>,
    random: Rng,
}

impl Worker {
    pub(crate) fn new(account: Account, sandbox: Arc<Sandbox>, seed: u64) -> Self {
        Self { account, sandbox, random: Rng::with_seed(seed) }
    }
}

/// Calls until the time is over.
pub(crate) async fn round(mut worker: Worker, until: Instant) -> Result<Vec<Told>, Failure> {
    let mut told = Vec::new();
    while Instant::now() < until {
        let anna = NewRecipient::new("Anna Ek", "anna@example.com").with_access_code("Old1111");
        let cleo = NewRecipient::new("Cleo Ny", "cleo@example.com").with_embedded("c-1");
        let new = NewEnvelope::new(worker.account.vendor, "Lease")
            .with_recipient(anna.with_order(1))
            .with_recipient(cleo.with_order(1));
        let id = worker.sandbox.make_envelope(&new).await?;
        let envelope = EnvelopeId::new(id)?;
        for _ in 0..worker.random.usize(4..12) {
            if worker.random.f32() < 0.3
                && let Some(fault) = fault(&worker.account, &mut worker.random)
            {
                worker.sandbox.inject(&fault).await?;
            }
            told.push(call(&mut worker, &envelope).await?);
        }
    }
    Ok(told)
}

/// A random fault on a random route of the vendor; it applies to the next call.
fn fault(account: &Account, random: &mut Rng) -> Option<Fault> {
    let (method, path) = match account.sign_in {
        Some(route) if random.u16(0..5_000) == 0 => route,
        _ => *random.choice(account.routes)?,
    };
    let answer = |status: u16, body: &str, content_type: &str, after_work: bool| FaultKind::Answer {
        status,
        body: body.to_owned(),
        content_type: content_type.to_owned(),
        headers: BTreeMap::new(),
        after_work,
    };
    let (json, html, work) = ("application/json", "text/html", random.bool());
    let kind = match random.u8(0..10) {
        0 | 1 => FaultKind::Drop { drop: DropWhen::BeforeWork },
        2 | 3 => FaultKind::Drop { drop: DropWhen::AfterWork },
        4 => answer(502, "<html><h1>Bad Gateway</h1></html>", html, work),
        5 => answer(200, "{\"recipientUpda", json, work),
        6 => answer(200, "<html>", html, work),
        7 => answer(429, "{}", json, false),
        8 => answer(401, "{}", json, false),
        _ => FaultKind::Delay { delay_ms: if random.u8(0..10) == 0 { 60_000 } else { random.u64(1..40) } },
    };
    Some(Fault::on(method, path, kind))
}

/// One call; and what may be expected of it, in mails.
async fn call(worker: &mut Worker, envelope: &EnvelopeId) -> Result<Told, Failure> {
    let (name, future) = choose(worker, envelope)?;
    // Some callers lose interest. What is under way then may happen or not.
    let leaves = (worker.random.u8(0..40) == 0).then(|| Duration::from_micros(worker.random.u64(1..8_000)));
    let patience = leaves.unwrap_or(HANGS_AFTER);
    let may_mail = may_mail(name);
    let ended = tokio::time::timeout(patience, future).await;
    let kind = ended.as_ref().ok().and_then(|ended| ended.as_ref().err()).map(Error::kind);
    let (ending, sure, perhaps) = match ended {
        Ok(Ok(mails)) => {
            let count = |wanted| mails.iter().filter(|mail| **mail == wanted).count();
            (Ending::Success, count(MailExpectation::Expected), count(MailExpectation::Unknown))
        }
        Ok(Err(error)) => match error.outcome() {
            Outcome::NoEffect => (Ending::NoEffect, 0, 0),
            Outcome::Refused => (Ending::Refused, 0, 0),
            Outcome::Unknown => (Ending::Unknown, 0, may_mail),
        },
        Err(_) if leaves.is_some() => (Ending::Left, 0, may_mail),
        Err(_) => (Ending::Hung, 0, may_mail),
    };
    let vendor = worker.account.client.descriptor().name;
    Ok(Told { vendor, name, envelope: envelope.as_str().to_owned(), ending, kind, sure, perhaps })
}

type Mails = Result<Vec<MailExpectation>, Error>;

/// The call, and its name in the summary.
fn choose(
    worker: &mut Worker,
    envelope: &EnvelopeId,
) -> Result<(&'static str, impl Future<Output = Mails> + use<>), Failure> {
    let name = match worker.random.u8(0..100) {
        0..40 => "list",
        40..60 => "view",
        60..72 => "resend",
        72..78 => "resend (all)",
        78..92 => "code",
        _ => "code + notify",
    };
    let (client, envelope) = (worker.account.client.clone(), envelope.clone());
    let code = AccessCode::new(format!("New{}", worker.random.u32(1_000..9_999)))?;
    let (anna, cleo): (RecipientRef, RecipientRef) = (ANNA.parse()?, CLEO.parse()?);
    let back = ReturnUrl::new("https://app.example.com/signed")?;
    let future = async move {
        match name {
            "list" => {
                client.list_recipients(&ListRecipients::new(envelope)).await?;
                Ok(Vec::new())
            }
            "view" => {
                client.create_view(&CreateView::new(envelope, cleo, back)).await?;
                Ok(Vec::new())
            }
            "resend" | "resend (all)" => {
                let request = match name {
                    "resend" => ResendRecipient::new(envelope, anna),
                    _ => ResendRecipient::everyone(envelope),
                };
                let resent = client.resend_recipient(&request).await?;
                Ok(resent.to.into_iter().map(|one| one.mail).collect())
            }
            _ => {
                let request = ChangeAccessCode::new(envelope, anna, code).with_notify(name != "code");
                Ok(vec![client.change_access_code(&request).await?.mail])
            }
        }
    };
    Ok((name, future))
}

/// How many mails a call can cause at most: one to each who is due.
fn may_mail(name: &str) -> usize {
    match name {
        "resend" | "code + notify" => 1,
        "resend (all)" => 2,
        _ => 0,
    }
}
