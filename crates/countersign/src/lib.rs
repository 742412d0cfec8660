//! One interface over e-signature vendors: create a signing view, resend to a recipient, change an access code, list
//! recipients. An application that calls [`Client`] does not know which vendor is behind it.
//!
//! ```no_run
//! use countersign::{Config, CreateView, RecipientRef, ReturnUrl};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Config::load(None)?.account(Some("acme"))?.client()?;
//! let envelope = "5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001".parse()?;
//! let recipient: RecipientRef = "email:anna@example.com".parse()?;
//! let request = CreateView::new(envelope, recipient, ReturnUrl::new("https://app.example.com/signed")?);
//! match client.create_view(&request).await {
//!     Ok(view) => println!("redirect the signer within {:?}", view.expires_at),
//!     Err(error) => println!("{error}\nnext: {}", error.hint()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! - [`Client`] holds one account at one vendor. [`Config`] makes clients from a file and from variables.
//! - [`Error`] tells the kind, whether it happened all the same, whether the call may be repeated, and what to do.
//! - [`vendors`] lists what each vendor can do, with conditions.

mod client;
mod config;
mod registry;
mod token_files;

pub use client::{Client, ClientBuilder};
pub use config::{Account, Config};
pub use countersign_core::*;
pub use countersign_http::{HttpOptions, HttpTransport};
pub use registry::vendors;
pub use token_files::FileTokenStore;

/// The adapters, for applications that make a provider without a configuration file.
pub mod adapters {
    #[cfg(feature = "boldsign")]
    pub use countersign_boldsign as boldsign;
    #[cfg(feature = "docusign")]
    pub use countersign_docusign as docusign;
}
