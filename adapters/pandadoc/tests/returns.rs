//! A session redirects nowhere: what its page tells a page around it, and that a URL tells nothing.

use countersign_core::{ReturnOutcome as O, SigningReturn};
use countersign_pandadoc::DESCRIPTOR;

#[test]
fn a_url_tells_nothing() {
    for url in ["/back", "/back?event=session_view.document.completed", "/back?id=BhVzRcxH9Z2LgfPPGXFUBa"] {
        let back = SigningReturn::read(&DESCRIPTOR, url);
        assert_eq!((back.outcome, back.envelope), (None, None), "{url}");
    }
}

#[test]
fn the_three_messages_of_the_signing_page_in_any_case() {
    let loaded = "session_view.document.loaded";
    let messages = [
        ("session_view.document.completed", O::Signed),
        ("session_view.document.exception", O::Failed),
        (loaded, O::Other(loaded.to_owned())),
    ];
    assert_eq!(DESCRIPTOR.facts.returns.words.iter().count(), messages.len(), "a message without a test");
    for (word, meaning) in messages {
        assert_eq!(SigningReturn::message(&DESCRIPTOR, word).outcome.as_ref(), Some(&meaning), "{word}");
        if !matches!(meaning, O::Other(_)) {
            let shouted = word.to_uppercase();
            assert_eq!(SigningReturn::message(&DESCRIPTOR, &shouted).outcome, Some(meaning), "{shouted}");
        }
    }
    let declined = SigningReturn::message(&DESCRIPTOR, "session_view.document.declined").outcome;
    assert_eq!(
        declined,
        Some(O::Other("session_view.document.declined".to_owned())),
        "there is no such message"
    );
}
