//! The account that a scenario asks for, at a vendor that the sandbox plays.

use std::sync::Arc;

use countersign::provider::{Descriptor, Provider, Settings};
use countersign::secrecy::SecretString;
use countersign_sandbox::{Sandbox, SignIn, Vendor};
use countersign_testkit::conformance::{Account, Scenario, Step};
use countersign_tests::table;

/// A provider for the account, and its secrets.
pub(crate) fn provider(
    vendor: Vendor,
    descriptor: &Descriptor,
    sandbox: &Sandbox,
    scenario: &Scenario,
) -> Result<(Arc<dyn Provider>, Vec<SecretString>), String> {
    let sign_in = match scenario.story.account {
        Account::Other => SignIn::Other,
        Account::WrongKey => SignIn::Refused,
        // Where keys do not expire, an application's token does.
        _ if scenario.story.before.contains(&Step::TokenExpires) => SignIn::Application,
        _ => SignIn::Own,
    };
    let rows = match sandbox.account_with(vendor, sign_in) {
        Some(rows) => rows,
        None if sign_in == SignIn::Application => sandbox.account(vendor),
        None => return Err(format!("the sandbox has no account {sign_in:?} at {}", vendor.id())),
    };
    let settings = Settings::new("accounts.sandbox", table(rows), None, |_| None);
    let provider = (descriptor.build)(&settings).map_err(|error| error.to_string())?;
    let secrets = sandbox.secrets(vendor).iter().map(|secret| secret.expose().into()).collect();
    Ok((provider, secrets))
}
