//! What is measured: four operations, and the calls through the client.

use countersign::budget::Budget;
use countersign::{
    AccessCode, BaseUrl, ChangeAccessCode, Client, CreateView, EnvelopeId, ListRecipients, RecipientRef,
    ResendRecipient, ReturnUrl,
};

use crate::by_hand::Vendor;

pub(crate) const ENVELOPE: &str = "5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001";
pub(crate) const SIGNER: &str = "anna8@example.com";
pub(crate) const CODE: &str = "Fresh7";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    List,
    View,
    Resend,
    AccessCode,
}

impl Operation {
    pub(crate) const ALL: [(&str, Self); 4] = [
        ("list_recipients", Self::List),
        ("create_view", Self::View),
        ("resend_recipient", Self::Resend),
        ("change_access_code", Self::AccessCode),
    ];
}

/// The client with its requests, made once as by hand.
#[derive(Debug)]
pub(crate) struct Through {
    client: Client,
    list: ListRecipients,
    view: CreateView,
    resend: ResendRecipient,
    change: ChangeAccessCode,
}

impl Through {
    pub(crate) fn new(vendor: &Vendor, url: &str) -> Self {
        let envelope = EnvelopeId::new(ENVELOPE).unwrap();
        let signer: RecipientRef = format!("email:{SIGNER}").parse().unwrap();
        let back = ReturnUrl::new("https://app.example.com/signed").unwrap();
        let code = AccessCode::new(CODE).unwrap();
        let provider = (vendor.provider)(BaseUrl::new(url).unwrap());
        Self {
            client: Client::builder(provider).budget(Budget::default().uncounted()).build(),
            list: ListRecipients::new(envelope.clone()),
            view: CreateView::new(envelope.clone(), signer.clone(), back),
            resend: ResendRecipient::new(envelope.clone(), signer.clone()),
            change: ChangeAccessCode::new(envelope, signer, code),
        }
    }

    /// Lists with the status of the envelope, which is a request more.
    #[allow(dead_code, reason = "only the benchmark of the gateway asks for it")]
    pub(crate) fn with_envelope_status(mut self) -> Self {
        self.list.envelope_status = true;
        self
    }

    pub(crate) async fn call(&self, operation: Operation) {
        match operation {
            Operation::List => {
                let list = self.client.list_recipients(&self.list).await.unwrap();
                assert_eq!(list.recipients.len(), 9);
            }
            Operation::View => drop(self.client.create_view(&self.view).await.unwrap()),
            Operation::Resend => drop(self.client.resend_recipient(&self.resend).await.unwrap()),
            Operation::AccessCode => drop(self.client.change_access_code(&self.change).await.unwrap()),
        }
    }
}
