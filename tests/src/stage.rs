//! A vendor in the sandbox, ready to be called through the client.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use countersign::{Account, Client, Config, Limits, RetryPolicy, Transport};
use countersign_sandbox::{Options, Sandbox, Vendor, World};

/// One vendor of a running sandbox, with a client whose configuration came from a file as a user's would.
#[derive(Debug)]
pub struct Stage {
    /// The vendor, as the sandbox names it.
    pub vendor: Vendor,
    /// The name in the configuration.
    pub name: &'static str,
    /// The account, to make further clients from.
    pub account: Account,
    /// The client.
    pub client: Client,
    /// The sandbox's world, to act as a signer in and to look at.
    pub world: World,
    /// Keeps the sandbox running.
    pub sandbox: Sandbox,
}

/// A stage for each vendor, each with a sandbox of its own, so that no test sees another's mails.
///
/// # Errors
/// When the sandbox cannot start or does not give a usable configuration.
pub async fn stages() -> Result<Vec<Stage>, Box<dyn std::error::Error>> {
    let mut stages = Vec::new();
    for (vendor, name) in [(Vendor::DOCUSIGN, "docusign"), (Vendor::BOLDSIGN, "boldsign")] {
        let sandbox = Sandbox::start(Options::default()).await?;
        let file = scratch(&format!("{name}-{}", sandbox.url().rsplit(':').next().unwrap_or_default()));
        std::fs::write(&file, config(&sandbox))?;
        let account = Config::read(Some(&file), []).and_then(|config| config.account(Some(name)).cloned());
        std::fs::remove_file(&file)?;
        let account = account?;
        let client = account.client()?;
        stages.push(Stage { vendor, name, account, client, world: sandbox.world(), sandbox });
    }
    Ok(stages)
}

impl Stage {
    /// A client of its own for the same account: with no token yet, over this transport, with these limits, and with a
    /// deadline if one is given. Calls are repeated as usual, but a suite that waits in real time makes no pauses.
    ///
    /// # Errors
    /// As [`Account::provider`].
    pub fn client_over(
        &self,
        transport: Arc<dyn Transport>,
        limits: Limits,
        deadline: Option<Duration>,
    ) -> countersign::Result<Client> {
        let retry =
            RetryPolicy::default().with_pauses(Duration::ZERO, Duration::ZERO).with_max_wait(Duration::ZERO);
        let builder =
            Client::builder(self.account.provider()?).transport(transport).limits(limits).retry(retry);
        Ok(match deadline {
            Some(deadline) => builder.deadline(deadline).build(),
            None => builder.build(),
        })
    }
}

fn scratch(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("countersign-{}-{name}.toml", std::process::id()))
}

/// The configuration for both vendors of a sandbox.
#[must_use]
pub fn config(sandbox: &Sandbox) -> String {
    let (docusign, boldsign) = (sandbox.docusign(), sandbox.boldsign());
    format!(
        r#"
[accounts.docusign]
vendor = "docusign"
account_id = "{account}"
base_url = "{base}"
oauth_url = "{oauth}"
[accounts.docusign.auth]
kind = "jwt"
integration_key = "{key}"
user_id = "{user}"
private_key = """
{pem}"""
[accounts.boldsign]
vendor = "boldsign"
base_url = "{bold}"
auth = {{ kind = "api_key", api_key = "{api_key}" }}
"#,
        account = docusign.account_id,
        base = docusign.base_url,
        oauth = docusign.oauth_url,
        key = docusign.integration_key,
        user = docusign.user_id,
        pem = docusign.private_key_pem.expose(),
        bold = boldsign.base_url,
        api_key = boldsign.api_key.expose(),
    )
}
