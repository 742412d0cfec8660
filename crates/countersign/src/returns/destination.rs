//! Where a user is redirected after a return: fixed by the application, never by the request.

use countersign_core::{InvalidValue, WebUrl, is_harmful};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::state::ReturnState;

/// The characters that need no encoding in a path (RFC 3986, section 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

const EXPECTED: &str = "a path such as /done or an http or https URL, in which whole path segments may be {account}, {envelope} or \
                        {recipient}";

/// A path within the application, or a URL, chosen by the application.
///
/// Whole segments of its path may be `{account}`, `{envelope}` or `{recipient}`: they are replaced,
/// percent-encoded, with the values of the return's *signed* state. No part of the request itself is used, so that
/// a request cannot redirect elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination(String);

/// The segments that are replaced.
const REPLACED: [&str; 3] = ["{account}", "{envelope}", "{recipient}"];

impl Destination {
    /// Checks the text.
    ///
    /// # Errors
    /// [`InvalidValue`] if it is neither a path with one leading slash nor an absolute http or https URL, and for
    /// braces anywhere else.
    pub fn new(text: &str) -> Result<Self, InvalidValue> {
        let bad = |problem: &str| InvalidValue::new("destination", problem, EXPECTED);
        let (origin, rest) = split_origin(text).ok_or_else(|| bad("is neither a path nor a URL"))?;
        let end = rest.find(['?', '#']).unwrap_or(rest.len());
        let (path, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let replaced = |segment| if REPLACED.contains(&segment) { "x" } else { segment };
        let path: Vec<&str> = path.split('/').map(replaced).collect();
        let example = format!("{origin}{}{tail}", path.join("/"));
        if example.contains(['{', '}']) {
            return Err(bad("has braces in a place that cannot be replaced"));
        }
        // The result must be a valid address, whatever the values are.
        let whole = if origin.is_empty() { format!("https://host.example{example}") } else { example };
        WebUrl::new(&whole).map_err(|invalid| bad(invalid.problem()))?;
        Ok(Self(text.to_owned()))
    }

    /// The address for a return.
    pub fn fill(&self, state: &ReturnState) -> String {
        let values = [state.account.as_str(), state.envelope.as_str(), state.recipient.as_str()];
        REPLACED.iter().zip(values).fold(self.0.clone(), |text, (name, value)| {
            // None of these may remain: browsers interpret them as a folder or, at the start, as a host.
            let value = if matches!(value, "" | "." | "..") { "-" } else { value };
            text.replace(name, &utf8_percent_encode(value, ENCODED).to_string())
        })
    }
}

/// The origin of a URL (empty for a path) and the rest.
fn split_origin(text: &str) -> Option<(&str, &str)> {
    if text.contains(is_harmful) || text.contains(['\\', ' ']) {
        return None;
    }
    if text.starts_with('/') {
        // A second slash would name a host.
        return (!text.starts_with("//")).then_some(("", text));
    }
    let behind_scheme = text.find("://")? + 3;
    let host = text.get(behind_scheme..)?;
    let path = behind_scheme + host.find(['/', '?', '#']).unwrap_or(host.len());
    text.split_at_checked(path)
}
