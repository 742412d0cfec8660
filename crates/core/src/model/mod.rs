//! What a call is about: the requests, the replies and their parts. Values check themselves when they are made.

mod call;
mod clock;
mod envelope_status;
mod fields;
mod ids;
mod operation;
mod recipient;
mod recipient_ref;
mod reply;
mod request;
mod urls;

pub use call::{Call, SentFor};
pub use clock::{Clock, SystemClock, Timestamp, read_instant};
pub use envelope_status::EnvelopeStatus;
pub use fields::FieldMap;
pub use ids::{AccessCode, AccountId, Email, EnvelopeId, InvalidValue, Phone, RecipientId};
pub use operation::{Effect, Operation};
pub use recipient::{AccessCodeState, IdentityCheck, Recipient, RecipientStatus, Role, VendorFields};
pub use recipient_ref::RecipientRef;
pub use reply::{
    AccessCodeChanged, MailExpectation, NoMail, Recipients, Resent, ResentTo, SigningView, Unlocking,
};
pub use request::{
    AuthenticationMethod, ChangeAccessCode, CreateView, ListRecipients, Ping, ResendRecipient, ResendTarget,
};
pub use urls::{BaseUrl, Origin, ReturnUrl, SigningLink, WebUrl};
