//! What a vendor's refusal means: by its own rows or, if none applies, by one table of HTTP statuses for all
//! vendors.

use std::fmt;
use std::sync::LazyLock;

use bytes::Bytes;
use http::HeaderMap;

use crate::error::{ErrorKind, Problem};
use crate::vendor::Facts;

/// The parts of a vendor that the errors of a request need: its name, and how its refusals are read.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Vocabulary {
    /// The vendor's short name.
    pub name: &'static str,
    /// Maps its refusals to kinds, and names the headers that ask to wait.
    pub facts: &'static LazyLock<Facts>,
    /// Reads its description of a refusal from any answer; see `Descriptor::read_problem`.
    pub read_problem: fn(status: u16, headers: &HeaderMap, body: &Bytes) -> Problem,
}

/// The name only, because the facts are long.
impl fmt::Debug for Vocabulary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vocabulary({})", self.name)
    }
}

/// The kind and meaning of an HTTP status that the vendor's table does not cover.
#[must_use]
pub fn default_kind(status: u16) -> (ErrorKind, &'static str) {
    match status {
        200..=299 => (ErrorKind::Unexpected, "the vendor reported a failure inside a success"),
        300..=399 => (
            ErrorKind::Config,
            "the vendor answered with a redirect, which is never followed: `base_url` is probably not the API's address",
        ),
        401 => (ErrorKind::Unauthenticated, "the vendor does not accept the credentials"),
        402 => (ErrorKind::QuotaExceeded, "the vendor asks for payment: plan or credits are used up"),
        403 => (ErrorKind::PermissionDenied, "the vendor denies access"),
        404 | 410 => (
            ErrorKind::Config,
            "the server does not know this address: `base_url`, region or environment is probably wrong",
        ),
        408 => (ErrorKind::Timeout, "the vendor timed out waiting for the request"),
        409 | 423 => (ErrorKind::EnvelopeBusy, "the vendor reports a conflict with another change"),
        429 => (ErrorKind::RateLimited, "the vendor allows no more calls for now"),
        400 | 405 | 406 | 411..=418 | 422 | 428 | 431 => {
            (ErrorKind::InvalidRequest, "the vendor does not accept the request")
        }
        500..=599 => (ErrorKind::Unavailable, "the vendor, or a system on the way to it, is not working"),
        _ => (ErrorKind::Unexpected, "the vendor answered with a status that has no known meaning"),
    }
}
