//! The vendors that are built in: one line each.

use countersign_core::Descriptor;

static ADAPTERS: &[&Descriptor] = &[
    #[cfg(feature = "docusign")]
    &countersign_docusign::DESCRIPTOR,
    #[cfg(feature = "boldsign")]
    &countersign_boldsign::DESCRIPTOR,
];

/// Every vendor that was built in, in the order of the documentation.
#[must_use]
pub fn vendors() -> &'static [&'static Descriptor] {
    ADAPTERS
}
