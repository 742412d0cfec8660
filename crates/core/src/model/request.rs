//! The four requests.

use std::time::Duration;

use crate::model::word::open_words;
use crate::model::{AccessCode, Email, EnvelopeId, InvalidValue, Origin, RecipientRef, ReturnUrl, WebUrl};
use crate::vendor::conduct::Feature;

/// Lists the recipients of an envelope and their status.
#[derive(Debug, Clone, Hash)]
#[non_exhaustive]
pub struct ListRecipients {
    /// The envelope.
    pub envelope: EnvelopeId,
    /// Whether to request the envelope's own status.
    pub envelope_status: bool,
}

impl ListRecipients {
    /// For this envelope.
    #[must_use]
    pub fn new(envelope: EnvelopeId) -> Self {
        Self { envelope, envelope_status: false }
    }

    /// Also requests the envelope's own status if neither the vendor's list nor the recipients show that it has
    /// ended: a voided envelope looks open there. At such vendors this takes another call.
    #[must_use]
    pub fn with_envelope_status(mut self) -> Self {
        self.envelope_status = true;
        self
    }
}

/// Creates a link with which one recipient signs within the application.
#[derive(Debug, Clone, Hash)]
#[non_exhaustive]
pub struct CreateView {
    /// The envelope.
    pub envelope: EnvelopeId,
    /// The recipient who will open the link.
    pub recipient: RecipientRef,
    /// Where the browser goes after signing. The vendor decides what it appends and whether that includes an
    /// outcome; it is a hint, not proof.
    pub return_url: ReturnUrl,
    /// The lifetime of the link, for vendors that let the caller choose.
    pub expires_in: Option<Duration>,
    /// How the application identified the signer; recorded by vendors that store such a statement.
    pub authentication_method: Option<AuthenticationMethod>,
    /// The id of the application's own authentication event, recorded with the method.
    pub assertion_id: Option<String>,
    /// A URL that the browser calls while signing is open, to keep the application's own session alive.
    pub ping: Option<Ping>,
    /// Origins that may show the signing page in a frame.
    pub frame_ancestors: Vec<Origin>,
    /// Origins to which the signing page may post messages.
    pub message_origins: Vec<Origin>,
}

impl CreateView {
    /// A link for one recipient, with this return URL.
    #[must_use]
    pub fn new(envelope: EnvelopeId, recipient: impl Into<RecipientRef>, return_url: ReturnUrl) -> Self {
        Self {
            envelope,
            recipient: recipient.into(),
            return_url,
            expires_in: None,
            authentication_method: None,
            assertion_id: None,
            ping: None,
            frame_ancestors: Vec::new(),
            message_origins: Vec::new(),
        }
    }

    /// Sets the lifetime of the link.
    #[must_use]
    pub fn with_expires_in(mut self, expires_in: Duration) -> Self {
        self.expires_in = Some(expires_in);
        self
    }

    /// States how the application identified the signer. This does not affect the vendor's own checks.
    #[must_use]
    pub fn with_authentication_method(mut self, method: AuthenticationMethod) -> Self {
        self.authentication_method = Some(method);
        self
    }

    /// States the id of the application's authentication event.
    #[must_use]
    pub fn with_assertion_id(mut self, id: impl Into<String>) -> Self {
        self.assertion_id = Some(id.into());
        self
    }

    /// Makes the browser call a URL while signing is open.
    #[must_use]
    pub fn with_ping(mut self, ping: Ping) -> Self {
        self.ping = Some(ping);
        self
    }

    /// Allows origins to show the signing page in a frame.
    #[must_use]
    pub fn with_frame_ancestors(mut self, origins: Vec<Origin>) -> Self {
        self.frame_ancestors = origins;
        self
    }

    /// Allows origins to receive the signing page's messages.
    #[must_use]
    pub fn with_message_origins(mut self, origins: Vec<Origin>) -> Self {
        self.message_origins = origins;
        self
    }

    /// The optional features that this request uses.
    pub fn features(&self) -> Vec<Feature> {
        let used = [
            (true, Feature::CreateView),
            (self.expires_in.is_some(), Feature::ViewExpiry),
            (self.authentication_method.is_some(), Feature::ViewAuthenticationMethod),
            (self.assertion_id.is_some(), Feature::ViewAssertion),
            (self.ping.is_some(), Feature::ViewPing),
            (!self.frame_ancestors.is_empty(), Feature::ViewFrameAncestors),
            (!self.message_origins.is_empty(), Feature::ViewMessageOrigins),
        ];
        used.into_iter().filter_map(|(used, feature)| used.then_some(feature)).collect()
    }
}

/// A URL that the browser calls with GET at an interval while signing is open.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Ping {
    /// The URL, https only.
    pub url: WebUrl,
    /// The interval, at most one day.
    pub every: Duration,
}

impl Ping {
    /// Checks URL and interval. Vendors have stricter rules for the interval, which are checked when a call is
    /// made.
    ///
    /// # Errors
    /// [`InvalidValue`] if the URL is not https, or the interval is zero or longer than a day.
    pub fn new(url: WebUrl, every: Duration) -> Result<Self, InvalidValue> {
        if !url.is_https() {
            return Err(InvalidValue::new("ping URL", "is not https", "an absolute https URL"));
        }
        if !(1..=86_400).contains(&every.as_secs()) {
            let problem = format!("is {} s", every.as_secs());
            return Err(InvalidValue::new("ping interval", problem, "1 second to a day"));
        }
        Ok(Self { url, every })
    }
}

open_words! {
    /// How the *application* identified the signer before it requested the link.
    ///
    /// It is only recorded in the certificate of completion; it does not enable any check at the vendor. Open: vendors
    /// have other methods.
    #[derive(Default)]
    AuthenticationMethod {
        /// Not at all, or not stated.
        #[default]
        None = "none";
        /// By a link or code sent to their e-mail address.
        Email = "email";
        /// By a password.
        Password = "password";
        /// By single sign-on.
        SingleSignOn = "sso";
        /// By a biometric check.
        Biometric = "biometric";
        /// By questions only they can answer.
        KnowledgeBased = "knowledge";
        /// By paper documents.
        PaperDocuments = "paper";
        /// By a client certificate.
        Certificate = "certificate";
    }
    /// By another method, in the vendor's words.
    Other
}

/// The recipients of a resend.
#[derive(Debug, Clone, Hash)]
#[non_exhaustive]
pub enum ResendTarget {
    /// One recipient.
    One(RecipientRef),
    /// Every recipient whose turn it is and who has not finished.
    Everyone,
}

/// Resends the signing request.
///
/// Each call sends a mail, so the library never repeats it after an unknown outcome.
#[derive(Debug, Clone, Hash)]
#[non_exhaustive]
pub struct ResendRecipient {
    /// The envelope.
    pub envelope: EnvelopeId,
    /// The recipients.
    pub target: ResendTarget,
    /// A text for the mail, for vendors that support one.
    pub message: Option<String>,
    /// Whether to send even if the envelope was sent with the vendor's mails switched off. Without it such a resend
    /// is rejected, because the vendor would send mail anyway.
    pub allow_muted: bool,
    /// The sender identity on whose behalf the envelope was sent, for vendors with such identities.
    pub on_behalf_of: Option<Email>,
}

impl ResendRecipient {
    /// To one recipient.
    #[must_use]
    pub fn new(envelope: EnvelopeId, recipient: impl Into<RecipientRef>) -> Self {
        Self::to(envelope, ResendTarget::One(recipient.into()))
    }

    /// To every recipient whose turn it is.
    #[must_use]
    pub fn everyone(envelope: EnvelopeId) -> Self {
        Self::to(envelope, ResendTarget::Everyone)
    }

    fn to(envelope: EnvelopeId, target: ResendTarget) -> Self {
        Self { envelope, target, message: None, allow_muted: false, on_behalf_of: None }
    }

    /// Sets the text of the mail.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Sends even if the envelope was sent with the vendor's mails switched off.
    #[must_use]
    pub fn allow_muted(mut self, allow: bool) -> Self {
        self.allow_muted = allow;
        self
    }

    /// Sets the sender identity.
    #[must_use]
    pub fn with_on_behalf_of(mut self, sender: Email) -> Self {
        self.on_behalf_of = Some(sender);
        self
    }

    /// The features that this request uses.
    pub fn features(&self) -> Vec<Feature> {
        let target = match self.target {
            ResendTarget::One(_) => Feature::ResendOne,
            ResendTarget::Everyone => Feature::ResendEveryone,
        };
        let used = [
            (true, target),
            (self.message.is_some(), Feature::ResendMessage),
            (self.on_behalf_of.is_some(), Feature::OnBehalfOf),
        ];
        used.into_iter().filter_map(|(used, feature)| used.then_some(feature)).collect()
    }
}

/// Changes a recipient's access code.
#[derive(Debug, Clone, Hash)]
#[non_exhaustive]
pub struct ChangeAccessCode {
    /// The envelope.
    pub envelope: EnvelopeId,
    /// The recipient.
    pub recipient: RecipientRef,
    /// The new code. No vendor sends it to the signer: the caller has to.
    pub code: AccessCode,
    /// Whether to resend the signing request with the change. Some vendors unlock a locked signer only then.
    pub notify: bool,
    /// The sender identity on whose behalf the envelope was sent, for vendors with such identities.
    pub on_behalf_of: Option<Email>,
}

impl ChangeAccessCode {
    /// A new code for one recipient, without a mail.
    #[must_use]
    pub fn new(envelope: EnvelopeId, recipient: impl Into<RecipientRef>, code: AccessCode) -> Self {
        Self { envelope, recipient: recipient.into(), code, notify: false, on_behalf_of: None }
    }

    /// Also resends the signing request.
    #[must_use]
    pub fn with_notify(mut self, notify: bool) -> Self {
        self.notify = notify;
        self
    }

    /// Sets the sender identity.
    #[must_use]
    pub fn with_on_behalf_of(mut self, sender: Email) -> Self {
        self.on_behalf_of = Some(sender);
        self
    }

    /// The features that this request uses.
    pub fn features(&self) -> Vec<Feature> {
        let used = [
            (true, Feature::ChangeAccessCode),
            (self.notify, Feature::AccessCodeNotify),
            (self.on_behalf_of.is_some(), Feature::OnBehalfOf),
        ];
        used.into_iter().filter_map(|(used, feature)| used.then_some(feature)).collect()
    }
}
