//! The operations at every vendor.

use axum::http::StatusCode;
use countersign::provider::RecipientField;
use serde_json::json;

use crate::support::{ANNA, BEN, Stage, code, resend, unlock, view};

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_does_its_work_at_every_vendor() {
    let stage = Stage::new().await;
    for sample in stage.dev.samples.clone() {
        let (account, id) = (&sample.account, &sample.envelope);
        let at = |rest: &str| format!("/v1/envelopes/{account}:{id}/{rest}");
        let key = |what: &str| format!("{account}-{what}");

        let answer = stage.ask("GET", at("recipients")).send().await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let list = answer.good();
        // In the vendor's order.
        let of = |email: &str| {
            let people = list["recipients"].as_array().unwrap();
            people.iter().find(|one| one["email"] == email).unwrap_or_else(|| panic!("{email}: {list:#}"))
        };
        of("anna@example.com");
        assert_eq!(of("ben@example.com")["status"], "notified");
        assert_eq!(list["envelope_status"], "sent");

        let answer = stage.ask("POST", at("views")).keyed(&key("view")).json(view()).send().await;
        assert_eq!(answer.status, StatusCode::CREATED);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let link = answer.good()["link"].as_str().unwrap().to_owned();
        assert!(link.starts_with(&stage.dev.sandbox.url()), "{link}");

        let mails = stage.mails();
        let answer = stage.ask("POST", at("resends")).keyed(&key("mail")).json(resend()).send().await;
        assert_eq!(answer.good()["to"][0]["mail"]["expected"], true);
        assert_eq!(stage.mails(), mails + 1);

        let ask = stage.ask("PUT", at("access-code")).keyed(&key("code")).json(code("Ben34567"));
        let answer = ask.send().await;
        match sample.locked {
            Some(_) => assert_eq!(answer.good()["mail"]["expected"], false),
            None => drop(answer.problem(422, "unsupported")),
        }

        let mails = stage.mails();
        let everyone = json!({ "operation": "resend_recipient", "envelope": format!("{account}:{id}"),
            "request": { "recipient": BEN } });
        let plan = stage.ask("POST", "/v1/plans").json(everyone).send().await.good();
        assert_eq!(plan["steps"][0]["effect"], "notifies");
        assert_eq!(plan["recipients"][0]["would"]["mail"]["expected"], true);
        let secret = json!({ "operation": "change_access_code", "envelope": format!("{account}:{id}"),
            "request": { "recipient": BEN, "code": "Ben45678" } });
        let plan = stage.ask("POST", "/v1/plans").json(secret).send().await.text;
        assert!(plan.contains("access code") && !plan.contains("Ben45678"), "{plan}");
        assert_eq!(stage.mails(), mails, "a plan sends nothing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_signer_gets_new_attempts_once_and_the_same_answer_again() {
    let stage = Stage::new().await;
    for sample in stage.dev.samples.clone() {
        let Some(locked) = sample.locked else {
            // Nothing locks a signer there.
            let path = format!("/v1/envelopes/{}:{}/unlocks", sample.account, sample.envelope);
            let idle = stage.ask("POST", path).keyed("idle").json(unlock()).send().await.good();
            assert_eq!((&idle["by"], &idle["code_set"]), (&json!(null), &json!(false)));
            continue;
        };
        let path = format!("/v1/envelopes/{}:{locked}/unlocks", sample.account);
        let vendor = countersign::vendors().iter().find(|one| one.name == sample.account).unwrap();
        let shows_locks = vendor.facts.lists(RecipientField::AccessCodeFailed);
        let ask = stage.ask("POST", &path).keyed(&locked).json(unlock());
        let first = ask.clone().send().await.good();
        assert_eq!(
            (first["by"].as_str(), &first["code_set"], first["done"]["unlocking"].as_str()),
            (Some("new_code"), &json!(true), Some(if shows_locks { "unlocked" } else { "unverified" }))
        );
        let anna = |stage: &Stage| stage.world().envelope(&locked).unwrap().recipients[0].clone();
        assert!(!anna(&stage).locked);
        // The recipient is not locked any more, and the repetition has the recorded answer.
        assert_eq!(ask.send().await.good(), first);
        if !shows_locks {
            // The list does not show that the recipient is not locked any more.
            continue;
        }
        let other = stage.ask("POST", &path).keyed("another").json(unlock()).send().await.good();
        assert_eq!((&other["by"], &other["code_set"]), (&json!(null), &json!(false)), "nothing was sent");
        let ask = stage.ask("POST", &path).keyed("third").json(json!({ "recipient": ANNA }));
        assert_eq!(ask.send().await.good()["code_set"], json!(null));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_demanded_where_only_a_code_unlocks() {
    let stage = Stage::new().await;
    let mut by_mail = 0;
    for sample in stage.dev.samples.clone() {
        let Some(locked) = sample.locked else { continue };
        let path = format!("/v1/envelopes/{}:{locked}/unlocks", sample.account);
        let ask = stage.ask("POST", path).keyed(&locked).json(json!({ "recipient": ANNA }));
        let answer = ask.send().await;
        if answer.status == StatusCode::OK {
            assert_eq!(answer.good()["by"], "resend");
            by_mail += 1;
        } else {
            assert_eq!(answer.problem(422, "invalid_request")["hint"], "add `code`");
        }
    }
    assert_eq!(by_mail, 1, "one vendor unlocks by a mail");
}

#[tokio::test(flavor = "multi_thread")]
async fn vendors_are_listed_with_what_they_support() {
    let stage = Stage::new().await;
    let list = stage.ask("GET", "/v1/vendors").send().await.good();
    let vendors = list["data"].as_array().unwrap();
    assert_eq!(vendors.len(), countersign::vendors().len());
    for vendor in vendors {
        let features = vendor["features"].as_array().unwrap();
        let list = features.iter().find(|row| row["feature"] == "list_recipients").unwrap();
        assert_eq!(list["support"], "native");
        assert!(features.iter().all(|row| row["evidence"] != ""), "{vendor:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_is_ready_until_it_stops() {
    let stage = Stage::new().await;
    assert_eq!(stage.bare("GET", "/livez").send().await.status, StatusCode::NO_CONTENT);
    assert_eq!(stage.bare("GET", "/readyz").send().await.status, StatusCode::NO_CONTENT);
    stage.dev.gateway.begin_stop();
    stage.bare("GET", "/readyz").send().await.problem(503, "not_ready");
    assert_eq!(stage.bare("GET", "/livez").send().await.status, StatusCode::NO_CONTENT);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_array_is_no_request() {
    let stage = Stage::new().await;
    for (method, path, body) in [
        ("PUT", stage.at("access-code"), json!([BEN, "Ben34567", true, null])),
        ("POST", "/v1/plans".to_owned(), json!(["create_view", {}])),
        (
            "POST",
            "/v1/plans".to_owned(),
            json!({ "operation": "create_view", "envelope": "a:b", "request": [BEN, "https://a.example.com"] }),
        ),
    ] {
        stage.ask(method, path).keyed("k").json(body).send().await.problem(422, "invalid_request");
    }
}
