//! How BoldSign sends a browser back, and what its page tells a page around it.

use countersign_boldsign::DESCRIPTOR;
use countersign_core::{ReturnOutcome as O, SigningReturn};

#[test]
fn a_return_has_the_document_and_no_outcome() {
    for url in [
        "https://app.example.com/back/abc?documentId=doc-1",
        "/back?DocumentID=doc-1",
        "/back?email=a@b.example?documentId=doc-1",
        "/back?documentId=other&x=1?documentId=doc-1",
        "/back?documentId=doc-1&documentId=",
        "/back?documentId=doc-1&event=signing_complete",
    ] {
        let back = SigningReturn::read(&DESCRIPTOR, url);
        assert_eq!(back.outcome, None, "{url}");
        assert_eq!(back.envelope.map(|id| id.to_string()).as_deref(), Some("doc-1"), "{url}");
    }
    for url in ["/back", "/back?documentId=", "/back?documentId=.."] {
        assert_eq!(SigningReturn::read(&DESCRIPTOR, url).envelope, None, "{url}");
    }
}

#[test]
fn the_six_messages_of_the_signing_page_in_any_case() {
    let messages = [
        ("onDocumentSigned", O::Signed),
        ("onDocumentSigningFailed", O::Failed),
        ("onDocumentDeclined", O::Declined),
        ("onDocumentDecliningFailed", O::Failed),
        ("onDocumentReassigned", O::Other("onDocumentReassigned".to_owned())),
        ("onDocumentReassigningFailed", O::Failed),
    ];
    assert_eq!(DESCRIPTOR.facts.returns.words.iter().count(), messages.len(), "a message without a test");
    for (word, meaning) in messages {
        assert_eq!(SigningReturn::message(&DESCRIPTOR, word).outcome.as_ref(), Some(&meaning), "{word}");
        if !matches!(meaning, O::Other(_)) {
            let shouted = word.to_uppercase();
            assert_eq!(SigningReturn::message(&DESCRIPTOR, &shouted).outcome, Some(meaning), "{shouted}");
        }
    }
    assert_eq!(SigningReturn::message(&DESCRIPTOR, " ").outcome, None);
    let unknown = SigningReturn::message(&DESCRIPTOR, "onSessionExpired").outcome;
    assert_eq!(unknown, Some(O::Other("onSessionExpired".to_owned())), "undocumented, so not believed");
}
