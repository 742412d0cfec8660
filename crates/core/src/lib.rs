//! The core of Countersign: one trait over e-signature vendors, its requests and replies, its error type, and the
//! only way for an adapter to reach the network.
//!
//! Applications depend on the `countersign` crate, which adds a client, configuration and the adapters. This crate
//! contains what an adapter needs: it has no runtime, no HTTP client and no vendor-specific code.
//!
//! - [`Provider`] is the trait of a vendor's adapter; [`Descriptor`] lists what the vendor supports.
//! - [`CreateView`], [`ResendRecipient`], [`ChangeAccessCode`] and [`ListRecipients`] are the four requests.
//! - [`Error`] reports the kind of failure, whether the operation took effect ([`Outcome`]), and whether the call
//!   may be repeated ([`Retry`]).
//! - [`Context::exchange`] sends an adapter's requests: it signs, sends, renews a token once, classifies errors and
//!   records what may have taken effect.
//!
//! There is one module per subject:
//!
//! - [`json`]: tolerant readers of vendors' JSON.
//! - [`model`]: requests, replies and their parts.
//! - [`error`]: the error type, and the rules that map a vendor's refusal to its kind.
//! - [`http`]: the context of a call, requests and answers, the transport.
//! - [`auth`]: credentials, tokens and the browser sign-in.
//! - [`vendor`]: the trait of an adapter, and the vendor as data.
//! - [`webhook`]: checks and reads webhooks.
//! - [`store`]: what outlives a process, as traits.
//! - [`mod@redact`]: removes secrets and control characters from untrusted text.

use std::sync::{Mutex, MutexGuard, PoisonError};

pub mod auth;
pub mod error;
pub mod http;
pub mod json;
pub mod model;
pub mod redact;
pub mod store;
pub mod vendor;
pub mod webhook;

pub use self::auth::{
    Anonymous, AuthRetry, Authenticator, CachedToken, ClientProof, CodeGrant, Connection, CredentialsPreview,
    MemoryTokenStore, OauthClient, PendingSignIn, RenewalLease, SignedCredentials, SignedIn, StoredTokens,
    TokenCache, TokenEndpoint, TokenGrant, TokenSave, TokenSlot, TokenStore, TokenVersion,
    reclassify_auth_error,
};
pub use self::error::{
    Detail, Error, ErrorKind, Excerpt, Outcome, Problem, Result, Retry, Vocabulary, default_kind, redact_body,
};
pub use self::http::{
    Admission, Context, DryRun, DryRunFindings, Limits, Mark, Phase, PlannedStep, RequestBuilder,
    RequestObserver, Transport, TransportError, TransportFault, VendorResponse,
};
pub use self::model::{
    AccessCode, AccessCodeChanged, AccessCodeState, AccountId, AuthenticationMethod, BaseUrl, Call,
    ChangeAccessCode, Channel, Clock, CreateView, Effect, Email, EnvelopeId, EnvelopeStatus, FieldMap,
    GroupMember, IdentityCheck, InvalidValue, ListRecipients, MailExpectation, NoMail, Operation, Origin,
    Phone, Ping, Recipient, RecipientId, RecipientRef, RecipientStatus, Recipients, ResendRecipient,
    ResendTarget, Resent, ResentTo, ReturnOutcome, ReturnUrl, ReturnsTo, Role, SentFor, SigningLink,
    SigningView, SystemClock, Timestamp, Unlocking, VendorFields, WebUrl, read_instant,
};
pub use self::redact::{Names, REDACTED, RedactedText, Segment, escape_control, is_harmful, redact};
pub use self::vendor::conduct::{
    EnvelopePart, EnvelopeStage, Evidence, Feature, RecipientField, RefKind, Support,
};
pub use self::vendor::{
    Access, Descriptor, Operations, Provider, Settings, SigningReturn, explain_unknown_recipient,
};
pub use self::webhook::{
    Completion, Dedup, Delivery, FencingToken, IncomingWebhook, Notification, NotificationKey,
    NotifiedRecipient, ReceiveWebhook, Received, SeenKey, SeenStore, Tag, WebhookEvent, WebhookRefusal,
    WebhookRefused, hmac_sha256,
};
pub use secrecy::{ExposeSecret, SecretString};

/// Locks a mutex, even if a holder has panicked. Only for values that are whole after every step.
pub fn locked<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
