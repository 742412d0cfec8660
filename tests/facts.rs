//! What each `vendor.toml` says of links, resends, codes, lists and cost is what the adapters do, over the sandbox. A
//! migration is judged from these facts, so a row that says otherwise than the code would be a lie.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::sync::Arc;
use std::time::Duration;

use countersign::provider::{
    CallCount, ErrorMapping, Fact, Facts, Feature, Maybe, RecipientField as F, RefKind,
};
use countersign::returns::ReturnsTo;
use countersign::transport::{HttpTransport, Limits};
use countersign::{
    AccessCode, ChangeAccessCode, Client, CreateView, EnvelopeId, Error, ErrorKind, ListRecipients,
    Operation, Operations, Outcome, Recipient, RecipientRef, Recipients, ResendRecipient, ReturnUrl,
    SigningView, Unlocking,
};
use countersign_sandbox::{Act, NewEnvelope, NewRecipient, Role, Secret};
use countersign_tests::{Stage, stages, stages_with};

const ANNA: &str = "email:anna@example.com";
const BEN: &str = "email:ben@example.com";

struct Trial<'s> {
    stage: &'s Stage,
    client: Client,
    facts: &'static Facts,
}

impl<'s> Trial<'s> {
    fn at(stage: &'s Stage) -> Self {
        let client = stage.client_over(Arc::new(HttpTransport::default()), Limits::default(), None).unwrap();
        Self { stage, client, facts: &stage.account.vendor().facts }
    }

    fn make(&self, recipients: Vec<NewRecipient>) -> EnvelopeId {
        let new = NewEnvelope::new(self.stage.vendor, "Lease");
        let new = recipients.into_iter().fold(new, NewEnvelope::with_recipient);
        EnvelopeId::new(self.stage.world.make_envelope(new).unwrap().id).unwrap()
    }

    /// Anna and Ben, in this order, embedded, each with a code.
    fn usual(&self) -> EnvelopeId {
        self.make(vec![anna().with_access_code("Anna-2345"), ben().with_access_code("Ben-23456")])
    }

    fn act(&self, envelope: &EnvelopeId, recipient: &str, act: Act) {
        self.stage.world.act(envelope.as_str(), recipient, act).unwrap();
    }

    fn lock(&self, envelope: &EnvelopeId, recipient: &str) {
        for _ in 0..3 {
            self.act(envelope, recipient, Act::EnterCode { code: Secret::new("wrong") });
        }
    }

    fn sign(&self, envelope: &EnvelopeId, recipient: &str, code: &str) {
        if self.stage.offers(Feature::ChangeAccessCode) {
            self.act(envelope, recipient, Act::EnterCode { code: Secret::new(code) });
        }
        self.act(envelope, recipient, Act::Sign { new_name: None });
    }

    async fn view(&self, envelope: &EnvelopeId, recipient: RecipientRef) -> Result<SigningView, Error> {
        self.known(Operation::CreateView, self.client.create_view(&view(envelope, recipient)).await)
    }

    async fn resend(&self, envelope: &EnvelopeId, recipient: &str) -> Result<Unlocking, Error> {
        let request = ResendRecipient::new(envelope.clone(), to(recipient));
        let reply = self.client.resend_recipient(&request).await;
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
            let is_it = |row: &ErrorMapping| row.operation == operation && row.kind == error.kind();
            let listed = self.facts.mappings.error.iter().any(is_it);
            let has_row = listed || ErrorMapping::EVERYWHERE.contains(&error.kind());
            assert!(has_row, "{}: {error} has no row", self.stage.name);
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

fn is(fact: &Option<Fact<bool>>) -> bool {
    fact.as_ref().unwrap().value
}

fn maybe(fact: &Option<Fact<Maybe>>) -> Option<bool> {
    fact.as_ref().unwrap().value.0
}

/// What a reply says of a locked signer where the facts say whether that unlocks.
fn unlocking(unlocks: Option<bool>) -> Unlocking {
    match unlocks {
        Some(true) => Unlocking::Unlocked,
        Some(false) => Unlocking::StillLocked,
        None => Unlocking::Unverified,
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

/// The headers of `[rate]` are those that the vendor sends: what they say holds the next call back.
#[tokio::test]
async fn with_nothing_left_the_next_call_is_not_sent() {
    for stage in stages().await.unwrap() {
        let mut trial = Trial::at(&stage);
        // No call waits for the next window, which is far enough away.
        let soon = Some(Duration::from_secs(5));
        trial.client =
            stage.client_over(Arc::new(HttpTransport::default()), Limits::default(), soon).unwrap();
        if stage.world.now().as_second() % 60 > 45 {
            stage.world.advance(Duration::from_secs(20));
        }
        let list = ListRecipients::new(trial.usual());
        stage.world.change_settings(|settings| settings.limit_calls(1));
        trial.client.list_recipients(&list).await.unwrap();
        if stage.account.vendor().facts.rate.is_none() {
            assert_eq!(trial.client.budget().limit, None, "{}: no header tells of a limit", stage.name);
            continue;
        }
        let known = trial.client.budget().limit.expect("a limit");
        assert_eq!((known.remaining, known.reset_at.is_some()), (Some(0), true), "{}", stage.name);
        let held = trial.client.list_recipients(&list).await.unwrap_err();
        let held = (held.kind(), held.outcome());
        assert_eq!(held, (ErrorKind::RateLimited, Outcome::NoEffect), "{}", stage.name);
    }
}

/// A client's own count of a group of routes is not above the vendor's: it holds the next call before it is refused.
#[tokio::test]
async fn no_route_is_called_more_often_than_it_may_be() {
    for stage in stages().await.unwrap() {
        let (mut trial, facts) = (Trial::at(&stage), &stage.account.vendor().facts);
        let view_limits = facts.calls.iter().filter(|row| row.operation == Operation::CreateView);
        let names: Vec<&String> = view_limits.flat_map(|row| &row.limits).collect();
        let limits = facts.limits.iter().filter(|limit| names.contains(&&limit.name));
        let Some(fewest) = limits.map(|limit| limit.calls).min() else { continue };
        let soon = Duration::from_secs(30);
        trial.client = Client::builder(stage.account.provider().unwrap()).deadline(soon).build();
        let request = view(&trial.usual(), to(ANNA));
        for call in 0..fewest {
            let made = trial.client.create_view(&request).await;
            assert!(made.is_ok(), "{}, call {call}: {made:?}", stage.name);
        }
        stage.world.clear_calls();
        let held = trial.client.create_view(&request).await.unwrap_err();
        assert_eq!((held.kind(), held.outcome()), (ErrorKind::RateLimited, Outcome::NoEffect));
        assert_eq!(trial.calls(), 1, "{}: only the list was sent", stage.name);
        assert!(trial.list(&request.envelope).await.is_ok(), "{}: another group", stage.name);
    }
}

#[tokio::test]
async fn links() {
    for stage in stages().await.unwrap() {
        let (trial, name) = (Trial::at(&stage), stage.name);
        let facts = &trial.facts.behavior;
        let envelope = trial.usual();
        let asked_at = trial.client.now();
        let made = trial.view(&envelope, to(ANNA)).await.unwrap();
        let lived = made.expires_at.unwrap().duration_since(asked_at).as_secs().unsigned_abs();
        assert!(made.single_use.is_none() || made.single_use == maybe(&facts.link_single_use), "{name}");
        if let Some(life) = facts.link_life.as_ref().unwrap().value.span() {
            assert!(lived.abs_diff(life.usual.as_secs()) < 60, "{name}: a link lives {lived} s");
            for (wanted, possible) in [
                (life.shortest, life.shortest != life.longest),
                (life.longest, life.shortest != life.longest),
                (life.shortest.saturating_sub(Duration::from_secs(60)), false),
                (life.longest + Duration::from_secs(60), false),
            ] {
                let request = view(&envelope, to(ANNA)).with_expires_in(wanted);
                let asked = trial.client.create_view(&request).await;
                assert_eq!(asked.is_ok(), possible, "{name}: a life of {wanted:?}");
            }
        }
        let returns = made.returns_to == ReturnsTo::Requested;
        assert_eq!(returns, stage.offers(Feature::ViewReturnUrl), "{name}: {:?}", made.returns_to);
        let query = ReturnUrl::new("https://app.example.com/signed?session=1").unwrap();
        let asked = trial.client.create_view(&CreateView::new(envelope.clone(), to(ANNA), query)).await;
        assert_eq!(asked.is_ok(), is(&facts.return_query), "{name}");
        let remote = trial.make(vec![NewRecipient::new("Anna Ek", "anna@example.com")]);
        let refused = trial.view(&remote, to(ANNA)).await.err().map(|error| error.kind());
        let wanted = is(&facts.link_embedded_only).then_some(ErrorKind::RecipientNotEmbedded);
        assert_eq!(refused, wanted, "{name}");
        let twice = trial.make(vec![anna(), anna().with_order(2).with_embedded("c-3")]);
        let asked = trial.view(&twice, to("email:anna@example.com#1")).await;
        assert_eq!(asked.is_ok(), is(&facts.link_repeated_signer), "{name}");
    }
}

#[tokio::test]
async fn resends() {
    for stage in stages().await.unwrap() {
        let (trial, name) = (Trial::at(&stage), stage.name);
        let facts = &trial.facts.behavior;
        let envelope = trial.usual();
        let wanted = if stage.offers(Feature::Unlock) {
            trial.lock(&envelope, "anna@example.com");
            unlocking(maybe(&facts.resend_unlocks))
        } else {
            Unlocking::NotNeeded
        };
        stage.world.clear_outbox();
        assert_eq!(trial.resend(&envelope, ANNA).await.unwrap(), wanted, "{name}");
        assert_eq!(stage.world.outbox().len() == 1, is(&facts.resend_mails_embedded), "{name}");
        let again = trial.resend(&envelope, ANNA).await;
        let is_unlimited = facts.resend_per_day.as_ref().unwrap().value.times.0.is_none();
        assert_eq!(again.is_ok(), is_unlimited, "{name}: {again:?}");
        let envelope = trial.usual();
        assert_eq!(trial.resend(&envelope, BEN).await.is_ok(), is(&facts.resend_before_turn), "{name}");
    }
}

#[tokio::test]
async fn access_codes() {
    for stage in stages_with(Feature::ChangeAccessCode).await.unwrap() {
        let (trial, name) = (Trial::at(&stage), stage.name);
        let facts = &trial.facts.behavior;
        let without = trial.make(vec![anna()]);
        assert_eq!(trial.code(&without, "First-2345", false).await.is_ok(), is(&facts.code_first), "{name}");
        for (notify, fact) in [(false, &facts.code_unlocks), (true, &facts.code_unlocks_with_notify)] {
            let envelope = trial.usual();
            trial.lock(&envelope, "anna@example.com");
            // Where no list shows a lock, no reply can say that it was lifted.
            let listed = trial.facts.lists(F::AccessCodeFailed);
            let wanted = unlocking(maybe(fact).filter(|_| listed));
            let told = trial.code(&envelope, "Fresh-2345", notify).await.unwrap();
            assert_eq!(told, wanted, "{name}, {notify}");
        }
        let envelope = trial.usual();
        let forbidden = &facts.code_forbidden.as_ref().unwrap().value;
        for character in ['<', '>', '&', '#', ';', '!', '@'] {
            let refused = trial.code(&envelope, &format!("Code{character}2345"), false).await.is_err();
            assert_eq!(refused, forbidden.0.contains(character), "{name}: {character}");
        }
        let typed = trial.usual();
        trial.act(&typed, "anna@example.com", Act::EnterCode { code: Secret::new("aNNA-2345") });
        let signed = stage.world.act(typed.as_str(), "anna@example.com", Act::Sign { new_name: None });
        assert_eq!(signed.is_ok(), is(&facts.code_ignores_case), "{name}");
        let (shortest, longest) = trial.facts.code_length();
        for (length, taken) in [(shortest, true), (longest, true), (longest + 1, false)] {
            let asked = trial.code(&envelope, &format!("{}1", "a".repeat(length - 1)), false).await;
            assert_eq!(asked.is_ok(), taken, "{name}: {length} characters");
        }
    }
}

#[tokio::test]
async fn ways_to_name_a_recipient() {
    for stage in stages().await.unwrap() {
        let (trial, name) = (Trial::at(&stage), stage.name);
        let envelope = trial.usual();
        let known = trial.list(&envelope).await.unwrap().recipients[0].clone();
        for (kind, reference) in [
            (RefKind::Id, RecipientRef::Id(known.id.clone())),
            (RefKind::Email, to(ANNA)),
            (RefKind::EmailAndOrder, to("email:anna@example.com#1")),
            (RefKind::ClientUserId, to("client:c-1")),
            (RefKind::Known, known.into()),
        ] {
            assert_eq!(reference.kind(), kind);
            let possible = trial.facts.mappings.reference(kind).unwrap().coverage.is_there();
            assert_eq!(trial.view(&envelope, reference).await.is_ok(), possible, "{name}: {kind}");
        }
    }
}

/// The values of a field, of all recipients.
fn told(list: &Recipients, field: F) -> Option<bool> {
    use countersign::{AccessCodeState as Code, Role};
    let any = |of: &dyn Fn(&Recipient) -> bool| Some(list.recipients.iter().any(of));
    let copy = |of: &dyn Fn(&Recipient) -> bool| any(&|person| person.role == Role::CarbonCopy && of(person));
    match field {
        F::Name => any(&|person| person.name.is_some()),
        F::Email => any(&|person| person.email.is_some()),
        F::Order => any(&|person| person.order.is_some()),
        F::InTurn => any(&|person| person.in_turn.is_some()),
        F::CopyNameAndOrder => copy(&|person| person.name.is_some() && person.order.is_some()),
        F::Embedded => any(&|person| person.embedded.is_some()),
        F::ClientUserId => any(&|person| person.client_user_id.is_some()),
        F::AccessCodePassed => any(&|person| person.access_code == Code::Passed),
        F::AccessCodeFailed => any(&|person| person.access_code == Code::Failed),
        F::SentAt => any(&|person| person.sent_at.is_some()),
        F::ViewedAt => any(&|person| person.viewed_at.is_some()),
        F::SignedAt => any(&|person| person.signed_at.is_some()),
        F::EnvelopeStatus => Some(list.envelope_status.is_some()),
        // The sandbox does not play these for all vendors, or plays them in other ways.
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
        if stage.offers(Feature::Unlock) {
            trial.lock(&envelope, "ben@example.com");
        }
        let list = trial.list(&envelope).await.unwrap();
        let fields = trial.facts.mappings.field.iter();
        let checked = fields.filter_map(|row| Some((row, told(&list, row.what)?)));
        let checked = checked.inspect(|(row, told)| {
            assert_eq!(*told, row.coverage.is_there(), "{name}: {}", row.what);
        });
        assert_eq!(checked.count(), 13, "{name}");
        for Recipient { status, .. } in &list.recipients {
            let row = trial.facts.mappings.status.iter().find(|row| row.what == *status).unwrap();
            assert!(row.coverage.is_there(), "{name}: {status}");
        }
    }
}

#[tokio::test]
async fn what_calls_cost() {
    for stage in stages().await.unwrap() {
        let (trial, name) = (Trial::at(&stage), stage.name);
        let row = |operation: Operation, option: Option<Feature>| {
            let rows = || trial.facts.calls.iter().filter(move |row| row.operation == operation);
            rows()
                .find(|row| option.is_some() && row.option == option)
                .or_else(|| rows().find(|row| row.option.is_none()))
        };
        let envelope = trial.usual();
        // Of another envelope, where ids differ.
        let anna_of = async |envelope: &EnvelopeId, is_known: bool| {
            let known = trial.list(envelope).await.unwrap().recipients[0].clone();
            trial.calls();
            if is_known { RecipientRef::from(known) } else { to(ANNA) }
        };
        trial.calls();
        trial.list(&envelope).await.unwrap();
        assert_eq!(trial.calls(), row(Operation::ListRecipients, None).unwrap().usual, "{name}");
        for is_known in [false, true] {
            let count = |operation, option| {
                let row: &CallCount = row(operation, option).unwrap();
                if is_known { row.known } else { row.usual }
            };
            let anna = anna_of(&envelope, is_known).await;
            trial.view(&envelope, anna).await.unwrap();
            assert_eq!(trial.calls(), count(Operation::CreateView, None), "{name}, known: {is_known}");
            for notify in [false, true].into_iter().filter(|_| stage.offers(Feature::ChangeAccessCode)) {
                let envelope = trial.usual();
                let new = AccessCode::new("Fresh-2345").unwrap();
                let anna = anna_of(&envelope, is_known).await;
                let request = ChangeAccessCode::new(envelope, anna, new).with_notify(notify);
                trial.client.change_access_code(&request).await.unwrap();
                let option = notify.then_some(Feature::AccessCodeNotify);
                let wanted = count(Operation::ChangeAccessCode, option);
                assert_eq!(trial.calls(), wanted, "{name}, {is_known}, {notify}");
            }
            let envelope = trial.usual();
            let anna = anna_of(&envelope, is_known).await;
            trial.client.resend_recipient(&ResendRecipient::new(envelope, anna)).await.unwrap();
            assert_eq!(trial.calls(), count(Operation::ResendRecipient, None), "{name}, known: {is_known}");
        }
        trial.client.resend_recipient(&ResendRecipient::everyone(trial.usual())).await.unwrap();
        let everyone = row(Operation::ResendRecipient, Some(Feature::ResendEveryone)).unwrap();
        assert_eq!(trial.calls(), everyone.usual, "{name}");
    }
}
