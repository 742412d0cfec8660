//! One interface over e-signature vendors: create a signing view, resend to a recipient, change an access code,
//! list recipients. An application that uses [`Client`] needs no code for a specific vendor.
//!
//! ```no_run
//! use countersign::{Config, CreateView, RecipientRef, ReturnUrl};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Config::load(None)?.account(Some("acme"))?.client()?;
//! let envelope = "5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001".parse()?;
//! let recipient: RecipientRef = "email:anna@example.com".parse()?;
//! let request = CreateView::new(envelope, recipient, ReturnUrl::new("https://app.example.com/signed")?);
//! match client.create_view(&request).await {
//!     Ok(view) => println!("redirect the signer within {:?}", view.expires_at),
//!     Err(error) => println!("{error}\nnext: {}", error.hint()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! - [`Client`] represents one account at one vendor. [`Config`] creates clients from a file and from environment
//!   variables.
//! - [`Error`] reports the kind of failure, whether the operation took effect, whether the call may be repeated,
//!   and what to do next.
//! - [`vendors`] lists what each vendor supports, with conditions.
//!
//! # Modules
//!
//! The root has the names that every application needs; other names are in one module per subject.
//!
//! | module | for |
//! | --- | --- |
//! | [`returns`] | the browser that returns from a signing page |
//! | [`webhook`] | notifications that a vendor sends |
//! | [`ledger`] | calls that are performed once under a key, even if they are requested repeatedly |
//! | [`plan`] | what a call would do, without doing it |
//! | [`routing`] | several accounts at once |
//! | [`migrate`] | what changes when an application moves to another vendor |
//! | [`auth`] | token stores, and a user's sign-in with a browser |
//! | [`transport`], [`budget`] | the network interface, its limits, and the rate budget of an account |
//! | `cassette` | recording and replay (feature `cassettes`) |
//! | `testing` | clocks, transports and servers for tests (feature `testing`) |
//! | [`redact`], [`durable`] | safe output, and files that survive a crash |
//! | [`provider`], [`adapters`] | the trait of an adapter, and the built-in adapters |
//!
//! # The layers of a call
//!
//! `observe -> validate -> ledger -> deadline -> retry -> adapter`, in this order: [`Client`] describes what each
//! does for the caller. Whether a call is repeated depends on what a failed attempt may have done, never on its
//! HTTP method; nothing that may have sent a message to a recipient is repeated. [`Client::with_key`] performs a
//! call only once, even if it is requested repeatedly.
//!
//! # Logs and metrics
//!
//! `tracing`: one span `call` of level info per call, with `vendor`, `account` (the name in the configuration),
//! `operation`, and at its end `kind` (of the error), `outcome` (`done`, `no_effect`, `refused`, `unknown`, or
//! `dropped` for a dropped future) and `attempts`. It contains one event per attempt (`answered` with method, route
//! and status, or `not answered`) and one per repetition. No names, envelopes or URLs are logged.
//!
//! `metrics`, for any recorder that the application installed before its first call; durations in seconds:
//!
//! | name | kind | labels |
//! | --- | --- | --- |
//! | `countersign_calls_total` | counter | `vendor`, `account`, `operation`, `outcome` |
//! | `countersign_call_duration_seconds` | histogram | `vendor`, `account`, `operation` |
//! | `countersign_call_attempts` | histogram | `vendor`, `account`, `operation` |
//! | `countersign_errors_total` | counter | `vendor`, `account`, `operation`, `kind` |
//! | `countersign_unmapped_codes_total` | counter | `vendor`, `operation`; the code itself is in an event |
//! | `countersign_rate_remaining` | gauge | `vendor`, `account`, `window` (`limit` or `burst`) |
//! | `countersign_token_renewals_total` | counter | `vendor`, `account`, `result` (`renewed` or `failed`) |
//!
//! `account` is empty for clients that were created without a name.

pub mod auth;
pub mod budget;
mod calls;
#[cfg(feature = "cassettes")]
pub mod cassette;
mod client;
#[cfg(feature = "config")]
mod config;
pub mod durable;
mod layers;
pub mod ledger;
mod meters;
pub mod migrate;
pub mod plan;
mod registry;
pub mod returns;
pub mod routing;
pub mod webhook;

pub use client::{Client, ClientBuilder};
#[cfg(feature = "config")]
pub use config::{Account, Config, StateConfig};
pub use countersign_core::{
    Access, AccessCode, AccessCodeChanged, AccessCodeState, AccountId, AuthenticationMethod, BaseUrl,
    ChangeAccessCode, Clock, CreateView, Detail, Email, EnvelopeId, EnvelopeStatus, Error, ErrorKind,
    GroupMember, IdentityCheck, InvalidValue, ListRecipients, MailExpectation, NoMail, Operation, Operations,
    Origin, Outcome, Phone, Ping, Problem, Recipient, RecipientId, RecipientRef, RecipientStatus, Recipients,
    ResendRecipient, ResendTarget, Resent, ResentTo, Result, Retry, ReturnUrl, Role, SigningLink,
    SigningView, SystemClock, Timestamp, Unlocking, VendorFields, WebUrl,
};
pub use layers::retry::RetryPolicy;
pub use registry::{adapters, vendors};

// External types in public signatures, in the versions used there.
pub use {async_trait, http, secrecy};

/// Makes untrusted text safe: redacts secrets, and escapes characters that could inject log lines or terminal
/// escape sequences.
pub mod redact {
    pub use countersign_core::redact::{
        Names, REDACTED, RedactedText, Segment, escape_control, is_harmful, redact, shortened,
    };
}

/// The trait of a vendor's adapter, and the facts about a vendor.
///
/// Applications find here what a vendor supports. An external adapter implements [`Provider`](provider::Provider).
///
/// ```
/// use countersign::provider::{Feature, Support};
///
/// for vendor in countersign::vendors() {
///     let links = vendor.facts.capability(Feature::CreateView);
///     println!("{}: {:?}", vendor.facts.title, links.map(|found| found.support));
/// }
/// ```
pub mod provider {
    pub use countersign_core::error::{Excerpt, Vocabulary, default_kind, redact_body};
    pub use countersign_core::http::{Context, DryRun, RequestBuilder, VendorResponse};
    pub use countersign_core::model::{
        Effect, FieldMap, TextFileError, read_bytes, read_bytes_from, read_instant, read_text,
        read_text_from, without_mark,
    };
    pub use countersign_core::vendor::{
        Behavior, Burst, BurstHeaders, CallCount, Capability, Characters, CheckAccess, Checked, Coverage,
        Descriptor, Doubt, ErrorMapping, Fact, FactRow, Facts, FactsError, Found, Host, Interval, Limit,
        LinkLife, LinkSpan, Lists, Mapping, Mappings, Maybe, Need, Performing, Period, Provider, Rate,
        RateHeaders, RateReading, RefusalEffect, Refusals, Request, ResendLimit, ReturnSpec, ReturnWord,
        Route, RouteLimit, Rule, Settings, SignatureReach, UnlockBy, WebhookFacts, WordTables, Words, check,
        explain_unknown_recipient, perform, read_duration, retry_after, say, say_range, with_recipient,
    };
    pub use countersign_core::{
        Channel, EnvelopePart, EnvelopeStage, Evidence, Feature, RecipientField, RefKind, Support, json,
    };
}

/// The network interface, and observers of it.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use countersign::transport::{HttpOptions, HttpTransport, Limits};
///
/// # fn run(provider: Arc<dyn countersign::provider::Provider>) {
/// // One transport for all clients of a process: it holds the connections.
/// let transport = Arc::new(HttpTransport::new(HttpOptions::default()));
/// let limits = Limits::default().with_timeout(Duration::from_secs(10));
/// let client = countersign::Client::builder(provider).transport(transport).limits(limits).build();
/// # }
/// ```
pub mod transport {
    pub use countersign_core::http::{
        Admission, Limits, Mark, Phase, RequestObserver, Transport, TransportError, TransportFault,
    };
    pub use countersign_core::model::{Call, SentFor};
    pub use countersign_http::{HttpOptions, HttpTransport};
}

/// Test doubles: clocks, scripted or failing transports, a misbehaving server.
#[cfg(feature = "testing")]
pub use countersign_testkit as testing;
