//! `vendor.toml`: what is taken, that what is wrong is found with its line, and what a call is refused for.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::time::Duration;

use countersign_core::vendor::{Coverage, Facts, LinkLife, LinkSpan, Request};
use countersign_core::{
    AccessCode, ChangeAccessCode, CreateView, Email, EnvelopeId, Error, ErrorKind, Operation, Ping, Problem,
    RecipientRef, RecipientStatus, RefKind, ReturnUrl, Role, WebUrl, WebhookEvent,
};

const GOOD: &str = r#"
title = "Acme Sign"

[sources]
docs = "docs.acme.example"

[facts]
link_life = { value = { usual = "2h", shortest = "1h", longest = "3h" }, evidence = "recorded", source = "docs" }
link_single_use = { value = "unknown", evidence = "guessed", source = "docs", note = "ask them" }
return_query = { value = false, evidence = "observed", source = "docs", note = "put it into the path" }
return_longest = { value = 40, evidence = "documented", source = "docs" }
ping_interval = { value = { shortest = "1m", longest = "20m" }, evidence = "documented", source = "docs" }
code_shortest = { value = 4, evidence = "documented", source = "docs" }
code_longest = { value = 6, evidence = "documented", source = "docs" }
code_forbidden = { value = "<;", evidence = "documented", source = "docs" }
code_needs = { value = ["digit", "letter"], evidence = "documented", source = "docs" }

[capabilities]
create_view = { support = "native", evidence = "documented", source = "docs" }
change_access_code = { support = "native", evidence = "documented", source = "docs" }
view_expiry = { support = "impossible", conditions = "never", evidence = "documented", source = "docs" }

[words.recipient_status]
Sent = "notified"
sentTo = "waiting"

[words.event]
gone = "envelope_deleted"

[[refusal]]
status = 403
kind = "permission_denied"
meaning = "by status"
source = "docs"

[[refusal]]
code = "LOCKED"
operation = "create_view"
kind = "recipient_locked"
meaning = "by code, for a link"
source = "docs"

[[refusal]]
code = "locked"
kind = "recipient_locked"
meaning = "by code"
source = "docs"

[mapping.reference]
client_user_id = { no = "name them by e-mail", evidence = "documented", source = "docs" }
id = { as = "uid", but = "it changes", evidence = "documented", source = "docs" }
"#;

fn good() -> Facts {
    Facts::parse("vendor.toml", GOOD).unwrap()
}

#[test]
fn a_link_that_lives_until_the_recipient_expires_has_no_span() {
    let text = GOOD.replace(r#"{ usual = "2h", shortest = "1h", longest = "3h" }"#, r#""recipient""#);
    let facts = Facts::parse("vendor.toml", &text).unwrap();
    let life = facts.behavior.link_life.as_ref().unwrap().value;
    assert_eq!((life, life.span()), (LinkLife::Recipient, None));
    assert_eq!(facts.behavior.rows()[0].value, "until the recipient's own expiry");
    let wrong = GOOD.replace(r#"{ usual = "2h", shortest = "1h", longest = "3h" }"#, r#""forever""#);
    assert!(Facts::parse("vendor.toml", &wrong).is_err());
}

#[test]
fn facts_words_and_rows_are_read() {
    let facts = good();
    let hours = |hours: u64| Duration::from_secs(hours * 3600);
    let life = facts.behavior.link_life.as_ref().unwrap();
    assert_eq!(
        life.value,
        LinkLife::Span(LinkSpan { usual: hours(2), shortest: hours(1), longest: hours(3) })
    );
    assert_eq!(life.source, "docs.acme.example");
    assert_eq!(facts.behavior.link_single_use.as_ref().unwrap().value.0, None);
    let shown: Vec<String> =
        facts.behavior.rows().iter().map(|row| format!("{}: {}", row.name, row.value)).collect();
    assert_eq!(shown[0], "link_life: 2 hours, or 1 hour to 3 hours when asked for (expires_in)");
    assert!(shown.contains(&"code_forbidden: < ;".to_owned()), "{shown:?}");
    let words = &facts.words;
    for (word, status) in [
        ("Sent", RecipientStatus::Notified),
        (" sENT ", RecipientStatus::Notified),
        ("sentTo", RecipientStatus::Waiting),
        ("sen", RecipientStatus::Other("sen".to_owned())),
    ] {
        assert_eq!(words.recipient_status.read(word), status);
    }
    assert_eq!(words.event.read("GONE"), WebhookEvent::EnvelopeDeleted);
    assert_eq!(words.role.read("x"), Role::Other("x".to_owned()));
    let row = facts.mappings.reference(RefKind::Id).unwrap();
    assert_eq!(row.coverage, Coverage::Otherwise("uid".to_owned(), "it changes".to_owned()));
    assert!(facts.gaps().contains(&"facts.calls_per_hour".to_owned()));
    assert!(facts.gaps().contains(&"mapping.stage.draft".to_owned()));
    assert!(facts.gaps().contains(&"calls.create_view".to_owned()));
}

/// The words state which events the vendor sends; rows state what to do, or what there is instead.
#[test]
fn events_are_made_from_words_and_rows() {
    let rows = |rows: &str| Facts::parse("vendor.toml", &format!("{GOOD}\n[mapping.event]\n{rows}"));
    let row = |word: &str, keys: &str| {
        format!("{word} = {{ {keys}, evidence = \"guessed\", source = \"docs\" }}\n")
    };
    let note = row("envelope_deleted", "note = \"handle it\"");
    let none = row("envelope_sent", "no = \"list the recipients\"");
    let facts = rows(&format!("{none}{note}")).unwrap();
    let told =
        facts.mappings.event.iter().map(|row| (row.what.as_str(), row.coverage.clone(), row.note.as_str()));
    let no = Coverage::No("list the recipients".to_owned());
    let sent = Coverage::As("gone".to_owned());
    let expected = [("envelope_sent", no, ""), ("envelope_deleted", sent.clone(), "handle it")];
    assert_eq!(told.collect::<Vec<_>>(), expected);
    assert_eq!(good().mappings.event[0].coverage, sent);
    let gaps = facts.gaps();
    assert!(gaps.contains(&"mapping.event.envelope_created".to_owned()), "{gaps:?}");
    assert!(!gaps.contains(&"mapping.event.envelope_sent".to_owned()), "{gaps:?}");
    for wrong in [
        row("envelope_deleted", "no = \"it is sent\""),
        row("envelope_sent", "note = \"it is not sent\""),
        row("envelope_sent", "no = \"list\", note = \"list\""),
    ] {
        assert!(rows(&wrong).unwrap_err().message.contains("needs `as`"), "{wrong}");
    }
}

#[test]
fn the_first_row_that_fits_wins_in_the_order_of_the_file() {
    let facts = good();
    let find = |operation, status, code: Option<&str>| {
        let problem = Problem::new(status).with_code(code.map(str::to_owned));
        facts.refusals.find(operation, &problem).map(|row| row.meaning.clone())
    };
    assert_eq!(find(Operation::CreateView, 400, Some("Locked")).unwrap(), "by code, for a link");
    assert_eq!(find(Operation::ResendRecipient, 400, Some("Locked")).unwrap(), "by code");
    assert_eq!(find(Operation::ResendRecipient, 403, Some("Locked")).unwrap(), "by status");
    assert_eq!(find(Operation::ResendRecipient, 403, None).unwrap(), "by status");
    assert_eq!(find(Operation::ResendRecipient, 400, None), None);
    assert!(facts.refusals.knows("LoCkEd") && !facts.refusals.knows("lock"));
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    let lines = GOOD.lines().count();
    let mut said = String::new();
    for wrong in [
        "[fact]",
        "[facts]",
        "[capabilities]\nfly = { support = \"native\", evidence = \"documented\", source = \"a.b\" }",
        "[calls]",
        "[[refusal]]\nkind = \"config\"\nmeaning = \"x\"\nsource = \"docs\"",
        "[[refusal]]\nstatus = 403\nkind = \"config\"\nmeaning = \"x\"\nsource = \"docs\"",
        "[[refusal]]\ncode = \"Locked\"\nkind = \"config\"\nmeaning = \"x\"\nsource = \"docs\"",
        "[[refusal]]\ncode = \"X\"\nkind = \"confg\"\nmeaning = \"x\"\nsource = \"docs\"",
        "[[refusal]]\ncode = \"X\"\nkind = \"config\"\nmeaning = \"x\"\nsource = \"doc\"",
        "[[refusal]]\ncode = \"X\"\nkind = \"config\"\nmeaning = \"x\"\nsource = \"docs\"\nwait = \"long\"",
        "[words.role]\nsigns = \"signs\"",
        "[words.envelope_status]\nDone = \"completed\"\ndone = \"completed\"",
        "[mapping.stage]\ndraft = { evidence = \"documented\", source = \"docs\" }",
        "[mapping.stage]\ndraft = { what = \"draft\", as = \"a\", evidence = \"documented\", source = \"docs\" }",
        "[mapping.stage]\ndraft = { as = \"a\", unneeded = true, evidence = \"documented\", source = \"docs\" }",
        "[mapping.stage]\ndraft = { as = \"a\", evidence = \"certain\", source = \"docs\" }",
        "[mapping.error.create_view]\nquota_exceeded = { evidence = \"documented\" }",
        "[returns.words]\ndone = { outcome = \"won\", meaning = \"x\", source = \"docs\" }",
        "[rate]\nheaders = { limit = [\"x y\"] }\nevidence = \"documented\"\nsource = \"docs\"",
    ] {
        let error = Facts::parse("vendor.toml", &format!("{GOOD}\n{wrong}")).unwrap_err();
        said.push_str(&format!(
            "{}: line +{}: {}\n",
            error.file,
            error.line.saturating_sub(lines),
            error.message
        ));
    }
    for (from, to) in [
        ("create_view = { support = \"native\",", "create_view = { support = \"native\", unneeded = true,"),
        ("value = 4,", "value = 0.5,"),
        ("\"recorded\"", "\"sure\""),
        ("value = { usual = \"2h\"", "value = { usual = \"2 hours\""),
        (
            "code_shortest = { value = 4, evidence = \"documented\", source = \"docs\" }",
            "code_shortest = { value = 4 }",
        ),
        (
            "value = 6, evidence = \"documented\", source = \"docs\"",
            "value = 6, evidence = \"documented\", source = \"\"",
        ),
    ] {
        said.push_str(&format!(
            "{}\n",
            Facts::parse("vendor.toml", &GOOD.replacen(from, to, 1)).unwrap_err()
        ));
    }
    insta::assert_snapshot!(said);
}

/// A vendor that signs less must not be believed more because a line is missing.
#[test]
fn a_webhook_table_states_what_the_signature_covers() {
    let rest = "max_age = \"5m\"\nanswer_within = \"5s\"\nevidence = \"documented\"\nsource = \"docs\"";
    let table = format!("{GOOD}\n[webhook]\nguide = \"x\"\n{rest}\n");
    let error = Facts::parse("vendor.toml", &table).unwrap_err();
    assert!(error.message.contains("covers"), "{}", error.message);
    Facts::parse("vendor.toml", &format!("{table}covers = \"event\"\n")).unwrap();
}

fn refusal<R: Request>(request: &R) -> Option<String> {
    let error: Error = request.check(&good()).err()?;
    Some(format!("{}: {}; {}", error.kind(), error.message(), error.hint()))
}

#[test]
fn a_code_has_to_follow_the_vendors_rule() {
    let envelope = EnvelopeId::new("e").unwrap();
    let anna = || RecipientRef::Email(Email::new("anna@example.com").unwrap());
    let mut said = String::new();
    for code in ["a1b", "abcdef1", "ab;12", "ab<12", "abcd", "1234", "äb12", "ab 1"] {
        let request = ChangeAccessCode::new(envelope.clone(), anna(), AccessCode::new(code).unwrap());
        let refused = refusal(&request);
        assert!(refused.as_ref().is_none_or(|refused| !refused.contains(code)));
        said.push_str(&format!("{}\n", refused.unwrap_or_else(|| "taken".to_owned())));
    }
    insta::assert_snapshot!(said);
    assert_eq!(good().code_length(), (4, 6));
    assert_eq!(Facts::default().code_length(), (1, usize::MAX));
}

#[test]
fn a_link_has_to_keep_to_what_the_vendor_takes() {
    let view = |url: &str, who: &str| {
        CreateView::new(
            EnvelopeId::new("e").unwrap(),
            who.parse::<RecipientRef>().unwrap(),
            ReturnUrl::new(url).unwrap(),
        )
    };
    let plain = || view("https://a.example/back", "id:1");
    let ping = |seconds| {
        Ping::new(WebUrl::new("https://a.example/").unwrap(), Duration::from_secs(seconds)).unwrap()
    };
    let mut said = String::new();
    for request in [
        plain(),
        view("https://a.example/back?x", "id:1"),
        view("https://a.example/back#x", "id:1"),
        view("https://a.example/backbackbackbackbackback", "id:1"),
        view("https://a.example/back", "client:7"),
        plain().with_expires_in(Duration::from_secs(3599)),
        plain().with_expires_in(Duration::from_secs(3600)),
        plain().with_expires_in(Duration::from_secs(3 * 3600 + 1)),
        plain().with_ping(ping(59)),
        plain().with_ping(ping(60)),
        plain().with_ping(ping(1201)),
    ] {
        said.push_str(&format!("{}\n", refusal(&request).unwrap_or_else(|| "taken".to_owned())));
    }
    insta::assert_snapshot!(said);
    let error = good().offers(countersign_core::Feature::ViewExpiry).unwrap_err();
    assert_eq!((error.kind(), error.hint()), (ErrorKind::Unsupported, "never"));
    assert_eq!(good().offers(countersign_core::Feature::Unlock).unwrap_err().kind(), ErrorKind::Unsupported);
}

/// Without its group, a call would not be counted.
#[test]
fn each_call_names_the_limit_that_it_counts_towards() {
    let limit = "[[limit]]\nname = \"lists\"\nroutes = [\"GET /envelopes/{id}\"]\ncalls = 10\nwithin = \"1m\"\n\
                 evidence = \"documented\"\nsource = \"docs.example\"\n";
    let calls = |limits: &str| {
        format!("[[calls]]\noperation = \"list_recipients\"\nknown = 1\nusual = 1\nmost = 1\n{limits}\n")
    };
    let parsed = |text: String| {
        Facts::parse("vendor.toml", &format!("title = \"Acme\"\n{text}")).map_err(|error| error.message)
    };
    let facts = parsed(limit.to_owned() + &calls("limits = [\"lists\"]")).unwrap();
    assert_eq!((facts.limits[0].per_hour(), facts.limits[0].shown().as_str()), (600, "10 within 1 minute"));
    assert!(!facts.gaps().contains(&"facts.calls_per_hour".to_owned()));
    for (text, problem) in [
        (limit.to_owned() + &calls(""), "need one of `limits` for each usual call"),
        (limit.to_owned() + &calls("limits = [\"views\"]"), "name the limit `views`, which has no row"),
        (limit.to_owned() + limit, "the limit `lists` occurs twice"),
        (limit.replace("GET /env", "GET env"), "`GET envelopes/{id}` is not a method and a path"),
    ] {
        let refused = parsed(text).unwrap_err();
        assert!(refused.contains(problem), "{refused}");
    }
}

#[test]
fn resends_are_limited_for_an_envelope_or_for_each_recipient() {
    let facts = |value: &str| {
        let row = format!(
            "resend_per_day = {{ value = {value}, evidence = \"documented\", source = \"docs.example\" }}"
        );
        Facts::parse("vendor.toml", &format!("title = \"Acme\"\n[facts]\n{row}\n"))
    };
    for (value, shown) in [
        ("2", "2 of an envelope"),
        ("\"none\"", "no limit is documented"),
        ("{ times = 2, per = \"recipient\" }", "2 to each recipient"),
    ] {
        assert_eq!(facts(value).unwrap().behavior.rows()[0].value, shown);
    }
    for wrong in ["{ times = 2 }", "{ times = 0, per = \"recipient\" }", "{ times = 1, per = \"day\" }"] {
        assert!(facts(wrong).is_err(), "{wrong}");
    }
}
