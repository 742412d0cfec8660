//! The gateway's parts, which all requests share.

use std::fmt;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::http::StatusCode;
use countersign::auth::PendingSignIns;
use countersign::ledger::{IdempotencyKey, KeyConflict, Ledger};
use countersign::{BaseUrl, Client, Clock, Error, ErrorKind, Outcome, Result, Retry, SystemClock};
use countersign_vault::Vault;
use tokio::sync::futures::Notified;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tracing::Instrument as _;

use crate::clients::Clients;
use crate::db::migrate;
use crate::directory::{AccountRow, Directory};
use crate::hold::{HoldingLedger, held};
use crate::hosts::{self, AllowedHosts};
use crate::outgoing::{self, PrivateHosts, Sender};
use crate::probe::Probe;
use crate::problem::Problem;
use crate::state::{State, Store};
use crate::throttle::Throttle;

/// The most calls under a key that run at once.
const CALLS: u32 = 1_024;

/// The most large webhooks that are in memory at once: anyone can send the first part of one.
const LARGE_WEBHOOKS: usize = 16;

/// What a gateway needs.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// Where the state is.
    pub state: State,
    /// The files of the keys that seal it: the first one wraps, all of them unwrap.
    pub keys: Vec<PathBuf>,
    /// Hosts, with a port other than the usual one, to which accounts' settings may point in addition to the
    /// vendors' own.
    pub allowed_hosts: Vec<String>,
    /// Hosts, without a port, at which endpoints for events may have private addresses and plain http.
    pub private_hosts: Vec<String>,
    /// Where browsers reach this gateway; without it, no signer returns through it.
    pub public_url: Option<BaseUrl>,
    /// What says when something is due.
    pub clock: Arc<dyn Clock>,
    /// Whether calls with an unknown outcome are settled if the vendor proves that they happened.
    pub reconcile: bool,
    around: fn(Arc<dyn Ledger>) -> Arc<dyn Ledger>,
}

impl Options {
    /// With a state and the files of its keys.
    #[must_use]
    pub fn new(state: impl Into<State>, keys: Vec<PathBuf>) -> Self {
        Self {
            state: state.into(),
            keys,
            allowed_hosts: Vec::new(),
            private_hosts: Vec::new(),
            public_url: None,
            clock: Arc::new(SystemClock),
            reconcile: true,
            around: |ledger| ledger,
        }
    }

    /// Puts a ledger of the application's own around that of the state, for example one that counts.
    #[must_use]
    pub fn with_ledger(mut self, around: fn(Arc<dyn Ledger>) -> Arc<dyn Ledger>) -> Self {
        self.around = around;
        self
    }

    /// Allows settings to point to these hosts.
    #[must_use]
    pub fn with_allowed_hosts(mut self, hosts: Vec<String>) -> Self {
        self.allowed_hosts = hosts;
        self
    }

    /// Allows endpoints for events at these hosts to have private addresses and plain http.
    #[must_use]
    pub fn with_private_hosts(mut self, hosts: Vec<String>) -> Self {
        self.private_hosts = hosts;
        self
    }

    /// Whether a text can be one of the allowed hosts.
    ///
    /// # Errors
    /// `Config`, with what would be right.
    pub fn check_allowed_host(host: &str) -> Result<()> {
        hosts::read(host).map(drop)
    }

    /// Whether a text can be one of the private hosts.
    ///
    /// # Errors
    /// `Config`, with what would be right.
    pub fn check_private_host(host: &str) -> Result<()> {
        outgoing::check_host(host)
    }

    /// Sets where browsers reach this gateway.
    #[must_use]
    pub fn with_public_url(mut self, url: Option<BaseUrl>) -> Self {
        self.public_url = url;
        self
    }

    /// Sets whether calls with an unknown outcome are settled if the vendor proves that they happened.
    #[must_use]
    pub fn with_reconciler(mut self, reconcile: bool) -> Self {
        self.reconcile = reconcile;
        self
    }

    /// Sets the clock that says when something is due.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }
}

/// Everything behind the routes. Cheap to clone.
#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

struct Inner {
    store: Store,
    directory: Directory,
    clients: Clients,
    probe: Probe,
    throttle: Throttle,
    running: Arc<Semaphore>,
    large_webhooks: Semaphore,
    sender: Sender,
    clock: Arc<dyn Clock>,
    wake: Notify,
    reconcile: AtomicBool,
    public_url: RwLock<Option<BaseUrl>>,
    stopping: AtomicBool,
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gateway")
    }
}

impl Gateway {
    /// Opens the state, creates it if there is none, and applies the schema steps that it lacks.
    ///
    /// # Errors
    /// `Config` if the state, a key or an allowed host cannot be used, `Unavailable` if the database does not answer.
    pub async fn open(options: &Options) -> Result<Self> {
        let (mut store, db) = options.state.open(vault(&options.keys)?).await?;
        migrate(&db).await?;
        let probe = Probe::new(db.clone());
        let directory = Directory::new(db, vault(&options.keys)?);
        directory.check_keys().await?;
        store.ledger = (options.around)(store.ledger);
        let ledger = Arc::new(HoldingLedger(Arc::clone(&store.ledger)));
        let tokens = Arc::clone(&store.tokens);
        let clients = Clients::new(ledger, tokens, AllowedHosts::new(&options.allowed_hosts)?);
        let running = Arc::new(Semaphore::new(CALLS as usize));
        Ok(Self(Arc::new(Inner {
            store,
            directory,
            clients,
            probe,
            throttle: Throttle::default(),
            running,
            large_webhooks: Semaphore::new(LARGE_WEBHOOKS),
            sender: Sender::new(PrivateHosts::new(&options.private_hosts)?),
            clock: Arc::clone(&options.clock),
            wake: Notify::new(),
            reconcile: AtomicBool::new(options.reconcile),
            public_url: RwLock::new(options.public_url.clone()),
            stopping: AtomicBool::new(false),
        })))
    }

    /// Tenants, keys and accounts.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.0.directory
    }

    pub(crate) fn ledger(&self) -> &dyn Ledger {
        self.0.store.ledger.as_ref()
    }

    pub(crate) fn sign_ins(&self) -> &dyn PendingSignIns {
        self.0.store.sign_ins.as_ref()
    }

    pub(crate) fn probe(&self) -> &Probe {
        &self.0.probe
    }

    pub(crate) fn sender(&self) -> &Sender {
        &self.0.sender
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.0.clock.as_ref()
    }

    pub(crate) fn reconciles(&self) -> bool {
        self.0.reconcile.load(Ordering::Relaxed)
    }

    /// Tells the workers of this process that there is something to do.
    pub(crate) fn wake(&self) {
        self.0.wake.notify_waiters();
    }

    /// Ends when there may be something to do since now, also if it is not yet awaited.
    pub(crate) fn woken(&self) -> Notified<'_> {
        self.0.wake.notified()
    }

    pub(crate) fn public_url(&self) -> Option<BaseUrl> {
        self.0.public_url.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets where browsers reach this gateway from now on.
    pub fn set_public_url(&self, url: Option<BaseUrl>) {
        *self.0.public_url.write().unwrap_or_else(PoisonError::into_inner) = url;
    }

    /// For a large webhook, while it is in memory.
    pub(crate) async fn large_webhook(&self) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed.
        self.0.large_webhooks.acquire().await.ok()
    }

    pub(crate) fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }

    pub(crate) fn clients(&self) -> &Clients {
        &self.0.clients
    }

    /// From now on, uses the allowed and the private hosts of these options, and whether calls are settled. Clients
    /// stay, with their tokens and the counts of the vendors' limits. What else the options say needs a new gateway.
    ///
    /// # Errors
    /// `Config` for a text that is not a host. Then nothing changes.
    pub fn reconfigure(&self, options: &Options) -> Result<()> {
        let private = PrivateHosts::new(&options.private_hosts)?;
        self.clients().hosts().set(&options.allowed_hosts)?;
        self.sender().private().replace(&private);
        self.0.reconcile.store(options.reconcile, Ordering::Relaxed);
        Ok(())
    }

    /// Wraps all keys under the first key of the operator; returns how many were wrapped under another one.
    ///
    /// # Errors
    /// `Config` if one of the keys that wrap them is not configured.
    pub async fn rewrap_keys(&self) -> Result<usize> {
        Ok(self.0.store.rewrap_keys().await? + self.directory().rewrap_keys().await?)
    }

    /// The client of a tenant's account.
    pub(crate) async fn client(&self, tenant: &str, account: &AccountRow) -> Result<Client, Problem> {
        if let Some(client) = self.clients().get(account) {
            return Ok(client);
        }
        let settings = self.directory().settings(tenant, &account.id).await?;
        let settings = settings.ok_or_else(account_not_found)?;
        Ok(self.clients().build(tenant, account, settings)?)
    }

    /// After a sign-in or a sign-out by a key: no replica uses what its client knew before. Clients notice by
    /// themselves within seconds, so a failure is no reason to fail the request.
    pub(crate) async fn renew_client(&self, tenant: &str, key: &str, account: &AccountRow, what: &str) {
        let directory = self.directory().by_key(key);
        if let Err(error) = directory.begin_generation(tenant, &account.id, what).await {
            tracing::warn!(%error, "other replicas learn of a sign-in some seconds later");
        }
        self.clients().forget(account);
    }

    /// Runs a call under a key to its end, even if the caller goes away: a call that is cut off in the middle could
    /// have an unknown outcome. The problem of a call that the ledger has names it.
    pub(crate) async fn run_keyed<T: Send + 'static>(
        &self,
        tenant: &str,
        key: &IdempotencyKey,
        call: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T, Problem> {
        let Ok(permit) = Arc::clone(&self.0.running).try_acquire_owned() else {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            let (detail, hint) = ("the gateway has too many calls in progress", "repeat the request");
            return Err(Problem::new(status, "overloaded", detail, hint).repeat_after(1));
        };
        let (id, is_held) = self.directory().begin_call(tenant, key).await?;
        let task = async move {
            let result = held(is_held, call).await;
            drop(permit);
            result
        };
        let task = tokio::spawn(task.in_current_span());
        // A task that panicked, or whose runtime ends, may have sent something.
        let lost = |_| {
            let message = "the call was cut off by a mistake in the gateway";
            Err(Error::new(ErrorKind::Unexpected, message).with_outcome(Outcome::Unknown, Retry::Never))
        };
        task.await.unwrap_or_else(lost).map_err(|error| {
            let is_recorded = error.outcome() == Outcome::Unknown || KeyConflict::of(&error).is_some();
            let problem = Problem::from(error);
            if is_recorded { problem.with_call(format!("/v1/calls/{id}")) } else { problem }
        })
    }

    /// From now on, `/readyz` says that the gateway is stopping, so that no new requests are sent to it.
    pub fn begin_stop(&self) {
        self.0.stopping.store(true, Ordering::Relaxed);
        self.wake();
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.0.stopping.load(Ordering::Relaxed)
    }

    /// Waits until no call under a key is running, at most this long; whether none is.
    pub async fn quiet(&self, at_most: Duration) -> bool {
        tokio::time::timeout(at_most, self.0.running.acquire_many(CALLS)).await.is_ok()
    }
}

/// The problem of an account that is not the tenant's.
pub(crate) fn account_not_found() -> Problem {
    Problem::not_found("account", "see GET /v1/accounts")
}

/// The operator's keys.
fn vault(files: &[PathBuf]) -> Result<Vault> {
    Vault::read::<&Path>(files.iter().map(PathBuf::as_path)).map_err(|error| {
        let hint = match &error {
            countersign_vault::Error::Exposed(_) => {
                "if other users may have read the key, replace it as well: see `countersign-gateway rewrap`"
            }
            countersign_vault::Error::NotBase64(_) | countersign_vault::Error::Length { .. } => {
                "restore the file from where the keys are kept: a new key opens no existing state"
            }
            _ => {
                "give the files with --key; `countersign-gateway migrate --create-key` creates the first one"
            }
        };
        Error::new(ErrorKind::Config, format!("the sealing keys cannot be used: {error}"))
            .with_hint(hint)
            .with_source(error)
    })
}
