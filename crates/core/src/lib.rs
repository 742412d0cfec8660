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

mod answer;
mod authorise;
mod call;
mod capability;
mod classify;
mod clock;
mod code_grant;
mod conduct;
mod differences;
mod effect;
mod error;
mod escape;
mod exchange;
mod ids;
mod kind;
mod lookup;
mod masked;
mod oauth;
mod operations;
mod outgoing;
mod pkce;
mod problem;
mod progress;
mod provider;
mod recipient;
mod redact;
mod rehearsal;
mod reply;
mod request;
mod returns;
mod secret;
mod settings;
mod step;
mod store;
mod token;
mod transport;
mod urls;
mod wait;
mod watch;
mod webhook;
mod words;

pub use answer::Answer;
pub use authorise::{Anonymous, Authorise, Grant, Link, Outline};
pub use call::{Call, SentFor};
pub use capability::{Capability, Evidence, Feature, Support, check_features};
pub use classify::{Rule, default_kind};
pub use clock::{Clock, SystemClock, Timestamp, read_instant};
pub use code_grant::{CodeGrant, PendingSignIn, SignedIn};
pub use conduct::{
    AccessCodeConduct, Burst, CallCount, Conduct, EnvelopePart, EnvelopeStage, Fact, LinkConduct, LinkLife,
    Rate, RecipientField, RefKind, Refusal, ResendConduct, Said, Saying,
};
pub use differences::explain_unknown_recipient;
pub use effect::{Effect, Operation};
pub use error::{Detail, Error, Outcome, Result, Retry};
pub use escape::{escape_control, is_harmful};
pub use exchange::Context;
pub use ids::{AccessCode, AccountId, Email, EnvelopeId, InvalidValue, Phone, RecipientId};
pub use kind::ErrorKind;
pub use lookup::RecipientRef;
pub use masked::{Masked, Piece};
pub use oauth::{OauthClient, TokenEndpoint, TokenGrant, no_envelope};
pub use operations::Operations;
pub use outgoing::Outgoing;
pub use problem::{Excerpt, Problem, redacted};
pub use provider::{Access, Descriptor, Provider};
pub use recipient::{AccessCodeState, IdentityCheck, Recipient, RecipientStatus, Role, VendorWords};
pub use redact::is_secret_member;
pub use rehearsal::{PlannedStep, Rehearsal};
pub use reply::{
    AccessCodeChanged, MailExpectation, NoMail, Recipients, Resent, ResentTo, SigningView, Unlocking,
};
pub use request::{
    AuthenticationMethod, ChangeAccessCode, CreateView, ListRecipients, Ping, ResendRecipient, ResendTarget,
};
pub use returns::{ReturnOutcome, ReturnWord, Returns, SigningReturn};
pub use secrecy::{ExposeSecret, SecretString};
pub use secret::{REDACTED, scrub};
pub use settings::Settings;
pub use store::{MemoryTokenStore, StoredTokens, TokenSlot, TokenStore};
pub use token::{Lease, TokenCache};
pub use transport::{Limits, Phase, Transport, TransportError, TransportFault};
pub use urls::{BaseUrl, Origin, ReturnUrl, SigningLink, WebUrl};
pub use wait::told_wait;
pub use watch::{Entry, Watch};
pub use webhook::{
    Age, EnvelopeStatus, Incoming, Notification, NotificationKey, NotifiedRecipient, Received, Tag,
    WebhookDoor, WebhookEvent, WebhookRefusal, WebhookRefused, hmac_sha256,
};
pub use words::Words;
