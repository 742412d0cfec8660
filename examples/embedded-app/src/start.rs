//! Starting: the sandbox, contracts in it, the accounts to reach it with, and the web server.

use std::error::Error;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use countersign::provider::Feature;
use countersign::secrecy::SecretString;
use countersign::{Clock, Config, EnvelopeId, Timestamp};
use countersign_sandbox::{
    NewEnvelope, NewRecipient, Options as SandboxOptions, Sandbox, Vendor, WebhookTarget, World,
};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::contracts::{Contract, Contracts};
use crate::desk::Desk;
use crate::pages;

/// How to start.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// Port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// How to start the sandbox.
    pub sandbox: SandboxOptions,
}

impl Options {
    /// Any free ports.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Listens on this port.
    #[must_use]
    pub fn with_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Starts the sandbox so.
    #[must_use]
    pub fn with_sandbox(mut self, sandbox: SandboxOptions) -> Self {
        self.sandbox = sandbox;
        self
    }
}

/// The application and its sandbox, running. Dropping it stops both.
#[derive(Debug)]
pub struct Running {
    url: String,
    app: App,
    sandbox: Sandbox,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
}

impl Running {
    /// `http://127.0.0.1:` and the application's port, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The sandbox: its world's clock is the application's clock too.
    #[must_use]
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// The contracts, in the order of the first page.
    #[must_use]
    pub fn contracts(&self) -> Vec<Contract> {
        self.app.contracts().all().into_iter().map(|(contract, _)| contract).collect()
    }

    /// Stops both servers.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        // A server that panicked has stopped as well.
        let _ = (&mut self.server).await;
        self.sandbox.stop().await;
    }
}

/// The sandbox's time, so that moving it also moves the application.
#[derive(Debug)]
struct WorldClock(World);

impl Clock for WorldClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

/// Starts the sandbox, makes contracts in it, and serves the application.
///
/// # Errors
/// When a port is taken, or the sandbox does not start.
pub async fn start(options: Options) -> Result<Running, Box<dyn Error + Send + Sync>> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let sandbox = Sandbox::start(options.sandbox).await?;
    let clock: Arc<dyn Clock> = Arc::new(WorldClock(sandbox.world()));
    let mut desks = Vec::new();
    let contracts = Contracts::default();
    // The accounts, from variables as a deployment would set them.
    let config = Config::read(None, sandbox.settings())?;
    for vendor in Vendor::all() {
        let secret = secret()?;
        let account = config.account(Some(vendor.id()))?;
        let desk = Desk::open(account, &clock, SecretString::from(secret.as_str()))?;
        add(&contracts, &sandbox.world(), *vendor, &desk)?;
        let target = WebhookTarget::new(format!("{url}/webhooks/{}", desk.name), secret);
        sandbox.world().webhooks().set_target(*vendor, target)?;
        desks.push(desk);
    }
    let app = App::new(&url, sandbox.url(), desks, contracts, clock)?;
    let (stop, mut stopped) = watch::channel(false);
    let routes = pages::router(app.clone());
    let server = tokio::spawn(async move {
        let until = async move {
            // Also when the handle was dropped without a word.
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        // Serving ends with an error only if the listener does; no one is left to report it to.
        let _ = axum::serve(listener, routes).with_graceful_shutdown(until).await;
    });
    Ok(Running { url, app, sandbox, stop, server })
}

/// A secret for webhooks, which a deployment gets from the vendor.
fn secret() -> io::Result<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|_| io::Error::other("there are no random numbers"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Title, signer, address and access code of what is there to sign. The code is worthless outside the sandbox.
const CONTRACTS: [(&str, &str, &str, Option<&str>); 3] = [
    ("Lease, Elm Street 7", "Anna Ek", "anna@example.com", None),
    ("Employment contract", "Ben Ode", "ben@example.com", Some("K7MP4XQ2")),
    ("Non-disclosure agreement", "Carla Ruiz", "carla@example.com", None),
];

/// The same contracts at each vendor, sent and waiting for a signature. Where there are no access codes, none has one.
fn add(
    contracts: &Contracts,
    world: &World,
    vendor: Vendor,
    desk: &Desk,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    for (title, name, email, code) in CONTRACTS {
        let code = code.filter(|_| desk.supports(Feature::ChangeAccessCode));
        let mut signer = NewRecipient::new(name, email).with_embedded(email);
        if let Some(code) = code {
            signer = signer.with_access_code(code);
        }
        let made = world.make_envelope(NewEnvelope::new(vendor, title).with_recipient(signer))?;
        contracts.add(Contract {
            account: desk.name.clone(),
            envelope: EnvelopeId::new(made.id)?,
            title: title.to_owned(),
            signer_name: name.to_owned(),
            signer_email: email.to_owned(),
            access_code: code.map(str::to_owned),
        });
    }
    Ok(())
}
