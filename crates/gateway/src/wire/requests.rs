//! What callers send.

use countersign::secrecy::{ExposeSecret, SecretString};
use countersign::transport::Call;
use countersign::{
    AccessCode, ChangeAccessCode, CreateView, Email, EnvelopeId, Error, ErrorKind, Operation, RecipientRef,
    ResendRecipient, Result,
};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// A signing link for one recipient.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewView {
    /// `id:2`, `email:a@b.c`, `email:a@b.c#2`, `client:77` or `phone:+4912345678`.
    #[schema(example = "email:anna@example.com")]
    recipient: String,
    /// Where the browser goes after signing.
    #[schema(example = "https://app.example.com/signed")]
    return_url: String,
    /// Whether the signer returns through the gateway: it sends the browser on to `return_url`, at a host that the
    /// operator allows, and appends `claimed_outcome`, in the same words for every vendor.
    #[serde(default)]
    pub(crate) return_through_gateway: bool,
    /// How long the link works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_in_seconds: Option<u64>,
    /// How the application identified the signer: `none`, `email`, `password`, `sso`, `biometric`, `knowledge`,
    /// `paper`, `certificate`, or a word of the vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    authentication_method: Option<String>,
    /// The id of that authentication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    assertion_id: Option<String>,
    /// A URL that the browser calls while signing is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ping_url: Option<String>,
    /// How often.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ping_every_seconds: Option<u64>,
    /// Origins that may frame the signing page.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    frame_ancestors: Vec<String>,
    /// Origins that get the messages of the signing page.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    message_origins: Vec<String>,
}

/// A mail with the signing request, once more. Either `recipient` or `everyone`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewResend {
    /// `id:2`, `email:a@b.c`, `email:a@b.c#2`, `client:77` or `phone:+4912345678`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "email:anna@example.com")]
    recipient: Option<String>,
    /// Every recipient whose turn it is.
    #[serde(default)]
    everyone: bool,
    /// A text for the mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// Also if the envelope's mails are switched off.
    #[serde(default)]
    allow_muted: bool,
    /// The sender identity to act for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on_behalf_of: Option<String>,
}

/// Another access code for a recipient.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAccessCode {
    /// `id:2`, `email:a@b.c`, `email:a@b.c#2`, `client:77` or `phone:+4912345678`.
    #[schema(example = "email:anna@example.com")]
    recipient: String,
    /// The code.
    #[schema(value_type = String, write_only)]
    code: SecretString,
    /// Whether the recipient gets a mail.
    #[serde(default)]
    notify: bool,
    /// The sender identity to act for.
    #[serde(default)]
    on_behalf_of: Option<String>,
}

/// New attempts for a recipient who typed wrong access codes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUnlock {
    /// `id:2`, `email:a@b.c`, `email:a@b.c#2`, `client:77` or `phone:+4912345678`.
    #[schema(example = "email:anna@example.com")]
    pub(crate) recipient: String,
    /// The new code. Vendors where only a new code unlocks require it; others unlock by a mail without it.
    #[serde(default)]
    #[schema(value_type = Option<String>, write_only)]
    code: Option<SecretString>,
    /// The sender identity to act for.
    #[serde(default)]
    on_behalf_of: Option<String>,
}

/// A call that is planned, not made: the body of its route, and the envelope.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "operation", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum NewPlan {
    /// Of `POST /v1/envelopes/{envelope}/views`.
    #[schema(title = "PlanOfView")]
    CreateView {
        /// `account:id`.
        envelope: String,
        /// The body.
        #[serde(deserialize_with = "object")]
        request: NewView,
    },
    /// Of `POST /v1/envelopes/{envelope}/resends`.
    #[schema(title = "PlanOfResend")]
    ResendRecipient {
        /// `account:id`.
        envelope: String,
        /// The body.
        #[serde(deserialize_with = "object")]
        request: NewResend,
    },
    /// Of `PUT /v1/envelopes/{envelope}/access-code`.
    #[schema(title = "PlanOfAccessCode")]
    ChangeAccessCode {
        /// `account:id`.
        envelope: String,
        /// The body.
        #[serde(deserialize_with = "object")]
        request: NewAccessCode,
    },
}

/// Reads a struct from an object only; serde alone takes an array too, member by member in their order.
fn object<'de, D: Deserializer<'de>, T: DeserializeOwned>(read: D) -> std::result::Result<T, D::Error> {
    let members = serde_json::Map::deserialize(read)?;
    T::deserialize(serde_json::Value::Object(members)).map_err(D::Error::custom)
}

impl NewPlan {
    pub(crate) fn envelope(&self) -> &str {
        match self {
            Self::CreateView { envelope, .. }
            | Self::ResendRecipient { envelope, .. }
            | Self::ChangeAccessCode { envelope, .. } => envelope,
        }
    }
}

impl NewView {
    pub(crate) fn request(&self, envelope: &EnvelopeId) -> Result<CreateView> {
        match read(Operation::CreateView, self, envelope)? {
            Call::CreateView(request) => Ok(*request),
            _ => Err(other_operation()),
        }
    }
}

impl NewResend {
    pub(crate) fn request(&self, envelope: &EnvelopeId) -> Result<ResendRecipient> {
        if self.recipient.is_none() && !self.everyone {
            return Err(Error::new(
                ErrorKind::InvalidRequest,
                "the body has neither `recipient` nor `everyone`",
            )
            .with_hint("give `recipient`, such as \"email:anna@example.com\", or `everyone`: true"));
        }
        match read(Operation::ResendRecipient, self, envelope)? {
            Call::ResendRecipient(request) => Ok(request),
            _ => Err(other_operation()),
        }
    }
}

/// The library reads requests as JSON under the same names.
fn read(operation: Operation, body: &impl Serialize, envelope: &EnvelopeId) -> Result<Call> {
    let mut value = serde_json::to_value(body).unwrap_or_default();
    if let Some(members) = value.as_object_mut() {
        members.insert("envelope".to_owned(), envelope.as_str().into());
        // Not the library's.
        members.remove("return_through_gateway");
    }
    Ok(Call::from_json(operation, &value)?)
}

fn other_operation() -> Error {
    Error::new(ErrorKind::Unexpected, "the request was read as another one")
}

impl NewAccessCode {
    pub(crate) fn request(&self, envelope: &EnvelopeId) -> Result<ChangeAccessCode> {
        let code = AccessCode::new(self.code.expose_secret())?;
        let mut request =
            ChangeAccessCode::new(envelope.clone(), self.recipient.parse::<RecipientRef>()?, code)
                .with_notify(self.notify);
        request.on_behalf_of = sender(self.on_behalf_of.as_deref())?;
        Ok(request)
    }
}

impl NewUnlock {
    pub(crate) fn code(&self) -> Result<Option<AccessCode>> {
        Ok(self.code.as_ref().map(|code| AccessCode::new(code.expose_secret())).transpose()?)
    }

    pub(crate) fn sender(&self) -> Result<Option<Email>> {
        sender(self.on_behalf_of.as_deref())
    }
}

fn sender(text: Option<&str>) -> Result<Option<Email>> {
    Ok(text.map(Email::new).transpose()?)
}
