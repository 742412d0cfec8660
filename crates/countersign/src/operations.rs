//! A client is something that the four operations can be asked of.

use async_trait::async_trait;
use countersign_core::{
    AccessCodeChanged, ChangeAccessCode, CreateView, Descriptor, ListRecipients, Operations, Recipients,
    ResendRecipient, Resent, Result, SigningView, Timestamp,
};

use crate::client::Client;

#[async_trait]
impl Operations for Client {
    fn descriptor(&self) -> &'static Descriptor {
        Client::descriptor(self)
    }

    fn now(&self) -> Timestamp {
        Client::now(self)
    }

    async fn create_view(&self, request: &CreateView) -> Result<SigningView> {
        Client::create_view(self, request).await
    }

    async fn resend_recipient(&self, request: &ResendRecipient) -> Result<Resent> {
        Client::resend_recipient(self, request).await
    }

    async fn change_access_code(&self, request: &ChangeAccessCode) -> Result<AccessCodeChanged> {
        Client::change_access_code(self, request).await
    }

    async fn list_recipients(&self, request: &ListRecipients) -> Result<Recipients> {
        Client::list_recipients(self, request).await
    }
}
