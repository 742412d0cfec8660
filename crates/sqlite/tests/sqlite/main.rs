//! The SQLite store.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod files;
mod keys;
mod secrets;
mod several;
mod support;
