//! The four operations, ready to be asked for: what a client is, and what tests of behaviour need.

use async_trait::async_trait;

use crate::error::Result;
use crate::model::{
    AccessCodeChanged, ChangeAccessCode, CreateView, ListRecipients, Recipients, ResendRecipient, Resent,
    SigningView, Timestamp,
};
use crate::vendor::Descriptor;

/// An account at a vendor that the four operations can be asked of, with everything that they need: a client, or a
/// provider with its transport. Applications that are to run over either take this.
#[async_trait]
pub trait Operations: Send + Sync {
    /// The vendor and what it can do.
    fn descriptor(&self) -> &'static Descriptor;

    /// The present instant, by the clock that the calls go by.
    fn now(&self) -> Timestamp;

    /// Makes a link under which one recipient signs.
    async fn create_view(&self, request: &CreateView) -> Result<SigningView>;

    /// Sends the request to sign once more.
    async fn resend_recipient(&self, request: &ResendRecipient) -> Result<Resent>;

    /// Gives a recipient another access code.
    async fn change_access_code(&self, request: &ChangeAccessCode) -> Result<AccessCodeChanged>;

    /// Tells who is on an envelope and how far they are.
    async fn list_recipients(&self, request: &ListRecipients) -> Result<Recipients>;
}
