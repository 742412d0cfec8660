//! What DocuSign can do, as data.

use countersign_core::{Capability, Evidence, Feature, Support};

use Evidence::{Documented, Guessed, Observed};
use Support::{Impossible, Native};

/// One row per feature. None was tried against a live account; the grade says on what a row rests.
pub(crate) const CAPABILITIES: &[Capability] = &[
    Capability::new(
        Feature::ListRecipients,
        Native,
        "one call, no pages; at most one read per envelope in 15 minutes is DocuSign's polling rule",
        Documented,
    ),
    Capability::new(
        Feature::CreateView,
        Native,
        "embedded recipients only (client user id given when the envelope was made), in their turn; the link lives 5 minutes and opens once; reads the recipients first",
        Documented,
    ),
    Capability::new(
        Feature::ViewExpiry,
        Impossible,
        "a link always lives 5 minutes; ask for one when the signer is there",
        Documented,
    ),
    Capability::new(
        Feature::ViewAuthenticationMethod,
        Native,
        "only recorded in the certificate of completion; switches no check on or off",
        Documented,
    ),
    Capability::new(
        Feature::ViewAssertion,
        Native,
        "only recorded in the certificate of completion",
        Documented,
    ),
    Capability::new(Feature::ViewPing, Native, "https URL, every 60 to 1200 seconds", Documented),
    Capability::new(
        Feature::ViewFrameAncestors,
        Native,
        "your origin and https://apps-d.docusign.com (demo) or https://apps.docusign.com (production)",
        Documented,
    ),
    Capability::new(
        Feature::ViewMessageOrigins,
        Native,
        "exactly one: https://apps-d.docusign.com (demo) or https://apps.docusign.com (production)",
        Documented,
    ),
    Capability::new(
        Feature::ViewReturnOutcome,
        Native,
        "`event=…` is appended to the return URL; it can be forged, and the browser may never come back",
        Documented,
    ),
    Capability::new(
        Feature::ResendOne,
        Native,
        "accepted for anybody who is not done; mails nobody who is embedded (without a start URL) or not in turn",
        Observed,
    ),
    Capability::new(
        Feature::ResendEveryone,
        Native,
        "those whose turn it is; mails nobody who is embedded (without a start URL)",
        Observed,
    ),
    Capability::new(
        Feature::ResendMessage,
        Impossible,
        "the mail goes out with the envelope's own text; leave the message out",
        Documented,
    ),
    Capability::new(
        Feature::ChangeAccessCode,
        Native,
        "also after sending, until the recipient is done; at most 50 characters, none of < > & # ;",
        Documented,
    ),
    Capability::new(
        Feature::AccessCodeNotify,
        Native,
        "needed to unlock a locked signer; embedded signers are unlocked without a mail",
        Observed,
    ),
    Capability::new(
        Feature::Unlock,
        Native,
        "by a resend, or by a new access code with notify; whether a new code alone unlocks is not public",
        Observed,
    ),
    Capability::new(
        Feature::OnBehalfOf,
        Impossible,
        "the JWT grant acts for one user: configure an account with that user's `user_id`",
        Guessed,
    ),
];
