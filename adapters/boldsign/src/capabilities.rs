//! What BoldSign can do, one row per feature. "Documented" is BoldSign's OpenAPI document or its help pages;
//! "observed" is its own integration tests or users' code; nothing was tried against the live service.

use countersign_core::Evidence::{Documented, Observed};
use countersign_core::Support::{Emulated, Impossible, Native};
use countersign_core::{Capability, Feature};

pub(crate) static CAPABILITIES: [Capability; 16] = [
    Capability::new(
        Feature::ListRecipients,
        Native,
        "answers 403 until the background creation of a document has ended, seconds to minutes after sending",
        Documented,
    ),
    Capability::new(
        Feature::CreateView,
        Native,
        "any signer can be given a link; one whose e-mail occurs more than once on the document cannot, since links \
         are asked for by address alone; the return URL must have neither query nor fragment",
        Documented,
    ),
    Capability::new(Feature::ViewExpiry, Native, "1 to 180 days; 180 days when not chosen", Documented),
    Capability::new(
        Feature::ViewAuthenticationMethod,
        Impossible,
        "BoldSign keeps no statement of how the application identified the signer; keep it in your own records",
        Documented,
    ),
    Capability::new(
        Feature::ViewAssertion,
        Impossible,
        "BoldSign keeps no id of the application's authentication event; keep it in your own records",
        Documented,
    ),
    Capability::new(
        Feature::ViewPing,
        Impossible,
        "BoldSign calls no URL while signing is open; give your own session a longer life",
        Documented,
    ),
    Capability::new(
        Feature::ViewFrameAncestors,
        Impossible,
        "BoldSign takes no list of framing origins; its pages need none",
        Documented,
    ),
    Capability::new(
        Feature::ViewMessageOrigins,
        Impossible,
        "BoldSign takes no list of message origins; its page posts six events to the framing page on its own",
        Documented,
    ),
    Capability::new(
        Feature::ViewReturnOutcome,
        Impossible,
        "BoldSign appends `documentId` only; list the recipients to learn the outcome",
        Observed,
    ),
    Capability::new(
        Feature::ResendOne,
        Native,
        "a reminder, per address; one manual reminder per document and day; only for signers in turn; a document sent \
         with mails switched off is mailed all the same, so that needs allow_muted",
        Documented,
    ),
    Capability::new(
        Feature::ResendEveryone,
        Emulated,
        "reads the list and names everybody due; one manual reminder per document and day",
        Documented,
    ),
    Capability::new(Feature::ResendMessage, Native, "", Documented),
    Capability::new(
        Feature::ChangeAccessCode,
        Native,
        "only for a signer who has access-code authentication already; only by the sender or the sender's administrator",
        Documented,
    ),
    Capability::new(
        Feature::AccessCodeNotify,
        Emulated,
        "a change, then a reminder: it counts as the document's one reminder of the day, and is left out when the \
         document's mails are switched off; the reply says so",
        Documented,
    ),
    Capability::new(
        Feature::Unlock,
        Native,
        "a new access code unlocks; that a resend does not is a guess; nobody can unlock a one-time-password signer \
         over the API, only `Resume signing` in the web application",
        Documented,
    ),
    Capability::new(
        Feature::OnBehalfOf,
        Native,
        "resend and change of access code take it; the list and the link need none",
        Documented,
    ),
];
