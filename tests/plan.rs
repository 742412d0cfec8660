//! What a plan shows is what the call then sends, and a plan itself changes nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use countersign::plan::{Plan, Plannable};
use countersign::provider::Feature;
use countersign::transport::{HttpTransport, Limits, Transport, TransportError};
use countersign::{
    AccessCode, ChangeAccessCode, Client, CreateView, EnvelopeId, Error, ErrorKind, ListRecipients,
    Recipients, ResendRecipient, ReturnUrl,
};
use countersign_sandbox::{Act, NewEnvelope, NewRecipient, Secret};
use countersign_testkit::Script;
use countersign_tests::{Stage, stages};

/// The code that must be in no plan.
const CODE: &str = r#"Mark"ed\7'$x"#;

/// A transport that keeps what it is given to send.
#[derive(Debug)]
struct Tap {
    inner: HttpTransport,
    sent: Mutex<Vec<http::Request<Bytes>>>,
}

#[async_trait]
impl Transport for Tap {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: &Limits,
    ) -> Result<http::Response<Bytes>, TransportError> {
        self.sent.lock().unwrap().push(request.clone());
        self.inner.send(request, limits).await
    }
}

/// A vendor, a client whose requests are kept, and one envelope: Anna is due, Ben behind her, both embedded where the
/// vendor knows that and with a code; or, `by_mail`, neither.
struct Case {
    stage: Stage,
    tap: Arc<Tap>,
    client: Client,
    envelope: EnvelopeId,
}

impl Case {
    async fn all(by_mail: bool) -> Vec<Self> {
        let stages = stages().await.unwrap().into_iter();
        stages.map(|stage| Self::new(stage, by_mail)).collect()
    }

    /// Those whose vendor has access codes, by mail.
    async fn with_codes() -> Vec<Self> {
        let mut all = Self::all(true).await;
        all.retain(|case| case.stage.offers(Feature::ChangeAccessCode));
        all
    }

    fn new(stage: Stage, by_mail: bool) -> Self {
        let tap = Arc::new(Tap { inner: HttpTransport::default(), sent: Mutex::default() });
        let transport = Arc::clone(&tap) as Arc<dyn Transport>;
        let client = stage.client_over(transport, Limits::default(), None).unwrap();
        let mut anna = NewRecipient::new("Anna 'Zoë' Ek", "anna+1@example.com").with_access_code("Anna2345");
        let mut ben = NewRecipient::new("Ben", "ben@example.com").with_order(2).with_access_code("Ben23456");
        if !by_mail {
            anna = anna.with_embedded("77");
            ben = ben.with_embedded("78");
        }
        let new = NewEnvelope::new(stage.vendor, "Lease").with_recipient(anna).with_recipient(ben);
        let envelope = EnvelopeId::new(stage.world.make_envelope(new).unwrap().id).unwrap();
        Self { stage, tap, client, envelope }
    }

    fn view(&self, to: &str) -> CreateView {
        let back = ReturnUrl::new("https://app.example.com/it's/signed").unwrap();
        CreateView::new(self.envelope.clone(), to.parse::<countersign::RecipientRef>().unwrap(), back)
    }

    fn resend(&self, to: &str) -> ResendRecipient {
        ResendRecipient::new(self.envelope.clone(), to.parse::<countersign::RecipientRef>().unwrap())
    }

    fn code(&self, to: &str, code: &str) -> ChangeAccessCode {
        let to: countersign::RecipientRef = to.parse().unwrap();
        ChangeAccessCode::new(self.envelope.clone(), to, AccessCode::new(code).unwrap())
    }

    async fn list(&self) -> Recipients {
        self.client.list_recipients(&ListRecipients::new(self.envelope.clone())).await.unwrap()
    }

    /// What was sent since the last time, without the requests for tokens.
    fn sent(&self) -> Vec<http::Request<Bytes>> {
        let all = std::mem::take(&mut *self.tap.sent.lock().unwrap());
        all.into_iter().filter(|request| !request.uri().path().starts_with("/oauth/")).collect()
    }

    /// All that a user could see of the envelope and of the mails.
    fn state(&self) -> String {
        let envelope = self.stage.world.envelope(self.envelope.as_str()).unwrap();
        format!("{:?}\n{:?}", envelope, self.stage.world.outbox())
    }

    /// Plans; checks that this changed nothing and sent only reads.
    async fn plan(&self, request: &impl Plannable) -> Plan {
        let before = self.state();
        self.sent();
        let plan = self.client.plan(request).await.unwrap();
        let reads = self.sent();
        assert_eq!(self.state(), before, "a plan changed something");
        assert_eq!(reads.len(), plan.reads as usize, "{reads:?}");
        assert!(reads.iter().all(|request| request.method() == "GET"), "{reads:?}");
        plan
    }

    /// Checks that the steps of a plan are what the call then sends behind its reads.
    fn same(&self, plan: &Plan) {
        let sent = self.sent();
        assert_eq!(sent.len(), plan.requests(), "{sent:?}\n{plan}");
        let later = sent.iter().skip(sent.len() - plan.later_reads as usize);
        assert!(later.map(http::Request::method).all(|method| method == "GET"), "{sent:?}");
        for (step, request) in plan.steps.iter().zip(sent.iter().skip(plan.reads as usize)) {
            let credentials = request.headers().values().find(|value| value.is_sensitive()).unwrap();
            let credentials = credentials.to_str().unwrap().trim_start_matches("Bearer ").to_owned();
            let in_json = serde_json::to_string(CODE).unwrap().trim_matches('"').to_owned();
            let fill = |name: &str| if name == "access code" { in_json.clone() } else { credentials.clone() };
            assert_eq!(step.method, request.method());
            assert_eq!(step.url.filled(fill), request.uri().to_string());
            let headers: Vec<(String, String)> =
                step.headers.iter().map(|(name, value)| (name.to_string(), value.filled(fill))).collect();
            let really = request.headers().iter();
            let really: Vec<(String, String)> =
                really.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
            assert_eq!(headers, really);
            let body = step.body.as_ref().map(|body| body.filled(fill)).unwrap_or_default();
            assert_eq!(body.as_bytes(), request.body().as_ref());
        }
        for form in [plan.to_string(), plan.curl(), serde_json::to_string(plan).unwrap(), format!("{plan:?}")]
        {
            assert!(!form.contains("Mark") && !form.contains("Bearer ey"), "{form}");
        }
    }
}

/// Snapshots all forms of a plan.
fn snapshot(name: &str, case: &Case, plan: &Plan) {
    let json = serde_json::to_string_pretty(plan).unwrap();
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("snapshots/plan");
    settings.add_filter(r"127\.0\.0\.1:\d+", "[sandbox]");
    settings.add_filter(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[uuid]");
    settings.add_filter(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC", "[time]");
    settings.add_filter(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "[time]");
    settings.add_filter(r"\d+ are left now", "[number] are left now");
    settings.add_filter(r#""budget_left": \d+"#, r#""budget_left": "[number]""#);
    let shown = format!("{plan}\n--- curl\n{}\n--- json\n{json}\n", plan.curl());
    settings.bind(|| insta::assert_snapshot!(format!("{name}@{}", case.stage.name), shown));
}

const ANNA: &str = "email:anna+1@example.com";

#[tokio::test]
async fn a_view() {
    for case in Case::all(false).await {
        let request = case.view(ANNA);
        let plan = case.plan(&request).await;
        snapshot("view", &case, &plan);
        case.client.create_view(&request).await.unwrap();
        case.same(&plan);
    }
}

#[tokio::test]
async fn a_resend() {
    for by_mail in [true, false] {
        for case in Case::all(by_mail).await {
            let request = case.resend(ANNA);
            let plan = case.plan(&request).await;
            snapshot(if by_mail { "resend" } else { "resend_embedded" }, &case, &plan);
            let mails = case.stage.world.outbox().len();
            let resent = case.client.resend_recipient(&request).await.unwrap();
            case.same(&plan);
            assert_eq!(plan.people[0].mail, resent.to[0].mail);
            assert_eq!(plan.expects_mail(), case.stage.world.outbox().len() > mails, "{plan}");
        }
    }
}

#[tokio::test]
async fn a_resend_to_everyone() {
    for case in Case::all(true).await {
        let request = ResendRecipient::everyone(case.envelope.clone());
        let plan = case.plan(&request).await;
        snapshot("resend_everyone", &case, &plan);
        case.client.resend_recipient(&request).await.unwrap();
        case.same(&plan);
    }
}

#[tokio::test]
async fn an_access_code_with_and_without_a_mail() {
    for notify in [false, true] {
        for case in Case::with_codes().await {
            for _ in 0..3 {
                let wrong = Act::EnterCode { code: Secret::new("wrong") };
                case.stage.world.act(case.envelope.as_str(), "anna+1@example.com", wrong).unwrap();
            }
            // One vendor forbids some characters in codes; the other takes those that are hard to quote.
            let code = if case.stage.name == "docusign" { "Mark7'$x" } else { CODE };
            let request = case.code(ANNA, code).with_notify(notify);
            let plan = case.plan(&request).await;
            snapshot(if notify { "access_code_notify" } else { "access_code" }, &case, &plan);
            let changed = case.client.change_access_code(&request).await.unwrap();
            assert_eq!(
                (plan.people[0].mail.clone(), plan.people[0].unlocking),
                (changed.mail, changed.unlocking)
            );
            if code == CODE {
                case.same(&plan);
            }
        }
    }
}

#[tokio::test]
async fn a_list_changes_nothing() {
    for case in Case::all(false).await {
        let plan = case.plan(&ListRecipients::new(case.envelope.clone())).await;
        assert!(plan.steps.is_empty() && plan.reads == 1 && plan.refusal.is_none());
        snapshot("list", &case, &plan);
    }
}

#[tokio::test]
async fn what_would_be_refused_says_why() {
    for case in Case::all(false).await {
        let early = case.plan(&case.view("email:ben@example.com")).await;
        assert_eq!(early.refusal.as_ref().map(Error::kind), Some(ErrorKind::RecipientNotInTurn));
        snapshot("refused", &case, &early);
        let nobody = case.plan(&case.resend("email:eve@example.com")).await;
        assert_eq!(nobody.refusal.as_ref().map(Error::kind), Some(ErrorKind::RecipientNotFound));
        if case.stage.offers(Feature::Unlock) && case.stage.lists_locks() {
            for _ in 0..3 {
                let wrong = Act::EnterCode { code: Secret::new("wrong") };
                case.stage.world.act(case.envelope.as_str(), "anna+1@example.com", wrong).unwrap();
            }
            let locked = case.plan(&case.view(ANNA)).await;
            assert_eq!(locked.refusal.as_ref().map(Error::kind), Some(ErrorKind::RecipientLocked));
        }
        let lacking = match case.stage.name {
            "docusign" => case.plan(&case.view(ANNA).with_expires_in(Duration::from_secs(86_400 * 2))).await,
            _ => case.plan(&case.view(ANNA).with_assertion_id("x")).await,
        };
        assert_eq!(lacking.refusal.as_ref().map(Error::kind), Some(ErrorKind::Unsupported));
        assert_eq!(lacking.reads, 0);
        assert!(lacking.curl().starts_with("# nothing would be sent: "));
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_an_error() {
    for case in Case::all(false).await {
        let mut request = case.resend(ANNA);
        request.envelope = EnvelopeId::new("00000000-0000-4000-8000-000000000000").unwrap();
        let error = case.client.plan(&request).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::EnvelopeNotFound | ErrorKind::EnvelopeNotReady), "{error}");
    }
}

#[tokio::test]
async fn with_a_list_from_a_file_nothing_is_sent_and_the_plan_is_the_same() {
    for case in Case::all(true).await {
        // As it goes through a file.
        let list = serde_json::to_string(&case.list().await).unwrap();
        let list: Recipients = serde_json::from_str(&list).unwrap();
        assert_eq!(list, case.list().await);
        let none = Script::new();
        let offline = case.stage.client_over(Arc::clone(&none) as _, Limits::default(), None).unwrap();
        let same = |online: Plan, offline: Plan| {
            assert_eq!(offline.reads, online.reads);
            assert_eq!(
                serde_json::to_value(&online.steps).unwrap(),
                serde_json::to_value(&offline.steps).unwrap()
            );
            assert_eq!(
                serde_json::to_value(&online.people).unwrap(),
                serde_json::to_value(&offline.people).unwrap()
            );
            assert_eq!(offline.steps.is_empty(), online.steps.is_empty());
        };
        for request in [case.resend(ANNA), ResendRecipient::everyone(case.envelope.clone())] {
            same(case.plan(&request).await, offline.plan_offline(&request, list.clone()).await.unwrap());
        }
        if case.stage.offers(Feature::ChangeAccessCode) {
            let request = case.code(ANNA, "Mark7xyz").with_notify(true);
            same(case.plan(&request).await, offline.plan_offline(&request, list.clone()).await.unwrap());
        }
        let request = case.view(ANNA);
        let (online, offline_view) =
            (case.plan(&request).await, offline.plan_offline(&request, list.clone()).await);
        if online.steps.is_empty() && online.refusal.is_none() {
            // The link is read, and no list has it.
            assert_eq!(offline_view.unwrap_err().kind(), ErrorKind::Unsupported);
        } else {
            same(online, offline_view.unwrap());
        }
        let plan = offline.plan_offline(&ListRecipients::new(case.envelope.clone()), list).await.unwrap();
        assert!(plan.steps.is_empty());
        assert!(none.finish().is_empty());
    }
}

/// Only one of the vendors mails all the same, and the plan says so first.
#[tokio::test]
async fn a_list_from_a_file_tells_that_mails_are_switched_off() {
    for stage in stages().await.unwrap() {
        let anna = NewRecipient::new("Anna", "anna@example.com");
        let new = NewEnvelope::new(stage.vendor, "Lease").with_recipient(anna);
        let new = NewEnvelope { emails_disabled: true, ..new };
        let envelope = EnvelopeId::new(stage.world.make_envelope(new).unwrap().id).unwrap();
        let list = stage.client.list_recipients(&ListRecipients::new(envelope.clone())).await.unwrap();
        let request = ResendRecipient::everyone(envelope);
        let kind = |plan: Plan| plan.refusal.map(|refusal| refusal.kind());
        let online = kind(stage.client.plan(&request).await.unwrap());
        assert_eq!(online, (stage.name == "boldsign").then_some(ErrorKind::InvalidRequest));
        assert_eq!(kind(stage.client.plan_offline(&request, list).await.unwrap()), online);
    }
}

/// Without a configured host only a sign-in tells where an account lives.
#[tokio::test]
async fn a_host_that_is_not_known_is_a_variable() {
    let config = countersign::adapters::docusign::DocusignConfig::new(
        "0f1e2d3c-0000-4000-8000-000000000000".parse().unwrap(),
        countersign::adapters::docusign::Credentials::Token("t".to_owned().into()),
    );
    let provider = countersign::adapters::docusign::Docusign::new(config).unwrap();
    let client = Client::builder(Arc::new(provider)).transport(Script::new()).build();
    let list: Recipients = serde_json::from_str(
        r#"{"recipients": [{"id": "1", "name": "Anna", "email": "anna@example.com", "role": "signer",
            "status": "notified", "access_code": "required", "code_in_mail": true, "vendor": {"kind": "signers"}}]}"#,
    )
    .unwrap();
    let request = ResendRecipient::everyone(EnvelopeId::new("e-1").unwrap());
    let plan = client.plan_offline(&request, list).await.unwrap();
    assert!(plan.to_string().contains("PUT <base URL>/restapi/v2.1/"), "{plan}");
    assert!(plan.to_string().contains("is mailed, with the access code in the mail"), "{plan}");
    assert!(plan.curl().contains("--url \"$BASE_URL\"'/restapi/v2.1/"), "{}", plan.curl());
}

/// The words with which a shell would call curl, with the variables set.
fn shell(script: &str, variables: &[(&str, String)]) -> Vec<String> {
    let echo = "curl() { for word in \"$@\"; do printf '%s\\0' \"$word\"; done; }\n";
    let mut child = Command::new("sh")
        .envs(variables.iter().map(|(name, value)| (*name, value.as_str())))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(format!("set -eu\n{echo}{script}").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{script}");
    let words = String::from_utf8(output.stdout).unwrap();
    words.split_terminator('\0').map(str::to_owned).collect()
}

#[tokio::test]
async fn the_curl_command_does_at_the_vendor_what_the_call_would() {
    for case in Case::with_codes().await {
        let code = if case.stage.name == "docusign" { "Mark7'$x" } else { CODE };
        let plan = case.plan(&case.code(ANNA, code)).await;
        case.list().await;
        let credentials =
            case.sent()[0].headers().values().find(|value| value.is_sensitive()).unwrap().clone();
        let credentials = credentials.to_str().unwrap().trim_start_matches("Bearer ").to_owned();
        let in_json = serde_json::to_string(code).unwrap().trim_matches('"').to_owned();
        let words = shell(
            &plan.curl(),
            &[("ACCESS_TOKEN", credentials.clone()), ("API_KEY", credentials), ("ACCESS_CODE", in_json)],
        );
        let behind = |flag: &str| -> Vec<&str> {
            words.windows(2).filter(|pair| pair[0] == flag).map(|pair| pair[1].as_str()).collect()
        };
        let mut request = reqwest::Client::new()
            .request(behind("--request")[0].parse().unwrap(), behind("--url")[0])
            .body(behind("--data-raw")[0].to_owned());
        for header in behind("--header") {
            let (name, value) = header.split_once(": ").unwrap();
            request = request.header(name, value);
        }
        let status = request.send().await.unwrap().status();
        assert!(status.is_success(), "{status}");
        // The new code opens the documents.
        let typed = Act::EnterCode { code: Secret::new(code) };
        case.stage.world.act(case.envelope.as_str(), "anna+1@example.com", typed).unwrap();
        let list = case.list().await;
        let anna = ANNA.parse::<countersign::RecipientRef>().unwrap();
        assert!(!anna.find(&list).unwrap().is_locked());
        assert_eq!(list.recipients.iter().filter(|one| one.access_code.as_str() == "failed").count(), 0);
    }
}
