//! What calls cost, and how many an account has.

use std::time::Duration;

use serde::Serialize;

use super::Fact;
use crate::model::Operation;
use crate::vendor::capability::Feature;

/// How many HTTP calls an operation takes, signing in not counted. This is the adapter's doing, so it needs no
/// evidence.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct CallCount {
    /// The operation.
    pub operation: Operation,
    /// Only with this option; the row without one is for all others.
    pub option: Option<Feature>,
    /// With a recipient from an earlier list, when all goes well.
    pub known: u32,
    /// With a recipient named otherwise, when all goes well.
    pub usual: u32,
    /// At most, repetitions after faults not counted.
    pub most: u32,
}

/// How many calls an account has. How often one envelope may be read is told by [`crate::Returns::polling`].
#[derive(Debug, Serialize)]
pub struct Rate {
    /// In an hour, at the live service.
    pub per_hour: Fact<u32>,
    /// In an hour, where the vendor's service for trying out has another limit.
    pub trial_per_hour: Option<Fact<u32>>,
    /// In a short time, where there is such a limit.
    pub burst: Option<Fact<Burst>>,
}

/// A limit for a short time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Burst {
    /// So many calls.
    pub calls: u32,
    /// Within this time.
    pub within: Duration,
}
