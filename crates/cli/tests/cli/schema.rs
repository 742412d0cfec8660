//! What `countersign schema` prints, and whether every document that the tests see is as it says.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::support::{Ran, run};

static SCHEMA: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    let ran = crate::support::unchecked(&["schema"]);
    serde_json::from_str(&ran.out).expect("a schema")
});

fn definition(name: &str) -> Option<&'static Value> {
    SCHEMA["$defs"].get(name)
}

/// Checks each document of a run with `--json`. Members that the schema does not name are refused here, though programs
/// should pass over them: they would be missing in it.
pub(crate) fn check(ran: &Ran) {
    let words: Vec<&str> = ran.line.split(' ').collect();
    let is_help = words.iter().any(|word| ["-h", "--help", "--version"].contains(word));
    match ran.code {
        _ if is_help || !words.contains(&"--json") || ran.out.is_empty() => {}
        2 => fits(definition("failure").expect("a schema"), &ran.json()).expect("a failure"),
        _ => document(&words, &ran.json()),
    }
}

/// Checks one document of the command in these words.
pub(crate) fn document(words: &[&str], document: &Value) {
    let is_command = |name: &str| definition(name).is_some_and(|one| one.get("title").is_some());
    let pairs = words.iter().zip(words.iter().skip(1)).map(|(one, two)| format!("{one}-{two}"));
    let name = pairs.chain(words.iter().map(|word| (*word).to_owned())).find(|name| is_command(name));
    let name = name.unwrap_or_else(|| panic!("no command in {words:?}"));
    let results = [name.as_str(), "failure"].map(|name| fits(definition(name).expect("a schema"), document));
    if let [Err(one), Err(two)] = results {
        panic!("{words:?}\n{name}: {one}\nfailure: {two}\n{document:#}");
    }
}

fn fits(schema: &Value, value: &Value) -> Result<(), String> {
    for (keyword, rule) in schema.as_object().expect("a schema") {
        match keyword.as_str() {
            "title" | "description" | "format" => {}
            "$ref" => {
                let name = rule.as_str().and_then(|rule| rule.strip_prefix("#/$defs/")).expect("a name");
                fits(definition(name).expect("a definition"), value)
                    .map_err(|why| format!("{name}: {why}"))?;
            }
            "anyOf" => {
                let results = rule.as_array().expect("a list").iter().map(|one| fits(one, value));
                let results: Result<Vec<String>, ()> = results.map(|one| one.err().ok_or(())).collect();
                if let Ok(why) = results {
                    return Err(why.join(" | "));
                }
            }
            "const" if rule == value => {}
            "enum" if rule.as_array().expect("a list").contains(value) => {}
            "type" => {
                let is = |name: &Value| match name.as_str().expect("a type") {
                    "null" => value.is_null(),
                    "boolean" => value.is_boolean(),
                    "integer" => value.is_i64() || value.is_u64(),
                    "string" => value.is_string(),
                    "array" => value.is_array(),
                    "object" => value.is_object(),
                    other => panic!("the type {other}"),
                };
                if !rule.as_array().map_or_else(|| is(rule), |names| names.iter().any(is)) {
                    return Err(format!("{value} is no {rule}"));
                }
            }
            "required" => {
                let missing = rule
                    .as_array()
                    .expect("a list")
                    .iter()
                    .find(|name| value.get(name.as_str().expect("a name")).is_none());
                if let Some(missing) = missing {
                    return Err(format!("{missing} is missing"));
                }
            }
            "properties" => {
                for (name, value) in value.as_object().into_iter().flatten() {
                    let rule = rule.get(name).ok_or_else(|| format!("`{name}` is not in the schema"))?;
                    fits(rule, value).map_err(|why| format!("{name}: {why}"))?;
                }
            }
            "additionalProperties" if rule == &Value::Bool(true) => {}
            "additionalProperties" => {
                for value in value.as_object().into_iter().flat_map(Map::values) {
                    fits(rule, value)?;
                }
            }
            "items" => {
                for value in value.as_array().into_iter().flatten() {
                    fits(rule, value)?;
                }
            }
            _ => return Err(format!("{value}: {keyword} {rule}")),
        }
    }
    Ok(())
}

#[test]
fn a_schema_is_printed_for_one_command_or_for_all() {
    let one = run(&["schema", "migrate", "check"]).json();
    assert_eq!(one["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let names = |schema: &Value| -> Vec<String> {
        let any = schema["anyOf"].as_array().expect("a list").iter();
        any.map(|one| one["$ref"].as_str().expect("a name").replace("#/$defs/", "")).collect()
    };
    assert_eq!(names(&one), ["migrate-check", "failure"]);
    assert_eq!(names(&run(&["schema", "--json", "RECIPIENTS"]).json()), ["recipients", "failure"]);
    assert!(names(&run(&["schema"]).json()).len() > 20);
    let ran = run(&["schema", "migrate"]);
    assert!(ran.code == 3 && ran.err.contains("migrate check") && ran.err.contains("access-code"), "{ran:?}");
}

#[test]
fn what_is_not_as_the_schema_says_is_found() {
    let good =
        serde_json::json!({"to": [{"recipient": "1", "mail": {"expected": true}, "unlocking": "unlocked"}]});
    document(&["resend", "e"], &good);
    let schema = definition("resend").expect("a schema");
    for (pointer, name, value) in [
        ("/to/0", "more", Value::Null),
        ("/to/0", "recipient", 1.into()),
        ("/to/0/mail", "expected", "yes".into()),
    ] {
        let mut bad = good.clone();
        bad.pointer_mut(pointer).expect("a place")[name] = value;
        assert!(fits(schema, &bad).is_err(), "{bad}");
    }
    let mut bad = good;
    bad["to"][0].as_object_mut().expect("an object").remove("mail");
    assert!(fits(schema, &bad).is_err(), "{bad}");
}
