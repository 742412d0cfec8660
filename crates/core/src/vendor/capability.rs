//! What a vendor supports, as data.

use serde::{Deserialize, Serialize};

use crate::model::word::words;

words! {
    /// A feature that can be requested: an operation, or an option of one.
    Feature {
        ListRecipients = "list_recipients", "list recipients";
        CreateView = "create_view", "create a signing view";
        ViewExpiry = "view_expiry", "choose the link's life (expires_in)";
        ViewAuthenticationMethod = "view_authentication_method",
            "state how the signer was identified (authentication_method)";
        ViewAssertion = "view_assertion", "state an authentication event (assertion_id)";
        ViewPing = "view_ping", "keep-alive ping (ping)";
        ViewFrameAncestors = "view_frame_ancestors", "allowed framing origins (frame_ancestors)";
        ViewMessageOrigins = "view_message_origins", "allowed message origins (message_origins)";
        /// Where it cannot be chosen, it is fixed when the envelope is made, and the reply says where the signer
        /// returns to.
        ViewReturnUrl = "view_return_url", "choose the return URL of each link (return_url)";
        ViewReturnOutcome = "view_return_outcome", "outcome in the return URL";
        ResendOne = "resend_one", "resend to one recipient";
        ResendEveryone = "resend_everyone", "resend to everyone due";
        ResendMessage = "resend_message", "own text in the resent mail (message)";
        ChangeAccessCode = "change_access_code", "change an access code";
        AccessCodeNotify = "access_code_notify", "change an access code and notify (notify)";
        Unlock = "unlock", "unlock after wrong access codes";
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
