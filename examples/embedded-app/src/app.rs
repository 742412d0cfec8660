//! What every page needs.

use std::error::Error;
use std::sync::Arc;

use axum::extract::FromRef;
use countersign::returns::{Destination, ReturnKey, ReturnKeys, ReturnOutcome, ReturnRoutes};
use countersign::{BaseUrl, Clock, InvalidValue, Origin, Timestamp};

use crate::contracts::{Contract, Contracts};
use crate::desk::Desk;
use crate::words;

/// The application. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct App(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    origin: Origin,
    sandbox_url: String,
    desks: Vec<Desk>,
    contracts: Contracts,
    routes: ReturnRoutes,
    clock: Arc<dyn Clock>,
}

impl App {
    pub(crate) fn new(
        url: &str,
        sandbox_url: String,
        desks: Vec<Desk>,
        contracts: Contracts,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        // A deployment gives its keys from its configuration, so that returns survive a restart.
        let keys = ReturnKeys::new(ReturnKey::random("demo")?);
        let fallback = after(words::UNSURE)?;
        let routes = ReturnRoutes::new(BaseUrl::new(&format!("{url}/back"))?, keys, fallback);
        let routes = ReturnOutcome::NAMED.into_iter().try_fold(routes, |routes, outcome| {
            let place = after(words::slug(Some(&outcome)))?;
            Ok::<_, InvalidValue>(routes.to(outcome, place))
        })?;
        let routes = routes.clock(Arc::clone(&clock));
        let origin = Origin::new(url)?;
        Ok(Self(Arc::new(Parts { origin, sandbox_url, desks, contracts, routes, clock })))
    }

    pub(crate) fn contracts(&self) -> &Contracts {
        &self.0.contracts
    }

    pub(crate) fn desks(&self) -> &[Desk] {
        &self.0.desks
    }

    pub(crate) fn desk(&self, contract: &Contract) -> Option<&Desk> {
        self.0.desks.iter().find(|desk| desk.name == contract.account)
    }

    pub(crate) fn routes(&self) -> &ReturnRoutes {
        &self.0.routes
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.0.origin
    }

    pub(crate) fn sandbox_url(&self) -> &str {
        &self.0.sandbox_url
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }
}

impl FromRef<App> for ReturnRoutes {
    fn from_ref(app: &App) -> Self {
        app.0.routes.clone()
    }
}

/// The page of an outcome.
fn after(slug: &str) -> Result<Destination, InvalidValue> {
    Destination::new(&format!("/contracts/{{account}}/{{envelope}}/after/{slug}"))
}
