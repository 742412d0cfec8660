//! A vendor's behavior: the facts under `[facts]`, each stated once.

use serde::{Deserialize, Serialize};

use super::limit::ResendLimit;
use super::value::{Burst, Characters, Fact, Interval, Limit, LinkLife, Maybe, Need, Period, Show, UnlockBy};
use crate::vendor::conduct::Evidence;

macro_rules! facts {
    (
        needed { $($(#[$needed_doc:meta])* $needed:ident: $needed_type:ty = $needed_title:literal;)* }
        optional { $($(#[$doc:meta])* $name:ident: $type:ty = $title:literal;)* }
    ) => {
        /// A vendor's behavior. Core enforces the facts that can be checked before a request is sent; the rest is
        /// for the tables of `vendors` and `migrate check`, which knows by the beginning of a name (`link_`, `resend_`,
        /// `code_` …) which operation a fact is about. An absent fact is unknown, and nothing is enforced for it.
        #[derive(Debug, Default, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        #[non_exhaustive]
        pub struct Behavior {
            $(
                #[doc = concat!($needed_title, ".")] #[doc = ""] $(#[$needed_doc])*
                pub $needed: Option<Fact<$needed_type>>,
            )*
            $(
                #[doc = concat!($title, ".")] #[doc = ""] $(#[$doc])*
                pub $name: Option<Fact<$type>>,
            )*
        }

        impl Behavior {
            /// The known facts, in the order of the documentation.
            pub fn rows(&self) -> Vec<FactRow<'_>> {
                let rows = [
                    $(self.$needed.as_ref().map(|fact| FactRow::of(stringify!($needed), $needed_title, fact)),)*
                    $(self.$name.as_ref().map(|fact| FactRow::of(stringify!($name), $title, fact)),)*
                ];
                rows.into_iter().flatten().collect()
            }

            /// The missing facts without which a migration cannot be judged.
            pub fn missing(&self) -> Vec<&'static str> {
                let rows = [$((self.$needed.is_none(), stringify!($needed)),)*];
                rows.into_iter().filter(|(missing, _)| *missing).map(|(_, name)| name).collect()
            }
        }
    };
}

facts! {
    needed {
        /// Enforced: `expires_in` must be within the limits.
        link_life: LinkLife = "how long a link lives";
        link_single_use: Maybe = "a link opens once only";
        /// Otherwise any signer can.
        link_embedded_only: bool = "only embedded recipients can be given a link";
        link_repeated_signer: bool = "a signer whose address occurs twice can be given a link";
        /// Enforced.
        return_query: bool = "the return URL may have a query or fragment";
        resend_one_recipient: bool = "a resend goes to one recipient, not to all parts of an address";
        /// Of the envelope, or of each of its recipients.
        resend_per_day: ResendLimit = "resends in a day";
        resend_mails_embedded: bool = "signers within the application are mailed";
        resend_mails_muted: bool = "mails although the envelope's mails are switched off";
        resend_before_turn: bool = "accepted before the recipient's turn";
        resend_unlocks: Maybe = "a resend unlocks a signer";
        code_first: bool = "a code can be set where there was none";
        code_unlocks: Maybe = "a new code alone unlocks a signer";
        code_unlocks_with_notify: Maybe = "a new code with notify unlocks a signer";
        /// Enforced.
        code_forbidden: Characters = "characters that a code must not have";
        /// Enforced.
        code_longest: Limit = "longest access code, in characters";
    }
    optional {
        /// Of an account at the live service. Needed, unless the vendor limits groups of routes.
        calls_per_hour: u32 = "calls per hour";
        /// Enforced.
        code_shortest: u32 = "shortest access code, in characters";
        /// Enforced.
        code_needs: Vec<Need> = "what a code must contain";
        code_ignores_case: bool = "letter case of a code does not matter";
        /// Enforced, for the encoded URL.
        return_longest: u32 = "longest return URL, in characters";
        /// Enforced.
        ping_interval: Interval = "how often the ping URL is called";
        polling: Period = "the least time between two reads of an envelope";
        guid_ids: bool = "envelope ids are GUIDs";
        /// The shortest way.
        unlock_by: UnlockBy = "what unlocks a signer";
        check_unlock_by: String = "what unlocks a signer who failed another check";
        /// Of an account at the trial service, if they differ.
        trial_calls_per_hour: u32 = "calls in an hour, for trying out";
        /// Of an account.
        burst: Burst = "calls in a short time";
    }
}

/// A fact as tables show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FactRow<'f> {
    /// The name in `vendor.toml`.
    pub name: &'static str,
    /// A short label.
    pub title: &'static str,
    /// The value in words.
    pub value: String,
    /// The evidence.
    pub evidence: Evidence,
    /// The source.
    pub source: &'f str,
    /// The condition, or the closest alternative.
    pub note: &'f str,
}

impl<'f> FactRow<'f> {
    fn of<T: Show>(name: &'static str, title: &'static str, fact: &'f Fact<T>) -> Self {
        let Fact { value, evidence, source, note } = fact;
        Self { name, title, value: value.show(), evidence: *evidence, source, note }
    }
}
