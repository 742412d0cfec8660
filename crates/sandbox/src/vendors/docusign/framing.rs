//! Who may frame the signing page, as a view request says it.

use super::error::ApiError;
use crate::vendors::fields::{Object, filled, member};
use crate::world::Framing;

/// `frameAncestors`, `messageOrigins` and `xFrameOptions`. The answers to wrong ones are guesses.
pub(super) fn framing(body: &Object) -> Result<Framing, ApiError> {
    let ancestors = origins(body, "frameAncestors")?;
    if origins(body, "messageOrigins")?.is_some_and(|origins| origins.len() != 1) {
        return Err(ApiError::invalid_parameter("messageOrigins must have exactly one entry."));
    }
    let wrong = || ApiError::invalid_parameter("xFrameOptions must be deny, same_origin or allow_from.");
    let x_frame_options = match filled(body, "xFrameOptions").map(|word| word.to_ascii_lowercase()).as_deref()
    {
        None => None,
        Some("deny") => Some("DENY".to_owned()),
        Some("same_origin") => Some("SAMEORIGIN".to_owned()),
        Some("allow_from") => {
            let from = filled(body, "xFrameOptionsAllowFromUrl")
                .ok_or_else(|| ApiError::invalid_parameter("allow_from needs xFrameOptionsAllowFromUrl."))?;
            Some(format!("ALLOW-FROM {}", origin(&from, "xFrameOptionsAllowFromUrl")?))
        }
        Some(_) => return Err(wrong()),
    };
    Ok(Framing { ancestors, x_frame_options })
}

fn origins(body: &Object, name: &str) -> Result<Option<Vec<String>>, ApiError> {
    let Some(value) = member(body, name) else { return Ok(None) };
    let wrong = || ApiError::invalid_parameter(&format!("{name} must be a list of origins."));
    let entries = value.as_array().ok_or_else(wrong)?;
    entries
        .iter()
        .map(|entry| origin(entry.as_str().ok_or_else(wrong)?, name))
        .collect::<Result<_, _>>()
        .map(Some)
}

/// Scheme, host and port of a web address, so that nothing else gets into a header.
fn origin(text: &str, name: &str) -> Result<String, ApiError> {
    let url = url::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.map(|url| url.origin().ascii_serialization())
        // Hosts may have signs in them that mean something in the header.
        .filter(|origin| origin.bytes().all(|b| b.is_ascii_alphanumeric() || b":/.-_[]".contains(&b)))
        .ok_or_else(|| ApiError::invalid_parameter(&format!("{name} has an entry that is no origin.")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &serde_json::Value) -> Result<Framing, ApiError> {
        framing(body.as_object().unwrap())
    }

    #[test]
    fn origins_are_taken_and_anything_else_is_refused() {
        let given = read(&json!({"frameAncestors": ["https://app.example/", "http://localhost:80"],
                                "messageOrigins": ["https://apps-d.docusign.com"]}))
        .unwrap();
        assert_eq!(given.ancestors.unwrap(), ["https://app.example", "http://localhost"]);
        assert!(read(&json!({})).unwrap().ancestors.is_none());
        let from =
            json!({"xFrameOptions": "ALLOW_FROM", "xFrameOptionsAllowFromUrl": "https://app.example/x"});
        assert_eq!(read(&from).unwrap().x_frame_options.as_deref(), Some("ALLOW-FROM https://app.example"));
        for wrong in [
            json!({"frameAncestors": "https://app.example"}),
            json!({"frameAncestors": ["*"]}),
            json!({"frameAncestors": ["javascript:alert(1)"]}),
            json!({"messageOrigins": ["https://a.example", "https://b.example"]}),
            json!({"xFrameOptions": "allow_from"}),
            json!({"xFrameOptions": "some"}),
        ] {
            assert!(read(&wrong).is_err(), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_entry_gets_more_than_an_origin_into_the_header(entry in ".{0,40}") {
            if let Ok(Some(origins)) = origins(json!({"frameAncestors": [format!("https://a{entry}")]}).as_object().unwrap(), "frameAncestors") {
                for origin in origins {
                    proptest::prop_assert!(!origin.contains([' ', ';', ',', '\n', '\'']), "{origin}");
                }
            }
        }
    }
}
