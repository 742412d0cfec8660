//! Returns in an axum application: taken by `GET` alone, sent on, or refused with a fitting status.
#![cfg(feature = "axum")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod common;

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use common::{VENDOR, clock};
use countersign::returns::{
    AcceptedReturn, Destination, NotAccepted, ReturnKey, ReturnKeys, ReturnOutcome, ReturnRoutes, ReturnState,
};
use countersign::{BaseUrl, EnvelopeId, RecipientId};
use tower::ServiceExt;

fn routes() -> ReturnRoutes {
    let base = BaseUrl::new("https://app.example.com/back").unwrap();
    let keys = ReturnKeys::new(ReturnKey::random("k").unwrap());
    ReturnRoutes::new(base, keys, Destination::new("/contracts/{envelope}").unwrap())
        .to(ReturnOutcome::Declined, Destination::new("/declined").unwrap())
        .clock(clock())
        .vendor(&VENDOR)
}

/// The path of a return that was just issued.
fn path(routes: &ReturnRoutes, life: Duration) -> String {
    let (envelope, recipient) = (EnvelopeId::new("e-1").unwrap(), RecipientId::new("1").unwrap());
    let state = ReturnState { vendor: "acme".to_owned(), account: "main".to_owned(), envelope, recipient };
    let url = routes.clone().life(life).issue(&state).unwrap();
    url.as_str().trim_start_matches("https://app.example.com").to_owned()
}

async fn call(
    app: &Router,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> (StatusCode, Option<String>, Response) {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let location = response.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
    (response.status(), location, response)
}

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn the_router_sends_on_once_and_only_for_get() {
    let routes = routes();
    let app: Router = routes.router();
    let back = path(&routes, DAY);
    assert_eq!(call(&app, "HEAD", &back, &[]).await.0, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(call(&app, "POST", &back, &[]).await.0, StatusCode::METHOD_NOT_ALLOWED);
    for prefetch in [("sec-purpose", "prefetch;prerender"), ("purpose", "prefetch")] {
        assert_eq!(call(&app, "GET", &back, &[prefetch]).await.0, StatusCode::SERVICE_UNAVAILABLE);
    }
    let (status, to, response) =
        call(&app, "GET", &format!("{back}?to=https://evil.example&x=//evil"), &[]).await;
    assert_eq!((status, to.as_deref()), (StatusCode::SEE_OTHER, Some("/contracts/e-1")));
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    assert_eq!(response.headers()[header::REFERRER_POLICY], "no-referrer");
    let (status, to, response) = call(&app, "GET", &back, &[]).await;
    assert_eq!((status, to), (StatusCode::CONFLICT, None));
    let text = to_bytes(response.into_body(), 1_000).await.unwrap();
    assert_eq!(text, "this return has been used before");
}

#[tokio::test]
async fn each_refusal_has_its_status() {
    let routes = routes();
    let app: Router = routes.router();
    let expired = path(&routes, Duration::ZERO);
    assert_eq!(call(&app, "GET", &expired, &[]).await.0, StatusCode::GONE);
    assert_eq!(call(&app, "GET", "/back/nothing", &[]).await.0, StatusCode::BAD_REQUEST);
    let good = path(&routes, DAY);
    let (head, last) = good.split_at(good.len() - 2);
    let forged = format!("{head}{}", if last.starts_with('A') { "BA" } else { "AA" });
    assert_eq!(call(&app, "GET", &forged, &[]).await.0, StatusCode::FORBIDDEN);
    let strange = path(&self::routes(), DAY);
    assert_eq!(call(&app, "GET", &strange, &[]).await.0, StatusCode::FORBIDDEN, "signed with another key");
}

#[tokio::test]
async fn a_handler_of_the_applications_gets_the_return_or_the_refusal() {
    async fn page(accepted: Result<AcceptedReturn, NotAccepted>) -> Response {
        match accepted {
            Ok(accepted) => accepted.redirect_for(Some(&ReturnOutcome::Declined)),
            Err(refused) => (refused.status(), "our own page").into_response(),
        }
    }
    let routes = routes();
    let app =
        Router::new().route(&format!("{}/{{token}}", routes.path()), get(page)).with_state(routes.clone());
    let back = path(&routes, DAY);
    assert_eq!(call(&app, "GET", &back, &[]).await.1.as_deref(), Some("/declined"));
    let (status, _, response) = call(&app, "GET", &back, &[]).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(to_bytes(response.into_body(), 1_000).await.unwrap(), "our own page");
}
