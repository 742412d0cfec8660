//! Countersign over HTTP: the four operations of every vendor, for any language and many tenants.
//!
//! The program `countersign-gateway` is this library with a command line. Applications in Rust do not need it; they
//! use `countersign` itself. [`Gateway`] is the state, [`serve`] answers requests, and [`document`] is the OpenAPI
//! document.
//!
//! ```no_run
//! use std::path::PathBuf;
//! use std::time::Duration;
//!
//! use countersign_gateway::{Gateway, Options, serve};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let gateway = Gateway::open(&Options::new(PathBuf::from("state.db"), vec!["state.key".into()])).await?;
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8790").await?;
//! serve(listener, gateway, std::future::pending(), Duration::ZERO, Duration::from_secs(70)).await;
//! # Ok(())
//! # }
//! ```

mod admin;
mod api_key;
mod auth;
mod clients;
mod db;
mod directory;
mod events;
mod extract;
mod gateway;
mod hold;
mod hosts;
mod metrics;
mod outgoing;
mod peer;
mod person;
mod probe;
mod problem;
mod rate_fields;
mod reconcile;
mod routes;
mod server;
mod state;
mod throttle;
mod tls;
mod told;
mod traces;
mod wire;
mod work;

pub use admin::AdminAccess;
pub use api_key::{ApiKey, KeyScope};
pub use directory::{AccountRow, AuditEntry, Caller, Directory, KeyLimits, KeyRow, Replica, Tenant};
pub use gateway::{Gateway, Options};
pub use peer::TrustedProxies;
pub use routes::document;
pub use server::{Listening, admin_app, app, serve, serve_admin};
pub use state::State;
pub use tls::Tls;

#[cfg(feature = "dev")]
pub mod dev;
