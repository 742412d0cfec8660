//! The sandbox's vendors as accounts: the one place of this crate that knows what each vendor's configuration is made
//! of. Everything else takes accounts as they come.

use countersign::{Config, Error, ErrorKind, Result};
use countersign_sandbox::{Sandbox, Vendor};

/// A vendor that the sandbox plays, and the configuration of an account there.
pub(crate) struct Played {
    /// The sandbox's name for it.
    pub(crate) vendor: Vendor,
    /// The account's name in the configuration, which is also the vendor's name there.
    pub(crate) account: &'static str,
    /// Keys, with dots between the parts, and values; some are secrets.
    keys: Vec<(&'static str, String)>,
}

/// Every vendor that the sandbox plays.
pub(crate) fn vendors(sandbox: &Sandbox) -> Vec<Played> {
    let (docusign, boldsign) = (sandbox.docusign(), sandbox.boldsign());
    vec![
        Played {
            vendor: Vendor::Docusign,
            account: "docusign",
            keys: vec![
                ("vendor", "docusign".to_owned()),
                ("account_id", docusign.account_id),
                ("base_url", docusign.base_url),
                ("oauth_url", docusign.oauth_url),
                ("auth.kind", "jwt".to_owned()),
                ("auth.integration_key", docusign.integration_key),
                ("auth.user_id", docusign.user_id),
                ("auth.private_key", docusign.private_key_pem.expose().to_owned()),
            ],
        },
        Played {
            vendor: Vendor::Boldsign,
            account: "boldsign",
            keys: vec![
                ("vendor", "boldsign".to_owned()),
                ("base_url", boldsign.base_url),
                ("auth.kind", "api_key".to_owned()),
                ("auth.api_key", boldsign.api_key.expose().to_owned()),
            ],
        },
    ]
}

/// The accounts as a configuration that stands nowhere on disk.
///
/// # Errors
/// `Config` when an adapter does not take its keys.
pub(crate) fn config(played: &[Played]) -> Result<Config> {
    let variables = played.iter().flat_map(|one| {
        one.keys.iter().map(|(key, value)| {
            let name = format!("COUNTERSIGN_ACCOUNTS__{}__{}", one.account, key.replace('.', "__"));

            (name, value.clone())
        })
    });
    Config::read(None, variables)
}

/// The accounts as a file.
pub(crate) fn toml(played: &[Played]) -> String {
    let mut text = "# Accounts of a countersign sandbox. Its keys are made anew at every start.\n".to_owned();
    if let Some(first) = played.first() {
        text.push_str(&format!("default_account = \"{}\"\n", first.account));
    }
    for one in played {
        text.push_str(&format!("\n[accounts.{}]\n", one.account));
        // Plain keys have to come before tables.
        let (tables, plain): (Vec<_>, Vec<_>) = one.keys.iter().partition(|(key, _)| key.contains('.'));
        for (key, value) in plain {
            text.push_str(&format!("{key} = {}\n", quoted(value)));
        }
        let mut open = "";
        for (path, value) in tables {
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
pub(crate) fn chosen(mut played: Vec<Played>, name: Option<&str>) -> Result<Vec<Played>> {
    let Some(name) = name else { return Ok(played) };
    let known: Vec<&str> = played.iter().map(|one| one.account).collect();
    let hint = format!("it plays: {}", known.join(", "));
    played.retain(|one| one.account.eq_ignore_ascii_case(name));
    if played.is_empty() {
        let message = format!("the sandbox does not play {name}");
        return Err(Error::new(ErrorKind::Unsupported, message).with_hint(hint));
    }
    Ok(played)
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
}
