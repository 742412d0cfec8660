//! `POST /v1/document/remind`: once per document and day.

use super::error::ApiError;
use super::signers::{Named, document_id, on, phone_of};
use super::{Answer, Call, Done, check_behalf};
use crate::vendors::fields::{array, filled, looks_like_email};
use crate::world::Role;

pub(super) fn remind(call: &Call<'_>) -> Answer {
    let id = document_id(call)?;
    let body = call.optional_object()?;
    let emails: Vec<&str> = call.query.all("receiverEmails").collect();
    let invalid = || ApiError::validation("receiverEmails", "The field receiverEmails is invalid.");
    if !emails.iter().all(|email| looks_like_email(email)) {
        return Err(invalid());
    }
    let by_email = emails.iter().map(|email| Named { email: Some(email), phone: None, order: None });
    let by_phone = array(&body, "reminderPhoneNumbers").map(|phone| Named {
        email: None,
        phone: phone_of(phone),
        order: None,
    });
    let named: Vec<Named<'_>> = by_email.chain(by_phone).collect();
    on(&mut call.world.lock(), id, |env, desk| {
        check_behalf(env, &body)?;
        let mut whom: Vec<usize> = Vec::new();
        for named in &named {
            let found = named.all(env);
            if found.is_empty() {
                return Err(invalid());
            }
            whom.extend(found);
        }
        if named.is_empty() {
            // Nobody named means everybody who has not finished.
            whom = (0..env.recipients.len()).collect();
            whom.retain(|at| env.recipients.get(*at).is_some_and(|r| r.role != Role::CarbonCopy));
        }
        whom.sort_unstable();
        whom.dedup();
        desk.remind(env, &whom, filled(&body, "message").as_deref())?;
        Ok(Done::Empty)
    })
}
