//! What a vendor supports, as data.

use serde::{Deserialize, Serialize};

use crate::model::word::words;

words! {
    /// A feature that can be requested: an operation, or an option of one.
    Feature {
        /// List the recipients.
        ListRecipients = "list_recipients", "list recipients";
        /// Create a signing link.
        CreateView = "create_view", "create a signing view";
        /// Choose how long a link lives.
        ViewExpiry = "view_expiry", "choose the link's life (expires_in)";
        /// State how the application identified the signer.
        ViewAuthenticationMethod = "view_authentication_method", "state how the signer was identified (authentication_method)";
        /// State the id of the application's authentication event.
        ViewAssertion = "view_assertion", "state an authentication event (assertion_id)";
        /// Make the browser call a URL while signing is open.
        ViewPing = "view_ping", "keep-alive ping (ping)";
        /// Allow origins to frame the signing page.
        ViewFrameAncestors = "view_frame_ancestors", "allowed framing origins (frame_ancestors)";
        /// Allow origins to receive the signing page's messages.
        ViewMessageOrigins = "view_message_origins", "allowed message origins (message_origins)";
        /// Choose the return URL of each link. Where that is impossible, it is fixed when the envelope is made, and
        /// the reply says where the signer returns to.
        ViewReturnUrl = "view_return_url", "choose the return URL of each link (return_url)";
        /// Report the outcome in the return URL.
        ViewReturnOutcome = "view_return_outcome", "outcome in the return URL";
        /// Resend to one recipient.
        ResendOne = "resend_one", "resend to one recipient";
        /// Resend to every recipient whose turn it is.
        ResendEveryone = "resend_everyone", "resend to everyone due";
        /// Set a text for the resent mail.
        ResendMessage = "resend_message", "own text in the resent mail (message)";
        /// Change an access code.
        ChangeAccessCode = "change_access_code", "change an access code";
        /// Change an access code and notify in one call.
        AccessCodeNotify = "access_code_notify", "change an access code and notify (notify)";
        /// Unlock a signer who entered wrong access codes.
        Unlock = "unlock", "unlock after wrong access codes";
        /// Act for a sender identity.
        OnBehalfOf = "on_behalf_of", "act for a sender identity (on_behalf_of)";
    }
}

/// How a vendor supports a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Support {
    /// With one call of its own.
    Native,
    /// With more than one call, made by the adapter.
    Emulated,
    /// Not supported.
    Impossible,
}

/// The evidence for a statement about a vendor, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Recorded real traffic shows it.
    Recorded,
    /// The vendor's documentation or specification says so.
    Documented,
    /// Users or the vendor's own tests have seen it.
    Observed,
    /// An inference; test it before relying on it.
    Guessed,
}
