//! The sandbox's vendors as accounts. Which vendors there are, and what each needs to be let in, is asked of the sandbox
//! itself, so that no vendor is named here.

use std::collections::BTreeMap;

use countersign::{Config, Error, ErrorKind, HttpTransport, Limits, Result, Transport};
use countersign_sandbox::{Sandbox, Vendor};

use crate::context::unexpected;

/// What the sandbox tells of one vendor: what is needed to be let in, by name.
type Access = BTreeMap<String, String>;

/// A vendor that the sandbox plays, and the configuration of an account there.
pub(crate) struct SandboxAccount {
    /// The sandbox's own handle for it.
    pub(crate) vendor: Vendor,
    /// The account's name in the configuration: the vendor's.
    pub(crate) account: &'static str,
    /// Keys, with dots between the parts, and values; some are secrets.
    keys: Vec<(String, String)>,
}

/// Every vendor that the sandbox plays and that is built in, in the order of the documentation.
///
/// # Errors
/// When the sandbox does not answer as it should.
pub(crate) async fn vendors(sandbox: &Sandbox) -> Result<Vec<SandboxAccount>> {
    let mut told = ask(&sandbox.url()).await?;
    let known =
        countersign::vendors().iter().filter_map(|vendor| Some((vendor.name, told.remove(vendor.name)?)));
    known.map(|(name, access)| SandboxAccount::new(name, &access)).collect()
}

/// Asks over the network, as any other program would that wants to use the sandbox.
async fn ask(url: &str) -> Result<BTreeMap<String, Access>> {
    let strange =
        || Error::new(ErrorKind::InvalidResponse, "the sandbox does not tell how to reach its vendors");
    let request = http::Request::get(format!("{url}/_sandbox/access")).body(bytes::Bytes::new());
    let request = request.map_err(|error| strange().with_source(error))?;
    let answer = HttpTransport::default().send(request, &Limits::default()).await;
    let answer = answer.map_err(|error| strange().with_source(error))?;
    serde_json::from_slice(answer.body()).map_err(|error| strange().with_source(error))
}

impl SandboxAccount {
    fn new(name: &'static str, access: &Access) -> Result<Self> {
        let vendor = serde_json::from_value(name.into());
        let vendor =
            vendor.map_err(|error| unexpected("the sandbox has no handle for one of its vendors", error))?;
        Ok(Self { vendor, account: name, keys: keys(name, access) })
    }

    /// With what the account's webhooks are checked with.
    pub(crate) fn with_webhook_secrets(&mut self, secrets: &[String]) {
        if !secrets.is_empty() {
            // Behind the vendor, and before the tables.
            self.keys.insert(1, ("webhook_secrets".to_owned(), secrets.join("\n")));
        }
    }
}

/// The configuration's keys for what the sandbox tells. Whoever has a private key signs in with a signed assertion, the
/// others with an API key; the adapter checks that nothing is missing.
fn keys(vendor: &str, access: &Access) -> Vec<(String, String)> {
    const ASSERTION: [(&str, &str); 3] = [
        ("auth.integration_key", "integration_key"),
        ("auth.user_id", "user_id"),
        ("auth.private_key", "private_key_pem"),
    ];
    const API_KEY: [(&str, &str); 1] = [("auth.api_key", "api_key")];
    const PLAIN: [(&str, &str); 3] =
        [("account_id", "account_id"), ("base_url", "base_url"), ("oauth_url", "oauth_url")];
    let (kind, credentials) = if access.contains_key("private_key_pem") {
        ("jwt", ASSERTION.as_slice())
    } else {
        ("api_key", API_KEY.as_slice())
    };
    let told = |rows: &[(&str, &str)]| -> Vec<(String, String)> {
        rows.iter().filter_map(|(key, name)| Some(((*key).to_owned(), access.get(*name)?.clone()))).collect()
    };
    let mut keys = vec![("vendor".to_owned(), vendor.to_owned())];
    keys.extend(told(&PLAIN));
    keys.push(("auth.kind".to_owned(), kind.to_owned()));
    keys.extend(told(credentials));
    keys
}

/// The accounts as a configuration that stands nowhere on disk.
///
/// # Errors
/// `Config` when the accounts cannot be understood.
pub(crate) fn config(accounts: &[SandboxAccount]) -> Result<Config> {
    let variables = accounts.iter().flat_map(|one| {
        let name = |key: &str| format!("COUNTERSIGN_ACCOUNTS__{}__{}", one.account, key.replace('.', "__"));
        one.keys.iter().map(move |(key, value)| (name(key), value.clone()))
    });
    Config::read(None, variables)
}

/// The accounts as a file.
pub(crate) fn toml(accounts: &[SandboxAccount]) -> String {
    let mut text = "# Accounts of a countersign sandbox. Its keys are made anew at every start.\n".to_owned();
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

/// A TOML text. Keys of several lines stay readable.
fn quoted(value: &str) -> String {
    if value.contains('\n')
        && !value.contains("'''")
        && !value.contains(|c: char| c.is_control() && c != '\n')
    {
        return format!("'''\n{value}'''");
    }
    // JSON's texts are TOML's too, but for DEL, which occurs in no key, id or URL.
    serde_json::Value::from(value).to_string()
}

/// Those that `name` asks for.
///
/// # Errors
/// `Unsupported` when the sandbox does not play that vendor.
pub(crate) fn chosen(mut accounts: Vec<SandboxAccount>, name: Option<&str>) -> Result<Vec<SandboxAccount>> {
    let Some(name) = name else { return Ok(accounts) };
    let known: Vec<&str> = accounts.iter().map(|one| one.account).collect();
    let hint = format!("it plays: {}", known.join(", "));
    accounts.retain(|one| one.account.eq_ignore_ascii_case(name));
    if accounts.is_empty() {
        let message = format!("the sandbox does not play {name}");
        return Err(Error::new(ErrorKind::Unsupported, message).with_hint(hint));
    }
    Ok(accounts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(members: &[(&str, &str)]) -> Access {
        members.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn texts_of_one_and_of_several_lines() {
        assert_eq!(quoted("a\"b\\c"), r#""a\"b\\c""#);
        assert_eq!(quoted("a\nb\n"), "'''\na\nb\n'''");
        assert_eq!(quoted("a\n'''b"), r#""a\n'''b""#);
    }

    #[test]
    fn a_file_with_an_assertion_and_one_with_an_api_key() {
        let signed = access(&[
            ("base_url", "http://x"),
            ("private_key_pem", "K\nK\n"),
            ("user_id", "u"),
            ("other", "o"),
        ]);
        let plain = access(&[("base_url", "http://x"), ("api_key", "k"), ("bearer_token", "t")]);
        let accounts = [("acme", signed), ("beta", plain)].map(|(name, access)| SandboxAccount {
            vendor: serde_json::from_value(countersign::vendors()[0].name.into()).expect("a vendor"),
            account: name,
            keys: keys(name, &access),
        });
        insta::assert_snapshot!(toml(&accounts));
    }
}
