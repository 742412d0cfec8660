//! The world: envelopes, recipients, codes, links, mails and a clock, all vendor-neutral.

mod act;
mod actions;
mod context;
mod create;
mod document;
mod envelope;
mod events;
mod find;
mod links;
mod mail;
mod new;
mod refused;
mod sender;
mod sources;
mod state;
mod vendor;
mod view;
mod visits;
mod words;

pub use act::{Act, ActResult};
pub use actions::ActOutcome;
pub use envelope::{Phone, RecipientState, Role};
pub use mail::{Channel, Mail, MailKind};
pub use new::{Making, NewEnvelope, NewRecipient};
pub use refused::{Reason, Refused};
pub use vendor::{SignIn, Vendor};
pub use view::{EnvelopeView, IdentityCheck, RecipientView};
pub use words::EnvelopeStatus;

pub(crate) use context::Context;
pub(crate) use create::When;
pub(crate) use document::Document;
pub(crate) use envelope::{CodeResult, Envelope, Happening, Identity, Recipient};
pub(crate) use events::Event;
pub(crate) use links::{Framing, Link, Opening, Ping, Terms};
pub(crate) use new::yes;
pub(crate) use sender::Correction;
pub(crate) use sources::{DAY, after};
pub(crate) use state::{Live, State, lock};
pub(crate) use vendor::{SENDER_EMAIL, SENDER_NAME, Traits};
pub(crate) use visits::Visit;
pub(crate) use words::{Attempt, Ending, News, What};
