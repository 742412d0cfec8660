//! A small application in which users sign: one list of contracts at several vendors, a button, and what comes after
//! it.
//!
//! It shows how the parts of `countersign` fit together in a web application:
//!
//! - `pages/sign.rs` makes a link and sends the browser to it, or shows it in a frame;
//! - `pages/back.rs`: one return URL at every vendor leads to a page per outcome, and what the browser says is checked
//!   with the vendor;
//! - `pages/told.rs` takes the vendors' webhooks, checked and each once;
//! - `pages/support.rs` and `pages/unlock.rs`: a support page finds a locked signer and gives them a new access code.
//!
//! No file names a vendor: what differs between them is asked for. There is no sign-in: an application has its own, and
//! shows users their own contracts. Everything is in memory.

mod app;
mod contracts;
mod desk;
mod known;
mod pages;
mod start;
mod words;

pub use contracts::Contract;
pub use start::{Options, Running, start};
