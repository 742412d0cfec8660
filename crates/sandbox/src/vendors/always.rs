//! What a vendor's answers always have: its `always.json`, by the part of an answer.

use serde_json::Value;

use super::fields::Object;

/// A vendor's `always.json`.
pub(crate) struct Always(Value);

impl Always {
    /// Reads a file that is compiled in. Of one that cannot be read, nothing is in the answers that tests look at.
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
