//! How recipients are named, and what a list tells of them.

use super::word::words;

words! {
    /// A way to name a recipient, without the name itself.
    RefKind {
        /// By the id that a list gave.
        Id = "id", "recipient by id";
        /// By address.
        Email = "email", "recipient by e-mail";
        /// By address and place in the order.
        EmailAndOrder = "email_and_order", "recipient by e-mail and order";
        /// By the application's own id.
        ClientUserId = "client_user_id", "recipient by client user id";
        /// By phone number.
        Phone = "phone", "recipient by phone number";
        /// As an earlier list told them.
        Known = "known", "recipient from an earlier list";
    }
}

words! {
    /// Something that a list can tell of a recipient, or of the envelope along with them.
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
        /// What the recipient is there to do.
        Role = "role", "role";
        /// The sender's own name for the part that the recipient plays.
        RoleName = "role_name", "role name";
        /// Place in the order.
        Order = "order", "place in the order";
        /// Whose turn it is.
        InTurn = "in_turn", "whose turn it is";
        /// Name and place in the order of those who only get a copy.
        CopyNameAndOrder = "copy_name_and_order", "name and order of copies";
        /// How far those are who only get a copy.
        CopyStatus = "copy_status", "status of copies";
        /// Whether the recipient signs within the application.
        Embedded = "embedded", "embedded or not";
        /// The application's own id.
        ClientUserId = "client_user_id", "client user id";
        /// Whether there is an access code.
        AccessCodeRequired = "access_code_required", "access code: there is one";
        /// Whether wrong codes were typed.
        AccessCodeFailed = "access_code_failed", "access code: failed";
        /// Whether the right code was typed.
        AccessCodePassed = "access_code_passed", "access code: passed";
        /// Further checks of identity.
        OtherChecks = "other_checks", "other identity checks";
        /// Whether a message did not arrive.
        DeliveryFailed = "delivery_failed", "delivery failed";
        /// When the request went out.
        SentAt = "sent_at", "time: sent";
        /// When the documents were opened.
        ViewedAt = "viewed_at", "time: opened";
        /// When the recipient finished.
        SignedAt = "signed_at", "time: signed";
        /// When the recipient refused.
        DeclinedAt = "declined_at", "time: declined";
        /// Why the recipient refused.
        DeclineReason = "decline_reason", "reason of a refusal";
        /// The state of the envelope along with its recipients.
        EnvelopeStatus = "envelope_status", "the envelope's status";
    }
}

impl crate::model::RecipientRef {
    /// In which way the recipient is named.
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
