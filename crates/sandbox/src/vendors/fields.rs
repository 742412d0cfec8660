//! Reading the vendors' JSON: scalars in whichever type they come, names in any case.
//!
//! Both vendors' own clients and examples send several spellings of one name; that the case does not matter is
//! inferred from that.

use serde_json::{Map, Value};

pub(crate) type Object = Map<String, Value>;

/// A member, whatever the case of its name.
pub(crate) fn member<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    object
        .get(name)
        .or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
        .filter(|value| !value.is_null())
}

/// A scalar member as text, in whichever JSON type it came.
pub(crate) fn text(object: &Object, name: &str) -> Option<String> {
    match member(object, name)? {
        Value::String(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(value) => Some(value.to_string()),
        _ => None,
    }
}

/// Like [`text`], with nothing for blank text.
pub(crate) fn filled(object: &Object, name: &str) -> Option<String> {
    text(object, name).filter(|text| !text.trim().is_empty())
}

pub(crate) fn object<'a>(object: &'a Object, name: &str) -> Option<&'a Object> {
    member(object, name)?.as_object()
}

pub(crate) fn array<'a>(object: &'a Object, name: &str) -> impl Iterator<Item = &'a Object> {
    member(object, name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

/// Enough of a check to tell an address from none.
pub(crate) fn looks_like_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, host)| {
        !local.is_empty() && host.contains('.') && !text.contains(char::is_whitespace)
    })
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
}
