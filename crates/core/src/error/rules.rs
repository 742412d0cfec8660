//! What a vendor's refusal means if none of its own rows applies: one table of HTTP statuses for all vendors.

use crate::error::ErrorKind;

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
