//! The same calls as an application would write them for one vendor: reqwest, serde, the members it needs, a time
//! limit, no redirects.

pub(crate) mod boldsign;
pub(crate) mod documenso;
pub(crate) mod docusign;
pub(crate) mod pandadoc;

use crate::calls::{Operation, Vendor};

/// One vendor by hand.
#[derive(Debug)]
pub(crate) enum ByHand {
    Docusign(docusign::ByHand),
    Boldsign(boldsign::ByHand),
    Documenso(documenso::ByHand),
    Pandadoc(pandadoc::ByHand),
}

impl ByHand {
    pub(crate) fn new(vendor: Vendor, url: &str) -> Self {
        match vendor {
            Vendor::Docusign => Self::Docusign(docusign::ByHand::new(url)),
            Vendor::Boldsign => Self::Boldsign(boldsign::ByHand::new(url)),
            Vendor::Documenso => Self::Documenso(documenso::ByHand::new(url)),
            Vendor::Pandadoc => Self::Pandadoc(pandadoc::ByHand::new(url)),
        }
    }

    pub(crate) async fn call(&self, operation: Operation) {
        let (signer, code) = (crate::calls::SIGNER, crate::calls::CODE);
        match (self, operation) {
            (Self::Docusign(hand), Operation::List) => drop(hand.list().await),
            (Self::Docusign(hand), Operation::View) => drop(hand.view(signer).await),
            (Self::Docusign(hand), Operation::Resend) => hand.update(signer, None).await,
            (Self::Docusign(hand), Operation::AccessCode) => hand.update(signer, Some(code)).await,
            (Self::Boldsign(hand), Operation::List) => drop(hand.list().await),
            (Self::Boldsign(hand), Operation::View) => drop(hand.view(signer).await),
            (Self::Boldsign(hand), Operation::Resend) => hand.remind(signer).await,
            (Self::Boldsign(hand), Operation::AccessCode) => hand.change(signer, code).await,
            (Self::Documenso(hand), Operation::List) => drop(hand.list().await),
            (Self::Documenso(hand), Operation::View) => drop(hand.view(signer).await),
            (Self::Documenso(hand), Operation::Resend) => hand.resend(signer).await,
            (Self::Documenso(_), Operation::AccessCode) => panic!("it has no access codes"),
            (Self::Pandadoc(hand), Operation::List) => drop(hand.list().await),
            (Self::Pandadoc(hand), Operation::View) => drop(hand.view(signer).await),
            (Self::Pandadoc(hand), Operation::Resend) => hand.remind(signer).await,
            (Self::Pandadoc(hand), Operation::AccessCode) => hand.change(signer, code).await,
        }
    }
}

fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(std::time::Duration::from_secs(30))
        .build()
        .unwrap()
}
