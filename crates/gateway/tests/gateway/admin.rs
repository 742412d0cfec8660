//! The operator's pages: who gets in, and what they show.

use axum::Router;
use countersign_gateway::{AdminAccess, admin_app};

use crate::program::{Running, folder, program, ran, shell, until};
use crate::support::{Ask, Stage};

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
