//! The sandbox's vendors as accounts. The sandbox itself knows the vendors and the credentials that each needs, so
//! that no vendor is named here.

use countersign::provider::{Facts, Feature, RecipientField};
use countersign::{Config, Error, ErrorKind, Result};
use countersign_sandbox::{Sandbox, Vendor};

/// A vendor that the sandbox simulates, and the configuration of an account there.
pub(crate) struct SandboxAccount {
    /// The sandbox's own identifier for it.
    pub(crate) vendor: Vendor,
    /// The account's name in the configuration: the vendor's name.
    pub(crate) account: &'static str,
    /// Keys with dots between their parts, and values; some are secrets.
    keys: Vec<(String, String)>,
}

/// Every vendor that is both built in and simulated by the sandbox, in the order of the documentation.
pub(crate) fn vendors(sandbox: &Sandbox) -> Vec<SandboxAccount> {
    let built_in = countersign::vendors().iter().filter_map(|one| Vendor::named(one.name));
    let account = |vendor: Vendor| {
        let keys = sandbox.account(vendor).into_iter();
        let keys = keys.map(|(key, value)| (key.to_owned(), value.expose().to_owned()));
        SandboxAccount { vendor, account: vendor.id(), keys: keys.collect() }
    };
    built_in.map(account).collect()
}

/// Whether signers at this vendor can have access codes.
pub(crate) fn has_codes(vendor: Vendor) -> bool {
    facts(vendor).is_some_and(|facts| facts.offers(Feature::ChangeAccessCode).is_ok())
}

/// Whether the vendor's list shows who is locked.
pub(crate) fn lists_locks(vendor: Vendor) -> bool {
    facts(vendor).is_some_and(|facts| facts.lists(RecipientField::AccessCodeFailed))
}

fn facts(vendor: Vendor) -> Option<&'static Facts> {
    countersign::vendors().iter().find(|one| one.name == vendor.id()).map(|one| &*one.facts)
}

impl SandboxAccount {
    /// The secrets that check the account's webhooks.
    pub(crate) fn with_webhook_secrets(&mut self, secrets: &[String]) {
        if !secrets.is_empty() {
            // After the vendor, and before the tables.
            self.keys.insert(1, ("webhook_secrets".to_owned(), secrets.join("\n")));
        }
    }
}

/// The accounts as a configuration that is never written to disk.
pub(crate) fn config(accounts: &[SandboxAccount]) -> Result<Config> {
    let variables = accounts.iter().flat_map(|one| {
        let name = |key: &str| format!("COUNTERSIGN_ACCOUNTS__{}__{}", one.account, key.replace('.', "__"));
        one.keys.iter().map(move |(key, value)| (name(key), value.clone()))
    });
    Config::read(None, variables)
}

pub(crate) fn toml(accounts: &[SandboxAccount]) -> String {
    let mut text =
        "# Accounts of a countersign sandbox. Every start of the sandbox creates new keys.\n".to_owned();
    if let Some(first) = accounts.first() {
        text.push_str(&format!("default_account = \"{}\"\n", first.account));
    }
    for one in accounts {
        text.push_str(&format!("\n[accounts.{}]\n", one.account));
        let mut open = "";
        for (path, value) in &one.keys {
            let (table, key) = path.split_once('.').unwrap_or(("", path));
            if table != open {
                text.push_str(&format!("[accounts.{}.{table}]\n", one.account));
                open = table;
            }
            text.push_str(&format!("{key} = {}\n", quoted(value)));
        }
    }
    text
}

/// A TOML text. Values of several lines stay readable.
fn quoted(value: &str) -> String {
    if value.contains('\n')
        && !value.contains("'''")
        && !value.contains(|c: char| c.is_control() && c != '\n')
    {
        return format!("'''\n{value}'''");
    }
    // JSON strings are valid TOML strings, except for DEL, which occurs in no key, id or URL.
    serde_json::Value::from(value).to_string()
}

/// The accounts that `name` selects.
///
/// # Errors
/// `Unsupported` if the sandbox does not simulate that vendor.
pub(crate) fn chosen(mut accounts: Vec<SandboxAccount>, name: Option<&str>) -> Result<Vec<SandboxAccount>> {
    let Some(name) = name else { return Ok(accounts) };
    let known: Vec<&str> = accounts.iter().map(|one| one.account).collect();
    let hint = format!("it plays: {}", known.join(", "));
    accounts.retain(|one| one.account.eq_ignore_ascii_case(name));
    if accounts.is_empty() {
        let message = format!("the sandbox does not simulate {name}");
        return Err(Error::new(ErrorKind::Unsupported, message).with_hint(hint));
    }
    Ok(accounts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_one_and_of_several_lines() {
        assert_eq!(quoted("a\"b\\c"), r#""a\"b\\c""#);
        assert_eq!(quoted("a\nb\n"), "'''\na\nb\n'''");
        assert_eq!(quoted("a\n'''b"), r#""a\n'''b""#);
    }

    #[test]
    fn a_file_with_an_assertion_and_one_with_an_api_key() {
        let signed = [
            ("vendor", "acme"),
            ("base_url", "http://x"),
            ("auth.kind", "jwt"),
            ("auth.user_id", "u"),
            ("auth.private_key", "K\nK\n"),
        ];
        let plain =
            [("vendor", "beta"), ("base_url", "http://x"), ("auth.kind", "api_key"), ("auth.api_key", "k")];
        let accounts =
            [("acme", signed.as_slice()), ("beta", &plain)].map(|(account, keys)| SandboxAccount {
                vendor: Vendor::named(countersign::vendors()[0].name).expect("a vendor"),
                account,
                keys: keys.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            });
        insta::assert_snapshot!(toml(&accounts));
    }
}
