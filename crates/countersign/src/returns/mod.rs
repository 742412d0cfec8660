//! The return from a signing page: one return URL, a destination per outcome, and the vendor's confirmation.
//!
//! A returning browser brings a hint ([`SigningReturn`]); [`Confirmer`] asks the vendor for the true state, no more
//! often than the vendor allows. With the feature `returns`, `ReturnRoutes` creates the single return URL that
//! vendors accept, with its signed state in the path, and redirects each outcome to a destination of the
//! application; with `axum`, as an extractor and a router.
//!
//! ```no_run
//! use countersign::returns::{Confirmer, ReturnOutcome, Verdict};
//!
//! # async fn run(client: countersign::Client) -> Result<(), Box<dyn std::error::Error>> {
//! let confirmer = Confirmer::new(client);
//! let (envelope, signer) = ("5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001".parse()?, "id:1".parse()?);
//! let confirmed = confirmer.confirm(&envelope, &signer, Some(&ReturnOutcome::Signed)).await?;
//! if confirmed.verdict == Verdict::Agrees {
//!     println!("signed, as the vendor says too");
//! }
//! # Ok(())
//! # }
//! ```

mod confirm;
#[cfg(feature = "returns")]
mod destination;
#[cfg(feature = "returns")]
mod keys;
#[cfg(feature = "returns")]
mod nonces;
mod readings;
#[cfg(feature = "returns")]
mod refused;
#[cfg(feature = "returns")]
mod routes;
#[cfg(feature = "returns")]
mod state;
#[cfg(feature = "returns")]
mod token;
#[cfg(feature = "axum")]
mod web;

#[cfg(feature = "returns")]
pub use countersign_core::store::{Nonce, NonceStore};
pub use countersign_core::store::{Reading, Readings};
pub use countersign_core::vendor::SigningReturn;
pub use countersign_core::{ReturnOutcome, ReturnsTo};

pub use confirm::{Confirmed, Confirmer, Verdict};
#[cfg(feature = "returns")]
pub use destination::Destination;
#[cfg(feature = "returns")]
pub use keys::{ReturnKey, ReturnKeys};
#[cfg(feature = "returns")]
pub use nonces::MemoryNonces;
pub use readings::MemoryReadings;
#[cfg(feature = "returns")]
pub use refused::ReturnRefused;
#[cfg(feature = "returns")]
pub use routes::{AcceptedReturn, ReturnRoutes, ReturnRoutesBuilder};
#[cfg(feature = "returns")]
pub use state::ReturnState;
#[cfg(feature = "axum")]
pub use web::NotAccepted;
