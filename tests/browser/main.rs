//! The signing ceremony in a real browser: headless Chromium against the sandbox and the example application.
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
mod returns;
mod sandbox_pages;
mod scene;
mod signing;
mod webhooks;
