//! The signing ceremony and the operator's pages in a real browser: headless Chromium against the sandbox, the example
//! application and the gateway.
//!
//! `tests/browser/run` starts it. Elements are found as a person finds them: buttons and links by their words, fields
//! by their labels. Each page that a test comes to is checked for accessibility and kept as a picture.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod axe;
mod browser;
mod driver;
mod frames;
mod links;
mod locked;
mod operator;
mod returns;
mod sandbox_pages;
mod scene;
mod signing;
mod webhooks;
