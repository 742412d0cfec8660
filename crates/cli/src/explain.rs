//! Looking up kinds and vendors' codes, by any spelling.

use countersign::{Descriptor, ErrorKind, Operation, Outcome, Rule, default_kind};
use serde::Serialize;

use crate::exit;

/// A kind with what is known of it.
#[derive(Debug, Serialize)]
pub(crate) struct Kind {
    pub(crate) kind: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) remedy: &'static str,
    /// The exit code, unless the outcome is unknown.
    pub(crate) exit_code: u8,
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

/// What an HTTP status means where a vendor's table says nothing.
#[derive(Debug, Serialize)]
pub(crate) struct StatusMeaning {
    pub(crate) status: u16,
    pub(crate) kind: &'static str,
    pub(crate) exit_code: u8,
    pub(crate) meaning: &'static str,
}

/// What was found for one word.
#[derive(Debug, Serialize)]
pub(crate) struct Explanation {
    pub(crate) kind: Option<Kind>,
    pub(crate) codes: Vec<Code>,
    pub(crate) status: Option<StatusMeaning>,
}

impl Kind {
    fn of(kind: ErrorKind) -> Self {
        Self { kind: kind.as_str(), meaning: kind.short(), remedy: kind.remedy(), exit_code: exit_code(kind) }
    }
}

impl Code {
    fn of(vendor: &'static str, rule: &'static Rule) -> Self {
        Self {
            vendor,
            code: rule.code,
            status: rule.status,
            text: rule.text,
            operation: rule.operation.map(Operation::as_str),
            kind: rule.kind.as_str(),
            exit_code: exit_code(rule.kind),
            meaning: rule.meaning,
            remedy: if rule.remedy.is_empty() { rule.kind.remedy() } else { rule.remedy },
            source: rule.source,
        }
    }

    /// What the row is known by: the vendor's code, or status and phrase where the vendor has no codes.
    pub(crate) fn label(&self) -> String {
        let status = self.status.map(|status| status.to_string());
        let phrase = self.text.map(|text| format!("\"{text}\""));
        let during = if self.code.is_none() {
            self.operation.map(|operation| format!("in {operation}"))
        } else {
            None
        };
        let parts = [self.code.map(str::to_owned), status, phrase, during];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

fn exit_code(kind: ErrorKind) -> u8 {
    exit::of(kind, Outcome::Refused)
}

/// Every kind.
pub(crate) fn kinds() -> Vec<Kind> {
    ErrorKind::ALL.iter().copied().map(Kind::of).collect()
}

/// Every row of every vendor.
pub(crate) fn codes(vendors: &[&'static Descriptor]) -> Vec<Code> {
    rows(vendors).map(|(vendor, rule)| Code::of(vendor, rule)).collect()
}

fn rows<'v>(vendors: &'v [&'static Descriptor]) -> impl Iterator<Item = (&'static str, &'static Rule)> + 'v {
    vendors.iter().flat_map(|vendor| vendor.rules.iter().map(|rule| (vendor.name, rule)))
}

/// Looks a word up: a kind, a vendor's code, an HTTP status, or a phrase of a vendor's message.
///
/// # Errors
/// The near matches, nearest first, when nothing fits.
pub(crate) fn look_up(vendors: &[&'static Descriptor], word: &str) -> Result<Explanation, Vec<String>> {
    let word = word.trim();
    if let Ok(kind) = word.parse::<ErrorKind>() {
        let codes =
            rows(vendors).filter(|(_, rule)| rule.kind == kind).map(|(vendor, rule)| Code::of(vendor, rule));
        return Ok(Explanation { kind: Some(Kind::of(kind)), codes: codes.collect(), status: None });
    }
    let matching = |fits: &dyn Fn(&Rule) -> bool| -> Vec<Code> {
        rows(vendors).filter(|(_, rule)| fits(rule)).map(|(vendor, rule)| Code::of(vendor, rule)).collect()
    };
    let codes = matching(&|rule| rule.code.is_some_and(|code| code.eq_ignore_ascii_case(word)));
    if !codes.is_empty() {
        return Ok(Explanation { kind: None, codes, status: None });
    }
    if let Some(status) = word.parse::<u16>().ok().filter(|status| (100..600).contains(status)) {
        let codes = matching(&|rule| rule.status == Some(status));
        let (kind, meaning) = default_kind(status);
        let usual = StatusMeaning { status, kind: kind.as_str(), exit_code: exit_code(kind), meaning };
        return Ok(Explanation { kind: None, codes, status: Some(usual) });
    }
    let phrase = word.to_ascii_lowercase();
    let codes = matching(&|rule| {
        let text = rule.text.map(str::to_ascii_lowercase);
        text.is_some_and(|text| phrase.len() >= 4 && (text.contains(&phrase) || phrase.contains(&text)))
    });
    if codes.is_empty() {
        Err(near(vendors, word))
    } else {
        Ok(Explanation { kind: None, codes, status: None })
    }
}

/// The words that come near: a slip or two, or a part.
fn near(vendors: &[&'static Descriptor], word: &str) -> Vec<String> {
    let plain = |text: &str| text.to_ascii_lowercase().replace(['-', '_', ' '], "");
    let wanted = plain(word);
    if wanted.is_empty() {
        return Vec::new();
    }
    let kinds = ErrorKind::ALL.iter().map(|kind| kind.as_str());
    let codes = rows(vendors).filter_map(|(_, rule)| rule.code);
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

#[cfg(test)]
mod tests {
    use super::*;
    use countersign::{Error, Problem};

    static ACME: Descriptor = Descriptor {
        name: "acme",
        title: "Acme",
        capabilities: &[],
        conduct: None,
        rules: &[
            Rule::code("NOBODY_THERE", ErrorKind::RecipientNotFound, "nobody is there")
                .source("docs.example"),
            Rule::status(403, ErrorKind::QuotaExceeded, "once a day")
                .saying("daily limit")
                .remedy("tomorrow"),
        ],
        read_problem: |status, _, _| Problem::new(status),
        returns: countersign::Returns::silent(),
        webhooks: None,
        build: |_| Err(Error::new(ErrorKind::Config, "none")),
        offline: || Err(Error::new(ErrorKind::Config, "none")),
        verified_live: None,
    };

    #[test]
    fn a_kind_in_any_spelling_lists_the_codes_that_mean_it() {
        for word in ["recipient_not_found", "Recipient-Not-Found", "RECIPIENTNOTFOUND"] {
            let found = look_up(&[&ACME], word).expect(word);
            assert_eq!(found.kind.map(|kind| kind.kind), Some("recipient_not_found"));
            assert_eq!(found.codes.len(), 1);
        }
    }

    #[test]
    fn a_code_without_regard_to_case_takes_the_kinds_remedy_where_it_has_none() {
        let found = look_up(&[&ACME], "nobody_there").expect("a code");
        assert_eq!(found.codes[0].remedy, ErrorKind::RecipientNotFound.remedy());
    }

    #[test]
    fn a_status_and_a_phrase() {
        let found = look_up(&[&ACME], "403").expect("a status");
        assert_eq!(
            (found.codes.len(), found.status.map(|status| status.kind)),
            (1, Some("permission_denied"))
        );
        let found = look_up(&[&ACME], "The Daily Limit is reached.").expect("a phrase");
        assert_eq!(found.codes[0].remedy, "tomorrow");
    }

    #[test]
    fn an_unknown_word_brings_near_ones() {
        assert_eq!(look_up(&[&ACME], "NOBODY_HERE").expect_err("unknown")[0], "NOBODY_THERE");
        assert!(look_up(&[&ACME], "locked").expect_err("unknown").contains(&"recipient_locked".to_owned()));
        assert!(look_up(&[&ACME], "").expect_err("empty").is_empty());
        assert!(look_up(&[&ACME], "xyzzy").expect_err("unknown").is_empty());
    }
}
