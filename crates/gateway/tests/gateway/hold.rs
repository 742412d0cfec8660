//! After a restore, the database has forgotten calls: none of them is sent again while they are held.

use countersign_gateway::{AdminAccess, admin_app};
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
    assert_eq!(stage.dev.gateway.directory().hold(None).await.unwrap(), 0, "it is held already");

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
    let found = |call: &str, happened: bool| {
        let ask = stage.ask("PUT", format!("{call}/resolution"));
        ask.json(json!({ "happened": happened, "note": "looked" })).send()
    };
    found(&call, true).await.good();
    send("lost").await.problem(409, "call_resolved");
    found(&other, false).await.good();
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
    let free = stage.ask("PUT", format!("{}/resolution", lost["call"].as_str().unwrap()));
    free.json(json!({ "happened": false })).send().await.good();
    stage.dev.gateway.directory().hold(None).await.unwrap();
    mail(&stage, "freed").send().await.problem(409, "outcome_unknown");
    let pages = admin_app(stage.dev.gateway.clone(), AdminAccess::loopback());
    let overview = || stage.bare("GET", "/").header("host", "localhost").send_to(&pages);
    assert!(overview().await.text.contains("held after a restore: dev"));
    stage.dev.gateway.directory().end_hold(None).await.unwrap();
    assert!(!overview().await.text.contains("after a restore"));
}

#[test]
fn the_operator_holds_calls_before_a_restored_gateway_starts() {
    let folder = folder("hold");
    let run = |arguments: &[&str]| program().current_dir(&folder).args(arguments).output().unwrap();
    ran(&run(&["migrate", "--create-key"]));
    for name in ["acme", "other"] {
        ran(&run(&["tenant", "add", name]));
    }
    assert_eq!(ran(&run(&["hold", "begin"])), "2 tenants held");
    assert_eq!(ran(&run(&["tenant", "list"])).matches("held since 20").count(), 2);
    assert_eq!(ran(&run(&["hold", "end", "acme"])), "1 tenants released");
    assert_eq!(ran(&run(&["tenant", "list"])).matches("held since 20").count(), 1);
    assert!(!run(&["hold", "begin", "nothing"]).status.success());
    std::fs::remove_dir_all(&folder).unwrap();
}
