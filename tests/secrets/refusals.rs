//! Every operation, with every step of it answered in every shape.

use std::sync::Arc;
use std::time::Duration;

use countersign::provider::Feature;
use countersign::transport::{HttpTransport, Phase, Transport, TransportFault};
use countersign::{
    AccessCode, ChangeAccessCode, Client, CreateView, EnvelopeId, Error, ListRecipients, Operation,
    RecipientRef, ResendRecipient, RetryPolicy, ReturnUrl, WebUrl,
};
use countersign_sandbox::{NewEnvelope, NewRecipient};
use countersign_tests::{Stage, stages};

use crate::capture;
use crate::forms::Pool;
use crate::labels;
use crate::meddler::{Meddler, Meddling};
use crate::shapes::{LINK, OTHERS_CODE, SHAPES, TOKEN};
use crate::ways::{REFRESH_TOKEN, Way, ways};

/// With characters that JSON, HTML and URLs write in another way, as far as every vendor takes them.
const CODE: &str = "Mark3d\"c/de\\é%+1";

/// What a browser brings back from the vendor.
const LOGIN_CODE: &str = "Mark3d-l0gin-code-01";

/// A run in which the sandbox answers everything itself.
const UNTOUCHED: &str = "untouched";

/// One envelope at one vendor with a signer within the application and one by mail.
struct Case {
    envelope: EnvelopeId,
    planted: Pool,
    network: Arc<HttpTransport>,
}

impl Case {
    fn new(stage: &Stage) -> Self {
        let anna = NewRecipient::new("Anna Ek", "anna@example.com").with_order(1);
        let ben = NewRecipient::new("Ben Öst", "ben@example.com").with_order(1);
        let envelope = NewEnvelope::new(stage.vendor, "Lease")
            .with_recipient(anna.with_embedded("c-1").with_access_code("First-marked-c0de"))
            .with_recipient(ben);
        let envelope = stage.world.make_envelope(envelope).unwrap();
        stage.world.change_settings(|settings| settings.limit_calls(u32::MAX));
        let pool = Pool::default();
        for secret in [CODE, LOGIN_CODE, REFRESH_TOKEN, "First-marked-c0de", LINK, TOKEN, OTHERS_CODE] {
            pool.add(secret);
        }
        for secret in stage.sandbox.secrets(stage.vendor) {
            // A key in PEM could leak line by line.
            secret.expose().lines().filter(|line| !line.starts_with("---")).for_each(|line| pool.add(line));
        }
        Self { envelope: EnvelopeId::new(envelope.id).unwrap(), planted: pool, network: Arc::default() }
    }

    /// Does one thing, checks what comes of it and what was logged meanwhile, and says how many requests it took.
    async fn act(&self, way: &Way, act: Act, meddling: Meddling, from: usize, what: &str) -> usize {
        let mark = capture::mark();
        let pool = Arc::new(Pool::with(&self.planted));
        let meddler = Meddler::new(Arc::clone(&self.network), Arc::clone(&pool), meddling, from);
        let transport: Arc<dyn Transport> = Arc::clone(&meddler) as Arc<dyn Transport>;
        // Repeated as usual, but without pauses.
        let retry = RetryPolicy { base: Duration::ZERO, max_wait: Duration::ZERO, ..RetryPolicy::default() };
        let client = Client::builder(way.provider()).transport(transport).retry(retry).build();
        let what = format!("{}, {act:?}, request {from}, {what}", way.name);
        if let Err(error) = self.run(&client, act, &pool, &what).await {
            pool.check_error(&what, &error);
        }
        pool.check_debug(&what, &client);
        pool.check(&format!("the log of {what}"), &capture::since(mark));
        meddler.seen()
    }

    async fn run(&self, client: &Client, act: Act, pool: &Pool, what: &str) -> Result<(), Error> {
        if act == Act::Login {
            let Some(grant) = client.code_grant() else { return Ok(()) };
            let pending = grant.begin(WebUrl::new("http://localhost/consented").unwrap())?;
            pool.check_debug(what, &(grant, &pending));
            let state = pending.url().split_once("&state=").and_then(|(_, rest)| rest.split('&').next());
            let query = format!("code={LOGIN_CODE}&state={}", state.unwrap());
            return client.finish_sign_in(&pending, &query).await;
        }
        let anna: RecipientRef = "email:anna@example.com".parse().unwrap();
        let ben: RecipientRef = "email:ben@example.com".parse().unwrap();
        let envelope = self.envelope.clone();
        match act {
            Act::List => {
                let list = client.list_recipients(&ListRecipients::new(envelope)).await?;
                // A vendor that writes our key where a name belongs is believed: names are data, word for word.
                if what.ends_with(UNTOUCHED) {
                    pool.check_debug(what, &list);
                    pool.check(what, &serde_json::to_string(&list).unwrap());
                }
            }
            Act::View => {
                let back = ReturnUrl::new("https://app.example.com/done").unwrap();
                let request = CreateView::new(envelope, anna, back);
                let view = client.create_view(&request).await?;
                pool.add(view.link.expose());
                pool.check_debug(what, &(request, view));
            }
            Act::Resend | Act::Everyone => {
                let request = match act {
                    Act::Resend => ResendRecipient::new(envelope, ben),
                    _ => ResendRecipient::everyone(envelope),
                };
                let resent = client.resend_recipient(&request).await?;
                pool.check_debug(what, &(request, &resent));
                pool.check(what, &serde_json::to_string(&resent).unwrap());
            }
            Act::Code | Act::CodeAndMail => {
                let request = ChangeAccessCode::new(envelope, anna, AccessCode::new(CODE).unwrap())
                    .with_notify(act == Act::CodeAndMail);
                pool.check_debug(what, &request);
                let changed = client.change_access_code(&request).await?;
                pool.check_debug(what, &changed);
                pool.check(what, &serde_json::to_string(&changed).unwrap());
            }
            Act::Login | Act::SignIn => {
                let access = client.check_access().await?;
                pool.check_debug(what, &access);
            }
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    List,
    View,
    Resend,
    Everyone,
    Code,
    CodeAndMail,
    SignIn,
    /// A person who comes back from the vendor with a code.
    Login,
}

const ACTS: [Act; 8] =
    [Act::Login, Act::SignIn, Act::List, Act::View, Act::Resend, Act::Everyone, Act::Code, Act::CodeAndMail];

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_shows_in_any_error_reply_log_or_metric() {
    capture::start();
    labels::start();
    for stage in stages().await.unwrap() {
        for way in ways(&stage) {
            let case = Case::new(&stage);
            let codes = stage.offers(Feature::ChangeAccessCode);
            let acts = ACTS.into_iter().filter(|act| codes || !matches!(act, Act::Code | Act::CodeAndMail));
            for act in acts {
                let requests = case.act(&way, act, Meddling::None, 0, UNTOUCHED).await;
                assert!(requests > 0 || act == Act::Login, "{} sent nothing for {act:?}", way.name);
                for from in 0..requests {
                    for (name, shape) in SHAPES {
                        case.act(&way, act, Meddling::Answer(*shape), from, name).await;
                    }
                    for phase in [Phase::BeforeSending, Phase::AfterSending] {
                        let fail = Meddling::Fail(TransportFault::Broken, phase);
                        case.act(&way, act, fail, from, "a fault").await;
                    }
                }
            }
        }
    }
    let log = capture::since(0);
    for target in ["hyper", "countersign"] {
        assert!(log.contains(target), "nothing of {target} is in the log that is searched");
    }
    let vendors: Vec<&str> = countersign::vendors().iter().map(|vendor| vendor.name).collect();
    labels::check(
        &vendors,
        &[
            "countersign_calls_total",
            "countersign_call_duration_seconds",
            "countersign_call_attempts",
            "countersign_errors_total",
            "countersign_unmapped_codes_total",
            "countersign_rate_remaining",
            "countersign_token_renewals_total",
        ],
    );
}

#[test]
fn every_operation_is_among_them() {
    // A new operation has to be added to the acts above.
    assert_eq!(Operation::ALL.len(), 5);
}
