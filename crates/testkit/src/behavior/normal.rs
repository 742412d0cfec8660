//! Replaces what has to differ: ids, personal data, times, vendors' names.

use std::collections::BTreeMap;

use countersign_core::{Descriptor, Error, Outcome, Retry, Timestamp};
use serde_json::{Map, Value, json};

/// The numbers of the values seen so far at each side, by kind. Each side counts separately: ids always differ, and
/// names may differ, for example if one side is a recording.
pub(super) struct Labels {
    vendors: Vec<String>,
    seen: [BTreeMap<(&'static str, String), usize>; 2],
}

impl Labels {
    pub(super) fn new(descriptors: [&'static Descriptor; 2]) -> Self {
        let vendors = descriptors.map(|descriptor| descriptor.name.to_lowercase()).to_vec();
        Self { vendors, seen: [BTreeMap::new(), BTreeMap::new()] }
    }

    fn label(&mut self, side: usize, kind: &'static str, value: &str) -> String {
        let Some(seen) = self.seen.get_mut(side) else { return format!("{{{kind}}}") };
        let next = seen.keys().filter(|(known, _)| *known == kind).count() + 1;
        format!("{{{kind}:{}}}", seen.entry((kind, value.to_owned())).or_insert(next))
    }

    /// A vendor's name in any letter case.
    fn text(&self, text: &str) -> String {
        let mut rest = text;
        let mut out = String::with_capacity(text.len());
        'next: while let Some(c) = rest.chars().next() {
            for vendor in &self.vendors {
                if rest.get(..vendor.len()).is_some_and(|head| head.eq_ignore_ascii_case(vendor)) {
                    out.push_str("{vendor}");
                    rest = rest.get(vendor.len()..).unwrap_or_default();
                    continue 'next;
                }
            }
            out.push(c);
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
        out
    }

    /// The comparable parts of an error: not its message, which is text about one vendor.
    pub(super) fn error(&self, error: &Error) -> Value {
        let outcome = match error.outcome() {
            Outcome::NoEffect => "no_effect",
            Outcome::Refused => "refused",
            Outcome::Unknown => "unknown",
        };
        let again = match error.retry() {
            Retry::Never => "no",
            Retry::After(_) => "yes",
        };
        json!({"outcome": outcome, "may_be_repeated": again, "hint": self.text(error.hint())})
    }

    /// A reply, by the names of its members.
    pub(super) fn reply(&mut self, side: usize, at: Timestamp, value: Value) -> Value {
        self.member(side, at, "", value)
    }

    fn member(&mut self, side: usize, at: Timestamp, name: &str, value: Value) -> Value {
        match value {
            Value::Object(members) => {
                let members = members.into_iter().filter(|(name, _)| name != "vendor");
                let normal = |(name, value): (String, Value)| {
                    let value = self.member(side, at, &name, value);
                    (name, value)
                };
                Value::Object(members.map(normal).collect::<Map<_, _>>())
            }
            Value::Array(all) => {
                let normal = |value| self.member(side, at, name, value);
                Value::Array(all.into_iter().map(normal).collect())
            }
            Value::String(text) => Value::String(match name {
                "id" | "recipient" => self.label(side, "recipient", &text),
                "name" => self.label(side, "name", &text),
                "email" => self.label(side, "email", &text.to_lowercase()),
                "phone" => self.label(side, "phone", &text),
                "client_user_id" => self.label(side, "client", &text),
                "decline_reason" => self.label(side, "reason", &text),
                "expires_at" => distance(at, &text),
                name if name.ends_with("_at") => "{time}".to_owned(),
                _ => self.text(&text),
            }),
            other => other,
        }
    }
}

/// How far a time is from now, to the minute.
fn distance(at: Timestamp, text: &str) -> String {
    let Ok(then) = text.parse::<Timestamp>() else { return "{time}".to_owned() };
    // Vendors count in whole seconds, and the call takes a moment.
    let minutes = (then.as_second() - at.as_second() + 30).div_euclid(60);
    match minutes {
        days if days != 0 && days % (24 * 60) == 0 => format!("in {} days", days / (24 * 60)),
        minutes => format!("in {minutes} minutes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_together_stays_together() {
        let mut labels = Labels { vendors: vec!["acme".into(), "bold".into()], seen: Default::default() };
        let at: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let reply = json!({
            "recipients": [
                {"id": "7", "name": "Anna", "email": "Anna@example.com", "sent_at": "2026-01-01T00:00:00Z", "vendor": {"x": "y"}},
                {"id": "8", "name": "Ben", "email": "anna@example.com", "sent_at": null, "client_user_id": "c"},
            ],
            "to": [{"recipient": "8"}],
            "expires_at": "2026-11-22T10:04:59.7Z",
        });
        assert_eq!(
            labels.reply(0, at, reply),
            json!({
                "recipients": [
                    {"id": "{recipient:1}", "name": "{name:1}", "email": "{email:1}", "sent_at": "{time}"},
                    {"id": "{recipient:2}", "name": "{name:2}", "email": "{email:1}", "sent_at": null, "client_user_id": "{client:1}"},
                ],
                "to": [{"recipient": "{recipient:2}"}],
                "expires_at": "in 5 minutes",
            })
        );
        assert_eq!(labels.label(1, "recipient", "x"), "{recipient:1}");
        assert_eq!(labels.text("at AcMe é acm Bold’s"), "at {vendor} é acm {vendor}’s");
        assert_eq!(distance(at, "2027-05-21T10:00:00Z"), "in 180 days");
    }
}
