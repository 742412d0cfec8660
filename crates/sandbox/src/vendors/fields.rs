//! Reads what clients send: JSON with scalars of any type, queries with repeated parameters, and names in any case.
//!
//! The vendors' own clients and examples use several spellings of one name; it is inferred from this that case
//! does not matter.

use axum::http::{HeaderValue, header};
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

pub(crate) type Object = Map<String, Value>;

/// A member, ignoring the case of its name.
pub(crate) fn member<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    object
        .get(name)
        .or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
        .filter(|value| !value.is_null())
}

/// A scalar member as text, whatever its JSON type.
pub(crate) fn text(object: &Object, name: &str) -> Option<String> {
    match member(object, name)? {
        Value::String(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(value) => Some(value.to_string()),
        _ => None,
    }
}

/// Like [`text`], but `None` for blank text.
pub(crate) fn filled(object: &Object, name: &str) -> Option<String> {
    text(object, name).filter(|text| !text.trim().is_empty())
}

/// Whether a member is true, or a text that says so.
pub(crate) fn is_true(object: &Object, name: &str) -> bool {
    text(object, name).is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

pub(crate) fn object<'a>(object: &'a Object, name: &str) -> Option<&'a Object> {
    member(object, name)?.as_object()
}

pub(crate) fn array<'a>(object: &'a Object, name: &str) -> impl Iterator<Item = &'a Object> {
    member(object, name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

/// Most vendors include the charset in the content type of their JSON.
pub(crate) fn name_the_charset(response: &mut Response) {
    if let Some(kind) = response.headers_mut().get_mut(header::CONTENT_TYPE)
        && kind == "application/json"
    {
        *kind = HeaderValue::from_static("application/json; charset=utf-8");
    }
}

/// A basic check for an e-mail address.
pub(crate) fn looks_like_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, host)| {
        !local.is_empty() && host.contains('.') && !text.contains(char::is_whitespace)
    })
}

/// A decoded query, or a form in its format.
#[derive(Clone, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(query: Option<&str>) -> Self {
        Self::read(query.unwrap_or_default().as_bytes())
    }

    pub(crate) fn read(form: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(form).into_owned().collect())
    }

    /// The first value of a parameter; an empty one counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).find(|value| !value.is_empty())
    }

    /// The same without spaces around it, or nothing.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default().trim()
    }

    pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }
}

/// Whether a list of words, as OAuth's scopes are, has this one.
pub(crate) fn has_word(words: &str, wanted: &str) -> bool {
    words.split_whitespace().any(|word| word == wanted)
}

/// A time in ISO 8601 with or without a zone, a plain date, or the American form that the vendors' documentation shows;
/// without a zone it is UTC.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    let utc = |at: DateTime| at.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp());
    let american = || Date::strptime("%m/%d/%Y", text).ok().map(DateTime::from);
    text.parse().ok().or_else(|| text.parse().ok().or_else(american).and_then(utc))
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Percent-decodes one path segment.
pub(crate) fn decode(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_any_case_and_scalars_of_any_type_are_read() {
        let value: Value =
            serde_json::from_str(r#"{"RoutingOrder":2,"requireIdLookup":false,"x":null}"#).unwrap();
        let object = value.as_object().unwrap();
        assert_eq!(text(object, "routingOrder").as_deref(), Some("2"));
        assert_eq!(text(object, "requireIdLookup").as_deref(), Some("false"));
        assert_eq!(text(object, "x"), None);
    }

    #[test]
    fn repeated_parameters_stay_apart_and_plus_signs_survive() {
        let query = Query::parse(Some("receiverEmails=a%2Bb%40x.com&ReceiverEmails=c%40x.com&empty="));
        assert_eq!(query.all("receiveremails").collect::<Vec<_>>(), ["a+b@x.com", "c@x.com"]);
        assert_eq!(query.get("empty"), None);
        assert_eq!(decode("a%2Fb%20c"), "a/b c");
    }

    #[test]
    fn every_form_that_the_vendors_clients_send_is_read() {
        for text in [
            "2026-12-01T10:00:00.000Z",
            "2026-12-01T10:00:00.000000+0000",
            "2026-12-01T10:00:00+00:00",
            "2026-12-01T10:00:00",
        ] {
            assert_eq!(instant(text).unwrap().to_string(), "2026-12-01T10:00:00Z", "{text}");
        }
        assert_eq!(instant("12/01/2026").unwrap().to_string(), "2026-12-01T00:00:00Z");
        assert_eq!(instant("2026-12-01").unwrap().to_string(), "2026-12-01T00:00:00Z");
        assert!(instant("tomorrow").is_none());
    }

    proptest::proptest! {
        #[test]
        fn every_value_comes_through(values in proptest::collection::vec(".{1,12}", 0..5)) {
            let pairs = values.iter().map(|value| ("x", value));
            let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
            let query = Query::parse(Some(&text));
            assert_eq!(query.all("X").collect::<Vec<_>>(), values);
        }

        #[test]
        fn no_text_is_too_odd(text in ".{0,40}") {
            let _ = instant(&text);
        }
    }
}
