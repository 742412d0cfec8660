//! A move to a vendor that limits groups of routes and resends to each recipient, and to one that lacks an operation.
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use countersign::Operation;
use countersign::migrate::{self, Argument, CallUse, Calls, Report, Verdict};
use countersign::provider::{Descriptor, Feature, RefKind};

/// A vendor with such limits, and one without them.
fn pair() -> (&'static Descriptor, &'static Descriptor) {
    let mut vendors = countersign::vendors().iter();
    let limited = vendors.clone().find(|vendor| !vendor.facts.limits.is_empty()).unwrap();
    (limited, vendors.find(|vendor| vendor.facts.limits.is_empty()).unwrap())
}

fn there(call: CallUse) -> Report {
    let (to, from) = pair();
    migrate::check(from, to, &Calls { calls: vec![call], envelopes: Vec::new() }).unwrap()
}

fn hourly(operation: Operation, calls_per_hour: u32) -> Report {
    let mut call = CallUse { recipient: Some(RefKind::Email), ..CallUse::new(operation) };
    call.calls_per_hour = Some(calls_per_hour);
    there(call)
}

/// Each call of an operation counts in its own group, so that the smallest group decides, not the sum.
#[test]
fn the_calls_of_an_hour_are_compared_with_each_group() {
    let routes = |report: &Report| {
        let routes = report.budget.as_ref().unwrap().routes.iter();
        routes.map(|route| (route.name, route.needed)).collect::<Vec<_>>()
    };
    let lists = hourly(Operation::ListRecipients, 36_000);
    assert_eq!(routes(&lists), [("details", 36_000)]);
    assert!(lists.budget.unwrap().fits);
    assert!(!hourly(Operation::ListRecipients, 36_001).budget.unwrap().fits);
    assert!(hourly(Operation::ListRecipients, 0).budget.unwrap().fits, "none is needed");
    let views = hourly(Operation::CreateView, 6_000);
    assert_eq!(routes(&views), [("details", 6_000), ("session", 6_000)]);
    assert!(views.budget.unwrap().fits, "12,000 calls, but 6,000 of each group");
    let many = hourly(Operation::CreateView, 6_001);
    assert!(!many.budget.unwrap().fits);
    assert_eq!(many.verdict, Verdict::Impossible);
}

#[test]
fn several_resends_of_an_envelope_may_go_to_different_recipients() {
    let often = |times: u32| {
        let mut call = CallUse::new(Operation::ResendRecipient);
        call.resends_per_day = Some(times);
        call
    };
    let verdict = |call: CallUse| {
        let changes = there(call).rows.remove(0).changes;
        changes.into_iter().find(|change| change.what == "resends in a day").unwrap().verdict
    };
    assert_eq!(verdict(often(5)), Verdict::Differs);
    assert_eq!(verdict(CallUse { arguments: vec![Argument::Everyone], ..often(1) }), Verdict::Differs);
    assert_eq!(verdict(CallUse { arguments: vec![Argument::Everyone], ..often(2) }), Verdict::Impossible);
}

/// A vendor without access codes has no longest one, no errors of a change, and no HTTP calls for it.
#[test]
fn of_an_operation_that_one_vendor_lacks_nothing_else_is_said() {
    let has_codes = |vendor: &&&Descriptor| vendor.facts.offers(Feature::ChangeAccessCode).is_ok();
    let (with, without) = countersign::vendors().iter().partition::<Vec<_>, _>(|vendor| has_codes(vendor));
    let calls = Calls { calls: vec![CallUse::new(Operation::ChangeAccessCode)], envelopes: Vec::new() };
    let check =
        |from: &'static Descriptor, to: &'static Descriptor| migrate::check(from, to, &calls).unwrap();
    for (report, verdict) in
        [(check(with[0], without[0]), Verdict::Impossible), (check(without[0], with[0]), Verdict::Differs)]
    {
        let row = &report.rows[0];
        let said: Vec<_> = row.changes.iter().map(|change| change.what.as_str()).collect();
        assert_eq!((said, row.verdict), (vec!["change an access code"], verdict));
        assert_eq!((row.http_calls, report.errors.len()), (None, 0));
    }
}

#[test]
fn the_way_back_counts_all_calls_together() {
    let (from, to) = pair();
    let mut call = CallUse { recipient: Some(RefKind::Email), ..CallUse::new(Operation::CreateView) };
    call.calls_per_hour = Some(1);
    let budget = migrate::check(from, to, &Calls { calls: vec![call], envelopes: Vec::new() })
        .unwrap()
        .budget
        .unwrap();
    assert!(budget.routes.is_empty() && budget.fits);
}
