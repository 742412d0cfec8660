//! `GET /v1/document/getEmbeddedSignLink`: a link into the signing page, good for as long as asked.

use axum::http::StatusCode;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;

use super::call::{Answer, ApiError, Call, Done};
use super::signers::{Named, on};
use crate::vendors::fields::looks_like_email;
use crate::world::{Framing, Phone, Reason, Terms, What, after};

pub(super) fn get(call: &Call<'_>) -> Answer {
    let id = call
        .query
        .get("DocumentId")
        .ok_or_else(|| ApiError::validation("DocumentId", "The DocumentId field is required."))?;
    let email = call.query.get("SignerEmail");
    let phone = match (call.query.get("CountryCode"), call.query.get("PhoneNumber")) {
        (Some(country_code), Some(number)) => {
            Some(Phone { country_code: country_code.to_owned(), number: number.to_owned() })
        }
        _ => None,
    };
    if email.is_none() && phone.is_none() {
        let text = "Provide the signer's email, or the phone number with the country code.";
        return Err(ApiError::validation("SignerEmail", text));
    }
    if email.is_some_and(|email| !looks_like_email(email)) {
        return Err(ApiError::validation("SignerEmail", "The field SignerEmail is invalid."));
    }
    let redirect = call.query.get("RedirectUrl").map(str::to_owned);
    if redirect.as_ref().is_some_and(|url| url::Url::parse(url).is_err()) {
        return Err(ApiError::validation("RedirectUrl", "The field RedirectUrl is invalid."));
    }
    let valid_till = call.query.get("SignLinkValidTill").map(valid_till).transpose()?;
    // With an e-mail, half a phone number counts as none.
    let named = Named { email, phone: phone.filter(|_| email.is_none()), order: None };
    let mut state = call.live.lock();
    let token = on(&mut state, id, |env, context| {
        let at = named.one(env)?;
        match env.check_can_act(at) {
            Err(refused) if !matches!(refused.reason, Reason::Locked | Reason::NotTheirTurn) => {
                return Err(refused.into());
            }
            _ => {}
        }
        let longest = after(context.now, env.policy.view_link.seconds);
        // A moment in the past is taken as it is, and makes a dead link.
        let expires_at = valid_till.unwrap_or(longest);
        if expires_at > longest {
            let text = "The link can be valid for 180 days at most.";
            return Err(ApiError::validation("SignLinkValidTill", text));
        }
        let terms = Terms { return_url: redirect, framing: Framing::default() };
        let token = context.links.make_view_link(context.now, env, env.recipient(at)?, terms, expires_at);
        context.note(env, What::LinkMade, None);
        Ok(token)
    })?;
    Ok(Done::Json(StatusCode::OK, json!({"signLink": state.signing_url(&token)})))
}

/// ISO 8601 with or without a zone, a plain date, or the American form that the documentation shows.
fn valid_till(text: &str) -> Result<Timestamp, ApiError> {
    let at_midnight = |date: Date| date.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp());
    let zoned = || text.parse::<Timestamp>().ok();
    let local =
        || text.parse::<jiff::civil::DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp());
    let american = || at_midnight(Date::strptime("%m/%d/%Y", text).ok()?);
    zoned()
        .or_else(local)
        .or_else(american)
        .ok_or_else(|| ApiError::validation("SignLinkValidTill", format!("The value '{text}' is not valid.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_that_the_vendors_clients_send_is_read() {
        for text in [
            "2026-12-01T10:00:00.000Z",
            "2026-12-01T10:00:00.000000+0000",
            "2026-12-01T10:00:00+00:00",
            "2026-12-01T10:00:00",
        ] {
            assert_eq!(valid_till(text).unwrap().to_string(), "2026-12-01T10:00:00Z", "{text}");
        }
        assert_eq!(valid_till("12/01/2026").unwrap().to_string(), "2026-12-01T00:00:00Z");
        assert_eq!(valid_till("2026-12-01").unwrap().to_string(), "2026-12-01T00:00:00Z");
        assert!(valid_till("tomorrow").is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_odd(text in ".{0,40}") {
            let _ = valid_till(&text);
        }
    }
}
