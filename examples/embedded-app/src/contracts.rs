//! The contracts.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use countersign::EnvelopeId;

use crate::known::Known;

/// Something to be signed by one person.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contract {
    /// The account's name in the configuration.
    pub account: String,
    /// The envelope at the vendor.
    pub envelope: EnvelopeId,
    /// What it is.
    pub title: String,
    /// Who is to sign.
    pub signer_name: String,
    /// Their address.
    pub signer_email: String,
    /// The access code that they were told at the start, for the sake of this demonstration.
    pub access_code: Option<String>,
}

impl Contract {
    /// The path of its page.
    #[must_use]
    pub fn path(&self) -> String {
        let encode = |text| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC);
        // The vendors' ids are letters, digits, hyphens and underscores.
        let envelope = encode(self.envelope.as_str()).to_string().replace("%2D", "-").replace("%5F", "_");
        format!("/contracts/{}/{envelope}", encode(&self.account))
    }
}

/// All contracts. Clones show the same ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contracts(Arc<Mutex<Vec<(Contract, Known)>>>);

impl Contracts {
    fn lock(&self) -> MutexGuard<'_, Vec<(Contract, Known)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, contract: Contract) {
        self.lock().push((contract, Known::default()));
    }

    pub(crate) fn all(&self) -> Vec<(Contract, Known)> {
        self.lock().clone()
    }

    pub(crate) fn find(&self, account: &str, envelope: &str) -> Option<(Contract, Known)> {
        let all = self.lock();
        all.iter().find(|(contract, _)| is(contract, account, envelope)).cloned()
    }

    /// Changes what is known of a contract.
    pub(crate) fn update(&self, contract: &Contract, change: impl FnOnce(&mut Known)) {
        let mut all = self.lock();
        let found = all.iter_mut().find(|(one, _)| is(one, &contract.account, contract.envelope.as_str()));
        if let Some((_, known)) = found {
            change(known);
        }
    }
}

fn is(contract: &Contract, account: &str, envelope: &str) -> bool {
    contract.account == account && contract.envelope.as_str() == envelope
}
