use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::error::{Detail, Outcome, Problem, Retry};
use crate::model::Operation;

fn mail() -> impl Strategy<Value = MailExpectation> {
    let kind = proptest::sample::select(ErrorKind::ALL.to_vec()).prop_map(NoMail::Refused);
    let why = prop_oneof![proptest::sample::select(NO_MAIL.to_vec()), kind].boxed();
    let channel = proptest::sample::select(Channel::ALL.to_vec());
    prop_oneof![
        Just(MailExpectation::Expected),
        Just(MailExpectation::Unknown),
        (channel, why.clone()).prop_map(|(channel, why)| MailExpectation::Partly(channel, why)),
        why.prop_map(MailExpectation::NotExpected)
    ]
}

fn one() -> impl Strategy<Value = ResentTo> {
    let unlocking = proptest::sample::select(Unlocking::ALL.to_vec());
    let id = "[a-z\"\\\\é]{1,9}";
    let mailed_at = option::of(0..4_000_000_000_i64);
    (id, mail(), unlocking, any::<bool>(), mailed_at).prop_map(|(id, mail, unlocking, code, mailed_at)| {
        let one = ResentTo::new(RecipientId::new(id).unwrap(), mail, unlocking).with_code_in_mail(code);
        match mailed_at {
            Some(at) => one.with_mailed_at(Timestamp::from_second(at).unwrap()),
            None => one,
        }
    })
}

fn view() -> impl Strategy<Value = StoredReply> {
    let fixed = ReturnsTo::Fixed(ReturnUrl::new("https://app.example/back?x=1").unwrap());
    let back = proptest::sample::select(vec![ReturnsTo::Requested, ReturnsTo::Vendor, fixed]);
    let end = option::of(0..4_000_000_000_i64);
    ("[a-zA-Z0-9=&-]{0,40}", end, option::of(any::<bool>()), back).prop_map(
        |(token, end, single, returns_to)| {
            let link = SigningLink::new(format!("https://sign.example/?t={token}")).unwrap();
            let mut view = SigningView::new(link, RecipientId::new("1").unwrap());
            (view.expires_at, view.single_use) =
                (end.map(|end| Timestamp::from_second(end).unwrap()), single);
            view.returns_to = returns_to;
            StoredReply::View(view)
        },
    )
}

fn reply() -> impl Strategy<Value = StoredReply> {
    let changed = one().prop_map(|one| {
        let changed = AccessCodeChanged::new(one.recipient, one.mail, one.unlocking);
        StoredReply::AccessCodeChanged(changed.with_code_in_mail(one.code_in_mail))
    });
    let resent = vec(one(), 0..4).prop_map(|to| StoredReply::Resent(Resent::new(to)));
    prop_oneof![view(), changed, resent]
}

fn error() -> impl Strategy<Value = Error> {
    let outcome = prop_oneof![Just(Outcome::NoEffect), Just(Outcome::Refused), Just(Outcome::Unknown)];
    let wait = option::of((0..9_000_000_u64).prop_map(Duration::from_millis));
    let retry = prop_oneof![Just(Retry::Never), wait.prop_map(Retry::After)];
    let text = || option::of(any::<String>());
    let details = vec((any::<String>(), text(), text()), 0..3);
    let problem = option::of((any::<u16>(), text(), text(), text()));
    let operation = option::of(proptest::sample::select(Operation::ALL.to_vec()));
    let kind = proptest::sample::select(ErrorKind::ALL.to_vec());
    ((kind, any::<String>(), text(), outcome, retry), (any::<u32>(), operation, details, problem)).prop_map(
        |((kind, message, hint, outcome, retry), (attempts, operation, details, problem))| {
            let details = details.into_iter().map(|(field, sent, present)| Detail::new(field, sent, present));
            let mut error = Error::new(kind, message)
                .with_outcome(outcome, retry)
                .with_attempts(attempts)
                .with_details(details.collect());
            if let Some(operation) = operation {
                error = error.in_operation("acme", operation);
            }
            if let Some(hint) = hint {
                error = error.with_hint(hint);
            }
            if let Some((status, code, message, id)) = problem {
                let mut problem = Problem::new(status).with_code(code).with_message(message);
                problem.request_id = id;
                error = error.with_problem(problem);
            }
            error
        },
    )
}

/// Everything of a reply, including the secret link.
fn shown(reply: &StoredReply) -> String {
    match reply {
        StoredReply::View(view) => format!("{reply:?} {}", view.link.expose()),
        _ => format!("{reply:?}"),
    }
}

proptest! {
    #[test]
    fn a_reply_is_read_back_from_its_bytes(reply in reply()) {
        let bytes = reply.to_bytes();
        prop_assert_eq!(shown(&StoredReply::from_bytes(&bytes).unwrap()), shown(&reply));
        prop_assert_eq!(StoredError::from_bytes(&bytes).err(), Some(Unreadable::Damaged));
    }

    #[test]
    fn an_error_is_read_back_from_its_bytes_without_its_source(error in error()) {
        let with_source = error.clone().with_source(std::io::Error::other("secret"));
        let bytes = StoredError::from(&with_source).to_bytes();
        let read = StoredError::from_bytes(&bytes).unwrap();
        prop_assert_eq!(format!("{:?}", read.error()), format!("{error:?}"));
        prop_assert_eq!(read.into_error().to_string(), error.to_string());
    }

    #[test]
    fn damaged_bytes_are_an_error(bytes in vec(any::<u8>(), 0..60)) {
        prop_assert!(StoredReply::from_bytes(&bytes).is_err());
        prop_assert!(StoredError::from_bytes(&bytes).is_err());
    }
}

/// Later builds read these for ever.
#[test]
fn the_stored_forms_do_not_change() {
    let link = SigningLink::new("https://sign.example/?t=1").unwrap();
    let mut view = SigningView::new(link, RecipientId::new("1").unwrap());
    view.expires_at = Some("2026-11-22T10:00:00Z".parse().unwrap());
    let refused = MailExpectation::NotExpected(NoMail::Refused(ErrorKind::QuotaExceeded));
    let mut elsewhere = view.clone();
    elsewhere.returns_to = ReturnsTo::Vendor;
    let one = |mail| ResentTo::new(RecipientId::new("2").unwrap(), mail, Unlocking::Unlocked);
    let to = vec![one(MailExpectation::Expected), one(refused)];
    let changed = AccessCodeChanged::new(
        RecipientId::new("3").unwrap(),
        MailExpectation::Unknown,
        Unlocking::NotNeeded,
    );
    let error = Error::new(ErrorKind::Timeout, "no answer in time")
        .with_outcome(Outcome::Unknown, Retry::After(Some(Duration::from_millis(1_500))))
        .with_attempts(2)
        .with_hint("look")
        .with_details(vec![Detail::new("name", Some("Anna".into()), None)])
        .with_problem(Problem::new(504).with_code(Some("SLOW".into())))
        .in_operation("acme", Operation::ResendRecipient);
    let replies = [
        StoredReply::View(view),
        StoredReply::Resent(Resent::new(to)),
        StoredReply::AccessCodeChanged(changed),
    ];
    let logged = one(MailExpectation::Expected).with_mailed_at(Timestamp::UNIX_EPOCH);
    let partly = one(MailExpectation::Partly(Channel::Sms, NoMail::Refused(ErrorKind::QuotaExceeded)));
    let newer = [StoredReply::View(elsewhere), StoredReply::Resent(Resent::new(vec![logged, partly]))];
    let mut all: Vec<_> = replies.iter().map(StoredReply::to_bytes).collect();
    all.push(StoredError::from(&error).to_bytes());
    all.extend(newer.iter().map(StoredReply::to_bytes));
    let lines: Vec<_> = all.iter().map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn words_and_members_of_a_newer_build_are_read_cautiously_but_not_another_version() {
    let text = r#"{"v":1,"reply":"resent","new":{},"to":[{"recipient":"1","mail":"by_pigeon","unlocking":"perhaps","x":1}]}"#;
    let StoredReply::Resent(resent) = StoredReply::from_bytes(text.as_bytes()).unwrap() else {
        unreachable!()
    };
    assert_eq!(
        (&resent.to[0].mail, resent.to[0].unlocking),
        (&MailExpectation::Unknown, Unlocking::Unverified)
    );
    let text = r#"{"v":1,"kind":"odd","outcome":"odd","vendor":"newsign","operation":"odd","message":"m"}"#;
    let error = StoredError::from_bytes(text.as_bytes()).unwrap().into_error();
    assert_eq!(
        (error.kind(), error.outcome(), error.retry()),
        (ErrorKind::Unexpected, Outcome::Unknown, Retry::Never)
    );
    assert_eq!((error.vendor(), error.operation()), (Some("newsign"), None));
    for newer in [&text.replace("\"v\":1", "\"v\":2"), r#"{"v":2}"#] {
        assert_eq!(StoredError::from_bytes(newer.as_bytes()).err(), Some(Unreadable::Version));
    }
    let unknown = r#"{"v":1,"reply":"created"}"#;
    assert_eq!(StoredReply::from_bytes(unknown.as_bytes()).err(), Some(Unreadable::Damaged));
}
