//! The words of a calls file: arguments of calls, and what an application relies on.

use countersign_core::{Feature, Operation, words};

use Operation::{ChangeAccessCode, CreateView, ResendRecipient};

/// Words that belong to some operations only, each with a value.
macro_rules! words_of_calls {
    (
        $(#[$doc:meta])* $name:ident = $what:literal, $(#[$value_doc:meta])* $value_name:ident: $type:ty {
            $($(#[$row:meta])* $variant:ident = $word:literal in [$($operation:ident),+], $value:expr;)*
        }
    ) => {
        words! { $(#[$doc])* $name { $($(#[$row])* $variant = $word;)* } }

        impl $name {
            /// The operations to which it belongs.
            pub fn operations(self) -> &'static [Operation] {
                match self { $($name::$variant => &[$($operation),+],)* }
            }

            $(#[$value_doc])*
            #[must_use]
            pub fn $value_name(self) -> $type {
                match self { $($name::$variant => $value,)* }
            }

            /// The first that does not belong to the operation, and what is wrong with it.
            pub(super) fn stray(used: &[Self], operation: Operation) -> Option<(&'static str, String)> {
                let belongs = |word: &&Self| word.operations().contains(&operation);
                let word = used.iter().find(|word| !belongs(word))?.as_str();
                let mut allowed: Vec<_> = Self::ALL.iter().filter(belongs).map(|word| word.as_str()).collect();
                if allowed.is_empty() {
                    allowed.push("none");
                }
                let what = format!($what, operation);
                Some((word, format!("`{word}` is no {what}; allowed: {}", allowed.join(", "))))
            }
        }
    };
}

words_of_calls! {
    /// An argument of a call, without its value.
    Argument = "argument of {}",
    /// The feature that the vendor must have for it, where there is one.
    feature: Option<Feature> {
        /// `expires_in`: how long the link shall live.
        ExpiresIn = "expires_in" in [CreateView], Some(Feature::ViewExpiry);
        /// `authentication_method`: how the application identified the signer.
        AuthenticationMethod = "authentication_method" in [CreateView], Some(Feature::ViewAuthenticationMethod);
        /// `assertion_id`: the application's authentication event.
        AssertionId = "assertion_id" in [CreateView], Some(Feature::ViewAssertion);
        /// `ping`: a URL that is called while signing is open.
        Ping = "ping" in [CreateView], Some(Feature::ViewPing);
        /// `frame_ancestors`: origins that may frame the page.
        FrameAncestors = "frame_ancestors" in [CreateView], Some(Feature::ViewFrameAncestors);
        /// `message_origins`: origins that get the page's messages.
        MessageOrigins = "message_origins" in [CreateView], Some(Feature::ViewMessageOrigins);
        /// A return URL with a query or a fragment.
        ReturnUrlQuery = "return_url_query" in [CreateView], None;
        /// To all recipients who are due, instead of to one.
        Everyone = "everyone" in [ResendRecipient], Some(Feature::ResendEveryone);
        /// `message`: a text for the mail.
        Message = "message" in [ResendRecipient], Some(Feature::ResendMessage);
        /// `allow_muted`: also where the envelope's mails are switched off.
        AllowMuted = "allow_muted" in [ResendRecipient], None;
        /// `notify`: send the request once more along with the new code.
        Notify = "notify" in [ChangeAccessCode], Some(Feature::AccessCodeNotify);
        /// `on_behalf_of`: a sender identity.
        OnBehalfOf = "on_behalf_of" in [ResendRecipient, ChangeAccessCode], Some(Feature::OnBehalfOf);
    }
}

words_of_calls! {
    /// A behaviour that an application relies on. What it relies on and cannot have is impossible; what it does not
    /// name is only different.
    Reliance = "behaviour of {} to rely on",
    /// The facts of a `vendor.toml` that have to be so, each with its value as tables show it.
    facts: &'static [(&'static str, &'static str)] {
        /// The return URL tells how the visit ended.
        ReturnOutcome = "return_outcome" in [CreateView], &[];
        /// A link opens once only.
        SingleUse = "single_use" in [CreateView], &[("link_single_use", "yes")];
        /// Any signer can be given a link, not only those who were made embedded.
        AnySigner = "any_signer" in [CreateView], &[("link_embedded_only", "no")];
        /// A person who signs twice with the same address can be given a link for each part.
        RepeatedSigner = "repeated_signer" in [CreateView], &[("link_repeated_signer", "yes")];
        /// A resend reaches this recipient and no one else.
        OneRecipient = "one_recipient" in [ResendRecipient], &[("resend_one_recipient", "yes")];
        /// Signers within the application get a mail.
        MailToEmbedded = "mail_to_embedded" in [ResendRecipient], &[("resend_mails_embedded", "yes")];
        /// Signers within the application get no mail of the vendor's.
        NoMailToEmbedded = "no_mail_to_embedded" in [ResendRecipient], &[("resend_mails_embedded", "no")];
        /// No recipient is mailed if the envelope's mails are switched off.
        NoMailWhenMuted = "no_mail_when_muted" in [ResendRecipient], &[("resend_mails_muted", "no")];
        /// A resend is accepted before the recipient's turn.
        BeforeTurn = "before_turn" in [ResendRecipient], &[("resend_before_turn", "yes")];
        /// A locked signer has new attempts afterwards.
        Unlocks = "unlocks" in [ResendRecipient, ChangeAccessCode],
            &[("resend_unlocks", "yes"), ("code_unlocks", "yes"), ("code_unlocks_with_notify", "yes")];
        /// A code can be set for a signer who had none.
        FirstCode = "first_code" in [ChangeAccessCode], &[("code_first", "yes")];
    }
}
