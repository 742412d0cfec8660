//! What is measured: four vendors, four operations, and the calls through the client.

use std::sync::Arc;

use countersign::adapters::boldsign::{Boldsign, BoldsignConfig};
use countersign::adapters::documenso::{Documenso, DocumensoConfig};
use countersign::adapters::docusign::{Credentials, Docusign, DocusignConfig};
use countersign::adapters::pandadoc::{self, Pandadoc, PandadocConfig};
use countersign::budget::Budget;
use countersign::provider::Provider;
use countersign::secrecy::SecretString;
use countersign::{
    AccessCode, AccountId, BaseUrl, ChangeAccessCode, Client, CreateView, EnvelopeId, ListRecipients,
    RecipientRef, ResendRecipient, ReturnUrl,
};

pub(crate) const ENVELOPE: &str = "5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001";
pub(crate) const SIGNER: &str = "anna8@example.com";
pub(crate) const CODE: &str = "Fresh7";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vendor {
    Docusign,
    Boldsign,
    Documenso,
    Pandadoc,
}

impl Vendor {
    pub(crate) const ALL: [(&str, Self); 4] = [
        ("docusign", Self::Docusign),
        ("boldsign", Self::Boldsign),
        ("documenso", Self::Documenso),
        ("pandadoc", Self::Pandadoc),
    ];
}

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

    /// How many exchanges it takes at a vendor, on both sides: the list, and the change. Documenso's link is in the
    /// list, and its resend looks into the log before and after. `None` for what the vendor does not have.
    pub(crate) fn exchanges(self, vendor: Vendor) -> Option<i64> {
        match (vendor, self) {
            (Vendor::Documenso, Self::AccessCode) => None,
            (Vendor::Documenso, Self::Resend) => Some(4),
            (_, Self::List) | (Vendor::Documenso, Self::View) => Some(1),
            _ => Some(2),
        }
    }
}

fn provider(vendor: Vendor, url: &str) -> Arc<dyn Provider> {
    let base = BaseUrl::new(url).unwrap();
    match vendor {
        Vendor::Docusign => {
            let credentials = Credentials::Token(SecretString::from("bench-token"));
            let config =
                DocusignConfig::new(AccountId::new("acct").unwrap(), credentials).with_base_url(base);
            Arc::new(Docusign::new(config).unwrap())
        }
        Vendor::Boldsign => {
            let config = BoldsignConfig::new(SecretString::from("bench-key")).with_base_url(base);
            Arc::new(Boldsign::new(config).unwrap())
        }
        Vendor::Documenso => {
            let config = DocumensoConfig::new(base, SecretString::from("bench-key"));
            Arc::new(Documenso::new(config).unwrap())
        }
        Vendor::Pandadoc => {
            let key = pandadoc::Credentials::ApiKey(SecretString::from("bench-key"));
            let config = PandadocConfig::new(key, "com").unwrap().with_base_url(base);
            Arc::new(Pandadoc::new(config).unwrap())
        }
    }
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
    pub(crate) fn new(vendor: Vendor, url: &str) -> Self {
        let envelope = EnvelopeId::new(ENVELOPE).unwrap();
        let signer: RecipientRef = format!("email:{SIGNER}").parse().unwrap();
        let back = ReturnUrl::new("https://app.example.com/signed").unwrap();
        let code = AccessCode::new(CODE).unwrap();
        Self {
            client: Client::builder(provider(vendor, url)).budget(Budget::default().uncounted()).build(),
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
