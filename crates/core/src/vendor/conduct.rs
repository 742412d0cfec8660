//! Vendor-neutral words for what vendors share; the tables of [`crate::vendor::Mappings`] have a row for each.
//!
//! Creating envelopes is not one of the operations, but an application that moves to another vendor has to change that
//! part too.

use crate::model::word::words;

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
