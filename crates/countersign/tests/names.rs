//! The names in a vendor's facts say what is secret and personal, in errors and in traces.
#![allow(clippy::unwrap_used, reason = "a broken test panics")]

mod common;

use std::sync::{Arc, Mutex};

use common::{builder, list};

use countersign::SystemClock;
use countersign::transport::Transport;
use countersign_cassette::Tracer;
use countersign_testkit::Script;

#[tokio::test]
async fn what_a_vendor_calls_secret_or_personal_is_so_in_errors_and_traces() {
    let script = Script::new();
    let lines = Arc::new(Mutex::new(String::new()));
    let kept = Arc::clone(&lines);
    let inner = Arc::clone(&script) as Arc<dyn Transport>;
    let tracer = Tracer::new(inner, Arc::new(SystemClock), move |line| {
        kept.lock().unwrap().push_str(&line.to_string());
    });
    let client = builder(tracer).attach_call().build();
    let body =
        r#"{"magicWord":"s3same","status":"sent","motto":"carpe","drawers":{"odd":"socks"},"plain":"kept"}"#;
    let left = [("x-acme-left", "7"), ("x-acme-other", "8")];
    script.raw(200, &left, body);
    client.list_recipients(&list()).await.unwrap();
    for form in [r#"{"magicWord":"s3same"}"#, "<pre>magicWord: s3same</pre>"] {
        script.raw(400, &[], form);
        let error = client.list_recipients(&list()).await.unwrap_err();
        let shown = error.problem().unwrap().body.as_str();
        assert!(!shown.contains("s3same") && shown.contains("magicWord"), "{shown}");
    }
    script.raw(400, &[], r#"{"message":"magicWord=0ther-w0rd is wrong"}"#);
    client.list_recipients(&list()).await.unwrap_err();
    let lines = lines.lock().unwrap();
    for gone in ["s3same", "carpe", "socks", "0ther-w0rd", "x-acme-other"] {
        assert!(!lines.contains(gone), "{gone}: {lines}");
    }
    for there in ["\"plain\":\"kept\"", "\"x-acme-left\":\"7\""] {
        assert!(lines.contains(there), "{there}: {lines}");
    }
}
