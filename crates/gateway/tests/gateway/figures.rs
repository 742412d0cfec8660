//! What an operator's Prometheus reads.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use countersign_gateway::{AdminAccess, admin_app};
use countersign_sandbox::{DropWhen, Fault, FaultKind};
use tower::ServiceExt as _;

use crate::support::{Stage, resend};

/// The operator's pages. From now on, figures are kept.
pub(crate) fn pages(stage: &Stage) -> Router {
    admin_app(stage.dev.gateway.clone(), AdminAccess::loopback())
}

pub(crate) async fn figures(pages: &Router) -> String {
    let request = Request::get("/metrics").header("host", "localhost").body(Body::empty()).unwrap();
    let response = pages.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/plain; version=0.0.4"));
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(body.to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_calls_allowances_and_the_store_have_figures() {
    let stage = Stage::new().await;
    let pages = pages(&stage);
    stage.ask("GET", stage.at("recipients")).send().await.good();
    stage.world().inject(Fault::on("PUT", "/recipients", FaultKind::Drop { drop: DropWhen::AfterWork }));
    let lost = stage.ask("POST", stage.at("resends")).keyed("mail").json(resend()).send().await;
    assert_eq!(lost.json()["outcome"], "unknown", "{lost:?}");
    stage.bare("BREW", "/v1/nothing").send().await;

    let account = stage.ask("GET", "/v1/accounts/docusign").send().await.good();
    let account = account["id"].as_str().unwrap().to_owned();
    let text = figures(&pages).await;
    let value = |start: String| {
        let line = text.lines().find(|line| line.starts_with(&start));
        let value = line.and_then(|line| line.rsplit(' ').next());
        value.unwrap_or_else(|| panic!("{start}\n{text}")).parse::<f64>().unwrap()
    };
    let requests = "countersign_gateway_request_duration_seconds_count{method=";
    assert!(
        value(format!("{requests}\"GET\",route=\"/v1/envelopes/{{envelope}}/recipients\",status=\"200\"}}"))
            >= 1.0
    );
    assert!(value(format!("{requests}\"other\",route=\"-\",status=\"404\"}}")) >= 1.0);
    let calls = format!("countersign_calls_total{{vendor=\"docusign\",account=\"{account}\",operation=");
    assert_eq!(value(format!("{calls}\"list_recipients\",outcome=\"done\"}}")), 1.0);
    assert_eq!(value(format!("{calls}\"resend_recipient\",outcome=\"unknown\"}}")), 1.0);
    assert_eq!(value("countersign_gateway_calls_unknown".to_owned()), 1.0);
    assert_eq!(value("countersign_gateway_ready".to_owned()), 1.0);
    assert_eq!(value("countersign_gateway_inbox_lag_seconds".to_owned()), 0.0);
    assert_eq!(value("countersign_gateway_delivery_lag_seconds".to_owned()), 0.0);
    assert!(value(format!("countersign_rate_remaining{{vendor=\"docusign\",account=\"{account}\"")) > 100.0);
    assert!(value("countersign_gateway_store_duration_seconds_count{operation=\"read\"}".to_owned()) > 1.0);
    assert!(!text.contains("/v1/nothing") && !text.contains("BREW"), "what callers invent is no label");
}
