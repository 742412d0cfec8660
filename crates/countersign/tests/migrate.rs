//! The verdicts for each row of what is known of a move between the two vendors, in both directions where the row has
//! one. The rows are from BoldSign's migration guide (boldsign/docusign-to-boldsign-api-migration), corrected by its
//! OpenAPI document, and from what the two adapters' pages say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod common;

use std::time::Duration;

use countersign::migrate::{
    self, Argument, CallUse, Calls, Change, EnvelopeUse, Reliance, Report, Topic, Verdict,
};
use countersign::provider::{
    Descriptor, EnvelopePart as P, EnvelopeStage as S, Evidence, Feature, RecipientField, RefKind,
};
use countersign::webhook::WebhookEvent as E;
use countersign::{ErrorKind, Operation, RecipientStatus};

use Verdict::{Differs, Impossible, LeaveOut, Same};

fn vendor(name: &str) -> &'static Descriptor {
    countersign::vendors().iter().find(|vendor| vendor.name == name).unwrap()
}

fn there(calls: &Calls) -> Report {
    migrate::check(vendor("docusign"), vendor("boldsign"), calls).unwrap()
}

fn back(calls: &Calls) -> Report {
    migrate::check(vendor("boldsign"), vendor("docusign"), calls).unwrap()
}

fn one(report: &Report) -> &migrate::Row {
    let [row] = report.rows.as_slice() else { panic!("{report:?}") };
    row
}

/// The change about something, by a part of its name.
fn about<'r>(report: &'r Report, what: &str) -> &'r Change {
    let found: Vec<_> = one(report).changes.iter().filter(|change| change.what.contains(what)).collect();
    let [change] = found.as_slice() else { panic!("{what}: {:#?}", one(report).changes) };
    change
}

fn silent(report: &Report, what: &str) {
    assert!(!one(report).changes.iter().any(|change| change.what.contains(what)), "{what}: {report:#?}");
}

fn call(operation: Operation) -> CallUse {
    CallUse::new(operation)
}

fn calls(call: CallUse) -> Calls {
    Calls { calls: vec![call], envelopes: Vec::new() }
}

fn envelopes(envelope: EnvelopeUse) -> Calls {
    Calls { calls: Vec::new(), envelopes: vec![envelope] }
}

fn parts(part: P) -> Calls {
    envelopes(EnvelopeUse { uses: vec![part], ..EnvelopeUse::default() })
}

/// Every row about making an envelope: the verdict from DocuSign to BoldSign, what the nearest way or the difference
/// has to say, and the verdict of the way back.
const CREATE: [(P, Verdict, &str, Verdict); 34] = [
    (P::AccountInCalls, Differs, "the key decides", Differs),
    (P::SendAtOnce, Differs, "not ready", Differs),
    (P::ServerTemplate, Differs, "template/send", Differs),
    (P::Draft, Differs, "draftSend", Differs),
    (P::Subject, Same, "title", Same),
    (P::MessageText, Same, "message", Same),
    (P::DocumentBytes, Same, "data URI", Same),
    (P::Signer, Same, "signerType Signer", Same),
    (P::InPersonSigner, Differs, "hostEmail", Differs),
    (P::CarbonCopy, Differs, "no name, and no position in the order", Differs),
    (P::Reviewer, Differs, "Reviewer", Differs),
    (P::Editor, Impossible, "changeRecipient", Differs),
    (P::Agent, Impossible, "changeRecipient", Differs),
    (P::Intermediary, Impossible, "changeRecipient", Differs),
    (P::Witness, Impossible, "another signer", Differs),
    (P::Seal, Impossible, "no seal", Differs),
    (P::RecipientId, LeaveOut, "e-mail and order", Differs),
    (P::RoutingOrder, Differs, "enableSigningOrder", Differs),
    (P::ClientUserId, LeaveOut, "any signer can be given a link", Differs),
    (P::EmbeddedSigning, Differs, "disableEmails", Differs),
    (P::AccessCode, Same, "AccessCode with authenticationCode", Same),
    (P::PhoneAuthentication, Differs, "SMSOTP", Differs),
    (P::EmailOtp, Differs, "EmailOTP", Impossible),
    (P::IdVerification, Same, "IdVerification", Same),
    (P::KnowledgeBased, Same, "KBA", Same),
    (P::CustomFields, Differs, "metaData, labels", Differs),
    (P::PlacedFields, Differs, "numbers instead of texts", Differs),
    (P::FormulaFields, Same, "Formula", Same),
    (P::ApproveFields, Impossible, "declines on the page", Differs),
    (P::AnchorStrings, Impossible, "text tags", Differs),
    (P::TextTags, Differs, "text tags", Differs),
    (P::Brand, Same, "brandId", Same),
    (P::EnvelopeWebhook, Impossible, "one for the account", Differs),
    (P::AccountWebhook, Same, "web application", Same),
];

#[test]
fn making_an_envelope() {
    assert_eq!(CREATE.map(|(part, ..)| part).as_slice(), P::ALL, "every part has a row");
    for (part, forth, says, away) in CREATE {
        let report = there(&parts(part));
        let [change] = one(&report).changes.as_slice() else { panic!("{part}: {report:#?}") };
        assert_eq!((change.verdict, report.verdict), (forth, forth), "{part}");
        let told = format!("{} {}", change.to, change.nearest.as_deref().unwrap_or_default());
        assert!(told.contains(says), "{part}: {told}");
        // What is new at the other vendor needs nothing to be done.
        assert_eq!(change.nearest.is_some(), forth != Same && change.from != "none", "{part}: {change:?}");
        let report = back(&parts(part));
        assert_eq!(report.verdict, away, "{part}, the way back");
        let to_do = [P::ServerTemplate, P::EmbeddedSigning, P::EmailOtp, P::TextTags].contains(&part);
        assert_eq!(one(&report).changes[0].nearest.is_some(), to_do, "{part}, the way back: {report:?}");
    }
    for report in [there(&parts(P::ServerTemplate)), back(&parts(P::ServerTemplate))] {
        let way = one(&report).changes[0].nearest.as_deref().unwrap();
        assert!(way.contains("make the templates again") && way.contains("role names"), "{way}");
    }
}

#[test]
fn states_of_an_envelope() {
    let stages = |stages: &[S]| envelopes(EnvelopeUse { stages: stages.to_vec(), ..EnvelopeUse::default() });
    let all = stages(S::ALL);
    let (forth, away) = (there(&all), back(&all));
    for (stage, word, verdict) in [
        ("sent", "InProgress", Differs),
        ("opened", "InProgress", Differs),
        ("completed", "Completed", Same),
        ("declined", "Declined", Same),
        ("taken back", "Revoked", Same),
        ("draft", "Draft", Same),
        ("expired", "Expired", Differs),
    ] {
        let change = about(&forth, stage);
        assert_eq!(change.verdict, verdict, "{stage}");
        assert!(change.to.contains(word), "{stage}: {}", change.to);
        assert_eq!(about(&away, stage).verdict, verdict, "{stage}, the way back");
    }
    assert!(about(&away, "expired").to.starts_with("voided"));
    // A state that newly has a word of its own is shown, whether the application knows it or not.
    let few = there(&stages(&[S::Completed]));
    assert_eq!(one(&few).changes.len(), 2);
    assert_eq!(about(&few, "expired").evidence, Evidence::Guessed);
}

#[test]
fn how_recipients_are_named() {
    for (kind, forth, away) in [
        (RefKind::Id, Differs, Differs),
        (RefKind::Email, Same, Same),
        (RefKind::EmailAndOrder, Same, Same),
        (RefKind::ClientUserId, Impossible, Differs),
        (RefKind::Phone, Same, Same),
        (RefKind::Known, Same, Same),
    ] {
        let calls = calls(CallUse { recipient: Some(kind), ..call(Operation::ChangeAccessCode) });
        let verdict = |report: &Report| {
            let change = one(report).changes.iter().find(|change| change.what == kind.title());
            change.map_or(Same, |change| change.verdict)
        };
        assert_eq!((verdict(&there(&calls)), verdict(&back(&calls))), (forth, away), "{kind}");
    }
}

#[test]
fn arguments_of_a_signing_view() {
    for (argument, forth, away) in [
        (Argument::AuthenticationMethod, Impossible, Differs),
        (Argument::AssertionId, Impossible, Differs),
        (Argument::Ping, Impossible, Differs),
        (Argument::FrameAncestors, Differs, Differs),
        (Argument::MessageOrigins, Differs, Differs),
        (Argument::ExpiresIn, Differs, Impossible),
        (Argument::ReturnUrlQuery, Impossible, Differs),
    ] {
        let calls = calls(CallUse { arguments: vec![argument], ..call(Operation::CreateView) });
        assert_eq!((there(&calls).verdict, back(&calls).verdict), (forth, away), "{argument:?}");
    }
}

#[test]
fn what_needs_nothing_in_its_place_is_left_out() {
    for (argument, what) in
        [(Argument::FrameAncestors, "frame_ancestors"), (Argument::MessageOrigins, "message_origins")]
    {
        let report = there(&calls(CallUse { arguments: vec![argument], ..call(Operation::CreateView) }));
        let change = about(&report, what);
        assert_eq!((change.verdict, change.to.as_str()), (LeaveOut, "no"), "{what}");
        assert!(change.nearest.as_deref().is_some_and(|way| way.starts_with("leave it out: ")), "{change:?}");
    }
    for part in [P::ClientUserId, P::RecipientId] {
        let marked = there(&parts(part));
        assert_eq!((marked.verdict, one(&marked).verdict), (LeaveOut, LeaveOut));
        let way = one(&marked).changes[0].nearest.as_deref();
        assert!(way.is_some_and(|way| way.starts_with("leave it out: ")), "{way:?}");
    }
}

#[test]
fn webhook_events_side_by_side() {
    let events = |events: &[E]| envelopes(EnvelopeUse { events: events.to_vec(), ..EnvelopeUse::default() });
    let all = events(&E::NAMED);
    let (forth, away) = (there(&all), back(&all));
    for (event, from, to, verdict) in [
        ("envelope_completed", "envelope-completed", "Completed", Same),
        ("recipient_notified", "recipient-sent", "none", Differs),
        ("recipient_reminded", "recipient-resent", "Reminder", Same),
        ("envelope_failed", "none", "SendFailed", Differs),
    ] {
        let change = about(&forth, event);
        assert_eq!(
            (change.from.as_str(), change.to.as_str(), change.verdict),
            (from, to, verdict),
            "{event}"
        );
        let change = about(&away, event);
        assert_eq!(
            (change.from.as_str(), change.to.as_str(), change.verdict),
            (to, from, verdict),
            "{event}"
        );
    }
    for (report, event, way) in [
        (&forth, "envelope_resent", "use `recipient_reminded`"),
        (&forth, "envelope_viewed", "use `recipient_viewed`"),
        (&forth, "envelope_expired", "handle it apart from `envelope_voided`"),
        (&forth, "envelope_deleted", "no event"),
        (&forth, "envelope_failed", "handle it"),
        (&forth, "recipient_notified", "use `envelope_sent`, or list the recipients"),
        (&forth, "recipient_declined", "use `envelope_declined`, and list the recipients"),
        (&forth, "recipient_left", "no event"),
        (&away, "envelope_expired", "use `envelope_voided`"),
        (&away, "envelope_failed", "the call that sends the envelope fails"),
    ] {
        let nearest = about(report, event).nearest.as_deref();
        assert!(nearest.is_some_and(|nearest| nearest.contains(way)), "{event}: {nearest:?}");
    }
    assert_eq!(about(&away, "recipient_left").nearest, None, "a new event that need not be handled");
    let deleted = &about(&forth, "envelope_deleted").from;
    assert_eq!(deleted, "envelope-deleted, envelope-discard, envelope-purge");
    // What newly comes is shown, whether the application handles it or not.
    let few = there(&events(&[E::EnvelopeCompleted]));
    let shown: Vec<&str> = one(&few).changes.iter().map(|change| change.what.as_str()).collect();
    assert_eq!(shown, ["envelope_expired", "envelope_failed", "envelope_completed"]);
}

#[test]
fn what_a_link_is_good_for() {
    let plain = calls(call(Operation::CreateView));
    let (forth, away) = (there(&plain), back(&plain));
    assert_eq!((forth.verdict, away.verdict), (Differs, Differs));
    let life = about(&forth, "how long a link lives");
    assert_eq!(life.from, "5 minutes, always");
    assert!(life.to.starts_with("180 days, or 1 day to 180 days"), "{}", life.to);
    let single = about(&forth, "opens once only");
    assert_eq!((single.from.as_str(), single.to.as_str(), single.evidence), ("yes", "no", Evidence::Guessed));
    let outcome = about(&forth, "outcome in the return URL");
    assert!(outcome.nearest.as_deref().is_some_and(|way| way.contains("list the recipients")), "{outcome:?}");
    assert_eq!(about(&away, "only embedded recipients").to, "yes");
    for (reliance, forth, away) in [
        (Reliance::ReturnOutcome, Impossible, Differs),
        (Reliance::SingleUse, Impossible, Differs),
        (Reliance::AnySigner, Differs, Impossible),
        (Reliance::RepeatedSigner, Impossible, Differs),
    ] {
        let calls = calls(CallUse { relies_on: vec![reliance], ..call(Operation::CreateView) });
        assert_eq!((there(&calls).verdict, back(&calls).verdict), (forth, away), "{reliance:?}");
    }
    let mut dying = call(Operation::CreateView);
    dying.link_dies_within = Some(Duration::from_secs(600));
    assert_eq!(there(&calls(dying)).verdict, Impossible);
    let mut living = call(Operation::CreateView);
    living.link_lives_for = Some(Duration::from_secs(2 * 86_400));
    assert_eq!(there(&calls(living.clone())).verdict, Differs);
    assert_eq!(back(&calls(living)).verdict, Impossible);
}

#[test]
fn resends() {
    let plain = calls(call(Operation::ResendRecipient));
    let (forth, away) = (there(&plain), back(&plain));
    assert_eq!((forth.verdict, away.verdict), (Differs, Differs));
    assert_eq!(about(&forth, "in a day").to, "1 of an envelope");
    assert_eq!(about(&forth, "within the application are mailed").to, "yes");
    assert_eq!(about(&forth, "mails are switched off").to, "yes");
    assert_eq!(about(&forth, "one recipient, not to all parts").to, "no");
    assert_eq!(about(&forth, "a resend unlocks").to, "no");
    assert_eq!(about(&forth, "before the recipient's turn").evidence, Evidence::Guessed);
    for (reliance, forth, away) in [
        (Reliance::OneRecipient, Impossible, Differs),
        (Reliance::MailToEmbedded, Differs, Impossible),
        (Reliance::NoMailToEmbedded, Impossible, Differs),
        (Reliance::NoMailWhenMuted, Differs, Differs),
        (Reliance::BeforeTurn, Impossible, Differs),
        (Reliance::Unlocks, Impossible, Differs),
    ] {
        let calls = calls(CallUse { relies_on: vec![reliance], ..call(Operation::ResendRecipient) });
        assert_eq!((there(&calls).verdict, back(&calls).verdict), (forth, away), "{reliance:?}");
    }
    for (argument, forth, away) in
        [(Argument::Message, Differs, Impossible), (Argument::OnBehalfOf, Differs, Impossible)]
    {
        let calls = calls(CallUse { arguments: vec![argument], ..call(Operation::ResendRecipient) });
        assert_eq!((there(&calls).verdict, back(&calls).verdict), (forth, away), "{argument:?}");
    }
    for (many, verdict) in [(1, Differs), (2, Impossible)] {
        let mut often = call(Operation::ResendRecipient);
        often.resends_per_day = Some(many);
        assert_eq!(there(&calls(often)).verdict, verdict, "{many} a day");
    }
    let loud = CallUse {
        arguments: vec![Argument::AllowMuted],
        relies_on: vec![Reliance::NoMailWhenMuted],
        ..call(Operation::ResendRecipient)
    };
    assert_eq!(there(&calls(loud)).verdict, Impossible);
}

#[test]
fn access_codes() {
    let plain = calls(call(Operation::ChangeAccessCode));
    let (forth, away) = (there(&plain), back(&plain));
    let first = about(&forth, "where there was none");
    assert_eq!((first.from.as_str(), first.to.as_str()), ("yes", "no"));
    assert!(first.nearest.as_deref().is_some_and(|way| way.contains("at send time")), "{first:?}");
    let alone = about(&away, "a new code alone unlocks");
    assert_eq!((alone.to.as_str(), alone.evidence), ("not documented", Evidence::Guessed));
    assert_eq!(about(&away, "must not have").to, "< > & # ;");
    let case = about(&forth, "letter case");
    assert_eq!((case.from.as_str(), case.to.as_str(), case.evidence), ("yes", "no", Evidence::Guessed));
    let needs_code =
        calls(CallUse { relies_on: vec![Reliance::FirstCode], ..call(Operation::ChangeAccessCode) });
    assert_eq!((there(&needs_code).verdict, back(&needs_code).verdict), (Impossible, Differs));
    // What is not known is not called impossible.
    let unlocking =
        calls(CallUse { relies_on: vec![Reliance::Unlocks], ..call(Operation::ChangeAccessCode) });
    assert_eq!((there(&unlocking).verdict, back(&unlocking).verdict), (Differs, Differs));
    let notifying = calls(CallUse {
        arguments: vec![Argument::Notify],
        relies_on: vec![Reliance::Unlocks],
        ..call(Operation::ChangeAccessCode)
    });
    silent(&there(&notifying), "unlocks a signer");
    let cost = there(&notifying);
    assert_eq!(
        (about(&cost, "HTTP calls").from.as_str(), about(&cost, "HTTP calls").to.as_str()),
        ("2", "3")
    );
}

#[test]
fn lists() {
    for (field, forth, away) in [
        (RecipientField::Name, Same, Same),
        (RecipientField::SentAt, Impossible, Differs),
        (RecipientField::ViewedAt, Differs, Differs),
        (RecipientField::SignedAt, Differs, Differs),
        (RecipientField::DeclinedAt, Differs, Differs),
        (RecipientField::GlobalId, Differs, Differs),
        (RecipientField::RoleName, Differs, Differs),
        (RecipientField::CopyNameAndOrder, Impossible, Differs),
        (RecipientField::CopyStatus, Differs, Differs),
        (RecipientField::ClientUserId, Impossible, Differs),
        (RecipientField::DeliveryFailed, Differs, Differs),
        (RecipientField::AccessCodeFailed, Differs, Differs),
        (RecipientField::AccessCodePassed, Impossible, Differs),
        (RecipientField::EnvelopeStatus, Differs, Impossible),
    ] {
        let mut list = call(Operation::ListRecipients);
        list.reads = vec![field];
        let verdict = |report: &Report| {
            let change = one(report).changes.iter().find(|change| change.what == field.title());
            change.map_or(Same, |change| change.verdict)
        };
        let calls = calls(list);
        assert_eq!((verdict(&there(&calls)), verdict(&back(&calls))), (forth, away), "{field}");
    }
    // Without a word about what is read, nothing is missed; it is only different.
    let plain = calls(call(Operation::ListRecipients));
    assert_eq!((there(&plain).verdict, back(&plain).verdict), (Differs, Differs));
    assert_eq!(about(&back(&plain), "between two reads").to, "15 minutes");
}

#[test]
fn statuses_that_come_and_go() {
    let plain = calls(call(Operation::ListRecipients));
    for status in [RecipientStatus::Expired, RecipientStatus::Revoked] {
        assert_eq!(about(&there(&plain), status.as_str()).from, "none");
        assert_eq!(about(&back(&plain), status.as_str()).to, "none");
    }
    let mut few = call(Operation::ListRecipients);
    few.statuses = vec![RecipientStatus::Signed];
    silent(&back(&calls(few.clone())), "expired");
    about(&there(&calls(few)), "expired");
}

#[test]
fn kinds_of_errors_that_come_and_go() {
    let find = |report: &Report, kind: ErrorKind| {
        let mut changes = report.errors.iter().map(|error| &error.change);
        let change = changes.find(|change| change.what == kind.as_str());
        change.map(|change| (change.from.starts_with("occurs"), change.to.starts_with("occurs")))
    };
    for (operation, kind, was, is) in [
        (Operation::CreateView, ErrorKind::RecipientNotEmbedded, true, false),
        (Operation::ResendRecipient, ErrorKind::QuotaExceeded, false, true),
        (Operation::ResendRecipient, ErrorKind::RecipientNotInTurn, false, true),
        (Operation::ResendRecipient, ErrorKind::EnvelopeBusy, true, false),
        (Operation::ChangeAccessCode, ErrorKind::AccessCodeNotEnabled, false, true),
        (Operation::ChangeAccessCode, ErrorKind::EnvelopeBusy, true, false),
        (Operation::ListRecipients, ErrorKind::EnvelopeNotReady, false, true),
        // The same kind for another reason.
        (Operation::ResendRecipient, ErrorKind::EnvelopeNotReady, true, true),
        (Operation::ListRecipients, ErrorKind::EnvelopeNotFound, true, true),
        (Operation::CreateView, ErrorKind::RecipientDone, true, true),
    ] {
        let calls = calls(call(operation));
        assert_eq!(find(&there(&calls), kind), Some((was, is)), "{operation} {kind}");
        assert_eq!(find(&back(&calls), kind), Some((is, was)), "{operation} {kind}, the way back");
    }
    let plain = calls(call(Operation::CreateView));
    assert_eq!(find(&there(&plain), ErrorKind::EnvelopeNotReady), Some((true, true)), "for another reason");
    assert_eq!(find(&there(&plain), ErrorKind::RecipientLocked), None, "occurs at both");
    assert_eq!(find(&there(&plain), ErrorKind::RateLimited), None, "occurs everywhere");
    // Each once, for all operations in which it is the same.
    let all = Operation::ALL.iter().copied().filter(|operation| *operation != Operation::SignIn);
    let report = there(&Calls { calls: all.map(call).collect(), envelopes: Vec::new() });
    let found = report.errors.iter().filter(|error| error.change.what == "envelope_not_found");
    assert_eq!(found.map(|error| error.operations.len()).collect::<Vec<_>>(), [4]);
    assert!(report.rows.iter().all(|row| row.changes.iter().all(|change| change.topic != Topic::Error)));
}

#[test]
fn calls_in_an_hour() {
    let every = |calls_per_hour| {
        let mut call = CallUse { recipient: Some(RefKind::Email), ..call(Operation::CreateView) };
        call.calls_per_hour = Some(calls_per_hour);
        calls(call)
    };
    let fits = there(&every(1_000)).budget.unwrap();
    let limits: Vec<_> = fits.limits.iter().map(|row| (row.name, row.value.as_str())).collect();
    assert_eq!((fits.needed, fits.fits), (2_000, true));
    assert_eq!(limits, [("calls_per_hour", "2000"), ("trial_calls_per_hour", "50")]);
    let report = there(&every(1_001));
    assert!(!report.budget.as_ref().unwrap().fits);
    assert_eq!((report.verdict, report.rows[0].verdict), (Impossible, Differs));
    assert!(back(&every(1_001)).budget.unwrap().fits);
    let mut known = every(1_001);
    known.calls[0].recipient = Some(RefKind::Known);
    assert_eq!(there(&known).budget.unwrap().needed, 1_001);
    assert_eq!(there(&calls(call(Operation::CreateView))).budget, None);
}

#[test]
fn a_vendor_is_the_same_as_itself() {
    let (uses, stages) = (vec![P::Signer, P::Subject], S::ALL.to_vec());
    let mut all = envelopes(EnvelopeUse { uses, stages, ..EnvelopeUse::default() });
    for operation in [
        Operation::CreateView,
        Operation::ResendRecipient,
        Operation::ChangeAccessCode,
        Operation::ListRecipients,
    ] {
        all.calls.push(call(operation));
    }
    for vendor in countersign::vendors() {
        let report = migrate::check(vendor, vendor, &all).unwrap();
        // What the vendor does not offer, no application of the vendor calls.
        let codes = vendor.facts.offers(Feature::ChangeAccessCode).is_ok();
        let is_called = |operation| codes || operation != Operation::ChangeAccessCode;
        for row in report.rows.iter().filter(|row| row.operation.is_some_and(is_called)) {
            assert_eq!((row.verdict, row.changes.len()), (Same, 0), "{} {row:#?}", vendor.name);
        }
    }
}

#[test]
fn a_vendor_of_whom_nothing_is_written_down() {
    let plain = calls(call(Operation::ListRecipients));
    for (from, to) in [(&common::VENDOR, vendor("docusign")), (vendor("docusign"), &common::VENDOR)] {
        let error = migrate::check(from, to, &plain).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(
            error.message().contains("acme") && error.hint().contains("vendor.toml"),
            "{error} {}",
            error.hint()
        );
    }
}
