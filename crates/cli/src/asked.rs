//! The account that was asked about an envelope, for errors that may mean that another account has it.

use countersign::{Account, Config, Detail, Error, ErrorKind};

/// The account that was asked about an envelope, and the other configured accounts.
#[derive(Debug)]
pub(crate) struct Asked {
    account: String,
    others: Vec<(String, String)>,
}

impl Asked {
    pub(crate) fn of(account: &Account, config: &Config) -> Self {
        let others = config.accounts().filter(|other| other.name() != account.name());
        let others = others.map(|other| (other.name().to_owned(), shown(other))).collect();
        Self { account: shown(account), others }
    }

    /// Adds to a "not found" error which account was asked, and which ones to ask instead.
    pub(crate) fn explain(&self, error: Error) -> Error {
        use ErrorKind::{EnvelopeNotFound, EnvelopeNotReady, PermissionDenied};
        let is_hidden = matches!(error.kind(), EnvelopeNotFound | EnvelopeNotReady | PermissionDenied);
        if !is_hidden || error.problem().is_none() {
            return error;
        }
        let told = |field: &str, account: &str| Detail::new(field.to_owned(), None, Some(account.to_owned()));
        let mut details = error.details().to_vec();
        details.push(told("account asked", &self.account));
        details.extend(self.others.iter().map(|(_, shown)| told("also configured", shown)));
        let hint = match self.others.first() {
            Some((name, _)) => {
                format!(
                    "{}; if another account has it, name that account, as in `{name}:ENVELOPE`",
                    error.hint()
                )
            }
            None => error.hint().to_owned(),
        };
        error.with_details(details).with_hint(hint)
    }
}

fn shown(account: &Account) -> String {
    format!("{} ({})", account.name(), account.vendor().name)
}
