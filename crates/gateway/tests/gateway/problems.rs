//! What callers read when something is wrong.

use countersign_sandbox::{DropWhen, Fault, FaultKind};
use serde_json::json;

use crate::support::{Answer, Stage, resend, view};

/// The answer, with ids and times replaced.
fn shown(stage: &Stage, answer: &Answer) -> String {
    let text = format!("{}\n{:#}", answer.status.as_u16(), answer.json());
    let text =
        text.replace(&stage.sample().envelope, "[envelope]").replace(&stage.dev.sandbox.url(), "[vendor]");
    let id = answer.header("countersign-request-id").unwrap();
    let text = text.replace(id, "[request id]");
    let call = answer.json()["call"].as_str().map(str::to_owned);
    let text = call.map_or(text.clone(), |call| text.replace(&call, "/v1/calls/[call]"));
    let vendor_id = answer.json()["vendor_request_id"].as_str().map(str::to_owned);
    vendor_id.map_or(text.clone(), |id| text.replace(&id, "[vendor's request id]"))
}

/// Under one name in both programs: the database changes nothing.
fn compare(stage: &Stage, name: &str, answer: &Answer) {
    insta::with_settings!({ prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(format!("gateway__problems__{name}"), shown(stage, answer));
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn problems_say_what_to_do() {
    let stage = Stage::new().await;
    let at = |rest: &str| stage.at(rest);
    let mails = |key: &'static str| stage.ask("POST", at("resends")).keyed(key);
    let asks = [
        ("no_key", stage.bare("GET", "/v1/accounts")),
        ("route_not_found", stage.ask("GET", "/v1/nothing")),
        ("method_not_allowed", stage.ask("DELETE", "/v1/vendors")),
        ("account_not_found", stage.ask("GET", "/v1/envelopes/absent:1/recipients")),
        ("envelope_without_account", stage.ask("GET", "/v1/envelopes/1/recipients")),
        ("key_missing", stage.ask("POST", at("resends")).json(resend())),
        ("body_not_json", mails("k").raw("{")),
        ("body_of_another_kind", mails("k").raw("x").header("content-type", "text/plain")),
        ("body_too_large", mails("k").raw(vec![b' '; 300 * 1024])),
        ("unknown_member", mails("k").json(json!({ "recipient": "id:1", "colour": "red" }))),
        ("wrong_type", mails("k").json(json!({ "recipient": { "secret": "Hidden99" } }))),
        ("recipient_not_found", mails("k").json(json!({ "recipient": "email:anne@example.com" }))),
        ("recipient_invalid", mails("k").json(json!({ "recipient": "anna@example.com" }))),
        ("no_target", mails("k").json(json!({}))),
        ("both_targets", mails("k").json(json!({ "recipient": "id:1", "everyone": true }))),
        (
            "not_embedded",
            stage
                .ask("POST", at("views"))
                .keyed("v")
                .json(json!({ "recipient": "id:2", "return_url": "https://app.example.com" })),
        ),
        ("timeout_invalid", stage.ask("GET", at("recipients")).header("countersign-timeout", "soon")),
        (
            "unknown_operation",
            stage.ask("POST", "/v1/plans").json(json!({ "operation": "fly", "envelope": "a:b" })),
        ),
    ];
    for (name, ask) in asks {
        let answer = ask.send().await;
        assert!(answer.status.is_client_error(), "{name}: {answer:?}");
        assert!(!answer.text.contains("Hidden99"), "{name} repeats a value");
        compare(&stage, name, &answer);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_of_the_vendor_have_a_status_that_proxies_do_not_misread() {
    let stage = Stage::new().await;
    let drops = FaultKind::Drop { drop: DropWhen::AfterWork };
    let away = FaultKind::answer(503, "{}");
    let limited = FaultKind::Answer {
        status: 429,
        body: "{}".to_owned(),
        content_type: "application/json".to_owned(),
        headers: [("Retry-After".to_owned(), "120".to_owned())].into(),
        after_work: false,
    };
    let list = || stage.ask("GET", stage.at("recipients")).header("countersign-timeout", "30");
    let mail = |key: &'static str| stage.ask("POST", stage.at("resends")).keyed(key).json(resend());
    for (name, fault, ask) in [
        ("list_while_the_vendor_is_away", Fault::on("GET", "/recipients", away.clone()).times(9), list()),
        ("limit_reached", Fault::on("GET", "/recipients", limited).times(9), list()),
        ("mail_with_an_unknown_outcome", Fault::on("PUT", "/recipients", drops), mail("a")),
        ("mail_while_the_vendor_is_away", Fault::on("PUT", "/recipients", away).times(9), mail("b")),
    ] {
        stage.world().inject(fault);
        let answer = ask.send().await;
        stage.world().clear_faults();
        let problem = answer.json();
        assert!(answer.status != 503 || problem["outcome"] != "unknown", "{name}: {problem:#}");
        assert!(answer.status.as_u16() >= 429, "{name}: {problem:#}");
        compare(&stage, name, &answer);
    }
    // Links may be created again, so their unknown outcome frees the key.
    stage.world().inject(Fault::on("POST", "/views", FaultKind::Drop { drop: DropWhen::AfterWork }).times(9));
    let ask = stage.ask("POST", stage.at("views")).keyed("v").json(view());
    let answer = ask.clone().send().await;
    assert_eq!(answer.json()["outcome"], "unknown");
    assert_ne!(answer.status, 503);
    stage.world().clear_faults();
    ask.send().await.good();
}
