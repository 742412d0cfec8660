//! Vendor-neutral words for what vendors support and share; [`crate::vendor::Facts`] has a row for each.
//!
//! Creating envelopes is not one of the operations, but an application that moves to another vendor has to change that
//! part too.

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

words! {
    /// A way to refer to a recipient, without the value.
    RefKind {
        Id = "id", "recipient by id";
        Email = "email", "recipient by e-mail";
        EmailAndOrder = "email_and_order", "recipient by e-mail and order";
        ClientUserId = "client_user_id", "recipient by client user id";
        Phone = "phone", "recipient by phone number";
        Known = "known", "recipient from an earlier list";
    }
}

words! {
    /// A value that a list can contain for a recipient, or for the envelope.
    RecipientField {
        Id = "id", "id within the envelope";
        GlobalId = "global_id", "id unique beyond the envelope";
        Name = "name", "name";
        Email = "email", "e-mail";
        Phone = "phone", "phone number";
        Role = "role", "role";
        /// The sender's own name for the role.
        RoleName = "role_name", "role name";
        Order = "order", "place in the order";
        InTurn = "in_turn", "whose turn it is";
        CopyNameAndOrder = "copy_name_and_order", "name and order of copies";
        CopyStatus = "copy_status", "status of copies";
        Embedded = "embedded", "embedded or not";
        /// The application's own id.
        ClientUserId = "client_user_id", "client user id";
        AccessCodeRequired = "access_code_required", "access code: there is one";
        AccessCodeFailed = "access_code_failed", "access code: failed";
        AccessCodePassed = "access_code_passed", "access code: passed";
        OtherChecks = "other_checks", "other identity checks";
        DeliveryFailed = "delivery_failed", "delivery failed";
        SentAt = "sent_at", "time: sent";
        ViewedAt = "viewed_at", "time: opened";
        SignedAt = "signed_at", "time: signed";
        DeclinedAt = "declined_at", "time: declined";
        DeclineReason = "decline_reason", "reason of a refusal";
        /// The status of the envelope, included in the list.
        EnvelopeStatus = "envelope_status", "the envelope's status";
    }
}

impl crate::model::RecipientRef {
    /// The way in which this reference identifies the recipient.
    pub fn kind(&self) -> RefKind {
        match self {
            Self::Id(_) => RefKind::Id,
            Self::Email(_) => RefKind::Email,
            Self::EmailAndOrder(..) => RefKind::EmailAndOrder,
            Self::ClientUserId(_) => RefKind::ClientUserId,
            Self::Phone(_) => RefKind::Phone,
            Self::Known(_) => RefKind::Known,
        }
    }
}

words! {
    /// A feature that an application may use to create an envelope.
    EnvelopePart {
        AccountInCalls = "account_in_calls", "account named in each call";
        SendAtOnce = "send_at_once", "made and sent in one call";
        ServerTemplate = "server_template", "template kept at the vendor";
        Draft = "draft", "draft";
        Subject = "subject", "subject";
        MessageText = "message_text", "text of the mail";
        DocumentBytes = "document_bytes", "documents within the request";
        Signer = "signer", "signer";
        /// A signer on a host's device.
        InPersonSigner = "in_person_signer", "in-person signer";
        CarbonCopy = "carbon_copy", "carbon copy";
        /// A recipient who reads and confirms without signing.
        Reviewer = "reviewer", "reviewer (certified delivery)";
        /// A recipient who may change later recipients and documents.
        Editor = "editor", "editor";
        /// A recipient who may add later recipients.
        Agent = "agent", "agent";
        /// A recipient who may add the recipients after them.
        Intermediary = "intermediary", "intermediary";
        Witness = "witness", "witness";
        Seal = "seal", "electronic seal of the organization";
        RecipientId = "recipient_id", "custom recipient ids";
        RoutingOrder = "routing_order", "routing order";
        /// The application's own id of a signer, which marks embedded signing.
        ClientUserId = "client_user_id", "client user id";
        EmbeddedSigning = "embedded_signing", "embedded signing";
        AccessCode = "access_code", "access code";
        PhoneAuthentication = "phone_authentication", "authentication by phone";
        EmailOtp = "email_otp", "one-time password by e-mail";
        /// A check of an identity document.
        IdVerification = "id_verification", "identity verification";
        /// Questions that only the signer can answer.
        KnowledgeBased = "knowledge_based", "knowledge-based authentication";
        /// The application's own data, stored with the envelope.
        CustomFields = "custom_fields", "custom fields";
        PlacedFields = "placed_fields", "fields at positions (tabs)";
        FormulaFields = "formula_fields", "formula fields";
        ApproveFields = "approve_fields", "approve and decline fields";
        /// Fields placed by text in the document.
        AnchorStrings = "anchor_strings", "anchor strings";
        TextTags = "text_tags", "text tags in the file";
        /// Logo and colours.
        Brand = "brand", "brand";
        EnvelopeWebhook = "envelope_webhook", "webhook of one envelope";
        AccountWebhook = "account_webhook", "webhook of the account";
    }
}

words! {
    /// A stage of an envelope.
    EnvelopeStage {
        Draft = "draft", "draft";
        /// Sent, but not opened.
        Sent = "sent", "sent";
        Opened = "opened", "opened";
        /// All recipients have finished.
        Completed = "completed", "completed";
        Declined = "declined", "declined";
        Voided = "voided", "taken back";
        Expired = "expired", "expired";
    }
}
