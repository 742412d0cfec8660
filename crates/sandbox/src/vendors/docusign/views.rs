//! `POST .../views/recipient`: a link into the signing session of an embedded recipient.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::call::{Answer, ApiError, KNOWN, on, read};
use crate::render;
use crate::vendors::Call;
use crate::vendors::call::answer;
use crate::vendors::fields::{Object, filled, member};
use crate::world::{Envelope, Framing, Ping, Reason, Recipient, Role, Terms, after};

/// Longer return URLs are cut without notice.
const LONGEST_RETURN_URL: usize = 470;

pub(super) fn recipient(call: &Call<'_>, id: &str) -> Answer {
    let body = read(call)?;
    KNOWN.check("view", &body)?;
    let return_url = filled(&body, "returnUrl")
        .ok_or_else(|| ApiError::invalid_parameter("A return URL is required: returnUrl."))?;
    if !(return_url.starts_with("https://") || return_url.starts_with("http://")) {
        return Err(ApiError::invalid_parameter("returnUrl must start with https:// or http://."));
    }
    let return_url: String = return_url.chars().take(LONGEST_RETURN_URL).collect();
    let method = filled(&body, "authenticationMethod")
        .ok_or_else(|| ApiError::invalid_parameter("authenticationMethod is required."))?;
    if KNOWN.listed("authentication_methods", &method).is_none() {
        return Err(ApiError::invalid_parameter("authenticationMethod is not one of the known methods."));
    }
    let framing = framing(&body)?;
    let ping = ping(&body)?;
    let mut state = call.live.lock();
    let token = on(&mut state, id, false, |env, context| {
        if !env.status.in_flight() {
            return Err(ApiError::bad("ENVELOPE_INVALID_STATUS"));
        }
        let at = identify(env, &body)?;
        match env.check_can_act(at) {
            Ok(_) => {}
            // The vendor's answer for a recipient who has finished is not known; showing the result is harmless.
            Err(refused) if refused.reason == Reason::RecipientDone => {}
            Err(refused) => return Err(refused.into()),
        }
        let expires_at = after(context.now, env.policy.view_link.seconds);
        let terms = Terms { return_url: Some(return_url), framing, ping };
        Ok(context.links.make_view_link(context.now, env, env.recipient(at)?, terms, expires_at))
    })?;
    answer(StatusCode::CREATED, json!({"url": state.signing_url(&token)}))
}

/// Finds the recipient by the envelope's current values, which must match exactly.
fn identify(env: &Envelope, body: &Object) -> Result<usize, ApiError> {
    let (name, email) = (filled(body, "userName"), filled(body, "email"));
    let (user_id, client_id) = (filled(body, "userId"), filled(body, "clientUserId"));
    let recipient_id = filled(body, "recipientId");
    if user_id.as_ref().is_some_and(|id| id.len() != 36) {
        return Err(ApiError::bad("INVALID_USERID"));
    }
    if user_id.is_none() && (name.is_none() || email.is_none()) {
        return Err(ApiError::invalid_parameter("userName and email, or userId, are required."));
    }
    let fits = |r: &Recipient| {
        let by_user = user_id.as_ref().is_none_or(|id| id.eq_ignore_ascii_case(&r.user_id));
        let is_host = |name: &String| r.extra.get("hostName").and_then(Value::as_str) == Some(name.as_str());
        let by_name = name.as_ref().is_none_or(|name| *name == r.name || is_host(name));
        let by_email = email.as_ref().is_none_or(|email| *email == r.email);
        let by_id = recipient_id.as_ref().is_none_or(|id| *id == r.id);
        by_user && by_name && by_email && by_id
    };
    let same_client = |r: &Recipient| r.client_id == client_id;
    if let Some(at) = env.recipients.iter().position(|r| fits(r) && same_client(r)) {
        return match client_id {
            Some(_) => Ok(at),
            // The host of an in-person signer, who needs no embedding (docusign/code-examples, in-person signing).
            None if env.recipient(at)?.role == Role::InPersonSigner => Ok(at),
            // A remote recipient, requested with the sender's token.
            None => Err(ApiError::bad("ACCOUNT_NOT_AUTHORIZED_FOR_ENVELOPE")),
        };
    }
    Err(ApiError::bad("UNKNOWN_ENVELOPE_RECIPIENT"))
}

/// Where the signing page pings, every five minutes by default. The answers to invalid values are guesses.
fn ping(body: &Object) -> Result<Option<Ping>, ApiError> {
    let Some(url) = filled(body, "pingUrl") else { return Ok(None) };
    render::origin(&url).ok_or_else(|| ApiError::invalid_parameter("pingUrl is no web address."))?;
    let seconds = filled(body, "pingFrequency").map_or(Ok(300), |text| text.parse());
    let seconds = seconds.ok().filter(|seconds| (60..=1_200).contains(seconds));
    let wrong = || ApiError::invalid_parameter("pingFrequency must be from 60 to 1200.");
    Ok(Some(Ping { url, seconds: seconds.ok_or_else(wrong)? }))
}

/// `frameAncestors`, `messageOrigins` and `xFrameOptions`. The answers to invalid values are guesses.
fn framing(body: &Object) -> Result<Framing, ApiError> {
    let ancestors = origins(body, "frameAncestors")?;
    if origins(body, "messageOrigins")?.is_some_and(|origins| origins.len() != 1) {
        return Err(ApiError::invalid_parameter("messageOrigins must have exactly one entry."));
    }
    let wrong = || ApiError::invalid_parameter("xFrameOptions must be deny, same_origin or allow_from.");
    let x_frame_options = match filled(body, "xFrameOptions").map(|word| word.to_ascii_lowercase()).as_deref()
    {
        None => None,
        Some("deny") => Some("DENY".to_owned()),
        Some("same_origin") => Some("SAMEORIGIN".to_owned()),
        Some("allow_from") => {
            let from = filled(body, "xFrameOptionsAllowFromUrl")
                .ok_or_else(|| ApiError::invalid_parameter("allow_from needs xFrameOptionsAllowFromUrl."))?;
            Some(format!("ALLOW-FROM {}", origin(&from, "xFrameOptionsAllowFromUrl")?))
        }
        Some(_) => return Err(wrong()),
    };
    Ok(Framing { ancestors, x_frame_options })
}

fn origins(body: &Object, name: &str) -> Result<Option<Vec<String>>, ApiError> {
    let Some(value) = member(body, name) else { return Ok(None) };
    let wrong = || ApiError::invalid_parameter(&format!("{name} must be a list of origins."));
    let entries = value.as_array().ok_or_else(wrong)?;
    entries
        .iter()
        .map(|entry| origin(entry.as_str().ok_or_else(wrong)?, name))
        .collect::<Result<_, _>>()
        .map(Some)
}

fn origin(text: &str, name: &str) -> Result<String, ApiError> {
    let wrong = || ApiError::invalid_parameter(&format!("{name} has an entry that is no origin."));
    render::origin(text).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &serde_json::Value) -> Result<Framing, ApiError> {
        framing(body.as_object().unwrap())
    }

    #[test]
    fn origins_are_taken_and_anything_else_is_refused() {
        let given = read(&json!({"frameAncestors": ["https://app.example/", "http://localhost:80"],
                                "messageOrigins": ["https://apps-d.docusign.com"]}))
        .unwrap();
        assert_eq!(given.ancestors.unwrap(), ["https://app.example", "http://localhost"]);
        assert!(read(&json!({})).unwrap().ancestors.is_none());
        let from =
            json!({"xFrameOptions": "ALLOW_FROM", "xFrameOptionsAllowFromUrl": "https://app.example/x"});
        assert_eq!(read(&from).unwrap().x_frame_options.as_deref(), Some("ALLOW-FROM https://app.example"));
        for wrong in [
            json!({"frameAncestors": "https://app.example"}),
            json!({"frameAncestors": ["*"]}),
            json!({"frameAncestors": ["javascript:alert(1)"]}),
            json!({"messageOrigins": ["https://a.example", "https://b.example"]}),
            json!({"xFrameOptions": "allow_from"}),
            json!({"xFrameOptions": "some"}),
        ] {
            assert!(read(&wrong).is_err(), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_entry_gets_more_than_an_origin_into_the_header(entry in ".{0,40}") {
            if let Ok(Some(origins)) = origins(json!({"frameAncestors": [format!("https://a{entry}")]}).as_object().unwrap(), "frameAncestors") {
                for origin in origins {
                    proptest::prop_assert!(!origin.contains([' ', ';', ',', '\n', '\'']), "{origin}");
                }
            }
        }
    }
}
