//! Every operation, with every step of it answered in every shape.

use std::sync::Arc;

use countersign::adapters::docusign::{Credentials, Docusign, DocusignConfig};
use countersign::{
    AccessCode, AccountId, BaseUrl, ChangeAccessCode, Client, CreateView, EnvelopeId, Error, HttpTransport,
    Limits, ListRecipients, Operation, Phase, Provider, RecipientRef, ResendRecipient, ReturnUrl,
    SecretString, Transport, TransportFault,
};
use countersign_sandbox::{NewEnvelope, NewRecipient};
use countersign_tests::{Stage, stages};

use crate::capture;
use crate::forms::Pool;
use crate::meddler::{Meddler, Meddling};
use crate::shapes::{LINK, OTHERS_CODE, SHAPES, TOKEN};

/// With characters that JSON, HTML and URLs write in another way, as far as every vendor takes them.
const CODE: &str = "Mark3d \"c/de\\é%+1";

/// A run in which the sandbox answers everything itself.
const UNTOUCHED: &str = "untouched";

/// One way of signing in at one vendor.
struct Way<'s> {
    name: String,
    stage: &'s Stage,
    make: Box<dyn Fn() -> Arc<dyn Provider> + 's>,
}

fn ways(stage: &Stage) -> Vec<Way<'_>> {
    let configured: Box<dyn Fn() -> Arc<dyn Provider>> = Box::new(|| stage.account.provider().unwrap());
    let mut ways = vec![Way { name: format!("{}, configured", stage.name), stage, make: configured }];
    if stage.name == "docusign" {
        let access = stage.sandbox.docusign();
        let make: Box<dyn Fn() -> Arc<dyn Provider>> = Box::new(move || {
            let token = Credentials::Token(SecretString::from(access.access_token.expose()));
            let config = DocusignConfig::new(AccountId::new(&access.account_id).unwrap(), token)
                .with_base_url(BaseUrl::new(&access.base_url).unwrap())
                .with_oauth_url(BaseUrl::new(&access.oauth_url).unwrap());
            Arc::new(Docusign::new(config).unwrap())
        });
        ways.push(Way { name: format!("{}, fixed token", stage.name), stage, make });
    }
    ways
}

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
        stage.world.change_settings(|settings| {
            settings.docusign_hourly_limit = u32::MAX;
            settings.docusign_burst_limit = u32::MAX;
            settings.boldsign_hourly_limit = u32::MAX;
        });
        let pool = Pool::default();
        for secret in [CODE, "First-marked-c0de", LINK, TOKEN, OTHERS_CODE] {
            pool.add(secret);
        }
        let (docusign, boldsign) = (stage.sandbox.docusign(), stage.sandbox.boldsign());
        for secret in [&docusign.access_token, &boldsign.api_key, &boldsign.bearer_token] {
            pool.add(secret.expose());
        }
        for line in docusign.private_key_pem.expose().lines().filter(|line| !line.starts_with("---")) {
            pool.add(line);
        }
        Self { envelope: EnvelopeId::new(envelope.id).unwrap(), planted: pool, network: Arc::default() }
    }

    /// Does one thing, checks what comes of it and what was logged meanwhile, and says how many requests it took.
    async fn act(&self, way: &Way<'_>, act: Act, meddling: Meddling, from: usize, what: &str) -> usize {
        let mark = capture::mark();
        let pool = Arc::new(Pool::with(&self.planted));
        let meddler = Meddler::new(Arc::clone(&self.network), Arc::clone(&pool), meddling, from);
        let transport: Arc<dyn Transport> = Arc::clone(&meddler) as Arc<dyn Transport>;
        let client = Client::builder((way.make)()).transport(transport).limits(Limits::default()).build();
        let what = format!("{}, {act:?}, request {from}, {what}", way.name);
        if let Err(error) = self.run(&client, act, &pool, &what).await {
            pool.check_error(&what, &error);
        }
        pool.check_debug(&what, &client);
        pool.check(&format!("the log of {what}"), &capture::since(mark));
        meddler.seen()
    }

    async fn run(&self, client: &Client, act: Act, pool: &Pool, what: &str) -> Result<(), Error> {
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
            Act::SignIn => {
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
}

const ACTS: [Act; 7] =
    [Act::SignIn, Act::List, Act::View, Act::Resend, Act::Everyone, Act::Code, Act::CodeAndMail];

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_shows_in_any_error_reply_or_log() {
    capture::start();
    for stage in stages().await.unwrap() {
        for way in ways(&stage) {
            let case = Case::new(way.stage);
            for act in ACTS {
                let requests = case.act(&way, act, Meddling::None, 0, UNTOUCHED).await;
                assert!(requests > 0, "{} sent nothing for {act:?}", way.name);
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
}

#[test]
fn every_operation_is_among_them() {
    // A new operation has to be added to the acts above.
    assert_eq!(Operation::ALL.len(), 5);
}
