//! The OpenAPI document is the one that is committed, and the one that is served.

use std::path::Path;

use serde_json::Value;

use crate::support::Stage;

pub(crate) struct Described {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) id: String,
}

/// Every operation of the document.
pub(crate) fn operations() -> Vec<Described> {
    let document: Value = serde_json::to_value(countersign_gateway::document()).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["GET", "PUT", "POST", "PATCH", "DELETE"] {
            if let Some(operation) = item.get(method.to_lowercase()) {
                let id = operation["operationId"].as_str().unwrap().to_owned();
                found.push(Described { method, path: path.clone(), id });
            }
        }
    }
    assert!(found.len() >= 31, "{}", found.len());
    found
}

/// `COUNTERSIGN_README=write` brings the committed one up to date.
#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_committed_and_served() {
    let stage = Stage::new().await;
    let answer = stage.bare("GET", "/openapi.json").send().await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let served = answer.text.clone() + "\n";
    answer.good();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    if std::env::var_os("COUNTERSIGN_README").is_some_and(|word| word == "write") {
        std::fs::write(&file, &served).unwrap();
    }
    assert!(std::fs::read_to_string(&file).unwrap() == served, "openapi.json is out of date");
}

/// Generators trip over schemas without a name and over two content types, and addresses do not belong into paths.
#[test]
fn the_document_follows_the_rules_of_generators() {
    let document: Value = serde_json::to_value(countersign_gateway::document()).unwrap();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    assert!(!schemas.contains_key("Field"), "generators have a type of this name");
    for (name, schema) in schemas {
        let parts = schema["properties"].as_object().into_iter().flat_map(serde_json::Map::values);
        for part in parts.chain(schema["oneOf"].as_array().into_iter().flatten()) {
            let of = part.get("items").unwrap_or(part);
            let is_inline =
                of.get("properties").is_some() || of.get("oneOf").is_some_and(|of| !is_optional(of));
            assert!(!is_inline, "a part of {name} has no name: {of:#}");
            let words = of["enum"].as_array().map_or(1, Vec::len);
            assert_eq!(words, 1, "{name} has a closed list of words: {of:#}");
        }
    }
    for operation in operations() {
        let item = &document["paths"][&operation.path][operation.method.to_lowercase()];
        for (status, response) in item["responses"].as_object().unwrap() {
            assert_ne!(status, "default", "{} names no statuses", operation.id);
            let kinds = response["content"].as_object().map_or(0, serde_json::Map::len);
            assert!(kinds <= 1, "{} {status} has {kinds} content types", operation.id);
        }
        let path = &operation.path;
        assert!(!path.contains("recipient}") && !path.contains("key}"), "{}", operation.id);
    }
    assert_eq!(document["openapi"], "3.1.0");
}

/// Null, or a schema with a name.
fn is_optional(of: &Value) -> bool {
    of.as_array().is_some_and(|of| {
        let (null, named) = (|one: &Value| one["type"] == "null", |one: &Value| one.get("$ref").is_some());
        of.len() == 2 && of.iter().any(null) && of.iter().any(named)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reply_has_exactly_the_members_that_its_schema_names() {
    let stage = Stage::new().await;
    let document: Value = serde_json::to_value(countersign_gateway::document()).unwrap();
    let list = stage.ask("GET", stage.at("recipients")).send().await.good();
    let missing = stage.ask("GET", "/v1/accounts/absent").send().await.problem(404, "account_not_found");
    for (name, value) in
        [("RecipientList", &list), ("RecipientShown", &list["recipients"][0]), ("Problem", &missing)]
    {
        let mut named: Vec<&String> =
            document["components"]["schemas"][name]["properties"].as_object().unwrap().keys().collect();
        let mut sent: Vec<&String> = value.as_object().unwrap().keys().collect();
        named.sort();
        sent.sort();
        assert_eq!(sent, named, "{name}");
    }
}
