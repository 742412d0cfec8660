//! What a vendor can do, as data.

use serde::Serialize;

use crate::error::{Error, ErrorKind, Result};

/// Something that can be asked for: an operation, or an option of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Feature {
    /// List the recipients.
    ListRecipients,
    /// Make a signing link.
    CreateView,
    /// Choose how long a link lives.
    ViewExpiry,
    /// State how the application identified the signer.
    ViewAuthenticationMethod,
    /// State the id of the application's authentication event.
    ViewAssertion,
    /// Have the browser call a URL while signing is open.
    ViewPing,
    /// Say which origins may frame the signing page.
    ViewFrameAncestors,
    /// Say which origins get the signing page's messages.
    ViewMessageOrigins,
    /// Have the return URL tell the outcome.
    ViewReturnOutcome,
    /// Resend to one recipient.
    ResendOne,
    /// Resend to everybody who is due.
    ResendEveryone,
    /// Give the resent mail a text.
    ResendMessage,
    /// Change an access code.
    ChangeAccessCode,
    /// Change an access code and notify in one call.
    AccessCodeNotify,
    /// Unlock a signer who typed wrong access codes.
    Unlock,
    /// Act for a sender identity.
    OnBehalfOf,
}

impl Feature {
    /// A few words for tables and messages.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Feature::ListRecipients => "list recipients",
            Feature::CreateView => "create a signing view",
            Feature::ViewExpiry => "choose the link's life (expires_in)",
            Feature::ViewAuthenticationMethod => {
                "state how the signer was identified (authentication_method)"
            }
            Feature::ViewAssertion => "state an authentication event (assertion_id)",
            Feature::ViewPing => "keep-alive ping (ping)",
            Feature::ViewFrameAncestors => "allowed framing origins (frame_ancestors)",
            Feature::ViewMessageOrigins => "allowed message origins (message_origins)",
            Feature::ViewReturnOutcome => "outcome in the return URL",
            Feature::ResendOne => "resend to one recipient",
            Feature::ResendEveryone => "resend to everyone due",
            Feature::ResendMessage => "own text in the resent mail (message)",
            Feature::ChangeAccessCode => "change an access code",
            Feature::AccessCodeNotify => "change an access code and notify (notify)",
            Feature::Unlock => "unlock after wrong access codes",
            Feature::OnBehalfOf => "act for a sender identity (on_behalf_of)",
        }
    }
}

/// How a vendor supports a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Support {
    /// With one call of its own.
    Native,
    /// With more than one call, made by the adapter.
    Emulated,
    /// It cannot be said to this vendor.
    Impossible,
}

/// On what a statement about a vendor rests, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The vendor's documentation or specification says so.
    Documented,
    /// Users or the vendor's own tests have seen it.
    Observed,
    /// An inference; test it before relying on it.
    Guessed,
}

/// One row of a vendor's capabilities.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Capability {
    /// What can be asked for.
    pub feature: Feature,
    /// How it is supported.
    pub support: Support,
    /// Under which conditions, and with which limits; empty when there are none.
    pub conditions: &'static str,
    /// On what the row rests.
    pub evidence: Evidence,
}

impl Capability {
    /// A row.
    #[must_use]
    pub const fn new(
        feature: Feature,
        support: Support,
        conditions: &'static str,
        evidence: Evidence,
    ) -> Self {
        Self { feature, support, conditions, evidence }
    }
}

/// Refuses what cannot be said to a vendor, before anything is sent.
///
/// # Errors
/// `Unsupported`, naming the first feature that the vendor lacks and why. A feature without a row is one that the
/// adapter does not know, and is refused as well.
pub fn check_features(capabilities: &[Capability], used: &[Feature]) -> Result<()> {
    for feature in used {
        match capabilities.iter().find(|row| row.feature == *feature) {
            Some(row) if row.support != Support::Impossible => {}
            row => {
                let error = Error::new(
                    ErrorKind::Unsupported,
                    format!("this vendor does not offer this: {}", feature.title()),
                );
                return Err(match row {
                    Some(row) if !row.conditions.is_empty() => error.with_hint(row.conditions),
                    _ => error,
                });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_vendor_lacks_is_named_with_the_reason() {
        const WHY: &str = "no URL is called while signing is open";
        let rows = [
            Capability::new(Feature::CreateView, Support::Native, "", Evidence::Documented),
            Capability::new(Feature::ViewPing, Support::Impossible, WHY, Evidence::Documented),
        ];
        assert!(check_features(&rows, &[Feature::CreateView]).is_ok());
        let error = check_features(&rows, &[Feature::CreateView, Feature::ViewPing]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "not supported: this vendor does not offer this: keep-alive ping (ping)"
        );
        assert_eq!(error.hint(), WHY);
        assert_eq!(check_features(&rows, &[Feature::Unlock]).unwrap_err().kind(), ErrorKind::Unsupported);
    }
}
