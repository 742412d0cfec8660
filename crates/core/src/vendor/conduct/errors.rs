//! What can be refused.

use serde::Serialize;

use crate::error::ErrorKind;
use crate::model::Operation;
use crate::vendor::capability::Evidence;

/// A kind of error that can come in an operation, from the vendor or from its adapter.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Refusal {
    /// In which operation.
    pub operation: Operation,
    /// Which kind.
    pub kind: ErrorKind,
    /// When it comes.
    pub when: &'static str,
    /// How sure it is that this vendor's refusal is of this kind. What the adapter decides itself is documented.
    pub evidence: Evidence,
}

impl Refusal {
    /// The kinds that every operation of every vendor can end with: credentials, limits, the way there, and mistakes
    /// in the request. They have no rows.
    pub const EVERYWHERE: [ErrorKind; 11] = [
        ErrorKind::InvalidRequest,
        ErrorKind::Unsupported,
        ErrorKind::Config,
        ErrorKind::Unauthenticated,
        ErrorKind::ConsentRequired,
        ErrorKind::PermissionDenied,
        ErrorKind::RateLimited,
        ErrorKind::Unavailable,
        ErrorKind::Timeout,
        ErrorKind::InvalidResponse,
        ErrorKind::Unexpected,
    ];

    /// Of `EnvelopeNotFound`. These sentences are the same for every vendor, so that only real differences show.
    pub const UNKNOWN_ID: &str = "the id is unknown in this account and environment";
    /// Of `EnvelopeClosed`.
    pub const ENDED: &str = "the envelope has ended: completed, declined, taken back or out of time";
    /// Of `EnvelopeBusy`.
    pub const EDITED: &str = "somebody is editing the envelope";
    /// Of `RecipientNotFound`.
    pub const NOBODY: &str = "nobody on the envelope is the one who was named";
    /// Of `RecipientAmbiguous`.
    pub const SEVERAL: &str = "several on the envelope are meant";
    /// Of `RecipientNotInTurn`.
    pub const OTHERS_FIRST: &str = "others have to act first";
    /// Of `RecipientLocked`.
    pub const LOCKED_OUT: &str = "wrong access codes, or another failed check";
    /// Of `AccessCodeRefused`.
    pub const BAD_CODE: &str = "the vendor does not take the code";

    /// A row.
    #[must_use]
    pub const fn new(operation: Operation, kind: ErrorKind, when: &'static str, evidence: Evidence) -> Self {
        Self { operation, kind, when, evidence }
    }
}
