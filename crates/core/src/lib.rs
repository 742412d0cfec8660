//! The heart of Countersign: one trait over e-signature vendors, its requests and replies, its one error type, and
//! the one door through which an adapter reaches the network.
//!
//! Applications depend on the `countersign` crate, which adds a client, configuration and the adapters. This crate
//! is what an adapter needs: it has no runtime, no HTTP client and knows no vendor.
//!
//! - [`Provider`] is what a vendor's adapter implements; [`Descriptor`] says what it can do.
//! - [`CreateView`], [`ResendRecipient`], [`ChangeAccessCode`] and [`ListRecipients`] are the four requests.
//! - [`Error`] says what kind of failure it was, whether the thing happened all the same ([`Outcome`]), and whether
//!   the call may be repeated ([`Retry`]).
//! - [`Context::exchange`] is how an adapter sends: it signs, sends, renews a token once, classifies and keeps
//!   account of what may have happened.
//!
//! What belongs together stands in one folder:
//!
//! - [`model`]: requests, replies and their parts.
//! - [`error`]: the error type, and the rules by which a vendor's refusal gets its kind.
//! - [`http`]: the context of a call, requests and answers, the transport.
//! - [`auth`]: credentials, tokens and the sign-in in a browser.
//! - [`vendor`]: the trait of an adapter, and the vendor as data.
//! - [`webhook`]: what a vendor tells by itself.
//! - [`mod@redact`]: secrets and control characters taken out of untrusted text.

pub mod auth;
pub mod error;
pub mod http;
pub mod model;
pub mod redact;
pub mod vendor;
pub mod webhook;

pub use self::auth::{
    Anonymous, AuthRetry, Authenticator, CachedToken, CodeGrant, Connection, CredentialsPreview,
    MemoryTokenStore, OauthClient, PendingSignIn, RenewalLease, SignedCredentials, SignedIn, StoredTokens,
    TokenCache, TokenEndpoint, TokenGrant, TokenSave, TokenSlot, TokenStore, TokenVersion,
    reclassify_auth_error,
};
pub use self::error::{
    Detail, Error, ErrorKind, Excerpt, Outcome, Problem, Result, Retry, Rule, Vocabulary, default_kind,
    redact_body,
};
pub use self::http::{
    Admission, Context, DryRun, Limits, Phase, PlannedStep, RequestBuilder, RequestObserver, Transport,
    TransportError, TransportFault, VendorResponse, retry_after,
};
pub use self::model::{
    AccessCode, AccessCodeChanged, AccessCodeState, AccountId, AuthenticationMethod, BaseUrl, Call,
    ChangeAccessCode, Clock, CreateView, Effect, Email, EnvelopeId, EnvelopeStatus, FieldMap, IdentityCheck,
    InvalidValue, ListRecipients, MailExpectation, NoMail, Operation, Origin, Phone, Ping, Recipient,
    RecipientId, RecipientRef, RecipientStatus, Recipients, ResendRecipient, ResendTarget, Resent, ResentTo,
    ReturnUrl, Role, SentFor, SigningLink, SigningView, SystemClock, Timestamp, Unlocking, VendorFields,
    WebUrl, read_instant,
};
pub use self::redact::{
    REDACTED, RedactedText, Segment, escape_control, is_harmful, is_secret_member, redact,
};
pub use self::vendor::capability::{Capability, Evidence, Feature, Support, check_features};
pub use self::vendor::conduct::{
    AccessCodeConduct, Burst, CallCount, Conduct, EnvelopePart, EnvelopeStage, Fact, LinkConduct, LinkLife,
    Rate, RecipientField, RefKind, Refusal, ResendConduct, Said, Saying,
};
pub use self::vendor::return_url::{ReturnOutcome, ReturnWord, Returns};
pub use self::vendor::{
    Access, Descriptor, Operations, Provider, Settings, SigningReturn, explain_unknown_recipient,
};
pub use self::webhook::{
    Age, Completion, Dedup, Delivery, FencingToken, IncomingWebhook, Notification, NotificationKey,
    NotifiedRecipient, Received, SeenKey, SeenStore, Tag, WebhookEvent, WebhookRefusal, WebhookRefused,
    WebhookSpec, hmac_sha256,
};
pub use secrecy::{ExposeSecret, SecretString};
