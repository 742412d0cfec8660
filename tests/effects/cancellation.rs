//! Callers who lose interest: a call is dropped at each point where it waits. Nothing happens twice, and the client
//! goes on working.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use countersign::adapters::docusign::{Credentials, Docusign, DocusignConfig};
use countersign::transport::{HttpTransport, Limits, Transport, TransportError};
use countersign::{AccountId, BaseUrl, Client, ListRecipients};
use countersign_sandbox::Sandbox;
use countersign_testkit::{Yielding, polled};
use countersign_tests::effects::{Code, Job, Prepared, look};
use countersign_tests::{Stage, stages};
use tokio::time::timeout;

/// Far above what a call takes on a busy machine.
const STUCK_AFTER: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_call_dropped_anywhere_does_nothing_twice_and_the_client_goes_on() {
    for stage in stages().await.unwrap() {
        stage.world.change_settings(|settings| settings.limit_calls(u32::MAX));
        let client = stage
            .client_over(Yielding::new(Arc::new(HttpTransport::default())), Limits::default(), None)
            .unwrap();
        for job in Job::at(&stage) {
            let dropped = drop_everywhere(&stage, &client, job).await;
            // A call has at least the two points of the transport for each of its requests.
            let least = 2 * job.steps(stage.name).len();
            assert!(dropped.len() > least, "{} {}: {} points", stage.name, job.name(), dropped.len());
            // What was under way when its caller left is over by now.
            for prepared in dropped {
                let seen = look(&stage.world, &prepared);
                let at = format!("{} {}: {seen}", stage.name, job.name());
                assert!(seen.mails <= usize::from(job.mails()), "{at}");
                assert!(seen.links <= usize::from(job.makes_link()), "{at}");
                assert!(seen.code == Code::Old || (seen.code == Code::New && job.sets_code()), "{at}");
            }
        }
    }
}

/// Drops the call after 0, 1, 2, … looks until one is complete; gives the envelope of each try.
async fn drop_everywhere(stage: &Stage, client: &Client, job: Job) -> Vec<Prepared> {
    let mut tried = Vec::new();
    for looks in 0.. {
        let prepared = Prepared::new(job, stage).await.unwrap();
        // The token is worthless each time, so that the renewal is dropped at each of its points as well.
        stage.world.revoke_tokens(stage.vendor);
        let at = format!("{} {} after {looks} looks", stage.name, job.name());
        let done = timeout(STUCK_AFTER, polled(prepared.call(job, client), looks)).await;
        let done = done.unwrap_or_else(|_| panic!("{at}: the client is stuck"));
        let list = ListRecipients::new(prepared.envelope.clone());
        let list = timeout(STUCK_AFTER, client.list_recipients(&list)).await;
        assert!(matches!(list, Ok(Ok(_))), "{at}: the client is stuck: {list:?}");
        tried.push(prepared);
        if let Some(result) = done {
            assert!(result.is_ok(), "{at}: {result:?}");
            return tried;
        }
        assert!(looks < 10_000, "{at}: never complete");
    }
    tried
}

/// Answers as DocuSign does, without a network: a token that is good for no time, the list, the update. Counts the
/// updates.
#[derive(Debug, Default)]
struct Answers {
    tokens: AtomicUsize,
    updates: AtomicUsize,
}

#[async_trait]
impl Transport for Answers {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        _limits: &Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let body = match request.method().as_str() {
            "POST" => {
                self.tokens.fetch_add(1, Ordering::SeqCst);
                r#"{"access_token": "t", "expires_in": 0}"#
            }
            "GET" => {
                r#"{"signers": [{"recipientId": "1", "recipientType": "signer", "name": "Anna Ek",
                    "email": "anna@example.com", "routingOrder": "1", "status": "sent"}], "currentRoutingOrder": "1"}"#
            }
            _ => {
                self.updates.fetch_add(1, Ordering::SeqCst);
                r#"{"recipientUpdateResults": [{"recipientId": "1", "errorDetails": {"errorCode": "SUCCESS"}}]}"#
            }
        };
        Ok(http::Response::new(Bytes::from_static(body.as_bytes())))
    }
}

/// A client that signs in by the JWT grant, over this transport.
async fn signed_in_by_jwt(transport: Arc<dyn Transport>) -> Client {
    let access = Sandbox::start(countersign_sandbox::Options::default()).await.unwrap().docusign();
    let credentials = Credentials::Jwt {
        integration_key: access.integration_key.clone(),
        user_id: access.user_id.clone(),
        private_key: access.private_key_pem.expose().into(),
    };
    let here = BaseUrl::new("http://127.0.0.1:1").unwrap();
    let config = DocusignConfig::new(AccountId::new("acct").unwrap(), credentials)
        .with_base_url(here.clone())
        .with_oauth_url(here);
    Client::builder(Arc::new(Docusign::new(config).unwrap())).transport(transport).build()
}

#[tokio::test]
async fn each_point_of_waiting_is_a_safe_place_to_leave() {
    let answers = Arc::new(Answers::default());
    let client = signed_in_by_jwt(Yielding::new(Arc::clone(&answers) as Arc<dyn Transport>)).await;
    let prepared = nowhere();
    let mut updates = Vec::new();
    for looks in 0..100 {
        let before = answers.updates.load(Ordering::SeqCst);
        let done = timeout(STUCK_AFTER, polled(prepared.call(Job::Resend, &client), looks)).await;
        let done = done.expect("the client is stuck");
        updates.push(answers.updates.load(Ordering::SeqCst) - before);
        if let Some(result) = done {
            result.unwrap();
            break;
        }
    }
    // Nothing before the update is sent; once when it is sent and its answer is waited for; once when complete.
    let sent = updates.iter().position(|count| *count == 1).unwrap();
    assert!(sent >= 4, "{updates:?}");
    assert!(updates[..sent].iter().all(|count| *count == 0), "{updates:?}");
    assert!(updates.len() > sent + 1 && updates[sent..].iter().all(|count| *count == 1), "{updates:?}");
}

#[tokio::test]
async fn who_waits_for_a_token_takes_over_from_a_caller_who_left() {
    let answers = Arc::new(Answers::default());
    let client = signed_in_by_jwt(Yielding::new(Arc::clone(&answers) as Arc<dyn Transport>)).await;
    let prepared = nowhere();
    let mut first = Box::pin(prepared.call(Job::List, &client));
    assert!(polled(first.as_mut(), 1).await.is_none(), "the sign-in waits");
    let mut second = pin!(prepared.call(Job::List, &client));
    assert!(polled(second.as_mut(), 1).await.is_none(), "one sign-in at a time");
    drop(first);
    timeout(STUCK_AFTER, second).await.expect("the client is stuck").unwrap();
    // Whether the second goes on with the first one's request or makes its own is the cache's choice.
    assert!((1..=2).contains(&answers.tokens.load(Ordering::SeqCst)));
}

/// An envelope that is in no sandbox.
fn nowhere() -> Prepared {
    Prepared { envelope: "5e29dc8d-54bb-4a7a-9a1c-33f0e2b5a001".parse().unwrap(), known: None, mails: 0 }
}
