//! After a restore, the database has forgotten calls: none of them is sent again while they are held.

use std::collections::BTreeMap;

use countersign_gateway::{AdminAccess, admin_app};
use countersign_sandbox::{Fault, FaultKind};
use serde_json::json;

use crate::program::{folder, program, ran};
use crate::support::{Ask, Stage, code, resend, view};

/// As a database that was restored from a backup made before this call.
fn forget(stage: &Stage, key: &str) {
    stage.row(&format!("delete from call where key = '{key}' returning key"));
    stage.row(&format!("delete from gateway_call where key = '{key}' returning key"));
}

fn mail<'s>(stage: &'s Stage, key: &str) -> Ask<'s> {
    stage.ask("POST", stage.at("resends")).keyed(key).json(resend())
}

/// Someone has looked.
async fn found(stage: &Stage, call: &str, happened: bool) {
    let ask = stage.ask("PUT", format!("{call}/resolution"));
    ask.json(json!({ "happened": happened, "note": "looked" })).send().await.good();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_database_may_have_forgotten_is_not_sent_again_until_someone_has_looked() {
    let stage = Stage::new().await;
    let send = |key: &'static str| mail(&stage, key).send();
    for key in ["kept", "lost", "other"] {
        send(key).await.good();
    }
    for key in ["lost", "other"] {
        forget(&stage, key);
    }
    let mails = stage.mails();
    assert_eq!(stage.dev.gateway.directory().hold(None).await.unwrap(), 1);

    let problem = send("lost").await.problem(409, "outcome_unknown");
    assert!(problem["detail"].as_str().unwrap().contains("after a restore"), "{problem:#}");
    assert_eq!((&problem["outcome"], &problem["retry"]), (&json!("unknown"), &json!(false)));
    let call = problem["call"].as_str().unwrap().to_owned();
    let again = mail(&stage, "lost").send_to(&stage.second().await).await;
    again.problem(409, "outcome_unknown");
    let other = send("other").await.problem(409, "outcome_unknown")["call"].as_str().unwrap().to_owned();
    let coded = stage.ask("PUT", stage.at("access-code")).keyed("code").json(code("Ben23456"));
    coded.send().await.problem(409, "outcome_unknown");
    send("kept").await.good();
    let list = stage.ask("GET", "/v1/calls?state=unknown").send().await.good();
    assert_eq!(list["data"].as_array().unwrap().len(), 3, "{list:#}");
    stage.ask("POST", stage.at("views")).keyed("link").json(view()).send().await.good();
    assert_eq!(stage.dev.gateway.reconcile().await.unwrap(), 0);
    assert_eq!(stage.mails(), mails, "nothing was sent");

    // What the vendor shows decides.
    found(&stage, &call, true).await;
    send("lost").await.problem(409, "call_resolved");
    found(&stage, &other, false).await;
    send("other").await.good();
    assert_eq!(stage.mails(), mails + 1, "someone looked, so it need not wait for the end of the hold");

    assert_eq!(stage.dev.gateway.directory().end_hold(Some("dev")).await.unwrap(), 1);
    send("new").await.good();
    assert_eq!(stage.mails(), mails + 2);
    let audit = stage.ask("GET", "/v1/audit").send().await.good().to_string();
    assert!(audit.contains("calls.held") && audit.contains("calls.released"), "{audit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_freed_before_the_backup_is_held_as_well() {
    let stage = Stage::new().await;
    crate::keys::ben_mail_is_lost(&stage, countersign_sandbox::DropWhen::BeforeWork);
    let lost = mail(&stage, "freed").send().await.json();
    found(&stage, lost["call"].as_str().unwrap(), false).await;
    stage.dev.gateway.directory().hold(None).await.unwrap();
    let held = mail(&stage, "freed").send().await.problem(409, "outcome_unknown");
    // The next backup is made during the hold, after this finding.
    found(&stage, held["call"].as_str().unwrap(), false).await;
    assert_eq!(stage.dev.gateway.directory().hold(None).await.unwrap(), 1);
    let mails = stage.mails();
    mail(&stage, "freed").send().await.problem(409, "outcome_unknown");
    assert_eq!(stage.mails(), mails);
    let pages = admin_app(stage.dev.gateway.clone(), AdminAccess::loopback());
    let overview = || stage.bare("GET", "/").header("host", "localhost").send_to(&pages);
    assert!(overview().await.text.contains("held after a restore: dev"));
    stage.dev.gateway.directory().end_hold(None).await.unwrap();
    assert!(!overview().await.text.contains("after a restore"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_found_during_a_hold_outlives_an_attempt_that_the_vendor_refuses() {
    let stage = Stage::new().await;
    stage.dev.gateway.directory().hold(None).await.unwrap();
    let held = mail(&stage, "again").send().await.problem(409, "outcome_unknown");
    found(&stage, held["call"].as_str().unwrap(), false).await;
    let refused = FaultKind::Answer {
        status: 400,
        body: "{}".to_owned(),
        content_type: "application/json".to_owned(),
        headers: BTreeMap::new(),
        after_work: false,
    };
    stage.world().inject(Fault::on("PUT", "/recipients", refused));
    let problem = mail(&stage, "again").send().await.json();
    assert_eq!(problem["outcome"], "refused", "{problem:#}");
    let mails = stage.mails();
    mail(&stage, "again").send().await.good();
    assert_eq!(stage.mails(), mails + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_frees_all_calls_of_the_last_hold_at_once() {
    let stage = Stage::new().await;
    let directory = stage.dev.gateway.directory();
    crate::keys::ben_mail_is_lost(&stage, countersign_sandbox::DropWhen::BeforeWork);
    mail(&stage, "unknown").send().await;
    directory.hold(None).await.unwrap();
    // In a backup that was made now, it is held; since then, it may have been found free and sent.
    mail(&stage, "earlier").send().await.problem(409, "outcome_unknown");
    directory.hold(None).await.unwrap();
    for key in ["one", "two"] {
        mail(&stage, key).send().await.problem(409, "outcome_unknown");
    }
    directory.end_hold(None).await.unwrap();
    mail(&stage, "one").send().await.problem(409, "outcome_unknown");

    assert_eq!(stage.dev.gateway.free_held(Some("dev")).await.unwrap(), 2);
    let mails = stage.mails();
    for key in ["one", "two"] {
        mail(&stage, key).send().await.good();
    }
    for key in ["unknown", "earlier"] {
        mail(&stage, key).send().await.problem(409, "outcome_unknown");
    }
    assert_eq!(stage.mails(), mails + 2);
    assert_eq!(stage.dev.gateway.free_held(None).await.unwrap(), 0);
    let audit = stage.ask("GET", "/v1/audit").send().await.good().to_string();
    assert_eq!(audit.matches("call.resolved").count(), 2, "{audit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_is_added_during_a_hold_is_held() {
    let stage = Stage::new().await;
    let directory = stage.dev.gateway.directory();
    let is_held = || async {
        let tenants = directory.tenants().await.unwrap();
        tenants.into_iter().map(|one| (one.name, one.held_since.is_some())).collect::<BTreeMap<_, _>>()
    };
    directory.add_tenant("before").await.unwrap();
    directory.hold(Some("dev")).await.unwrap();
    directory.add_tenant("again").await.unwrap();
    let held = is_held().await;
    assert_eq!((held["before"], held["again"], held["dev"]), (false, true, true));
    assert_eq!(directory.end_hold(None).await.unwrap(), 2);
    directory.add_tenant("after").await.unwrap();
    assert!(!is_held().await["after"]);
}

#[test]
fn the_operator_holds_calls_before_a_restored_gateway_starts() {
    let folder = folder("hold");
    let run = |arguments: &[&str]| program().current_dir(&folder).args(arguments).output().unwrap();
    ran(&run(&["migrate", "--create-key"]));
    for name in ["acme", "other"] {
        ran(&run(&["tenant", "add", name]));
    }
    for _ in 0..2 {
        assert_eq!(ran(&run(&["hold", "begin"])), "tenants held: 2", "also if they are");
    }
    assert_eq!(ran(&run(&["tenant", "list"])).matches("held since 20").count(), 2);
    assert_eq!(ran(&run(&["hold", "end", "acme"])), "tenants released: 1");
    assert_eq!(ran(&run(&["tenant", "list"])).matches("held since 20").count(), 1);
    let freed = ran(&run(&["hold", "end", "acme", "--did-not-happen"]));
    assert_eq!(freed, "tenants released: 0\nkeys free again: 0");
    assert!(!run(&["hold", "begin", "nothing"]).status.success());
    std::fs::remove_dir_all(&folder).unwrap();
}
