//! A small adapter for a made-up vendor that can do nothing but list.

use std::fmt;
use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use bytes::Bytes;
use countersign_core::vendor::Facts;
use countersign_core::{
    Access, AccessCodeChanged, AccessCodeState, AuthRetry, Authenticator, BaseUrl, ChangeAccessCode,
    CodeGrant, Connection, Context, CreateView, Descriptor, Effect, Error, ErrorKind, ExposeSecret,
    ListRecipients, Problem, Provider, Recipient, RecipientId, RecipientStatus, Recipients, RequestBuilder,
    ResendRecipient, Resent, Result, Role, SecretString, Settings, SignedCredentials, SigningView,
};
use http::{HeaderMap, Method, header};
use serde::Deserialize;

/// Where the made-up vendor is.
pub(crate) const BASE: &str = "https://acme.invalid";

const FACTS: &str = r#"
title = "Acme Sign"

[capabilities]
list_recipients = { support = "native", conditions = "the made-up vendor lists, and that is all", evidence = "documented", source = "docs.example" }
create_view = { support = "impossible", conditions = "the made-up vendor lists, and that is all", evidence = "documented", source = "docs.example" }
view_expiry = { support = "impossible", conditions = "the made-up vendor lists, and that is all", evidence = "documented", source = "docs.example" }
view_assertion = { support = "impossible", conditions = "the made-up vendor lists, and that is all", evidence = "documented", source = "docs.example" }
resend_one = { support = "impossible", conditions = "the made-up vendor lists, and that is all", evidence = "documented", source = "docs.example" }
resend_everyone = { support = "impossible", conditions = "the made-up vendor lists, and that is all", evidence = "documented", source = "docs.example" }
resend_message = { support = "impossible", conditions = "the made-up vendor lists, and that is all", evidence = "documented", source = "docs.example" }
change_access_code = { support = "impossible", conditions = "the made-up vendor lists, and that is all", evidence = "documented", source = "docs.example" }
access_code_notify = { support = "impossible", conditions = "the made-up vendor lists, and that is all", evidence = "documented", source = "docs.example" }

[[refusal]]
status = 425
kind = "envelope_not_ready"
meaning = "the envelope is still being made"
source = "docs.example"

[[refusal]]
status = 404
kind = "envelope_not_found"
meaning = "there is no such envelope"
source = "docs.example"
"#;

pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    name: "acme",
    facts: LazyLock::new(|| Facts::load("acme", FACTS)),
    read_problem: |status, _: &HeaderMap, body: &Bytes| {
        let text = String::from_utf8_lossy(body).into_owned();
        Problem::new(status).with_message(Some(text).filter(|text| !text.is_empty()))
    },
    webhooks: None,
    build: |_: &Settings| Err(Error::new(ErrorKind::Config, "this example is made in code")),
    offline: || Ok(Arc::new(Acme::new("offline", Mistake::None)?)),
};

/// What is wrong with an adapter, to see that the suite finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mistake {
    /// Nothing.
    None,
    /// A state that it does not know is an error.
    ClosedWords,
    /// Its Debug shows the key.
    ShowsKey,
    /// It says that no recipient has declined.
    MissesDeclines,
}

/// The adapter.
pub(crate) struct Acme {
    link: Connection,
    key: SecretString,
    mistake: Mistake,
}

impl fmt::Debug for Acme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mistake {
            Mistake::ShowsKey => write!(f, "Acme({})", self.key.expose_secret()),
            _ => f.write_str("Acme"),
        }
    }
}

/// Signs requests with the key.
struct Key(SecretString, BaseUrl);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

#[async_trait]
impl Authenticator for Key {
    async fn credentials(&self, _cx: &Context) -> Result<SignedCredentials> {
        Ok(SignedCredentials::anonymous(self.1.clone()).with_header(header::AUTHORIZATION, self.0.clone()))
    }

    async fn refused(&self, _credentials: &SignedCredentials, _problem: &Problem) -> AuthRetry {
        AuthRetry::Never
    }
}

#[derive(Deserialize)]
struct Envelope {
    current: Option<u32>,
    people: Vec<Person>,
}

#[derive(Deserialize)]
struct Person {
    id: String,
    name: String,
    email: Option<String>,
    phone: Option<String>,
    role: String,
    place: u32,
    state: String,
    code: String,
}

impl Acme {
    pub(crate) fn new(key: &str, mistake: Mistake) -> Result<Self> {
        let key = SecretString::from(key.to_owned());
        let authenticator = Key(key.clone(), BaseUrl::new(BASE)?);
        Ok(Self { link: Connection::new(DESCRIPTOR.vocabulary(), Arc::new(authenticator)), key, mistake })
    }

    fn recipient(&self, person: Person, current: Option<u32>) -> Result<Recipient> {
        let role = match person.role.as_str() {
            "signs" => Role::Signer,
            "approves" => Role::Reviewer,
            "reads" => Role::CarbonCopy,
            _ => Role::Other(person.role),
        };
        let mut recipient = Recipient::new(RecipientId::new(person.id)?, role);
        recipient.status = match person.state.as_str() {
            "later" => RecipientStatus::Waiting,
            "asked" => RecipientStatus::Notified,
            "seen" => RecipientStatus::Viewed,
            "signed" => RecipientStatus::Signed,
            "refused" if self.mistake == Mistake::MissesDeclines => RecipientStatus::Viewed,
            "refused" => RecipientStatus::Declined,
            "bounced" => RecipientStatus::DeliveryFailed,
            "revoked" => RecipientStatus::Revoked,
            "expired" => RecipientStatus::Expired,
            _ if self.mistake == Mistake::ClosedWords => {
                return Err(Error::new(ErrorKind::InvalidResponse, "a state that is not known"));
            }
            _ => RecipientStatus::Other(person.state),
        };
        recipient.in_turn = Some(current == Some(person.place) && !recipient.status.is_done());
        recipient.access_code = match person.code.as_str() {
            "failed" => AccessCodeState::Failed,
            "set" => AccessCodeState::Required,
            _ => AccessCodeState::NotRequired,
        };
        recipient.name = Some(person.name);
        recipient.email = person.email;
        recipient.phone = person.phone;
        recipient.order = Some(person.place);
        Ok(recipient)
    }
}

/// All other operations: refused before they get here, since the facts say that the vendor has none of them.
fn cannot<T>() -> Result<T> {
    Err(Error::new(ErrorKind::Unsupported, "the made-up vendor lists, and that is all"))
}

#[async_trait]
impl Provider for Acme {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    async fn create_view(&self, _cx: &Context, _request: &CreateView) -> Result<SigningView> {
        cannot()
    }

    async fn resend_recipient(&self, _cx: &Context, _request: &ResendRecipient) -> Result<Resent> {
        cannot()
    }

    async fn change_access_code(
        &self,
        _cx: &Context,
        _request: &ChangeAccessCode,
    ) -> Result<AccessCodeChanged> {
        cannot()
    }

    async fn list_recipients(&self, cx: &Context, request: &ListRecipients) -> Result<Recipients> {
        let out = RequestBuilder::new(Method::GET, &["v1", "envelopes", request.envelope.as_str()]);
        let envelope: Envelope = cx.exchange(&self.link, Effect::Read, out).await?.json()?;
        let people = envelope.people.into_iter().map(|person| self.recipient(person, envelope.current));
        Ok(Recipients::new(people.collect::<Result<_>>()?, envelope.current, None))
    }

    async fn check_access(&self, _cx: &Context) -> Result<Access> {
        Ok(Access::new(BASE))
    }

    fn code_grant(&self) -> Option<&CodeGrant> {
        None
    }
}
