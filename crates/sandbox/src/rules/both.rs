//! What both vendors do, as played here.

use super::Evidence::{Guess, Observed, ThirdParty};
use super::Rule;

const fn rule(what: &'static str, evidence: super::Evidence, source: &'static str) -> Rule {
    Rule { vendor: None, what, evidence, source }
}

pub(super) const RULES: &[Rule] = &[
    rule(
        "Three wrong access codes lock a signer",
        ThirdParty,
        "support articles of both vendors; BoldSign: default of authenticationRetryCount",
    ),
    rule(
        "An access code that was accepted is not asked for again until it is changed",
        Observed,
        "stackoverflow.com/questions/19529654 (DocuSign); a guess for BoldSign",
    ),
    rule(
        "After a mail came back no further mail goes to that address until it is corrected",
        Guess,
        "a choice of this sandbox; the vendors ask for a correction first",
    ),
    rule("Mails about completion, decline and voiding are not simulated", Guess, "a choice of this sandbox"),
    rule(
        "Property and query names are matched without regard to case",
        Guess,
        "inferred from the spellings that the vendors' own clients send",
    ),
];
