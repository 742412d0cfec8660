//! From our requests to BoldSign's. Pure: nothing is sent here.

use std::time::Duration;

use countersign_core::{
    AccessCode, Email, EnvelopeId, Error, ErrorKind, InvalidValue, Recipient, RequestBuilder, Result,
    ReturnUrl, Timestamp,
};
use http::Method;

use crate::wire::{NewAccessCode, Phone, Reminder};

const DAY: u64 = 24 * 60 * 60;

/// How long a link lives at most, and unless told otherwise (`how-to-guides/embedded-link-expiration`).
const MOST_DAYS: u64 = 180;

/// How BoldSign is told whom we mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    Email(String),
    Phone(Phone),
}

/// How a recipient is addressed: by e-mail where there is one, else by phone. `None` for rows that have neither.
pub(crate) fn address(recipient: &Recipient) -> Option<Address> {
    if let Some(email) = recipient.email.as_deref().filter(|email| !email.trim().is_empty()) {
        return Some(Address::Email(email.to_owned()));
    }
    recipient.phone.as_ref()?;
    let word = |name: &str| recipient.vendor.extra.get(name).map(str::to_owned);
    Some(Address::Phone(Phone { country_code: word("countryCode"), number: word("phoneNumber") }))
}

/// The document with everything on it.
pub(crate) fn properties(envelope: &EnvelopeId) -> RequestBuilder {
    RequestBuilder::new(Method::GET, &["v1", "document", "properties"]).query("documentId", envelope.as_str())
}

/// A call that needs a good key and little else.
pub(crate) fn probe() -> RequestBuilder {
    RequestBuilder::new(Method::GET, &["v1", "brand", "list"])
}

/// The cheapest call that a token needs no further scope for than the four operations do.
pub(crate) fn probe_documents() -> RequestBuilder {
    RequestBuilder::new(Method::GET, &["v1", "document", "list"]).query("Page", "1").query("PageSize", "1")
}

/// A signing link. There is no order in this call, so the address has to be unique on the document.
pub(crate) fn sign_link(
    envelope: &EnvelopeId,
    address: &Address,
    valid_till: Option<Timestamp>,
    return_url: &ReturnUrl,
) -> RequestBuilder {
    let mut out = RequestBuilder::new(Method::GET, &["v1", "document", "getEmbeddedSignLink"])
        .query("DocumentId", envelope.as_str());
    out = match address {
        Address::Email(email) => out.query("SignerEmail", email),
        Address::Phone(phone) => {
            let country = phone.country_code.as_deref().unwrap_or_default();
            out.query("CountryCode", country)
                .query("PhoneNumber", phone.number.as_deref().unwrap_or_default())
        }
    };
    if let Some(valid_till) = valid_till {
        out = out.query("SignLinkValidTill", &valid_till.to_string());
    }
    out.query("RedirectUrl", return_url.as_str()).simulated_response(planned_link)
}

/// A reminder to the addresses named. At least one has to be: a reminder that names nobody goes to everybody.
///
/// The addresses go into the query. In the body BoldSign ignores them, and reminds everybody.
pub(crate) fn remind(
    envelope: &EnvelopeId,
    to: &[Address],
    message: Option<&str>,
    sender: Option<&Email>,
) -> Result<RequestBuilder> {
    if to.is_empty() {
        return Err(Error::new(ErrorKind::InvalidRequest, "a reminder has to name somebody"));
    }
    let mut out = RequestBuilder::new(Method::POST, &["v1", "document", "remind"])
        .query("documentId", envelope.as_str());
    let mut phones = Vec::new();
    for address in to {
        match address {
            Address::Email(email) => out = out.query("receiverEmails", email),
            Address::Phone(phone) => phones.push(phone.clone()),
        }
    }
    // BoldSign's Python SDK crashes without a body and its Node SDK sends none: `{}` is what both ends understand.
    let body = Reminder { message, on_behalf_of: sender.map(Email::as_str), reminder_phone_numbers: &phones };
    Ok(out.json(&body)?.simulated_response(planned_done))
}

/// Another access code. The signer goes into the query and the code into the body.
///
/// The order is always sent where the list has one: without it, BoldSign's own clients address different signers.
pub(crate) fn change_access_code(
    envelope: &EnvelopeId,
    address: &Address,
    order: Option<u32>,
    code: &AccessCode,
    sender: Option<&Email>,
) -> Result<RequestBuilder> {
    let mut out = RequestBuilder::new(Method::PATCH, &["v1", "document", "changeAccessCode"])
        .query("DocumentId", envelope.as_str());
    let mut phone_number = None;
    match address {
        Address::Email(email) => out = out.query("EmailId", email),
        Address::Phone(phone) => phone_number = Some(phone),
    }
    if let Some(order) = order {
        out = out.query("ZOrder", &order.to_string());
    }
    let body =
        NewAccessCode { access_code: code.expose(), phone_number, on_behalf_of: sender.map(Email::as_str) };
    Ok(out.secret(code.secret()).json(&body)?.simulated_response(planned_done))
}

/// BoldSign's answer to a link that is only planned: one that leads nowhere.
fn planned_link(_body: &[u8]) -> String {
    r#"{"signLink":"https://planned.invalid/"}"#.to_owned()
}

/// BoldSign's answer to everything else that it does: nothing.
fn planned_done(_body: &[u8]) -> String {
    String::new()
}

/// The end of a link's life that was asked for, in whole seconds.
///
/// BoldSign does not refuse a moment in the past (boldsign-java-sdk's tests), so this is checked here.
pub(crate) fn valid_till(now: Timestamp, expires_in: Option<Duration>) -> Result<Option<Timestamp>> {
    let Some(life) = expires_in else { return Ok(None) };
    if life < Duration::from_secs(DAY) || life > Duration::from_secs(MOST_DAYS * DAY) {
        let problem = format!("is {} s", life.as_secs());
        return Err(InvalidValue::new("link's life (expires_in)", problem, "1 to 180 days").into());
    }
    later(now, life.as_secs()).map(Some)
}

/// When a link ends for which no end was asked.
pub(crate) fn usual_end(now: Timestamp) -> Result<Timestamp> {
    later(now, MOST_DAYS * DAY)
}

fn later(now: Timestamp, seconds: u64) -> Result<Timestamp> {
    let end = now.as_second().saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX));
    Timestamp::from_second(end).map_err(|error| {
        Error::new(ErrorKind::InvalidRequest, "the end of the link lies beyond all time").with_source(error)
    })
}

/// Refuses a return URL to which BoldSign cannot append: it adds `?documentId=…` even behind a `?`.
pub(crate) fn check_return_url(url: &ReturnUrl) -> Result<()> {
    if url.has_query_or_fragment() {
        return Err(Error::new(
            ErrorKind::InvalidRequest,
            "the return URL has a query or fragment, and BoldSign appends a second `?` behind it",
        )
        .with_hint("put what the URL has to carry into its path, or keep it under the documentId that BoldSign appends"));
    }
    Ok(())
}
