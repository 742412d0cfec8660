//! Looks up error kinds and vendor codes, in any spelling.

use countersign::provider::{Descriptor, default_kind};
use countersign::provider::{Rule, UnlockBy};
use countersign::{ErrorKind, Operation, Outcome};
use serde::Serialize;

use crate::exit;

#[derive(Debug, Serialize)]
pub(crate) struct Kind {
    pub(crate) kind: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) remedy: &'static str,
    /// The exit code, unless the outcome is unknown.
    pub(crate) exit_code: u8,
    /// The remedy at each vendor, if they differ.
    pub(crate) ways: Vec<Way>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Way {
    pub(crate) vendor: &'static str,
    pub(crate) way: String,
}

/// One row of a vendor's table.
#[derive(Debug, Serialize)]
pub(crate) struct Code {
    pub(crate) vendor: &'static str,
    pub(crate) code: Option<&'static str>,
    pub(crate) status: Option<u16>,
    pub(crate) text: Option<&'static str>,
    pub(crate) operation: Option<&'static str>,
    pub(crate) kind: &'static str,
    pub(crate) exit_code: u8,
    pub(crate) meaning: &'static str,
    pub(crate) remedy: &'static str,
    pub(crate) source: &'static str,
}

/// What an HTTP status means if the vendor's table has no row for it.
#[derive(Debug, Serialize)]
pub(crate) struct StatusMeaning {
    pub(crate) status: u16,
    pub(crate) kind: &'static str,
    pub(crate) exit_code: u8,
    pub(crate) meaning: &'static str,
}

#[derive(Debug, Serialize)]
pub(crate) struct Explanation {
    pub(crate) kind: Option<Kind>,
    pub(crate) codes: Vec<Code>,
    pub(crate) status: Option<StatusMeaning>,
}

impl Kind {
    fn of(kind: ErrorKind, vendors: &[&'static Descriptor]) -> Self {
        Self {
            kind: kind.as_str(),
            meaning: kind.short(),
            remedy: kind.remedy(),
            exit_code: exit_code(kind),
            ways: vendors.iter().filter_map(|vendor| way(kind, vendor)).collect(),
        }
    }
}

impl Code {
    fn of(vendor: &'static str, rule: &'static Rule) -> Self {
        Self {
            vendor,
            code: rule.code.as_deref(),
            status: rule.status,
            text: rule.text.as_deref(),
            operation: rule.operation.map(Operation::as_str),
            kind: rule.kind.as_str(),
            exit_code: exit_code(rule.kind),
            meaning: &rule.meaning,
            remedy: if rule.remedy.is_empty() { rule.kind.remedy() } else { &rule.remedy },
            source: &rule.source,
        }
    }

    /// The row's label: the vendor's code, or status and phrase if the vendor has no codes.
    pub(crate) fn label(&self) -> String {
        let status = self.status.map(|status| status.to_string());
        let phrase = self.text.map(|text| format!("\"{text}\""));
        let during = self.operation.filter(|_| self.code.is_none());
        let during = during.map(|operation| format!("in {operation}"));
        let parts = [self.code.map(str::to_owned), status, phrase, during];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

/// How a locked signer gets new attempts at a vendor.
fn way(kind: ErrorKind, vendor: &Descriptor) -> Option<Way> {
    if kind != ErrorKind::RecipientLocked {
        return None;
    }
    let facts = &vendor.facts.behavior;
    let code = facts.unlock_by.as_ref()?.value;
    let command = match code {
        UnlockBy::Resend => "a resend, `countersign unlock ENVELOPE --recipient REF`",
        UnlockBy::NewCode => "a new access code, `countersign unlock ENVELOPE --recipient REF --generate 8`",
    };
    let checks = facts.check_unlock_by.as_ref();
    let checks = checks.map(|fact| format!("; if another check failed: {}", fact.value));
    let way = format!("after wrong access codes: {command}{}", checks.unwrap_or_default());
    Some(Way { vendor: vendor.name, way })
}

fn exit_code(kind: ErrorKind) -> u8 {
    exit::of(kind, Outcome::Refused)
}

pub(crate) fn kinds(vendors: &[&'static Descriptor]) -> Vec<Kind> {
    ErrorKind::ALL.iter().map(|kind| Kind::of(*kind, vendors)).collect()
}

/// Every row of every vendor.
pub(crate) fn codes(vendors: &[&'static Descriptor]) -> Vec<Code> {
    let of = |vendor: &&'static Descriptor| {
        vendor.facts.refusals.rules().iter().map(|rule| Code::of(vendor.name, rule))
    };
    vendors.iter().flat_map(of).collect()
}

/// Looks up a word: a kind, a vendor's code, an HTTP status, or a phrase of a vendor's message.
///
/// # Errors
/// Returns similar words, the most similar first, if nothing matches.
pub(crate) fn look_up(vendors: &[&'static Descriptor], word: &str) -> Result<Explanation, Vec<String>> {
    let word = word.trim();
    let matching = |fits: &dyn Fn(&Code) -> bool| -> Vec<Code> {
        codes(vendors).into_iter().filter(|code| fits(code)).collect()
    };
    if let Ok(kind) = word.parse::<ErrorKind>() {
        let codes = matching(&|code| code.kind == kind.as_str());
        return Ok(Explanation { kind: Some(Kind::of(kind, vendors)), codes, status: None });
    }
    let codes = matching(&|code| code.code.is_some_and(|code| code.eq_ignore_ascii_case(word)));
    if !codes.is_empty() {
        return Ok(Explanation { kind: None, codes, status: None });
    }
    if let Some(status) = word.parse::<u16>().ok().filter(|status| (100..600).contains(status)) {
        let codes = matching(&|code| code.status == Some(status));
        let (kind, meaning) = default_kind(status);
        let usual = StatusMeaning { status, kind: kind.as_str(), exit_code: exit_code(kind), meaning };
        return Ok(Explanation { kind: None, codes, status: Some(usual) });
    }
    let phrase = word.to_ascii_lowercase();
    let codes = matching(&|code| {
        let text = code.text.map(str::to_ascii_lowercase);
        text.is_some_and(|text| phrase.len() >= 4 && (text.contains(&phrase) || phrase.contains(&text)))
    });
    if codes.is_empty() {
        Err(near(vendors, word))
    } else {
        Ok(Explanation { kind: None, codes, status: None })
    }
}

/// Similar words: one or two typing errors, or a part.
fn near(vendors: &[&'static Descriptor], word: &str) -> Vec<String> {
    let plain = |text: &str| text.to_ascii_lowercase().replace(['-', '_', ' '], "");
    let wanted = plain(word);
    if wanted.is_empty() {
        return Vec::new();
    }
    let kinds = ErrorKind::ALL.iter().map(|kind| kind.as_str());
    let codes = codes(vendors).into_iter().filter_map(|code| code.code);
    let mut found: Vec<(f64, &str)> = kinds
        .chain(codes)
        .map(|known| {
            let there = plain(known);
            let part = wanted.len() >= 4 && there.contains(&wanted);
            (if part { 0.95 } else { strsim::jaro_winkler(&there, &wanted) }, known)
        })
        .filter(|(likeness, _)| *likeness >= 0.86)
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    found.dedup_by_key(|(_, known)| *known);
    found.into_iter().take(5).map(|(_, known)| known.to_owned()).collect()
}
