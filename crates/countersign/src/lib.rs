//! One interface over e-signature vendors: create a signing view, resend to a recipient, change an access code, list
//! recipients. An application that calls [`Client`] does not know which vendor is behind it.
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
//! - [`Client`] holds one account at one vendor. [`Config`] makes clients from a file and from variables.
//! - [`Error`] tells the kind, whether it happened all the same, whether the call may be repeated, and what to do.
//! - [`vendors`] lists what each vendor can do, with conditions.
//!
//! # The way back
//!
//! A browser that comes back from a signing page brings a hint ([`SigningReturn`]); [`Confirmer`] asks the vendor what is
//! true, as seldom as the vendor wants to be asked. With the feature `returns`, `ReturnRoutes` makes the one return URL
//! that vendors take, with whose return it is signed in its path, and leads each outcome to a destination of the
//! application's; with `axum`, as an extractor and a router.
//!
//! # What a call goes through
//!
//! `observe -> validate -> ledger -> deadline -> retry -> adapter`, in this order: [`Client`] says what each does for
//! the caller. Calls are repeated by what a failed attempt may have done, never by its HTTP method; nothing that may
//! have sent a message to a person is repeated. [`Client::with_key`] makes a call once, however often it is asked
//! for.
//!
//! # What others see of a call
//!
//! `tracing`: one span `call` of level info per call, with `vendor`, `account` (the name in the configuration),
//! `operation`, and at its end `kind` (of the error), `outcome` (`done`, `no_effect`, `refused`, `unknown`, or `dropped`
//! for a future that was dropped) and `attempts`. Within it one event per attempt (`answered` with the status, or
//! `not answered`) and one per repetition. No people, envelopes or URLs.
//!
//! `metrics`, for whatever recorder the application installed before its first call; durations in seconds:
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
//! `account` is empty for clients that were made without a name.

mod budget;
mod calls;
#[cfg(feature = "cassettes")]
mod cassettes;
mod client;
mod config;
pub mod durable;
mod layers;
mod ledger;
mod meters;
pub mod migrate;
mod operations;
mod plan;
mod registry;
mod returns;
mod router;
mod token_files;
mod webhooks;

pub use budget::{Budget, BudgetReport, Window};
#[cfg(feature = "cassettes")]
pub use cassettes::Recording;
pub use client::{Client, ClientBuilder, Keyed};
pub use config::{Account, Config};
pub use countersign_core::*;
pub use countersign_http::{HttpOptions, HttpTransport};
pub use layers::retry::RetryPolicy;
pub use ledger::{Claim, Ending, Fingerprint, IdempotencyKey, Ledger, MemoryLedger, Reply, Resolution};
pub use plan::{Plan, Plannable, PlannedLink, PlannedRecipient};
pub use registry::vendors;
#[cfg(feature = "axum")]
pub use returns::NotAccepted;
#[cfg(feature = "returns")]
pub use returns::{
    AcceptedReturn, Destination, MemoryNonces, Nonce, NonceStore, ReturnKey, ReturnKeys, ReturnRefused,
    ReturnRoutes, ReturnRoutesBuilder, ReturnState,
};
pub use returns::{Confirmed, Confirmer, Verdict};
pub use router::{
    ByFunction, ByMap, ByPrefix, EnvelopeName, EnvelopeRef, Located, Ownership, Router, RouterBuilder,
    RoutingRule,
};
pub use token_files::FileTokenStore;
pub use webhooks::{DatedStatus, EnvelopeState, FileSeen, MemorySeen, StateChanges, Webhook, WebhookAnswer};
#[cfg(feature = "axum")]
pub use webhooks::{NotVerified, VerifiedWebhook};

/// Recordings of what was said to a vendor, and their replay.
#[cfg(feature = "cassettes")]
pub use countersign_cassette as cassette;

/// The adapters, for applications that make a provider without a configuration file.
pub mod adapters {
    #[cfg(feature = "boldsign")]
    pub use countersign_boldsign as boldsign;
    #[cfg(feature = "docusign")]
    pub use countersign_docusign as docusign;
}

/// The examples of the README are compiled as well.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
