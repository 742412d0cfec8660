//! Webhooks of `countersign sandbox`.

use std::path::Path;

use countersign::Result;
use countersign::provider::read_text;
use countersign_sandbox::{Sandbox, WebhookTarget};

use crate::args::SandboxArgs;
use crate::context::invalid;
use crate::sandbox_accounts::SandboxAccount;

/// More than any file of secrets.
const LONGEST: u64 = 64 * 1024;

pub(super) fn secrets(file: Option<&Path>) -> Result<Vec<String>> {
    let Some(file) = file else { return Ok(Vec::new()) };
    let wrong = |problem: &str| {
        invalid(format!("{} {problem}", file.display()), "give a text file with one secret per line")
    };
    let text = read_text(file, LONGEST).map_err(|problem| wrong(&problem.to_string()))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let secrets: Vec<String> = lines.map(str::to_owned).collect();
    if secrets.is_empty() { Err(wrong("holds no secret")) } else { Ok(secrets) }
}

/// Makes the vendors post to the given addresses.
pub(super) fn set(
    sandbox: &Sandbox,
    args: &SandboxArgs,
    accounts: &[SandboxAccount],
    secrets: &[String],
) -> Result<()> {
    for named in &args.webhook {
        let (vendor, url) = split(named);
        let meant =
            accounts.iter().filter(|one| vendor.is_none_or(|name| one.account.eq_ignore_ascii_case(name)));
        let mut set = 0;
        for one in meant {
            let first =
                secrets.first().ok_or_else(|| invalid("no secret is given", "give --webhook-secret-file"))?;
            let mut target = WebhookTarget::new(url, first.as_str());
            target.secrets = secrets.iter().map(|secret| secret.as_str().into()).collect();
            sandbox.webhooks().set_target(one.vendor, target).map_err(|refused| {
                let hint = "use an http or https URL on this machine, or add --allow-remote-webhooks";
                invalid(format!("--webhook: {}", refused.message), hint)
            })?;
            set += 1;
        }
        if set == 0 {
            let names: Vec<&str> = accounts.iter().map(|one| one.account).collect();
            let hint = format!("use one of: {}", names.join(", "));
            return Err(invalid("--webhook names a vendor that the sandbox does not simulate", hint));
        }
    }
    Ok(())
}

/// A vendor's name and a URL, or a URL alone. In a URL, `=` appears only after a colon.
fn split(named: &str) -> (Option<&str>, &str) {
    match named.split_once('=') {
        Some((vendor, url)) if !vendor.contains(':') => (Some(vendor), url),
        _ => (None, named),
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_vendor_may_stand_in_front() {
        assert_eq!(split("http://localhost/?a=b"), (None, "http://localhost/?a=b"));
        assert_eq!(split("acme=http://localhost/?a=b"), (Some("acme"), "http://localhost/?a=b"));
    }
}
