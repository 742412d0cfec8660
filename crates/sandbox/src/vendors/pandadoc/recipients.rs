//! `PATCH …/recipients/recipient/{id}`: a recipient's name, address and check.

use serde_json::Value;

use super::call::{Answer, ApiError, Call, KNOWN, empty};
use super::create::{set_ways, whole_number};
use super::show;
use super::verification::Verification;
use crate::vendors::fields::{filled, looks_like_email};
use crate::world::{Correction, Envelope};

/// The index of the recipient with this id.
pub(super) fn position(env: &Envelope, id: &str) -> Option<usize> {
    env.recipients.iter().position(|r| r.guid == id)
}

pub(super) fn edit(call: &Call<'_>, id: &str, recipient: &str) -> Answer {
    let body = call.object()?;
    KNOWN.check("recipient", &body)?;
    let email = filled(&body, "email");
    if email.as_ref().is_some_and(|email| !looks_like_email(email)) {
        return Err(ApiError::field("email", "Enter a valid e-mail address."));
    }
    let in_plan = call.account.settings().passcodes_in_plan;
    let check = body.get("verification_settings").map(|settings| Verification::read(settings, in_plan));
    let check = check.transpose()?;
    call.change(id, |env, context| {
        let at = position(env, recipient).ok_or_else(ApiError::not_found)?;
        let word = show::status_word(env, context.now);
        let r = env.recipient(at)?;
        if !matches!(word, "document.draft" | "document.sent" | "document.viewed") {
            return Err(ApiError::state(format!("Cannot edit a recipient of a document in {word} status")));
        }
        if r.finished() {
            return Err(ApiError::state("Cannot edit a recipient who completed their part"));
        }
        let (first, last) = show::names(&r.name);
        let names = [("first_name", first), ("last_name", last)];
        let name = names.map(|(name, now)| filled(&body, name).unwrap_or_else(|| now.to_owned()));
        let name = Some(name.join(" ").trim().to_owned());
        let email = email.filter(|email| *email != r.email);
        context.correct(env, at, Correction { name, email, code: None }, false)?;
        let r = env.recipient_mut(at)?;
        if let Some(number) = body.get("phone").and_then(Value::as_str) {
            r.phone = Some(whole_number(number.to_owned()));
        }
        set_ways(r, &body);
        if let Some(check) = check {
            check.replace(env, context, at)?;
        }
        empty()
    })
}
