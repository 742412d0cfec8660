//! The operator's pages: who gets in, and what they show.

use axum::Router;
use axum::http::StatusCode;
use countersign_gateway::{AdminAccess, admin_app};
use countersign_sandbox::DropWhen;
use serde_json::json;

use crate::endpoints::{HOUR, Scene};
use crate::keys::ben_mail_is_lost;
use crate::program::{Running, folder, program, ran, shell, until};
use crate::support::{Ask, Stage, resend};

const HERE: &str = "127.0.0.1:8791";

fn admin(stage: &Stage) -> Router {
    admin_app(stage.dev.gateway.clone(), AdminAccess::loopback())
}

fn open<'s>(stage: &'s Stage, path: &str) -> Ask<'s> {
    stage.bare("GET", path).header("host", HERE)
}

#[tokio::test]
async fn other_sites_get_nothing_of_the_pages() {
    let stage = Stage::new().await;
    let page = open(&stage, "/").send_to(&admin(&stage)).await;
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"), "{page:?}");
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let rebound = open(&stage, "/").header("host", "evil.example").send_to(&admin(&stage)).await;
    assert_eq!(rebound.status, 403, "a name that resolves to this machine");
    let forged = stage.bare("POST", "/").header("host", HERE).header("origin", "https://evil.example");
    assert_eq!(forged.send_to(&admin(&stage)).await.status, 403);
    assert_eq!(open(&stage, "/nothing").send_to(&admin(&stage)).await.status, 404);
    // Tenants' requests do not reach the pages, nor the operator's those of tenants.
    assert_eq!(stage.bare("GET", "/assets/admin.css").send().await.status, 404);
    assert_eq!(open(&stage, "/v1/accounts").send_to(&admin(&stage)).await.status, 404);
}

/// The value of an attribute behind a mark.
fn value<'t>(text: &'t str, mark: &str) -> &'t str {
    text.split_once(mark).unwrap_or_else(|| panic!("{mark}: {text}")).1.split('"').next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_resolves_a_call_whose_outcome_is_unknown() {
    let stage = Stage::new().await;
    let pages = admin(&stage);
    assert!(
        open(&stage, "/").send_to(&pages).await.text.contains("There is no call whose outcome is unknown")
    );
    ben_mail_is_lost(&stage, DropWhen::BeforeWork);
    let key = "<b>mail&ben</b>";
    let ask = stage.ask("POST", stage.at("resends")).keyed(key).json(resend());
    let lost = ask.clone().send().await.json();
    assert_eq!(lost["outcome"], "unknown", "{lost:#}");

    assert!(
        open(&stage, "/").send_to(&pages).await.text.contains("There are calls whose outcome is unknown")
    );
    let list = open(&stage, "/calls").send_to(&pages).await.text;
    assert!(!list.contains("<b>"), "a caller's key is no HTML: {list}");
    let path = format!("/calls/{}", value(&list, "<a href=\"/calls/"));
    let page = open(&stage, &path).send_to(&pages).await.text;
    assert!(page.contains("email:ben@example.com") && page.contains("resend_recipient"), "{page}");
    let token = value(&page, "name=\"token\" value=\"");

    let post = |body: String| {
        let ask = stage.bare("POST", path.as_str()).header("host", HERE);
        ask.header("content-type", "application/x-www-form-urlencoded").body(body)
    };
    for wrong in [
        "found=did_not_happen&note=".to_owned(),
        "token=0&found=did_not_happen&note=".to_owned(),
        format!("token={token}&found=perhaps"),
        format!("token={token}"),
    ] {
        let refused = post(wrong.clone()).send_to(&pages).await;
        assert!(refused.status == 400 && refused.text.contains("<h1>"), "{wrong}: {refused:?}");
    }
    let found = format!("token={token}&found=did_not_happen&note=looked");
    let foreign = post(found.clone()).header("sec-fetch-site", "cross-site").send_to(&pages).await;
    assert_eq!(foreign.status, 403);
    assert!(
        open(&stage, &path).send_to(&pages).await.text.contains("What did you find"),
        "nothing was recorded"
    );

    let done = post(found.clone()).send_to(&pages).await;
    assert_eq!((done.status.as_u16(), done.header("location")), (303, Some("/calls?resolved=yes")));
    let page = open(&stage, &path).send_to(&pages).await.text;
    assert!(page.contains("operator") && page.contains("looked"), "{page}");
    assert!(page.contains("There is nothing to resolve"), "{page}");
    let other = post(format!("token={token}&found=happened&note=")).send_to(&pages).await;
    assert!(other.status == 409 && other.text.contains("not unknown"), "{other:?}");
    ask.send().await.good();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_sees_tenants_accounts_and_their_allowance() {
    let stage = Stage::new().await;
    let pages = admin(&stage);
    let tenants = open(&stage, "/accounts").send_to(&pages).await.text;
    assert!(tenants.contains(">app.example.com<"), "{tenants}");
    let path = format!("/accounts/{}", value(&tenants, "<a href=\"/accounts/"));
    assert!(open(&stage, &path).send_to(&pages).await.text.contains("not known here yet"));
    stage.ask("GET", stage.at("recipients")).send().await.good();
    let accounts = open(&stage, &path).send_to(&pages).await.text;
    assert!(accounts.contains(&stage.sample().account) && accounts.contains(" left"), "{accounts}");
    assert!(accounts.contains("0 running, 0 waiting"), "{accounts}");
    let endpoint = json!({ "url": "https://events.example.com/secret-path" });
    stage.ask("POST", "/v1/endpoints").json(endpoint).send().await.good();
    let accounts = open(&stage, &path).send_to(&pages).await.text;
    assert!(accounts.contains("events.example.com") && !accounts.contains("secret-path"), "{accounts}");
    assert!(accounts.contains(">on<") && accounts.contains("account.created"), "{accounts}");
    assert!(open(&stage, "/").send_to(&pages).await.text.contains("has waited for 0 s"));
    assert_eq!(open(&stage, "/accounts/ten_absent").send_to(&pages).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_delivers_events_of_an_endpoint_once_more() {
    let scene = Scene::new().await;
    let pages = admin(&scene.stage);
    let (endpoint, _) = scene.endpoint(json!({})).await;
    scene.happen().await;
    scene.receiver.will(StatusCode::GONE);
    assert_eq!(scene.work().await.len(), 1);
    let tenants = open(&scene.stage, "/accounts").send_to(&pages).await.text;
    let of_tenant = format!("/accounts/{}", value(&tenants, "<a href=\"/accounts/"));
    let list = open(&scene.stage, &of_tenant).send_to(&pages).await.text;
    assert!(list.contains("off: it answered 410"), "{list}");
    let path = format!("{of_tenant}/endpoints/{}", value(&list, "/endpoints/"));
    let page = open(&scene.stage, &path).send_to(&pages).await.text;
    assert!(page.contains("envelope.voided") && page.contains("it answered 410 ("), "{page}");
    assert!(page.contains("The endpoint is off") && !page.contains(&scene.receiver.url), "{page}");
    let (token, since) = (value(&page, "name=\"token\" value=\""), value(&page, "name=\"since\" value=\""));

    let post = |body: String| {
        let ask = scene.stage.bare("POST", path.as_str()).header("host", HERE);
        ask.header("content-type", "application/x-www-form-urlencoded").body(body)
    };
    for wrong in [
        format!("since={since}"),
        format!("token=0&since={since}"),
        format!("token={token}"),
        format!("token={token}&since=yesterday"),
    ] {
        let refused = post(wrong.clone()).send_to(&pages).await;
        assert!(refused.status == 400 && refused.text.contains("<h1>"), "{wrong}: {refused:?}");
    }
    let form = format!("token={token}&since={since}");
    let foreign = post(form.clone()).header("sec-fetch-site", "cross-site").send_to(&pages).await;
    assert_eq!(foreign.status, 403);
    let absent = scene.stage.bare("POST", format!("{of_tenant}/endpoints/end_0")).header("host", HERE);
    let absent = absent.header("content-type", "application/x-www-form-urlencoded").body(form.clone());
    assert_eq!(absent.send_to(&pages).await.status, 404);
    scene.stage.ask("PATCH", &endpoint).json(json!({ "enabled": true })).send().await.good();
    scene.clock.advance(HOUR);
    assert_eq!(scene.work().await, [], "nothing was replayed");

    let done = post(form).send_to(&pages).await;
    let back = done.header("location").unwrap();
    // The event, and that the endpoint was switched off.
    assert!(done.status == 303 && back.starts_with(&path) && back.ends_with("?replayed=2"), "{done:?}");
    let page = open(&scene.stage, back).send_to(&pages).await.text;
    assert!(page.contains("Events that are delivered once more: 2"), "{page}");
    assert_eq!(scene.work().await.len(), 2);
    let audit = scene.stage.ask("GET", "/v1/audit?limit=1").send().await.good();
    let entry = &audit["data"][0];
    assert_eq!((&entry["who"], &entry["what"]), (&json!("operator"), &json!("endpoint.replayed")));
}

#[test]
fn other_machines_need_the_admin_key() {
    let folder = folder("admin");
    let run = |arguments: &[&str]| program().current_dir(&folder).args(arguments).output().unwrap();
    ran(&run(&["migrate", "--create-key"]));
    let open = ["serve", "--listen", "127.0.0.1:0", "--admin", "0.0.0.0:0"];
    let said = |arguments: &[&str]| {
        let refused = run(arguments);
        assert!(!refused.status.success());
        String::from_utf8(refused.stderr).unwrap()
    };
    assert!(said(&open).contains("--admin-key"));
    std::fs::write(folder.join("short.key"), "short").unwrap();
    assert!(said(&[&open[..], &["--admin-key", "short.key"]].concat()).contains("too short"));
    let key = "0123456789".repeat(4);
    std::fs::write(folder.join("admin.key"), format!("{key}\n")).unwrap();
    let mut command = program();
    command.current_dir(&folder).args(open).args(["--admin-key", "admin.key", "--drain", "0"]);
    let (mut gateway, _out) = Running::start(command);
    let mut log = std::io::BufReader::new(gateway.0.stderr.take().unwrap());
    let line = until(&mut log, "operator's pages");
    let line: serde_json::Value = serde_json::from_str(line.lines().last().unwrap()).unwrap();
    let port = line["fields"]["admin"].as_str().unwrap().rsplit(':').next().unwrap();
    let page = |key: &str| {
        let said = shell(&format!(
            "curl -sS -o /dev/null -w '%{{http_code}}' -u 'operator:{key}' http://127.0.0.1:{port}/"
        ));
        ran(&said)
    };
    assert_eq!((page(&key).as_str(), page("wrong").as_str()), ("200", "401"));
    assert!(gateway.stop(), "it ends in order");
    std::fs::remove_dir_all(&folder).unwrap();
}
