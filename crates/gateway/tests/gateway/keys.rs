//! `Idempotency-Key`: each call is made once, whatever happens to the answers.

use countersign_gateway::{KeyLimits, KeyScope};
use countersign_sandbox::{DropWhen, Fault, FaultKind};
use serde_json::{Value, json};

use crate::support::{ANNA, Stage, code, resend, unlock, view};

/// What changes something at a vendor: method, path, body, and another body.
fn changes() -> [(&'static str, &'static str, Value, Value); 4] {
    let other = json!({ "recipient": "id:9", "return_url": "https://app.example.com/x" });
    [
        ("POST", "views", view(), other),
        ("POST", "resends", resend(), json!({ "everyone": true })),
        ("PUT", "access-code", code("Ben34567"), code("Ben45678")),
        ("POST", "unlocks", unlock(), json!({ "recipient": ANNA, "code": "Anna4567" })),
    ]
}

pub(crate) fn ben_mail_is_lost(stage: &Stage, when: DropWhen) {
    stage.world().inject(Fault::on("PUT", "/recipients", FaultKind::Drop { drop: when }));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_something_needs_a_key() {
    let stage = Stage::new().await;
    let calls = stage.world().calls().len();
    for (method, path, body, _) in changes() {
        let ask = stage.ask(method, stage.at(path)).json(body);
        ask.clone().send().await.problem(400, "idempotency_key_missing");
        for bad in ["", "two words", "\"", "\"a\"b\"", "a\"", &"x".repeat(129)] {
            ask.clone().keyed(bad).send().await.problem(400, "idempotency_key_invalid");
        }
    }
    assert_eq!(stage.world().calls().len(), calls, "nothing was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_is_made_once_and_another_is_refused() {
    let stage = Stage::new().await;
    let sample = stage.sample();
    let locked = format!("/v1/envelopes/{}:{}/unlocks", sample.account, sample.locked.as_deref().unwrap());
    for (method, path, body, other) in changes() {
        let at = if path == "unlocks" { locked.clone() } else { stage.at(path) };
        let ask = stage.ask(method, at).keyed(path).json(body);
        let first = ask.clone().send().await.good();
        let calls = stage.world().calls().len();
        // The same key, whether it is quoted or bare.
        assert_eq!(ask.clone().keyed(&format!("\"{path}\"")).send().await.good(), first);
        let problem = ask.json(other).send().await.problem(422, "key_used_for_another_request");
        assert_eq!((&problem["outcome"], &problem["retry"]), (&json!("no_effect"), &json!(false)));
        assert_eq!(stage.world().calls().len(), calls, "{path}: nothing more was sent");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_running_is_waited_for_within_the_time_limit() {
    let stage = Stage::new().await;
    let limits = KeyLimits::default().with_accounts(vec![stage.dev.samples[1].account.clone()]);
    let directory = stage.dev.gateway.directory();
    let elsewhere = directory.add_limited_key("dev", &KeyScope::ALL, "", false, None, &limits).await.unwrap();
    let elsewhere = format!("Bearer {}", elsewhere.expose());
    ben_mail_is_lost(&stage, DropWhen::AfterWork);
    stage.ask("POST", stage.at("resends")).keyed("lost").json(resend()).send().await;
    stage.world().inject(Fault::on("PUT", "/recipients", FaultKind::Delay { delay_ms: 3_000 }));
    let ask = stage.ask("POST", stage.at("resends")).keyed("mail").json(resend());
    let mails = stage.mails();
    let (first, hasty, patient) = tokio::join!(
        ask.clone().send(),
        async {
            while !stage.world().faults().is_empty() {
                tokio::task::yield_now().await;
            }
            let running = stage.ask("GET", "/v1/calls?state=running").send().await.good();
            let [call] = running["data"].as_array().unwrap().as_slice() else { panic!("{running}") };
            assert_eq!((&call["key"], &call["state"]), (&json!("mail"), &json!("running")));
            assert!(call["since"].is_string() && call["running_for_seconds"].is_u64(), "{call}");
            let all = stage.ask("GET", "/v1/calls").send().await.good();
            let all = all["data"].as_array().unwrap().iter();
            let states: Vec<_> = all.map(|call| (call["key"].clone(), call["state"].clone())).collect();
            assert_eq!(
                states,
                [("mail", "running"), ("lost", "unknown")].map(|(key, state)| (json!(key), json!(state)))
            );
            let list = stage.ask("GET", "/v1/calls").header("authorization", &elsewhere).send().await.good();
            assert_eq!(list["data"], json!([]), "a key for another account");
            ask.clone().header("countersign-timeout", "1").send().await
        },
        ask.clone().send(),
    );
    let problem = hasty.problem(409, "call_running");
    assert_eq!((&problem["retry"], &problem["retry_after_seconds"]), (&json!(true), &json!(1)));
    assert_eq!(problem["outcome"], "unknown", "the running call may have sent its mail");
    assert_eq!(first.good(), patient.good());
    assert_eq!(stage.mails(), mails + 1);
    let running = stage.ask("GET", "/v1/calls?state=running").send().await.good();
    assert_eq!(running["data"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_outcome_stays_until_a_person_has_looked() {
    for (when, happened) in [(DropWhen::AfterWork, true), (DropWhen::BeforeWork, false)] {
        let stage = Stage::new().await;
        ben_mail_is_lost(&stage, when);
        let mails = stage.mails();
        let ask = stage.ask("POST", stage.at("resends")).keyed("mail:ben").json(resend());
        let problem = ask.clone().send().await;
        // 503 would be repeated by proxies and clients.
        assert!([502, 504].contains(&problem.status.as_u16()), "{problem:?}");
        let problem = problem.json();
        assert_eq!((&problem["outcome"], &problem["retry"]), (&json!("unknown"), &json!(false)));
        let call = problem["call"].as_str().unwrap().to_owned();

        let again = ask.clone().send().await.problem(409, "outcome_unknown");
        assert_eq!(
            (again["outcome"].as_str(), again["call"].as_str()),
            (Some("unknown"), Some(call.as_str()))
        );
        assert_eq!(stage.mails(), mails + usize::from(happened), "nothing was repeated");

        let list = stage.ask("GET", "/v1/calls?state=unknown").send().await.good();
        let listed = &list["data"][0];
        assert_eq!(
            (listed["key"].as_str(), listed["recipient"].as_str()),
            (Some("mail:ben"), Some("email:ben@example.com"))
        );
        assert_eq!(call, format!("/v1/calls/{}", listed["id"].as_str().unwrap()));
        assert!(!call.contains("ben"), "a caller's key may be an address");
        assert_eq!(listed["error"]["outcome"], "unknown");
        assert_eq!(stage.ask("GET", &call).send().await.good()["state"], "unknown");

        let found = json!({ "happened": happened, "note": "looked at the vendor" });
        let resolve = stage.ask("PUT", format!("{call}/resolution")).json(found);
        let resolved = resolve.clone().send().await.good();
        assert_eq!(resolve.send().await.good(), resolved, "the same finding again is no mistake");
        let list = stage.ask("GET", "/v1/calls?state=unknown").send().await.good();
        assert_eq!(list["data"], json!([]));
        if happened {
            assert_eq!(
                (resolved["state"].as_str(), resolved["note"].as_str()),
                (Some("resolved"), Some("looked at the vendor"))
            );
            ask.send().await.problem(409, "call_resolved");
        } else {
            assert_eq!(resolved["state"], "absent");
            ask.send().await.good();
        }
        assert_eq!(stage.mails(), mails + 1, "one mail, whatever happened");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_listed_page_by_page() {
    let stage = Stage::new().await;
    stage
        .world()
        .inject(Fault::on("PUT", "/recipients", FaultKind::Drop { drop: DropWhen::AfterWork }).times(3));
    for key in ["a", "b", "c"] {
        stage.ask("POST", stage.at("resends")).keyed(key).json(resend()).send().await;
    }
    for query in ["state=unknown&limit=2", "limit=2"] {
        let (mut keys, mut path) = (Vec::new(), format!("/v1/calls?{query}"));
        loop {
            let page = stage.ask("GET", &path).send().await.good();
            for call in page["data"].as_array().unwrap() {
                assert_eq!(call["state"], "unknown");
                keys.push(call["key"].as_str().unwrap().to_owned());
            }
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("/v1/calls?{query}&cursor={cursor}");
        }
        assert_eq!(keys, ["a", "b", "c"], "{query}");
    }
    for bad in [
        "?state=completed",
        "?state=unknown&limit=x",
        "?state=unknown&cursor=call_x",
        "?cursor=unknown.call_x",
        "?state=unknown&sort=up",
    ] {
        stage.ask("GET", format!("/v1/calls{bad}")).send().await.problem(400, "query_invalid");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_ends_although_its_caller_goes_away() {
    let stage = Stage::new().await;
    stage.world().inject(Fault::on("PUT", "/recipients", FaultKind::Delay { delay_ms: 300 }));
    let ask = stage.ask("POST", stage.at("resends")).keyed("mail").json(resend());
    let mails = stage.mails();
    {
        let first = ask.clone().send();
        tokio::pin!(first);
        tokio::select! {
            answer = &mut first => panic!("too early: {answer:?}"),
            () = async { while !stage.world().faults().is_empty() { tokio::task::yield_now().await } } => {}
        }
    }
    ask.send().await.good();
    assert_eq!(stage.mails(), mails + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_with_the_same_file_has_the_same_keys() {
    let stage = Stage::new().await;
    let other = stage.second().await;
    let ask = stage.ask("POST", stage.at("resends")).keyed("mail").json(resend());
    let mails = stage.mails();
    let (one, two) = tokio::join!(ask.clone().send(), ask.clone().send_to(&other));
    let (one, two) = (one.good(), two.good());
    assert_eq!((&one, stage.mails()), (&two, mails + 1), "the call was made once");
    drop(stage.second().await);
    assert_eq!(ask.send_to(&stage.second().await).await.good(), one, "also after a restart");
}
