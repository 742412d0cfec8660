//! `countersign resend` at every vendor.

use crate::support::{ANNA, Stage};
use countersign_sandbox::{DropWhen, Fault, FaultKind, NewEnvelope, NewRecipient};

/// Breaks the connection of the next resend after the vendor has done it.
fn cut_after_work(stage: &Stage) {
    let (method, path) = match stage.name {
        "docusign" => ("PUT", "/recipients"),
        _ => ("POST", "/remind"),
    };
    stage.world.inject(Fault::on(method, path, FaultKind::Drop { drop: DropWhen::AfterWork }));
}

#[test]
fn the_answer_says_whether_a_mail_is_to_be_expected() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let before = stage.world.outbox().len();
        let ran = stage.run(&["resend", &envelope.id, "--recipient", ANNA]).ends(0);
        let mails = stage.world.outbox().len() - before;
        assert_eq!(ran.out.contains("a mail is to be expected"), mails == 1, "{ran:?}");
        let envelope = stage.envelope();
        let json = stage.run(&["resend", &envelope.id, "--recipient", ANNA, "--json"]);
        stage.snapshot("resend", &format!("{}\n{}", ran.shown(), json.shown()));
    }
}

#[test]
fn everyone_who_is_due() {
    for stage in Stage::all() {
        let dora = NewRecipient::new("Dora", "dora@example.com");
        let emil = NewRecipient::new("Emil", "emil@example.com").with_order(2);
        let envelope = stage.contract([dora, emil]);
        let before = stage.world.outbox().len();
        let ran = stage.run(&["resend", &envelope.id, "--everyone"]).ends(0);
        let mails = stage.world.outbox();
        let to: Vec<&str> = mails.iter().skip(before).map(|mail| mail.to.as_str()).collect();
        assert_eq!(to, ["dora@example.com"]);
        stage.snapshot("resend_everyone", &ran.shown());
    }
}

#[test]
fn refusals_say_why_and_what_next() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        stage.sign(&envelope.id, "1", "Anna2345");
        let mut shown = Vec::new();
        for recipient in [ANNA, "email:nobody@example.com", "client:99"] {
            let ran = stage.run(&["resend", &envelope.id, "--recipient", recipient]);
            // A vendor without client user ids cannot be asked for one.
            let code = if recipient.starts_with("client:") && stage.name == "boldsign" { 3 } else { 6 };
            assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{ran:?}");
            shown.push(ran.shown());
        }
        stage.snapshot("resend_refused", &shown.join("\n"));
    }
}

#[test]
fn a_text_for_the_mail() {
    for stage in Stage::all() {
        let envelope = stage.envelope();
        let ran = stage.run(&["resend", &envelope.id, "--recipient", ANNA, "--message", "By Friday"]);
        stage.snapshot("resend_message", &ran.shown());
    }
}

#[test]
fn an_envelope_without_the_vendors_mails() {
    for stage in Stage::all() {
        let anna = NewRecipient::new("Anna", "anna@example.com");
        let new = NewEnvelope::new(stage.vendor, "Contract").with_recipient(anna);
        let envelope = stage.make(NewEnvelope { emails_disabled: true, ..new });
        let refused = stage.run(&["resend", &envelope.id, "--recipient", "email:anna@example.com"]);
        let allowed =
            stage.run(&["resend", &envelope.id, "--recipient", "email:anna@example.com", "--allow-muted"]);
        stage.snapshot("resend_muted", &format!("{}\n{}", refused.shown(), allowed.shown()));
    }
}

#[test]
fn what_may_have_happened_is_said_and_never_repeated() {
    for stage in Stage::all() {
        for as_json in [false, true] {
            let envelope = stage.envelope();
            cut_after_work(&stage);
            stage.world.clear_calls();
            let mut arguments = vec!["resend", &envelope.id, "--recipient", ANNA];
            arguments.extend(as_json.then_some("--json"));
            let ran = stage.run(&arguments).ends(9);
            let sent = stage.world.calls().iter().filter(|call| call.method != "GET").count();
            assert_eq!(sent, 1, "a mail that may have gone out is not sent again");
            if as_json {
                assert_eq!(ran.json()["error"]["outcome"], "unknown");
                assert_eq!(ran.json()["error"]["retry"], false);
            } else {
                assert!(ran.err.contains("it may have taken effect"), "{ran:?}");
            }
        }
    }
}
