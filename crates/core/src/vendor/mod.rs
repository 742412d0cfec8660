//! What an adapter is: the four operations, and the vendor as data.

pub(crate) mod capability;
pub(crate) mod conduct;
mod operations;
mod provider;
pub(crate) mod return_url;
mod settings;
mod with_recipient;

pub use operations::Operations;
pub use provider::{Access, Descriptor, Provider};
pub use settings::Settings;
pub use with_recipient::explain_unknown_recipient;
