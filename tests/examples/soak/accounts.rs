//! A client for each vendor of the sandbox, shared by all workers as an application shares its own.

use std::sync::Arc;
use std::time::Duration;

use countersign::adapters::boldsign::{Boldsign, BoldsignConfig};
use countersign::adapters::docusign::{Credentials, Docusign, DocusignConfig};
use countersign::provider::Provider;
use countersign::transport::{HttpTransport, Limits, Transport};
use countersign::{AccountId, BaseUrl, Client, RetryPolicy};
use countersign_sandbox::Vendor;

use super::Failure;
use super::control::Sandbox;

/// A client, and where its calls go in the sandbox.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) vendor: Vendor,
    pub(crate) client: Client,
    /// Method and path of every request that its operations make, for faults; the frequent ones more than once.
    pub(crate) routes: &'static [(&'static str, &'static str)],
    /// Of the request for a token. It is rare: faults there would pile up and let nothing through.
    pub(crate) sign_in: Option<(&'static str, &'static str)>,
}

const DOCUSIGN: &[(&str, &str)] = &[
    ("GET", "/recipients"),
    ("GET", "/recipients"),
    ("POST", "/views/recipient"),
    ("PUT", "/recipients"),
    ("PUT", "/recipients"),
    ("PUT", "/envelopes/"),
];
const BOLDSIGN: &[(&str, &str)] = &[
    ("GET", "/document/properties"),
    ("GET", "/document/properties"),
    ("GET", "/document/getEmbeddedSignLink"),
    ("PATCH", "/document/changeAccessCode"),
    ("POST", "/document/remind"),
    ("POST", "/document/remind"),
];

pub(crate) async fn all(sandbox: &Sandbox) -> Result<Vec<Account>, Failure> {
    let access = sandbox.access().await?;
    let text = |path: &str| -> Result<String, Failure> {
        let found = access.pointer(path).and_then(serde_json::Value::as_str);
        Ok(found.ok_or_else(|| format!("the sandbox does not tell {path}"))?.to_owned())
    };
    let jwt = Credentials::Jwt {
        integration_key: text("/docusign/integration_key")?,
        user_id: text("/docusign/user_id")?,
        private_key: text("/docusign/private_key_pem")?.into(),
    };
    let docusign = DocusignConfig::new(AccountId::new(text("/docusign/account_id")?)?, jwt)
        .with_base_url(BaseUrl::new(&text("/docusign/base_url")?)?)
        .with_oauth_url(BaseUrl::new(&text("/docusign/oauth_url")?)?);
    let boldsign = BoldsignConfig::new(text("/boldsign/api_key")?.into())
        .with_base_url(BaseUrl::new(&text("/boldsign/base_url")?)?);
    let transport: Arc<dyn Transport> = Arc::new(HttpTransport::default());
    let client = |provider: Arc<dyn Provider>| {
        let limits = Limits::default().with_timeout(Duration::from_millis(400));
        // Calls are repeated as usual, with pauses that fit the length of the run.
        let (base, cap) = (Duration::from_millis(2), Duration::from_millis(20));
        let retry = RetryPolicy { base, cap, ..RetryPolicy::default() };
        Client::builder(provider).transport(Arc::clone(&transport)).limits(limits).retry(retry).build()
    };
    let docusign = client(Arc::new(Docusign::new(docusign)?));
    let boldsign = client(Arc::new(Boldsign::new(boldsign)?));
    Ok(vec![
        Account {
            vendor: Vendor::DOCUSIGN,
            client: docusign,
            routes: DOCUSIGN,
            sign_in: Some(("POST", "/oauth/token")),
        },
        Account { vendor: Vendor::BOLDSIGN, client: boldsign, routes: BOLDSIGN, sign_in: None },
    ])
}
