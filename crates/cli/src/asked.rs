//! The account that was asked about an envelope, for errors that may mean that another account has it.

use countersign::{Account, Config, Detail, Error, ErrorKind};

/// The account that was asked about an envelope, and the other configured accounts.
#[derive(Debug)]
pub(crate) struct Asked {
    details: Vec<Detail>,
    other: Option<String>,
}

impl Asked {
    pub(crate) fn of(account: &Account, config: &Config) -> Self {
        let told = |field: &'static str, account: &Account| {
            Detail::new(field, None, Some(format!("{} ({})", account.name(), account.vendor().name)))
        };
        let others: Vec<&Account> =
            config.accounts().filter(|other| other.name() != account.name()).collect();
        let also = others.iter().map(|other| told("also configured", other));
        let details = std::iter::once(told("account asked", account)).chain(also).collect();
        Self { details, other: others.first().map(|other| other.name().to_owned()) }
    }

    /// Adds to a "not found" error which account was asked, and which ones to ask instead.
    pub(crate) fn explain(&self, error: Error) -> Error {
        use ErrorKind::{EnvelopeNotFound, EnvelopeNotReady, PermissionDenied};
        let is_hidden = matches!(error.kind(), EnvelopeNotFound | EnvelopeNotReady | PermissionDenied);
        if !is_hidden || error.problem().is_none() {
            return error;
        }
        let details = [error.details(), &self.details].concat();
        let Some(name) = &self.other else { return error.with_details(details) };
        let hint = error.hint();
        let hint = format!("{hint}; if another account has it, name that account, as in `{name}:ENVELOPE`");
        error.with_details(details).with_hint(hint)
    }
}
