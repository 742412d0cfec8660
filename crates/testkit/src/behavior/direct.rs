//! A provider with its transport and clock, without a client.

use std::sync::Arc;

use async_trait::async_trait;
use countersign_core::{
    AccessCodeChanged, ChangeAccessCode, Clock, Context, CreateView, Descriptor, ListRecipients, Operation,
    Operations, Provider, Recipients, ResendRecipient, Resent, Result, SigningView, SystemClock, Timestamp,
    Transport,
};

/// A provider that is called directly: each call once, without the layers of a client.
#[derive(Debug, Clone)]
#[must_use]
pub struct Direct {
    provider: Arc<dyn Provider>,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
}

impl Direct {
    /// Over a transport, by the system's clock.
    pub fn new(provider: Arc<dyn Provider>, transport: Arc<dyn Transport>) -> Self {
        Self { provider, transport, clock: Arc::new(SystemClock) }
    }

    /// By another clock.
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    fn context(&self, operation: Operation) -> Context {
        Context::new(operation, Arc::clone(&self.transport), Arc::clone(&self.clock))
    }
}

#[async_trait]
impl Operations for Direct {
    fn descriptor(&self) -> &'static Descriptor {
        self.provider.descriptor()
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn create_view(&self, request: &CreateView) -> Result<SigningView> {
        self.provider.create_view(&self.context(Operation::CreateView), request).await
    }

    async fn resend_recipient(&self, request: &ResendRecipient) -> Result<Resent> {
        self.provider.resend_recipient(&self.context(Operation::ResendRecipient), request).await
    }

    async fn change_access_code(&self, request: &ChangeAccessCode) -> Result<AccessCodeChanged> {
        self.provider.change_access_code(&self.context(Operation::ChangeAccessCode), request).await
    }

    async fn list_recipients(&self, request: &ListRecipients) -> Result<Recipients> {
        self.provider.list_recipients(&self.context(Operation::ListRecipients), request).await
    }
}
