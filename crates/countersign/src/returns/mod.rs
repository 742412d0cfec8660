//! The way back from a signing page: one return URL, a place per outcome, and what the vendor says of it.

mod confirm;
#[cfg(feature = "returns")]
mod destination;
#[cfg(feature = "returns")]
mod keys;
#[cfg(feature = "returns")]
mod nonces;
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

pub use confirm::{Confirmed, Confirmer, Verdict};
#[cfg(feature = "returns")]
pub use destination::Destination;
#[cfg(feature = "returns")]
pub use keys::{ReturnKey, ReturnKeys};
#[cfg(feature = "returns")]
pub use nonces::{MemoryNonces, Nonce, NonceStore};
#[cfg(feature = "returns")]
pub use refused::ReturnRefused;
#[cfg(feature = "returns")]
pub use routes::{AcceptedReturn, ReturnRoutes, ReturnRoutesBuilder};
#[cfg(feature = "returns")]
pub use state::ReturnState;
#[cfg(feature = "axum")]
pub use web::NotAccepted;
