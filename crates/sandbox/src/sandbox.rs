//! Starting and stopping.

use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::handle::{Shared, World};
use crate::vendors::{Accounts, BoldsignAccess, DocusignAccess, Settings, Start};
use crate::webhooks::Webhooks;
use crate::world::{Live, State, Vendor};
use crate::{app, serve, webhooks};

/// How to start.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// Port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// Ids are made from it: the same seed and the same calls give the same ids.
    pub seed: u64,
    /// Stops the world's clock at an instant, so that it moves only when told.
    pub frozen_at: Option<Timestamp>,
    /// Limits and switches at the start.
    pub settings: Settings,
    /// Whether webhooks may go to other machines than this one.
    pub remote_webhooks: bool,
}

impl Options {
    /// Any free port, seed 0, a running clock.
    pub fn new() -> Self {
        Self::default()
    }

    /// Listens on this port.
    #[must_use]
    pub fn with_port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Makes ids from this seed.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Stops the world's clock at this instant.
    #[must_use]
    pub fn with_frozen_clock(mut self, at: Timestamp) -> Self {
        self.frozen_at = Some(at);
        self
    }

    /// Starts with these settings.
    #[must_use]
    pub fn with_settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Lets webhooks go to other machines, such as a tunnel's far end. Whoever reaches the control API can then have
    /// this machine post anywhere.
    #[must_use]
    pub fn with_remote_webhooks(mut self) -> Self {
        self.remote_webhooks = true;
        self
    }
}

/// A running sandbox. Dropping it stops the server.
#[derive(Debug)]
pub struct Sandbox {
    url: String,
    world: World,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
}

impl Sandbox {
    /// Starts listening on loopback.
    ///
    /// # Errors
    /// When the port is taken or no key can be made.
    pub async fn start(options: Options) -> io::Result<Self> {
        // Named, so that another back end in the same program cannot make the choice ambiguous. An error means
        // that somebody has chosen already.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let state = State::new(url.clone(), options.seed, options.frozen_at);
        let (base_url, seed, now) = (url.clone(), options.seed, state.now());
        let accounts = move || Accounts::start(&Start { base_url: &base_url, seed, now });
        let accounts = Arc::new(tokio::task::spawn_blocking(accounts).await.map_err(io::Error::other)??);
        accounts.set(options.settings);
        let live = Live::new(state);
        let webhooks = Webhooks::new(live.clone(), accounts.clone(), options.remote_webhooks);
        let world = World {
            shared: Arc::new(Shared {
                live,
                accounts,
                faults: Mutex::default(),
                calls: Mutex::default(),
                webhooks,
            }),
        };
        let (stop, stopped) = watch::channel(false);
        for vendor in Vendor::all() {
            tokio::spawn(webhooks::worker(world.webhooks(), *vendor, stopped.clone()));
        }
        let server = tokio::spawn(serve::serve(listener, app::router(world.clone()), stopped));
        Ok(Self { url, world, stop, server })
    }

    /// `http://127.0.0.1:` and the port, without a slash at the end.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// How to reach its DocuSign.
    pub fn docusign(&self) -> DocusignAccess {
        self.world.accounts().docusign.access().clone()
    }

    /// How to reach its BoldSign.
    pub fn boldsign(&self) -> BoldsignAccess {
        self.world.accounts().boldsign.access().clone()
    }

    /// The control handle.
    pub fn world(&self) -> World {
        self.world.clone()
    }

    /// The webhooks: where they go, holding and delivering them, faults.
    pub fn webhooks(&self) -> Webhooks {
        self.world.webhooks()
    }

    /// Stops listening and lets running calls finish, for two seconds at most.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        // A server task that panicked has stopped as well.
        let _ = (&mut self.server).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
    }
}
