//! Simulates e-signature vendors over real HTTP on loopback, so that everything can be tried without an account.
//!
//! One world holds envelopes, recipients, access codes, links, mails and a clock that can be moved. Each vendor's
//! routes use it with the vendor's own JSON, casing, error bodies and headers. The sandbox shares no code with the
//! adapters, so that a test against it is meaningful.
//!
//! [`rules`] lists what the sandbox does, with evidence; rows graded as a guess may differ from the real vendor.

mod app;
mod calls;
mod control;
mod guard;
mod handle;
mod pages;
mod render;
mod rules;
mod sandbox;
mod secret;
mod serve;
mod vendors;
mod webhooks;
mod world;

pub use calls::{CallSeen, DropWhen, Fault, FaultKind};
pub use guard::is_own_request;
pub use handle::World;
pub use rules::{Evidence, Rule, rules};
pub use sandbox::{Options, Sandbox};
pub use secret::Secret;
// With how each simulated vendor is reached, and its settings.
pub use vendors::*;
pub use webhooks::{
    WebhookAttempt, WebhookDelivery, WebhookFault, WebhookFaultKind, WebhookRequest, WebhookState,
    WebhookTarget, Webhooks,
};
pub use world::{
    Act, ActOutcome, ActResult, Channel, EnvelopeStatus, EnvelopeView, IdentityCheck, Mail, MailKind, Making,
    NewEnvelope, NewRecipient, Phone, Reason, RecipientState, RecipientView, Refused, Role, SignIn, Vendor,
};
