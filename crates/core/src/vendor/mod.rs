//! What an adapter is: the four operations, and the vendor as data.

pub(crate) mod capability;
pub(crate) mod conduct;
mod provider;
pub(crate) mod return_url;
mod settings;
mod signing_return;
mod with_recipient;

pub use provider::{Access, Descriptor, Operations, Provider};
pub use settings::Settings;
pub use signing_return::SigningReturn;
pub use with_recipient::explain_unknown_recipient;
