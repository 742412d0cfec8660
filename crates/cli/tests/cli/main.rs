//! The built command, run as people and scripts run it, against a sandbox in this process.
#![allow(clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod access_code;
mod accounts;
mod bulk;
mod bulk_beside;
mod bulk_durable;
mod bulk_ids;
mod bulk_stopped;
mod drain;
mod hostile;
mod login;
mod migrate;
mod outside;
mod owned;
mod plan;
mod play;
mod readme;
mod recipients;
mod resend;
mod shared_tokens;
mod support;
mod tape;
mod tools;
mod view;
mod webhook;
mod webhook_forward;
