//! What an envelope is made of, and how far it can be. Making envelopes is not one of the operations here, but who
//! moves from one vendor to another has to do it anew.

use super::word::words;

words! {
    /// Something that an application may use when it makes an envelope.
    EnvelopePart {
        /// The account named in each call.
        AccountInCalls = "account_in_calls", "account named in each call";
        /// Sent as soon as it is made.
        SendAtOnce = "send_at_once", "made and sent in one call";
        /// Made without being sent.
        Draft = "draft", "draft";
        /// Subject line.
        Subject = "subject", "subject";
        /// Text of the mail.
        MessageText = "message_text", "text of the mail";
        /// Documents as bytes within the request.
        DocumentBytes = "document_bytes", "documents within the request";
        /// Somebody who signs.
        Signer = "signer", "signer";
        /// Somebody who signs on the device of a host.
        InPersonSigner = "in_person_signer", "in-person signer";
        /// Somebody who gets a copy.
        CarbonCopy = "carbon_copy", "carbon copy";
        /// Somebody who reads and confirms without signing.
        Reviewer = "reviewer", "reviewer (certified delivery)";
        /// Somebody who may change later recipients and documents.
        Editor = "editor", "editor";
        /// Somebody who may name later recipients.
        Agent = "agent", "agent";
        /// Somebody who may name the recipients behind them.
        Intermediary = "intermediary", "intermediary";
        /// Somebody who witnesses a signature.
        Witness = "witness", "witness";
        /// An id of the application's choice for each recipient.
        RecipientId = "recipient_id", "recipient ids of one's own choice";
        /// Signing one after the other.
        RoutingOrder = "routing_order", "routing order";
        /// The application's own id of a signer, as the mark of embedded signing.
        ClientUserId = "client_user_id", "client user id";
        /// Signing within the application.
        EmbeddedSigning = "embedded_signing", "embedded signing";
        /// A code that the signer has to type.
        AccessCode = "access_code", "access code";
        /// A check by telephone.
        PhoneAuthentication = "phone_authentication", "authentication by phone";
        /// A one-time password by mail.
        EmailOtp = "email_otp", "one-time password by e-mail";
        /// A check of an identity document.
        IdVerification = "id_verification", "identity verification";
        /// Questions that only they can answer.
        KnowledgeBased = "knowledge_based", "knowledge-based authentication";
        /// The application's own data, kept with the envelope.
        CustomFields = "custom_fields", "custom fields";
        /// Fields at places on pages.
        PlacedFields = "placed_fields", "fields at positions (tabs)";
        /// Fields whose value is computed.
        FormulaFields = "formula_fields", "formula fields";
        /// A button with which the signer approves or declines.
        ApproveFields = "approve_fields", "approve and decline fields";
        /// Fields placed by searching the document's own text.
        AnchorStrings = "anchor_strings", "anchor strings";
        /// Fields placed by tags written into the document.
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
    /// How far an envelope is.
    EnvelopeStage {
        /// Not sent.
        Draft = "draft", "draft";
        /// Sent, and nobody has opened it.
        Sent = "sent", "sent";
        /// Somebody has opened it.
        Opened = "opened", "opened";
        /// Everybody has finished.
        Completed = "completed", "completed";
        /// Somebody has refused.
        Declined = "declined", "declined";
        /// Taken back by the sender.
        Voided = "voided", "taken back";
        /// Ran out of time.
        Expired = "expired", "expired";
    }
}
