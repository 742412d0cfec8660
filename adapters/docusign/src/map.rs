//! From our requests to DocuSign's. Pure functions.

use std::collections::BTreeMap;

use countersign_core::{
    AccessCode, AccountId, AuthenticationMethod, ChangeAccessCode, CreateView, EnvelopeId, Error, ErrorKind,
    ListRecipients, Origin, Recipient, RequestBuilder, Result, Role,
};
use http::Method;

use crate::planned;
use crate::wire::{RecipientUpdate, RecipientViewRequest};

/// How a view request says for whom it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identify {
    /// By name, e-mail, client user id and recipient id: the usual way.
    ByName,
    /// By DocuSign's user id and the client user id, for the rare envelope whose own values are not recognised
    /// (stackoverflow.com/questions/59162500).
    ByUserId,
}

/// `GET …/recipients`.
pub(crate) fn list(account: &AccountId, request: &ListRecipients) -> RequestBuilder {
    envelope(Method::GET, account, &request.envelope, &["recipients"])
}

/// `POST …/views/recipient`.
pub(crate) fn view(
    account: &AccountId,
    request: &CreateView,
    person: &Recipient,
    identify: Identify,
) -> Result<RequestBuilder> {
    // For an in-person signer the official example (code-examples-node, signingInPerson.js) names the host.
    let (name, email) = match person.role {
        Role::InPersonSigner => (
            extra(person, "hostName").or(person.name.as_deref()),
            extra(person, "hostEmail").or(person.email.as_deref()),
        ),
        _ => (person.name.as_deref(), person.email.as_deref()),
    };
    let by_name = identify == Identify::ByName;
    let body = RecipientViewRequest {
        return_url: request.return_url.as_str(),
        authentication_method: method(request.authentication_method.as_ref())?,
        user_name: name.filter(|_| by_name),
        email: email.filter(|_| by_name),
        user_id: extra(person, "userId").filter(|_| !by_name),
        client_user_id: person.client_user_id.as_deref(),
        recipient_id: by_name.then(|| person.id.as_str()),
        assertion_id: request.assertion_id.as_deref(),
        ping_url: request.ping.as_ref().map(|ping| ping.url.as_str()),
        ping_frequency: request.ping.as_ref().map(|ping| ping.every.as_secs().to_string()),
        frame_ancestors: request.frame_ancestors.iter().map(Origin::as_str).collect(),
        message_origins: request.message_origins.iter().map(Origin::as_str).collect(),
    };
    let out = envelope(Method::POST, account, &request.envelope, &["views", "recipient"]);
    Ok(out.json(&body)?.simulated_response(planned::view))
}

/// `GET …/envelopes/{id}`: the envelope itself, without its recipients.
pub(crate) fn envelope_itself(account: &AccountId, id: &EnvelopeId) -> RequestBuilder {
    envelope(Method::GET, account, id, &[])
}

/// `PUT …/recipients?resend_envelope=true` for one recipient.
///
/// `with_email` adds the address, as the commonly shown form has it. It counts as a new address even if it is the
/// same (reference of `EnvelopeRecipients: update`), so it is only given when it was read a moment ago: an address
/// from an earlier list could undo a correction.
pub(crate) fn resend(
    account: &AccountId,
    id: &EnvelopeId,
    person: &Recipient,
    with_email: bool,
) -> Result<RequestBuilder> {
    let mut change = update(person);
    if with_email && person.role != Role::InPersonSigner {
        change.email = person.email.as_deref();
    }
    put(account, id, person, &change, true)
}

/// `PUT …/envelopes/{id}?resend_envelope=true`. The body has to be an object; without one the answer is
/// `INVALID_REQUEST_BODY` (docusign-esign-node-client issue 136).
pub(crate) fn resend_everyone(account: &AccountId, id: &EnvelopeId) -> Result<RequestBuilder> {
    let out = envelope(Method::PUT, account, id, &[]).query("resend_envelope", "true");
    Ok(out.json(&BTreeMap::<&str, &str>::new())?.simulated_response(planned::update))
}

/// `PUT …/recipients` with another access code. Never with an e-mail: that would send a correction mail.
pub(crate) fn access_code(
    account: &AccountId,
    request: &ChangeAccessCode,
    person: &Recipient,
) -> Result<RequestBuilder> {
    let change = RecipientUpdate { access_code: Some(request.code.expose()), ..update(person) };
    Ok(put(account, &request.envelope, person, &change, request.notify)?.secret(request.code.secret()))
}

/// Refuses an access code whose characters DocuSign forbids: which answer it gives to them is not public.
///
/// `<`, `>`, `&`, `#` are from the specification's text on `accessCodeFormat`; `;` is from a copy of the user guide.
pub(crate) fn check_access_code(code: &AccessCode) -> Result<()> {
    if !code.expose().contains(['<', '>', '&', '#', ';']) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::AccessCodeRefused, "the access code contains one of the characters < > & # ;")
        .with_hint("choose a code without < > & # ; – letters and digits are always safe"))
}

/// DocuSign's word for how the application identified the signer. Case does not seem to matter: the reference has
/// `None`, the official examples send `none`.
fn method(method: Option<&AuthenticationMethod>) -> Result<&str> {
    Ok(match method {
        None | Some(AuthenticationMethod::None) => "None",
        Some(AuthenticationMethod::Email) => "Email",
        Some(AuthenticationMethod::Password) => "Password",
        Some(AuthenticationMethod::SingleSignOn) => "SingleSignOn_Other",
        Some(AuthenticationMethod::Biometric) => "Biometric",
        Some(AuthenticationMethod::KnowledgeBased) => "KnowledgeBasedAuth",
        Some(AuthenticationMethod::PaperDocuments) => "PaperDocuments",
        Some(AuthenticationMethod::Certificate) => "X509Certificate",
        Some(AuthenticationMethod::Other(word)) => word,
        Some(_) => {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "this adapter has no word of DocuSign's for the authentication method",
            )
            .with_hint("give DocuSign's own word"));
        }
    })
}

/// What every change of a recipient has to carry: the id, and the name as it is now.
fn update(person: &Recipient) -> RecipientUpdate<'_> {
    let signer_name = extra(person, "signerName");
    RecipientUpdate {
        recipient_id: person.id.as_str(),
        name: if signer_name.is_some() { extra(person, "name") } else { person.name.as_deref() },
        host_name: extra(person, "hostName"),
        signer_name,
        ..RecipientUpdate::default()
    }
}

fn put(
    account: &AccountId,
    id: &EnvelopeId,
    person: &Recipient,
    change: &RecipientUpdate<'_>,
    resend: bool,
) -> Result<RequestBuilder> {
    let out = envelope(Method::PUT, account, id, &["recipients"]);
    let out = if resend { out.query("resend_envelope", "true") } else { out };
    // The array has to be the one of the recipient's type.
    Ok(out
        .json(&BTreeMap::from([(person.vendor.kind.as_ref(), [change])]))?
        .simulated_response(planned::update))
}

/// A fact that was kept under DocuSign's member name.
pub(crate) fn extra<'p>(person: &'p Recipient, member: &str) -> Option<&'p str> {
    person.vendor.extra.get(member)
}

fn envelope(method: Method, account: &AccountId, id: &EnvelopeId, rest: &[&str]) -> RequestBuilder {
    let segments = ["restapi", "v2.1", "accounts", account.as_str(), "envelopes", id.as_str()];
    RequestBuilder::new(method, &segments).below(rest)
}
