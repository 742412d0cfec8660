//! The gateway with simulated vendors, for a first try and for tests: on this machine only, with a state that ends with
//! it.

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode};
use countersign::provider::Feature;
use countersign::{Error, ErrorKind, Result, Timestamp};
use countersign_sandbox::{
    Act, NewEnvelope, NewRecipient, Options as SandboxOptions, Refused, Sandbox, Vendor, WebhookTarget,
};
use countersign_vault::KeyEncryptionKey;
use serde_json::{Map, Value};
use tokio::net::TcpListener;

use crate::api_key::{ApiKey, KeyScope};
use crate::directory::Endpoint;
use crate::gateway::{Gateway, Options};
use crate::outgoing::SigningSecret;
use crate::state::State;

/// Signs the webhooks of the simulated vendors. It is worth nothing elsewhere.
const WEBHOOK_SECRET: &str = "webhooks-of-the-sandbox";

/// A code that no recipient has.
const WRONG: &str = "Wrong234";

/// Gets a line for each event.
type Show = Arc<dyn Fn(&str) + Send + Sync>;

/// A gateway with a tenant, accounts at the simulated vendors, and envelopes. Its folder is removed with it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Dev {
    /// The gateway.
    pub gateway: Gateway,
    /// The simulated vendors.
    pub sandbox: Sandbox,
    /// The tenant's key.
    pub key: ApiKey,
    /// One at each vendor.
    pub samples: Vec<Sample>,
    /// An envelope with a locked signer for each program in `examples/gateway`, as `account:id`.
    for_programs: Vec<String>,
    /// Last, so that the files are closed before.
    folder: Folder,
}

/// The programs in `examples/gateway`: what comes before, and how each is started.
const PROGRAMS: [(&str, &str); 4] = [
    ("", "sh examples/gateway/unlock.sh"),
    ("", "python3 examples/gateway/unlock.py"),
    ("", "node examples/gateway/unlock.mjs"),
    (
        "cd \"$(mktemp -d)\" && cp \"$OLDPWD/examples/gateway/unlock.mts\" . && npm install openapi-fetch@0.17 \
         && npx -y openapi-typescript@7 $GATEWAY/openapi.json -o gateway.d.ts",
        "npx -y tsx unlock.mts",
    ),
];

/// An account and its envelopes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Sample {
    /// The name of the account, which is that of its vendor.
    pub account: String,
    /// Waits for Anna, who signs in the application, and Ben, who gets mails.
    pub envelope: String,
    /// The same, but Anna has typed wrong access codes. `None` at a vendor without access codes.
    pub locked: Option<String>,
}

#[derive(Debug)]
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is in the folder for temporary files.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Dev {
    /// Starts the simulated vendors on loopback, and opens a gateway in a new folder for temporary files.
    ///
    /// # Errors
    /// `Unexpected` if the machine has no port or no space for them.
    pub async fn start() -> Result<Self> {
        Self::start_on(|folder| folder.join("state.db").into()).await
    }

    /// As [`Dev::start`], with the state that is returned for the folder.
    ///
    /// # Errors
    /// `Unexpected` if the machine has no port or no space for them; `Config` if the state cannot be used.
    pub async fn start_on(state: impl FnOnce(&Path) -> State) -> Result<Self> {
        let folder = Folder(
            std::env::temp_dir().join(format!("countersign-gateway-{}", uuid::Uuid::now_v7().simple())),
        );
        create(&folder.0).map_err(|error| failed("the folder for the state cannot be created", error))?;
        let key_file = folder.0.join("state.key");
        KeyEncryptionKey::read_or_create(&key_file)
            .map_err(|error| failed("the sealing key cannot be created", error))?;
        let sandbox = Sandbox::start(SandboxOptions::new()).await;
        let sandbox = sandbox.map_err(|error| failed("the sandbox cannot start", error))?;
        let host = sandbox.url().trim_start_matches("http://").to_owned();
        let options = Options::new(state(&folder.0), vec![key_file])
            .with_allowed_hosts(vec![host])
            .with_private_hosts(vec!["127.0.0.1".to_owned()]);
        let gateway = Gateway::open(&options).await?;
        let directory = gateway.directory();
        let tenant = directory.add_tenant("dev").await?;
        let key = directory.add_key(&tenant, &KeyScope::ALL, "dev", true, None).await?;
        directory.set_return_hosts(&tenant, &["app.example.com".to_owned()]).await?;
        let (mut samples, mut for_programs) = (Vec::new(), Vec::new());
        for vendor in Vendor::all() {
            directory.add_account(&tenant, vendor.id(), vendor.id(), &settings(&sandbox, *vendor)).await?;
            let codes = has_codes(*vendor);
            let envelope = |locked| {
                envelope(&sandbox, *vendor, codes, locked)
                    .map_err(|error| failed("an envelope cannot be created", error))
            };
            let locked = if codes { Some(envelope(true)?) } else { None };
            if codes && for_programs.is_empty() {
                for _ in PROGRAMS {
                    for_programs.push(format!("{}:{}", vendor.id(), envelope(true)?));
                }
            }
            samples.push(Sample { account: vendor.id().to_owned(), envelope: envelope(false)?, locked });
        }
        Ok(Self { gateway, sandbox, key, samples, for_programs, folder })
    }

    /// Makes the simulated vendors send their webhooks to the gateway at this URL.
    ///
    /// # Errors
    /// `Unexpected` if the sandbox refuses the URL.
    pub async fn send_webhooks(&self, url: &str) -> Result<()> {
        let directory = self.gateway.directory();
        for tenant in directory.tenants().await? {
            for account in directory.accounts(&tenant.id).await? {
                let Some(vendor) = Vendor::named(&account.vendor) else { continue };
                let target = WebhookTarget::new(format!("{url}/hooks/{}", account.id), WEBHOOK_SECRET);
                let set = self.sandbox.webhooks().set_target(vendor, target);
                set.map_err(|error| failed("the webhooks cannot be set up", error))?;
            }
        }
        Ok(())
    }

    /// Starts a receiver on loopback to which the tenant's events go out; it shows a line for each whose signature it
    /// has checked.
    ///
    /// # Errors
    /// `Unexpected` if the machine has no port for it.
    pub async fn receive_events(&self, show: impl Fn(&str) + Send + Sync + 'static) -> Result<()> {
        let no_port = |error| failed("the receiver has no port", error);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(no_port)?;
        let url = format!("http://{}/events", listener.local_addr().map_err(no_port)?);
        let directory = self.gateway.directory();
        let endpoint = Endpoint::new(url, Vec::new(), false, Timestamp::now())?;
        for tenant in directory.tenants().await? {
            directory.add_endpoint(&tenant.id, &endpoint).await?;
        }
        if let Some(secret) = endpoint.secrets(Timestamp::now()).pop() {
            let received = (Arc::new(secret), Arc::new(show) as Show);
            let app = Router::new().fallback(receive).with_state(received);
            tokio::spawn(async move { axum::serve(listener, app).await });
        }
        Ok(())
    }

    /// The folder of the state.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder.0
    }

    /// What to try, as lines for a shell. They contain the key, which is worth nothing elsewhere.
    #[must_use]
    pub fn lines(&self, url: &str) -> String {
        let mut text = format!("GATEWAY={url}\nKEY='Authorization: Bearer {}'\n", self.key.expose());
        let json = "-H 'Content-Type: application/json'";
        for Sample { account, envelope, locked } in &self.samples {
            let at = format!("$GATEWAY/v1/envelopes/{account}:{envelope}");
            let keyed = |what: &str| format!("-H 'Idempotency-Key: {account}-{what}' {json}");
            let mut lines = vec![
                format!("curl -sS -H \"$KEY\" \"{at}/recipients\""),
                format!(
                    "curl -sS -H \"$KEY\" {} \"{at}/views\" -d '{{\"recipient\":\"email:anna@example.com\",\
                     \"return_url\":\"https://app.example.com/signed\"}}'",
                    keyed("view")
                ),
                format!(
                    "curl -sS -H \"$KEY\" {} \"{at}/resends\" -d '{{\"recipient\":\"email:ben@example.com\"}}'",
                    keyed("resend")
                ),
            ];
            if let Some(locked) = locked {
                lines.push(format!(
                    "curl -sS -X PUT -H \"$KEY\" {} \"{at}/access-code\" \
                     -d '{{\"recipient\":\"email:ben@example.com\",\"code\":\"Ben34567\"}}'",
                    keyed("code")
                ));
                lines.push(format!(
                    "curl -sS -H \"$KEY\" {} \"$GATEWAY/v1/envelopes/{account}:{locked}/unlocks\" \
                     -d '{{\"recipient\":\"email:anna@example.com\",\"code\":\"Anna3456\"}}'",
                    keyed("unlock")
                ));
            }
            lines.push(format!(
                "curl -sS -H \"$KEY\" {json} \"$GATEWAY/v1/plans\" -d '{{\"operation\":\"resend_recipient\",\
                 \"envelope\":\"{account}:{envelope}\",\"request\":{{\"recipient\":\"email:ben@example.com\"}}}}'"
            ));
            // Writing to a text cannot fail.
            let _ = writeln!(text, "\n# {account}");
            lines.iter().for_each(|line| text.push_str(&format!("{line}\n")));
        }
        text.push_str(
            "\n# programs that unlock a signer and print a link, in the folder of the repository; the last one takes npm\n",
        );
        for ((before, program), envelope) in PROGRAMS.iter().zip(&self.for_programs) {
            let start = format!(
                "COUNTERSIGN_KEY=\"${{KEY##* }}\" {program} $GATEWAY {envelope} email:anna@example.com Anna3456"
            );
            text += &if before.is_empty() { start + "\n" } else { format!("({before} && {start})\n") };
        }
        text.push_str(
            "\n# what the vendors reported meanwhile\ncurl -sS -H \"$KEY\" \"$GATEWAY/v1/events\"\n",
        );
        text
    }
}

/// Checks a message as an application would, and shows it.
async fn receive(
    Shared((secret, show)): Shared<(Arc<SigningSecret>, Show)>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let seconds = header("webhook-timestamp").parse().unwrap_or_default();
    if !secret.signed(header("webhook-id"), seconds, &body, header("webhook-signature")) {
        return StatusCode::UNAUTHORIZED;
    }
    let message: Value = serde_json::from_slice(&body).unwrap_or_default();
    let data = &message["data"];
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let (kind, vendor, envelope) = (word(&message["type"]), word(&data["vendor"]), word(&data["envelope"]));
    show(&format!("{kind}  {vendor}  {envelope}  version {}", data["version"]));
    StatusCode::NO_CONTENT
}

/// A folder that only its owner can read.
fn create(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// The settings of an account at a simulated vendor. The sandbox names their keys with dots between their parts.
#[must_use]
pub fn settings(sandbox: &Sandbox, vendor: Vendor) -> Map<String, Value> {
    let mut root = Map::from_iter([("webhook_secrets".to_owned(), WEBHOOK_SECRET.into())]);
    for (path, value) in sandbox.account(vendor).into_iter().filter(|(path, _)| *path != "vendor") {
        let (parents, last) =
            path.rsplit_once('.').map_or((None, path), |(parents, last)| (Some(parents), last));
        let mut table = &mut root;
        for part in parents.into_iter().flat_map(|parents| parents.split('.')) {
            let inner = table.entry(part).or_insert_with(|| Value::Object(Map::new()));
            let Value::Object(inner) = inner else { return root };
            table = inner;
        }
        table.insert(last.to_owned(), value.expose().into());
    }
    root
}

/// Whether recipients can have access codes at the vendor.
fn has_codes(vendor: Vendor) -> bool {
    let mut built_in = countersign::vendors().iter();
    built_in.any(|one| one.name == vendor.id() && one.facts.offers(Feature::ChangeAccessCode).is_ok())
}

/// Anna signs in the application, Ben by mail; both have access codes where there are any.
fn envelope(sandbox: &Sandbox, vendor: Vendor, codes: bool, locked: bool) -> Result<String, Refused> {
    let mut anna = NewRecipient::new("Anna Sample", "anna@example.com").with_embedded("sample-1");
    let mut ben = NewRecipient::new("Ben Sample", "ben@example.com");
    if codes {
        (anna, ben) = (anna.with_access_code("Anna2345"), ben.with_access_code("Ben23456"));
    }
    let world = sandbox.world();
    let new = NewEnvelope::new(vendor, "Sample contract").with_recipient(anna).with_recipient(ben);
    let made = world.make_envelope(new)?;
    while locked
        && world.envelope(&made.id).is_some_and(|now| now.recipients.first().is_some_and(|anna| !anna.locked))
    {
        world.act(&made.id, "anna@example.com", Act::EnterCode { code: WRONG.into() })?;
    }
    Ok(made.id)
}

fn failed(message: &'static str, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Unexpected, message).with_source(error)
}
