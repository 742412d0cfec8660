//! Replaces what has to differ: ids, personal data, times, vendors' names.

use std::collections::BTreeMap;

use countersign_core::{Descriptor, Retry, Timestamp};
use serde_json::{Value, json};

use super::step::Ended;

/// The members of a call's result, by their paths, such as `recipients.1.status`.
pub(super) type Members = BTreeMap<String, String>;

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

    /// The members of a call's result, each under its path. Of an error, not its message, which is text about one vendor.
    pub(super) fn members(&mut self, side: usize, call: &Ended) -> Members {
        let mut found = Members::new();
        match &call.result {
            Ok(reply) => self.member((side, call.at), "", "", reply, &mut found),
            Err(error) => {
                let again = if error.retry() == Retry::Never { "no" } else { "yes" };
                let parts =
                    json!({"outcome": error.outcome(), "may_be_repeated": again, "hint": error.hint()});
                self.member((side, call.at), "", "", &parts, &mut found);
            }
        }
        found
    }

    /// Lists count from 1; an empty list has no members, and is represented by its length.
    fn member(
        &mut self,
        (side, at): (usize, Timestamp),
        path: &str,
        name: &str,
        value: &Value,
        found: &mut Members,
    ) {
        let under = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let shown = match value {
            Value::Object(members) => {
                for (name, value) in members.iter().filter(|(name, _)| *name != "vendor") {
                    self.member((side, at), &under(name), name, value, found);
                }
                return;
            }
            Value::Array(all) => {
                found.insert(under("length"), all.len().to_string());
                for (number, value) in (1..).zip(all) {
                    self.member((side, at), &under(&format!("{number}")), name, value, found);
                }
                return;
            }
            Value::String(text) => match name {
                "id" | "recipient" => self.label(side, "recipient", text),
                "name" => self.label(side, "name", text),
                "email" => self.label(side, "email", &text.to_lowercase()),
                "phone" => self.label(side, "phone", text),
                "client_user_id" => self.label(side, "client", text),
                "decline_reason" => self.label(side, "reason", text),
                "expires_at" => distance(at, text),
                name if name.ends_with("_at") => "{time}".to_owned(),
                _ => self.text(text),
            },
            Value::Null => "none".to_owned(),
            other => other.to_string(),
        };
        found.insert(path.to_owned(), shown);
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
        let found = labels.members(0, &Ended { operation: "list_recipients", result: Ok(reply), at });
        let found: Vec<String> = found.iter().map(|(path, value)| format!("{path}: {value}")).collect();
        assert_eq!(
            found,
            [
                "expires_at: in 5 minutes",
                "recipients.1.email: {email:1}",
                "recipients.1.id: {recipient:1}",
                "recipients.1.name: {name:1}",
                "recipients.1.sent_at: {time}",
                "recipients.2.client_user_id: {client:1}",
                "recipients.2.email: {email:1}",
                "recipients.2.id: {recipient:2}",
                "recipients.2.name: {name:2}",
                "recipients.2.sent_at: none",
                "recipients.length: 2",
                "to.1.recipient: {recipient:2}",
                "to.length: 1",
            ]
        );
        assert_eq!(labels.label(1, "recipient", "x"), "{recipient:1}");
        assert_eq!(labels.text("at AcMe é acm Bold’s"), "at {vendor} é acm {vendor}’s");
        assert_eq!(distance(at, "2027-05-21T10:00:00Z"), "in 180 days");
    }
}
