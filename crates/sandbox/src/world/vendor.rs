//! The differences between vendors, as numbers, switches and words. The state machine is vendor-neutral.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use url::Url;

use super::words::{Attempt, Ending, EnvelopeStatus, News, What};

/// The sender at every vendor.
pub(crate) const SENDER_NAME: &str = "Sandbox Sender";
pub(crate) const SENDER_EMAIL: &str = "sender@sandbox.example";

/// A vendor that the sandbox simulates, by its id. [`Vendor::all`] lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Vendor(&'static str);

impl Vendor {
    pub(crate) const fn new(id: &'static str) -> Self {
        Self(id)
    }

    /// The name in the control API and in configurations: lower case.
    pub fn id(self) -> &'static str {
        self.0
    }

    /// The display name.
    pub fn name(self) -> &'static str {
        &self.traits().name
    }
}

/// One vendor, as far as the world, the pages and the console need it: the table `traits` of its `rules.toml`. What
/// is not there is off, or has no word.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Traits {
    pub(crate) name: String,
    /// The first segments, in lower case, of its paths.
    pub(crate) paths: Vec<String>,
    /// What an account shows to everyone: names, and texts with members of its access in braces.
    pub(crate) shown: Vec<(String, String)>,
    /// The keys of a Countersign account, in the same way.
    pub(crate) configuration: Vec<(String, String)>,
    /// The keys of each way to sign in, which may replace those.
    pub(crate) sign_ins: HashMap<SignIn, Vec<(String, String)>>,
    pub(crate) policy: Policy,
    /// Distinguishes embedded signers from others.
    pub(crate) knows_embedded: bool,
    /// Has access codes.
    pub(crate) knows_codes: bool,
    /// Supports identity checks of recipients.
    pub(crate) checks_identity: bool,
    /// Creates envelopes some time after accepting them.
    pub(crate) makes_in_background: bool,
    /// The page has a button for signers who never received their code.
    pub(crate) offers_giving_up_the_code: bool,
    /// Not available at the real vendor: names and labels of buttons that trigger rare outcomes.
    pub(crate) tricks: Vec<(String, String)>,
    /// The parameter of the return URL that gets the word for the outcome. Without it, the word is appended as it is.
    return_parameter: Option<String>,
    /// The words of the outcomes after which the browser returns; `{id}` in them is the envelope's id.
    return_url: HashMap<Ending, String>,
    /// The messages of the signing page to its framing page when a visit has ended, or an action has failed.
    pub(crate) frame_messages: HashMap<Ending, String>,
    pub(crate) frame_failures: HashMap<Attempt, String>,
    /// The words of an envelope's statuses.
    statuses: HashMap<EnvelopeStatus, String>,
    /// The words of an audit trail.
    history: HashMap<What, String>,
    pub(crate) webhooks: Posting,
}

/// The credentials of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SignIn {
    /// Those that an application without users has.
    Own,
    /// Good ones of another customer, who has none of the envelopes.
    Other,
    /// A key that the vendor refuses.
    Refused,
    /// An access token that is not renewed.
    Token,
    /// An application that gets tokens for its secret.
    Application,
    /// A person who signs in with a browser, at an application with a secret.
    Person,
    /// The same at an application that can keep no secret.
    PersonWithoutSecret,
}

/// How a vendor posts webhooks.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Posting {
    /// Seconds of real time that a receiver may take to answer.
    pub(crate) patience: u64,
    /// Seconds from a failed attempt to the next.
    pub(crate) retries: Vec<i64>,
    /// The vendor's words; several are reported together.
    events: HashMap<News, Vec<String>>,
}

impl Posting {
    pub(crate) fn words(&self, news: News) -> &[String] {
        self.events.get(&news).map_or(&[], Vec::as_slice)
    }
}

impl Traits {
    /// From the text of a vendor's `rules.toml`.
    pub(crate) fn parse(text: &str) -> Result<Self, toml::de::Error> {
        #[derive(Deserialize)]
        struct File {
            traits: Traits,
        }
        toml::from_str(text).map(|file: File| file.traits)
    }

    /// The vendor's word for a status.
    pub(crate) fn status(&self, status: EnvelopeStatus) -> &str {
        self.statuses.get(&status).map_or("", String::as_str)
    }

    /// The vendor's word in an audit trail.
    pub(crate) fn happening(&self, what: What) -> &str {
        self.history.get(&what).map_or("", String::as_str)
    }

    /// Where a browser goes when a visit ends. `None` if it stays at the vendor.
    pub(crate) fn return_url(&self, url: &str, envelope: &str, ending: Ending) -> Option<String> {
        let word = self.return_url.get(&ending)?.replace("{id}", envelope);
        let Some(name) = &self.return_parameter else { return Some(format!("{url}{word}")) };
        let Ok(mut url) = Url::parse(url) else { return Some(format!("{url}?{name}={word}")) };
        url.query_pairs_mut().append_pair(name, &word);
        Some(url.into())
    }
}

/// The lifetime of a link, and how often it can be opened.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkLife {
    pub(crate) seconds: i64,
    pub(crate) openings: Option<u32>,
}

/// The form of the ids of envelopes and recipients.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IdForm {
    /// UUIDs of version 4.
    #[default]
    Uuid,
    /// UUIDs of version 8.
    Uuid8,
    /// Envelopes have 16 letters after this, recipients UUIDs.
    Prefixed(String),
    /// 22 letters and digits, whose case matters.
    Short,
}

/// The rules of one vendor.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Policy {
    /// The number of wrong codes until the signer is locked, unless the recipient has another limit.
    pub(crate) attempts: u32,
    pub(crate) code_ignores_case: bool,
    pub(crate) new_code_unlocks: bool,
    pub(crate) resend_unlocks: bool,
    pub(crate) order_always_enforced: bool,
    pub(crate) view_link: LinkLife,
    pub(crate) mail_link: LinkLife,
    /// A new mail invalidates the links in earlier mails.
    pub(crate) resend_kills_mail_links: bool,
    /// Idle seconds after which a signing session ends.
    pub(crate) session_idle: i64,
    /// Copies are sent when their position in the order is reached; otherwise immediately.
    pub(crate) copies_wait_their_turn: bool,
    /// Manual reminders per envelope and UTC day.
    pub(crate) reminders_per_day: Option<u32>,
    /// A signer may name another signer in their place.
    pub(crate) signers_may_reassign: bool,
    pub(crate) ids: IdForm,
    /// Each recipient has one link, in mails and through the API. A mail renews its lifetime.
    pub(crate) one_link: bool,
    /// The length of a link's token; at least as long as needed to be unguessable.
    pub(crate) view_token_length: usize,
    /// Seconds from sending until the envelope expires.
    pub(crate) envelope_life: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vendor_with_words_for_statuses_or_happenings_has_them_all() {
        for vendor in Vendor::all() {
            let traits = vendor.traits();
            assert!(matches!((traits.statuses.len(), traits.history.len()), (0 | 7, 0 | 18)), "{vendor:?}");
        }
    }

    fn back(vendor: Vendor, url: &str, ending: Ending) -> Option<String> {
        vendor.traits().return_url(url, "d", ending)
    }

    #[test]
    fn the_document_id_is_added_with_a_second_question_mark() {
        let back = |ending| back(Vendor::BOLDSIGN, "https://app.example/?a=1", ending);
        assert_eq!(back(Ending::Signed).as_deref(), Some("https://app.example/?a=1?documentId=d"));
        assert_eq!(back(Ending::FinishedLater), None);
    }

    #[test]
    fn the_event_joins_an_existing_query_before_the_fragment() {
        let back = |url, ending| back(Vendor::DOCUSIGN, url, ending).unwrap();
        assert_eq!(
            back("https://app.example/done?order=1#top", Ending::Signed),
            "https://app.example/done?order=1&event=signing_complete#top"
        );
        assert_eq!(back("https://app.example", Ending::Declined), "https://app.example/?event=decline");
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_query_was_it_stays_and_the_event_is_last(query in "[a-z0-9=&%+.-]{0,20}") {
            let before = Url::parse(&format!("https://app.example/p?{query}")).unwrap();
            let after = back(Vendor::DOCUSIGN, before.as_str(), Ending::FinishedLater).unwrap();
            let after = Url::parse(&after).unwrap();
            let mut pairs: Vec<_> = after.query_pairs().collect();
            assert_eq!(pairs.pop(), Some(("event".into(), "cancel".into())));
            assert_eq!(pairs, before.query_pairs().collect::<Vec<_>>());
        }
    }
}
