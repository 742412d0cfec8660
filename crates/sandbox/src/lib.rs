//! Plays e-signature vendors over real HTTP on loopback, so that everything can be tried without an account.
//!
//! One world holds envelopes, recipients, access codes, links, mails and a clock that can be moved. Each
//! vendor's routes stand on top of it with that vendor's own JSON, casing, error bodies and headers. Nothing of
//! the adapters is used here, so that a test against the sandbox tests something.
//!
//! [`rules`] lists what the sandbox does and on which evidence; rows graded as a guess may differ from the
//! real vendor.

mod access;
mod app;
mod calls;
mod control;
mod faults;
mod meter;
mod pages;
mod rules;
mod sandbox;
mod secret;
mod serve;
mod settings;
mod vendors;
mod webhooks;
mod world;

pub use access::{BoldsignAccess, DocusignAccess};
pub use calls::CallSeen;
pub use faults::{DropWhen, Fault, FaultKind};
pub use rules::{Evidence, Rule, rules};
pub use sandbox::{Options, Sandbox};
pub use secret::Secret;
pub use settings::Settings;
pub use vendors::Vendor;
pub use webhooks::{
    WebhookAttempt, WebhookDelivery, WebhookFault, WebhookFaultKind, WebhookRequest, WebhookState,
    WebhookTarget, Webhooks,
};
pub use world::{
    Act, ActOutcome, ActResult, Channel, EnvelopeStatus, EnvelopeView, IdentityCheck, Mail, MailKind, Making,
    NewEnvelope, NewRecipient, Phone, Reason, RecipientState, RecipientView, Refused, Role, World,
};
