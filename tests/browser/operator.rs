//! The pages of the gateway's operator, on a phone, in light and dark.

use std::time::Duration;

use countersign_gateway::dev::Dev;
use countersign_gateway::{AdminAccess, serve, serve_admin};
use countersign_sandbox::{DropWhen, Fault, FaultKind};
use tokio::net::TcpListener;

use crate::browser::{Browser, Screen};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_operator_resolves_a_call_whose_outcome_is_unknown() {
    for (name, screen) in [("operator", Screen::Phone), ("operator-dark", Screen::DarkPhone)] {
        let dev = Dev::start().await.expect("a gateway");
        let listen = || async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let url = format!("http://{}", listener.local_addr().expect("an address"));
            (listener, url)
        };
        let ((api, gateway), (admin, pages)) = (listen().await, listen().await);
        let end = Duration::from_secs(1);
        tokio::spawn(serve(api, dev.gateway.clone(), std::future::pending(), Duration::ZERO, end));
        tokio::spawn(serve_admin(admin, dev.gateway.clone(), AdminAccess::loopback()));
        // An endpoint that refuses: the gateway itself has no such route.
        let (client, hooks) = (reqwest::Client::new(), format!("{gateway}/nothing"));
        let endpoint = client.post(format!("{gateway}/v1/endpoints")).bearer_auth(dev.key.expose());
        let made = endpoint.json(&serde_json::json!({ "url": hooks })).send().await.expect("an answer");
        assert_eq!(made.status(), 201);
        let lost = FaultKind::Drop { drop: DropWhen::AfterWork };
        dev.sandbox.world().inject(Fault::on("PUT", "/recipients", lost));
        let sample = &dev.samples[0];
        let url = format!("{gateway}/v1/envelopes/{}:{}/resends", sample.account, sample.envelope);
        let resend = client
            .post(url)
            .bearer_auth(dev.key.expose())
            .header("Idempotency-Key", "reminder-1")
            .json(&serde_json::json!({ "recipient": "email:ben@example.com" }));
        let answer = resend.send().await.expect("an answer");
        assert!(answer.status().is_server_error(), "{answer:?}");
        // The tenant is told about the unknown call, and the endpoint refuses that.
        dev.gateway.reconcile().await.expect("it looks");
        dev.gateway.work().await.expect("it delivers");

        let browser = Browser::open(name, screen).await;
        browser.goto(&pages).await;
        browser.sees_heading("Overview").await;
        browser.inspect("overview").await;
        browser.press_link_to("Unknown calls").await;
        browser.sees_heading("Unknown calls").await;
        browser.sees_whole_tables().await;
        browser.inspect("calls").await;
        browser.press_link_to("Resolve reminder-1").await;
        browser.sees("email:ben@example.com").await;
        browser.inspect("call").await;
        browser.choose("It happened").await;
        browser.fill("Note", "the mail is in the outbox").await;
        browser.press("Record the finding").await;
        browser.sees("Your finding is recorded").await;
        browser.sees("There is no call whose outcome is unknown").await;
        browser.press_link_to("Accounts").await;
        browser.inspect("tenants").await;
        browser.press_link_to("dev").await;
        browser.sees_heading("Accounts of dev").await;
        browser.sees_whole_tables().await;
        browser.inspect("accounts").await;
        browser.press_link_to("end_").await;
        browser.sees_heading("Endpoint").await;
        browser.sees("it answered 404").await;
        browser.sees_whole_tables().await;
        browser.inspect("endpoint").await;
        browser.fill("Deliver again what happened since", "2020-01-01T00:00:00Z").await;
        browser.press("Deliver again").await;
        browser.sees("Events that are delivered once more: ").await;
        browser.inspect("replayed").await;
        browser.goto(&format!("{pages}/nothing")).await;
        browser.sees("There is no such page").await;
        browser.inspect("missing").await;
    }
}
