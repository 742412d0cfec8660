//! The data of a call: requests, replies and their parts. Values are validated when they are created.

mod call;
mod clock;
mod fields;
mod ids;
mod operation;
mod recipient;
mod recipient_ref;
mod reply;
mod request;
mod status;
mod text_file;
mod urls;
pub(crate) mod word;

pub use call::{Call, SentFor};
pub use clock::{Clock, SystemClock, Timestamp, read_instant};
pub use fields::FieldMap;
pub use ids::{AccessCode, AccountId, Email, EnvelopeId, InvalidValue, Phone, RecipientId};
pub(crate) use ids::{is_guid, refuse, shown};
pub use operation::{Effect, Operation};
pub use recipient::{
    AccessCodeState, GroupMember, IdentityCheck, Recipient, RecipientStatus, Role, VendorFields,
};
pub use recipient_ref::RecipientRef;
pub use reply::{
    AccessCodeChanged, Channel, MailExpectation, NoMail, Recipients, Resent, ResentTo, ReturnsTo,
    SigningView, Unlocking,
};
pub use request::{
    AuthenticationMethod, ChangeAccessCode, CreateView, ListRecipients, Ping, ResendRecipient, ResendTarget,
};
pub use status::{EnvelopeStatus, ReturnOutcome};
pub use text_file::{
    TextFileError, is_open_to_all, read_bytes, read_bytes_from, read_text, read_text_from, without_mark,
};
pub use urls::{BaseUrl, Origin, ReturnUrl, SigningLink, WebUrl};
