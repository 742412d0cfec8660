//! The sample envelope of `countersign sandbox`, and `countersign sandbox envelope`, which creates another one in a
//! running sandbox.

use std::io;

use bytes::Bytes;
use countersign::transport::{HttpTransport, Limits, Transport};
use countersign::{Error, ErrorKind, Result};
use countersign_sandbox::{Act, EnvelopeView, NewEnvelope, NewRecipient, RecipientView, Vendor};
use http::{Request, header};
use serde::Serialize;

use crate::args::SandboxEnvelopeArgs;
use crate::context::unexpected;
use crate::report::Report;
use crate::sandbox_accounts::has_codes;

#[derive(Serialize)]
pub(super) struct Signer {
    #[serde(rename = "ref")]
    pub(super) reference: String,
    pub(super) name: &'static str,
    /// Useless outside this sandbox, and needed to sign on its pages. None at a vendor without access codes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) access_code: Option<&'static str>,
}

#[derive(Serialize)]
struct Made {
    vendor: &'static str,
    envelope: String,
    recipients: Vec<MadeSigner>,
}

#[derive(Serialize)]
struct MadeSigner {
    /// The sandbox's own, for its control API. Not every vendor shows it.
    id: String,
    #[serde(flatten)]
    signer: Signer,
    locked: bool,
}

const SIGNERS: [(&str, &str, &str); 2] =
    [("Anna Sample", "anna@example.com", "1111"), ("Ben Sample", "ben@example.com", "2222")];

/// A code that no recipient has.
const WRONG: &str = "0000";

pub(super) fn signers(vendor: Vendor) -> Vec<Signer> {
    let signer = |(name, email, code)| Signer {
        reference: format!("email:{email}"),
        name,
        access_code: Some(code).filter(|_| has_codes(vendor)),
    };
    SIGNERS.into_iter().map(signer).collect()
}

/// Two signers in order, each with an access code and embedded, if the vendor supports it.
pub(super) fn new_envelope(vendor: Vendor) -> NewEnvelope {
    (1..).zip(SIGNERS).fold(
        NewEnvelope::new(vendor, "Sample contract"),
        |new, (order, (name, email, code))| {
            let signer = NewRecipient::new(name, email).with_order(order);
            new.with_recipient(signer.with_embedded(format!("sample-{order}")).with_access_code(code))
        },
    )
}

/// Creates the envelope over HTTP, like any other program.
pub(super) async fn run(args: &SandboxEnvelopeArgs) -> Result<Report> {
    let unknown =
        || Error::new(ErrorKind::Unsupported, format!("the sandbox does not simulate {}", args.vendor));
    let vendor = Vendor::named(&args.vendor).ok_or_else(unknown)?;
    if args.lock && !has_codes(vendor) {
        let message = format!("{} has no access codes, so no one can be locked by wrong ones", vendor.name());
        return Err(Error::new(ErrorKind::Unsupported, message).with_hint("leave --lock out"));
    }
    let made = post(args, "envelopes", &new_envelope(vendor)).await?;
    let mut envelope: EnvelopeView = serde_json::from_slice(&made).map_err(no_sandbox)?;
    while args.lock && envelope.recipients.first().is_some_and(|first| !first.locked) {
        let act = Act::EnterCode { code: WRONG.into() };
        let path = format!("envelopes/{}/recipients/1/act", envelope.id);
        let result: serde_json::Value =
            serde_json::from_slice(&post(args, &path, &act).await?).map_err(no_sandbox)?;
        let first: RecipientView =
            serde_json::from_value(result.get("recipient").cloned().unwrap_or_default())
                .map_err(no_sandbox)?;
        envelope.recipients.splice(..1, [first]);
    }
    let recipients = envelope.recipients.into_iter().zip(signers(vendor));
    let recipients =
        recipients.map(|(r, signer)| MadeSigner { id: r.id, signer, locked: r.locked }).collect();
    let made = Made { vendor: vendor.id(), envelope: envelope.id, recipients };
    Ok(Report::new(text(&made), &made))
}

fn text(made: &Made) -> String {
    let mut text = format!("{} {}\n", made.vendor, made.envelope);
    for MadeSigner { signer, locked, .. } in &made.recipients {
        let locked = if *locked { ", locked" } else { "" };
        let Signer { reference, name, access_code } = signer;
        let code = access_code.map(|code| format!(", access code {code}")).unwrap_or_default();
        text.push_str(&format!("  {name}: {reference}{code}{locked}\n"));
    }
    text
}

async fn post(args: &SandboxEnvelopeArgs, path: &str, body: &impl Serialize) -> Result<Bytes> {
    let url = format!("{}/_sandbox/{path}", args.url.as_str().trim_end_matches('/'));
    let body =
        serde_json::to_vec(body).map_err(|error| unexpected("the request cannot be written", error))?;
    let request = Request::post(url).header(header::CONTENT_TYPE, "application/json").body(Bytes::from(body));
    let request = request.map_err(no_sandbox)?;
    let answer = HttpTransport::default().send(request, &Limits::default()).await.map_err(no_sandbox)?;
    match answer.status().is_success() {
        true => Ok(answer.into_body()),
        false => Err(no_sandbox(io::Error::other(format!("{} is answered", answer.status())))),
    }
}

fn no_sandbox(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::InvalidRequest, "no sandbox answers at the address given with --url")
        .with_source(error)
        .with_hint("start one with `countersign sandbox` and use the address that it prints")
}
