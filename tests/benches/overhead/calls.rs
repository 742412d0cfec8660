//! The four operations, by hand and through the client.

use std::sync::Arc;

use countersign::adapters::docusign::{Credentials, Docusign, DocusignConfig};
use countersign::{
    AccessCode, AccountId, BaseUrl, ChangeAccessCode, Client, CreateView, EnvelopeId, ListRecipients,
    RecipientRef, ResendRecipient, ReturnUrl, SecretString,
};

use crate::by_hand::ByHand;

pub(crate) const ENVELOPE: &str = "5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001";
pub(crate) const OPERATIONS: [&str; 4] =
    ["list_recipients", "create_view", "resend_recipient", "change_access_code"];

const SIGNER: &str = "anna8@example.com";

fn client(url: &str) -> Client {
    let credentials = Credentials::Token(SecretString::from("bench-token"));
    let config = DocusignConfig::new(AccountId::new("acct").unwrap(), credentials)
        .with_base_url(BaseUrl::new(url).unwrap());
    Client::new(Arc::new(Docusign::new(config).unwrap()))
}

pub(crate) async fn by_hand(client: Arc<ByHand>, operation: String) {
    match operation.as_str() {
        "list_recipients" => drop(client.list().await),
        "create_view" => drop(client.view(SIGNER).await),
        "resend_recipient" => client.update(SIGNER, None).await,
        "change_access_code" => client.update(SIGNER, Some("Fresh7")).await,
        other => panic!("no operation is called {other}"),
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
    pub(crate) fn new(url: &str) -> Self {
        let envelope = EnvelopeId::new(ENVELOPE).unwrap();
        let signer: RecipientRef = format!("email:{SIGNER}").parse().unwrap();
        let back = ReturnUrl::new("https://app.example.com/signed").unwrap();
        let code = AccessCode::new("Fresh7").unwrap();
        Self {
            client: client(url),
            list: ListRecipients::new(envelope.clone()),
            view: CreateView::new(envelope.clone(), signer.clone(), back),
            resend: ResendRecipient::new(envelope.clone(), signer.clone()),
            change: ChangeAccessCode::new(envelope, signer, code),
        }
    }
}

pub(crate) async fn through(ours: Arc<Through>, operation: String) {
    match operation.as_str() {
        "list_recipients" => {
            let list = ours.client.list_recipients(&ours.list).await.unwrap();
            assert_eq!(list.recipients.len(), 9);
        }
        "create_view" => drop(ours.client.create_view(&ours.view).await.unwrap()),
        "resend_recipient" => drop(ours.client.resend_recipient(&ours.resend).await.unwrap()),
        "change_access_code" => drop(ours.client.change_access_code(&ours.change).await.unwrap()),
        other => panic!("no operation is called {other}"),
    }
}
