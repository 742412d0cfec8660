//! The words of a calls file: arguments of calls, and what an application relies on.

use countersign_core::{Feature, Operation};

use Operation::{ChangeAccessCode, CreateView, ResendRecipient};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$row:meta])* $variant:ident = $word:literal in [$($operation:ident),+];)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $name { $($(#[$row])* $variant,)* }

        impl $name {
            /// Every one, in the order of the documentation.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The stable word, as in a calls file.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }

            /// The operations to which it belongs.
            #[must_use]
            pub fn operations(self) -> &'static [Operation] {
                match self { $($name::$variant => &[$($operation),+],)* }
            }
        }
    };
}

words! {
    /// An argument of a call, without its value.
    Argument {
        /// `expires_in`: how long the link shall live.
        ExpiresIn = "expires_in" in [CreateView];
        /// `authentication_method`: how the application identified the signer.
        AuthenticationMethod = "authentication_method" in [CreateView];
        /// `assertion_id`: the application's authentication event.
        AssertionId = "assertion_id" in [CreateView];
        /// `ping`: a URL that is called while signing is open.
        Ping = "ping" in [CreateView];
        /// `frame_ancestors`: origins that may frame the page.
        FrameAncestors = "frame_ancestors" in [CreateView];
        /// `message_origins`: origins that get the page's messages.
        MessageOrigins = "message_origins" in [CreateView];
        /// A return URL with a query or a fragment.
        ReturnUrlQuery = "return_url_query" in [CreateView];
        /// To everybody who is due, instead of to one recipient.
        Everyone = "everyone" in [ResendRecipient];
        /// `message`: a text for the mail.
        Message = "message" in [ResendRecipient];
        /// `allow_muted`: also where the envelope's mails are switched off.
        AllowMuted = "allow_muted" in [ResendRecipient];
        /// `notify`: send the request once more along with the new code.
        Notify = "notify" in [ChangeAccessCode];
        /// `on_behalf_of`: a sender identity.
        OnBehalfOf = "on_behalf_of" in [ResendRecipient, ChangeAccessCode];
    }
}

impl Argument {
    /// The feature that the vendor must have for it, where there is one.
    #[must_use]
    pub fn feature(self) -> Option<Feature> {
        match self {
            Argument::ExpiresIn => Some(Feature::ViewExpiry),
            Argument::AuthenticationMethod => Some(Feature::ViewAuthenticationMethod),
            Argument::AssertionId => Some(Feature::ViewAssertion),
            Argument::Ping => Some(Feature::ViewPing),
            Argument::FrameAncestors => Some(Feature::ViewFrameAncestors),
            Argument::MessageOrigins => Some(Feature::ViewMessageOrigins),
            Argument::Everyone => Some(Feature::ResendEveryone),
            Argument::Message => Some(Feature::ResendMessage),
            Argument::Notify => Some(Feature::AccessCodeNotify),
            Argument::OnBehalfOf => Some(Feature::OnBehalfOf),
            Argument::ReturnUrlQuery | Argument::AllowMuted => None,
        }
    }
}

words! {
    /// A behaviour that an application relies on. What it relies on and cannot have is impossible; what it does not name
    /// is only different.
    Reliance {
        /// The return URL tells how the visit ended.
        ReturnOutcome = "return_outcome" in [CreateView];
        /// A link opens once only.
        SingleUse = "single_use" in [CreateView];
        /// Any signer can be given a link, not only those who were made embedded.
        AnySigner = "any_signer" in [CreateView];
        /// A person who signs twice with the same address can be given a link for each part.
        RepeatedSigner = "repeated_signer" in [CreateView];
        /// A resend reaches this recipient and nobody else.
        OneRecipient = "one_recipient" in [ResendRecipient];
        /// Signers within the application get a mail.
        MailToEmbedded = "mail_to_embedded" in [ResendRecipient];
        /// Signers within the application get no mail of the vendor's.
        NoMailToEmbedded = "no_mail_to_embedded" in [ResendRecipient];
        /// Nobody is mailed where the envelope's mails are switched off.
        NoMailWhenMuted = "no_mail_when_muted" in [ResendRecipient];
        /// A resend is accepted before the recipient's turn.
        BeforeTurn = "before_turn" in [ResendRecipient];
        /// A locked signer has new attempts afterwards.
        Unlocks = "unlocks" in [ResendRecipient, ChangeAccessCode];
        /// A code can be set for a signer who had none.
        FirstCode = "first_code" in [ChangeAccessCode];
    }
}
