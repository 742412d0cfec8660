//! Vendor-neutral words for what vendors share; the tables of [`crate::vendor::Mappings`] have a row for each.
//!
//! Creating envelopes is not one of the operations, but an application that moves to another vendor has to change that
//! part too.

use crate::model::word::words;

words! {
    /// A way to refer to a recipient, without the value.
    RefKind {
        /// By an id from a list.
        Id = "id", "recipient by id";
        /// By address.
        Email = "email", "recipient by e-mail";
        /// By address and position in the order.
        EmailAndOrder = "email_and_order", "recipient by e-mail and order";
        /// By the application's own id.
        ClientUserId = "client_user_id", "recipient by client user id";
        /// By phone number.
        Phone = "phone", "recipient by phone number";
        /// By the values of an earlier list.
        Known = "known", "recipient from an earlier list";
    }
}

words! {
    /// A value that a list can contain for a recipient, or for the envelope.
    RecipientField {
        /// The id within the envelope.
        Id = "id", "id within the envelope";
        /// An id that is unique beyond the envelope.
        GlobalId = "global_id", "id unique beyond the envelope";
        /// Name.
        Name = "name", "name";
        /// Address.
        Email = "email", "e-mail";
        /// Phone number.
        Phone = "phone", "phone number";
        /// The role.
        Role = "role", "role";
        /// The sender's own name for the role.
        RoleName = "role_name", "role name";
        /// Position in the order.
        Order = "order", "place in the order";
        /// Whose turn it is.
        InTurn = "in_turn", "whose turn it is";
        /// Name and position of recipients who only get a copy.
        CopyNameAndOrder = "copy_name_and_order", "name and order of copies";
        /// The status of recipients who only get a copy.
        CopyStatus = "copy_status", "status of copies";
        /// Whether the recipient signs within the application.
        Embedded = "embedded", "embedded or not";
        /// The application's own id.
        ClientUserId = "client_user_id", "client user id";
        /// Whether there is an access code.
        AccessCodeRequired = "access_code_required", "access code: there is one";
        /// Whether wrong codes were entered.
        AccessCodeFailed = "access_code_failed", "access code: failed";
        /// Whether the right code was entered.
        AccessCodePassed = "access_code_passed", "access code: passed";
        /// Other identity checks.
        OtherChecks = "other_checks", "other identity checks";
        /// Whether a message could not be delivered.
        DeliveryFailed = "delivery_failed", "delivery failed";
        /// When the request was sent.
        SentAt = "sent_at", "time: sent";
        /// When the documents were opened.
        ViewedAt = "viewed_at", "time: opened";
        /// When the recipient finished.
        SignedAt = "signed_at", "time: signed";
        /// When the recipient declined.
        DeclinedAt = "declined_at", "time: declined";
        /// Why the recipient declined.
        DeclineReason = "decline_reason", "reason of a refusal";
        /// The status of the envelope, included in the list.
        EnvelopeStatus = "envelope_status", "the envelope's status";
    }
}

impl crate::model::RecipientRef {
    /// The way in which this reference identifies the recipient.
    #[must_use]
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
        /// The account named in each call.
        AccountInCalls = "account_in_calls", "account named in each call";
        /// Created and sent in one call.
        SendAtOnce = "send_at_once", "made and sent in one call";
        /// Created from a template that the vendor keeps.
        ServerTemplate = "server_template", "template kept at the vendor";
        /// Created without being sent.
        Draft = "draft", "draft";
        /// Subject line.
        Subject = "subject", "subject";
        /// Text of the mail.
        MessageText = "message_text", "text of the mail";
        /// Documents as bytes in the request.
        DocumentBytes = "document_bytes", "documents within the request";
        /// A signer.
        Signer = "signer", "signer";
        /// A signer on a host's device.
        InPersonSigner = "in_person_signer", "in-person signer";
        /// A recipient of a copy.
        CarbonCopy = "carbon_copy", "carbon copy";
        /// A recipient who reads and confirms without signing.
        Reviewer = "reviewer", "reviewer (certified delivery)";
        /// A recipient who may change later recipients and documents.
        Editor = "editor", "editor";
        /// A recipient who may add later recipients.
        Agent = "agent", "agent";
        /// A recipient who may add the recipients after them.
        Intermediary = "intermediary", "intermediary";
        /// A witness of a signature.
        Witness = "witness", "witness";
        /// A seal of the organization, applied by the vendor.
        Seal = "seal", "electronic seal of the organization";
        /// An id of the application's choice for each recipient.
        RecipientId = "recipient_id", "custom recipient ids";
        /// Signing in order.
        RoutingOrder = "routing_order", "routing order";
        /// The application's own id of a signer, which marks embedded signing.
        ClientUserId = "client_user_id", "client user id";
        /// Signing within the application.
        EmbeddedSigning = "embedded_signing", "embedded signing";
        /// A code that the signer has to enter.
        AccessCode = "access_code", "access code";
        /// A check by telephone.
        PhoneAuthentication = "phone_authentication", "authentication by phone";
        /// A one-time password by mail.
        EmailOtp = "email_otp", "one-time password by e-mail";
        /// A check of an identity document.
        IdVerification = "id_verification", "identity verification";
        /// Questions that only the signer can answer.
        KnowledgeBased = "knowledge_based", "knowledge-based authentication";
        /// The application's own data, stored with the envelope.
        CustomFields = "custom_fields", "custom fields";
        /// Fields at positions on pages.
        PlacedFields = "placed_fields", "fields at positions (tabs)";
        /// Fields whose value is computed.
        FormulaFields = "formula_fields", "formula fields";
        /// A button with which the signer approves or declines.
        ApproveFields = "approve_fields", "approve and decline fields";
        /// Fields placed by text in the document.
        AnchorStrings = "anchor_strings", "anchor strings";
        /// Fields placed by tags in the document.
        TextTags = "text_tags", "text tags in the file";
        /// Logo and colours.
        Brand = "brand", "brand";
        /// A webhook for one envelope.
        EnvelopeWebhook = "envelope_webhook", "webhook of one envelope";
        /// A webhook for all envelopes of the account.
        AccountWebhook = "account_webhook", "webhook of the account";
    }
}

words! {
    /// A stage of an envelope.
    EnvelopeStage {
        /// Not sent.
        Draft = "draft", "draft";
        /// Sent, but not opened.
        Sent = "sent", "sent";
        /// Opened by a recipient.
        Opened = "opened", "opened";
        /// All recipients have finished.
        Completed = "completed", "completed";
        /// A recipient declined.
        Declined = "declined", "declined";
        /// Voided by the sender.
        Voided = "voided", "taken back";
        /// Expired.
        Expired = "expired", "expired";
    }
}
