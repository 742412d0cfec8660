//! What the vendors' tables say of links, resends, codes, lists and cost is what the adapters do, over the sandbox. A
//! migration is judged from these tables, so a row that says otherwise than the code would be a lie.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::sync::Arc;
use std::time::Duration;

use countersign::{
    AccessCode, ChangeAccessCode, Client, Conduct, CreateView, EnvelopeId, Error, ErrorKind, Feature,
    HttpTransport, Limits, ListRecipients, Operation, Operations, Recipient, RecipientField as F,
    RecipientRef, RecipientStatus, Recipients, RefKind, Refusal, ResendRecipient, ReturnUrl, Said,
    SigningView, Unlocking,
};
use countersign_sandbox::{Act, NewEnvelope, NewRecipient, Role, Secret};
use countersign_tests::{Stage, stages};

const ANNA: &str = "email:anna@example.com";
const BEN: &str = "email:ben@example.com";

struct Trial<'s> {
    stage: &'s Stage,
    client: Client,
    conduct: &'static Conduct,
}

impl<'s> Trial<'s> {
    fn at(stage: &'s Stage) -> Self {
        let client = stage.client_over(Arc::new(HttpTransport::default()), Limits::default(), None).unwrap();
        Self { stage, client, conduct: stage.account.vendor().conduct.unwrap() }
    }

    fn make(&self, recipients: Vec<NewRecipient>) -> EnvelopeId {
        let new = recipients
            .into_iter()
            .fold(NewEnvelope::new(self.stage.vendor, "Lease"), NewEnvelope::with_recipient);
        EnvelopeId::new(self.stage.world.make_envelope(new).unwrap().id).unwrap()
    }

    /// Anna and Ben, in this order, embedded, each with a code.
    fn usual(&self) -> EnvelopeId {
        self.make(vec![anna().with_access_code("Anna-2345"), ben().with_access_code("Ben-23456")])
    }

    fn act(&self, envelope: &EnvelopeId, recipient: &str, act: Act) {
        self.stage.world.act(envelope.as_str(), recipient, act).unwrap();
    }

    fn lock(&self, envelope: &EnvelopeId) {
        for _ in 0..3 {
            self.act(envelope, "anna@example.com", Act::EnterCode { code: Secret::new("wrong") });
        }
    }

    fn sign(&self, envelope: &EnvelopeId, recipient: &str, code: &str) {
        self.act(envelope, recipient, Act::EnterCode { code: Secret::new(code) });
        self.act(envelope, recipient, Act::Sign { new_name: None });
    }

    async fn view(&self, envelope: &EnvelopeId, recipient: RecipientRef) -> Result<SigningView, Error> {
        self.known(Operation::CreateView, self.client.create_view(&view(envelope, recipient)).await)
    }

    async fn resend(&self, envelope: &EnvelopeId, recipient: &str) -> Result<Unlocking, Error> {
        let reply =
            self.client.resend_recipient(&ResendRecipient::new(envelope.clone(), to(recipient))).await;
        self.known(Operation::ResendRecipient, reply).map(|reply| reply.to[0].unlocking)
    }

    async fn code(&self, envelope: &EnvelopeId, code: &str, notify: bool) -> Result<Unlocking, Error> {
        let request = ChangeAccessCode::new(envelope.clone(), to(ANNA), AccessCode::new(code).unwrap());
        let reply = self.client.change_access_code(&request.with_notify(notify)).await;
        self.known(Operation::ChangeAccessCode, reply).map(|reply| reply.unlocking)
    }

    async fn list(&self, envelope: &EnvelopeId) -> Result<Recipients, Error> {
        let reply = self.client.list_recipients(&ListRecipients::new(envelope.clone())).await;
        self.known(Operation::ListRecipients, reply)
    }

    /// A refusal of any call in this file has a row in the table.
    fn known<T>(&self, operation: Operation, result: Result<T, Error>) -> Result<T, Error> {
        if let Err(error) = &result {
            let listed = |row: &&Refusal| row.operation == operation && row.kind == error.kind();
            assert!(
                Refusal::EVERYWHERE.contains(&error.kind())
                    || self.conduct.refusals.iter().any(|row| listed(&row)),
                "{}: {error} has no row",
                self.stage.name
            );
        }
        result
    }

    /// The calls that reached the vendor's routes since the last look; signing in is not counted.
    fn calls(&self) -> u32 {
        let seen = self.stage.world.calls();
        self.stage.world.clear_calls();
        u32::try_from(seen.iter().filter(|call| !call.path.contains("oauth")).count()).unwrap()
    }
}

fn anna() -> NewRecipient {
    NewRecipient::new("Anna Ek", "anna@example.com").with_embedded("c-1")
}

fn ben() -> NewRecipient {
    NewRecipient::new("Ben Öst", "ben@example.com").with_embedded("c-2").with_order(2)
}

fn to(recipient: &str) -> RecipientRef {
    recipient.parse().unwrap()
}

fn view(envelope: &EnvelopeId, recipient: RecipientRef) -> CreateView {
    CreateView::new(envelope.clone(), recipient, ReturnUrl::new("https://app.example.com/signed").unwrap())
}

#[tokio::test]
async fn links() {
    for stage in stages().await.unwrap() {
        let (trial, name) = (Trial::at(&stage), stage.name);
        let link = &trial.conduct.link;
        let envelope = trial.usual();
        let asked_at = trial.client.now();
        let made = trial.view(&envelope, to(ANNA)).await.unwrap();
        let life = made.expires_at.unwrap().duration_since(asked_at).as_secs().unsigned_abs();
        assert!(life.abs_diff(link.life.value.usual.as_secs()) < 60, "{name}: a link lives {life} s");
        assert!(made.single_use.is_none() || made.single_use == link.single_use.value, "{name}");
        for (wanted, possible) in [
            (link.life.value.shortest, link.life.value.shortest != link.life.value.longest),
            (link.life.value.longest, link.life.value.shortest != link.life.value.longest),
            (link.life.value.shortest - Duration::from_secs(60), false),
            (link.life.value.longest + Duration::from_secs(60), false),
        ] {
            let asked = trial.client.create_view(&view(&envelope, to(ANNA)).with_expires_in(wanted)).await;
            assert_eq!(asked.is_ok(), possible, "{name}: a life of {wanted:?}");
        }
        let query = ReturnUrl::new("https://app.example.com/signed?session=1").unwrap();
        let asked = trial.client.create_view(&CreateView::new(envelope.clone(), to(ANNA), query)).await;
        assert_eq!(asked.is_ok(), link.return_query.value, "{name}");
        let remote = trial.make(vec![NewRecipient::new("Anna Ek", "anna@example.com")]);
        let refused = trial.view(&remote, to(ANNA)).await.err().map(|error| error.kind());
        let wanted = link.embedded_only.value.then_some(ErrorKind::RecipientNotEmbedded);
        assert_eq!(refused, wanted, "{name}");
        let twice = trial.make(vec![anna(), anna().with_order(2).with_embedded("c-3")]);
        let asked = trial.view(&twice, to("email:anna@example.com#1")).await;
        assert_eq!(asked.is_ok(), link.repeated_signer.value, "{name}");
    }
}

#[tokio::test]
async fn resends() {
    for stage in stages().await.unwrap() {
        let (trial, name) = (Trial::at(&stage), stage.name);
        let resend = &trial.conduct.resend;
        let unlocked = |value: Option<bool>| match value {
            Some(true) => Unlocking::Unlocked,
            Some(false) => Unlocking::StillLocked,
            None => Unlocking::Unverified,
        };
        let envelope = trial.usual();
        trial.lock(&envelope);
        stage.world.clear_outbox();
        assert_eq!(trial.resend(&envelope, ANNA).await.unwrap(), unlocked(resend.unlocks.value), "{name}");
        assert_eq!(stage.world.outbox().len() == 1, resend.mails_embedded.value, "{name}");
        let again = trial.resend(&envelope, ANNA).await;
        assert_eq!(again.is_ok(), resend.per_day.value.is_none(), "{name}: {again:?}");
        let envelope = trial.usual();
        assert_eq!(trial.resend(&envelope, BEN).await.is_ok(), resend.before_turn.value, "{name}");
    }
}

#[tokio::test]
async fn access_codes() {
    for stage in stages().await.unwrap() {
        let (trial, name) = (Trial::at(&stage), stage.name);
        let code = &trial.conduct.access_code;
        let without = trial.make(vec![anna()]);
        assert_eq!(trial.code(&without, "First-2345", false).await.is_ok(), code.first_code.value, "{name}");
        for (notify, fact) in [(false, code.unlocks), (true, code.unlocks_with_notify)] {
            let envelope = trial.usual();
            trial.lock(&envelope);
            let wanted = match fact.value {
                Some(true) => Unlocking::Unlocked,
                Some(false) => Unlocking::StillLocked,
                None => Unlocking::Unverified,
            };
            assert_eq!(
                trial.code(&envelope, "Fresh-2345", notify).await.unwrap(),
                wanted,
                "{name}, {notify}"
            );
        }
        let envelope = trial.usual();
        for character in ['<', '>', '&', '#', ';', '!', '@'] {
            let refused = trial.code(&envelope, &format!("Code{character}2345"), false).await.is_err();
            assert_eq!(refused, code.forbidden.value.contains(character), "{name}: {character}");
        }
        if let Some(longest) = code.longest.value {
            let longest = usize::try_from(longest).unwrap();
            assert!(trial.code(&envelope, &"a".repeat(longest), false).await.is_ok(), "{name}");
        }
    }
}

#[tokio::test]
async fn ways_to_name_a_recipient() {
    for stage in stages().await.unwrap() {
        let (trial, name) = (Trial::at(&stage), stage.name);
        let envelope = trial.usual();
        let listed = trial.list(&envelope).await.unwrap();
        let known = listed.recipients[0].clone();
        for (kind, reference) in [
            (RefKind::Id, RecipientRef::Id(known.id.clone())),
            (RefKind::Email, to(ANNA)),
            (RefKind::EmailAndOrder, to("email:anna@example.com#1")),
            (RefKind::ClientUserId, to("client:c-1")),
            (RefKind::Known, known.into()),
        ] {
            assert_eq!(reference.kind(), kind);
            let row = trial.conduct.references.iter().find(|row| row.what == kind).unwrap();
            let possible = !matches!(row.said, Said::No(_));
            assert_eq!(trial.view(&envelope, reference).await.is_ok(), possible, "{name}: {kind}");
        }
    }
}

/// The values of a field, of all recipients.
fn told(list: &Recipients, field: F) -> Option<bool> {
    let any = |of: &dyn Fn(&Recipient) -> bool| Some(list.recipients.iter().any(of));
    let copy = |of: &dyn Fn(&Recipient) -> bool| {
        Some(list.recipients.iter().any(|person| person.role == countersign::Role::CarbonCopy && of(person)))
    };
    match field {
        F::Name => any(&|person| person.name.is_some()),
        F::Email => any(&|person| person.email.is_some()),
        F::Order => any(&|person| person.order.is_some()),
        F::InTurn => any(&|person| person.in_turn.is_some()),
        F::CopyNameAndOrder => copy(&|person| person.name.is_some() && person.order.is_some()),
        F::Embedded => any(&|person| person.embedded.is_some()),
        F::ClientUserId => any(&|person| person.client_user_id.is_some()),
        F::AccessCodePassed => any(&|person| person.access_code == countersign::AccessCodeState::Passed),
        F::AccessCodeFailed => any(&|person| person.access_code == countersign::AccessCodeState::Failed),
        F::SentAt => any(&|person| person.sent_at.is_some()),
        F::ViewedAt => any(&|person| person.viewed_at.is_some()),
        F::SignedAt => any(&|person| person.signed_at.is_some()),
        F::EnvelopeStatus => Some(list.envelope_status.is_some()),
        // The sandbox does not play these for all vendors, or they are told in other ways.
        _ => None,
    }
}

#[tokio::test]
async fn what_a_list_tells() {
    for stage in stages().await.unwrap() {
        let (trial, name) = (Trial::at(&stage), stage.name);
        let copy = NewRecipient::new("Carl", "carl@example.com").with_order(3).with_role(Role::CarbonCopy);
        let envelope =
            trial.make(vec![anna().with_access_code("Anna-2345"), ben().with_access_code("Ben-23456"), copy]);
        trial.sign(&envelope, "anna@example.com", "Anna-2345");
        for _ in 0..3 {
            trial.act(&envelope, "ben@example.com", Act::EnterCode { code: Secret::new("wrong") });
        }
        let list = trial.list(&envelope).await.unwrap();
        let mut checked = 0;
        for row in trial.conduct.fields {
            if let Some(told) = told(&list, row.what) {
                assert_eq!(told, !matches!(row.said, Said::No(_)), "{name}: {}", row.what);
                checked += 1;
            }
        }
        assert_eq!(checked, 13, "{name}");
        let statuses: Vec<RecipientStatus> = list.recipients.iter().map(|one| one.status.clone()).collect();
        for status in statuses {
            let row = trial.conduct.statuses.iter().find(|row| row.what == status).unwrap();
            assert!(!matches!(row.said, Said::No(_)), "{name}: {status}");
        }
    }
}

#[tokio::test]
async fn what_calls_cost() {
    for stage in stages().await.unwrap() {
        let (trial, name) = (Trial::at(&stage), stage.name);
        let row = |operation: Operation, option: Option<Feature>| {
            let rows = || trial.conduct.calls.iter().filter(move |row| row.operation == operation);
            rows()
                .find(|row| option.is_some() && row.option == option)
                .or_else(|| rows().find(|row| row.option.is_none()))
        };
        let envelope = trial.usual();
        let known = trial.list(&envelope).await.unwrap().recipients[0].clone();
        trial.calls();
        trial.list(&envelope).await.unwrap();
        assert_eq!(trial.calls(), row(Operation::ListRecipients, None).unwrap().usual, "{name}");
        for (reference, is_known) in [(to(ANNA), false), (known.clone().into(), true)] {
            let count = |operation, option| {
                let row: &countersign::CallCount = row(operation, option).unwrap();
                if is_known { row.known } else { row.usual }
            };
            trial.view(&envelope, reference.clone()).await.unwrap();
            assert_eq!(trial.calls(), count(Operation::CreateView, None), "{name}, known: {is_known}");
            for notify in [false, true] {
                let envelope = trial.usual();
                let new = AccessCode::new("Fresh-2345").unwrap();
                let request = ChangeAccessCode::new(envelope, reference.clone(), new).with_notify(notify);
                trial.client.change_access_code(&request).await.unwrap();
                let option = notify.then_some(Feature::AccessCodeNotify);
                assert_eq!(
                    trial.calls(),
                    count(Operation::ChangeAccessCode, option),
                    "{name}, {is_known}, {notify}"
                );
            }
            let request = ResendRecipient::new(trial.usual(), reference.clone());
            trial.client.resend_recipient(&request).await.unwrap();
            assert_eq!(trial.calls(), count(Operation::ResendRecipient, None), "{name}, known: {is_known}");
        }
        trial.client.resend_recipient(&ResendRecipient::everyone(trial.usual())).await.unwrap();
        let everyone = row(Operation::ResendRecipient, Some(Feature::ResendEveryone)).unwrap();
        assert_eq!(trial.calls(), everyone.usual, "{name}");
    }
}

#[test]
fn every_vendor_has_a_whole_table() {
    for vendor in countersign::vendors() {
        assert_eq!(vendor.conduct.unwrap().gaps(), Vec::<String>::new(), "{}", vendor.name);
    }
}
