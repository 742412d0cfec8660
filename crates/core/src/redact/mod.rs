//! Untrusted text made safe: secrets by value, by member name and by shape, and control characters.

mod escape;
mod members;
mod secrets;
mod text;

pub use escape::{escape_control, is_harmful};
pub use members::is_secret_member;
pub use secrets::{REDACTED, redact};
pub use text::{RedactedText, Segment};

pub(crate) use escape::sentence;
pub(crate) use members::{redact_fields, redact_looks, redact_members};
pub(crate) use secrets::WIDEST;
