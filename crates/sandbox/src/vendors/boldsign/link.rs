//! `GET /v1/document/getEmbeddedSignLink`: a link to the signing page, valid for the requested time.

use axum::http::StatusCode;
use serde_json::json;

use super::call::{Answer, ApiError, Problems};
use super::signers::{Named, on};
use crate::vendors::Call;
use crate::vendors::call::answer;
use crate::vendors::fields::{instant, looks_like_email};
use crate::world::{Phone, Reason, Terms, What, after};

pub(super) fn get(call: &Call<'_>) -> Answer {
    let id = call
        .query
        .get("DocumentId")
        .ok_or_else(|| ApiError::validation("DocumentId", "The DocumentId field is required."))?;
    let (email, country) = (call.query.get("SignerEmail"), call.query.get("CountryCode"));
    let number = call.query.get("PhoneNumber");
    let mut problems = Problems::default();
    if email.is_none() && (country.is_none() || number.is_none()) {
        problems.add(
            "SignerEmail",
            "Please provide the signer's email address or phone number along with the country code to generate an \
             embedded sign link",
        );
    }
    if email.is_some_and(|email| !looks_like_email(email)) {
        problems.add("SignerEmail", "The field SignerEmail is invalid.");
    }
    if number.is_some_and(|number| !number.chars().all(|c| c.is_ascii_digit() || " -()".contains(c))) {
        problems.add("PhoneNumber", "The field PhoneNumber is invalid.");
    }
    let redirect = call.query.get("RedirectUrl").map(str::to_owned);
    if redirect.as_ref().is_some_and(|url| url::Url::parse(url).is_err()) {
        problems.add("RedirectUrl", "The field RedirectUrl is invalid.");
    }
    let valid_till = call.query.get("SignLinkValidTill").and_then(|text| {
        instant(text).or_else(|| {
            problems.add("SignLinkValidTill", format!("The value '{text}' is not valid."));
            None
        })
    });
    problems.done()?;
    let whole = country.zip(number).filter(|_| email.is_none());
    let phone =
        whole.map(|(country, number)| Phone { country_code: country.to_owned(), number: number.to_owned() });
    let named = Named { email, phone, order: None };
    let mut state = call.live.lock();
    let token = on(&mut state, id, |env, context| {
        // Half a phone number is an error if the e-mail address matches no signer (the vendor's own integration
        // tests).
        let half = country.is_some() && number.is_none();
        let at = named.one(env).map_err(|refused| match half {
            true => ApiError::validation("PhoneNumber", "The field PhoneNumber is invalid."),
            false => refused,
        })?;
        match env.check_can_act(at) {
            Err(refused) if !matches!(refused.reason, Reason::Locked | Reason::NotTheirTurn) => {
                return Err(refused.into());
            }
            _ => {}
        }
        let longest = after(context.now, env.policy.view_link.seconds);
        // A time in the past is accepted, and creates an expired link.
        let expires_at = valid_till.unwrap_or(longest);
        if expires_at > longest {
            let text = "The link can be valid for 180 days at most.";
            return Err(ApiError::validation("SignLinkValidTill", text));
        }
        let terms = Terms { return_url: redirect, ..Terms::default() };
        let token = context.links.make_view_link(context.now, env, env.recipient(at)?, terms, expires_at);
        context.note(env, What::LinkMade, None);
        Ok(token)
    })?;
    answer(StatusCode::OK, json!({"signLink": state.signing_url(&token)}))
}
