//! What a vendor's specification knows and the sandbox does not simulate: routes, and members and parameters that
//! would change something. They are rejected by name, so that nothing that an application requests is silently
//! ignored. Beside them, words that the simulated routes use, and what the vendor's answers always have.

use std::collections::HashMap;
use std::fmt::Display;

use serde::Deserialize;
use serde_json::Value;

use super::fields::{Object, Query, member};

/// A vendor's `known.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Known {
    /// Methods and a path each; `{}` is any one segment.
    routes: Vec<String>,
    /// Members and parameters that are not simulated, by the object or query that contains them.
    refused: HashMap<String, Vec<String>>,
    /// Words that the simulated routes use, by the name of the list.
    #[serde(default)]
    lists: HashMap<String, Vec<String>>,
    /// The texts of error codes.
    #[serde(default)]
    messages: HashMap<String, String>,
}

impl Known {
    /// Reads a file that is compiled in; a test reads each of them.
    pub(crate) fn read(text: &str) -> Self {
        toml::from_str(text).unwrap_or_default()
    }

    /// A word of a list as the vendor writes it, ignoring case.
    pub(crate) fn listed(&self, list: &str, word: &str) -> Option<&str> {
        self.list(list).find(|known| known.eq_ignore_ascii_case(word))
    }

    /// The members that are in this list, under the vendor's names.
    pub(crate) fn members(&self, list: &str, from: &Object) -> Object {
        self.list(list).filter_map(|name| Some((name.to_owned(), member(from, name)?.clone()))).collect()
    }

    /// The text of an error code; the code itself if it has none.
    pub(crate) fn message<'k>(&'k self, code: &'k str) -> &'k str {
        self.messages.get(code).map_or(code, String::as_str)
    }

    pub(crate) fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        self.lists.get(name).into_iter().flatten().map(String::as_str)
    }

    /// Whether the vendor has this route, ignoring case.
    fn has_route(&self, method: &str, segments: &[&str]) -> bool {
        self.routes.iter().any(|route| {
            let mut words = route.split(' ').rev();
            let path = words.next().unwrap_or_default().split('/').skip(1);
            let fits = |(known, given): (&str, &&str)| {
                if known == "{}" { !given.is_empty() } else { known.eq_ignore_ascii_case(given) }
            };
            path.clone().count() == segments.len()
                && path.zip(segments).all(fits)
                && words.any(|known| known == method)
        })
    }

    /// The error for a route that is not simulated: that it is not, or this one if the vendor has no such route.
    pub(crate) fn missing<E: From<NotSimulated>>(&self, method: &str, segments: &[&str], unknown: E) -> E {
        if self.has_route(method, segments) { NotSimulated::new("this route").into() } else { unknown }
    }

    /// Rejects members of an object that are known, not simulated, and have an effect.
    pub(crate) fn check(&self, object: &str, body: &Object) -> Result<(), NotSimulated> {
        let names = self.refused.get(object).map_or(&[][..], Vec::as_slice);
        let asks = |(name, value): &(&String, &Value)| {
            names.iter().any(|known| known.eq_ignore_ascii_case(name)) && asks_for_something(value)
        };
        let refused = body.iter().find(asks);
        refused.map_or(Ok(()), |(name, _)| Err(NotSimulated::new(format!("`{name}`"))))
    }

    /// The same for the parameters of a route.
    pub(crate) fn check_parameters(&self, route: &str, query: &Query) -> Result<(), NotSimulated> {
        let asks = |name: &&String| query.get(name).is_some_and(|value| !value.eq_ignore_ascii_case("false"));
        let refused = self.refused.get(route).into_iter().flatten().find(asks);
        refused.map_or(Ok(()), |name| Err(NotSimulated::new(format!("the parameter `{name}`"))))
    }
}

/// A feature of a vendor that the sandbox does not simulate.
#[derive(Debug)]
pub(crate) struct NotSimulated {
    /// A sentence that names it.
    pub(crate) text: String,
}

impl NotSimulated {
    pub(crate) fn new(what: impl Display) -> Self {
        Self { text: format!("the sandbox does not simulate {what}") }
    }
}

/// Absent, empty or false values have no effect.
fn asks_for_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.trim().is_empty() && !text.eq_ignore_ascii_case("false"),
        Value::Array(list) => !list.is_empty(),
        Value::Object(members) => members.values().any(asks_for_something),
        Value::Bool(true) | Value::Number(_) => true,
    }
}

/// A vendor's `always.json`.
pub(crate) struct Always(Value);

impl Always {
    /// Reads a file that is compiled in. If it cannot be read, answers have none of it, which tests notice.
    pub(crate) fn read(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap_or_default())
    }

    /// This part of an answer: what it always has, as the application gave it if it did, and these members.
    pub(crate) fn with(&self, part: &str, given: &Object, members: Value) -> Value {
        let mut body = self.0[part].clone();
        for (name, value) in given {
            if let Some(member) = body.get_mut(name) {
                *member = value.clone();
            }
        }
        joined(body, members)
    }
}

/// An object with the members of another one.
pub(crate) fn joined(mut object: Value, more: Value) -> Value {
    if let (Some(object), Value::Object(more)) = (object.as_object_mut(), more) {
        object.extend(more);
    }
    object
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn known() -> Known {
        let text = r#"
            routes = ["GET PUT /v1/things/{}", "POST /v1/things"]
            refused = { thing = ["colour", "size"], list = ["page"] }
            lists = { kept = ["shape", "weight"] }"#;
        toml::from_str(text).unwrap()
    }

    #[test]
    fn a_route_is_known_by_its_method_and_its_segments() {
        let has = |method, path: &str| known().has_route(method, &path.split('/').collect::<Vec<_>>());
        assert!(has("PUT", "v1/Things/7") && has("POST", "v1/things"));
        assert!(!has("DELETE", "v1/things/7") && !has("GET", "v1/things") && !has("GET", "v1/things/7/more"));
        assert!(!has("GET", "v1/things/"));
    }

    #[test]
    fn what_is_listed_is_found_in_any_case_and_gets_the_vendors_name() {
        assert_eq!(known().listed("kept", "SHAPE"), Some("shape"));
        assert_eq!(known().listed("kept", "size").or(known().listed("other", "shape")), None);
        let body = json!({"Shape": "round", "size": 1, "weight": null});
        assert_eq!(json!(known().members("kept", body.as_object().unwrap())), json!({"shape": "round"}));
    }

    #[test]
    fn what_asks_for_nothing_is_not_refused() {
        let check = |body: Value| known().check("thing", body.as_object().unwrap());
        assert!(check(json!({"Colour": "red", "other": 1})).unwrap_err().text.ends_with("`Colour`"));
        assert!(check(json!({"colour": "", "size": {"on": false}, "weight": 1})).is_ok());
        let check = |query| known().check_parameters("list", &Query::parse(Some(query)));
        assert!(check("PAGE=2").unwrap_err().text.ends_with("the parameter `page`"));
        assert!(check("page=false&x=1").is_ok());
    }
}
