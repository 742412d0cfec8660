//! The built command, run as users and scripts run it, against a sandbox in this process.
#![allow(clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod access_code;
mod accounts;
mod book;
mod bulk;
mod bulk_beside;
mod bulk_durable;
mod bulk_files;
mod bulk_ids;
mod bulk_stopped;
mod database;
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
mod schema;
mod screens;
mod shared_tokens;
mod state;
mod support;
mod surroundings;
mod tape;
mod tools;
mod unlock;
mod view;
mod webhook;
mod webhook_forward;
mod webhook_slow;
