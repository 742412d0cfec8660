//! The gateway as its callers see it, over the sandbox.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod accounts;
mod admin;
mod auth;
mod book;
mod config;
mod deploy;
mod document;
mod door;
mod endpoints;
mod erasure;
mod events;
mod examples;
mod figures;
mod greedy;
mod hanging;
mod hold;
mod kept;
mod keys;
mod operations;
mod problems;
mod program;
mod reconcile;
mod replicas;
mod reports;
mod retention;
mod returns;
mod secrets;
mod sign_ins;
mod slow_answers;
mod statuses;
mod support;
mod tenants;
mod tls;
#[cfg(feature = "otel")]
mod traces;
