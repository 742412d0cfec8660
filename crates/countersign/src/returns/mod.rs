//! The return from a signing page: one return URL, a destination per outcome, and the vendor's confirmation.
//!
//! A returning browser brings a hint ([`SigningReturn`]); [`Confirmer`] asks the vendor for the true state, no more
//! often than the vendor allows. [`ReturnRoutes`] creates the single return URL that vendors accept, with its signed
//! state in the path, and redirects each outcome to a destination of the application; with the feature `axum`, as an
//! extractor and a router.
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
mod destination;
mod keys;
mod nonces;
mod readings;
mod refused;
mod routes;
mod state;
mod token;
#[cfg(feature = "axum")]
mod web;

pub use countersign_core::store::{Nonce, NonceStore, Reading, Readings};
pub use countersign_core::vendor::SigningReturn;
pub use countersign_core::{ReturnOutcome, ReturnsTo};

pub use confirm::{Confirmed, Confirmer, Verdict};
pub use destination::Destination;
pub use keys::{ReturnKey, ReturnKeys};
pub use nonces::MemoryNonces;
pub use readings::MemoryReadings;
pub use refused::ReturnRefused;
pub use routes::{AcceptedReturn, ReturnRoutes};
pub use state::ReturnState;
#[cfg(feature = "axum")]
pub use web::NotAccepted;
