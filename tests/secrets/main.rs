//! Secrets show nowhere: keys, tokens, private keys, access codes and signing links are planted in a run of every
//! operation, in success and in failure, at every vendor; then everything that users or programs could read is
//! searched for them.
//!
//! - [`refusals`]: answers that echo what was sent, in many shapes, at every step of every operation.
//! - [`wire`]: the same over sockets, for what reqwest, hyper and the system put into causes and logs; redirects.
//! - [`committed`]: the files of this repository.
//!
//! The logs of all crates, at every level, are caught by [`capture`] for the whole run, and the labels of all metrics
//! by [`labels`].
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod capture;
mod committed;
mod forms;
mod labels;
mod meddler;
mod refusals;
mod shapes;
mod ways;
mod wire;
