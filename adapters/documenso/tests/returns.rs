//! A URL tells nothing, and the ordinary page posts no message: the messages of the frame page.

use countersign_core::{ReturnOutcome as O, SigningReturn};
use countersign_documenso::DESCRIPTOR;

#[test]
fn a_url_tells_nothing() {
    for url in ["https://example.com/back?x=1#frag", "/back?event=document-completed"] {
        let back = SigningReturn::read(&DESCRIPTOR, url);
        assert_eq!((back.outcome, back.envelope), (None, None), "{url}");
    }
}

#[test]
fn the_messages_of_the_frame_page() {
    let kept = |word: &str| O::Other(word.to_owned());
    let messages = [
        ("document-ready", kept("document-ready")),
        ("document-completed", O::Signed),
        ("document-rejected", O::Declined),
        ("document-error", O::Failed),
        ("document-waiting-for-turn", kept("document-waiting-for-turn")),
        ("recipient-expired", O::LinkExpired),
        ("field-signed", kept("field-signed")),
        ("field-unsigned", kept("field-unsigned")),
    ];
    assert_eq!(DESCRIPTOR.facts.returns.words.iter().count(), messages.len(), "a message without a test");
    for (word, meaning) in messages {
        assert_eq!(SigningReturn::message(&DESCRIPTOR, word).outcome, Some(meaning), "{word}");
    }
}
