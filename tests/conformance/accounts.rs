//! Accounts at the vendors that the sandbox plays, as a configuration would have them.

use std::sync::Arc;

use countersign::provider::{Descriptor, Provider, Settings};
use countersign::secrecy::SecretString;
use countersign_sandbox::{Sandbox, Vendor};
use countersign_testkit::conformance::{Account, Scenario, Step};
use serde_json::{Value, json};

/// A GUID that is no account's.
const OTHER_ACCOUNT: &str = "5d0c0009-7b5e-4b62-9f7e-000000000009";
/// A key that no account has.
const WRONG_KEY: &str = "5d0c0008-7b5e-4b62-9f7e-000000000008";

/// A provider for the account that a scenario asks for, and its secrets.
pub(crate) fn provider(
    vendor: Vendor,
    descriptor: &Descriptor,
    sandbox: &Sandbox,
    scenario: &Scenario,
) -> Result<(Arc<dyn Provider>, Vec<SecretString>), String> {
    let (config, secrets) = match vendor.id() {
        "docusign" => docusign(sandbox, scenario.story.account),
        "boldsign" => boldsign(sandbox, scenario),
        "documenso" => documenso(sandbox, scenario.story.account),
        "pandadoc" => pandadoc(sandbox, scenario.story.account),
        other => return Err(format!("this file has no account at {other}")),
    };
    let Value::Object(table) = config else { return Err("the account's settings are no table".to_owned()) };
    let settings = Settings::new("accounts.sandbox", table, None, |_| None);
    let provider = (descriptor.build)(&settings).map_err(|error| error.to_string())?;
    Ok((provider, secrets))
}

fn docusign(sandbox: &Sandbox, account: Account) -> (Value, Vec<SecretString>) {
    let access = sandbox.docusign();
    let key = access.private_key_pem.expose().to_owned();
    let config = json!({
        "vendor": "docusign",
        "account_id": if account == Account::Other { OTHER_ACCOUNT } else { &access.account_id },
        "base_url": access.base_url,
        "oauth_url": access.oauth_url,
        "auth": {
            "kind": "jwt",
            "integration_key": if account == Account::WrongKey { WRONG_KEY } else { &access.integration_key },
            "user_id": access.user_id,
            "private_key": key,
        },
    });
    (config, vec![key.into()])
}

/// The other account is another team's, which sees none of the envelopes.
fn documenso(sandbox: &Sandbox, account: Account) -> (Value, Vec<SecretString>) {
    let access = sandbox.documenso();
    let key = match account {
        Account::Other => access.other_key.expose().to_owned(),
        Account::WrongKey => WRONG_KEY.to_owned(),
        _ => access.api_key.expose().to_owned(),
    };
    let auth = json!({"kind": "api_key", "api_key": key});
    (json!({"vendor": "documenso", "base_url": access.base_url, "auth": auth}), vec![key.into()])
}

/// The other account is another workspace's, which sees none of the documents.
fn pandadoc(sandbox: &Sandbox, account: Account) -> (Value, Vec<SecretString>) {
    let access = sandbox.pandadoc();
    let key = match account {
        Account::Other => access.other_key.expose().to_owned(),
        Account::WrongKey => WRONG_KEY.to_owned(),
        _ => access.api_key.expose().to_owned(),
    };
    let auth = json!({"kind": "api_key", "api_key": key});
    let (base, app) = (access.base_url, access.app_url);
    (json!({"vendor": "pandadoc", "base_url": base, "app_url": app, "auth": auth}), vec![key.into()])
}

/// With a key, or where a token has to expire, with an OAuth application.
fn boldsign(sandbox: &Sandbox, scenario: &Scenario) -> (Value, Vec<SecretString>) {
    let access = sandbox.boldsign();
    let base = if scenario.story.account == Account::Other { access.eu_base_url } else { access.base_url };
    if scenario.story.before.contains(&Step::TokenExpires) {
        let secret = access.client_secret.expose().to_owned();
        let auth =
            json!({"kind": "client_credentials", "client_id": access.client_id, "client_secret": secret});
        let config =
            json!({"vendor": "boldsign", "base_url": base, "oauth_url": access.oauth_url, "auth": auth});
        return (config, vec![secret.into()]);
    }
    let wrong = scenario.story.account == Account::WrongKey;
    let key = if wrong { WRONG_KEY.to_owned() } else { access.api_key.expose().to_owned() };
    let auth = json!({"kind": "api_key", "api_key": key});
    (json!({"vendor": "boldsign", "base_url": base, "auth": auth}), vec![key.into()])
}
