//! Two vendors at once: whose envelope it is, found by asking both, and operations that go there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use countersign::routing::{EnvelopeRef, Router};
use countersign::{Config, EnvelopeId, ErrorKind, RecipientRef, ResendRecipient};
use countersign_sandbox::{NewEnvelope, NewRecipient, Options, Sandbox, Vendor};

const VENDORS: [(&str, Vendor); 2] = [("old", Vendor::DOCUSIGN), ("new", Vendor::BOLDSIGN)];

/// Both vendors of one sandbox, as two accounts of a configuration.
fn config(sandbox: &Sandbox) -> Config {
    let (docusign, boldsign) = (sandbox.docusign(), sandbox.boldsign());
    let rows = [
        ("OLD__VENDOR", "docusign".to_owned()),
        ("OLD__BASE_URL", docusign.base_url),
        ("OLD__ACCOUNT_ID", docusign.account_id),
        ("OLD__AUTH__KIND", "token".to_owned()),
        ("OLD__AUTH__TOKEN", docusign.access_token.expose().to_owned()),
        ("NEW__VENDOR", "boldsign".to_owned()),
        ("NEW__BASE_URL", boldsign.base_url),
        ("NEW__AUTH__KIND", "api_key".to_owned()),
        ("NEW__AUTH__API_KEY", boldsign.api_key.expose().to_owned()),
    ];
    let rows = rows.map(|(key, value)| (format!("COUNTERSIGN_ACCOUNTS__{key}"), value));
    Config::read(None, rows).unwrap()
}

async fn start() -> (Sandbox, Router) {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let router = Router::builder().config(&config(&sandbox)).unwrap().probing(true).build().unwrap();
    (sandbox, router)
}

#[tokio::test]
async fn each_envelope_goes_to_the_vendor_that_has_it() {
    let (sandbox, router) = start().await;
    let world = sandbox.world();
    for (name, vendor) in VENDORS {
        let anna = NewRecipient::new("Anna", "anna@example.com");
        let made = world.make_envelope(NewEnvelope::new(vendor, "Lease").with_recipient(anna)).unwrap();
        let id = EnvelopeId::new(made.id).unwrap();
        let (reference, client) = router.locate(&id).await.unwrap();
        assert_eq!(reference, EnvelopeRef::new(name, id.clone()).unwrap());
        let anna: RecipientRef = "email:anna@example.com".parse().unwrap();
        let mails = world.outbox().len();
        world.clear_calls();
        client.resend_recipient(&ResendRecipient::new(id, anna)).await.unwrap();
        assert_eq!(world.outbox().len(), mails + 1);
        // A list and a resend: the owner is remembered, and no other account is called.
        assert_eq!(world.calls().len(), 2, "{:?}", world.calls());
    }
}

/// One vendor says that there is no such envelope; the other answers so for envelopes that are still being made as
/// well.
#[tokio::test]
async fn a_vendor_that_cannot_say_for_sure_is_no_owner() {
    let (_sandbox, router) = start().await;
    let nowhere = EnvelopeId::new("00000000-0000-4000-8000-000000000000").unwrap();
    let error = router.locate(&nowhere).await.unwrap_err();
    let said: Vec<(&str, Option<&str>)> =
        error.details().iter().map(|detail| (detail.field.as_ref(), detail.present.as_deref())).collect();
    assert_eq!(error.kind(), ErrorKind::EnvelopeNotReady, "{error}");
    assert_eq!(
        said,
        [
            ("account old", Some("does not have it")),
            ("account new", Some("cannot tell (envelope not ready)"))
        ]
    );
}
