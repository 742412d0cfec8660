//! Vendors' answers and refusals, stored as files that name their source.

use std::path::Path;

use bytes::Bytes;
use serde::Deserialize;

/// One answer of a vendor, from a JSON file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    /// The source of this answer's form: a docs page, a specification, an issue; or that it is a guess.
    pub source: String,
    /// The operation of the answer, if that matters.
    pub operation: Option<String>,
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    #[serde(default)]
    pub headers: std::collections::BTreeMap<String, String>,
    /// The body, as JSON.
    pub body: Option<serde_json::Value>,
    /// The body, as text that is not valid JSON.
    pub text: Option<String>,
    /// For refusals, the expected error kind.
    pub kind: Option<String>,
}

/// Defines `folder`, `answer` and `refusal` for the tests of an adapter of this workspace: what `fixtures/<vendor>` has
/// under a name.
#[macro_export]
macro_rules! on_file {
    ($vendor:literal) => {
        pub fn folder(name: &str) -> std::path::PathBuf {
            std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/", $vendor)).join(name)
        }

        pub fn answer(name: &str) -> $crate::Fixture {
            $crate::Fixture::load(&folder("answers").join(format!("{name}.json")))
        }

        pub fn refusal(name: &str) -> $crate::Fixture {
            $crate::Fixture::load(&folder("refusals").join(format!("{name}.json")))
        }
    };
}

impl Fixture {
    /// Reads one file.
    pub fn load(path: &Path) -> Self {
        let text = std::fs::read_to_string(path)
            .unwrap_or_else(|error| panic!("fixture {}: {error}", path.display()));
        let fixture: Self =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("fixture {}: {error}", path.display()));
        assert!(!fixture.source.trim().is_empty(), "fixture {} names no source", path.display());
        fixture
    }

    /// Reads every `.json` file of a folder, sorted by name.
    pub fn load_all(folder: &Path) -> Vec<(String, Self)> {
        let mut paths: Vec<_> = std::fs::read_dir(folder)
            .unwrap_or_else(|error| panic!("fixtures {}: {error}", folder.display()))
            .map(|entry| entry.expect("a folder entry").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
            .collect();
        paths.sort();
        paths
            .iter()
            .map(|path| {
                let name =
                    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
                (name, Self::load(path))
            })
            .collect()
    }

    /// The answer.
    pub(crate) fn response(&self) -> http::Response<Bytes> {
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        response(self.status, &headers, self.bytes())
    }

    /// The body as bytes.
    pub fn bytes(&self) -> Vec<u8> {
        match (&self.body, &self.text) {
            (Some(body), None) => body.to_string().into_bytes(),
            (None, Some(text)) => text.clone().into_bytes(),
            (None, None) => Vec::new(),
            (Some(_), Some(_)) => panic!("a fixture has `body` or `text`, not both"),
        }
    }
}

/// An answer of these parts.
pub(crate) fn response(
    status: u16,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> http::Response<Bytes> {
    let mut response = http::Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(body.into()).expect("a response")
}
