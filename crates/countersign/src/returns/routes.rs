//! One return URL for the vendor, one destination per outcome for the application.

use std::sync::Arc;
use std::time::Duration;

use countersign_core::{
    BaseUrl, Clock, Descriptor, Error, ErrorKind, Result, ReturnOutcome, ReturnUrl, SigningReturn,
    SystemClock, hidden,
};

use super::destination::Destination;
use super::keys::ReturnKeys;
use super::nonces::{MemoryNonces, random_nonce};
use super::refused::ReturnRefused;
use super::state::ReturnState;
use super::token::Ticket;
use countersign_core::store::NonceStore;

/// A return is remembered for longer than it is valid by this much, because the clocks of processes differ.
const CLOCKS: Duration = Duration::from_secs(5 * 60);

/// Creates return URLs, and accepts the returns that arrive at them.
///
/// Vendors accept a single return URL. This one has its signed state in the path, so that it stays intact with
/// vendors that append carelessly to queries or refuse them. On return, the signature, age and first use are
/// checked, and the vendor's word for the outcome selects one of the application's destinations.
///
/// The signature proves that *the URL* was created here for this recipient. The outcome is only the browser's
/// claim, a hint ([`SigningReturn`]); before you rely on it, ask the vendor ([`Confirmer`](super::Confirmer)) or
/// wait for its webhook. Cheap to clone; clones share keys and store.
///
/// ```
/// use countersign::BaseUrl;
/// use countersign::returns::{Destination, ReturnKey, ReturnKeys, ReturnOutcome, ReturnRoutes, ReturnState};
/// use countersign::secrecy::SecretString;
///
/// # async fn run(secret: SecretString, client: &countersign::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let keys = ReturnKeys::new(ReturnKey::new("2026-11", secret)?);
/// let fallback = Destination::new("/contracts/{envelope}")?;
/// let routes = ReturnRoutes::new(BaseUrl::new("https://app.example.com/back")?, keys, fallback)
///     .to(ReturnOutcome::Signed, Destination::new("/contracts/{envelope}/thanks")?)
///     .to(ReturnOutcome::Cancelled, Destination::new("/contracts/{envelope}/later")?);
///
/// // For the link: the return URL of this one visit.
/// let state = ReturnState::of(client, "5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001".parse()?, "1".parse()?);
/// let return_url = routes.issue(&state)?;
///
/// // When the browser is back, with what its request asks for.
/// let accepted = routes.accept(&format!("{return_url}?event=signing_complete")).await?;
/// println!("{} is back: see other {}", accepted.state.recipient, accepted.destination());
/// # Ok(())
/// # }
/// ```
///
/// The browser comes from the vendor's site: it does not send the application's session cookie if that is
/// `SameSite=Strict`; it does with `Lax`.
#[derive(Debug, Clone)]
pub struct ReturnRoutes {
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    base: BaseUrl,
    keys: ReturnKeys,
    life: Duration,
    destinations: Vec<(ReturnOutcome, Destination)>,
    fallback: Destination,
    nonces: Arc<dyn NonceStore>,
    clock: Arc<dyn Clock>,
    /// Those that are not built in.
    vendors: Vec<&'static Descriptor>,
}

// Not the used returns, of which there may be many.
hidden!(Inner { base, keys, life, destinations, fallback });

impl ReturnRoutes {
    /// The default lifetime of a return URL.
    pub const LIFE: Duration = Duration::from_secs(24 * 60 * 60);

    /// Returns arrive at `base` and one more path segment; `fallback` is for returns without an outcome, and for
    /// every outcome without its own destination.
    #[must_use]
    pub fn new(base: BaseUrl, keys: ReturnKeys, fallback: Destination) -> Self {
        let inner = Inner {
            base,
            keys,
            life: Self::LIFE,
            destinations: Vec::new(),
            fallback,
            nonces: Arc::new(MemoryNonces::default()),
            clock: Arc::new(SystemClock),
            vendors: Vec::new(),
        };
        Self { inner: Arc::new(inner) }
    }

    fn inner(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.inner)
    }

    /// Sets the destination of one outcome; the last call counts.
    #[must_use]
    pub fn to(mut self, outcome: ReturnOutcome, destination: Destination) -> Self {
        let destinations = &mut self.inner().destinations;
        destinations.retain(|(known, _)| *known != outcome);
        destinations.push((outcome, destination));
        self
    }

    /// The lifetime of return URLs: [`ReturnRoutes::LIFE`] by default. Make it at least as long as the signing link is
    /// valid and signing takes, because a later return is rejected. For one visit, set it in a clone of the routes.
    #[must_use]
    pub fn life(mut self, life: Duration) -> Self {
        self.inner().life = life;
        self
    }

    /// Stores used returns here; by default in the memory of this process.
    #[must_use]
    pub fn nonces(mut self, store: Arc<dyn NonceStore>) -> Self {
        self.inner().nonces = store;
        self
    }

    /// Uses this clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.inner().clock = clock;
        self
    }

    /// Reads the returns of another vendor, whose adapter is not built in.
    #[must_use]
    pub fn vendor(mut self, vendor: &'static Descriptor) -> Self {
        self.inner().vendors.push(vendor);
        self
    }

    /// The path of returns, without the signed segment and without a trailing slash.
    pub fn path(&self) -> &str {
        self.inner.base.url().path().trim_end_matches('/')
    }

    /// A return URL for one visit: pass it to `create_view`.
    ///
    /// # Errors
    /// `InvalidRequest` if it is longer than this vendor accepts (at most [`ReturnUrl::MAX`]): shorten the base URL
    /// or the account's name. `Config` for a vendor that this program was built without.
    pub fn issue(&self, state: &ReturnState) -> Result<ReturnUrl> {
        let Some(vendor) = self.vendor_of(state) else {
            return Err(Error::new(
                ErrorKind::Config,
                "returns of this vendor cannot be read: it is not built in",
            ));
        };
        let now = self.inner.clock.now();
        let ends = now.saturating_add(self.inner.life).map_err(|_| {
            Error::new(ErrorKind::InvalidRequest, "the lifetime of the return URL is too long")
        })?;
        let ticket = Ticket { state: state.clone(), nonce: random_nonce()?, ends };
        let token = ticket.seal(&self.inner.keys)?;
        let url = ReturnUrl::new(&format!("{}/{token}", self.inner.base.as_str()))?;
        vendor.facts.check_return_url(&url)?;
        Ok(url)
    }

    /// Accepts a return: the full URL, or path and query as web frameworks provide them. Succeeds once per URL.
    ///
    /// # Errors
    /// [`ReturnRefused`], with the reason and, if the signature is valid, the state.
    pub async fn accept(&self, url: &str) -> Result<AcceptedReturn, ReturnRefused> {
        let path = url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        let token = path.rsplit('/').next().unwrap_or_default();
        let Ticket { state, nonce, ends } = Ticket::open(token, &self.inner.keys)?;
        let now = self.inner.clock.now();
        if now >= ends {
            return Err(ReturnRefused::Expired { state: Box::new(state) });
        }
        let vendor = self.vendor_of(&state).ok_or(ReturnRefused::UnknownVendor)?;
        let left = Duration::try_from(ends.duration_since(now)).unwrap_or_default();
        match self.inner.nonces.claim(nonce, left.saturating_add(CLOCKS)).await {
            Ok(true) => {}
            Ok(false) => return Err(ReturnRefused::Replayed { state: Box::new(state) }),
            Err(error) => return Err(ReturnRefused::Unavailable(error)),
        }
        Ok(AcceptedReturn { hint: SigningReturn::read(vendor, url), state, routes: self.clone() })
    }

    /// The destination of an outcome.
    pub fn destination(&self, outcome: Option<&ReturnOutcome>) -> &Destination {
        let fits = |known: &ReturnOutcome, outcome: &ReturnOutcome| match (known, outcome) {
            (ReturnOutcome::Other(known), ReturnOutcome::Other(word)) => known.eq_ignore_ascii_case(word),
            (known, outcome) => known == outcome,
        };
        let found = outcome
            .and_then(|outcome| self.inner.destinations.iter().find(|(known, _)| fits(known, outcome)));
        found.map_or(&self.inner.fallback, |(_, destination)| destination)
    }

    fn vendor_of(&self, state: &ReturnState) -> Option<&'static Descriptor> {
        let mut vendors = crate::registry::vendors().iter().chain(&self.inner.vendors);
        vendors.find(|vendor| vendor.name == state.vendor).copied()
    }
}

/// A return with a valid signature that is not too old and was not used before.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AcceptedReturn {
    /// The state of the return: signed, so unchanged since the URL was created.
    pub state: ReturnState,
    /// The browser's claim: a hint.
    pub hint: SigningReturn,
    routes: ReturnRoutes,
}

impl AcceptedReturn {
    /// The address for the outcome of the hint.
    pub fn destination(&self) -> String {
        self.destination_for(self.hint.outcome.as_ref())
    }

    /// The address for an outcome other than the hint's: the one that the vendor confirmed
    /// ([`Confirmed::established`](super::Confirmed::established)).
    pub fn destination_for(&self, outcome: Option<&ReturnOutcome>) -> String {
        self.routes.destination(outcome).fill(&self.state)
    }
}
