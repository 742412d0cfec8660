//! The check that a recipient must pass: a passcode, or one of the other kinds, of which the page plays one for all.

use serde_json::{Value, json};

use super::call::ApiError;
use super::show::{OTHER_CHECK, PLACE};
use crate::secret::Secret;
use crate::vendors::fields::Object;
use crate::world::{Context, Envelope, Identity, Recipient};

const PASSCODE: &str = "passcode_verification";
const OTHERS: [&str; 4] =
    ["phone_verification", "kba_verification", "id_verification", "email_otp_verification"];

/// What `verification_settings` asks for.
pub(super) struct Verification {
    place: String,
    /// Empty without one.
    code: Secret,
    /// The settings of another kind, with their name.
    other: Object,
}

impl Verification {
    /// Null asks for none.
    pub(super) fn read(settings: &Value, passcodes_in_plan: bool) -> Result<Self, ApiError> {
        let none = Self { place: "before_open".to_owned(), code: Secret::default(), other: Object::new() };
        let settings = match settings {
            Value::Null => return Ok(none),
            Value::Object(settings) => settings,
            _ => return Err(problem("This value must be an object.")),
        };
        let place = match settings.get(PLACE) {
            None => none.place,
            Some(Value::String(place)) if matches!(place.as_str(), "before_open" | "before_sign") => {
                place.clone()
            }
            Some(_) => return Err(problem("This place is not a valid choice.")),
        };
        let given: Vec<(&String, &Value)> =
            settings.iter().filter(|(name, value)| *name != PLACE && !value.is_null()).collect();
        let (name, value) = match given.as_slice() {
            [one] => *one,
            [] => return Err(problem("A verification method is required.")),
            _ => return Err(problem("Only one verification method is allowed.")),
        };
        if OTHERS.contains(&name.as_str()) {
            let other = Object::from_iter([(name.clone(), value.clone())]);
            return Ok(Self { place, other, ..none });
        }
        if name != PASSCODE {
            return Err(problem("This verification method is not known."));
        }
        if !passcodes_in_plan {
            return Err(ApiError::forbidden("Recipient verification is not available on your plan."));
        }
        let code = value["passcode"].as_str().filter(|code| fits(code)).ok_or_else(|| {
            let text = "This value does not match the required pattern.";
            ApiError::validation(json!({"verification_settings": {PASSCODE: {"passcode": [text]}}}))
        })?;
        Ok(Self { place, code: code.into(), ..none })
    }

    /// Gives it to a recipient of a new document.
    pub(super) fn give(self, r: &mut Recipient) {
        r.code = Some(self.code).filter(|code| !code.expose().is_empty());
        r.identity = Identity::asked(!self.other.is_empty());
        r.extra.insert(PLACE.to_owned(), self.place.into());
        r.extra.insert(OTHER_CHECK.to_owned(), self.other.into());
    }

    /// Replaces the check of a recipient. Only a different passcode gives new attempts.
    pub(super) fn replace(
        self,
        env: &mut Envelope,
        context: &mut Context<'_>,
        at: usize,
    ) -> Result<(), ApiError> {
        if env.recipient(at)?.code.as_ref() != Some(&self.code) {
            context.set_code(env, at, self.code.clone())?;
        }
        self.give(env.recipient_mut(at)?);
        Ok(())
    }
}

fn problem(text: &str) -> ApiError {
    ApiError::field("verification_settings", text)
}

/// Six to a hundred characters without spaces, at least one letter and one digit.
fn fits(code: &str) -> bool {
    (6..=100).contains(&code.chars().count())
        && !code.contains(char::is_whitespace)
        && code.contains(|c: char| c.is_ascii_alphabetic())
        && code.contains(|c: char| c.is_ascii_digit())
}
