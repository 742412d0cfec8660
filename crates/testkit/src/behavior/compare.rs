//! Compares one step at both sides.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::normal::Labels;
use super::step::{Ended, Step};

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compared {
    /// An event between the calls.
    Between(String),
    /// A call.
    Call {
        /// Its title.
        title: String,
        /// The operation's stable name.
        operation: &'static str,
        /// How it ended at each side: `done`, or the kind of the error.
        ended: [String; 2],
        /// The differences, by the path of the member.
        differences: Vec<Difference>,
    },
}

/// A member of a call's result that differs between the sides. If a call succeeds at one side and fails at the
/// other, only the members of the failure are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// Its path, such as `recipients.1.status`; lists count from 1.
    pub member: String,
    /// Its value at the old side; `None` if there is no such member.
    pub old: Option<String>,
    /// Its value at the new side.
    pub new: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => write!(f, "{}: {old} -> {new}", self.member),
            (Some(old), None) => write!(f, "{}: {old} -> (not there)", self.member),
            (None, Some(new)) => write!(f, "{}: (not there) -> {new}", self.member),
            (None, None) => f.write_str(&self.member),
        }
    }
}

pub(super) fn call(step: &Step, old: &Ended, new: &Ended, labels: &mut Labels) -> Compared {
    let (mut before, mut after) = (members(0, old, labels), members(1, new, labels));
    // Next to a failure, the members of a reply are irrelevant.
    match (&old.result, &new.result) {
        (Ok(_), Err(_)) => before.clear(),
        (Err(_), Ok(_)) => after.clear(),
        _ => {}
    }
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let differences = names.into_iter().filter(|name| before.get(*name) != after.get(*name)).map(|name| {
        let value = |of: &BTreeMap<String, String>| of.get(name).cloned();
        Difference { member: name.clone(), old: value(&before), new: value(&after) }
    });
    Compared::Call {
        title: step.title().to_owned(),
        operation: old.operation,
        ended: [ended(old), ended(new)],
        differences: differences.collect(),
    }
}

fn ended(call: &Ended) -> String {
    match &call.result {
        Ok(_) => "done".to_owned(),
        Err(error) => error.kind().as_str().to_owned(),
    }
}

/// The members of a call's result, each under its path.
fn members(side: usize, call: &Ended, labels: &mut Labels) -> BTreeMap<String, String> {
    let value = match &call.result {
        Ok(reply) => labels.reply(side, call.at, reply.clone()),
        Err(error) => labels.error(error),
    };
    let mut found = BTreeMap::new();
    flatten("", &value, &mut found);
    found
}

/// Lists count from 1; an empty list has no members, and is represented by its length.
fn flatten(path: &str, value: &Value, found: &mut BTreeMap<String, String>) {
    let under = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                flatten(&under(name), value, found);
            }
        }
        Value::Array(all) => {
            found.insert(under("length"), all.len().to_string());
            for (number, value) in all.iter().enumerate() {
                flatten(&under(&(number + 1).to_string()), value, found);
            }
        }
        Value::Null => {
            found.insert(path.to_owned(), "none".to_owned());
        }
        Value::String(text) => {
            found.insert(path.to_owned(), text.clone());
        }
        other => {
            found.insert(path.to_owned(), other.to_string());
        }
    }
}
