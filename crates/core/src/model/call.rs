//! A caller's request as a value: for transports that record, replay or explain, and for files of calls.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{
    AccessCode, AuthenticationMethod, ChangeAccessCode, CreateView, Effect, Email, EnvelopeId, InvalidValue,
    ListRecipients, Operation, Origin, Ping, RecipientRef, ResendRecipient, ResendTarget, ReturnUrl, WebUrl,
};
use crate::redact::{Names, REDACTED};

/// One of the four requests, or the sign-in.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Call {
    /// List the recipients of an envelope.
    ListRecipients(ListRecipients),
    /// Create a signing link.
    CreateView(Box<CreateView>),
    /// Resend the signing request.
    ResendRecipient(ResendRecipient),
    /// Change an access code.
    ChangeAccessCode(ChangeAccessCode),
    /// Check the credentials, or complete a user's sign-in.
    SignIn,
}

/// What one HTTP request is sent for. It travels with the request as an extension (`http::Request::extensions`) if
/// the call's [`Context`](crate::Context) has the call; a network transport ignores it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SentFor {
    /// The caller's request: the same allocation for all HTTP requests of one call, including repetitions.
    pub call: Arc<Call>,
    /// What this step does at the vendor.
    pub effect: Effect,
    /// The path of the vendor's base URL, with which the request's path begins; without a trailing slash.
    pub base_path: String,
    /// Whether the request obtains or checks credentials instead of performing the operation.
    pub signs_in: bool,
    /// How sensitive the vendor's members and headers are, by name.
    pub names: &'static Names,
}

impl Call {
    /// Which operation it is.
    pub fn operation(&self) -> Operation {
        match self {
            Call::ListRecipients(_) => Operation::ListRecipients,
            Call::CreateView(_) => Operation::CreateView,
            Call::ResendRecipient(_) => Operation::ResendRecipient,
            Call::ChangeAccessCode(_) => Operation::ChangeAccessCode,
            Call::SignIn => Operation::SignIn,
        }
    }

    /// The envelope and the recipient that it is about; neither for a sign-in.
    pub(crate) fn subject(&self) -> (Option<&EnvelopeId>, Option<&RecipientRef>) {
        match self {
            Call::ListRecipients(request) => (Some(&request.envelope), None),
            Call::CreateView(request) => (Some(&request.envelope), Some(&request.recipient)),
            Call::ResendRecipient(request) => match &request.target {
                ResendTarget::One(recipient) => (Some(&request.envelope), Some(recipient)),
                ResendTarget::Everyone => (Some(&request.envelope), None),
            },
            Call::ChangeAccessCode(request) => (Some(&request.envelope), Some(&request.recipient)),
            Call::SignIn => (None, None),
        }
    }

    /// The request as JSON: its members under our names, recipients in their text form, times in seconds. Unset
    /// members are omitted. An access code is written as `[redacted]`. A recipient from an earlier list is
    /// identified by id.
    pub fn to_json(&self) -> Value {
        let mut json = serde_json::to_value(Written::of(self)).unwrap_or_default();
        if let Value::Object(members) = &mut json {
            let is_empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
            members.retain(|_, value| !is_empty(value) && !matches!(value, Value::Null | Value::Bool(false)));
        }
        json
    }

    /// Reads the output of [`Call::to_json`]. `operation` may be omitted from `value` if it is given.
    ///
    /// # Errors
    /// [`InvalidValue`], which names the wrong member.
    pub fn from_json(operation: Operation, value: &Value) -> Result<Self, InvalidValue> {
        if value.get("code").is_some_and(|code| !code.is_string() && !code.is_null()) {
            // The general error would show the value.
            return Err(InvalidValue::new("code", "is not a text", "the access code in quotes"));
        }
        let written = Written::deserialize(value).map_err(|error| {
            InvalidValue::new("call", format!("cannot be parsed ({error})"), "the members of the request")
        })?;
        written.read(operation)
    }
}

macro_rules! from_request {
    ($($request:ident)*) => {
        $(impl From<$request> for Call {
            fn from(request: $request) -> Self {
                Call::$request(request.into())
            }
        })*
    };
}
from_request!(ListRecipients CreateView ResendRecipient ChangeAccessCode);

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    envelope: Option<String>,
    recipient: Option<String>,
    envelope_status: bool,
    everyone: bool,
    return_url: Option<String>,
    expires_in_seconds: Option<u64>,
    authentication_method: Option<String>,
    assertion_id: Option<String>,
    ping_url: Option<String>,
    ping_every_seconds: Option<u64>,
    frame_ancestors: Vec<String>,
    message_origins: Vec<String>,
    message: Option<String>,
    allow_muted: bool,
    code: Option<String>,
    notify: bool,
    on_behalf_of: Option<String>,
}

impl Written {
    fn of(call: &Call) -> Self {
        let (envelope, recipient) = call.subject();
        let subject = Self {
            envelope: envelope.map(EnvelopeId::to_string),
            recipient: recipient.map(RecipientRef::to_string),
            ..Self::default()
        };
        let owned = |sender: &Option<Email>| sender.as_ref().map(|email| email.as_str().to_owned());
        match call {
            Call::SignIn => subject,
            Call::ListRecipients(request) => Self { envelope_status: request.envelope_status, ..subject },
            Call::CreateView(request) => Self {
                return_url: Some(request.return_url.to_string()),
                expires_in_seconds: request.expires_in.map(|time| time.as_secs()),
                authentication_method: request.authentication_method.as_ref().map(word),
                assertion_id: request.assertion_id.clone(),
                ping_url: request.ping.as_ref().map(|ping| ping.url.to_string()),
                ping_every_seconds: request.ping.as_ref().map(|ping| ping.every.as_secs()),
                frame_ancestors: request.frame_ancestors.iter().map(Origin::to_string).collect(),
                message_origins: request.message_origins.iter().map(Origin::to_string).collect(),
                ..subject
            },
            Call::ResendRecipient(request) => Self {
                everyone: matches!(request.target, ResendTarget::Everyone),
                message: request.message.clone(),
                allow_muted: request.allow_muted,
                on_behalf_of: owned(&request.on_behalf_of),
                ..subject
            },
            Call::ChangeAccessCode(request) => Self {
                code: Some(REDACTED.to_owned()),
                notify: request.notify,
                on_behalf_of: owned(&request.on_behalf_of),
                ..subject
            },
        }
    }

    fn read(self, operation: Operation) -> Result<Call, InvalidValue> {
        let envelope = || EnvelopeId::new(self.envelope.clone().unwrap_or_default());
        let recipient = || self.recipient.as_deref().unwrap_or_default().parse::<RecipientRef>();
        let sender = self.on_behalf_of.as_deref().map(Email::new).transpose()?;
        Ok(match operation {
            Operation::SignIn => Call::SignIn,
            Operation::ListRecipients => {
                let mut request = ListRecipients::new(envelope()?);
                request.envelope_status = self.envelope_status;
                Call::ListRecipients(request)
            }
            Operation::CreateView => {
                let url = ReturnUrl::new(self.return_url.as_deref().unwrap_or_default())?;
                let mut request = CreateView::new(envelope()?, recipient()?, url)
                    .with_frame_ancestors(origins(&self.frame_ancestors)?)
                    .with_message_origins(origins(&self.message_origins)?);
                request.expires_in = self.expires_in_seconds.map(Duration::from_secs);
                request.authentication_method = self.authentication_method.as_deref().map(method);
                request.assertion_id = self.assertion_id;
                if let Some(url) = &self.ping_url {
                    let every = Duration::from_secs(self.ping_every_seconds.unwrap_or(300));
                    request = request.with_ping(Ping::new(WebUrl::new(url)?, every)?);
                }
                request.into()
            }
            Operation::ResendRecipient => {
                let mut request = match (self.everyone, &self.recipient) {
                    (true, Some(_)) => {
                        let expected = "either `recipient` or `everyone`";
                        return Err(InvalidValue::new(
                            "recipient",
                            "is given in addition to `everyone`",
                            expected,
                        ));
                    }
                    (true, None) => ResendRecipient::everyone(envelope()?),
                    (false, _) => ResendRecipient::new(envelope()?, recipient()?),
                };
                request.message = self.message;
                request.on_behalf_of = sender;
                Call::ResendRecipient(request.allow_muted(self.allow_muted))
            }
            Operation::ChangeAccessCode => {
                let code = AccessCode::new(self.code.clone().unwrap_or_default())?;
                let mut request =
                    ChangeAccessCode::new(envelope()?, recipient()?, code).with_notify(self.notify);
                request.on_behalf_of = sender;
                Call::ChangeAccessCode(request)
            }
        })
    }
}

fn origins(texts: &[String]) -> Result<Vec<Origin>, InvalidValue> {
    texts.iter().map(|text| Origin::new(text)).collect()
}

fn word(method: &AuthenticationMethod) -> String {
    match method {
        AuthenticationMethod::Other(word) => format!("other:{word}"),
        named => named.as_str().to_owned(),
    }
}

fn method(word: &str) -> AuthenticationMethod {
    let other = || AuthenticationMethod::Other(word.strip_prefix("other:").unwrap_or(word).to_owned());
    AuthenticationMethod::NAMED.into_iter().find(|known| known.as_str() == word).unwrap_or_else(other)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_call_comes_back_from_its_json() {
        let full = json!({
            "envelope": "e-1", "recipient": "email:anna+x@example.com#2", "return_url": "https://app.example.com/",
            "expires_in_seconds": 3600, "authentication_method": "other:Kerberos", "assertion_id": "a",
            "ping_url": "https://app.example.com/ping", "ping_every_seconds": 60,
            "frame_ancestors": ["https://a.example.com"], "message_origins": ["https://b.example.com"]
        });
        for (operation, value) in [
            (Operation::SignIn, json!({})),
            (Operation::ListRecipients, json!({"envelope": "e-1"})),
            (Operation::CreateView, full),
            (Operation::ResendRecipient, json!({"envelope": "e", "everyone": true, "message": "m"})),
            (
                Operation::ResendRecipient,
                json!({"envelope": "e", "recipient": "phone:+4912345678", "allow_muted": true}),
            ),
            (
                Operation::ChangeAccessCode,
                json!({"envelope": "e", "recipient": "client:7", "code": "[redacted]", "notify": true,
                    "on_behalf_of": "s@example.com"}),
            ),
        ] {
            let call = Call::from_json(operation, &value).unwrap();
            assert_eq!(call.operation(), operation);
            assert_eq!(call.to_json(), value);
        }
    }

    #[test]
    fn an_access_code_is_not_written_and_a_wrong_member_is_named() {
        let value = json!({"envelope": "e", "recipient": "id:1", "code": "S3cret-code"});
        let call = Call::from_json(Operation::ChangeAccessCode, &value).unwrap();
        assert!(!format!("{call:?} {}", call.to_json()).contains("S3cret"));
        let refused = |operation, value| Call::from_json(operation, &value).unwrap_err().to_string();
        assert!(refused(Operation::ListRecipients, json!({"envelop": "e"})).contains("envelop"));
        assert!(refused(Operation::ListRecipients, json!({})).contains("envelope id is empty"));
        let both = json!({"envelope": "e", "recipient": "id:1", "everyone": true});
        assert!(refused(Operation::ResendRecipient, both).contains("everyone"));
        let number = json!({"envelope": "e", "recipient": "id:1", "code": 778_123});
        let told = refused(Operation::ChangeAccessCode, number);
        assert!(told.contains("code is not a text") && !told.contains("778"), "{told}");
    }
}
