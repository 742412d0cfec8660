//! Starts and stops the sandbox.

use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::handle::{Shared, World};
use crate::secret::Secret;
use crate::vendors::{Accounts, Configuration, Settings, Start, each_vendor};
use crate::webhooks::Webhooks;
use crate::world::{Live, SignIn, State, Vendor};
use crate::{app, serve, webhooks};

/// The options for starting: `Options { port: 8080, ..Options::new() }`.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Port on 127.0.0.1; 0 picks any free one.
    pub port: u16,
    /// The seed for ids: the same seed and the same calls give the same ids.
    pub seed: u64,
    /// Stops the world's clock at this time, so that it advances only on request.
    pub frozen_at: Option<Timestamp>,
    /// Initial limits and switches.
    pub settings: Settings,
    /// Whether webhooks may go to other machines than this one, such as the far end of a tunnel. Anyone who can reach
    /// the control API can then make this machine post anywhere.
    pub remote_webhooks: bool,
    /// Host names, in addition to loopback, such as a tunnel's, at which the control API and the console answer.
    pub allowed_hosts: Vec<String>,
}

impl Options {
    /// Any free port, seed 0, a running clock.
    pub fn new() -> Self {
        Self::default()
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
    /// Fails if the port is in use or no key can be generated.
    pub async fn start(options: Options) -> io::Result<Self> {
        // Selected explicitly, so that another backend in the same program cannot make the choice ambiguous. An
        // error means that one is already selected.
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
                allowed_hosts: options.allowed_hosts,
            }),
        };
        let (stop, stopped) = watch::channel(false);
        for vendor in Vendor::all() {
            tokio::spawn(webhooks::worker(world.webhooks(), *vendor, stopped.clone()));
        }
        let server = tokio::spawn(serve::serve(listener, app::router(world.clone()), stopped));
        Ok(Self { url, world, stop, server })
    }

    /// `http://127.0.0.1:` and the port, without a trailing slash.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// A Countersign account at this vendor, as configuration keys with dots between the parts. Empty for a vendor
    /// that the sandbox does not simulate.
    pub fn account(&self, vendor: Vendor) -> Configuration {
        self.account_with(vendor, SignIn::Own).unwrap_or_default()
    }

    /// The same with other credentials. `None` where the vendor, as far as it is simulated, has none of this kind.
    pub fn account_with(&self, vendor: Vendor, sign_in: SignIn) -> Option<Configuration> {
        self.world.accounts().get(vendor)?.configuration(sign_in)
    }

    /// What must not be shown of the vendor's accounts: whatever a client gets that is neither public nor a URL.
    pub fn secrets(&self, vendor: Vendor) -> Vec<Secret> {
        let Some(account) = self.world.accounts().get(vendor) else { return Vec::new() };
        let (access, public) = (account.access(), account.public_access());
        let is_secret =
            |text: &&str| !text.starts_with("http") && public.iter().all(|(_, shown)| shown != text);
        let texts = access.as_object().into_iter().flatten().filter_map(|(_, value)| value.as_str());
        texts.filter(is_secret).map(Secret::new).collect()
    }

    /// An account at every vendor, with the vendor's name, as the variables for Countersign's `Config::read`. They
    /// contain keys in clear.
    pub fn settings(&self) -> Vec<(String, String)> {
        let of_vendor = |vendor: Vendor| {
            let name =
                move |key: &str| format!("COUNTERSIGN_ACCOUNTS__{}__{}", vendor.id(), key.replace('.', "__"));
            let keys = self.account(vendor).into_iter();
            keys.map(move |(key, value)| (name(key), value.expose().to_owned()))
        };
        Vendor::all().iter().copied().flat_map(of_vendor).collect()
    }

    /// The control handle.
    pub fn world(&self) -> World {
        self.world.clone()
    }

    /// The webhooks: targets, holding and delivering, faults.
    pub fn webhooks(&self) -> Webhooks {
        self.world.webhooks()
    }

    /// Stops listening and lets running calls finish, for at most two seconds.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        // A server task that panicked has stopped as well.
        let _ = (&mut self.server).await;
    }
}

macro_rules! accessors {
    ($($vendor:ident: $handle:ident, $access:ident, $settings:ident;)+) => {
        impl Sandbox {
            $(
                #[doc = concat!("How to reach [`Vendor::", stringify!($handle), "`].")]
                pub fn $vendor(&self) -> crate::vendors::$access {
                    self.world.accounts().$vendor.access.clone()
                }
            )+
        }
    };
}

each_vendor!(accessors);

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
    }
}
