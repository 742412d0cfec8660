//! The vendors that are played: which routes are whose, and what their rules are.

pub(crate) mod boldsign;
pub(crate) mod code_grant;
pub(crate) mod docusign;
mod fields;
mod query;

use serde::{Deserialize, Serialize};

use crate::world::{Ending, Policy};
pub(crate) use query::{Query, decode};

/// A vendor that the sandbox plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Vendor {
    /// DocuSign eSignature v2.1.
    Docusign,
    /// BoldSign v1.
    Boldsign,
}

/// What a signer tried on the page without success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    Sign,
    Decline,
    Reassign,
}

impl Vendor {
    pub(crate) fn policy(self) -> Policy {
        match self {
            Self::Docusign => docusign::POLICY,
            Self::Boldsign => boldsign::POLICY,
        }
    }

    /// Whether the vendor tells embedded signers from others.
    pub(crate) fn knows_embedded(self) -> bool {
        self == Self::Docusign
    }

    /// Whether an identity check of recipients is played.
    pub(crate) fn checks_identity(self) -> bool {
        self == Self::Docusign
    }

    /// Whether an envelope comes into being some time after the vendor has accepted it.
    pub(crate) fn makes_in_background(self) -> bool {
        self == Self::Boldsign
    }

    /// Whether the page has a button for people who were never told their code.
    pub(crate) fn offers_giving_up_the_code(self) -> bool {
        self == Self::Docusign
    }

    /// Where a browser goes when a visit ends; none where the vendor keeps it.
    pub(crate) fn return_url(self, url: &str, envelope: &str, ending: Ending) -> Option<String> {
        match self {
            Self::Docusign => Some(docusign::return_url(url, ending)),
            Self::Boldsign => boldsign::return_url(url, envelope, ending),
        }
    }

    /// What the signing page tells a page that frames it when a visit has ended.
    pub(crate) fn frame_message(self, ending: Ending) -> Option<&'static str> {
        match self {
            Self::Docusign => None,
            Self::Boldsign => boldsign::frame_message(ending),
        }
    }

    /// What the signing page tells a page that frames it when something did not work.
    pub(crate) fn frame_failure(self, attempt: Attempt) -> Option<&'static str> {
        match self {
            Self::Docusign => None,
            Self::Boldsign => Some(boldsign::frame_failure(attempt)),
        }
    }

    /// The name that people know.
    pub fn name(self) -> &'static str {
        match self {
            Self::Docusign => "DocuSign",
            Self::Boldsign => "BoldSign",
        }
    }
}

/// Whose route a path is.
pub(crate) fn of_path(path: &str) -> Option<Vendor> {
    let mut segments = path.split('/').skip(1).map(str::to_ascii_lowercase);
    match segments.next()?.as_str() {
        "restapi" | "oauth" => Some(Vendor::Docusign),
        "v1" | "regions" | "connect" => Some(Vendor::Boldsign),
        _ => None,
    }
}
