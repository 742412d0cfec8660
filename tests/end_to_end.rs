//! One body of tests for every vendor: the client against the sandbox, over real HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::time::Duration;

use countersign::http::HeaderMap;
use countersign::provider::{Feature, Settings, SignatureReach};
use countersign::webhook::{Webhook, WebhookEvent, WebhookRefusal};
use countersign::{
    AccessCode, AccessCodeState, ChangeAccessCode, Client, CreateView, EnvelopeId, Error, ErrorKind,
    ListRecipients, MailExpectation, NoMail, Operation, Outcome, RecipientRef, RecipientStatus, Recipients,
    ResendRecipient, Retry, ReturnUrl, Unlocking, WebUrl,
};
use countersign_sandbox::{
    Act, DropWhen, Fault, FaultKind, NewEnvelope, NewRecipient, Secret, SignIn, WebhookTarget,
};
use countersign_tests::{Stage, stages, stages_with, table};

/// One envelope at one vendor.
struct Case<'s> {
    stage: &'s Stage,
    envelope: EnvelopeId,
}

impl<'s> Case<'s> {
    fn new(stage: &'s Stage, recipients: Vec<NewRecipient>) -> Self {
        let mut new = NewEnvelope::new(stage.vendor, "Lease");
        for recipient in recipients {
            new = new.with_recipient(recipient);
        }
        let made = stage.world.make_envelope(new).unwrap();
        Self { stage, envelope: EnvelopeId::new(made.id).unwrap() }
    }

    async fn list(&self) -> Recipients {
        self.stage.client.list_recipients(&ListRecipients::new(self.envelope.clone())).await.unwrap()
    }

    async fn view(&self, recipient: &str) -> Result<String, Error> {
        let back = ReturnUrl::new("https://app.example.com/signed").unwrap();
        let request = CreateView::new(self.envelope.clone(), to(recipient), back);
        self.stage.client.create_view(&request).await.map(|view| view.link.expose().to_owned())
    }

    fn resend(&self, recipient: &str) -> ResendRecipient {
        ResendRecipient::new(self.envelope.clone(), to(recipient))
    }

    fn code(&self, recipient: &str, code: &str) -> ChangeAccessCode {
        ChangeAccessCode::new(self.envelope.clone(), to(recipient), AccessCode::new(code).unwrap())
    }

    fn act(&self, recipient: &str, act: Act) {
        self.stage.world.act(self.envelope.as_str(), recipient, act).unwrap();
    }

    fn type_code(&self, recipient: &str, code: &str) {
        self.act(recipient, Act::EnterCode { code: Secret::new(code) });
    }

    fn sign(&self, recipient: &str) {
        self.act(recipient, Act::Sign { new_name: None });
    }

    /// The addresses to which mails of this envelope went, in order.
    fn mailed(&self) -> Vec<String> {
        let outbox = self.stage.world.outbox();
        outbox
            .into_iter()
            .filter(|mail| mail.envelope == self.envelope.as_str())
            .map(|mail| mail.to)
            .collect()
    }
}

fn to(recipient: &str) -> RecipientRef {
    recipient.parse().unwrap()
}

fn anna() -> NewRecipient {
    NewRecipient::new("Anna Ek", "anna@example.com").with_order(1)
}

fn bo() -> NewRecipient {
    NewRecipient::new("Bo Öst", "bo+lease@example.com").with_order(2)
}

const ANNA: &str = "email:anna@example.com";
const BO: &str = "email:bo+lease@example.com";

#[tokio::test]
async fn a_locked_signer_is_unlocked_without_touching_anybody_else() {
    for stage in stages_with(Feature::ChangeAccessCode).await.unwrap() {
        let case = Case::new(
            &stage,
            vec![
                anna().with_embedded("c-1").with_access_code("1111"),
                bo().with_embedded("c-2").with_access_code("2222"),
            ],
        );
        let name = stage.name;

        let start = case.list().await;
        let states: Vec<_> = start.recipients.iter().map(|r| (r.status.clone(), r.access_code)).collect();
        assert_eq!(
            states,
            [
                (RecipientStatus::Notified, AccessCodeState::Required),
                (RecipientStatus::Waiting, AccessCodeState::Required)
            ],
            "{name}"
        );

        let early = case.view(BO).await.unwrap_err();
        assert_eq!(
            (early.kind(), early.outcome()),
            (ErrorKind::RecipientNotInTurn, Outcome::NoEffect),
            "{name}"
        );

        case.view(ANNA).await.unwrap();
        case.type_code("anna@example.com", "1111");
        case.sign("anna@example.com");

        case.view(BO).await.unwrap();
        for wrong in ["a", "b", "c"] {
            case.type_code("bo+lease@example.com", wrong);
        }
        if stage.lists_locks() {
            let locked = case.view(BO).await.unwrap_err();
            assert_eq!(
                (locked.kind(), locked.outcome()),
                (ErrorKind::RecipientLocked, Outcome::NoEffect),
                "{name}"
            );
            let bo_now = case.list().await;
            assert_eq!(to(BO).find(&bo_now).unwrap().access_code, AccessCodeState::Failed, "{name}");
        }

        let changed =
            stage.client.change_access_code(&case.code(BO, "Fresh7").with_notify(true)).await.unwrap();
        let unlocking = if stage.lists_locks() { Unlocking::Unlocked } else { Unlocking::Unverified };
        assert_eq!(changed.unlocking, unlocking, "{name}");
        case.view(BO).await.unwrap();
        case.type_code("bo+lease@example.com", "Fresh7");
        case.sign("bo+lease@example.com");

        let end = case.list().await;
        assert!(end.recipients.iter().all(|r| r.status == RecipientStatus::Signed), "{name}: {end:#?}");
        let signed_twice = case.mailed().iter().filter(|address| *address == "anna@example.com").count();
        assert!(signed_twice <= 1, "{name}: Anna was asked again: {:?}", case.mailed());
        let late = case.view(BO).await.unwrap_err();
        assert!(
            matches!(late.kind(), ErrorKind::RecipientDone | ErrorKind::EnvelopeClosed),
            "{name}: {late}"
        );
    }
}

#[tokio::test]
async fn a_resend_mails_those_it_says_and_nobody_else() {
    for stage in stages().await.unwrap() {
        let case = Case::new(&stage, vec![anna(), bo()]);
        let name = stage.name;
        assert_eq!(case.mailed(), ["anna@example.com"], "{name}");

        let resent = stage.client.resend_recipient(&case.resend(ANNA)).await.unwrap();
        assert_eq!(resent.to.len(), 1, "{name}");
        assert_eq!(resent.to[0].mail, MailExpectation::Expected, "{name}");
        assert_eq!(case.mailed(), ["anna@example.com", "anna@example.com"], "{name}");

        case.sign("anna@example.com");
        assert_eq!(case.mailed().last().unwrap(), "bo+lease@example.com", "{name}");
        let before = case.mailed().len();
        let done = stage.client.resend_recipient(&case.resend(ANNA)).await;
        match done {
            Ok(resent) => assert_eq!(resent.to[0].mail, MailExpectation::NotExpected(NoMail::Done), "{name}"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::RecipientDone, "{name}: {error}"),
        }
        assert_eq!(case.mailed().len(), before, "{name}: a mail went to a recipient who had signed");

        stage.world.advance(Duration::from_secs(25 * 60 * 60));
        let everyone = ResendRecipient::everyone(case.envelope.clone());
        let resent = stage.client.resend_recipient(&everyone).await.unwrap();
        let expected = resent.to.iter().filter(|one| one.mail == MailExpectation::Expected).count();
        assert_eq!(expected, 1, "{name}: {resent:?}");
        assert_eq!(case.mailed().len(), before + 1, "{name}");
        assert_eq!(case.mailed().last().unwrap(), "bo+lease@example.com", "{name}");
    }
}

#[tokio::test]
async fn recipients_are_found_exactly_or_not_at_all() {
    for stage in stages().await.unwrap() {
        let again = NewRecipient::new("Anna Ek", "anna@example.com").with_order(3);
        let case = Case::new(&stage, vec![anna().with_embedded("c-1"), bo().with_embedded("c-2"), again]);
        let name = stage.name;
        let kind = |result: Result<String, Error>| result.map_err(|error| error.kind()).err();
        assert_eq!(
            kind(case.view("email:eve@example.com").await),
            Some(ErrorKind::RecipientNotFound),
            "{name}"
        );
        assert_eq!(
            kind(case.view("email:Bo+lease@example.com").await),
            Some(ErrorKind::RecipientNotFound),
            "{name}"
        );
        assert_eq!(kind(case.view(ANNA).await), Some(ErrorKind::RecipientAmbiguous), "{name}");
        let list = case.list().await;
        assert_eq!(list.recipients.len(), 3, "{name}");
        for recipient in &list.recipients {
            let found = to(&format!("id:{}", recipient.id)).find(&list).unwrap().clone();
            assert_eq!(&found, recipient, "{name}");
        }
    }
}

#[tokio::test]
async fn a_known_recipient_takes_as_many_calls_as_the_vendors_table_says() {
    for stage in stages_with(Feature::ChangeAccessCode).await.unwrap() {
        let case = Case::new(&stage, vec![anna().with_embedded("c-1").with_access_code("1111")]);
        let list = case.list().await;
        let anna = to(ANNA).find(&list).unwrap().clone();
        stage.world.clear_calls();
        let request = ChangeAccessCode::new(case.envelope.clone(), anna, AccessCode::new("Fresh7").unwrap());
        stage.client.change_access_code(&request).await.unwrap();
        let calls = stage.world.calls();
        let rows = &stage.account.vendor().facts.calls;
        let row =
            rows.iter().find(|row| row.operation == Operation::ChangeAccessCode && row.option.is_none());
        assert_eq!(calls.len(), row.unwrap().known as usize, "{}: {calls:#?}", stage.name);
    }
}

#[tokio::test]
async fn a_name_corrected_while_signing_does_not_get_in_the_way() {
    for stage in stages().await.unwrap() {
        let case = Case::new(&stage, vec![anna().with_embedded("c-1")]);
        let stale = to(ANNA).find(&case.list().await).unwrap().clone();
        case.act("anna@example.com", Act::FinishLater { new_name: Some("Anna B. Ek".to_owned()) });
        let back = ReturnUrl::new("https://app.example.com/signed").unwrap();
        let view = stage.client.create_view(&CreateView::new(case.envelope.clone(), stale, back)).await;
        assert!(view.is_ok(), "{}: {:?}", stage.name, view.err());
    }
}

#[tokio::test]
async fn an_unknown_envelope_is_not_found() {
    for stage in stages().await.unwrap() {
        for id in ["00000000-0000-4000-8000-000000000000", "a/b", "ü?x#y", "%2e%2e"] {
            let request = ListRecipients::new(EnvelopeId::new(id).unwrap());
            let error = stage.client.list_recipients(&request).await.unwrap_err();
            let fits = matches!(
                error.kind(),
                ErrorKind::EnvelopeNotFound | ErrorKind::EnvelopeNotReady | ErrorKind::InvalidRequest
            );
            assert!(fits, "{} {id}: {error}", stage.name);
            assert_eq!(error.outcome(), Outcome::NoEffect, "{}", stage.name);
        }
    }
}

#[tokio::test]
async fn a_mail_that_may_have_gone_out_is_never_sent_again() {
    for stage in stages().await.unwrap() {
        for (when, mails) in [(DropWhen::BeforeWork, 0), (DropWhen::AfterWork, 1)] {
            let case = Case::new(&stage, vec![anna()]);
            let before = case.mailed().len();
            // A token is got first, so that nothing but the resend itself meets the fault.
            case.list().await;
            for (method, path) in [
                ("PUT", "/recipients"),
                ("POST", "/remind"),
                ("POST", "/redistribute"),
                ("POST", "/send-reminder"),
            ] {
                stage.world.inject(Fault::on(method, path, FaultKind::Drop { drop: when }).times(5));
            }
            let error = stage.client.resend_recipient(&case.resend(ANNA)).await.unwrap_err();
            stage.world.clear_faults();
            let name = format!("{} {when:?}: {error}", stage.name);
            assert_eq!((error.outcome(), error.retry()), (Outcome::Unknown, Retry::Never), "{name}");
            assert_eq!(case.mailed().len() - before, mails, "{name}");
        }
    }
}

#[tokio::test]
async fn signing_in_tells_where_and_a_wrong_key_says_so() {
    for stage in stages().await.unwrap() {
        let access = stage.client.check_access().await.unwrap();
        assert!(access.base_url.starts_with(&stage.sandbox.url()), "{access:?}");
    }
}

/// A person agrees in a browser, the code becomes a token, and the token lists.
#[tokio::test]
async fn a_person_signs_in_and_lists() {
    let mut played = 0;
    for stage in stages().await.unwrap() {
        let Some(mut person) = stage.sandbox.account_with(stage.vendor, SignIn::Person) else { continue };
        // Under another name than the API's, so that a page at the API would be seen.
        let (_, pages) = person.iter_mut().find(|(key, _)| ["oauth_url", "app_url"].contains(key)).unwrap();
        *pages = Secret::new(pages.expose().replace("127.0.0.1", "localhost"));
        let settings = Settings::new("accounts.person", table(person), None, |_| None);
        let client = Client::new((stage.account.vendor().build)(&settings).unwrap());
        let case = Case::new(&stage, vec![anna()]);
        let request = ListRecipients::new(case.envelope.clone());
        let back = "http://127.0.0.1:8712/callback";
        let pending = client.code_grant().unwrap().begin(WebUrl::new(back).unwrap()).unwrap();
        let (page, query) = pending.url().split_once('?').unwrap();
        assert!(page.starts_with("http://localhost:") && page.contains("/auth"), "{page}");
        let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let agreed = browser
            .post(page)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("{query}&action=allow"));
        let answer = agreed.send().await.unwrap();
        let location = answer.headers()["location"].to_str().unwrap();
        let (redirect, answered) = location.split_once('?').unwrap();
        assert_eq!(redirect, back);
        client.finish_sign_in(&pending, answered).await.unwrap();

        let list = client.list_recipients(&request).await.unwrap();
        assert_eq!(list.recipients[0].email.as_deref(), Some("anna@example.com"));
        let again = client.finish_sign_in(&pending, answered).await.unwrap_err();
        assert!(!again.to_string().contains(answered), "{again}");
        played += 1;
    }
    assert!(played >= 3, "only {played} vendors let a person sign in");
}

/// What each vendor posts is let in by its secret only; a status is taken where the signature covers it.
#[tokio::test]
async fn webhooks_are_let_in_by_the_secret() {
    for stage in stages().await.unwrap() {
        let webhooks = stage.world.webhooks();
        webhooks.hold();
        webhooks.set_target(stage.vendor, WebhookTarget::new("http://127.0.0.1:9/", "m4rked-hook")).unwrap();
        let case = Case::new(&stage, vec![anna()]);
        case.sign("anna@example.com");
        let (vendor, name) = (stage.account.vendor(), stage.name);
        let covered = vendor.facts.webhook.as_ref().unwrap().covers == SignatureReach::Body;
        let mut events = Vec::new();
        for delivery in webhooks.log() {
            webhooks.deliver(delivery.id).await.unwrap();
            let request = webhooks.request(delivery.id).unwrap();
            let headers: HeaderMap = request
                .headers
                .iter()
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
                .collect();
            let verify = |secret: &str| {
                let query = request.url.split_once('?').map_or("", |(_, query)| query);
                let webhook = Webhook::new(vendor, vec![secret.to_owned().into()]).unwrap();
                webhook.receive(query, &headers, request.body.expose().as_bytes())
            };
            assert_eq!(verify("another").unwrap_err().reason, WebhookRefusal::SignatureWrong, "{name}");
            for told in verify("m4rked-hook").unwrap().notifications() {
                assert_eq!(told.envelope.as_ref(), Some(&case.envelope), "{name}");
                assert!(covered || (told.envelope_status.is_none() && told.recipients.is_none()), "{name}");
                assert!(!format!("{told:?}").contains("m4rked"), "{name}");
                events.push(told.event);
            }
        }
        for event in
            [WebhookEvent::EnvelopeSent, WebhookEvent::RecipientSigned, WebhookEvent::EnvelopeCompleted]
        {
            assert!(events.contains(&event), "{name}: {events:?}");
        }
    }
}
