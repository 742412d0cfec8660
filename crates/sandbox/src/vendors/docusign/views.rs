//! `POST .../views/recipient`: a link into the signing session of an embedded recipient.

use axum::http::StatusCode;
use serde_json::json;

use super::envelopes::on;
use super::error::ApiError;
use super::framing::framing;
use super::{Answer, Call};
use crate::vendors::fields::{Object, filled};
use crate::world::{Envelope, Reason, Recipient, Terms, after};

/// Longer return URLs are cut without a word.
const LONGEST_RETURN_URL: usize = 470;

const METHODS: &[&str] = &[
    "Biometric",
    "Email",
    "HTTPBasicAuth",
    "Kerberos",
    "KnowledgeBasedAuth",
    "None",
    "PaperDocuments",
    "Password",
    "RSASecureID",
    "SingleSignOn_CASiteminder",
    "SingleSignOn_InfoCard",
    "SingleSignOn_MicrosoftActiveDirectory",
    "SingleSignOn_Other",
    "SingleSignOn_Passport",
    "SingleSignOn_SAML",
    "Smartcard",
    "SSLMutualAuth",
    "X509Certificate",
];

pub(super) fn recipient(call: &Call<'_>, id: &str) -> Answer {
    let body = call.object()?;
    let return_url = filled(&body, "returnUrl")
        .ok_or_else(|| ApiError::invalid_parameter("A return URL is required: returnUrl."))?;
    if !(return_url.starts_with("https://") || return_url.starts_with("http://")) {
        return Err(ApiError::invalid_parameter("returnUrl must start with https:// or http://."));
    }
    let return_url: String = return_url.chars().take(LONGEST_RETURN_URL).collect();
    let method = filled(&body, "authenticationMethod")
        .ok_or_else(|| ApiError::invalid_parameter("authenticationMethod is required."))?;
    if !METHODS.iter().any(|known| known.eq_ignore_ascii_case(&method)) {
        return Err(ApiError::invalid_parameter("authenticationMethod is not one of the known methods."));
    }
    let framing = framing(&body)?;
    let mut state = call.world.lock();
    let token = on(&mut state, id, false, |env, desk| {
        if !env.status.in_flight() {
            return Err(ApiError::envelope_status());
        }
        let at = identify(env, &body)?;
        match env.check_can_act(at) {
            Ok(_) => {}
            // What the vendor says to somebody who is done is not known; a look at the result is harmless.
            Err(refused) if refused.reason == Reason::RecipientDone => {}
            Err(refused) => return Err(refused.into()),
        }
        let expires_at = after(desk.now, env.policy.view_link.seconds);
        let terms = Terms { return_url: Some(return_url), framing };
        Ok(desk.links.make_view_link(desk.now, env, env.recipient(at)?, terms, expires_at))
    })?;
    Ok((StatusCode::CREATED, json!({"url": state.signing_url(&token)})))
}

/// Finds the recipient by what the envelope says of them now, letter for letter.
fn identify(env: &Envelope, body: &Object) -> Result<usize, ApiError> {
    let (name, email) = (filled(body, "userName"), filled(body, "email"));
    let (user_id, client_id) = (filled(body, "userId"), filled(body, "clientUserId"));
    let recipient_id = filled(body, "recipientId");
    if user_id.as_ref().is_some_and(|id| id.len() != 36) {
        return Err(ApiError::bad("INVALID_USERID", "Invalid UserId."));
    }
    if user_id.is_none() && (name.is_none() || email.is_none()) {
        return Err(ApiError::invalid_parameter("userName and email, or userId, are required."));
    }
    let fits = |r: &Recipient| {
        let by_user = user_id.as_ref().is_none_or(|id| id.eq_ignore_ascii_case(&r.user_id));
        let by_name = name.as_ref().is_none_or(|name| *name == r.name);
        let by_email = email.as_ref().is_none_or(|email| *email == r.email);
        let by_id = recipient_id.as_ref().is_none_or(|id| *id == r.id);
        by_user && by_name && by_email && by_id
    };
    let same_client = |r: &Recipient| r.client_id == client_id;
    if let Some(at) = env.recipients.iter().position(|r| fits(r) && same_client(r)) {
        return match client_id {
            Some(_) => Ok(at),
            // A remote recipient, asked for with the sender's token.
            None => Err(ApiError::bad(
                "ACCOUNT_NOT_AUTHORIZED_FOR_ENVELOPE",
                "This Account is not authorized to perform the requested action on the specified envelope.",
            )),
        };
    }
    Err(ApiError::unknown_recipient())
}
